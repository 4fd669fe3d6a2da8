"""The Windows registry, through which browsers find host manifests there. No test has run this on Windows yet."""

import sys
from pathlib import Path

__all__ = ["announce", "forget"]

_KEYS = {
    "chromium": (
        r"Software\Chromium\NativeMessagingHosts",
        r"Software\Google\Chrome\NativeMessagingHosts",
        r"Software\Google\ChromeForTesting\NativeMessagingHosts",  # Playwright's own build
        r"Software\Microsoft\Edge\NativeMessagingHosts",
    ),
    "firefox": (r"Software\Mozilla\NativeMessagingHosts",),
}


def announce(browser_name: str, name: str, manifest: Path) -> None:
    """Enter a manifest in the current user's registry. Do nothing on other systems."""
    if sys.platform == "win32":
        import winreg

        for key in _KEYS[browser_name]:
            winreg.SetValue(winreg.HKEY_CURRENT_USER, rf"{key}\{name}", winreg.REG_SZ, str(manifest))


def forget(browser_name: str, name: str) -> None:
    """Remove that entry."""
    if sys.platform == "win32":
        import winreg

        for key in _KEYS[browser_name]:
            try:
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, rf"{key}\{name}")
            except FileNotFoundError:
                continue
