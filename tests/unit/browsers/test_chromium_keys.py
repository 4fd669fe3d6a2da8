"""The keys of commands, as Chromium names them."""

import pytest

from bridge.browsers.chromium_keys import SPARE, Key, key_of


@pytest.mark.parametrize(
    ("shortcut", "key"),
    [
        ("Ctrl+Shift+Y", Key(0x59, 4 + 2)),
        ("Alt+0", Key(0x30, 8)),
        ("Command+Up Arrow", Key(0x26, 16)),
        ("Ctrl+,", Key(0xBC, 4)),
        ("Media Stop", None),
        ("Strg+Y", None),
        ("Ctrl+Ü", None),
        ("", None),
    ],
)
def test_a_key_has_a_code_and_flags(shortcut: str, key: Key | None) -> None:
    assert key_of(shortcut) == key


def test_a_spare_key_can_be_pressed() -> None:
    assert all(map(key_of, SPARE))
