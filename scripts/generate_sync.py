"""Writes bridge/sync_api.py, the sync flavour, from the async one. Start it with scripts/generate_sync.

Each public class of `async_api` that has something to wait for gets a sync class with the same members, signatures and
docstrings. What it does is what `bridge.faces` does, so this decides only how a member gets there:

- `async def`, and a function that returns a `Pending`: runs on Playwright's loop, and returns what awaiting it gives.
- Any other function that returns None or an object of the bridge acts: on the loop too, so that what it sends leaves.
- Any other function, and a property, only looks: called right here, so that no listener runs meanwhile.
- ``__aexit__`` runs on the loop. ``__aenter__`` and ``__aiter__`` are taken over word by word, without their awaits.

What has no rule here is an error.
"""

import ast
import copy
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "bridge" / "sync_api.py"
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from sync_rules import (  # noqa: E402
    ASYNC_ONLY,
    BASES,
    DUNDERS,
    FIRST,
    HEADER,
    HERE,
    NO_TWIN,
    TAKEN_OVER,
    TWINS,
    WORDS,
    WRITERS,
)
from sync_source import TWIN_NAMES, Annotation, InSync, Module, NoRule, Signature, imports, module  # noqa: E402

from bridge import async_api  # noqa: E402

LINE = 120
_used: set[str] = set()


# --- docstrings ------------------------------------------------------------------------------------------------------

_RETURNS = re.compile(r"\n( +)Returns:\n +Something that may be awaited: then (.*?)\n(?=\n| +\"\"\")", re.DOTALL)
_ENTRY = re.compile(r" {8,}\w+: ")
_SECTION = re.compile(r"^ +(Args|Raises):$", re.MULTILINE)


def in_sync_words(name: str, text: str) -> str:
    """Return a docstring, of the function or class `name`, as the sync flavour has it."""
    for before, after in WORDS.get(name, []):
        text = _reworded(text, before, after)
    _used.add(name)
    text = _say_when_it_returns(text)
    text = re.sub(r"\basync (with|for)\b", r"\1", text)
    text = re.sub(r"\bawait (?=[\w(])", "", text)
    text = re.sub(r"\basync_(api|playwright)\b", r"sync_\1", text)
    if left := re.search(r"\b(async|await)\w*", text):
        raise NoRule(f"The docstring of {name} says {left[0]!r}: give it other words in WORDS")
    return text


def _reworded(text: str, before: str, after: str) -> str:
    """Replace words, wherever their lines break, and break the rest of their paragraph anew."""
    match = re.search(r"\s+".join(map(re.escape, re.split(r"\s+", before))), text)
    if match is None:
        raise NoRule(f"WORDS has {before!r}, which the docstring has not (any more)")
    start = text.rfind("\n", 0, match.start()) + 1
    first, *rest = f"{text[start : match.start()]}{after}{text[match.end() :]}".split("\n")
    if not start:
        return "\n".join([first, *rest])  # the line with the quotes
    indent = re.match(" *", first)[0]  # type: ignore[index]
    hanging = f"{indent}    " if _ENTRY.match(first) else indent
    more = list(takewhile(lambda line: re.match(hanging + r"[^ \"]", line) and not _ENTRY.match(line), rest))
    filled = textwrap.fill(" ".join([first, *map(str.strip, more)]), LINE, subsequent_indent=hanging)
    return text[:start] + "\n".join([filled, *rest[len(more) :]])


def _say_when_it_returns(text: str) -> str:
    """Turn the section about what may be awaited into a paragraph in front of the first section, or at the end."""
    match = _RETURNS.search(text)
    if match is None:
        return text
    indent, condition = match.groups()
    words = f"It returns once {' '.join(condition.split())}"
    paragraph = textwrap.fill(words, LINE, initial_indent=indent, subsequent_indent=indent)
    rest = text[: match.start()] + text[match.end() :]
    section = _SECTION.search(rest)
    if section is None:
        return f"{text[: match.start()]}\n{paragraph}\n{text[match.end() :]}"
    return f"{rest[: section.start()]}{paragraph}\n\n{rest[section.start() :]}"


# --- functions -------------------------------------------------------------------------------------------------------


