"""Turns messages into text and back.

The fast path is JSON by msgspec. What that cannot do (lone surrogates, deep nesting, subclasses, values that only
JavaScript has, shared references) and what it should not do (write a datetime as a string) goes to `clone`, or to
`deep` where it must be JSON.
"""

from collections.abc import Iterable
from math import isfinite
from typing import Any

import msgspec

from . import clone, deep

__all__ = ["MAX_UNCONFIRMED", "UndecodableError", "decode", "encode", "encode_json", "is_plain", "may_be_refused"]

MAX_UNCONFIRMED = 4 * 1024 * 1024
"""Characters of JSON that no browser refuses for their size: Chromium takes 64 MiB, and writes some of them longer."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
_MANY_DIGITS = b"0" * 16
_NUMBERS = {int, float}
_CONTAINERS = {dict, list, tuple}
_KEYS = {str}
_PLAIN = {str, bool, type(None)} | _NUMBERS | _CONTAINERS


class UndecodableError(ValueError):
    """The text does not represent a value."""


def encode(value: Any, what: str = "message") -> str:
    """Return `value` as text for an agent, which turns it into a JavaScript value.

    Args:
        value: What JSON can express (dict with str keys, list, tuple, str, int, float, bool, None), nested to any
            depth, and what `bridge.javascript` lists.
        what: The name for `value` in errors.

    Raises:
        TypeError: Some member has no counterpart in JavaScript. The error names its path, as in
            ``message.a[3].when: date``.
    """
    return _fast(value) or clone.encode(value, what)


def encode_json(value: Any, what: str = "message") -> str:
    """Return `value` as JSON text, for a native application's messages.

    Raises:
        TypeError: Some member has no JSON form, is an integer beyond 2**53 (JavaScript's numbers would round it), is
            not finite, or contains itself. The error names its path.
    """
    return _fast(value) or deep.encode(value, what)


def decode(text: str | None) -> Any:
    """Return the value of a text from an agent or a native application; None if there is no text.

    Raises:
        UndecodableError: The text does not represent a value.
    """
    if text is None:
        return None
    try:
        if text.startswith(clone.MARK):
            return clone.decode(_decode_json(text[1:]))
        return _decode_json(text)
    except ValueError as error:
        raise UndecodableError(str(error)) from error


def is_plain(text: str) -> bool:
    """Whether the text is JSON."""
    return not text.startswith(clone.MARK)


def may_be_refused(text: str) -> bool:
    """Whether a browser may refuse to send this: it has values that JSON lacks, or it is large."""
    return not is_plain(text) or len(text) > MAX_UNCONFIRMED


def _decode_json(text: str) -> Any:
    try:
        # JavaScript rounds integers beyond 2**53. They become floats here, so that they are sent back as numbers.
        return deep.decode(text) if _has_many_digits(text) else _decoder.decode(text)
    except (ValueError, RecursionError):  # msgspec's DecodeError is one, and so is its error for a lone surrogate
        return deep.decode(text)


def _has_many_digits(text: str) -> bool:
    # A regular expression takes fifteen times as long: more than everything else that Python does with a large message.
    return len(text) >= len(_MANY_DIGITS) and _MANY_DIGITS in text.encode(errors="replace").translate(_DIGITS_ALIKE)


def _fast(value: Any) -> str | None:
    if not _is_plain(value):
        return None
    try:
        return _encoder.encode(value).decode()
    except (ValueError, RecursionError):  # a lone surrogate, great depth
        return None


def _is_plain(value: Any) -> bool:
    if type(value) not in _CONTAINERS:
        return type(value) in _PLAIN and _all_exact((value,))
    # Walks containers, not members: the types of a whole list are taken in one step.
    waiting = [value]
    met = {id(value)}  # a shared value would be written more than once, and could become far larger
    while waiting:
        members: Any = waiting.pop()
        if type(members) is dict:
            if not _KEYS.issuperset(map(type, members)):
                return False
            members = members.values()
        types = set(map(type, members))
        if not types <= _PLAIN or not (types.isdisjoint(_NUMBERS) or _all_exact(members)):
            return False
        if not types.isdisjoint(_CONTAINERS):
            inner = [member for member in members if type(member) in _CONTAINERS]
            known = len(met)
            met.update(map(id, inner))
            if len(met) < known + len(inner):
                return False
            waiting += inner
    return True


def _all_exact(members: Iterable[Any]) -> bool:
    for member in members:
        if type(member) is int:
            if not -deep.MAX_INTEGER <= member <= deep.MAX_INTEGER:
                return False
        elif type(member) is float and not isfinite(member):
            return False
    return True
