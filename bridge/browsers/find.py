"""Finds the browser to launch."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import BrowserNotFoundError, UnsupportedError
from .plan import Choice

__all__ = ["NAMES", "VARIABLES", "AvailableBrowser", "available_browsers", "find_browser"]

NAMES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": ("firefox", "firefox-esr"),
}
"""The programs to look for on the PATH, in this order."""

VARIABLES = {"chromium": "PORTBRIDGE_CHROMIUM", "firefox": "PORTBRIDGE_FIREFOX"}
"""Environment variables that name a browser for all launches: a program, or one of Playwright's channels."""

_STOCK_FIREFOX = "moz-firefox"  # Playwright's channel for a Firefox that it drives through WebDriver BiDi


@dataclass(frozen=True, kw_only=True)
class AvailableBrowser:
    """Where a browser may come from.

    Attributes:
        name: The variable that names it, ``"Playwright's own"``, or ``"PATH"``.
        channel: As `launch` takes it.
        executable_path: Likewise.
        path: Its program, as far as that is known before it starts.
    """

    name: str
    channel: str | None = None
    executable_path: str | None = None
    path: str | None = None


def available_browsers(
    browser_name: str,
    playwrights_own: str,
    *,
    which: Callable[[str], str | None] = shutil.which,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[AvailableBrowser]:
    """Yield the browsers that are there, in the order in which `launch` looks for one; arguments as `find_browser`."""
    variable = VARIABLES[browser_name]
    if named := environ.get(variable):
        path = named if os.path.dirname(named) else None
        yield AvailableBrowser(name=variable, channel=None if path else named, executable_path=path, path=path)
    if Path(playwrights_own).is_file():
        # The full Chromium: Playwright's default headless build is a shell without extensions.
        channel = "chromium" if browser_name == "chromium" else None
        yield AvailableBrowser(name="Playwright's own", channel=channel, path=playwrights_own)
    for name in NAMES[browser_name]:
        if path := which(name):
            yield AvailableBrowser(name="PATH", executable_path=path, path=path)


def find_browser(
    browser_name: str,
    playwrights_own: str,
    *,
    channel: str | None = None,
    executable_path: str | None = None,
    which: Callable[[str], str | None] = shutil.which,
    environ: Mapping[str, str] = os.environ,
) -> Choice:
    """Return which browser to launch.

    That is the one that the caller names, or the environment, or else Playwright's own build, or one on the PATH.

    Args:
        browser_name: Playwright's name for the browser type.
        playwrights_own: Where Playwright's own build would be: ``BrowserType.executable_path``.
        channel: As the caller gave it to `launch`.
        executable_path: As the caller gave it to `launch`.
        which: Finds a program on the PATH.
        environ: The environment; see `VARIABLES`.

    Raises:
        UnsupportedError: The bridge does not support this browser.
        BrowserNotFoundError: There is no such browser.
    """
    if browser_name not in NAMES:
        raise UnsupportedError(
            f"{browser_name} is not supported: the bridge needs WebExtensions, "
            "which Playwright's WebKit does not have. Use chromium or firefox."
        )
    if executable_path:
        return _named(browser_name, channel, "executable_path", executable_path)
    if channel:
        return Choice(channel)
    for browser in available_browsers(browser_name, playwrights_own, which=which, environ=environ):
        if browser.executable_path:
            return _named(browser_name, None, browser.name, browser.executable_path)
        return Choice(browser.channel)
    raise BrowserNotFoundError(
        f"No {browser_name} found: neither Playwright's own build ({playwrights_own}) nor "
        f"{', '.join(NAMES[browser_name])} on the PATH. Run 'playwright install {browser_name}', or install one with "
        "your system's packages, or name one with executable_path= or the environment variable "
        f"{VARIABLES[browser_name]}."
    )


def _named(browser_name: str, channel: str | None, by: str, path: str) -> Choice:
    program = Path(path)
    if not program.is_file():
        raise BrowserNotFoundError(f"{by}={path!r}: there is no such file")
    if browser_name == "firefox" and channel is None and not _is_playwrights_firefox(program):
        channel = _STOCK_FIREFOX
    return Choice(channel, path)


def _is_playwrights_firefox(program: Path) -> bool:
    # Playwright's build is patched for Playwright's own protocol. Only that build has this file beside it.
    folder = program.resolve().parent
    return any((place / "playwright.cfg").exists() for place in (folder, folder.parent / "Resources"))
