"""Opens contexts as the user does: pages in tabs, the popup, the side panel, the options, the developer tools."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .. import _playwright
from ..driver import Driver
from ..errors import BridgeError, ContextError, UnsupportedError
from ..waiting.waits import Limit, within
from .context import Context
from .contexts import Contexts
from .extension import Extension
from .loading import Loading
from .requirements import (
    require_devtools_page,
    require_open_page,
    require_options_page,
    require_page_action,
    require_side_panel,
    require_toolbar_button,
)
from .session import Session
from .sought import Sought, expect, wait_for

__all__ = ["Opening"]

_GRACE_S = 1  # for a tab that nobody waits for, to be closed
_SIDE = {"chromium": "side panel", "firefox": "sidebar"}
_IS_VISIBLE = "document.visibilityState === 'visible'"
_INSPECTED_TAB = "(globalThis.browser ?? chrome).devtools.inspectedWindow.tabId"


class Opening:
    """What opens a context of the extension, and waits until its scripts have run."""

    def __init__(
        self,
        *,
        extension: Extension,
        loading: Loading,
        browser_name: str,
        browser_context: Any,
        driver: Driver,
        contexts: Contexts,
        session: Session,
    ) -> None:
        self._extension = extension
        self._loading = loading
        self._browser_name = browser_name
        self._browser_context = browser_context
        self._driver = driver
        self._contexts = contexts
        self._session = session
        self._loose_ends: set[asyncio.Future[None]] = set()

    # --- in tabs ----------------------------------------------------------------------------------------------------

    async def page(self, path: str | None, timeout_ms: float) -> Context:
        """See `Bridge.page`."""
        path = self._extension.blank_page if path is None else path.removeprefix("/")
        if not self._extension.has_page(path):
            raise ContextError(f"The extension has no file {path!r}; page() takes a path from the extension's root")
        if not self._extension.is_instrumented(path):
            raise ContextError(
                f"The bridge has no script in {path!r}: it is no HTML or XHTML file, or one of the manifest's sandbox, "
                "which has no extension API, or in node_modules"
            )
        self._contexts.require_present()
        url = self._loading.loaded.base_url + path
        opening = asyncio.ensure_future(self._contexts.external._call("tabs.create", {"url": url}))
        try:
            async with within(timeout_ms, f"The browser did not open a tab for {path!r}") as limit:
                tab = await asyncio.shield(opening)
                limit.doing = (
                    f"Waited for the extension page {path!r}; is it sandboxed, so that it has no extension API?"
                )
                sought = self._sought("page", tab=tab["id"], predicate=lambda context: not context.frame_id)
                return await self._ready(await wait_for(self._contexts, sought, 0), f"the page {path!r}", limit)
        except BaseException:
            await asyncio.wait([self._close_tab(opening)], timeout=_GRACE_S)
            raise

    def _close_tab(self, opening: "asyncio.Future[Any]") -> "asyncio.Future[None]":
        """Close a tab that nobody waits for, also if the browser has not opened it yet; done when it is closed."""

        async def close() -> None:
            with suppress(BridgeError):
                await self._contexts.external._call("tabs.remove", (await opening)["id"])

        closing = asyncio.ensure_future(close())
        self._loose_ends.add(closing)
        closing.add_done_callback(self._loose_ends.discard)
        return closing

    def stop(self) -> None:
        """The bridge closes: leave tabs that nobody waits for to the browser's end."""
        for closing in self._loose_ends:
            closing.cancel()

    # --- by the user ------------------------------------------------------------------------------------------------

    async def click_action(self, page: Any, timeout_ms: float) -> None:
        """See `Bridge.click_action`."""
        require_toolbar_button(self._extension.manifest, self._browser_name)
        self._require_page(page, "press the button on")
        async with self._within(timeout_ms, "The browser did not press the toolbar button"):
            await self._click(page)

    async def click_page_action(self, page: Any, timeout_ms: float) -> None:
        """See `Bridge.click_page_action`."""
        if self._browser_name != "firefox":
            raise UnsupportedError(
                "Chromium has no page actions in Manifest V3, only the toolbar button: give the extension an 'action' "
                "and use click_action(), or test this in Firefox only"
            )
        require_page_action(self._extension.manifest)
        self._require_page(page, "press the button on")
        async with self._within(timeout_ms, "Waited for the extension to show its page action in this page"):
            await self._bring_to_front(page)
            await self._driver.click_page_action(self._loading.loaded.id)

    async def popup(self, page: Any, timeout_ms: float) -> Context:
        """See `Bridge.open_popup`."""
        require_toolbar_button(self._extension.manifest, self._browser_name)
        self._require_page(page, "press the button on")
        async with self._within(timeout_ms, "The browser did not say whether the toolbar button has a popup") as limit:
            page = await self._bring_to_front(page)
            await self._require_popup()
            limit.doing = "Waited for the popup of before to close"
            await self._close_popups()
            limit.doing = "The browser did not press the toolbar button"
            async with expect(self._contexts, self._sought("popup"), 0) as info:
                await self._click(page)
                limit.doing = "The toolbar button was pressed, but no popup of the extension opened"
            return await self._ready(await info.value, "the popup", limit)

    async def side_panel(self, page: Any, timeout_ms: float) -> Context:
        """See `Bridge.open_side_panel`."""
        require_side_panel(self._extension.manifest, self._browser_name)
        self._require_page(page, "open it beside")
        side = _SIDE[self._browser_name]
        async with self._within(timeout_ms, f"The browser did not open the {side}") as limit:
            page = await self._bring_to_front(page)
            window = await self._driver.open_side_panel(self._loading.loaded, page)
            if window is None:
                raise UnsupportedError(f"The page is in a window that was opened as a popup, which has no {side}")
            limit.doing = f"The browser opened the {side}, but no script of the extension's began there"

            async def is_there(context: Context) -> bool:
                its_window = await context._call("windows.getCurrent")
                return bool(its_window["id"] == window) and await self._is_visible(context)

            sought = self._sought(side, is_in=is_there)
            return await self._ready(await wait_for(self._contexts, sought, 0), f"the {side}", limit)

    async def options(self, timeout_ms: float) -> Context:
        """See `Bridge.open_options`."""
        manifest = self._extension.manifest
        url = self._loading.loaded.base_url + require_options_page(manifest).lstrip("/")
        async with self._within(timeout_ms, "The browser did not open the options page") as limit:
            await self._driver.open_options(self._loading.loaded)
            limit.doing = "The browser opened the options page, but no script of the extension's began there"
            sought = self._sought(
                "options" if manifest.embeds_options else "tab",
                fits_url=lambda address: address.startswith(url),
                is_in=self._is_visible,
            )
            return await self._ready(await wait_for(self._contexts, sought, 0), "the options page", limit)

    async def devtools(self, page: Any, timeout_ms: float) -> Context:
        """See `Bridge.open_devtools`."""
        require_devtools_page(self._extension.manifest)
        async with self._within(
            timeout_ms, "The browser did not open the developer tools, or the extension made no panel in them"
        ) as limit:
            await self._bring_to_front(page)
            tab = await self._driver.open_devtools(self._loading.loaded, page)
            limit.doing = "The developer tools show the panel, but no script of the extension's began there"

            async def is_there(context: Context) -> bool:
                return bool(await context.evaluate(_INSPECTED_TAB, timeout=0) == tab)

            sought = self._sought("devtools panel", is_in=is_there)
            return await self._ready(await wait_for(self._contexts, sought, 0), "the panel", limit)

    async def close_devtools(self, context: Context) -> None:
        """Close the developer tools that a context is in."""
        await self._driver.close_devtools(self._loading.loaded, await context.evaluate(_INSPECTED_TAB, timeout=0))

    def _within(self, timeout_ms: float, doing: str) -> AbstractAsyncContextManager[Limit]:
        """Give a block that has that time; at once ContextError if the extension is not there to be opened."""
        self._contexts.require_present()
        return within(timeout_ms, doing)

    async def in_front(self, page: Any) -> Any:
        """Bring a Playwright page to the front, or the newest one for None. Return it."""
        self._require_page(page, "bring to the front")
        return await self._bring_to_front(page)

    def _require_page(self, page: Any, purpose: str) -> None:
        if page is None:
            require_open_page(self._browser_context.pages, purpose)

    async def _bring_to_front(self, page: Any) -> Any:
        """Bring a Playwright page to the front, or the newest one for None. Return it.

        The newest ones may be on their way out. In Firefox, Playwright also lists pages of the extension that have
        closed, and the documents of the developer tools.
        """
        refused: Exception = ContextError("The page closed")
        for candidate in reversed(self._browser_context.pages if page is None else [page]):
            try:
                await _playwright.call(candidate.bring_to_front)
                return candidate
            except PlaywrightError as error:
                refused = error
        raise refused

    async def _click(self, page: Any) -> None:
        page = await self._bring_to_front(page)
        await self._driver.click_action(self._loading.loaded.id, page)

    async def _require_popup(self) -> None:
        if self._extension.manifest.has_popup:
            return
        background = self._contexts.background
        if not background.closed:
            for tab in await background._call("tabs.query", {"active": True}):  # one in each window
                if await background._call("action.getPopup", {"tabId": tab["id"]}):
                    return
        raise UnsupportedError(
            "The toolbar button has no popup: the manifest's 'action' has no 'default_popup', and the background "
            "has set none. To press the button alone, use click_action()"
        )

    # In Firefox, the button closes a popup that is open; in Chromium, it opens another one.
    async def _close_popups(self) -> None:
        for context in self._contexts.alive:
            if context.view == "popup":
                await context.close(timeout=0)
                await context.wait_for_close(timeout=0)

    async def _is_visible(self, context: Context) -> bool:
        """Whether the user sees it; if not, wait until it is so."""
        return bool(await context.wait_for_function(_IS_VISIBLE, timeout=0))

    async def _ready(self, context: Context, what: str, limit: Limit) -> Context:
        limit.doing = f"Waited for the scripts of {what} to run"
        await context._wait_for_load()
        if self._browser_name == "chromium":  # in Firefox, Playwright cannot reach into some of them
            limit.doing = f"Waited for Playwright to list {what}"
            await context.playwright_frame(timeout=0)
        return context

    def _sought(
        self,
        kind: str,
        *,
        fits_url: Callable[[str], bool] | None = None,
        tab: int | None = None,
        is_in: Callable[[Context], Awaitable[bool]] | None = None,
        predicate: Callable[[Context], Any] | None = None,
    ) -> Sought:
        return Sought(
            self._browser_name,
            self._session.invoke,
            kind=kind,
            url=None,
            fits_url=fits_url,
            tab=tab,
            is_in=is_in,
            predicate=predicate,
        )