class Function:
    """One member of a public class, to be written in its sync form."""

    def __init__(self, owner: str, node: ast.FunctionDef | ast.AsyncFunctionDef, source: Module) -> None:
        self._owner = owner
        self._node = node
        self._source = source
        self._name = f"{owner}.{node.name}"
        self._decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
        if node.returns is None:
            raise NoRule(f"{self._name} does not say what it returns")
        self._returns = Annotation(node.returns, source)
        self._signature = Signature(node, source)
        if self._returns.has_twin and not (self._returns.is_object or self._returns.is_list or self._is_expect):
            raise NoRule(f"{self._name} returns {self._returns.text}")

    @property
    def _is_expect(self) -> bool:
        return self._returns.text.startswith("Expect[")

    @property
    def _is_for_the_loop(self) -> bool:
        if isinstance(self._node, ast.AsyncFunctionDef) or self._returns.is_pending:
            return True
        _used.add(self._name)
        acts = self._returns.text == "None" or self._returns.is_object
        return acts and self._name not in HERE

    def __str__(self) -> str:
        docstring = in_sync_words(self._name, self._source.docstring(self._node))
        lines = [
            *(f"    @{decorator}" for decorator in self._decorators),
            f"    def {DUNDERS.get(self._node.name, self._node.name)}({self._signature.text}) -> {self._returns.text}:",
            *([f"        {docstring}"] if docstring else []),
            *(textwrap.indent(line, "        ") for line in self._body()),
        ]
        return "\n".join(lines)

    def _body(self) -> Iterator[str]:
        _used.add(self._name)
        if self._name in FIRST:
            call = FIRST[self._name]
            imports.add("bridge.faces", call.partition("(")[0])
            yield call
        yield self._taken_over() if self._node.name in TAKEN_OVER else self._handed_on()

    def _taken_over(self) -> str:
        body = self._node.body[1 if ast.get_docstring(self._node) else 0 :]
        return "\n".join(ast.unparse(InSync(self._source).visit(copy.deepcopy(statement))) for statement in body)

    def _handed_on(self) -> str:
        value = self._returns.show(self._value())
        return value if self._returns.text == "None" else f"return {value}"

    def _value(self) -> str:
        name, arguments = self._node.name, self._signature.handed_on
        match self._decorators:
            case ["property"]:
                return self._shown(f"self._impl.{name}")
            case ["staticmethod"]:
                return f"async_api.{self._owner}.{name}({arguments})"
            case [] if self._is_for_the_loop:
                call = "_begin" if name in WRITERS else "_call"
                return f"self.{call}(self._impl.{name}{arguments and ', '}{arguments})"
            case []:
                return self._shown(f"self._impl.{name}({arguments})")
        raise NoRule(f"{self._name} is decorated with {self._decorators}")

    def _shown(self, value: str) -> str:
        return value if self._returns.is_list or self._returns.text == "None" else f"self._show({value})"


# --- classes ---------------------------------------------------------------------------------------------------------


def own_bases(twin: type) -> Iterator[type]:
    """Yield the classes whose members the sync class gets: the async one, and its bases up to the next that has one."""
    for base in twin.__mro__:
        if (base is not twin and base in TWINS) or not base.__module__.startswith("bridge."):
            return
        yield base


def members(twin: type) -> Iterator[str]:
    """Yield the text of each member."""
    seen: set[str] = set()
    for base in own_bases(twin):
        source = module(base.__module__)
        for node in source.find(ast.ClassDef, base.__name__).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                yield f"    {ast.unparse(node)}"  # another name for a member
            elif (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and is_public(node.name, twin)
                and node.name not in seen
            ):
                seen.add(node.name)
                yield written_function(twin, node, source)
            elif isinstance(node, ast.AnnAssign) and not ast.unparse(node.target).startswith("_"):
                raise NoRule(f"{twin.__name__}.{ast.unparse(node.target)}: make it a property")


def written_function(twin: type, node: ast.FunctionDef | ast.AsyncFunctionDef, source: Module) -> str:
    try:
        return str(Function(twin.__name__, node, source))
    except NoRule as error:
        raise NoRule(f"{twin.__name__}.{node.name}: {error}") from error


def is_public(name: str, twin: type) -> bool:
    if not name.startswith("__"):
        return not name.startswith("_")
    if name not in DUNDERS and name not in NO_TWIN:
        raise NoRule(f"{twin.__name__}.{name}")
    return name in DUNDERS


def sync_class(twin: type) -> str:
    name = twin.__name__
    base = next((base.__name__ for base in twin.__mro__[1:] if base in TWINS), None)
    face = BASES.get(name, "Face")
    source = module(twin.__module__)
    parts = list(members(twin))
    if base is None:
        imports.add("bridge.faces", face)
    elif parts:
        parts.insert(0, f"    _impl: async_api.{name}")
    docstring = in_sync_words(name, source.docstring(source.find(ast.ClassDef, name)))
    head = f"class {name}({base or f'{face}[async_api.{name}]'}):\n    {docstring}"
    return "\n\n".join([head, *parts])


def sync_launch() -> str:
    source = module("bridge.async_api")
    node = source.find(ast.FunctionDef, "launch")
    docstring = in_sync_words("launch", source.docstring(node))
    imports.add("bridge.faces", "start_sync")
    imports.add("bridge.launch", "Order")
    parameters = Signature(node, source).text
    body = "return start_sync(Order(locals(), sync=True))"
    return f"def launch({parameters}) -> Bridge:\n    {docstring}\n    {body}"


# --- the module ------------------------------------------------------------------------------------------------------


def written() -> str:
    """Return the text of the sync flavour."""
    names = sorted(set(async_api.__all__) - ASYNC_ONLY)
    for name in set(names) - TWIN_NAMES - {"launch"}:
        imports.add("bridge.async_api", name)
    imports.add("bridge", "async_api")
    imports.add("bridge.faces", "FACES")
    parts = [sync_launch(), *map(sync_class, TWINS)]
    faces = "\n".join(f"    async_api.{name}: {name}," for name in sorted(TWIN_NAMES))
    if unused := {*WORDS, *FIRST, *HERE} - _used:
        raise NoRule(f"There is no {', '.join(sorted(unused))} any more")
    parts.append(f"FACES.update({{\n{faces}\n}})")
    return formatted("\n\n".join([HEADER.lstrip(), str(imports), f"__all__ = {names}", *parts]))


def formatted(text: str) -> str:
    for command in ("check --fix --quiet --select I", "format --quiet"):
        line = [sys.executable, "-m", "ruff", *command.split(), "--stdin-filename", str(TARGET), "-"]
        text = subprocess.run(line, input=text, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    return text


if __name__ == "__main__":
    TARGET.write_text(written(), "utf-8")
