"""What is entered in the Windows registry and removed from it, in a registry of the test's own."""

import sys
from pathlib import Path

import pytest

from bridge.native import registry


class Winreg:
    """Python's module of that name, as far as it is used here."""

    HKEY_CURRENT_USER = "HKCU"
    REG_SZ = 1

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def SetValue(self, key: str, sub_key: str, type: int, value: str) -> None:
        assert (key, type) == (self.HKEY_CURRENT_USER, self.REG_SZ)
        self.values[sub_key] = value

    def DeleteKey(self, key: str, sub_key: str) -> None:
        if sub_key not in self.values:
            raise FileNotFoundError(sub_key)
        del self.values[sub_key]


@pytest.fixture
def winreg(monkeypatch: pytest.MonkeyPatch) -> Winreg:
    winreg = Winreg()
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    monkeypatch.setattr(sys, "platform", "win32")
    return winreg


CHROMIUM = [
    rf"Software\{vendor}\NativeMessagingHosts\a.b"
    for vendor in ("Chromium", r"Google\Chrome", r"Google\ChromeForTesting", r"Microsoft\Edge")
]


@pytest.mark.parametrize(
    ("browser", "keys"), [("chromium", CHROMIUM), ("firefox", [r"Software\Mozilla\NativeMessagingHosts\a.b"])]
)
def test_a_manifest_is_where_each_browser_looks_and_gone_afterwards(
    winreg: Winreg, browser: str, keys: list[str]
) -> None:
    registry.announce(browser, "a.b", Path("a.b.json"))
    assert winreg.values == dict.fromkeys(keys, "a.b.json")
    registry.forget(browser, "a.b")
    assert winreg.values == {}


def test_what_somebody_else_has_removed_keeps_nothing_else(winreg: Winreg) -> None:
    registry.announce("chromium", "a.b", Path("a.b.json"))
    del winreg.values[CHROMIUM[0]]
    registry.forget("chromium", "a.b")
    assert winreg.values == {}
