"""Keys as Chromium's extension commands name them."""

from typing import NamedTuple

__all__ = ["SPARE", "Key", "key_of"]

SPARE = tuple(f"Ctrl+Shift+{digit}" for digit in "9876543210")
"""Keys that a command without one may get."""

_MODIFIERS = {"Shift": 2, "Ctrl": 4, "MacCtrl": 4, "Alt": 8, "Command": 16}  # flags of Chromium's own events
_NAMED = {
    "Tab": 0x09,
    "Space": 0x20,
    "Page Up": 0x21,
    "Page Down": 0x22,
    "End": 0x23,
    "Home": 0x24,
    "Left Arrow": 0x25,
    "Up Arrow": 0x26,
    "Right Arrow": 0x27,
    "Down Arrow": 0x28,
    "Ins": 0x2D,
    "Del": 0x2E,
    "Comma": 0xBC,
    ",": 0xBC,
    "Period": 0xBE,
    ".": 0xBE,
}


class Key(NamedTuple):
    """A key with its modifiers."""

    code: int
    """As Windows numbers it."""
    flags: int


def key_of(shortcut: str) -> Key | None:
    """Return the key of a shortcut such as ``"Ctrl+Shift+Y"``; None for one that is not on a keyboard, or unknown."""
    *modifiers, last = shortcut.split("+")
    if not set(modifiers) <= set(_MODIFIERS):
        return None
    code = ord(last) if len(last) == 1 and last.isascii() and last.isalnum() else _NAMED.get(last)
    return None if code is None else Key(code, sum(_MODIFIERS[it] for it in modifiers))
