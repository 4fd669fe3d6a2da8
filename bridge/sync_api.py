# Made by scripts/generate_sync from bridge/async_api.py and what it imports. Change those, and run it again.
# mypy: no-warn-return-any
"""The bridge for sync code: the names of `async_api`, for Playwright's sync API.

Everything runs on the event loop of ``sync_playwright()``. Listeners run in the caller's thread whenever a call of
Playwright or of the bridge waits, like Playwright's own event handlers, and may themselves call both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Literal

from playwright.sync_api import BrowserContext, BrowserType, Frame, Locator, Page

from . import async_api
from .async_api import (
    BridgeError,
    BridgeTimeoutError,
    BrowserNotFoundError,
    BrowserObject,
    ChannelError,
    ConsoleLine,
    ContextError,
    ExtensionError,
    ExtensionWarning,
    Faults,
    History,
    LaunchError,
    PermissionRequest,
    PortDisconnectedError,
    PortError,
    Record,
    RecordedMessage,
    RecordedPlace,
    RecordedPort,
    RemoteError,
    Sender,
    Tab,
    UnsupportedError,
    faults,
)
from .core.routes import MessageMatch, NameMatch
from .core.unread import MAX_UNREAD_BYTES
from .driver import PermissionAnswer
from .faces import FACES, EventFace, Expect, Face, require_plain, start_sync
from .javascript import UNDEFINED
from .launch import Order
from .traffic.recorder import Mode
from .traffic.redact import Redact
from .waiting.waits import DEFAULT_TIMEOUT_MS

__all__ = [
    "Action",
    "Bridge",
    "BridgeError",
    "BridgeTimeoutError",
    "BrowserNotFoundError",
    "BrowserObject",
    "ChannelError",
    "ConnectEvent",
    "ConsoleLine",
    "Context",
    "ContextError",
    "Event",
    "ExtensionError",
    "ExtensionWarning",
    "Faults",
    "History",
    "LaunchError",
    "MessageEvent",
    "MessageRoute",
    "NativeApplication",
    "NativePort",
    "OtherContext",
    "OtherExtension",
    "PermissionRequest",
    "Port",
    "PortDisconnectedError",
    "PortError",
    "PortRoute",
    "Record",
    "RecordedMessage",
    "RecordedPlace",
    "RecordedPort",
    "RemoteError",
    "Request",
    "RouteReceiver",
    "Runtime",
    "Sender",
    "Tab",
    "Tabs",
    "Traffic",
    "UnsupportedError",
    "faults",
    "launch",
]


def launch(
    browser_type: BrowserType,
    extension: str | os.PathLike[str],
    *,
    headless: bool = True,
    channel: str | None = None,
    executable_path: str | os.PathLike[str] | None = None,
    args: Iterable[str] | None = None,
    user_data_dir: str | os.PathLike[str] | None = None,
    replace: Iterable[str] = (),
    also: Iterable[str | os.PathLike[str]] = (),
    native: Iterable[str] = (),
    native_hosts: Iterable[str | os.PathLike[str]] = (),
    grant: Iterable[str] = (),
    permission_requests: PermissionAnswer = "allow",
    storage: Mapping[str, Mapping[str, Any]] | None = None,
    private: bool = False,
    install: bool = True,
    routes: bool = False,
    bfcache: bool = False,
    background_idle_timeout: float | None = None,
    copy_limit: int | None = None,
    unread_limit: int = MAX_UNREAD_BYTES,
    record: Mode = "python",
    record_to: str | os.PathLike[str] | None = None,
    redact: Redact | None = None,
    timeout: float = DEFAULT_TIMEOUT_MS,
    **persistent_context_options: Any,
) -> Bridge:
    """Start a browser with an instrumented copy of an extension, and return its bridge.

        with launch(playwright.chromium, "path/to/extension") as bridge: ...
        bridge = launch(playwright.firefox, "extension.xpi")

    It is complete when the extension's background, if it has one, runs. Without a ``with`` block, call `Bridge.close`
    at the end.

    Args:
        browser_type: ``playwright.chromium`` or ``playwright.firefox``.
        extension: The extension's folder, or its ``.zip``, ``.xpi`` or ``.crx`` file. It is never written to.
        headless: As in Playwright.
        channel: As in Playwright: ``"chrome"``, ``"msedge"``, ``"moz-firefox"`` ...
        executable_path: The browser to start. Without it and without `channel`, the bridge takes the program or channel
            in the environment variable ``PORTBRIDGE_CHROMIUM`` or ``PORTBRIDGE_FIREFOX``, or else Playwright's own
            build if it is installed, or else a browser on the PATH.
        args: More arguments for the browser.
        user_data_dir: The browser's profile. Without it, the browser gets a new one, which is removed at the end.
        replace: Parts of the extension to leave out, so that Python plays them alone: ``"background"``, ``"content"``.
        also: Other extensions to load, unchanged.
        native: Names of native applications that Python plays from the start, for an extension that connects as soon as
            it runs. `Bridge.native` can add others later.
        native_hosts: Host manifests of real native applications that the extension may use during this launch.
        grant: Optional permissions, and match patterns of optional hosts, that the extension has from its first line;
            see `Bridge.grant`.
        permission_requests: What the user answers when the extension itself calls `permissions.request()`, while nobody
            listens to `Bridge.permission_requests`: ``"allow"`` or ``"refuse"``.
        storage: What the extension has in its storage before its first line runs, each time that it is installed:
            ``{"local": {"theme": "dark"}}``. The areas are ``"local"``, ``"sync"`` and, in Firefox, ``"session"`` and
            ``"managed"``; each has a dict of JSON values. `storage.onChanged` does not fire for it. Firefox needs an id
            in the manifest for ``"sync"`` and ``"managed"``.
        private: Whether the extension may run in private windows, too, and those of `also`; see
            `Bridge.open_private_window`. Firefox needs an id in the manifest for this, and leaves out those of `also`
            that have none.
        install: Whether the launch installs the extension. If not, it is complete when the browser runs, and
            `Bridge.install` installs the extension.
        routes: Whether `Bridge.route_port` can change what the extension's own scripts say to each other. The scripts'
            listeners and ports are then behind a proxy from the start; see Fidelity for what they can see of it.
        bfcache: Leave the browser's back/forward cache on. Playwright switches it off in Chromium, and the bridge does
            so in Firefox, because a page that the user has left may live on in it, with its ports. Playwright's own
            Firefox has none.
        background_idle_timeout: Stop the background whenever it has been idle for that long, in milliseconds, at least
            100. With None, the browser decides: Firefox stops an event page after 30 s; Chromium never stops a worker,
            because Playwright is attached. The guide says what counts as activity.
        copy_limit: How many bytes an archive may unpack to, and how many the symbolic links in a folder may add to its
            copy; each file counts 4 KiB more. With None, that is 1 GiB, and for an archive no more than a hundred times
            its own size, but at least 64 MiB.
        unread_limit: How many bytes the messages may take that have arrived on open ports and that nobody has received.
            At more, the port that has most of them is disconnected, and the next wait on it, or else `Bridge.close`,
            raises BridgeError; its messages can still be received. (Browsers have no flow control for ports. A native
            application has: there, Python reads on when some have been received.)
        record: What `Bridge.traffic` records: ``"python"`` the ports that Python holds, ``"all"`` also those of the
            extension's own scripts and its one-time messages, ``"off"`` nothing.
        record_to: A file to which each record is written as it comes, as JSON Lines.
        redact: What to leave out of the records: names of members of messages, or a function that gets a message and
            returns what to record instead. Without it, records have whole messages, including any secrets in them.
        timeout: How long each step of the launch may take, in milliseconds; 0 means no limit.
        persistent_context_options: Any option of Playwright's ``launch_persistent_context``.

    Raises:
        ExtensionError: The extension cannot be used, or the browser rejects it; the message says why.
        BrowserNotFoundError: There is no such browser.
        LaunchError: The browser or the extension's service worker does not start.
        UnsupportedError: `browser_type` is WebKit, `bfcache` is for Playwright's own Firefox, or the browser cannot
            begin with that in its `storage`.
        TypeError: Neither the bridge nor Playwright knows an option, or a value for `storage` is not JSON.

    Warns:
        ExtensionWarning: The browser loads the extension, but cannot run all of it; the message says what to do.
    """
    return start_sync(Order(locals(), sync=True))


class Action(Face[async_api.Action]):
    """``action``, called ``browserAction`` in Manifest V2: the extension's toolbar button."""

    @property
    def onClicked(self) -> Event:
        """Fires with the active `Tab` when the button is pressed, but not if the button has a popup."""
        return self._show(self._impl.onClicked)


