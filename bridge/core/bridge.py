"""The bridge: one running browser with the extension under test."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, cast

from .. import _playwright, terminal
from ..driver import Driver, Loaded
from ..errors import BridgeError, ContextError, UnsupportedError
from ..traffic.traffic import Traffic
from ..waiting.expect import Expect
from . import frame_context
from .bridge_events import BridgeEvents
from .bridge_life import BridgeLife
from .bridge_routes import BridgeRoutes
from .bridge_user import BridgeUser
from .context import Context
from .contexts import Contexts
from .discarding import Discarding
from .extension import Extension
from .frames_of import FramesOf
from .granting import Granting
from .injected import Injected
from .life import Life
from .loading import Loading
from .native import NativeApplication, NativeApplications
from .omnibox import Omnibox
from .opening import Opening
from .other_extension import OtherExtension
from .permission_requests import PermissionRequests
from .private_windows import PrivateWindows
from .raising import Raising
from .request import Request
from .scopes import Scopes
from .session import Session
from .sought import Sought, expect, wait_for

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Frame, Page

__all__ = ["Bridge", "Inspector"]


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


class Bridge(BridgeUser, BridgeEvents, BridgeLife, BridgeRoutes):
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
        self._private_windows = PrivateWindows(
            allowed=session.allows_private,
            extension=extension,
            browser_name=browser_name,
            relay=contexts.external,
            browser_context=browser_context,
            driver=driver,
        )
        self._loading = Loading(
            extension=extension,
            loaded=loaded,
            browser_context=browser_context,
            driver=driver,
            contexts=contexts,
            natives=natives,
            private_windows=self._private_windows,
            session=session,
        )
        self._life = Life(extension=extension, loading=self._loading, contexts=contexts, driver=driver)
        self._opening = Opening(
            extension=extension,
            loading=self._loading,
            browser_name=browser_name,
            browser_context=browser_context,
            driver=driver,
            contexts=contexts,
            session=session,
        )
        self._discarding = Discarding(opening=self._opening, relay=contexts.external, driver=driver)
        self._granting = Granting(extension=extension, loading=self._loading, contexts=contexts, driver=driver)
        self._permission_requests = PermissionRequests(session, driver, lambda: self.extension_id)
        session.forget_requests = self._permission_requests.forget
        session.end_requests = self._permission_requests.end
        self._raising = Raising(
            extension=extension, loading=self._loading, opening=self._opening, browser_name=browser_name, driver=driver
        )
        self._omnibox = Omnibox(extension=extension, loading=self._loading, opening=self._opening, driver=driver)
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
        session.opener_of = contexts.of_sender
        session.stop_background = self.stop_background
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
        """The id that the browser has given to the extension under test.

        With ``launch(install=False)`` it is empty before `install`, in Firefox, if the manifest names none.
        """
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
    def private_background(self) -> Context:
        """The other service worker that an extension has in Chromium, if its manifest has ``"incognito": "split"``.

        It runs while a private window is open; see `open_private_window`. It stays the same object if it restarts.
        """
        return self._contexts.private_background

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
        frame = self._own_frame(page_or_frame)
        await self._private_windows.require_allowed(frame.page)
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
        frame, base_url = self._own_frame(page_or_frame), self._loading.loaded.base_url
        await self._private_windows.require_allowed(frame.page)
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

        Chromium only, and only for pages that the manifest's ``externally_connectable.matches`` covers, at the launch
        and now.

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
        self._clean_up.callback(self._permission_requests.end, reason)
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
