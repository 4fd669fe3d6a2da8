"""Finds the browser to launch."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import BrowserNotFoundError, UnsupportedError
from .plan import Choice

__all__ = ["find_browser"]

NAMES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": ("firefox", "firefox-esr"),
}
"""What to look for on the PATH."""

VARIABLES = {"chromium": "PORTBRIDGE_CHROMIUM", "firefox": "PORTBRIDGE_FIREFOX"}
"""Variables of the environment that name a browser for all launches: a program, or a channel of Playwright."""

_STOCK_FIREFOX = "moz-firefox"  # Playwright's channel for a Firefox that it drives by WebDriver BiDi


def find_browser(
    browser_name: str,
    playwrights_own: str,
    *,
    channel: str | None = None,
    executable_path: str | None = None,
    which: Callable[[str], str | None] = shutil.which,
    environ: Mapping[str, str] = os.environ,
) -> Choice:
    """Return what to launch: what the caller or the environment names, else Playwright's own build or one on the PATH.

    Args:
        browser_name: Playwright's name of the browser type.
        playwrights_own: Where Playwright's own build would be: ``BrowserType.executable_path``.
        channel: The caller's; see Playwright.
        executable_path: The caller's.
        which: Looks up a program on the PATH.
        environ: The environment; see `VARIABLES`.

    Raises:
        UnsupportedError: The bridge knows no such browser.
        BrowserNotFoundError: None is there.
    """
    if browser_name not in NAMES:
        raise UnsupportedError(
            f"{browser_name} is not supported: the bridge needs WebExtensions, "
            "which Playwright's WebKit does not have. Use chromium or firefox."
        )
    variable = VARIABLES[browser_name]
    if executable_path:
        return _named(browser_name, channel, "executable_path", executable_path)
    if channel:
        return Choice(channel)
    if named := environ.get(variable):
        return _named(browser_name, None, variable, named) if os.path.dirname(named) else Choice(named)
    if Path(playwrights_own).is_file():
        # The full Chromium: Playwright's default headless build is a shell without extensions.
        return Choice(channel="chromium" if browser_name == "chromium" else None)
    for name in NAMES[browser_name]:
        if path := which(name):
            return _named(browser_name, None, name, path)
    raise BrowserNotFoundError(
        f"No {browser_name} found: neither Playwright's own build ({playwrights_own}) nor "
        f"{', '.join(NAMES[browser_name])} on the PATH. Run 'playwright install {browser_name}', or install one with "
        f"your system's packages, or name one by executable_path= or the environment's {variable}."
    )


def _named(browser_name: str, channel: str | None, by: str, path: str) -> Choice:
    program = Path(path)
    if not program.is_file():
        raise BrowserNotFoundError(f"{by}={path!r}: there is no such file")
    if browser_name == "firefox" and channel is None and not _is_playwrights_firefox(program):
        channel = _STOCK_FIREFOX
    return Choice(channel, path)


def _is_playwrights_firefox(program: Path) -> bool:
    # Playwright's build is patched for its own protocol, and has a file beside it that no other build has.
    folder = program.resolve().parent
    return any((place / "playwright.cfg").exists() for place in (folder, folder.parent / "Resources"))
