"""The bridge: one running browser with the extension under test."""

import asyncio
import os
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from .. import _playwright, terminal
from ..driver import Driver, Loaded
from ..errors import BridgeError, ContextError, UnsupportedError
from ..traffic.traffic import Traffic
from ..waiting.expect import Expect
from ..waiting.waits import DEFAULT_TIMEOUT_MS, within
from . import frame_context
from .context import Context
from .contexts import Contexts
from .extension import Extension
from .frames_of import FramesOf
from .granting import Granting
from .injected import Injected
from .life import Life
from .loading import Loading
from .native import NativeApplication, NativeApplications
from .opening import Opening
from .other_extension import OtherExtension
from .raising import Raising
from .request import Request
from .requirements import require_background, require_stoppable_background
from .scopes import Scopes
from .session import Session
from .sought import Sought, expect, wait_for

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Frame, Locator, Page

__all__ = ["Bridge", "Inspector"]

_GRACE_S = 1  # for steps that have the same limit, and say better what they waited for


class Inspector(Protocol):
    """A page that shows what happens, and in which one can act; see `bridge.inspector`."""

    @property
    def url(self) -> str:
        """The page's address. Whoever knows it can do what the page can."""

    async def start(self) -> None:
        """Serve the page. May be called more than once."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Open the page in the user's own browser when the block begins."""

    async def resumed(self) -> None:
        """Return when somebody presses "Resume" in the page."""

    async def close(self) -> None:
        """Serve it no more. It raises nothing and ends within seconds."""


