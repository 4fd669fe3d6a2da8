"""Structured values as text: what JSON cannot carry, and shared or cyclic references.

The text is a mark and a JSON array: the root, then the *nodes*, each an array that begins with its type. A *member* is
a plain JSON scalar or an array: ``[3]`` refers to the third node; ``["undefined"]``, ``["hole"]``, ``["number",
"NaN"]`` and ``["bigint", "5"]`` are primitives. A table needs no recursion, neither here nor in JavaScript, so nesting
has no limit. `webext/js/values.js` does the same in the browser:

    ["Object", key, member, ...]     ["Map", member, member, ...]      ["ArrayBuffer", base64]
    ["Array", member, ...]           ["Set", member, ...]              ["View", type, member, offset, bytes]
    ["Date", milliseconds | null]    ["RegExp", source, flags]         ["Blob", base64, type]
    ["Boxed", member]                ["Opaque", type]                  ["File", base64, type, name, milliseconds]
    ["Error", type, name, message, key, member, ...]
"""

import array
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import chain
from math import isfinite
from typing import Any

from .. import javascript as js
from .deep import MAX_INTEGER, wrong

__all__ = ["MARK", "decode", "encode"]

MARK = "*"
"""The first character of such a text. No JSON text begins with it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SENDABLE = "what can be sent: dict with str keys, list, str, int, float, bool, None, and what bridge.javascript lists"


def encode(value: Any, what: str = "message") -> str:
    """Return `value` as text; see `values.encode`."""
    nodes: list[Any] = _Writer(what).write(value)
    return MARK + json.dumps(nodes, separators=(",", ":"))


class _Writer:
    def __init__(self, what: str) -> None:
        self._what = what
        self._objects: list[Any] = []
        self._indexes: dict[int, int] = {}
        self._parents: list[tuple[int, str | int]] = []  # where each object was found first
        self._current = -1
        self._key: str | int = ""

    def write(self, value: Any) -> list[Any]:
        written = [self._member(value)]
        for index, each in enumerate(self._objects):  # which grows meanwhile
            self._current = index
            written.append(self._node(each))
        return written

    def _member(self, value: Any, key: str | int = "") -> Any:
        self._key = key
        if isinstance(value, Enum) and not isinstance(value, js.Void):
            value = value.value
        match value:
            case None | bool():
                return value
            case str():
                return str.__str__(value)
            case js.Void():
                return [value.value]
            case int():
                exact = -MAX_INTEGER <= value <= MAX_INTEGER and not isinstance(value, js.BigInt)
                return int(value) if exact else ["bigint", str(int(value))]
            case float():
                return float(value) if isfinite(value) and repr(value) != "-0.0" else ["number", _number(value)]
            case _:
                return [self._reference(value)]

    def _reference(self, value: Any) -> int:
        index = self._indexes.get(id(value))
        if index is None:
            self._objects.append(value)
            self._parents.append((self._current, self._key))
            index = self._indexes[id(value)] = len(self._objects)
        return index

    def _node(self, value: Any) -> list[Any]:
        for types, write in _WRITERS:
            if isinstance(value, types):
                return write(self, value)
        raise self.error(f"{type(value).__name__} cannot be sent; {_SENDABLE}")

    def members(self, values: Iterable[Any]) -> list[Any]:
        return [self._member(value, key) for key, value in enumerate(values)]

    def items(self, items: Iterable[tuple[Any, Any]]) -> list[Any]:
        written: list[Any] = []
        for key, value in items:
            if not isinstance(key, str):
                raise self.error(f"the key {key!r} is {type(key).__name__}; keys are str, as in JavaScript")
            written += (str.__str__(key), self._member(value, key))
        return written

    def date(self, value: datetime) -> list[Any]:
        if value.utcoffset() is None:
            raise self.error("a datetime without a time zone cannot be sent; set its tzinfo")
        return ["Date", (value - _EPOCH) // _MILLISECOND]

    def view(self, value: js.ArrayBufferView) -> list[Any]:
        return ["View", value.type, self._member(value.buffer, "buffer"), value.offset, value.length]

    def elements(self, value: "array.array[Any] | memoryview") -> list[Any]:
        elements = memoryview(value)
        kind = _view_type(elements.format, elements.itemsize)
        if kind is None:
            raise self.error(f"{type(value).__name__} of format {elements.format!r} has no counterpart in JavaScript")
        data = elements.tobytes()
        return ["View", kind, self._member(data, "buffer"), 0, len(data)]

    def error_value(self, value: js.Error) -> list[Any]:
        return ["Error", value.type, value.name, value.message, *self.items(value.members.items())]

    def refuse(self, value: js.Opaque) -> list[Any]:
        raise self.error(f"{value!r} can be received, but not sent")

    def error(self, problem: str) -> TypeError:
        path: list[str | int] = []
        at = self._current
        while at > 0:
            at, key = self._parents[at]
            path.append(key)
        return wrong(self._what, reversed(path), problem)


def _number(value: float) -> str:
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity", "-0.0": "-0"}[repr(float(value))]


def _base64(data: Any) -> str:
    return b64encode(data).decode()


_WRITERS: list[tuple[Any, Callable[[_Writer, Any], list[Any]]]] = [
    (dict, lambda w, value: ["Object", *w.items(value.items())]),
    ((list, tuple), lambda w, value: ["Array", *w.members(value)]),
    (js.Map, lambda w, value: ["Map", *w.members(chain.from_iterable(value.entries))]),
    ((js.Set, set, frozenset), lambda w, value: ["Set", *w.members(value)]),
    (datetime, _Writer.date),
    (js.Date, lambda w, value: ["Date", value.milliseconds if isfinite(value.milliseconds) else None]),
    (js.RegExp, lambda w, value: ["RegExp", value.source, value.flags]),
    ((bytes, bytearray), lambda w, value: ["ArrayBuffer", _base64(value)]),
    (js.ArrayBufferView, _Writer.view),
    ((array.array, memoryview), _Writer.elements),
    (js.File, lambda w, value: ["File", _base64(value.data), value.type, value.name, value.last_modified]),
    (js.Blob, lambda w, value: ["Blob", _base64(value.data), value.type]),
    (js.Error, _Writer.error_value),
    (js.Boxed, lambda w, value: ["Boxed", w.members([value.value])[0]]),
    (js.Opaque, _Writer.refuse),
]


def _view_type(format: str, size: int) -> str | None:
    kinds = {"Int": "bhilqn", "Uint": "BHILQN", "Float": "efd"}
    for kind, formats in kinds.items():
        if format in formats:
            return f"{'Big' if size == 8 and kind != 'Float' else ''}{kind}{size * 8}Array"
    return None


# --- decoding -------------------------------------------------------------------------------------------------------


def decode(table: Any) -> Any:
    """Return the value of the array that follows the mark.

    Raises:
        ValueError: It is not such a table.
    """
    try:
        return _Reader(table[1:]).read(table[0])
    except (LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RecursionError) as error:
        # AssertionError: that is how b64decode() refuses its second argument
        raise ValueError(f"Not a table of structured values: {error!r}") from error


class _Reader:
    def __init__(self, nodes: list[list[Any]]) -> None:
        self._nodes = nodes
        self._objects: list[Any] = [_BEGINNINGS[type](*values) for type, *values in nodes]

    def read(self, root: Any) -> Any:
        for index, (type, *values) in enumerate(self._nodes):
            if type == "View":  # needs its buffer, and nothing needs a view
                name, buffer, offset, length = values
                self._objects[index] = js.ArrayBufferView(name, self._member(buffer), offset, length)
        for (type, *values), value in zip(self._nodes, self._objects, strict=True):
            if type in _ENDINGS:
                _ENDINGS[type](self, value, values)
        return self._member(root)

    def _member(self, member: Any) -> Any:
        if not isinstance(member, list):
            return member
        return self._objects[member[0] - 1] if isinstance(member[0], int) else _primitive(*member)

    def members(self, members: list[Any]) -> list[Any]:
        return [self._member(member) for member in members]

    def pairs(self, members: list[Any]) -> list[tuple[Any, Any]]:
        values = self.members(members)
        return list(zip(values[::2], values[1::2], strict=True))


def _primitive(type: str, text: str = "") -> Any:
    match type:
        case "number":
            return float(text)
        case "bigint":
            return js.BigInt(text)
        case _:
            return js.Void(type)


def _date(milliseconds: float | None) -> datetime | js.Date:
    if milliseconds is None:
        return js.Date()
    try:
        return _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        return js.Date(milliseconds)


_BEGINNINGS: dict[str, Callable[..., Any]] = {
    "Object": lambda *_: {},
    "Array": lambda *_: [],
    "Map": lambda *_: js.Map(),
    "Set": lambda *_: js.Set(),
    "View": lambda *_: None,
    "Date": _date,
    "RegExp": js.RegExp,
    "ArrayBuffer": b64decode,
    "Blob": lambda data, type: js.Blob(b64decode(data), type),
    "File": lambda data, type, name, modified: js.File(b64decode(data), type, name, modified),
    "Error": lambda type, name, message, *_: js.Error(message, name, type),
    "Boxed": lambda member: js.Boxed(_primitive(*member) if isinstance(member, list) else member),
    "Opaque": js.Opaque,
}
_ENDINGS: dict[str, Callable[[_Reader, Any, list[Any]], None]] = {
    "Object": lambda reader, value, members: value.update(
        zip(members[::2], reader.members(members[1::2]), strict=True)
    ),
    "Array": lambda reader, value, members: value.extend(reader.members(members)),
    "Map": lambda reader, value, members: value.entries.extend(reader.pairs(members)),
    "Set": lambda reader, value, members: value.members.extend(reader.members(members)),
    "Error": lambda reader, value, members: value.members.update(
        zip(members[3::2], reader.members(members[4::2]), strict=True)
    ),
}
