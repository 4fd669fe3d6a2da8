"""Joins JavaScript modules into one script, for a page whose policy lets nothing be loaded.

Each module becomes a function that returns what the module exports, so that names in different modules cannot clash.
This is not a bundler: it knows only the few forms of ``import`` and ``export`` that the project's own modules use, at
the beginning of a line. Any other form is an error.
"""

import re
from collections.abc import Callable

__all__ = ["join_modules"]

_IMPORT = re.compile(r'^import \{ (\w+(?:, \w+)*) \} from "\./([\w-]+)\.js";$', re.MULTILINE)
_LONG_IMPORT = re.compile(r'^import \{\n((?: +\w+,\n)+)\} from "\./([\w-]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let) (\w+))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_ENDS_SCRIPT = re.compile(r"<(?=/script|!--|script)", re.IGNORECASE)


def join_modules(entry: str, read: Callable[[str], str]) -> str:
    """Return one script that does what the module `entry` does.

    Args:
        entry: Its name, without ``.js``.
        read: Gets the name of a module and returns its text.

    Raises:
        ValueError: A module has an unknown form of import or export, modules import each other in a circle, or a
            module's text would end the script element.
    """
    written: dict[str, str] = {}
    _write(entry, read, written, ())
    return "\n".join(written.values())


def _write(name: str, read: Callable[[str], str], written: dict[str, str], importers: tuple[str, ...]) -> None:
    if name in importers:
        raise ValueError(f"modules import each other: {' -> '.join([*importers, name])}")
    if name in written:
        return
    text = read(name)
    for pattern in (_IMPORT, _LONG_IMPORT):
        for imported in pattern.finditer(text):
            _write(imported[2], read, written, (*importers, name))
    written[name] = _function(name, text)


def _function(name: str, text: str) -> str:
    if found := _ENDS_SCRIPT.search(text):
        raise ValueError(f"{name}.js has {text[found.start() :][:8]!r}, which would end a script element")
    exported = _EXPORT.findall(text)
    text = _IMPORT.sub(lambda found: f"const {{ {found[1]} }} = {_variable(found[2])};", text)
    text = _LONG_IMPORT.sub(lambda found: f"const {{\n{found[1]}}} = {_variable(found[2])};", text)
    text = _EXPORT.sub("", text)
    if left := _LEFT.search(text):
        raise ValueError(f"{name}.js has a form of import or export that is not known: {left[0]}")
    return f"const {_variable(name)} = (() => {{\n{text}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _variable(name: str) -> str:
    return f"module_{name.replace('-', '_')}"