class Bridge:
    """A running browser with the extension under test. `launch` starts it; `close`, or a ``with`` block, ends it."""

    def __init__(
        self,
        *,
        extension: Extension,
        loaded: Loaded,
        browser_name: str,
        browser_context: Any,
        driver: Driver,
        contexts: Contexts,
        natives: NativeApplications,
        session: Session,
        make_inspector: Callable[["Bridge"], Inspector],
        clean_up: AsyncExitStack,
    ) -> None:
        self._extension = extension
        self._loading = Loading(
            extension=extension,
            loaded=loaded,
            browser_context=browser_context,
            driver=driver,
            contexts=contexts,
            natives=natives,
            session=session,
        )
        self._life = Life(loading=self._loading, contexts=contexts, driver=driver)
        self._opening = Opening(
            extension=extension,
            loading=self._loading,
            browser_name=browser_name,
            browser_context=browser_context,
            driver=driver,
            contexts=contexts,
            session=session,
        )
        self._granting = Granting(extension=extension, loading=self._loading, driver=driver)
        self._raising = Raising(
            extension=extension, loading=self._loading, opening=self._opening, browser_name=browser_name, driver=driver
        )
        session.close_devtools = self._opening.close_devtools
        session.scope_of = Scopes(driver, contexts, extension, self._loading).of
        self._bring = Injected(driver, extension, self._loading).bring_agent
        self._browser_name = browser_name
        self._browser_context = browser_context
        self._driver = driver
        self._contexts = contexts
        self._natives = natives
        self._frames_of = FramesOf(contexts, extension, browser_context)
        session.frame_of = self._frames_of.find
        self._session = session
        self._make_inspector = make_inspector
        self._inspector: Inspector | None = None
        self._clean_up = clean_up
        self._closing: asyncio.Future[None] | None = None

    # --- what runs --------------------------------------------------------------------------------------------------

    @property
    def browser_context(self) -> "BrowserContext":
        """Playwright's own ``BrowserContext``."""
        return cast("BrowserContext", self._browser_context)

    @property
    def browser_name(self) -> str:
        """``"chromium"`` or ``"firefox"``."""
        return self._browser_name

    @property
    def extension_id(self) -> str:
        """The id that the browser has given to the extension under test."""
        return self._loading.loaded.id

    @property
    def manifest(self) -> dict[str, Any]:
        """The extension's manifest as its author wrote it."""
        return self._extension.manifest.json

    @property
    def traffic(self) -> Traffic:
        """What went over Python's ports, and with ``launch(record="all")`` over the extension's own ports too."""
        return self._session.traffic

    def set_default_timeout(self, timeout: float) -> None:
        """Set the timeout of waits that name none, in milliseconds; 0 means no limit. It is 30 000 at first."""
        self._session.default_timeout_ms = timeout

    # --- contexts ---------------------------------------------------------------------------------------------------

    @property
    def contexts(self) -> list[Context]:
        """All live contexts: background, content scripts, extension pages, web pages entered by `web`, `external`."""
        return self._contexts.alive

    @property
    def background(self) -> Context:
        """The service worker, event page or background page. It stays the same object if the background restarts."""
        return self._contexts.background

    @property
    def external(self) -> Context:
        """Another extension (the bridge's relay). A connection opened here arrives at `onConnectExternal`."""
        return self._contexts.external

    async def content(self, page_or_frame: "Page | Frame", *, timeout: float | None = None) -> Context:
        """Return the content-script world of a page or frame.

        Where the manifest names no script but the extension may inject one, by ``activeTab`` or an optional host
        permission, this waits until it does. What happened there before this call, Python has missed.

        Args:
            page_or_frame: A Playwright ``Page``, which means its main frame, or a ``Frame``.
            timeout: How long to wait for a document and its script there, in milliseconds.

        Raises:
            ContextError: The extension may not run a script there, or the frame or page is gone.
            BridgeTimeoutError: No content script answered in time.
        """
        self._contexts.require_present()
        frame = self._own_frame(page_or_frame)
        timeout_ms = self._session.timeout_ms(timeout)
        return await frame_context.find_content(self._contexts, self._extension, frame, timeout_ms, self._bring)

    async def context_of(self, page_or_frame: "Page | Frame", *, timeout: float | None = None) -> Context:
        """Return the context of the extension in a page or frame: its content script there, or its own page.

        Args:
            page_or_frame: A Playwright ``Page``, which means its main frame, or a ``Frame``.
            timeout: How long to wait for a document there, in milliseconds.

        Raises:
            ContextError: The extension cannot run a script there, or the frame or page is gone.
            BridgeTimeoutError: No script of the extension answered in time. In Firefox, Playwright cannot reach into
                some extension pages, without the bridge either.
        """
        self._contexts.require_present()
        frame, base_url = self._own_frame(page_or_frame), self._loading.loaded.base_url
        timeout_ms = self._session.timeout_ms(timeout)
        return await frame_context.find(self._contexts, self._extension, base_url, frame, timeout_ms, self._bring)

    async def page(self, path: str | None = None, *, timeout: float | None = None) -> Context:
        """Open an extension page in a new tab, and return its context once its own scripts have run.

        It returns at ``DOMContentLoaded``, so listeners that the page's scripts have added by then are there. In
        Chromium, Playwright lists the page by then; see `Context.playwright_page`.

        Args:
            path: The path from the extension's root, such as ``"popup.html"``; it may have a query and a fragment. None
                opens an empty page.
            timeout: How long to wait for the page and its scripts, in milliseconds; 0 means no limit.

        Raises:
            ContextError: The extension has no such page, or the bridge has no script in it.
            BridgeTimeoutError: The page did not begin, or its scripts did not finish, in time.
        """
        self._contexts.require_present()
        return await self._opening.page(path, self._session.timeout_ms(timeout))

    async def wait_for_context(
        self,
        kind: str | None = None,
        *,
        url: str | re.Pattern[str] | Callable[[str], Any] | None = None,
        tab: "int | Page | None" = None,
        predicate: Callable[..., Any] | None = None,
        timeout: float | None = None,
    ) -> Context:
        """Return a context that is alive, or the next to begin: one that opens by itself, such as a popup.

            popup = await bridge.wait_for_context("popup")
            panel = await bridge.wait_for_context("page", url="**/panel.html")

        Args:
            kind: Its `Context.kind` or its `Context.view`: ``"page"`` is any page of the extension, ``"popup"`` only a
                popup. None takes any.
            url: What its address must match, as in Playwright's ``page.wait_for_url()``: a glob, a regular expression,
                or a function that gets the address.
            tab: The id of its tab, or Playwright's page.
            predicate: Gets each context that is all of this; returns true for the right one.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            BridgeTimeoutError: There was none in time; the message lists those that are alive.
            UnsupportedError: This browser has no such kind.
        """
        sought = self._sought(kind, url, tab, predicate)
        return await wait_for(self._contexts, sought, self._session.timeout_ms(timeout))

    def expect_context(
        self,
        kind: str | None = None,
        *,
        url: str | re.Pattern[str] | Callable[[str], Any] | None = None,
        tab: Any = None,
        predicate: Callable[..., Any] | None = None,
        timeout: float | None = None,
    ) -> Expect[Context]:
        """Wait for a context that begins during the block of the ``async with``, or after it in time.

            async with bridge.expect_context("popup") as info:
                await bridge.click_action(page)
            popup = await info.value

        Args: see `wait_for_context`.
        """
        return expect(self._contexts, self._sought(kind, url, tab, predicate), self._session.timeout_ms(timeout))

    def _sought(
        self, kind: str | None, url: Any = None, tab: Any = None, predicate: Callable[..., Any] | None = None
    ) -> Sought:
        return Sought(
            self._browser_name,
            self._session.invoke,
            kind=kind,
            url=url,
            fits_url=None if url is None else _playwright.url_matcher(self._browser_context, url),
            tab=tab,
            is_in=None if tab is None or isinstance(tab, int) else lambda context: self._frames_of.is_in(context, tab),
            predicate=predicate,
        )

    def native(self, name: str) -> NativeApplication:
        """Make Python the native application `name`: the other end of the extension's ``connectNative(name)``.

        A name always gives the same object. From the first call on, connections are kept. To be ready before the
        extension's background starts, name the application in ``launch(native=[...])``.

        Raises:
            ExtensionError: The manifest lacks the permission ``nativeMessaging``.
            ValueError: The browser does not allow that name.
        """
        return self._natives.get(name)

    async def web(self, page_or_frame: "Page | Frame", *, timeout: float | None = None) -> Context:
        """Return the world of a web page's own scripts, which may connect to the extension.

        Chromium only, and only for pages that the manifest's ``externally_connectable.matches`` covers.

        Raises:
            UnsupportedError: The browser is Firefox, which does not support ``externally_connectable``.
            ContextError: The browser gives the page no ``chrome.runtime``, or the page is gone.
        """
        if self._browser_name != "chromium":
            raise UnsupportedError(
                "Firefox does not support externally_connectable, so its web pages cannot connect to an extension; "
                "test this in Chromium only"
            )
        frame = self._own_frame(page_or_frame)
        return await frame_context.enter_web(self._contexts, self._extension, frame, self._session.timeout_ms(timeout))

    def extension(self, id: str) -> OtherExtension:
        """Return another extension in the browser, such as one of ``launch(also=...)``, to evaluate code in it.

            other = bridge.extension("helper@example.org")
            assert await other.background.evaluate("requests.length") == 1

        Args:
            id: Its id, as `runtime.id` has it. ``bridge.external.call("management.getAll")`` lists all.
        """
        return OtherExtension(
            id,
            driver=self._driver,
            relay=self.external,
            timeout_ms=self._session.timeout_ms,
            own_frame=self._own_frame,
        )

    # --- what happens to an extension -------------------------------------------------------------------------------

    async def click_action(self, page: "Page | None" = None, *, timeout: float | None = None) -> None:
        """Press the extension's toolbar button.

        Args:
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The extension has no toolbar button.
            ContextError: No page is open.
        """
        self._contexts.require_present()
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
        self._contexts.require_present()
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
        self._contexts.require_present()
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
        self._contexts.require_present()
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
        self._contexts.require_present()
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
        self._contexts.require_present()
        return await self._opening.devtools(page, self._session.timeout_ms(timeout))

    async def grant(self, *permissions: str, timeout: float | None = None) -> None:
        """Grant optional permissions to the extension, as if its user had allowed them. `permissions.onAdded` fires.

            await bridge.grant("bookmarks", "https://example.org/*")

        What it has already stays. In Chromium, a hidden document of the extension calls `permissions.request()`.

        Args:
            permissions: Names and match patterns for hosts that the manifest has in ``optional_permissions`` and
                ``optional_host_permissions``, or narrower patterns. The path of a pattern does not count.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: The manifest does not list one of them as optional; the message says which it lists.
            UnsupportedError: The browser is Chromium, after a `reset`.
            RemoteError: The browser refuses; the message is the browser's.
        """
        await self._granting.grant(permissions, self._session.timeout_ms(timeout))

    async def revoke(self, *permissions: str, timeout: float | None = None) -> None:
        """Take optional permissions away from the extension. `permissions.onRemoved` fires for those that it had.

        A script that was injected into a page already stays there, as it does for any user.

        Args and errors: see `grant`.
        """
        await self._granting.revoke(permissions, self._session.timeout_ms(timeout))

    async def press_command(self, name: str, page: "Page | None" = None, *, timeout: float | None = None) -> None:
        """Press the key of a command of the manifest. `commands.onCommand` fires in the extension.

            await bridge.press_command("toggle-feature", page)

        The browser makes the event: it wakes a stopped background, names the tab, grants ``activeTab``, and a user's
        gesture is active in the listener. ``_execute_action`` and its kin press the button. In Chromium, a command
        without a key gets one for that moment, and one that is ``global`` is pressed in the browser's window.

        Args:
            name: Of the command.
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: The manifest has no such command; the message says which it has.
            ContextError: No page is open.
            UnsupportedError: Chromium has a key for it that cannot be pressed, such as ``MediaStop``, or it has no UI
                DevTools; or the command stands for a button that this browser lacks.
        """
        self._contexts.require_present()
        await self._raising.press_command(name, page, self._session.timeout_ms(timeout))

    async def click_menu(
        self, item_id: str, target: "Page | Locator | None" = None, *, timeout: float | None = None
    ) -> None:
        """Click an item that the extension has added to the context menu. `contextMenus.onClicked` fires.

            await bridge.click_menu("save-link", page.get_by_role("link"))

        The bridge clicks the target with the right button, and the item in the browser's own menu. So `info` and `tab`
        are the browser's, and what is under the mouse decides which items there are: to have a selection, select
        something in the page before.

        Args:
            item_id: The `id` that `contextMenus.create()` got.
            target: A Playwright locator; or a page, which is clicked in its top left corner. None means the newest
                page.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension has no such item, and the message says which it has; or the browser does not
                show it there, or it is disabled.
            UnsupportedError: The item opens a menu of its own, or Chromium has no UI DevTools.
            BridgeTimeoutError: No menu opened; the page may prevent it.
        """
        self._contexts.require_present()
        await self._raising.click_menu(item_id, target, self._session.timeout_ms(timeout))

    async def set_idle_state(self, state: Literal["active", "idle", "locked"], *, timeout: float | None = None) -> None:
        """Have the browser take its user for idle or active. `idle.onStateChanged` fires if that is a change.

        `idle.queryState()` says the same from then on, whatever interval it is asked for, until the browser closes.

        Firefox only.

        Args:
            state: As in `idle.onStateChanged`. Firefox does not know ``"locked"``.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The browser is Chromium, or the state is ``"locked"``.
            ExtensionError: The manifest lacks the permission ``idle``.
        """
        self._contexts.require_present()
        await self._raising.set_idle_state(state, self._session.timeout_ms(timeout))

    async def fire_alarm(self, name: str = "", *, timeout: float | None = None) -> None:
        """Have an alarm of the extension's go off now, however far away it is. `alarms.onAlarm` fires.

        The browser makes the event, which also wakes a stopped background. An alarm with a period goes off again one
        period from now; any other is gone. `scheduledTime` in the event is now in Chromium, where the alarm is put
        forward, and the alarm's own time in Firefox.

        Args:
            name: As in `alarms.create()`, where it may be left out.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension has no such alarm; the message says which it has.
        """
        self._contexts.require_present()
        await self._raising.fire_alarm(name, self._session.timeout_ms(timeout))

    async def stop_background(self, *, timeout: float | None = None) -> None:
        """Stop the background, as the browser does with an idle one. The next event starts it again.

        Its ports close. Python's listeners stay: when an event starts the background, they are put back before the
        browser delivers that event. In Chromium, to listen to something new there starts the background.

        Raises:
            UnsupportedError: It is a persistent background page, which never stops.
            ContextError: It is not running, or the manifest has none.
        """
        require_stoppable_background(self._extension.manifest, self._extension.has_background)
        link = self.background._require_link()
        link.farewell = ContextError("The background was stopped by stop_background()")
        async with within(self._session.timeout_ms(timeout), "Waited for the background to stop"):
            try:
                await self._driver.stop_background(self.extension_id)
            except BaseException:
                link.farewell = None
                raise
            await link.wait_for_end()

    async def start_background(self, *, timeout: float | None = None) -> None:
        """Start the background without an event, if it is stopped. Return once it runs.

        Raises:
            ContextError: The manifest has no background, or the extension was disabled or uninstalled.
            BridgeTimeoutError: It did not start in time.
        """
        require_background(self._extension.has_background)
        timeout_ms = self._session.timeout_ms(timeout)
        async with within(timeout_ms, "The browser did not start the background", grace_s=_GRACE_S):
            self._contexts.require_present()
            if self.background.closed:
                await self._driver.start_background(self._loading.loaded)
            await self._loading.background_started(timeout_ms)

    async def wait_for_background(self, *, timeout: float | None = None) -> None:
        """Return once the background runs: at once if it runs already, otherwise after an event has started it.

        Raises:
            ContextError: The manifest has no background.
            BridgeTimeoutError: Nothing started it in time.
        """
        require_background(self._extension.has_background)
        await self._loading.background_started(self._session.timeout_ms(timeout))

    async def reload(self, *, timeout: float | None = None) -> None:
        """Reload the extension with its files as they are now.

        Its `runtime.onInstalled` fires with ``"update"``, and with the version of before as `previousVersion`, also if
        the version is the same. (Firefox 153 fires nothing if the version is lower than before.) An extension that was
        uninstalled is installed again, and hears ``"install"``.

        Contexts and ports from before close. Listeners of `background` and `external` stay. Content scripts in open
        pages become orphans, as after any update: navigate or reload those pages.

        Raises:
            ExtensionError: The files can no longer be used; the extension keeps running as it was.
            ContextError: `disable` has disabled the extension.
            LaunchError: The background does not start.
        """
        timeout_ms = self._session.timeout_ms(timeout)
        await self._loading.reload(timeout_ms)

    async def upgrade(self, extension: str | os.PathLike[str], *, timeout: float | None = None) -> None:
        """Load another folder or archive in the place of the extension, as its next version.

        It keeps the id and the storage, and its `runtime.onInstalled` fires with ``"update"`` and the version of before
        as `previousVersion`, as in `reload`, which takes its files from there from now on. Contexts and ports from
        before close, listeners of `background` and `external` stay, and the record goes on. Content scripts in open
        pages become orphans. A manifest that names no id gets the one of the extension that runs.

        Args:
            extension: The folder that has the ``manifest.json``, or a ``.zip``, ``.xpi`` or ``.crx`` file.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: It cannot be used, or has another id; the extension keeps running as it was.
            ContextError: `disable` has disabled the extension.
            LaunchError: The background does not start.
        """
        await self._loading.upgrade(extension, self._session.timeout_ms(timeout))

    async def disable(self, *, timeout: float | None = None) -> None:
        """Disable the extension, as the switch in the browser's page of extensions does.

        Its contexts and ports close with the reason, its pages too. Content scripts in open pages become orphans, as in
        `reload`. Its storage stays, and so do Python's listeners in `background`, which are back after `enable`. To
        disable it twice does nothing more. Until it is enabled, what needs the extension raises ContextError.

        Args:
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension was uninstalled.
        """
        await self._life.disable(self._session.timeout_ms(timeout))

    async def enable(self, *, timeout: float | None = None) -> None:
        """Enable the extension again after `disable`. Return once its background runs, if the manifest has one.

        `runtime.onInstalled` does not fire. Reload the pages to have its content scripts there; Firefox runs them in
        open pages by itself. If the extension is enabled already, nothing happens, and a stopped background stays so.

        Args:
            timeout: How long to wait for the background, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension was uninstalled.
            BridgeTimeoutError: The background did not start in time.
        """
        await self._life.enable(self._session.timeout_ms(timeout))

    async def uninstall(self, *, timeout: float | None = None) -> None:
        """Uninstall the extension, as the user does; the browser deletes its storage too.

        Its contexts and ports close with the reason. To uninstall it twice does nothing more. `reload` and `reset`
        install it again; after `reload`, Python's listeners in `background` are there again.

        Args:
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.
        """
        await self._life.uninstall(self._session.timeout_ms(timeout))

    async def reset(self, *, timeout: float | None = None) -> None:
        """Return the browser to its state after the launch, for the next test. This is cheaper than another browser.

        The extension is reinstalled, so its storage is empty. All pages close, and one empty page is opened. Cookies,
        permissions granted to pages, and routes are removed, and so are ports, listeners, kept messages and
        connections, and the default timeout. Other data that sites have stored stays. So do the init scripts, exposed
        functions and event handlers of `browser_context`, and the native applications that Python has become.

        Raises:
            Exception: After the reset: what a listener raised and no wait has raised yet, as in `close`.
            LaunchError: The background does not start.
        """
        self._session.default_timeout_ms = DEFAULT_TIMEOUT_MS
        timeout_ms = self._session.timeout_ms(timeout)
        await self._loading.reset(timeout_ms)
        self._session.deferred.raise_all()

    # --- looking on ------------------------------------------------------------------------------------------------

    async def start_inspector(self) -> str:
        """Serve the inspector, a page that shows contexts, ports and traffic. Return the page's address.

        Whoever knows the address can act there as Python can here. The page ends with the bridge. A second call returns
        the same address.
        """
        return (await self._running_inspector()).url

    async def inspect(self, *, open_browser: bool = True) -> None:
        """Stop a test here, for debugging, until somebody presses "Resume" in the inspector.

        The address is printed on the terminal, even if a test's output is captured.

        Args:
            open_browser: Whether to open the page in the user's own browser.

        Raises:
            ContextError: The browser under test is gone.
        """
        inspector = await self._running_inspector()
        terminal.say(f"\nThe inspector waits at {inspector.url}\nPress its button Resume to go on.\n")
        async with inspector.opened() if open_browser else nullcontext():
            await inspector.resumed()

    async def _running_inspector(self) -> Inspector:
        if self._closing:
            raise BridgeError("The bridge was closed")
        self._inspector = self._inspector or self._make_inspector(self)
        await self._inspector.start()
        return self._inspector

    def recent_traffic(self) -> list[str]:
        """Return the end of the recorded traffic as lines of text, the oldest first."""
        return self._session.traffic.lines()

    @property
    def open_requests(self) -> list[Request]:
        """The one-time messages that Python heard and may still answer, the oldest first. Their askers wait."""
        return cast("list[Request]", list(self._session.open_requests))

    def raise_listener_errors(self) -> None:
        """Raise what listeners raised and no wait has raised yet; several come as an exception group."""
        self._session.deferred.raise_all()

    # --- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close the browser and remove everything that the launch created. You may call this more than once.

        It takes 10 seconds at most. A browser that has not closed by then is killed.

        Raises:
            Exception: What a listener raised and no wait has raised yet; several come as an exception group.
            BridgeTimeoutError: The browser did not close, so its processes were killed.
        """
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)  # if this is cancelled, the browser is closed all the same
        self._session.deferred.raise_all()

    async def _close(self) -> None:
        # On the stack, so that whatever one of them raises, the others are done, and the browser is closed.
        reason = BridgeError("The bridge was closed")
        self._clean_up.callback(self._natives.end, reason)
        self._clean_up.callback(self._contexts.end, reason)
        self._opening.stop()
        if self._inspector:
            self._clean_up.push_async_callback(self._inspector.close)
        await self._clean_up.aclose()

    async def __aenter__(self) -> "Bridge":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error:
            self._session.deferred.add_notes(error)
        await self.close()

    def _own_frame(self, page_or_frame: Any) -> Any:
        frame = getattr(page_or_frame, "main_frame", page_or_frame)
        if frame.page.context is not self._browser_context:
            raise ContextError(f"{frame.url} is in another browser: use a page of bridge.browser_context")
        return frame

    def __repr__(self) -> str:
        return (
            f"<Bridge {self._extension.manifest.name!r} in {self._browser_name}{', closed' if self._closing else ''}>"
        )
