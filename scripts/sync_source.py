"""The source of the async flavour: where its names come from, and its signatures in their sync form."""

import ast
import builtins
import copy
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from sync_rules import MODULES, OTHER_NAMES, TWINS, TYPES

from bridge import async_api


class NoRule(Exception):
    """Something in the async flavour for which this script has no sync form."""


# --- where names come from --------------------------------------------------------------------------------------------


class Module:
    """The source of a module of the bridge."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._imported = sys.modules[name]
        self.text = inspect.getsource(self._imported)
        self.tree = ast.parse(self.text)
        self._origins = dict(self._imports())

    def _imports(self) -> Iterator[tuple[str, tuple[str, str]]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, (alias.name, "")) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = "." * node.level + (node.module or "")
                full = importlib.util.resolve_name(origin, self._imported.__package__ or "") if node.level else origin
                for alias in node.names:
                    yield alias.asname or alias.name, (full, alias.name)

    def find(self, kind: type[ast.AST], name: str) -> Any:
        return next(node for node in self.tree.body if isinstance(node, kind) and node.name == name)  # type: ignore[attr-defined]

    def docstring(self, node: Any) -> str:
        """Return the docstring as it is written, with its quotes and indentation; empty if there is none."""
        has_one = ast.get_docstring(node) is not None
        return (ast.get_source_segment(self.text, node.body[0].value) or "") if has_one else ""

    def thing(self, name: str) -> tuple[str, Any]:
        """Return the module that a name is from, and what it means."""
        origin, original = self._origins.get(name, (self.name, name))
        imported = importlib.import_module(origin)
        return origin, getattr(imported, original, None) if original else imported


@cache
def module(name: str) -> Module:
    return Module(name)


class Imports:
    """What the written module imports."""

    def __init__(self) -> None:
        self._wanted: set[tuple[str, str]] = set()
        self._modules: set[str] = set()

    def add(self, origin: str, name: str) -> None:
        self._wanted.add((origin, name))

    def name(self, name: str, source: Module) -> str:
        """Return what a name of a source is called in the sync flavour, which will import it."""
        name_here = TYPES.get(name, name)
        if name_here in dir(builtins):
            return name_here
        origin, thing = source.thing(name)
        if thing is None:
            raise NoRule(f"{source.name} does not import {name}")
        if thing in TWINS:
            return str(thing.__name__)
        if isinstance(thing, ModuleType):
            self._modules.add(name)
        elif origin.startswith("bridge.") and name not in {*async_api.__all__, *OTHER_NAMES}:
            raise NoRule(f"{name} is the engine's, so what has it in its signature begins with _")
        else:
            self.add("bridge.async_api" if name in async_api.__all__ else MODULES.get(origin, origin), name_here)
        return name_here

    def __str__(self) -> str:
        lines = [f"from {re.sub(r'^bridge', '', origin) or '.'} import {name}" for origin, name in sorted(self._wanted)]
        return "\n".join([*(f"import {name}" for name in sorted(self._modules)), *lines])


imports = Imports()

TWIN_NAMES = {twin.__name__ for twin in TWINS}


# --- signatures ------------------------------------------------------------------------------------------------------


class InSync(ast.NodeTransformer):
    """Turns an annotation, a default value or the body of a function into its sync form."""

    def __init__(self, source: Module) -> None:
        self._source = source
        self.has_twin = False

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if self._source.thing(node.id)[1] is not None or node.id in dir(builtins):
            node.id = imports.name(node.id, self._source)
            self.has_twin = self.has_twin or node.id in TWIN_NAMES
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "Pending":
            return self.visit(node.slice)  # type: ignore[no-any-return]
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit_Await(self, node: ast.Await) -> ast.expr:
        return self.visit(node.value)  # type: ignore[no-any-return]

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if node.attr.startswith("_"):
            raise NoRule(f"{ast.unparse(node)} in a function that is taken over word by word")
        return self.generic_visit(node)  # type: ignore[return-value]


class Annotation:
    """A type in its sync form.

    Attributes:
        has_twin: Whether a class that has a sync one is in it.
    """

    def __init__(self, node: ast.expr, source: Module) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        self.is_pending = isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Pending"
        converter = InSync(source)
        self.text = ast.unparse(converter.visit(copy.deepcopy(node)))
        self.has_twin = converter.has_twin

    @property
    def is_object(self) -> bool:
        """Whether it is an object that has a sync face, or a choice of those, perhaps also of None."""
        return self.has_twin and set(self.text.split(" | ")) <= TWIN_NAMES | {"None"}

    @property
    def is_list(self) -> bool:
        return self.has_twin and self.text.startswith("list[")

    def show(self, value: str) -> str:
        """Return an expression for the sync form of a value of this type."""
        return f"[self._show(item) for item in {value}]" if self.is_list else value


class Signature:
    """The parameters of a function, and how to hand them on."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef, source: Module) -> None:
        arguments = copy.deepcopy(node.args)
        if arguments.posonlyargs:
            raise NoRule(f"{node.name}() has parameters without a name")
        for argument in ast.walk(arguments):
            if isinstance(argument, ast.arg) and argument.annotation:
                annotation = Annotation(argument.annotation, source)
                if annotation.has_twin:
                    raise NoRule(f"{node.name}({argument.arg}=...) takes an object that has a sync face")
                argument.annotation = ast.parse(annotation.text, mode="eval").body
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default:
                InSync(source).visit(default)
        self.text = ast.unparse(arguments)
        own = [argument.arg for argument in arguments.args if argument.arg != "self"]
        own += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
        own += [f"{argument.arg}={argument.arg}" for argument in arguments.kwonlyargs]
        own += [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
        self.handed_on = ", ".join(own)
