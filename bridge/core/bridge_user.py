"""The part of `Bridge` in which Python does what the user does in the browser's own windows."""

from typing import TYPE_CHECKING, cast

from .context import Context
from .discarding import Discarding
from .opening import Opening
from .private_windows import PrivateWindows
from .session import Session

if TYPE_CHECKING:
    from playwright.async_api import Page

__all__ = ["BridgeUser"]


class BridgeUser:
    """What opens the extension's parts, and presses its buttons."""

    _discarding: Discarding
    _opening: Opening
    _private_windows: PrivateWindows
    _session: Session

    async def click_action(self, page: "Page | None" = None, *, timeout: float | None = None) -> None:
        """Press the extension's toolbar button.

        Args:
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The extension has no toolbar button.
            ContextError: No page is open.
        """
        await self._opening.click_action(page, self._session.timeout_ms(timeout))

    async def click_page_action(self, page: "Page | None" = None, *, timeout: float | None = None) -> None:
        """Press the button that the extension's ``page_action`` has in the address bar, once it is shown there.

        Firefox only.

        Args:
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long to wait until the button is shown and pressed, in milliseconds; 0 means no limit, None the
                bridge's default.

        Raises:
            UnsupportedError: The browser is Chromium, or the manifest has no ``page_action``.
            ContextError: No page is open.
            BridgeTimeoutError: The extension did not show the button in that page in time.
        """
        await self._opening.click_page_action(page, self._session.timeout_ms(timeout))

    async def open_popup(self, page: "Page | None" = None, *, timeout: float | None = None) -> Context:
        """Press the toolbar button, and return the context of the popup once its own scripts have run.

        It is the browser's own popup, as the user gets it: `Context.view` is ``"popup"``. A popup that is open closes
        first. Close this one with `Context.close`.

        Args:
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long to wait for the popup and its scripts, in milliseconds; 0 means no limit, None the
                bridge's default.

        Raises:
            UnsupportedError: The extension has no toolbar button, or the button has no popup.
            ContextError: No page is open.
            BridgeTimeoutError: No popup opened in time, or its scripts did not finish.
        """
        return await self._opening.popup(page, self._session.timeout_ms(timeout))

    async def open_side_panel(self, page: "Page | None" = None, *, timeout: float | None = None) -> Context:
        """Open the side panel, in Firefox the sidebar, and return its context once its own scripts have run.

        If it is open already in the window of `page`, it stays as it is, and this is its context. `Context.view` is
        ``"side panel"`` or ``"sidebar"``. Close it with `Context.close`.

        Args:
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long to wait for the panel and its scripts, in milliseconds; 0 means no limit, None the
                bridge's default.

        Raises:
            UnsupportedError: The manifest has no ``side_panel`` (in Firefox, no ``sidebar_action``), or in Chromium the
                permission ``sidePanel`` is missing.
            RemoteError: The browser refuses, for example because the extension has disabled the panel in that tab.
            ContextError: No page is open.
            BridgeTimeoutError: It did not open in time, or its scripts did not finish.
        """
        return await self._opening.side_panel(page, self._session.timeout_ms(timeout))

    async def open_options(self, *, timeout: float | None = None) -> Context:
        """Open the options page as the browser shows it, and return its context once its own scripts have run.

        The browser does what it does for ``runtime.openOptionsPage()``: it shows the page within its own page of
        extensions, so that `Context.view` is ``"options"``, or alone in a tab (``"tab"``) if the manifest says so. If
        the page is open already, the browser may bring that one to the front.

        Args:
            timeout: How long to wait for the page and its scripts, in milliseconds; 0 means no limit, None the bridge's
                default.

        Raises:
            UnsupportedError: The manifest names no options page.
            BridgeTimeoutError: It did not open in time, or its scripts did not finish.
        """
        return await self._opening.options(self._session.timeout_ms(timeout))

    async def open_devtools(self, page: "Page", *, timeout: float | None = None) -> Context:
        """Open the developer tools of a page, and return the context of the extension's panel once its scripts ran.

        The panel is the first one that the extension's ``devtools_page`` has made, and it is selected. Tools that are
        open already stay so. `Context.view` is ``"devtools panel"``. `Context.close` closes the tools, and so does
        closing the page.

        Args:
            page: The Playwright page to inspect, which comes to the front.
            timeout: How long to wait for the panel and its scripts, in milliseconds; 0 means no limit, None the
                bridge's default.

        Raises:
            UnsupportedError: The manifest has no ``devtools_page``, or this Chromium is too old.
            BridgeTimeoutError: The tools did not open in time, or the extension made no panel.
        """
        return await self._opening.devtools(page, self._session.timeout_ms(timeout))

    async def open_private_window(self, url: str | None = None, *, timeout: float | None = None) -> "Page":
        """Open a private window, which Chromium calls incognito, and return Playwright's page in it.

        It is one of the profile's, as the user opens it: the page is among ``browser_context.pages``, and `sender.tab`
        says that it is incognito. Python acts there as in any page.

        Args:
            url: What to show there; None means an empty page.
            timeout: How long to wait for the window, and for the page to load, in milliseconds; 0 means no limit, None
                the bridge's default.

        Raises:
            ContextError: The launch did not have ``private=True``.
            playwright.Error: The page does not load, as in Playwright's ``page.goto()``.
        """
        return cast("Page", await self._private_windows.open(url, self._session.timeout_ms(timeout)))

    async def discard(self, page: "Page", *, timeout: float | None = None) -> int:
        """Discard the tab of a page, as a browser does that is short of memory. Return the id of the tab after that.

        The tab stays, without its document: contexts and ports in it are closed, and Playwright's page is, too. In
        Chromium, the tab gets another id. When the tab is activated, the browser loads it anew, as another page of
        Playwright's:

            tab_id = await bridge.discard(page)
            async with bridge.expect_context("content", tab=tab_id) as info:
                await bridge.external.call("tabs.update", tab_id, {"active": True})
            page = await (await info.value).playwright_page()

        The browser keeps a tab that is in front. So another one of its window comes to the front, if need be an empty
        one.

        Args:
            page: A Playwright page.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            playwright.Error: The page is gone.
            ContextError: The browser does not discard such a page.
            RemoteError: The browser refuses; the message is the browser's.
        """
        return await self._discarding.discard(page, self._session.timeout_ms(timeout))
