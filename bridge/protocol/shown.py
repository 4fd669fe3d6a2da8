"""Messages as text for people: only the beginning, in time that does not depend on the rest.

A message may be nested deeper than Python's stack, may contain itself, and may contain the same object in so many
places that its whole text would fill the memory.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .. import javascript as js
from ..visible import visible

__all__ = ["repr_of", "shown", "text_of"]

_SHOWN = 200


def shown(text: str) -> str:
    """Return the text on one line, or only its beginning if it is long; see `visible`."""
    return visible(text) if len(text) <= _SHOWN else f"{visible(text[:_SHOWN])}… ({len(text)} characters)"


def text_of(message: Any, characters: int = _SHOWN) -> str:
    """Return a message as text on one line, cut with an ellipsis: JSON, and ``repr()`` of what JSON lacks."""
    return _beginning(message, characters, lambda value: json.dumps(value, ensure_ascii=False))


def repr_of(message: Any, characters: int = _SHOWN) -> str:
    """Return the ``repr()`` of a message, cut with an ellipsis."""
    return _beginning(message, characters, repr)


def _beginning(message: Any, characters: int, scalar: Callable[[Any], str]) -> str:
    parts: list[str] = []
    room = characters
    for part in _parts(message, _Writer(characters + 1, scalar)):
        parts.append(part)
        room -= len(part)
        if room < 0:
            return f"{visible(''.join(parts)[:characters])}…"
    return visible("".join(parts))


class _Inner(NamedTuple):
    value: Any


_Parts = Iterator[str | _Inner]


def _parts(message: Any, writer: "_Writer") -> Iterator[str]:
    # A stack instead of recursion.
    open_: list[tuple[int, _Parts]] = [(id(message), writer.parts(message))]
    while open_:
        part = next(open_[-1][1], None)
        if part is None:
            open_.pop()
        elif isinstance(part, str):
            yield part
        elif any(id(part.value) == known for known, _ in open_):  # no more than there are characters
            yield "..."
        else:
            open_.append((id(part.value), writer.parts(part.value)))


class _Writer(NamedTuple):
    characters: int
    scalar: Callable[[Any], str]

    def parts(self, value: Any) -> _Parts:
        match value:
            case dict():
                items = ((f"{self._one(key)}: ", _Inner(member)) for key, member in value.items())
                return _joined("{", items, "}")
            case list():
                return _joined("[", ((_Inner(member),) for member in value), "]")
            case js.SparseArray():
                items = ((f"{index}: ", _Inner(member)) for index, member in value.members.items())
                return _joined(f"SparseArray(length={value.length}, members={{", items, "})")
            case js.Map():
                entries = (("(", _Inner(key), ", ", _Inner(member), ")") for key, member in value.entries)
                return _joined("Map([", entries, "])")
            case js.Set():
                return _joined("Set([", ((_Inner(member),) for member in value.members), "])")
            case _:
                return iter([self._one(value)])

    def _one(self, value: Any) -> str:
        if isinstance(value, str | bytes):
            value = value[: self.characters]
        return self.scalar(value) if isinstance(value, _JSON) and not isinstance(value, js.BigInt) else repr(value)


_JSON = (str, int, float, type(None))  # and bool, which is an int


def _joined(start: str, groups: Iterable[tuple[str | _Inner, ...]], end: str) -> _Parts:
    yield start
    between = ""
    for group in groups:
        if between:
            yield between
        yield from group
        between = ", "
    yield end
