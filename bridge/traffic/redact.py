"""Leaves secrets out of records."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from .. import javascript as js
from ..protocol import values
from .records import Answered, Asked, Payload, Posted, Record, payload, payload_value

__all__ = ["REDACTED", "Redact", "redactor"]

REDACTED = "[redacted]"
"""What stands in place of what was left out."""

Redact = Iterable[str] | Callable[[Any], Any]
"""Names of members whose values are left out, upper or lower case, at any depth; or a function of a message."""


def redactor(redact: Redact | None) -> Callable[[Record], Record]:
    """Return what leaves out of a record what `redact` says.

    Raises:
        TypeError: It is a single str: what was meant is a list with that.
    """
    if redact is None:
        return lambda record: record
    if isinstance(redact, str):
        raise TypeError(f"redact={redact!r}: it is a list of names, or a function; write [{redact!r}]")
    if callable(redact):
        return _with_payload(redact)
    names = frozenset(name.casefold() for name in redact)
    return _with_payload(lambda message: _without(message, names, {}))


def _with_payload(change: Callable[[Any], Any]) -> Callable[[Record], Record]:
    def leave_out(record: Record) -> Record:
        if not isinstance(record, Posted | Asked | Answered) or record.payload is None:
            return record
        return msgspec.structs.replace(record, payload=_changed(record.payload, change))

    return leave_out


def _changed(recorded: Payload, change: Callable[[Any], Any]) -> Payload:
    if recorded.text is not None:  # cut: no message any more that could be looked into
        return Payload(text=REDACTED, length=recorded.length)
    try:
        return payload(values.encode(change(payload_value(recorded))))
    except (TypeError, RecursionError) as error:  # what cannot be written again is left out as a whole
        return payload(values.encode(f"{REDACTED} ({type(error).__name__})"))


def _without(value: Any, names: frozenset[str], done: dict[int, Any]) -> Any:
    if id(value) in done:
        return done[id(value)]
    copy: Any = _EMPTY.get(type(value), lambda: value)()
    done[id(value)] = copy
    match value:
        case dict():
            copy.update((key, _member(key, member, names, done)) for key, member in value.items())
        case list():
            copy.extend(_without(member, names, done) for member in value)
        case js.Map():
            copy.entries.extend((key, _member(key, member, names, done)) for key, member in value.entries)
        case js.Set():
            copy.members.extend(_without(member, names, done) for member in value.members)
    return copy


_EMPTY: dict[type, Callable[[], Any]] = {dict: dict, list: list, js.Map: js.Map, js.Set: js.Set}


def _member(key: Any, member: Any, names: frozenset[str], done: dict[int, Any]) -> Any:
    hidden = isinstance(key, str) and key.casefold() in names
    return REDACTED if hidden else _without(member, names, done)
