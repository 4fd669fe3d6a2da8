"""JSON without recursion: any depth, lone surrogates, and errors that name the member.

This is slower than msgspec; `values` uses it only when it must. (The standard library's `json` recurses, so it fails at
a few hundred levels of nesting, which browsers handle without trouble.)
"""

import json
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from json.decoder import scanstring  # type: ignore[attr-defined]  # documented nowhere, and there since Python 3.0
from math import isfinite
from typing import Any, NamedTuple

__all__ = ["MAX_INTEGER", "decode", "encode", "wrong"]

MAX_INTEGER = 2**53
"""JavaScript's numbers are exact up to this integer."""

_SENDABLE = "a message is made of dict with str keys, list, tuple, str, int, float, bool and None"
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")


def encode(value: Any, what: str) -> str:
    """Return `value` as JSON text; see `values.encode`."""
    return _Writer(what).write(value)


class _Open(NamedTuple):
    container: Any
    members: Iterator[tuple[str | int, Any]]
    end: str


class _Writer:
    def __init__(self, what: str) -> None:
        self._parts: list[str] = []
        self._open: list[_Open] = []
        self._open_ids: set[int] = set()
        self._path: list[str | int] = []
        self._what = what

    def write(self, value: Any) -> str:
        self._value(value)
        while self._open:
            self._next_member()
        return "".join(self._parts)

    def _next_member(self) -> None:
        first = len(self._path) < len(self._open)
        if not first:
            self._path.pop()
        key, value = next(self._open[-1].members, (None, None))
        if key is None:
            self._close()
            return
        if not first:
            self._parts.append(",")
        self._path.append(key)
        if isinstance(key, str):
            self._parts.append(json.dumps(key) + ":")
        self._value(value)

    def _close(self) -> None:
        container, _, end = self._open.pop()
        self._open_ids.remove(id(container))
        self._parts.append(end)

    def _value(self, value: Any) -> None:
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, dict):
            self._begin(value, "{", self._items(value), "}")
        elif isinstance(value, list | tuple):
            self._begin(value, "[", iter(enumerate(value)), "]")
        else:
            self._parts.append(self._scalar(value))

    def _begin(self, container: Any, start: str, members: Iterator[tuple[str | int, Any]], end: str) -> None:
        if id(container) in self._open_ids:
            raise self._error(f"a {type(container).__name__} that contains itself cannot be sent as JSON")
        self._open.append(_Open(container, members, end))
        self._open_ids.add(id(container))
        self._parts.append(start)

    def _items(self, value: dict[Any, Any]) -> Iterator[tuple[str | int, Any]]:
        for key, member in value.items():
            if not isinstance(key, str):
                raise self._error(f"the key {key!r} is {_type(key)}; keys are str, as in JavaScript")
            yield str.__str__(key), member  # and not str(), which Enum overrides

    def _scalar(self, value: Any) -> str:
        if value is None or isinstance(value, bool):
            return json.dumps(value)
        if isinstance(value, str):
            return json.dumps(str.__str__(value))
        if isinstance(value, int):
            return self._integer(int(value))
        if isinstance(value, float):
            return self._float(float(value))
        raise self._error(f"{_type(value)} cannot be sent; {_SENDABLE}")

    def _integer(self, value: int) -> str:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise self._error("int beyond 2**53 would be rounded by JavaScript; send a float or a str")
        return str(value)

    def _float(self, value: float) -> str:
        if not isfinite(value):
            raise self._error(f"float {value} has no JSON form")
        return repr(value)

    def _error(self, problem: str) -> TypeError:
        return wrong(self._what, self._path, problem)


def wrong(what: str, path: Iterable[str | int], problem: str) -> TypeError:
    """Return the error that names a member by its path, as in ``message.a[3]``."""
    return TypeError(f"{what}{''.join(map(_step, path))}: {problem}")


def _type(value: Any) -> str:
    return type(value).__name__


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _IDENTIFIER.match(key) else f"[{json.dumps(key)}]"


# --- decoding -------------------------------------------------------------------------------------------------------

_SPACE = re.compile(r"[ \t\n\r]*")
_ATOM = re.compile(r"(-?(?:0|[1-9][0-9]*))([.eE][0-9.eE+-]*)?(?![0-9])|true|false|null")
_MAX_INTEGER_LENGTH = len(str(-MAX_INTEGER))  # longer ones are read as float: Python refuses thousands of digits
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


def decode(text: str) -> Any:
    """Return what the JSON text stands for.

    Raises:
        ValueError: It is not JSON.
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[Any] = []
        self._keys: list[str] = []

    def read(self) -> Any:
        while True:
            value, complete = self._start()
            while complete:
                if not self._open:
                    return self._finished(value)
                value, complete = self._add(value)

    def _start(self) -> tuple[Any, bool]:
        """Read a scalar, an empty container, or the opening of one with members."""
        character = self._peek()
        if character not in "[{":
            return self._scalar(character), True
        container: Any = [] if character == "[" else {}
        self._at += 1
        if self._peek() == ("]" if character == "[" else "}"):
            self._at += 1
            return container, True
        self._open.append(container)
        self._key()
        return None, False

    def _add(self, value: Any) -> tuple[Any, bool]:
        """Put a finished value into the innermost container, which may finish that container too."""
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            container[self._keys.pop()] = value
        character = self._peek()
        self._at += 1
        if character == ",":
            self._key()
            return None, False
        if character != ("]" if isinstance(container, list) else "}"):
            raise self._error()
        return self._open.pop(), True

    def _key(self) -> None:
        if isinstance(self._open[-1], dict):
            if self._peek() != '"':
                raise self._error()
            key, self._at = scanstring(self._text, self._at + 1, True)
            self._keys.append(key)
            if self._peek() != ":":
                raise self._error()
            self._at += 1

    def _scalar(self, character: str) -> Any:
        if character == '"':
            value, self._at = scanstring(self._text, self._at + 1, True)
            return value
        match = _ATOM.match(self._text, self._at)
        if not match:
            raise self._error()
        self._at = match.end()
        if match[0] in _WORDS:
            return _WORDS[match[0]]
        if match[2] or len(match[1]) > _MAX_INTEGER_LENGTH or abs(int(match[1])) > MAX_INTEGER:
            return float(match[0])
        return int(match[1])

    def _finished(self, value: Any) -> Any:
        if self._peek():
            raise self._error()
        return value

    def _peek(self) -> str:
        match = _SPACE.match(self._text, self._at)
        assert match
        self._at = match.end()
        return self._text[self._at : self._at + 1]

    def _error(self) -> ValueError:
        return json.JSONDecodeError("Not JSON", self._text, self._at)
