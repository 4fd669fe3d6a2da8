"""Private windows: opens them, closes them, and tells their pages from others."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from playwright.async_api import Error as PlaywrightError

from .. import _playwright
from ..driver import Driver
from ..errors import ContextError
from ..waiting.waits import within
from .context import Context
from .extension import Extension

__all__ = ["PrivateWindows"]

_RETRY_S = 0.05
_LOOK_S = 1  # for a page or the browser to say where it is
_BLANK = "about:blank"
_NOT_ALLOWED = "launch(private=True) allows the extension in private windows"


class PrivateWindows:
    """See `Bridge.open_private_window`.

    Args:
        allowed: Whether the launch allows the extension and the relay there.
        extension: Whose manifest may forbid it.
        browser_name: ``"chromium"`` or ``"firefox"``.
        relay: The context of the relay.
        browser_context: Playwright's.
        driver: The browser's.
    """

    def __init__(
        self,
        *,
        allowed: bool,
        extension: Extension,
        browser_name: str,
        relay: Context,
        browser_context: Any,
        driver: Driver,
    ) -> None:
        self._allowed = allowed
        self._extension = extension
        self._browser_name = browser_name
        self._relay = relay
        self._browser_context = browser_context
        self._driver = driver
        self._ordinary: WeakSet[Any] = WeakSet()

    def require_openable(self) -> None:
        """Raise ContextError if the launch does not allow the extension there."""
        if not self._allowed:
            raise ContextError(f"open_private_window() needs to be allowed: {_NOT_ALLOWED}")

    async def open(self, url: str | None, timeout_ms: float) -> Any:
        """Open a window, and return Playwright's page in it."""
        self.require_openable()
        blank = f"{_BLANK}#{secrets.token_hex(8)}"  # by which to know the page
        async with within(timeout_ms, "The browser did not open a private window") as limit:
            with self._new_pages() as pages:
                await self._relay._call("windows.create", {"incognito": True, "url": blank})
                limit.doing = "Waited for Playwright to list the page of the private window"
                page = await _with_address(pages, blank)
            limit.doing = f"Waited for the private window to show {url or _BLANK}"
            await _playwright.call(page.goto, url or _BLANK, timeout=timeout_ms)
        return page

    @contextmanager
    def _new_pages(self) -> Iterator[list[Any]]:
        pages: list[Any] = []

        def add(page: Any) -> None:
            pages.append(page)

        self._browser_context.on("page", add)
        try:
            yield pages
        finally:
            self._browser_context.remove_listener("page", add)

    async def require_allowed(self, page: Any) -> None:
        """Raise ContextError if the extension may not run in a page, because its window is private."""
        reason = self._forbidden()
        if not reason or page in self._ordinary:
            return
        is_private = await self._is_private(page)
        if is_private:
            raise ContextError(f"{page.url} is in a private window, where the extension may not run: {reason}")
        if is_private is False:
            self._ordinary.add(page)

    async def _is_private(self, page: Any) -> bool | None:
        with suppress(Exception):  # the page is gone, or the browser hangs: whoever looks for a script there says so
            async with asyncio.timeout(_LOOK_S):
                return await self._driver.is_private(page)
        return None

    def _forbidden(self) -> str:
        """Why the extension may not run in private windows, or nothing."""
        value = self._extension.manifest.json.get("incognito")
        if value == "split" and self._browser_name == "firefox":
            return 'its manifest has "incognito": "split", which Firefox takes for "not_allowed"'
        if value == "not_allowed":
            return 'its manifest has "incognito": "not_allowed"'
        return "" if self._allowed else _NOT_ALLOWED

    async def close(self) -> None:
        """Close all, but for the last window of the browser, which would end with it."""
        if not self._allowed:
            return
        windows = await self._relay._call("windows.getAll")
        private = [window["id"] for window in windows if window["incognito"]]
        if private and len(private) == len(windows):
            await self._relay._call("windows.create", {"url": _BLANK})
        for window in private:
            await self._relay._call("windows.remove", window)


async def _with_address(pages: list[Any], address: str) -> Any:
    """Return the page that has that address, as soon as it is among the pages."""
    while True:
        for page in pages:
            if await _address(page) == address:
                return page
        await asyncio.sleep(_RETRY_S)


async def _address(page: Any) -> str:
    """The address of a page that has just been opened. Playwright's own begins without what is after about:blank."""
    with suppress(PlaywrightError, TimeoutError):  # it is on its way out, or still loading
        async with asyncio.timeout(_LOOK_S):
            return str(await _playwright.call(page.evaluate, "location.href"))
    return ""
