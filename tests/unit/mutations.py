"""Texts that are almost what a decoder expects: for tests that any text gives a value or the error that is declared."""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

__all__ = ["HOSTILE", "almost"]

_LONG = "9" * 5_000  # digits; Python refuses more than 4,300
_DEEP = 3_000  # levels; Python's stack has a thousand

HOSTILE = [
    *("1e400", "-1e400", _LONG, f"-{_LONG}", f"{_LONG}.5", f"1e{_LONG}", "-0", "-1", "0", "1.5", "4294967295", "1e3"),
    *("NaN", "Infinity", "undefined", "true", "null", "", "\x00", "\x9b", "\u2028", "\ud800", "\ufeff", "\u0661"),
    *('"\\ud800"', '"\ud800"', '"\\u0000"', '"é"', '""', '"A"', '"AA=="', '"x', '"__proto__"', "{", "}", "[", "]", ","),
    *(
        "[]",
        "{}",
        "[1]",
        "[0]",
        "[-1]",
        "[true]",
        "[1e3]",
        f"[{_LONG}]",
        "[1,1]",
        '{"a":1}',
        '["hole"]',
        '["number","x"]',
    ),
    *(f'["bigint","{_LONG}"]', '["bigint","x"]', f'["bigint","0x{_LONG}"]', '["Object",1,2]', '["Date",9e15]'),
    *("[" * _DEEP, "[" * _DEEP + "]" * _DEEP, '{"a":' * _DEEP, '{"a":' * _DEEP + "1" + "}" * _DEEP),
]
"""Tokens that make trouble where JSON, or a table of structured values, has others."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+|\s|.', re.DOTALL)


def _put(tokens: list[str], at: int, end: int, hostile: str) -> None:
    tokens[at : at + 1] = [hostile]


def _insert(tokens: list[str], at: int, end: int, hostile: str) -> None:
    tokens[at:at] = [hostile]


def _remove(tokens: list[str], at: int, end: int, hostile: str) -> None:
    del tokens[at:end]


def _repeat(tokens: list[str], at: int, end: int, hostile: str) -> None:
    tokens[end:end] = tokens[at:end]


def _cut(tokens: list[str], at: int, end: int, hostile: str) -> None:
    del tokens[at:]


_CHANGES: list[Callable[[list[str], int, int, str], None]] = [_put, _put, _insert, _remove, _repeat, _cut]


@st.composite
def _changed(draw: st.DrawFn, valid: st.SearchStrategy[str]) -> str:
    tokens = _TOKEN.findall(draw(valid))
    for _ in range(draw(st.integers(1, 4))):
        places = st.integers(0, len(tokens))
        at, end = sorted((draw(places), draw(places)))
        draw(st.sampled_from(_CHANGES))(tokens, at, end, draw(st.sampled_from(HOSTILE)))
    return "".join(tokens)


def almost(valid: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts that are valid but for a few tokens; among them some that are valid, and some of quite another kind."""
    anything: st.SearchStrategy[Any] = st.text(st.characters(codec=None), max_size=40)
    return st.one_of(_changed(valid), _changed(valid), valid, st.sampled_from(HOSTILE), anything)
