"""Opens the browser with the extension, as `run` and `shell` do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Playwright, async_playwright

from ..async_api import Bridge, LaunchError, launch
from ..visible import visible
from .routing import RouteFile

__all__ = [
    "OWN_SIGNALS",
    "Opening",
    "address",
    "closed",
    "go_to",
    "lines",
    "opened",
    "started_playwright",
    "title",
    "version_of",
    "words",
]

OWN_SIGNALS: dict[str, Any] = {"handle_sigint": False}
"""Launch options that keep Ctrl-C from Playwright: the command itself closes the browser, or goes on.

Playwright still handles SIGHUP: a terminal that closes also ends Playwright's driver, so the driver must close the
browser before that.
"""

_NO_SCREEN = ("without having a XServer", "needs a screen", "cannot open display", "Missing X server")


class Opening:
    """What to open, and how; see the options of `portbridge run`.

    Args:
        extension: The extension, as in `launch`.
        browser: ``"chromium"`` or ``"firefox"``.
        url: What to show in the first page.
        route: The file that says what to route.
        options: The options for `launch` from the command line.

    Attributes:
        options: All options that `launch` gets.
    """

    def __init__(
        self,
        extension: str,
        browser: str = "chromium",
        url: str | None = None,
        route: RouteFile | None = None,
        **options: Any,
    ) -> None:
        self.extension = extension
        self.browser = browser
        self.url = url
        self.route = route
        headless = options.get("headless", False)
        self.options: dict[str, Any] = {
            **options,
            "headless": headless,
            "routes": bool(route or options.get("routes")),
            "install": route is None,  # first come the routes, so that no port is open before them
            "record": "all",
            "redact": options.get("redact") or None,
            "no_viewport": not headless,  # with a window, pages fill it
            **OWN_SIGNALS,
        }

    @property
    def record_to(self) -> str | None:
        """The file that gets the traffic."""
        return self.options.get("record_to")

    @property
    def has_profile(self) -> bool:
        """Whether the browser's profile is the user's own."""
        return bool(self.options.get("user_data_dir"))


@asynccontextmanager
async def started_playwright() -> AsyncIterator[Playwright]:
    """Yield Playwright. Unlike in Playwright's own ``async with``, a cancelled start leaves nothing behind."""
    manager = async_playwright()
    starting = asyncio.ensure_future(manager.start())
    try:
        playwright = await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(Exception):  # Ctrl-C in a terminal may have ended Playwright's driver, too, while that started
            await (await starting).stop()
        raise
    try:
        yield playwright
    finally:
        await playwright.stop()


@asynccontextmanager
async def opened(opening: Opening) -> AsyncIterator[Bridge]:
    """Yield the running bridge; its browser is closed at the end.

    Raises:
        BridgeError: The browser or the extension does not start; the text says what to do.
    """
    async with started_playwright() as playwright:
        try:
            bridge = await launch(getattr(playwright, opening.browser), opening.extension, **opening.options)
        except LaunchError as error:
            raise _advised(error) from error
        except OSError as error:
            if not opening.record_to or str(error.filename) != opening.record_to:
                raise
            raise LaunchError(f"{opening.record_to} cannot be written: {error.strerror}") from error
        async with bridge:
            await _close_surplus_window(bridge, opening)
            if opening.route:
                await opening.route.set_routes(bridge)
                await bridge.install()
            yield bridge


async def _close_surplus_window(bridge: Bridge, opening: Opening) -> None:
    # A stock Firefox opens a window when it starts. Playwright opens another, and knows only that one. With the first
    # one closed, the command ends when the user closes theirs.
    if bridge.browser_name != "firefox" or opening.has_profile or len(bridge.browser_context.pages) != 1:
        return
    windows = await bridge.external.call("windows.getAll")
    if len(windows) == 2:
        await bridge.external.call("windows.remove", min(window["id"] for window in windows))


def _advised(error: LaunchError) -> LaunchError:
    if any(sign in str(error) for sign in _NO_SCREEN):
        return LaunchError(
            "The browser's window needs a screen, and there is none: use --headless, or run the command under xvfb-run"
        )
    return error


def title(bridge: Bridge) -> str:
    """Return the extension and the browser with their versions, such as ``My extension 1.0 in firefox 153.0``."""
    name, version = (visible(str(bridge.manifest.get(key, ""))) for key in ("name", "version"))
    return f"{name} {version} in {bridge.browser_name} {version_of(bridge)}"


def version_of(bridge: Bridge) -> str:
    """Return the browser's version."""
    browser = bridge.browser_context.browser
    assert browser  # None only for a browser of Android
    return browser.version


async def go_to(bridge: Bridge, url: str) -> str | None:
    """Open an address in the first page; return why that failed, in the browser's words, or None."""
    pages = bridge.browser_context.pages
    page = pages[0] if pages else await bridge.browser_context.new_page()
    try:
        await page.goto(address(url))
    except PlaywrightError as error:
        return None if page.is_closed() else words(error)
    return None


def address(url: str) -> str:
    """Return an address that somebody typed, with a scheme in front if it has none."""
    if "://" in url or url.startswith(("about:", "data:", "blob:", "javascript:", "view-source:")):
        return url
    host = url.partition("/")[0].partition(":")[0]
    local = host in ("localhost", "127.0.0.1") or host.endswith(".localhost") or url.startswith("[::1]")
    return f"{'http' if local else 'https'}://{url}"


def lines(error: Exception) -> list[str]:
    """Return what an error says, without Playwright's log."""
    text = str(error).partition("\nCall log:")[0].strip() or type(error).__name__
    return [visible(line.strip()) for line in text.splitlines() if line.strip()]


def words(error: Exception) -> str:
    """Return what an error says, on one line."""
    return " ".join(lines(error))


async def closed(bridge: Bridge) -> None:
    """Return when the browser, or its last window, has closed."""
    context = bridge.browser_context
    over = asyncio.Event()
    changed = asyncio.Event()

    def on_close(*_: Any) -> None:
        over.set()
        changed.set()

    def follow(page: Any) -> None:
        page.on("close", lambda *_: changed.set())

    context.on("close", on_close)
    context.on("page", follow)
    for page in context.pages:
        follow(page)
    while not over.is_set():
        await changed.wait()
        changed.clear()
        if not over.is_set() and not await _has_windows(bridge):
            return


async def _has_windows(bridge: Bridge) -> bool:
    # On some systems a browser outlives its last window, and in Firefox, Playwright does not list an extension's pages.
    try:
        return bool(await bridge.external.call("windows.getAll"))
    except Exception:  # the bridge's or Playwright's: the browser is closing
        return True
