"""Windows finds host manifests by the registry. Written from the documentation; no test has run it."""

import sys
from pathlib import Path

__all__ = ["announce", "forget"]

_KEYS = {
    "chromium": (
        r"Software\Chromium\NativeMessagingHosts",
        r"Software\Google\Chrome\NativeMessagingHosts",
        r"Software\Microsoft\Edge\NativeMessagingHosts",
    ),
    "firefox": (r"Software\Mozilla\NativeMessagingHosts",),
}


def announce(browser_name: str, name: str, manifest: Path) -> None:
    """Point the current user's registry at a manifest; nothing on other systems."""
    if sys.platform == "win32":
        import winreg

        for key in _KEYS[browser_name]:
            winreg.SetValue(winreg.HKEY_CURRENT_USER, rf"{key}\{name}", winreg.REG_SZ, str(manifest))


def forget(browser_name: str, name: str) -> None:
    """Take that back."""
    if sys.platform == "win32":
        import winreg

        for key in _KEYS[browser_name]:
            try:
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, rf"{key}\{name}")
            except FileNotFoundError:
                continue
