"""Classes for JavaScript values that none of Python's built-in types can represent, such as ``undefined`` and Map.

Which values a port carries is up to the browser: Firefox sends structured clones of messages, and so does Chromium if
the manifest says ``"message_serialization": "structured_clone"``; otherwise Chromium sends JSON. docs/guide.md has a
table of which Python value becomes which JavaScript value, and back.
"""

import struct
from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from math import isnan, nan
from reprlib import recursive_repr
from typing import Any, Literal

__all__ = [
    "HOLE",
    "UNDEFINED",
    "ArrayBufferView",
    "BigInt",
    "Blob",
    "Boxed",
    "Date",
    "Error",
    "File",
    "Map",
    "Opaque",
    "RegExp",
    "Set",
    "SparseArray",
    "Void",
]


class Void(Enum):
    """JavaScript's two kinds of missing value, `UNDEFINED` and `HOLE`. Both are false, like None."""

    UNDEFINED = "undefined"
    HOLE = "hole"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return self.name


UNDEFINED = Void.UNDEFINED
"""JavaScript's ``undefined``."""
HOLE = Void.HOLE
"""A place in an array that was never filled, as in ``[1, , 3]``."""


_LONG_BITS = 2_000


class BigInt(int):
    """A bigint, such as ``5n``; equal to the int."""

    def __repr__(self) -> str:
        # Python refuses to write thousands of decimal digits.
        return f"BigInt({int(self) if self.bit_length() < _LONG_BITS else hex(self)})"


@dataclass(frozen=True)
class Date:
    """A Date that a `datetime` cannot represent.

    Attributes:
        milliseconds: Since 1970 in UTC; NaN for an invalid Date. Two invalid ones are equal here.
    """

    milliseconds: float = nan

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Date):
            return NotImplemented
        return self.milliseconds == other.milliseconds or (isnan(self.milliseconds) and isnan(other.milliseconds))

    def __hash__(self) -> int:
        return 0 if isnan(self.milliseconds) else hash(self.milliseconds)


@dataclass(frozen=True)
class RegExp:
    """A regular expression; its syntax is JavaScript's.

    Attributes:
        source: The pattern, without slashes around it.
        flags: Letters such as ``"gi"``.
    """

    source: str
    flags: str = ""


class Map(Mapping[Any, Any]):
    """A Map: keys of any kind, in order.

    Args:
        entries: Pairs of key and value, or a mapping.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, entries: Iterable[tuple[Any, Any]] | Mapping[Any, Any] = ()) -> None:
        pairs = entries.items() if isinstance(entries, Mapping) else entries
        self.entries: list[tuple[Any, Any]] = [(key, value) for key, value in pairs]

    def __getitem__(self, key: Any) -> Any:
        for own, value in self.entries:
            if _same(own, key):
                return value
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def items(self) -> "_Entries":
        """The entries, in order."""
        return _Entries(self)

    def values(self) -> "_Values":
        """The values, in order."""
        return _Values(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return len(self) == len(other) and all(
            any(_same(key, k) and value == v for k, v in other.items()) for key, value in self.entries
        )

    @recursive_repr()
    def __repr__(self) -> str:
        return f"Map({self.entries!r})"


class _Entries(ItemsView[Any, Any]):
    def __init__(self, map: Map) -> None:
        super().__init__(map)
        self._entries = map.entries

    def __iter__(self) -> Iterator[tuple[Any, Any]]:  # not by key: different keys in JavaScript may be equal in Python
        return iter(self._entries)


class _Values(ValuesView[Any]):
    def __init__(self, map: Map) -> None:
        super().__init__(map)
        self._entries = map.entries

    def __iter__(self) -> Iterator[Any]:  # not by key either
        return (value for _, value in self._entries)


class Set(AbstractSet[Any]):
    """A Set: members of any kind, in order; equal to a Python set with the same members.

    Args:
        members: What is in it.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, members: Iterable[Any] = ()) -> None:
        self.members: list[Any] = list(members)

    def __contains__(self, member: object) -> bool:
        return any(_same(own, member) for own in self.members)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    @recursive_repr()
    def __repr__(self) -> str:
        return f"Set({self.members!r})"


