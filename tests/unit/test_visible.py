"""Terminals and logs get no control characters of what others chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError, BridgeTimeoutError, ChannelError, RemoteError
from bridge.visible import visible, visible_lines

OBEYED = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),  # DEL and C1: U+009B begins commands, as ESC [ does
    *map(chr, range(0x202A, 0x202F)),  # these turn the direction of text
    *map(chr, range(0x2066, 0x206A)),
    "\u200e",
    "\u200f",
    "\u061c",
    "\u2028",
    "\u2029",
    "\ufeff",
    "\ud800",
]
"""Characters that a terminal or an editor obeys, or that no output can encode."""


@pytest.mark.parametrize("character", OBEYED, ids=ascii)
def test_a_character_that_is_obeyed_is_escaped(character: str) -> None:
    escape = character.encode("unicode_escape").decode()
    assert visible(f"a{character}é") == f"a{escape}é" and escape.startswith("\\")
    if character not in "\n\t":
        assert visible_lines(f"a{character}\n\té") == f"a{escape}\n\té"
        assert str(BridgeError(f"a{character}")) == f"a{escape}"


def test_other_text_stays() -> None:
    assert visible("näh 🙂 \\x1b") == visible_lines("näh 🙂 \\x1b") == "näh 🙂 \\x1b"
    assert visible("a\nb\x1b\ud800") == "a\\nb\\x1b\\ud800"
    assert visible_lines("a\r\n\tb\x1b[0m") == "a\\r\n\tb\\x1b[0m"


@given(st.text(st.characters(codec=None)))
def test_nothing_obeyed_is_left(text: str) -> None:
    assert visible(text).isprintable() and visible(visible(text)) == visible(text)
    assert visible_lines(text).replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize("kind", [BridgeError, ChannelError, RemoteError, BridgeTimeoutError])
def test_errors_are_visible_and_keep_what_they_were_made_of(kind: type[BridgeError]) -> None:
    error = kind("a \x9b2J of\nthe page")
    assert str(error) == "a \\x9b2J of\nthe page"
    assert error.args == ("a \x9b2J of\nthe page",)