class Bridge(Face[async_api.Bridge]):
    """A running browser with the extension under test. `launch` starts it; `close`, or a ``with`` block, ends it."""

    @property
    def browser_context(self) -> BrowserContext:
        """Playwright's own ``BrowserContext``."""
        return self._show(self._impl.browser_context)

    @property
    def browser_name(self) -> str:
        """``"chromium"`` or ``"firefox"``."""
        return self._show(self._impl.browser_name)

    @property
    def extension_id(self) -> str:
        """The id that the browser has given to the extension under test.

        With ``launch(install=False)`` it is empty before `install`, in Firefox, if the manifest names none.
        """
        return self._show(self._impl.extension_id)

    @property
    def manifest(self) -> dict[str, Any]:
        """The extension's manifest as its author wrote it."""
        return self._show(self._impl.manifest)

    @property
    def traffic(self) -> Traffic:
        """What went over Python's ports, and with ``launch(record="all")`` over the extension's own ports too."""
        return self._show(self._impl.traffic)

    def set_default_timeout(self, timeout: float) -> None:
        """Set the timeout of waits that name none, in milliseconds; 0 means no limit. It is 30 000 at first."""
        self._impl.set_default_timeout(timeout)

    @property
    def contexts(self) -> list[Context]:
        """All live contexts: background, content scripts, extension pages, web pages entered by `web`, `external`."""
        return [self._show(item) for item in self._impl.contexts]

    @property
    def background(self) -> Context:
        """The service worker, event page or background page. It stays the same object if the background restarts."""
        return self._show(self._impl.background)

    @property
    def private_background(self) -> Context:
        """The other service worker that an extension has in Chromium, if its manifest has ``"incognito": "split"``.

        It runs while a private window is open; see `open_private_window`. It stays the same object if it restarts.
        """
        return self._show(self._impl.private_background)

    @property
    def external(self) -> Context:
        """Another extension (the bridge's relay). A connection opened here arrives at `onConnectExternal`."""
        return self._show(self._impl.external)

    def content(self, page_or_frame: Page | Frame, *, timeout: float | None = None) -> Context:
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
        return self._call(self._impl.content, page_or_frame, timeout=timeout)

    def context_of(self, page_or_frame: Page | Frame, *, timeout: float | None = None) -> Context:
        """Return the context of the extension in a page or frame: its content script there, or its own page.

        Args:
            page_or_frame: A Playwright ``Page``, which means its main frame, or a ``Frame``.
            timeout: How long to wait for a document there, in milliseconds.

        Raises:
            ContextError: The extension cannot run a script there, or the frame or page is gone.
            BridgeTimeoutError: No script of the extension answered in time. In Firefox, Playwright cannot reach into
                some extension pages, without the bridge either.
        """
        return self._call(self._impl.context_of, page_or_frame, timeout=timeout)

    def page(self, path: str | None = None, *, timeout: float | None = None) -> Context:
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
        return self._call(self._impl.page, path, timeout=timeout)

    def wait_for_context(
        self,
        kind: str | None = None,
        *,
        url: str | re.Pattern[str] | Callable[[str], Any] | None = None,
        tab: int | Page | None = None,
        predicate: Callable[..., Any] | None = None,
        timeout: float | None = None,
    ) -> Context:
        """Return a context that is alive, or the next to begin: one that opens by itself, such as a popup.

            popup = bridge.wait_for_context("popup")
            panel = bridge.wait_for_context("page", url="**/panel.html")

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
        return self._call(self._impl.wait_for_context, kind, url=url, tab=tab, predicate=predicate, timeout=timeout)

    def expect_context(
        self,
        kind: str | None = None,
        *,
        url: str | re.Pattern[str] | Callable[[str], Any] | None = None,
        tab: Any = None,
        predicate: Callable[..., Any] | None = None,
        timeout: float | None = None,
    ) -> Expect[Context]:
        """Wait for a context that begins during the block of the ``with``, or after it in time.

            with bridge.expect_context("popup") as info:
                bridge.click_action(page)
            popup = info.value

        Args: see `wait_for_context`.
        """
        return self._show(self._impl.expect_context(kind, url=url, tab=tab, predicate=predicate, timeout=timeout))

    def native(self, name: str) -> NativeApplication:
        """Make Python the native application `name`: the other end of the extension's ``connectNative(name)``.

        A name always gives the same object. From the first call on, connections are kept. To be ready before the
        extension's background starts, name the application in ``launch(native=[...])``.

        Raises:
            ExtensionError: The manifest lacks the permission ``nativeMessaging``.
            ValueError: The browser does not allow that name.
        """
        return self._call(self._impl.native, name)

    def web(self, page_or_frame: Page | Frame, *, timeout: float | None = None) -> Context:
        """Return the world of a web page's own scripts, which may connect to the extension.

        Chromium only, and only for pages that the manifest's ``externally_connectable.matches`` covers, at the launch
        and now.

        Raises:
            UnsupportedError: The browser is Firefox, which does not support ``externally_connectable``.
            ContextError: The browser gives the page no ``chrome.runtime``, or the page is gone.
        """
        return self._call(self._impl.web, page_or_frame, timeout=timeout)

    def extension(self, id: str) -> OtherExtension:
        """Return another extension in the browser, such as one of ``launch(also=...)``, to evaluate code in it.

            other = bridge.extension("helper@example.org")
            assert other.background.evaluate("requests.length") == 1

        Args:
            id: Its id, as `runtime.id` has it. ``bridge.external.call("management.getAll")`` lists all.
        """
        return self._call(self._impl.extension, id)

    def start_inspector(self) -> str:
        """Serve the inspector, a page that shows contexts, ports and traffic. Return the page's address.

        Whoever knows the address can act there as Python can here. The page ends with the bridge. A second call returns
        the same address. The page lives only while a call of Playwright or of the bridge waits; see `inspect`.
        """
        return self._call(self._impl.start_inspector)

    def inspect(self, *, open_browser: bool = True) -> None:
        """Stop a test here, for debugging, until somebody presses "Resume" in the inspector.

        The address is printed on the terminal, even if a test's output is captured.

        Args:
            open_browser: Whether to open the page in the user's own browser.

        Raises:
            ContextError: The browser under test is gone.
        """
        self._call(self._impl.inspect, open_browser=open_browser)

    def recent_traffic(self) -> list[str]:
        """Return the end of the recorded traffic as lines of text, the oldest first."""
        return self._show(self._impl.recent_traffic())

    @property
    def open_requests(self) -> list[Request]:
        """The one-time messages that Python heard and may still answer, the oldest first. Their askers wait."""
        return [self._show(item) for item in self._impl.open_requests]

    def raise_listener_errors(self) -> None:
        """Raise what listeners raised and no wait has raised yet; several come as an exception group."""
        self._impl.raise_listener_errors()

    def close(self) -> None:
        """Close the browser and remove everything that the launch created. You may call this more than once.

        It takes 10 seconds at most. A browser that has not closed by then is killed.

        Raises:
            Exception: What a listener raised and no wait has raised yet; several come as an exception group.
            BridgeTimeoutError: The browser did not close, so its processes were killed.
        """
        self._call(self._impl.close)

    def __enter__(self) -> Bridge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._impl.__aexit__, kind, error, trace)

    def click_action(self, page: Page | None = None, *, timeout: float | None = None) -> None:
        """Press the extension's toolbar button.

        Args:
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The extension has no toolbar button.
            ContextError: No page is open.
        """
        self._call(self._impl.click_action, page, timeout=timeout)

    def click_page_action(self, page: Page | None = None, *, timeout: float | None = None) -> None:
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
        self._call(self._impl.click_page_action, page, timeout=timeout)

    def open_popup(self, page: Page | None = None, *, timeout: float | None = None) -> Context:
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
        return self._call(self._impl.open_popup, page, timeout=timeout)

    def open_side_panel(self, page: Page | None = None, *, timeout: float | None = None) -> Context:
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
        return self._call(self._impl.open_side_panel, page, timeout=timeout)

    def open_options(self, *, timeout: float | None = None) -> Context:
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
        return self._call(self._impl.open_options, timeout=timeout)

    def open_devtools(self, page: Page, *, timeout: float | None = None) -> Context:
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
        return self._call(self._impl.open_devtools, page, timeout=timeout)

    def open_private_window(self, url: str | None = None, *, timeout: float | None = None) -> Page:
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
        return self._call(self._impl.open_private_window, url, timeout=timeout)

    def discard(self, page: Page, *, timeout: float | None = None) -> int:
        """Discard the tab of a page, as a browser does that is short of memory. Return the id of the tab after that.

        The tab stays, without its document: contexts and ports in it are closed, and Playwright's page is, too. In
        Chromium, the tab gets another id. When the tab is activated, the browser loads it anew, as another page of
        Playwright's:

            tab_id = bridge.discard(page)
            with bridge.expect_context("content", tab=tab_id) as info:
                bridge.external.call("tabs.update", tab_id, {"active": True})
            page = (info.value).playwright_page()

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
        return self._call(self._impl.discard, page, timeout=timeout)

    def press_command(self, name: str, page: Page | None = None, *, timeout: float | None = None) -> None:
        """Press the key of a command of the manifest. `commands.onCommand` fires in the extension.

            bridge.press_command("toggle-feature", page)

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
        self._call(self._impl.press_command, name, page, timeout=timeout)

    def click_menu(
        self,
        item_id: str,
        target: Page | Locator | None = None,
        *,
        on: Literal["page", "action", "tab"] = "page",
        timeout: float | None = None,
    ) -> None:
        """Click an item that the extension has added to a context menu. `contextMenus.onClicked` fires.

            bridge.click_menu("save-link", page.get_by_role("link"))
            bridge.click_menu("pause", page, on="action")

        The bridge clicks the target with the right button, and the item in the browser's own menu. So `info` and `tab`
        are the browser's, and what is under the mouse decides which items there are: to have a selection, select
        something in the page before.

        Args:
            item_id: The `id` that `contextMenus.create()` got.
            target: A Playwright locator; or a page, which is clicked in its top left corner. None means the newest
                page.
            on: Whose menu it is: that of the page, of the toolbar button, or of the page's tab.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension has no such item, and the message says which it has; or the browser does not
                show it there, or it is disabled.
            UnsupportedError: The item opens a menu of its own; or the extension has no toolbar button; or the page is
                in a window that shows no such button or no tabs; or Chromium has no UI DevTools, or is too old to add
                items to the menus of tabs, or another extension's button has the same title.
            BridgeTimeoutError: No menu opened; the page may prevent it.
        """
        self._call(self._impl.click_menu, item_id, target, on=on, timeout=timeout)

    def click_notification(self, id: str, button: int | None = None, *, timeout: float | None = None) -> None:
        """Click a notification of the extension's, or one of its buttons.

            bridge.click_notification("download-done")
            bridge.click_notification("download-done", 1)

        The bridge waits until the browser shows it. `notifications.onClicked` or `onButtonClicked` fires, as by the
        user's own click, which also wakes a stopped background. In Firefox, the notification closes then, and
        `onClosed` follows; in Chromium, it stays.

        Browsers close notifications after a while. Chromium shows three at a time, and the others once there is room.
        One that has none when the bridge looks for it loses its `contextMessage`, by which the bridge tells them apart.

        Args:
            id: That `notifications.create()` got, or returned.
            button: The number of the button, from 0. Chromium only.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension has no such notification, and the message says which it has; or it has no such
                button.
            ExtensionError: The manifest lacks the permission ``notifications``.
            UnsupportedError: The browser is Firefox, whose notifications have no buttons; or Chromium has no UI
                DevTools.
            BridgeTimeoutError: The browser did not show it.
        """
        self._call(self._impl.click_notification, id, button, timeout=timeout)

    def type_omnibox(
        self,
        text: str,
        page: Page | None = None,
        *,
        suggestion: str | None = None,
        enter: bool | Literal["currentTab", "newForegroundTab", "newBackgroundTab"] = False,
        timeout: float | None = None,
    ) -> list[dict[str, str]]:
        """Type the extension's keyword and a text in the address bar, as the user does.

            bridge.type_omnibox("cats", enter=True)
            suggestions = bridge.type_omnibox("cats", suggestion="https://cats.example/")

        `omnibox.onInputStarted` and `onInputChanged` fire, which also wake a stopped background, and `onInputEntered`
        after Enter. Chromium tells the extension of each letter, Firefox of as many as it is in time for. What was
        typed before is gone; `leave_omnibox` cancels what nobody entered.

        Args:
            text: What the user types after the keyword and a space.
            page: The Playwright page whose window it is; it is brought to the front first. None means the newest one.
            suggestion: The `content` of a suggestion to wait for, which `enter` then chooses.
            enter: Whether to press Enter; or the disposition with which to do so, which the extension hears. Firefox
                makes ``"currentTab"`` of all in an empty tab.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            All suggestions of the extension's that the address bar shows together with that one, each as a dict with
            `content` and `description`. None without `suggestion`, for then nobody waits for the extension's answer.

        Raises:
            UnsupportedError: The manifest has no `omnibox`; the page is in a window without an address bar; or this
                Chromium has no UI DevTools, or does not say what it suggests.
            BridgeTimeoutError: The suggestion did not appear; the message says which ones did.
            ContextError: No page is open.
        """
        return self._call(self._impl.type_omnibox, text, page, suggestion=suggestion, enter=enter, timeout=timeout)

    def leave_omnibox(self, page: Page | None = None, *, timeout: float | None = None) -> None:
        """Take back what was typed in the address bar. `omnibox.onInputCancelled` fires if nobody entered it.

        Args:
            page: As in `type_omnibox`.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: As in `type_omnibox`.
            ContextError: No page is open.
        """
        self._call(self._impl.leave_omnibox, page, timeout=timeout)

    def fire_alarm(self, name: str = "", *, timeout: float | None = None) -> None:
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
        self._call(self._impl.fire_alarm, name, timeout=timeout)

    def set_idle_state(self, state: Literal["active", "idle", "locked"], *, timeout: float | None = None) -> None:
        """Have the browser take its user for idle or active. `idle.onStateChanged` fires if that is a change.

        `idle.queryState()` says the same from then on, whatever interval it is asked for, until the extension is
        uninstalled, as `reset` does, or the browser closes.

        Firefox only.

        Args:
            state: As in `idle.onStateChanged`. Firefox does not know ``"locked"``.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The browser is Chromium, or the state is ``"locked"``.
            ExtensionError: The manifest lacks the permission ``idle``.
        """
        self._call(self._impl.set_idle_state, state, timeout=timeout)

    def grant(self, *permissions: str, timeout: float | None = None) -> None:
        """Grant optional permissions to the extension, as if its user had allowed them. `permissions.onAdded` fires.

            bridge.grant("bookmarks", "https://example.org/*")

        What it has already stays. In Chromium, a hidden document of the extension calls `permissions.request()`; after
        a `reset` or `uninstall`, and with ``launch(permission_requests="refuse")``, Chromium shows its prompt, and the
        bridge presses the button after a second. Grants end with the installation, but for those of
        ``launch(grant=...)``.

        Args:
            permissions: Names and match patterns for hosts that the manifest has in ``optional_permissions`` and
                ``optional_host_permissions``, or narrower patterns. The path of a pattern does not count.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: The manifest does not list one of them as optional; the message says which it lists.
            UnsupportedError: This Chromium has no UI DevTools, and would ask its user.
            ContextError: The extension was disabled or uninstalled.
            RemoteError: The browser refuses; the message is the browser's.
        """
        self._call(self._impl.grant, *permissions, timeout=timeout)

    def revoke(self, *permissions: str, timeout: float | None = None) -> None:
        """Take optional permissions away from the extension. `permissions.onRemoved` fires for those that it had.

        A script that was injected into a page already stays there, as it does for any user.

        Args and errors: see `grant`.
        """
        self._call(self._impl.revoke, *permissions, timeout=timeout)

    @property
    def permission_requests(self) -> Event:
        """What the extension itself requests of its user: listeners get each `PermissionRequest`, and answer it.

            bridge.permission_requests.addListener(lambda request: request.allow())

        The extension calls `permissions.request()`, as it may after a click. Listeners get what the browser would ask
        its user, before it goes on. The prompt stays until one of them, or somebody later, calls `allow()` or
        `refuse()`: the errors of waits name what is open. If a listener raises before that, and while there is none,
        the answer is that of ``launch(permission_requests=...)``. In Chromium, adding a listener raises
        UnsupportedError unless the launch had ``permission_requests="refuse"``: otherwise it grants without asking.
        """
        return self._show(self._impl.permission_requests)

    @property
    def open_permission_requests(self) -> list[PermissionRequest]:
        """What the extension requests of its user and nobody has answered, the oldest first."""
        return self._show(self._impl.open_permission_requests)

    def expect_permission_request(
        self, predicate: Callable[[PermissionRequest], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[PermissionRequest]:
        """Wait for what the extension requests during the block of the ``with``, or after it in time.

            with bridge.expect_permission_request() as info:
                page.click("#more")
            (info.value).allow()

        Args:
            predicate: Gets each request; returns true for the right one. None takes the first.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: As in `permission_requests`.
            BridgeTimeoutError: The browser asked for no such thing in time.
        """
        return self._show(self._impl.expect_permission_request(predicate, timeout=timeout))

    def stop_background(self, *, timeout: float | None = None) -> None:
        """Stop the background, as the browser does with an idle one. The next event starts it again.

        Its ports close. Python's listeners stay: when an event starts the background, they are put back before the
        browser delivers that event. In Chromium, to listen to something new there starts the background.

        Raises:
            UnsupportedError: It is a persistent background page, which never stops.
            ContextError: It is not running, or the manifest has none.
        """
        self._call(self._impl.stop_background, timeout=timeout)

    def start_background(self, *, timeout: float | None = None) -> None:
        """Start the background without an event, if it is stopped. Return once it runs.

        Raises:
            ContextError: The manifest has no background, or the extension was disabled or uninstalled.
            BridgeTimeoutError: It did not start in time.
        """
        self._call(self._impl.start_background, timeout=timeout)

    def wait_for_background(self, *, timeout: float | None = None) -> None:
        """Return once the background runs: at once if it runs already, otherwise after an event has started it.

        Raises:
            ContextError: The manifest has no background.
            BridgeTimeoutError: Nothing started it in time.
        """
        self._call(self._impl.wait_for_background, timeout=timeout)

    def reload(self, *, timeout: float | None = None) -> None:
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
        self._call(self._impl.reload, timeout=timeout)

    def upgrade(self, extension: str | os.PathLike[str], *, timeout: float | None = None) -> None:
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
        self._call(self._impl.upgrade, extension, timeout=timeout)

    def disable(self, *, timeout: float | None = None) -> None:
        """Disable the extension, as the switch in the browser's page of extensions does.

        Its contexts and ports close with the reason, its pages too. Content scripts in open pages become orphans, as in
        `reload`. Its storage stays, and so do Python's listeners in `background`, which are back after `enable`. To
        disable it twice does nothing more. Until it is enabled, what needs the extension raises ContextError.

        Args:
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension was uninstalled.
        """
        self._call(self._impl.disable, timeout=timeout)

    def enable(self, *, timeout: float | None = None) -> None:
        """Enable the extension again after `disable`. Return once its background runs, if the manifest has one.

        `runtime.onInstalled` does not fire. Reload the pages to have its content scripts there; Firefox runs them in
        open pages by itself. If the extension is enabled already, nothing happens, and a stopped background stays so.

        Args:
            timeout: How long to wait for the background, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension was uninstalled.
            BridgeTimeoutError: The background did not start in time.
        """
        self._call(self._impl.enable, timeout=timeout)

    def uninstall(self, *, timeout: float | None = None) -> None:
        """Uninstall the extension, as the user does; the browser deletes its storage too.

        Its contexts and ports close with the reason. To uninstall it twice does nothing more. `reload` and `reset`
        install it again; after `reload`, Python's listeners in `background` are there again.

        Args:
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.
        """
        self._call(self._impl.uninstall, timeout=timeout)

    def install(self, *, timeout: float | None = None) -> None:
        """Install the extension after ``launch(install=False)``. Return once its background runs, if it has one.

        Its `runtime.onInstalled` fires with ``"install"``. Listeners that Python has added in `background` before are
        there from its first line on. Reload the pages that are open to have its content scripts there; Firefox runs
        them in open pages by itself. If it is installed already, nothing happens.

        Args:
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: The browser rejects the extension.
            ContextError: `disable` has disabled the extension.
            LaunchError: The background does not start.
        """
        self._call(self._impl.install, timeout=timeout)

    def reset(self, *, timeout: float | None = None) -> None:
        """Return the browser to its state after the launch, for the next test. This is cheaper than another browser.

        The extension is reinstalled, with the storage and the optional permissions that the launch gave it, and no
        others; after ``launch(install=False)`` it is uninstalled. All pages close, and one empty page is opened.
        Cookies, permissions granted to pages, and routes are removed, and so are ports, listeners, kept messages and
        connections, and the default timeout. Other data that sites have stored stays. So do the init scripts, exposed
        functions and event handlers of `browser_context`, and the native applications that Python has become.

        Raises:
            Exception: After the reset: what a listener raised and no wait has raised yet, as in `close`.
            LaunchError: The background does not start.
        """
        self._call(self._impl.reset, timeout=timeout)

    def route_port(self, name: NameMatch, handler: Callable[..., Any] | Faults) -> None:
        """Call `handler` with a `PortRoute` whenever a script opens a port that fits, before another script has it.

            def late(route):
                receiver = route.connect_to_receiver()
                route.on_message(lambda message: receiver.postMessage({**message, "late": True}))

            bridge.route_port("sync", late)

        Leave `PortRoute.connect_to_receiver` out, and Python plays the receiver. A direction without a handler passes
        its messages on as they come. What the opener posts before the handler has ended waits for it.

        The ports are those that reach the extension's own background, pages and content scripts, whoever opens them,
        also user scripts and Python. The receiving script must listen, as ever: where nobody does, the browser closes
        the port, and no handler is called. Besides, they are those that the extension's own scripts open to native
        applications and other extensions. There the browser connects at once, as the script gets the port at once; but
        no message goes over it before `PortRoute.connect_to_receiver`. Ports that are open already are not routed. If
        several routes fit, the newest has the port.

        Args:
            name: The port's name, of a port to a native application the application's; or a compiled pattern, searched
                for in the name; or a function that gets the name, and the `Sender` if it takes two arguments, and
                returns true for the right ports. Patterns and functions are asked in Python, so every new port waits
                for the answer, as long as a round trip takes.
            handler: A function of one argument; or `faults`. If it raises, the next wait does, and the port goes on as
                without a route.

        Raises:
            BridgeError: The launch was without ``routes=True``.
        """
        self._call(self._impl.route_port, name, handler)

    def unroute_port(self, name: NameMatch, handler: Callable[..., Any] | Faults | None = None) -> None:
        """Take back what `route_port` did with that `name`. Ports that are routed already stay so.

        Args:
            name: As it was given to `route_port`.
            handler: Take back only routes with this handler.
        """
        self._call(self._impl.unroute_port, name, handler)

    def route_message(self, match: MessageMatch, handler: Callable[..., Any]) -> None:
        """Call `handler` with a `MessageRoute` whenever a one-time message that fits is sent, before a script hears it.

            def late(route):
                route.continue_(message={**route.message, "late": True})

            bridge.route_message({"type": "save"}, late)

        The messages are those of ``runtime.sendMessage`` and ``tabs.sendMessage`` that reach the extension's own
        background, pages and content scripts, whoever sends them, also Python. A script must listen there, as ever:
        where nobody does, the asker learns that from the browser, and no handler is called. A message that reaches
        several contexts is a route in each. If several routes fit, the newest has the message.

        As with Playwright's routes, the asker waits until the handler, or somebody later, has called one of
        `MessageRoute.continue_`, `answer`, `reject` and `abort`.

        Args:
            match: What the message contains: ``{"type": "save"}`` fits each object with that member, whatever else it
                has; a string fits itself. Or a function that gets the message, and the `Sender` if it takes two
                arguments, and returns true for the right ones. Functions are asked in Python, so every message waits
                for the answer, as long as a round trip takes.
            handler: A function of one argument. If it raises, the next wait does, and the message goes on as without a
                route.

        Raises:
            BridgeError: The launch was without ``routes=True``.
        """
        self._call(self._impl.route_message, match, handler)

    def unroute_message(self, match: MessageMatch, handler: Callable[..., Any] | None = None) -> None:
        """Take back what `route_message` did with that `match`. Messages that a handler has got already stay with it.

        Args:
            match: As it was given to `route_message`.
            handler: Take back only routes with this handler.
        """
        self._call(self._impl.unroute_message, match, handler)

    def unroute_all(self) -> None:
        """Take back all routes, of ports and messages, also of ports that are open. What waits in one is passed on."""
        self._call(self._impl.unroute_all)


class Context(Face[async_api.Context]):
    """A place where Python stands: a script context of the extension under test, or one that may talk to it."""

    @property
    def kind(self) -> str:
        """``"background"``, ``"content"``, ``"page"``, ``"external"`` or ``"web"``.

        It says what Python can do there. Every page of the extension is a ``"page"``, in a tab or not; see `view`.
        """
        return self._show(self._impl.kind)

    @property
    def view(self) -> str | None:
        """What the user sees of this context: of a page of the extension, where it is; of any other, its `kind`.

        ``"tab"`` (alone in a tab), ``"frame"`` (in a frame of another document), ``"popup"``, ``"side panel"`` in
        Chromium and ``"sidebar"`` in Firefox, ``"options"`` (embedded in the browser's own page), ``"devtools page"``,
        ``"devtools panel"``, and ``"offscreen"`` in Chromium. The page itself says so, or the browser; if neither can,
        it is ``"page"``. Until then, a moment at most, it is None; whoever waits for a context waits for this too.

        `kind` is not as exact, so that a test that asks for ``kind == "page"`` goes on to find every such page.
        """
        return self._show(self._impl.view)

    @property
    def url(self) -> str:
        """The URL that the document or worker had when the context began."""
        return self._show(self._impl.url)

    @property
    def tab_id(self) -> Any:
        """The id of the context's tab, or None if it is not in a tab."""
        return self._show(self._impl.tab_id)

    @property
    def frame_id(self) -> Any:
        """The id of the frame in the tab, 0 for the top frame; None if the context is not in a tab."""
        return self._show(self._impl.frame_id)

    @property
    def document_id(self) -> str | None:
        """The browser's id of the document, or None if the browser gives none."""
        return self._show(self._impl.document_id)

    @property
    def closed(self) -> bool:
        """Whether the context is gone. A stopped background is closed until it starts again."""
        return self._show(self._impl.closed)

    @property
    def runtime(self) -> Runtime:
        """``runtime`` of the WebExtension API, in this context."""
        return self._show(self._impl.runtime)

    @property
    def tabs(self) -> Tabs:
        """``tabs`` of the WebExtension API, which content scripts and web pages do not have.

        Raises:
            UnsupportedError: This kind of context has no ``tabs``.
        """
        return self._show(self._impl.tabs)

    @property
    def action(self) -> Action:
        """``action`` of the WebExtension API, ``browserAction`` in Manifest V2: the toolbar button."""
        return self._show(self._impl.action)

    browserAction = action

    def call(self, function: str, *arguments: Any, timeout: float | None = None) -> Any:
        """Call any function of the extension API in this context, and return its result.

            bridge.background.call("storage.local.get", "key")

        Args:
            function: The dotted name, without ``browser`` or ``chrome`` in front.
            arguments: Values that can be sent in a message.
            timeout: How long the answer may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            RemoteError: The function does not exist here, threw, or rejected; the message is the browser's.
            ContextError: The context is gone, or ended before it answered.
            BridgeTimeoutError: It did not answer in time.
        """
        return self._call(self._impl.call, function, *arguments, timeout=timeout)

    def wait_for_close(self, *, timeout: float | None = None) -> None:
        """Return once the context is gone: its page navigated or closed, its frame was removed, or it stopped.

        Args:
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            BridgeTimeoutError: It is still there.
        """
        self._call(self._impl.wait_for_close, timeout=timeout)

    def close(self, *, timeout: float | None = None) -> None:
        """Close this extension page, as a user would: its tab, or the popup, panel or options that are in no tab.

        With a page or panel in developer tools, these tools close.

        Args:
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The context is not an extension page. Close a web page with Playwright.
            BridgeTimeoutError: The browser did not close it in time.
        """
        self._call(self._impl.close, timeout=timeout)

    def playwright_frame(self, *, timeout: float | None = None) -> Frame | None:
        """Return Playwright's ``Frame`` that shows this context, or None if Playwright has none.

        It has none for a background and for pages that are not in a tab: popups, side panels and sidebars, embedded
        options, developer tools, offscreen documents.

        Args:
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The context is gone.
            BridgeTimeoutError: No frame answered in time. In Firefox, Playwright cannot reach into some extension
                pages, without the bridge either.
        """
        return self._call(self._impl.playwright_frame, timeout=timeout)

    def playwright_page(self, *, timeout: float | None = None) -> Page | None:
        """Return Playwright's ``Page`` that this context is in, or None; see `playwright_frame`."""
        return self._call(self._impl.playwright_page, timeout=timeout)

    def evaluate(
        self,
        expression: str,
        arg: Any = None,
        *,
        world: Literal["ISOLATED", "MAIN"] = "ISOLATED",
        timeout: float | None = None,
    ) -> Any:
        """Evaluate JavaScript among the context's own scripts, as Playwright's ``page.evaluate()`` does in a page.

            bridge.background.evaluate("sessions.size")
            content.evaluate("(label) => highlight(label)", "Save")

        The code sees what a script at the top level of that context sees: its global objects, and what the extension's
        scripts declare at their top level, also with ``let``, ``const`` and ``class``. The variables of ES modules are
        out of reach. No content security policy forbids it, since it goes through the browser's debugging protocol.

        Args:
            expression: An expression, statements of which the last one counts, or a function, which is called. Of a
                promise, the result counts. What the code itself declares is gone afterwards.
            arg: The function's argument: anything of the guide's table of values.
            world: ``"MAIN"`` evaluates among the scripts of the web page in which a content script runs, where content
                scripts with ``"world": "MAIN"`` run, too. The page's scripts may have changed what the code uses there.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default. In the browser
                the code goes on.

        Returns:
            The value, also one that JSON lacks; `UNDEFINED` for undefined, None for null and for a function.

        Raises:
            RemoteError: The code threw, or its promise was rejected; `stack` has the places.
            TypeError: `arg` cannot be sent.
            ContextError: The context is gone, or ended before it answered.
            UnsupportedError: The context is `external` or a web page, which has none of the extension's scripts, or it
                is no content script and `world` is ``"MAIN"``.
            BridgeTimeoutError: It did not answer in time.
        """
        return self._call(self._impl.evaluate, expression, arg, world=world, timeout=timeout)

    def wait_for_function(
        self,
        expression: str,
        arg: Any = None,
        *,
        world: Literal["ISOLATED", "MAIN"] = "ISOLATED",
        polling: float = 50,
        timeout: float | None = None,
    ) -> Any:
        """Evaluate JavaScript among the context's own scripts again and again, until it comes to something truthy.

            bridge.background.wait_for_function("(count) => sessions.size >= count", 2)

        Args:
            expression: As in `evaluate`.
            arg: As in `evaluate`.
            world: As in `evaluate`.
            polling: How long to wait before the next try, in milliseconds.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            The truthy value itself, not a handle as in Playwright.

        Raises:
            BridgeTimeoutError: It stayed falsy.
            Exception: As in `evaluate`; ContextError as soon as the context ends.
        """
        return self._call(self._impl.wait_for_function, expression, arg, world=world, polling=polling, timeout=timeout)

    def dispatch(self, event: str, *arguments: Any, timeout: float | None = None) -> None:
        """Call the listeners that the extension's scripts have here for an event, as if the event had happened.

            bridge.background.dispatch("alarms.onAlarm", {"name": "sync", "scheduledTime": 0})

        The event is not genuine: nothing has happened in the browser, the listeners get what you give them, no user
        gesture is active, and a stopped background is not started. Where the browser can be made to do the real thing,
        prefer that.

        Args:
            event: Its path in the extension API.
            arguments: What the listeners get: anything of the guide's table of values.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: No script listens to it here, or the context is gone. In Firefox, events that the extension's
                own process raises, such as `runtime.onMessage`, are among those to which nobody listens.
            RemoteError: There is no such event here.
            ValueError: That is no name of an event.
            TypeError: An argument cannot be sent.
            UnsupportedError: As in `evaluate`.
            BridgeTimeoutError: The context did not answer in time.
        """
        self._call(self._impl.dispatch, event, *arguments, timeout=timeout)

    @property
    def console(self) -> Event:
        """What the context's scripts say on the console, and their uncaught errors: listeners get each `ConsoleLine`.

        Nothing is watched before the first listener. Of a background, lines go on to come after it has started again,
        from the first one on.

        Raises:
            UnsupportedError: The context is `external` or a web page, which has none of the extension's scripts.
        """
        return self._show(self._impl.console)

    def wait_for_console(
        self, predicate: Callable[[ConsoleLine], Any] | None = None, *, timeout: float | None = None
    ) -> ConsoleLine:
        """Return the next line on the context's console, or the next uncaught error.

        Lines that were said before the call do not count; see `expect_console`.

        Args:
            predicate: Gets each line; returns true for the right one. None takes the first.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The context is gone.
            BridgeTimeoutError: No such line came; the error names those that did.
        """
        return self._call(self._impl.wait_for_console, predicate, timeout=timeout)

    def expect_console(
        self, predicate: Callable[[ConsoleLine], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[ConsoleLine]:
        """Wait for a line on the context's console that comes during the block of the ``with``, or after it.

            with content.expect_console(lambda line: line.uncaught) as info:
                page.click("#break")
            assert (info.value).text == "TypeError: note is undefined"

        Args: see `wait_for_console`.
        """
        return self._show(self._impl.expect_console(predicate, timeout=timeout))

    def accept(self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None) -> Port:
        """Return a kept connection to this context if there is one; otherwise wait for the next.

        Python listens here only while this waits. A connection that is opened earlier or later reaches only the
        listeners that exist then. If nobody takes a connection that arrives while somebody waits, it is kept. To listen
        before something connects, use `expect_connection`, or add a listener to ``runtime.onConnect``.

        Args:
            name: Take only a port of this name.
            external: Whether to take `onConnectExternal` instead of `onConnect`; by default only in `external`.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.
        """
        return self._call(self._impl.accept, name, external=external, timeout=timeout)

    def expect_connection(
        self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None
    ) -> Expect[Port]:
        """Wait for a connection that arrives during the block of the ``with``, or after it in time.

        Python listens from before the block begins until the connection has arrived.

            with bridge.background.expect_connection("port-from-cs") as info:
                page.goto(url)
            port = info.value

        Args: see `accept`.
        """
        return self._show(self._impl.expect_connection(name, external=external, timeout=timeout))

    def accept_message(
        self, predicate: Callable[..., Any] | None = None, *, external: bool | None = None, timeout: float | None = None
    ) -> Request:
        """Return a kept one-time message to this context if there is one; otherwise wait for the next.

            request = bridge.background.accept_message(lambda message: message["type"] == "save")
            request.respond({"saved": True})

        Python listens here only while this waits, or while ``runtime.onMessage`` has listeners. Whoever asks waits
        until you answer, or a script of the extension does.

        Args:
            predicate: Gets each message, and its sender if it takes two arguments; returns true for the right one. None
                takes the first.
            external: Whether to take `onMessageExternal` instead of `onMessage`; by default only in `external`.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.
        """
        return self._call(self._impl.accept_message, predicate, external=external, timeout=timeout)

    def expect_message(
        self, predicate: Callable[..., Any] | None = None, *, external: bool | None = None, timeout: float | None = None
    ) -> Expect[Request]:
        """Wait for a one-time message that arrives during the block of the ``with``, or after it in time.

        Python listens from before the block begins until the message has arrived.

            with bridge.background.expect_message() as info:
                page.click("#save")
            request = info.value
            request.respond({"saved": True})

        Args: see `accept_message`.
        """
        return self._show(self._impl.expect_message(predicate, external=external, timeout=timeout))


class Event(EventFace[async_api.Event]):
    """An event with the browser's own methods: `addListener`, `removeListener`, `hasListener`.

    A listener gets the event's arguments, as many as it takes by position: parameters with a default count,
    ``*args`` and a `unittest.mock.Mock` take all, and a builtin that hides its parameters gets one. To give a listener
    a value of your own, bind it with `functools.partial`, or make it a keyword-only parameter.

    Adding a listener twice has no effect. A listener that raises does not stop the others: the next wait on the port or
    context raises its exception again, or else closing the bridge does.
    """

    def addListener(self, listener: Callable[..., Any]) -> None:
        """Call `listener` whenever the event fires.

        It returns once the browser has the listener.

        Raises:
            TypeError: `listener` is not callable, or a coroutine function: listeners are plain functions here.
            BridgeTimeoutError: Awaiting took longer than the bridge's default timeout.
        """
        require_plain(listener)
        self._call(self._impl.addListener, listener)

    def removeListener(self, listener: Callable[..., Any]) -> None:
        """Stop calling `listener`. It need not have been added."""
        self._call(self._impl.removeListener, listener)

    def hasListener(self, listener: Callable[..., Any]) -> bool:
        """Whether `listener` has been added and not removed."""
        return self._show(self._impl.hasListener(listener))


class NativeApplication(Face[async_api.NativeApplication]):
    """A native application that Python plays. `onConnect` fires with a port for each ``connectNative`` to its name.

    For each connection, the browser starts a real program, which passes everything on to Python. Connections are kept
    until a listener or `accept` takes them.
    """

    @property
    def kind(self) -> str:
        """``"native"``."""
        return self._show(self._impl.kind)

    @property
    def name(self) -> str:
        """The application's name, which the extension passes to ``connectNative``."""
        return self._show(self._impl.name)

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `NativePort` of each connection."""
        return self._show(self._impl.onConnect)

    def accept(self, *, timeout: float | None = None) -> NativePort:
        """Return a kept connection if there is one; otherwise wait for the next.

        Raises:
            BridgeTimeoutError: The extension did not connect in time.
        """
        return self._call(self._impl.accept, timeout=timeout)

    def expect_connection(self, *, timeout: float | None = None) -> Expect[NativePort]:
        """Wait for a connection that arrives during the block of the ``with``, or after it in time."""
        return self._show(self._impl.expect_connection(timeout=timeout))


class Port(Face[async_api.Port]):
    """One end of a genuine connection, which Python holds in a context of the browser.

    A message that arrives is kept until somebody takes it: a listener of `onMessage`, `receive`, `expect_message` or a
    loop over the port.
    """

    @property
    def name(self) -> Any:
        """The name given to ``connect()``, or an empty str; for a native application, the application's name.

        In Firefox it is None at both ends if ``tabs.connect()`` got options without a name.
        """
        return self._show(self._impl.name)

    @property
    def sender(self) -> Any:
        """Who connected, as a `Sender`; None on a port that Python opened."""
        return self._show(self._impl.sender)

    @property
    def error(self) -> PortError | None:
        """Why the port closed, if because of an error: an object whose ``message`` is the browser's.

        Chromium gives the message only in ``runtime.lastError`` during `onDisconnect`; the bridge reads it there. If
        the port's own context ended (the page went away, the background stopped), no script is left that could read it,
        and the message is the bridge's.
        """
        return self._show(self._impl.error)

    @property
    def onMessage(self) -> Event:
        """Fires with each message as ``(message, port)``; a listener with one parameter gets only the message."""
        return self._show(self._impl.onMessage)

    @property
    def onDisconnect(self) -> Event:
        """Fires once, with the port, when the other end is gone; not after `disconnect` at this end."""
        return self._show(self._impl.onDisconnect)

    def postMessage(self, message: Any) -> None:
        """Send one message to the other end.

        It returns once the message has been written to the browser's socket, and if it has values that JSON lacks, or
        is longer than 4 MiB, the browser has accepted it.

        Args:
            message: Anything that JSON can express, and what `bridge.javascript` lists. The other end gets what the
                browser makes of it.

        Raises:
            TypeError: A member of the message cannot be sent; the error names its path. Nothing is sent.
            RemoteError: The browser refused the message; the text is the browser's, and the port stays usable.
            PortDisconnectedError: The port is closed; the text begins with the browser's own.
            BridgeTimeoutError: Awaiting took longer than the bridge's default timeout; the message may still arrive.
        """
        self._begin(self._impl.postMessage, message)

    def disconnect(self) -> None:
        """Close the port. You may call this more than once.

        `onDisconnect` fires at the other end, but not at this one. Messages that arrive afterwards are dropped.

        It returns once this end is closed.
        """
        self._call(self._impl.disconnect)

    @property
    def context(self) -> Context | NativeApplication:
        """Where Python holds this port."""
        return self._show(self._impl.context)

    @property
    def closed(self) -> bool:
        """Whether the port can no longer carry messages."""
        return self._show(self._impl.closed)

    def receive(self, *, timeout: float | None = None) -> Any:
        """Return the next message that the other end posted on this port.

        Messages come in the order in which they were posted. Those that arrived before the call are kept for it, unless
        a listener has taken them.

        Args:
            timeout: How long to wait, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            PortDisconnectedError: The port is closed, and all its messages have been taken.
            BridgeTimeoutError: Nothing arrived in time; the port stays usable.
        """
        return self._call(self._impl.receive, timeout=timeout)

    def expect_message(
        self, predicate: Callable[[Any], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[Any]:
        """Wait for a message that arrives during the block of the ``with``, or after it in time.

            with port.expect_message(lambda m: m["kind"] == "saved") as info:
                page.click("#save")
            message = info.value

        Messages that arrived earlier do not count. All other messages stay available, as if nobody had waited.

        Args:
            predicate: Gets each message, and returns true for the right one. None takes the first.
            timeout: In milliseconds from the start of the block; 0 means no limit, None the bridge's default.
        """
        return self._show(self._impl.expect_message(predicate, timeout=timeout))

    def wait_for_disconnect(self, *, timeout: float | None = None) -> None:
        """Return once the port is closed, whoever closed it and why. `error` then says more.

        Raises:
            BridgeTimeoutError: It is still open.
        """
        self._call(self._impl.wait_for_disconnect, timeout=timeout)

    def __iter__(self) -> Iterator[Any]:
        """Yield each message until the port closes. The bridge's default timeout applies to each of them."""
        while True:
            try:
                message = self.receive()
            except PortDisconnectedError:
                return
            yield message


class Runtime(Face[async_api.Runtime]):
    """``runtime`` in one context."""

    def connect(
        self,
        extension_id: str | Mapping[str, Any] | None = None,
        connect_info: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        include_tls_channel_id: bool | None = None,
    ) -> Port:
        """Open a connection to the extension's other contexts, or to another extension. Return its port at once.

        As in the browser, you may leave out any argument: ``connect()``, ``connect(name="n")``,
        ``connect("other@example.org", name="n")``. The browser's own form works too: ``connect({"name": "n"})``. If
        nobody listens there, the port's `onDisconnect` fires. To reach content scripts, use ``tabs.connect``.

        Args:
            extension_id: The extension to connect to; None or an empty str for the context's own.
            connect_info: ``name`` and ``includeTlsChannelId``, in the browser's form.
            name: What the other end reads as ``port.name``.
            include_tls_channel_id: Whether a listener of another extension gets ``sender.tlsChannelId``.

        Raises:
            TypeError: The browser would refuse an argument, or a value is given in both forms.
            ContextError: The context is gone.
        """
        return self._call(
            self._impl.connect, extension_id, connect_info, name=name, include_tls_channel_id=include_tls_channel_id
        )

    def connectNative(self, application: str) -> Port:
        """Start a native application, and return the port to it at once.

        Raises:
            TypeError: `application` is not a str.
            ExtensionError: The manifest lacks the permission ``nativeMessaging``.
            UnsupportedError: Content scripts and web pages cannot do this.
        """
        return self._call(self._impl.connectNative, application)

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `Port` of each connection to this context from the extension's own contexts.

        Raises:
            UnsupportedError: Web pages do not have it.
        """
        return self._show(self._impl.onConnect)

    @property
    def onUserScriptConnect(self) -> ConnectEvent:
        """Fires with the `Port` of each connection from a user script.

        Browsers have it while the extension has the permission ``userScripts``, and deliver connections from worlds
        for which the extension has called ``userScripts.configureWorld({messaging: true})``.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        return self._show(self._impl.onUserScriptConnect)

    @property
    def onConnectExternal(self) -> ConnectEvent:
        """Fires with the `Port` of each connection from another extension, or from a web page in Chromium.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        return self._show(self._impl.onConnectExternal)

    def sendMessage(
        self,
        extension_id: Any = UNDEFINED,
        message: Any = UNDEFINED,
        options: Mapping[str, Any] | None = None,
        *,
        include_tls_channel_id: bool | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Send a one-time message to the extension's other contexts, or to another extension. Return the answer.

        As in the browser, you may leave out the extension: ``sendMessage({"type": "save"})``,
        ``sendMessage("other@example.org", {"type": "save"})``. To reach content scripts, use ``tabs.sendMessage``.

        Args:
            extension_id: The extension to ask; None for the context's own. With one argument, the message.
            message: Anything that can be sent on a port.
            options: ``includeTlsChannelId``, in the browser's form.
            include_tls_channel_id: Whether a listener of another extension gets ``sender.tlsChannelId``.
            timeout: How long the answer may take, in milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            What the first listener to answer sent; None for null, and for undefined, which a silent listener means.

        Raises:
            TypeError: The browser would refuse an argument, a value is given in both forms, or the message cannot be
                sent.
            RemoteError: Nobody listens, a listener threw or rejected, or the channel closed; in the browser's words.
            ContextError: The context is gone.
            BridgeTimeoutError: Nobody answered in time.
        """
        return self._call(
            self._impl.sendMessage,
            extension_id,
            message,
            options,
            include_tls_channel_id=include_tls_channel_id,
            timeout=timeout,
        )

    @property
    def onMessage(self) -> MessageEvent:
        """Fires with each one-time message to this context from the extension's own contexts.

        Raises:
            UnsupportedError: Web pages do not have it.
        """
        return self._show(self._impl.onMessage)

    @property
    def onUserScriptMessage(self) -> MessageEvent:
        """Fires with each one-time message from a user script; see `onUserScriptConnect`.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        return self._show(self._impl.onUserScriptMessage)

    @property
    def onMessageExternal(self) -> MessageEvent:
        """Fires with each one-time message from another extension, or from a web page in Chromium.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        return self._show(self._impl.onMessageExternal)

    @property
    def id(self) -> str:
        """The id of the extension that this context belongs to.

        Raises:
            ContextError: The context is gone.
        """
        return self._show(self._impl.id)


class Tabs(Face[async_api.Tabs]):
    """``tabs`` in one context."""

    def connect(
        self,
        tab_id: int,
        connect_info: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        frame_id: int | None = None,
        document_id: str | None = None,
    ) -> Port:
        """Open a connection to the content scripts of a tab. Return its port at once.

            port = bridge.background.tabs.connect(content.tab_id, name="n", frame_id=0)

        The browser's own form works too: ``connect(tab_id, {"name": "n", "frameId": 0})``.

        Args:
            tab_id: The tab's id, such as ``port.sender.tab.id`` or ``context.tab_id``.
            connect_info: ``name``, ``frameId`` and ``documentId``, in the browser's form.
            name: What the other end reads as ``port.name``.
            frame_id: The one frame to reach, instead of all; 0 is the top one.
            document_id: The one document to reach.

        Raises:
            TypeError: The browser would refuse an argument, or a value is given in both forms.
            ContextError: The context is gone.
        """
        return self._call(
            self._impl.connect, tab_id, connect_info, name=name, frame_id=frame_id, document_id=document_id
        )

    def sendMessage(
        self,
        tab_id: int,
        message: Any,
        options: Mapping[str, Any] | None = None,
        *,
        frame_id: int | None = None,
        document_id: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Send a one-time message to the content scripts of a tab. Return the answer.

        Args:
            tab_id: The tab's id, such as ``request.sender.tab.id`` or ``context.tab_id``.
            message: Anything that can be sent on a port.
            options: ``frameId`` and ``documentId``, in the browser's form.
            frame_id: The one frame to reach, instead of all; 0 is the top one.
            document_id: The one document to reach.
            timeout: How long the answer may take, in milliseconds; 0 means no limit, None the bridge's default.

        Returns and raises: see `Runtime.sendMessage`.
        """
        return self._call(
            self._impl.sendMessage,
            tab_id,
            message,
            options,
            frame_id=frame_id,
            document_id=document_id,
            timeout=timeout,
        )


class Traffic(Face[async_api.Traffic]):
    """The recorded traffic. ``launch(record=...)`` says what is recorded.

    With ``record="python"``, the default, it is what goes over the ports that Python holds. With ``record="all"``, it
    is also what goes over the ports of the extension's own scripts, and their one-time messages.
    """

    @property
    def records(self) -> list[Record]:
        """The records in memory, the oldest first: the last 100 000.

        Of the older ones, memory keeps the launch, and where places and ports that are still alive began. An `Omitted`
        record says how many others were dropped.
        """
        return self._show(self._impl.records)

    @property
    def places(self) -> list[RecordedPlace]:
        """The places that have ports, or could have: contexts, other extensions, native applications."""
        return self._show(self._impl.places)

    def ports(self, name: str | None = None) -> list[RecordedPort]:
        """Return the ports of that name, or all for None, in the order in which they were opened."""
        return self._show(self._impl.ports(name))

    def messages(
        self, name: str | None = None, predicate: Callable[[RecordedMessage], Any] | None = None
    ) -> list[RecordedMessage]:
        """Return messages in the order in which the bridge learned of them, each once, however many received it.

        Args:
            name: The name of the port; None for all ports and for one-time messages.
            predicate: Gets each message, and returns true for those that you want.
        """
        return self._show(self._impl.messages(name, predicate))

    def expect_message(
        self,
        name: str | None = None,
        predicate: Callable[[RecordedMessage], Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> Expect[RecordedMessage]:
        """Wait for a message that is recorded after the ``with`` block has begun.

            with bridge.traffic.expect_message("port-from-cs", lambda m: m.by == "script") as info:
                page.click("body")
            message = info.value

        Args:
            name: The name of the port; None for any port, and for one-time messages.
            predicate: Gets each `RecordedMessage`, and returns true for the one that you want.
            timeout: In milliseconds from the start of the block; 0 means no limit, None the bridge's default.

        Raises:
            BridgeTimeoutError: No such message was recorded in time.
            Exception: What the function of `redact`, a subscriber or the file of `record_to` raised before.
        """
        return self._show(self._impl.expect_message(name, predicate, timeout=timeout))

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        """Call `callback` at once with each new record. Call the returned function to stop that.

        `callback` must be quick, and may not call Playwright or the bridge. If it raises, it is still called for later
        records; the next wait, or closing the bridge, raises its first exception again.
        """
        return self._show(self._impl.subscribe(callback))

    def lines(self) -> list[str]:
        """Return the last records as lines of text, the oldest first."""
        return self._show(self._impl.lines())

    def save(self, path: str | os.PathLike[str], *, redact: Redact | None = None) -> None:
        """Write the records in memory to a file, as JSON Lines. docs/traffic.md describes the format.

        Args:
            path: The file.
            redact: What to leave out, in addition to what the launch leaves out: names of members, or a function that
                gets a message and returns what to write instead.
        """
        self._impl.save(path, redact=redact)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> History:
        """Read a file of records. Return a history with `places`, `ports` and `messages`.

        Raises:
            BridgeError: It is not such a file; the error names the line.
        """
        return async_api.Traffic.load(path)


class ConnectEvent(Event):
    """``runtime.onConnect`` or ``runtime.onConnectExternal``: listeners get the `Port` of each connection.

    While anybody listens or waits here, the browser has one listener for all of them. It is removed with the last.
    """


class MessageEvent(Event):
    """``runtime.onMessage`` or ``runtime.onMessageExternal``: listeners hear one-time messages, and may answer them.

    A listener gets ``(message, sender, sendResponse)``, or the first of these that it takes. One that names all three
    answers by calling ``sendResponse(value)``, at once, or later if it returns True or a coroutine. A coroutine
    function, and one that a decorator wraps, answers with its result, and rejects by raising; an AssertionError fails
    the test too, and so does a result that cannot be sent.

    Any other listener only listens: for whoever asks, it is as if it were not there. That goes for ``*args`` and for a
    `unittest.mock.Mock`, whose ``sendResponse`` raises a TypeError. It also goes for a plain function that returns a
    coroutine, such as ``lambda message: answer(message)``: the coroutine runs, and if it has a result, the next wait
    raises a TypeError, since nobody gets it.

    The reason is that a context must say at once whether it may answer, before Python can. So if a listener that could
    answer does not, and the extension's scripts do not either, whoever asks goes on waiting, where a script's silence
    would give undefined.
    """


class NativePort(Port):
    """A port on which Python is the native application."""

    _impl: async_api.NativePort

    def postMessage(self, message: Any) -> None:
        """Send one message to the extension, as JSON.

        Raises:
            TypeError: A member of the message cannot be sent; the error names its path.
            ValueError: The message is longer than 1 MiB, and both browsers would close the connection. To send it
                anyway, use `send_raw`.
            PortDisconnectedError: The port is closed.
        """
        self._begin(self._impl.postMessage, message)

    def send_raw(self, data: bytes) -> None:
        """Make the program write exactly these bytes to its stdout, to see how the browser reacts.

        A message needs its length in front; ``bridge.protocol.stdio.pack`` adds it.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._call(self._impl.send_raw, data)

    def kill(self) -> None:
        """Have the program kill itself, as if a native application crashed.

        The extension sees what the browser makes of that. `onDisconnect` fires at this end.

        It returns once the program is cut off. `wait_for_disconnect` waits for its end.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._call(self._impl.kill)


class Request(Face[async_api.Request]):
    """A one-time message of ``runtime.sendMessage`` or ``tabs.sendMessage`` that Python hears in a context.

    Its asker waits until somebody answers: Python, by `respond` or `reject`, or a script of the extension. The first
    answer wins, whoever gives it, and the browser tells nobody else which one that was.
    """

    @property
    def message(self) -> Any:
        """What was asked."""
        return self._show(self._impl.message)

    @property
    def sender(self) -> Any:
        """Who asked, as a `Sender`."""
        return self._show(self._impl.sender)

    @property
    def context(self) -> Context:
        """Where Python heard it."""
        return self._show(self._impl.context)

    @property
    def answered(self) -> str | None:
        """What Python did, ``"responded"`` or ``"rejected"``, or why it no longer can answer; None while it can."""
        return self._show(self._impl.answered)

    def respond(self, value: Any = UNDEFINED) -> None:
        """Answer. After the first answer of Python's, this does nothing, as ``sendResponse`` in the browser.

        It returns once the browser has taken the answer.

        Args:
            value: Anything that can be sent in a message; undefined by default.

        Raises:
            TypeError: The value cannot be sent; the error names the member. The request stays open.
            RemoteError: The browser refused the value.
            BridgeTimeoutError: Awaiting took longer than the bridge's default timeout.
        """
        self._call(self._impl.respond, value)

    def reject(self, message: str) -> None:
        """Answer with an error: the asker's promise is rejected with these words. After an answer this does nothing.

        It returns once the request is answered.
        """
        self._call(self._impl.reject, message)


class PortRoute(Face[async_api.PortRoute]):
    """A port that a script has opened and a route fits: see `Bridge.route_port`. It stands for the opener's end.

    Until `connect_to_receiver` is called, the scripts at the other end do not have the port, and Python plays them. A
    port that leads to a native application or another extension is there from the start, but no message goes over it.
    """

    @property
    def name(self) -> Any:
        """The name given to ``connect()``, as `Port.name`; the native application's, if the port leads to one."""
        return self._show(self._impl.name)

    @property
    def sender(self) -> Sender:
        """Who connected, as the receiver's scripts see it; if the port leads outside, as another extension sees it."""
        return self._show(self._impl.sender)

    @property
    def external(self) -> bool:
        """Whether a web page or another extension opened the port, so that it comes to `onConnectExternal`."""
        return self._show(self._impl.external)

    @property
    def target(self) -> Context | None:
        """The context that the port has reached; None if it leads to a native application or another extension.

        A port that reaches several contexts is a route in each of them.
        """
        return self._show(self._impl.target)

    @property
    def application(self) -> str | None:
        """The name of the native application to which the port leads; None if it leads to none."""
        return self._show(self._impl.application)

    @property
    def extension(self) -> str | None:
        """The id of the other extension to which the port leads; None if it leads to none."""
        return self._show(self._impl.extension)

    @property
    def opened_by(self) -> Context | None:
        """The context of the script that opened the port.

        It is None where the bridge has no agent, as in a web page or in the world of user scripts.
        """
        return self._show(self._impl.opened_by)

    @property
    def closed(self) -> bool:
        """Whether the opener's end is closed."""
        return self._show(self._impl.closed)

    def connect_to_receiver(self) -> RouteReceiver:
        """Let the scripts at the other end have the port: their ``onConnect`` listeners are called now.

        A native application or another extension has the port already. It now gets the messages, and is heard.

        Returns:
            Their end.
        """
        return self._call(self._impl.connect_to_receiver)

    def on_message(self, handler: Callable[..., Any]) -> None:
        """Call `handler` with each message that the opener posts, instead of passing it on to the receiver.

        The handler gets the message; the receiver gets what the handler posts with `RouteReceiver.postMessage`. It gets
        the next message when it has returned, so the order stays. If it raises, the next wait raises that, and the
        message is not passed on.

        Args:
            handler: A function of one argument. It takes the place of an earlier one.
        """
        self._call(self._impl.on_message, handler)

    def on_close(self, handler: Callable[..., Any]) -> None:
        """Call `handler` when the opener's end closes, instead of closing the receiver's.

        Args:
            handler: A function without arguments.
        """
        self._call(self._impl.on_close, handler)

    def postMessage(self, message: Any) -> None:
        """Post a message to the opener, from the receiver's end of the port.

        If the opener's end has closed meanwhile, or the route has been taken back, the message is lost, as in a browser
        where the two cross.

        It returns once the message has been written to the browser's socket.

        Args:
            message: As in `Port.postMessage`.

        Raises:
            TypeError: A member of the message cannot be sent; the error names its path.
            PortDisconnectedError: Python has closed the opener's end, by `close`.
        """
        self._begin(self._impl.postMessage, message)

    def close(self, error: str | None = None) -> None:
        """Close the opener's end: its ``onDisconnect`` fires, as if the receiver had called ``disconnect()``.

        The receiver's end stays as it is; see `RouteReceiver.close`. One that was never connected is closed, too.

        Args:
            error: Why, as the script finds it in ``port.error`` (Firefox) or ``runtime.lastError`` (Chromium). Only for
                a port that leads outside.

        Raises:
            UnsupportedError: There is an `error`, and the port leads to another context of the extension: the browser
                itself tells the opener of the close, and it gives no error.
        """
        self._call(self._impl.close, error)


class RouteReceiver(Face[async_api.RouteReceiver]):
    """The receiver's end of a routed port: the scripts that got it by `PortRoute.connect_to_receiver`.

    If the port leads outside, it is the native application or the other extension.
    """

    @property
    def closed(self) -> bool:
        """Whether the receiver's end is closed."""
        return self._show(self._impl.closed)

    @property
    def error(self) -> PortError | None:
        """Why the browser closed the receiver's end, such as "Specified native messaging host not found."."""
        return self._show(self._impl.error)

    def on_message(self, handler: Callable[..., Any]) -> None:
        """Call `handler` with each message that the receiver posts, instead of passing it on to the opener.

        See `PortRoute.on_message`; what the opener gets is posted with `PortRoute.postMessage`.
        """
        self._call(self._impl.on_message, handler)

    def on_close(self, handler: Callable[..., Any]) -> None:
        """Call `handler`, without arguments, when a script at the receiver's end calls ``disconnect()``.

        If the port leads outside, also when the application ends or the browser finds nobody there; `error` says why.
        Without a handler, the opener's end is closed then.
        """
        self._call(self._impl.on_close, handler)

    def postMessage(self, message: Any) -> None:
        """Give the receiver a message, as if the opener had posted it.

        See `PortRoute.postMessage` for the argument, the result and the errors.
        """
        self._begin(self._impl.postMessage, message)

    def close(self, error: str | None = None) -> None:
        """Close the receiver's end: ``onDisconnect`` fires there, as if the opener had called ``disconnect()``.

        Args:
            error: Why, as scripts find it in ``port.error`` (Firefox) or ``runtime.lastError`` (Chromium).

        Raises:
            UnsupportedError: There is an `error`, and the port leads outside.
        """
        self._call(self._impl.close, error)


class MessageRoute(Face[async_api.MessageRoute]):
    """A one-time message that a route fits: see `Bridge.route_message`.

    The scripts that it has reached have not heard it yet, and its asker waits.
    """

    @property
    def message(self) -> Any:
        """What was asked."""
        return self._show(self._impl.message)

    @property
    def sender(self) -> Sender:
        """Who asked, as the receiver's scripts see it."""
        return self._show(self._impl.sender)

    @property
    def external(self) -> bool:
        """Whether a web page or another extension asked, so that the message comes to `onMessageExternal`."""
        return self._show(self._impl.external)

    @property
    def target(self) -> Context:
        """The context that the message has reached. One that reaches several contexts is a route in each of them."""
        return self._show(self._impl.target)

    @property
    def asked_by(self) -> Context | None:
        """The context of the script that asked; None where the bridge has no agent, as in a web page."""
        return self._show(self._impl.asked_by)

    def continue_(self, *, message: Any = UNDEFINED) -> None:
        """Let the scripts hear the message, and the asker get what they answer.

        After a `fetch`, they have heard it, and only their answer goes on.

        It returns once this has been written to the browser's socket.

        Args:
            message: What they hear in its place.

        Raises:
            BridgeError: This route has been decided already.
            TypeError: The message cannot be sent; the error names the member.
        """
        self._call(self._impl.continue_, message=message)

    def fetch(self, *, message: Any = UNDEFINED, timeout: float | None = None) -> Any:
        """Let the scripts hear the message, and get what they answer. The asker waits on: see `answer` and `reject`.

            reply = route.fetch()
            route.answer({**reply, "late": True})

        Args:
            message: What they hear in its place.
            timeout: In milliseconds; 0 means no limit. The default is the bridge's.

        Returns:
            What the scripts answer; `UNDEFINED` if they do not.

        Raises:
            BridgeError: This route has been decided already.
            RemoteError: The scripts answer with an error, whose words these are.
            BridgeTimeoutError: They took longer.
            ContextError: The context ended.
            TypeError: The message cannot be sent; the error names the member.
        """
        return self._call(self._impl.fetch, message=message, timeout=timeout)

    def answer(self, value: Any = UNDEFINED) -> None:
        """Answer the asker. Unless there was a `fetch`, the scripts never hear the message.

        It returns once the browser has taken the answer.

        Args:
            value: Anything that can be sent in a message. `UNDEFINED` is silence: if nobody else answers either, the
                asker gets what the browser gives it then.

        Raises:
            BridgeError: This route has been decided already.
            TypeError: The value cannot be sent; the error names the member.
        """
        self._call(self._impl.answer, value)

    def reject(self, message: str) -> None:
        """Answer with an error: the asker's promise is rejected with these words.

        A callback finds them in ``runtime.lastError``.

        Raises:
            BridgeError: This route has been decided already.
            ValueError: There are no words: a browser takes such an error for silence.
        """
        self._call(self._impl.reject, message)

    def abort(self) -> None:
        """Answer as if nobody were there: "Could not establish connection. Receiving end does not exist" is the error.

        Where the message has reached other contexts too, the first answer is the asker's, as ever.

        Raises:
            BridgeError: This route has been decided already.
        """
        self._call(self._impl.abort)


class OtherContext(Face[async_api.OtherContext]):
    """A script context of another extension."""

    def evaluate(self, expression: str, arg: Any = None, *, timeout: float | None = None) -> Any:
        """Evaluate JavaScript among the context's own scripts, as `Context.evaluate` does.

        Args:
            expression: As in `Context.evaluate`.
            arg: As in `Context.evaluate`.
            timeout: How long it may take until there is such a context, and until it answers, in milliseconds; 0 means
                no limit, None the bridge's default.

        Raises:
            RemoteError: The code threw, or its promise was rejected.
            TypeError: `arg` cannot be sent.
            ContextError: No such extension runs, or the context ended before it answered.
            BridgeTimeoutError: There was no such context in time, or it did not answer.
        """
        return self._call(self._impl.evaluate, expression, arg, timeout=timeout)

    def wait_for_function(
        self, expression: str, arg: Any = None, *, polling: float = 50, timeout: float | None = None
    ) -> Any:
        """Evaluate JavaScript among the context's own scripts again and again, until it comes to something truthy.

        Args:
            expression: As in `Context.evaluate`.
            arg: As in `Context.evaluate`.
            polling: How long to wait before the next try, in milliseconds.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            The truthy value itself.

        Raises:
            BridgeTimeoutError: It stayed falsy, or there was no such context.
            Exception: As in `evaluate`.
        """
        return self._call(self._impl.wait_for_function, expression, arg, polling=polling, timeout=timeout)


class OtherExtension(Face[async_api.OtherExtension]):
    """Another extension in the browser, such as one of ``launch(also=...)``: Python can evaluate code in it.

    It runs unchanged: nothing of the bridge is in it, and it has no ports of Python's.
    """

    @property
    def id(self) -> str:
        """Its id, as `runtime.id` has it."""
        return self._show(self._impl.id)

    @property
    def background(self) -> OtherContext:
        """Its service worker, event page or background page."""
        return self._show(self._impl.background)

    def content(self, page_or_frame: Page | Frame) -> OtherContext:
        """Return its content scripts in a Playwright ``Page``, which means its main frame, or in a ``Frame``."""
        return self._call(self._impl.content, page_or_frame)

    def page(self, page_or_frame: Page | Frame) -> OtherContext:
        """Return its own page in a Playwright ``Page``, which means its main frame, or in a ``Frame``."""
        return self._call(self._impl.page, page_or_frame)


FACES.update(
    {
        async_api.Action: Action,
        async_api.Bridge: Bridge,
        async_api.ConnectEvent: ConnectEvent,
        async_api.Context: Context,
        async_api.Event: Event,
        async_api.MessageEvent: MessageEvent,
        async_api.MessageRoute: MessageRoute,
        async_api.NativeApplication: NativeApplication,
        async_api.NativePort: NativePort,
        async_api.OtherContext: OtherContext,
        async_api.OtherExtension: OtherExtension,
        async_api.Port: Port,
        async_api.PortRoute: PortRoute,
        async_api.Request: Request,
        async_api.RouteReceiver: RouteReceiver,
        async_api.Runtime: Runtime,
        async_api.Tabs: Tabs,
        async_api.Traffic: Traffic,
    }
)
