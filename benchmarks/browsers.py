"""Which browser is measured: the same for the bridge and for every peer."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

__all__ = ["BrowserMissingError", "launch_options", "program", "version"]

_ON_PATH = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": ("firefox", "firefox-esr"),
}


class BrowserMissingError(Exception):
    """There is no such browser."""


def program(browser_type: Any) -> tuple[str, bool]:
    """Return the browser's program, and whether it is Playwright's own build, which comes first as in the bridge.

    Raises:
        BrowserMissingError: There is none.
    """
    own = browser_type.executable_path
    if Path(own).is_file():
        return own, True
    found = next(filter(None, map(shutil.which, _ON_PATH[browser_type.name])), None)
    if not found:
        raise BrowserMissingError(f"No {browser_type.name} found: run scripts/setup")
    return found, False


def launch_options(browser_type: Any) -> dict[str, Any]:
    """Return what Playwright must be told to launch it, without the bridge."""
    path, own = program(browser_type)
    if own:
        return {"channel": "chromium"} if browser_type.name == "chromium" else {}
    channel = {"channel": "moz-firefox"} if browser_type.name == "firefox" else {}
    return {"executable_path": path, **channel}


def version(path: str) -> str:
    """Return what a browser says of itself."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    return said.stdout.strip()