@dataclass
class SparseArray:
    """An array with so many holes that a list of them would fill the memory, such as one whose indexes are ids.

    Arrays are lists as long as all arrays of a message together have at most 100 000 holes.

    Attributes:
        length: Its ``length``, at most 2**32 - 1.
        members: What is at the indexes that are no holes.
    """

    length: int = 0
    members: dict[int, Any] = field(default_factory=dict)


def _same(one: Any, other: Any) -> bool:
    # True equals 1 in Python, and never in JavaScript.
    return one is other or bool(isinstance(one, bool) is isinstance(other, bool) and one == other)


_FORMATS = {
    "Int8Array": "b",
    "Uint8Array": "B",
    "Uint8ClampedArray": "B",
    "Int16Array": "h",
    "Uint16Array": "H",
    "Int32Array": "i",
    "Uint32Array": "I",
    "BigInt64Array": "q",
    "BigUint64Array": "Q",
    "Float16Array": "e",
    "Float32Array": "f",
    "Float64Array": "d",
    "DataView": "B",
}


@dataclass(frozen=True)
class ArrayBufferView:
    """A typed array or DataView.

    Iterate over it or index it to get its elements (a DataView's are its bytes); ``bytes(view)`` gives its bytes.

    Attributes:
        type: Its class in JavaScript, such as ``"Uint8Array"``.
        buffer: All bytes of the ArrayBuffer, which several views may share.
        offset: Where the view begins in the buffer, in bytes.
        length: How many bytes of the buffer the view shows; by default the rest.

    Raises:
        ValueError: There is no such type, or the view does not fit the buffer.
    """

    type: str
    buffer: bytes
    offset: int = 0
    length: int = -1

    def __post_init__(self) -> None:
        if self.type not in _FORMATS:
            raise ValueError(f"JavaScript has no view of type {self.type!r}; there are {', '.join(_FORMATS)}")
        if self.length < 0:
            object.__setattr__(self, "length", len(self.buffer) - self.offset)
        size = memoryview(self.buffer).nbytes
        element = _element_size(self.type)
        if not 0 <= self.offset <= self.offset + self.length <= size or self.offset % element or self.length % element:
            raise ValueError(
                f"A {self.type} of {self.length} bytes at {self.offset} does not fit a buffer of {size} bytes"
            )

    @property
    def elements(self) -> list[Any]:
        """The elements: int or float."""
        return [element for (element,) in struct.iter_unpack(_FORMATS[self.type], bytes(self))]

    def __bytes__(self) -> bytes:
        return self.buffer[self.offset : self.offset + self.length]

    def __len__(self) -> int:
        return self.length // _element_size(self.type)

    def __getitem__(self, index: Any) -> Any:
        return self.elements[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.elements)


def _element_size(type: str) -> int:
    return struct.calcsize(_FORMATS[type])


@dataclass(frozen=True)
class Blob:
    """A Blob.

    Attributes:
        data: Its bytes.
        type: Its media type.
    """

    data: bytes
    type: str = ""


@dataclass(frozen=True)
class File(Blob):
    """A File.

    Attributes:
        name: The file's name.
        last_modified: In milliseconds since 1970.
    """

    name: str = ""
    last_modified: int = 0


@dataclass
class Error:
    """An Error, or a DOMException.

    Attributes:
        message: The error's message.
        name: The error's name, such as ``"TypeError"``.
        type: ``"DOMException"``, or ``"Error"`` for Error and the classes derived from it.
        members: Its other members, if the browser sent them: ``stack``, ``cause``, ``errors``.
    """

    message: str = ""
    name: str = "Error"
    type: str = "Error"
    members: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Boxed:
    """An object around a primitive value, such as ``new Number(1)``.

    Attributes:
        value: bool, int, float, str or `BigInt`.
    """

    value: Any


@dataclass(frozen=True)
class Opaque:
    """A value that arrived but that Python cannot represent. It cannot be sent back.

    Attributes:
        type: What it is in JavaScript, such as ``"ImageData"``.
    """

    type: str
