"""Leaves secrets out of records."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from .. import javascript as js
from ..protocol import values
from .records import ConsoleSaid, Payload, Record, payload, payload_value

__all__ = ["REDACTED", "Redact", "redactor", "without_payload"]

REDACTED = "[redacted]"
"""What a record has in place of what was left out."""

Redact = Iterable[str] | Callable[[Any], Any]
"""What to leave out: names of members, in upper or lower case, at any depth; or a function that gets a message and
returns what to record instead."""

_SHOWN = r"""((?<!\w)["']?(?:%s)["']?\s*[:=]\s*)(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,}\]]+)"""
"""A member and its value, as consoles show them."""

_EMPTY: dict[type, Callable[[], Any]] = {
    dict: dict,
    list: list,
    js.SparseArray: js.SparseArray,
    js.Map: js.Map,
    js.Set: js.Set,
    js.Error: js.Error,
}


def redactor(redact: Redact | None) -> Callable[[Record], Record]:
    """Return a function that takes a record and returns it without what `redact` names.

    That function raises what the user's function raises, and TypeError if this returns something that cannot be a
    message.

    Raises:
        TypeError: `redact` is a single str instead of a list.
    """
    if redact is None:
        return lambda record: record
    if isinstance(redact, str):
        raise TypeError(f"redact={redact!r}: it is a list of names, or a function; write [{redact!r}]")
    if callable(redact):
        return _with_payload(redact, lambda text: _as_text(redact(text)))
    names = frozenset(name.casefold() for name in redact)
    shown = re.compile(_SHOWN % "|".join(map(re.escape, names)), re.IGNORECASE)
    hidden = (lambda text: shown.sub(rf"\1{REDACTED}", text)) if names else str
    return _with_payload(lambda message: _without(message, names), hidden)


def without_payload(record: Record, why: str) -> Record:
    """Return the record of a message or a line with `why` in its place."""
    if isinstance(record, ConsoleSaid):
        return msgspec.structs.replace(record, text=f"{REDACTED} ({why})")
    return msgspec.structs.replace(record, payload=payload(values.encode(f"{REDACTED} ({why})")))


def _with_payload(change: Callable[[Any], Any], hide: Callable[[str], str]) -> Callable[[Record], Record]:
    def leave_out(record: Record) -> Record:
        if isinstance(record, ConsoleSaid):
            hidden = hide(record.text)
            return record if hidden == record.text else msgspec.structs.replace(record, text=hidden)
        recorded: Payload | None = getattr(record, "payload", None)
        if recorded is None:
            return record
        return msgspec.structs.replace(record, payload=_changed(recorded, change))

    return leave_out


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else REDACTED


def _changed(recorded: Payload, change: Callable[[Any], Any]) -> Payload:
    if recorded.text is not None:  # it was cut, and so has no members any more
        return Payload(text=REDACTED, length=recorded.length)
    return payload(values.encode(change(payload_value(recorded)), "redacted message"))


def _without(message: Any, names: frozenset[str]) -> Any:
    # A loop, not recursion: messages may be nested deeper than Python's stack.
    copies: dict[int, Any] = {}
    unfilled: list[tuple[Any, Any]] = []

    def copy_of(value: Any) -> Any:
        if type(value) not in _EMPTY:
            return value
        if id(value) not in copies:
            copies[id(value)] = _EMPTY[type(value)]()
            unfilled.append((value, copies[id(value)]))
        return copies[id(value)]

    def member(key: Any, value: Any) -> Any:
        return REDACTED if isinstance(key, str) and key.casefold() in names else copy_of(value)

    copy = copy_of(message)
    while unfilled:
        _fill(*unfilled.pop(), copy_of, member)
    return copy


def _fill(value: Any, copy: Any, copy_of: Callable[[Any], Any], member: Callable[[Any, Any], Any]) -> None:
    match value:
        case dict():
            copy.update((key, member(key, inner)) for key, inner in value.items())
        case list():
            copy.extend(map(copy_of, value))
        case js.SparseArray():
            copy.length = value.length
            copy.members.update((index, copy_of(inner)) for index, inner in value.members.items())
        case js.Map():
            copy.entries.extend((key, member(key, inner)) for key, inner in value.entries)
        case js.Set():
            copy.members.extend(map(copy_of, value.members))
        case js.Error():
            copy.message, copy.name, copy.type = value.message, value.name, value.type
            copy.members.update((key, member(key, inner)) for key, inner in value.members.items())
