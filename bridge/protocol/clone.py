"""Structured values as text: what JSON cannot carry, and shared or cyclic references.

The text is a mark and a JSON array: the root, then the *nodes*, each an array that begins with its type. A *member* is
a plain JSON scalar or an array: ``[3]`` refers to the third node; ``["undefined"]``, ``["hole"]``, ``["number",
"NaN"]`` and ``["bigint", "5"]`` are primitives, the last with a hexadecimal number if it is long, as ``"-0xff"``. A
table needs no recursion, neither here nor in JavaScript, so nesting has no limit. `webext/js/values.js` does the same
in the browser:

    ["Object", key, member, ...]     ["Map", member, member, ...]      ["ArrayBuffer", base64]
    ["Array", member, ...]           ["Set", member, ...]              ["View", type, member, offset, bytes]
    ["Date", milliseconds | null]    ["RegExp", source, flags]         ["Blob", base64, type]
    ["Boxed", member]                ["Opaque", type]                  ["File", base64, type, name, milliseconds]
    ["Error", type, name, message, key, member, ...]                   ["Sparse", length, index, member, ...]
"""

import array
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import chain
from math import inf, isfinite, nan
from typing import Any

from .. import javascript as js
from .deep import MAX_INTEGER, wrong
from .shown import shown

__all__ = ["MARK", "decode", "encode"]

MARK = "*"
"""The first character of such a text. No JSON text begins with it."""

_DIGITS = 600
"""The most digits of a bigint that is written in decimal."""

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
                return int(value) if exact else ["bigint", _bigint(value)]
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

    def sparse(self, value: js.SparseArray) -> list[Any]:
        if not _fits(value):
            raise self.error(f"a SparseArray of length {value.length!r} that JavaScript does not allow")
        indexed = ((index, self._member(member, index)) for index, member in value.members.items())
        return ["Sparse", value.length, *chain.from_iterable(indexed)]

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


def _fits(value: js.SparseArray) -> bool:
    indexes, length = value.members, value.length
    whole = _WHOLE.issuperset(map(type, [length, *indexes]))
    return whole and 0 <= length <= _LONGEST and all(0 <= index < length for index in indexes)


def _number(value: float) -> str:
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity", "-0.0": "-0"}[repr(float(value))]


def _bigint(value: int) -> str:
    # Python writes at most 4,300 decimal digits, or as few as 640 where somebody lowered that limit.
    return str(int(value)) if value.bit_length() < _DIGITS * 3 else hex(value)


def _base64(data: Any) -> str:
    return b64encode(data).decode()


_WRITERS: list[tuple[Any, Callable[[_Writer, Any], list[Any]]]] = [
    (dict, lambda w, value: ["Object", *w.items(value.items())]),
    ((list, tuple), lambda w, value: ["Array", *w.members(value)]),
    (js.SparseArray, _Writer.sparse),
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
        ValueError: `table` is no table of structured values.
    """
    if not isinstance(table, list):
        raise ValueError("Not a table of structured values: no array")
    try:
        return _Reader(table[1:]).read(table[0])
    except (LookupError, TypeError) as error:
        raise ValueError(f"Not a table of structured values: {shown(repr(error))}") from error


class _Reader:
    def __init__(self, nodes: list[list[Any]]) -> None:
        self._nodes = nodes
        self._objects: list[Any] = [_begin(*node) for node in nodes]

    def read(self, root: Any) -> Any:
        for index, (type, *values) in enumerate(self._nodes):
            if type == "View":  # made after its buffer, and before whatever contains it is filled
                self._objects[index] = self._view(*values)
        for (type, *values), value in zip(self._nodes, self._objects, strict=True):
            if type in _ENDINGS:
                _ENDINGS[type](self, value, values)
        return self._member(root)

    def _member(self, member: Any) -> Any:
        if not isinstance(member, list):
            return _scalar(member)
        return self._object(*member) if type(member[0]) is int else _primitive(member)

    def _object(self, number: int) -> Any:
        if number < 1:
            raise ValueError(f"There is no node {number}")
        return self._objects[number - 1]

    def _view(self, name: str, reference: list[Any], offset: int, length: int) -> js.ArrayBufferView:
        buffer = self._member(reference)
        if not isinstance(buffer, bytes) or length < 0:
            raise ValueError("A view without a buffer, or of a negative length")
        return js.ArrayBufferView(name, buffer, offset, length)

    def members(self, members: list[Any]) -> list[Any]:
        return [self._member(member) for member in members]

    def pairs(self, members: list[Any]) -> list[tuple[Any, Any]]:
        values = self.members(members)
        return list(zip(values[::2], values[1::2], strict=True))

    def items(self, items: list[Any]) -> dict[str, Any]:
        keys = items[::2]
        if not _TEXT.issuperset(map(type, keys)):
            raise ValueError("A key that is no text")
        return dict(zip(keys, self.members(items[1::2]), strict=True))

    def fill(self, value: js.SparseArray, length: int, *items: Any) -> None:
        value.members.update(zip(items[::2], self.members(list(items[1::2])), strict=True))
        if not _fits(value):
            raise ValueError("An array with an index that it cannot have")


def _begin(type_: str, *values: Any) -> Any:
    for value, types in zip(values, _SHAPES.get(type_, ()), strict=False):  # a wrong number of them fails below
        if type(value) not in types:
            raise ValueError(f"A {type_} with a {type(value).__name__} where it has none")
    return _BEGINNINGS[type_](*values)


def _scalar(member: Any) -> Any:
    if isinstance(member, dict):
        raise ValueError("An object of JSON, which no table has")
    return member


def _primitive(member: Any) -> Any:
    match member:
        case ["number", str(text)]:
            return _NUMBERS[text]
        case ["bigint", str(text)] if _BIGINT.fullmatch(text):
            return js.BigInt(text, 16 if "x" in text else 10)
        case ["undefined" | "hole" as text]:
            return js.Void(text)
    raise ValueError("An array that is neither a reference nor a primitive")


def _date(milliseconds: float | None) -> datetime | js.Date:
    if milliseconds is None:
        return js.Date()
    if not -_LAST_DATE <= milliseconds <= _LAST_DATE:
        raise ValueError("A Date beyond those of JavaScript")
    try:
        return _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        return js.Date(milliseconds)


def _boxed(member: Any) -> js.Boxed:
    return js.Boxed(_primitive(member) if isinstance(member, list) else _scalar(member))


_LONGEST = 2**32 - 1
"""The length of the longest array in JavaScript."""

_LAST_DATE = 8.64e15
"""Milliseconds from 1970 to the last Date that JavaScript has, and to the first."""

_BIGINT = re.compile(rf"-?(?:0x[0-9a-f]+|[0-9]{{1,{_DIGITS}}})", re.ASCII)
_NUMBERS = {"NaN": nan, "Infinity": inf, "-Infinity": -inf, "-0": -0.0}
_TEXT: set[type] = {str}
_WHOLE: set[type] = {int}
_NUMBER: set[type] = {int, float}
_NUMBER_OR_NONE: set[type] = {int, float, type(None)}
_REFERENCE: set[type] = {list}

_SHAPES: dict[str, list[set[type]]] = {
    "View": [_TEXT, _REFERENCE, _WHOLE, _WHOLE],
    "Sparse": [_WHOLE],
    "Date": [_NUMBER_OR_NONE],
    "RegExp": [_TEXT, _TEXT],
    "ArrayBuffer": [_TEXT],
    "Blob": [_TEXT, _TEXT],
    "File": [_TEXT, _TEXT, _TEXT, _NUMBER],
    "Error": [_TEXT, _TEXT, _TEXT],
    "Opaque": [_TEXT],
}
"""By type of node: the types of what comes before the members of the value."""

_BEGINNINGS: dict[str, Callable[..., Any]] = {
    "Object": lambda *_: {},
    "Array": lambda *_: [],
    "Sparse": lambda length, *_: js.SparseArray(length),
    "Map": lambda *_: js.Map(),
    "Set": lambda *_: js.Set(),
    "View": lambda name, buffer, offset, length: None,
    "Date": _date,
    "RegExp": lambda source, flags: js.RegExp(source, flags),
    "ArrayBuffer": lambda data: b64decode(data),
    "Blob": lambda data, type: js.Blob(b64decode(data), type),
    "File": lambda data, type, name, modified: js.File(b64decode(data), type, name, modified),
    "Error": lambda type, name, message, *_: js.Error(message, name, type),
    "Boxed": _boxed,
    "Opaque": js.Opaque,
}
_ENDINGS: dict[str, Callable[[_Reader, Any, list[Any]], None]] = {
    "Object": lambda reader, value, members: value.update(reader.items(members)),
    "Array": lambda reader, value, members: value.extend(reader.members(members)),
    "Sparse": lambda reader, value, members: reader.fill(value, *members),
    "Map": lambda reader, value, members: value.entries.extend(reader.pairs(members)),
    "Set": lambda reader, value, members: value.members.extend(reader.members(members)),
    "Error": lambda reader, value, members: value.members.update(reader.items(members[3:])),
}
