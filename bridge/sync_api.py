# Made by scripts/generate_sync from bridge/async_api.py and what it imports. Change those, and run it again.
# mypy: no-warn-return-any
"""The bridge for sync code: the names of `async_api`, for Playwright's sync API.

Everything runs on the event loop of ``sync_playwright()``. Listeners run in the caller's thread whenever a call of
Playwright or of the bridge waits, like Playwright's own event handlers, and may themselves call both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Frame, Page

from . import async_api
from .async_api import (
    BridgeError,
    BridgeTimeoutError,
    BrowserNotFoundError,
    BrowserObject,
    ChannelError,
    ContextError,
    ExtensionError,
    History,
    LaunchError,
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
)
from .faces import FACES, EventFace, Expect, Face, require_plain, start_sync
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
    "Context",
    "ContextError",
    "Event",
    "ExtensionError",
    "History",
    "LaunchError",
    "NativeApplication",
    "NativePort",
    "Port",
    "PortDisconnectedError",
    "PortError",
    "Record",
    "RecordedMessage",
    "RecordedPlace",
    "RecordedPort",
    "RemoteError",
    "Runtime",
    "Sender",
    "Tab",
    "Tabs",
    "Traffic",
    "UnsupportedError",
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
    bfcache: bool = False,
    background_idle_timeout: float | None = None,
    record: Mode = "python",
    record_to: str | os.PathLike[str] | None = None,
    redact: Redact | None = None,
    timeout: float = DEFAULT_TIMEOUT_MS,
    **persistent_context_options: Any,
) -> Bridge:
    """Start a browser with an instrumented copy of an extension, and return its bridge.

        with launch(playwright.chromium, "path/to/extension") as bridge: ...
        bridge = launch(playwright.firefox, "extension.xpi")

    It is complete when the extension's background, if it has one, runs. Without a ``with`` block, call
    `Bridge.close` at the end.

    Args:
        browser_type: ``playwright.chromium`` or ``playwright.firefox``.
        extension: The extension's folder, or its ``.zip``, ``.xpi`` or ``.crx`` file. It is never written to.
        headless: As in Playwright.
        channel: As in Playwright: ``"chrome"``, ``"msedge"``, ``"moz-firefox"`` ...
        executable_path: The browser to start. Without it and `channel`: what ``PORTBRIDGE_CHROMIUM`` or
            ``PORTBRIDGE_FIREFOX`` in the environment names, a program or a channel; else Playwright's own build if that
            is installed, else one on the PATH.
        args: More arguments for the browser.
        user_data_dir: The browser's profile; without it, a new one that is removed at the end.
        replace: Parts of the extension that are left out because Python plays them alone: ``"background"``,
            ``"content"``.
        also: Further extensions, which are loaded as they are.
        native: Names of native applications that Python will be, for an extension that connects as soon as it starts;
            others can follow by `Bridge.native`.
        native_hosts: Host manifests of real native applications, which the extension may connect to during this launch.
        bfcache: Leave the browser's back/forward cache on. Playwright switches it off in Chromium, and so does the
            bridge in Firefox: otherwise a page that the user left may live on, with its ports.
        background_idle_timeout: Stop the background whenever it was idle for that long, in milliseconds, at least 100.
            None leaves it to the browser: Firefox stops an event page after 30 s; Chromium stops no worker, because
            Playwright is attached. The guide says what counts as traffic.
        record: What `Bridge.traffic` has: ``"python"`` the ports that Python holds, ``"all"`` those of the extension's
            own scripts and its one-time messages too, ``"off"`` nothing.
        record_to: A file that gets each record as it comes, as JSON Lines.
        redact: What the records leave out: names of members of messages, or a function that gets a message and returns
            what to record instead. Without it they have whole messages, with whatever secrets are in them.
        timeout: How long each step of the launch may take, in milliseconds; 0 for ever.
        persistent_context_options: Whatever Playwright's ``launch_persistent_context`` takes.

    Raises:
        ExtensionError: The extension cannot be used, or the browser rejects it; the message says why.
        BrowserNotFoundError: There is no such browser.
        LaunchError: The browser or the extension's service worker does not start.
        UnsupportedError: `browser_type` is WebKit.
        TypeError: An option that neither the bridge nor Playwright knows.
    """
    return start_sync(Order(locals(), sync=True))


class Action(Face[async_api.Action]):
    """``action``, called ``browserAction`` in Manifest V2: the extension's toolbar button."""

    @property
    def onClicked(self) -> Event:
        """Fires with the `Tab` that was active when the button was pressed; not for a button that has a popup."""
        return self._show(self._impl.onClicked)


class Bridge(Face[async_api.Bridge]):
    """A running browser with the extension under test. Made by `launch`, ended by `close` or by a ``with`` block."""

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
        """The id that the browser gave the extension under test."""
        return self._show(self._impl.extension_id)

    @property
    def manifest(self) -> dict[str, Any]:
        """The extension's manifest as its author wrote it."""
        return self._show(self._impl.manifest)

    @property
    def traffic(self) -> Traffic:
        """What went over ports: of Python's, and with ``launch(record="all")`` of the extension's own scripts too."""
        return self._show(self._impl.traffic)

    def set_default_timeout(self, timeout: float) -> None:
        """Set how long waits last that name no timeout: milliseconds, 0 for ever. It begins as 30 000."""
        self._impl.set_default_timeout(timeout)

    @property
    def contexts(self) -> list[Context]:
        """All contexts alive: background, content scripts, pages, web pages that Python stands in, and `external`."""
        return [self._show(item) for item in self._impl.contexts]

    @property
    def background(self) -> Context:
        """The service worker, event page or background page. It stays the same object when the background restarts."""
        return self._show(self._impl.background)

    @property
    def external(self) -> Context:
        """Another extension (the bridge's relay): a connection opened here comes to `onConnectExternal`."""
        return self._show(self._impl.external)

    def content(self, page_or_frame: Page | Frame, *, timeout: float | None = None) -> Context:
        """Return the content-script world of a page or frame.

        Args:
            page_or_frame: A Playwright ``Page``, which means its main frame, or a ``Frame``.
            timeout: How long to wait for the document to begin, in milliseconds.

        Raises:
            ContextError: The manifest lets the extension run no script there, or the page is gone.
            BridgeTimeoutError: No content script answered.
        """
        return self._call(self._impl.content, page_or_frame, timeout=timeout)

    def page(self, path: str | None = None, *, timeout: float | None = None) -> Context:
        """Open an extension page in a new tab, and return its context when its own scripts have run.

        That is at its ``DOMContentLoaded``: listeners that a script adds by then are there.

        Args:
            path: From the extension's root, such as ``"popup.html"``, with a query or fragment if need be; None for an
                empty page of the bridge's.
            timeout: How long to wait for the page to begin, and then for its scripts, in milliseconds.

        Raises:
            ContextError: The extension has no such page, or it is one in which no script of an extension runs.
            BridgeTimeoutError: The page did not begin, or its scripts did not end.
        """
        return self._call(self._impl.page, path, timeout=timeout)

    def native(self, name: str) -> NativeApplication:
        """Be the native application `name`: the other end of the extension's ``connectNative(name)``.

        Always the same object for a name. Connections are kept from the first call on; to be there before the
        extension's background starts, name it in ``launch(native=[...])``.

        Raises:
            ExtensionError: The manifest lacks the permission ``nativeMessaging``.
            ValueError: The browser allows no such name.
        """
        return self._call(self._impl.native, name)

    def web(self, page_or_frame: Page | Frame, *, timeout: float | None = None) -> Context:
        """Return the world of a web page's own scripts, from where it may connect to the extension.

        Chromium only, for pages that the manifest's ``externally_connectable.matches`` names.

        Raises:
            UnsupportedError: Firefox has no ``externally_connectable``.
            ContextError: The browser gives the page no ``chrome.runtime``, or the page is gone.
        """
        return self._call(self._impl.web, page_or_frame, timeout=timeout)

    def click_action(self, page: Page | None = None) -> None:
        """Press the extension's toolbar button.

        Args:
            page: The Playwright page that is brought to the front before; None means the newest one.

        Raises:
            UnsupportedError: The extension has no toolbar button.
            ContextError: No page is open.
        """
        self._call(self._impl.click_action, page)

    def stop_background(self, *, timeout: float | None = None) -> None:
        """Stop the background as the browser does when it was idle for long; the next event starts it again.

        Its ports close, and Python's listeners stay: they are put back before the event that starts it is dispatched.

        Raises:
            UnsupportedError: It is a persistent background page, which never stops.
            ContextError: It is not running, or the manifest has none.
        """
        self._call(self._impl.stop_background, timeout=timeout)

    def start_background(self, *, timeout: float | None = None) -> None:
        """Start the background if it is stopped, without an event; return when it runs.

        Raises:
            ContextError: The manifest has no background.
            BridgeTimeoutError: It does not start.
        """
        self._call(self._impl.start_background, timeout=timeout)

    def wait_for_background(self, *, timeout: float | None = None) -> None:
        """Return once the background runs: at once if it does, else when an event has started it.

        Raises:
            ContextError: The manifest has no background.
            BridgeTimeoutError: Nothing started it.
        """
        self._call(self._impl.wait_for_background, timeout=timeout)

    def reload(self, *, timeout: float | None = None) -> None:
        """Load the extension anew, with the user's files as they are now.

        Contexts and ports of before are closed; listeners of `background` and `external` stay. Content scripts in
        pages that are open become orphans, as after any update: navigate or reload those pages.

        Raises:
            ExtensionError: The files cannot be used any more; the extension runs on as it was.
            LaunchError: The background does not start.
        """
        self._call(self._impl.reload, timeout=timeout)

    def reset(self, *, timeout: float | None = None) -> None:
        """Make the browser as it was after the launch, for the next test: cheaper than another browser.

        The extension is uninstalled and installed again, so its storage is empty. Pages are closed but for an empty
        one; cookies, permissions granted to pages, and routes are gone, and so are ports, listeners, what was kept for
        them, and the default timeout. What sites stored otherwise stays, and so do the init scripts, exposed functions
        and event handlers of `browser_context`, and the native applications that Python became.

        Raises:
            Exception: What a listener raised and no wait has raised yet, as `close` does; after the reset.
            LaunchError: The background does not start.
        """
        self._call(self._impl.reset, timeout=timeout)

    def start_inspector(self) -> str:
        """Serve the inspector, a page that shows contexts, ports and traffic, and return the page's address.

        Whoever knows the address can act there as Python can here. It ends with the bridge; a second call returns the
        same address. The page lives only while a call of Playwright or of the bridge waits; see `inspect`.
        """
        return self._call(self._impl.start_inspector)

    def inspect(self, *, open_browser: bool = True) -> None:
        """Stop here until somebody presses "Resume" in the inspector; for debugging a test.

        The address is written to the terminal, past what captures a test's output.

        Args:
            open_browser: Open the page in the user's own browser.

        Raises:
            ContextError: The browser under test is gone.
        """
        self._call(self._impl.inspect, open_browser=open_browser)

    def recent_traffic(self) -> list[str]:
        """Return the last of the recorded traffic as lines of text, the oldest first."""
        return self._show(self._impl.recent_traffic())

    def raise_listener_errors(self) -> None:
        """Raise what listeners raised and no wait has raised yet; several come as an exception group."""
        self._impl.raise_listener_errors()

    def close(self) -> None:
        """Close the browser and remove all that the launch made. May be called more than once.

        Raises:
            Exception: What a listener raised and no wait has raised yet; several come as an exception group.
        """
        self._call(self._impl.close)

    def __enter__(self) -> Bridge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._impl.__aexit__, kind, error, trace)


class Context(Face[async_api.Context]):
    """Where Python stands: one script context of the extension under test, or one that may talk to it."""

    @property
    def kind(self) -> str:
        """``"background"``, ``"content"``, ``"page"``, ``"external"`` or ``"web"``."""
        return self._show(self._impl.kind)

    @property
    def url(self) -> str:
        """The address of the document or worker, as the browser gave it when the context began."""
        return self._show(self._impl.url)

    @property
    def tab_id(self) -> Any:
        """The id of the tab that the context is in, or None for one in no tab."""
        return self._show(self._impl.tab_id)

    @property
    def frame_id(self) -> Any:
        """The frame in the tab, 0 for the top one; None for a context in no tab."""
        return self._show(self._impl.frame_id)

    @property
    def document_id(self) -> str | None:
        """The browser's id of the document; None where the browser gives none."""
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
        """``tabs`` of the WebExtension API; content scripts and web pages have none.

        Raises:
            UnsupportedError: This kind of context has no ``tabs``.
        """
        return self._show(self._impl.tabs)

    @property
    def action(self) -> Action:
        """``action`` of the WebExtension API, ``browserAction`` in Manifest V2: the toolbar button."""
        return self._show(self._impl.action)

    browserAction = action

    def call(self, function: str, *arguments: Any) -> Any:
        """Call any function of the extension API in this context, and return its result.

            bridge.background.call("storage.local.get", "key")

        Args:
            function: The dotted name without ``browser`` or ``chrome`` in front.
            arguments: As a message: what JSON can carry.

        Raises:
            RemoteError: The function does not exist here, threw, or rejected; the text is the browser's.
            ContextError: The context is gone, or went before it answered.
        """
        return self._call(self._impl.call, function, *arguments)

    def accept(self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None) -> Port:
        """Return a connection that was kept, else wait for the next one that somebody opens to this context.

        The browser has a listener for connections here while this waits, and no longer: a connection that is opened
        before, or after, meets only the listeners that are there then. Connections that come while somebody waits and
        that nobody takes are kept. To be there before something connects, use `expect_connection` or add a listener to
        ``runtime.onConnect``.

        Args:
            name: Take only a port of this name.
            external: Take `onConnectExternal` instead of `onConnect`; by default so in the `external` context only.
            timeout: In milliseconds; 0 for ever, None the bridge's default.
        """
        return self._call(self._impl.accept, name, external=external, timeout=timeout)

    def expect_connection(
        self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None
    ) -> Expect[Port]:
        """Wait for a connection that arrives while the block of the ``with`` runs, or soon after it.

        The browser has the listener before the block begins, and until the connection has come.

            with bridge.background.expect_connection("port-from-cs") as info:
                page.goto(url)
            port = info.value

        Args: see `accept`.
        """
        return self._show(self._impl.expect_connection(name, external=external, timeout=timeout))

    def wait_for_close(self, *, timeout: float | None = None) -> None:
        """Return once the context is gone: its document was left or removed, or the background stopped.

        Args:
            timeout: In milliseconds; 0 for ever, None the bridge's default.

        Raises:
            BridgeTimeoutError: It is still there.
        """
        self._call(self._impl.wait_for_close, timeout=timeout)

    def close(self) -> None:
        """Close the tab that shows this extension page, as its user would.

        Raises:
            UnsupportedError: The context is no extension page. Close a web page with Playwright.
        """
        self._call(self._impl.close)


class Event(EventFace[async_api.Event]):
    """An event with the browser's own methods: `addListener`, `removeListener`, `hasListener`.

    A listener gets as many of the event's arguments as it has parameters without a default. Adding a listener twice has
    no effect. A listener that raises does not stop the others: the next wait on the port or context raises its
    exception again, or else closing the bridge does.
    """

    def addListener(self, listener: Callable[..., Any]) -> None:
        """Call `listener` whenever the event fires.

        It returns when the browser has the listener.

        Raises:
            TypeError: `listener` is not callable, or a coroutine function: listeners are plain functions here.
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
    """The native application of one name: its `onConnect` hands over a port for each ``connectNative`` to it.

    The browser starts a real program for each connection, which carries everything to Python. Connections that come
    before there is a listener are kept for it, or for `accept`.
    """

    @property
    def kind(self) -> str:
        """``"native"``."""
        return self._show(self._impl.kind)

    @property
    def name(self) -> str:
        """The application's name, as the extension gives it to ``connectNative``."""
        return self._show(self._impl.name)

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `NativePort` of each connection."""
        return self._show(self._impl.onConnect)

    def accept(self, *, timeout: float | None = None) -> NativePort:
        """Return the next connection, first one that was kept.

        Raises:
            BridgeTimeoutError: The extension did not connect in time.
        """
        return self._call(self._impl.accept, timeout=timeout)

    def expect_connection(self, *, timeout: float | None = None) -> Expect[NativePort]:
        """Wait for a connection that comes while the block of the ``with`` runs, or soon after it."""
        return self._show(self._impl.expect_connection(timeout=timeout))


class Port(Face[async_api.Port]):
    """One end of a genuine connection, held by Python in a context of the browser.

    Messages that arrive are kept until somebody takes them: a listener of `onMessage`, `receive`, `expect_message` or
    iteration.
    """

    @property
    def name(self) -> Any:
        """The name given to ``connect()``, else empty; for a native application, the application's name.

        Firefox says None at both ends if ``tabs.connect()`` got options without a name.
        """
        return self._show(self._impl.name)

    @property
    def sender(self) -> Any:
        """Who connected: a `Sender`, on a port that came to a listener; None on one that Python opened."""
        return self._show(self._impl.sender)

    @property
    def error(self) -> PortError | None:
        """Why the port closed, if that was an error: an object with ``message`` in the browser's words.

        Chromium says it in ``runtime.lastError`` during `onDisconnect` only; the bridge reads it there. On a port whose
        own context ended (the page went, the background was stopped), where no script is left that could see it, the
        words are the bridge's.
        """
        return self._show(self._impl.error)

    @property
    def onMessage(self) -> Event:
        """Fires with each message, as ``(message, port)``; a listener with one parameter gets the message."""
        return self._show(self._impl.onMessage)

    @property
    def onDisconnect(self) -> Event:
        """Fires once, with the port, when the other end is gone; not after this side's own `disconnect`."""
        return self._show(self._impl.onDisconnect)

    def postMessage(self, message: Any) -> None:
        """Send one message to the other end.

        It returns when the message has been written to the browser's socket, and if there is more in it than JSON has,
        the browser has taken it.

        Args:
            message: What JSON has, and what `bridge.javascript` lists. The other end gets what the browser makes of it.

        Raises:
            TypeError: The message has a member that cannot be sent; the text names its path. Nothing was sent.
            RemoteError: The browser refused the message, in its own words; the port stays usable.
            PortDisconnectedError: The port is closed.
        """
        self._call(self._impl.postMessage, message)

    def disconnect(self) -> None:
        """End the connection from this side. May be called more than once.

        The other end sees `onDisconnect`, this one does not. A message that arrives afterwards is not delivered.
        """
        self._call(self._impl.disconnect)

    @property
    def context(self) -> Context | NativeApplication:
        """Where Python stands with this port."""
        return self._show(self._impl.context)

    @property
    def closed(self) -> bool:
        """Whether the port can no longer carry messages."""
        return self._show(self._impl.closed)

    def receive(self, *, timeout: float | None = None) -> Any:
        """Return the next message that the other end posted on this port.

        Messages come in the order posted; those that arrived before the call were kept, unless a listener took them.

        Args:
            timeout: How long to wait, in milliseconds; 0 for ever, None the bridge's default.

        Raises:
            PortDisconnectedError: The port closed and every earlier message was already returned.
            BridgeTimeoutError: Nothing arrived in time; the port stays usable.
        """
        return self._call(self._impl.receive, timeout=timeout)

    def expect_message(
        self, predicate: Callable[[Any], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[Any]:
        """Wait for a message that arrives while the block of the ``with`` runs, or soon after it.

            with port.expect_message(lambda m: m["kind"] == "saved") as info:
                page.click("#save")
            message = info.value

        Other messages go where they would have gone; those that arrived earlier do not count.

        Args:
            predicate: Gets the message; a true result takes it. None takes the first.
            timeout: In milliseconds, from the entry of the block on; 0 for ever, None the bridge's default.
        """
        return self._show(self._impl.expect_message(predicate, timeout=timeout))

    def wait_for_disconnect(self, *, timeout: float | None = None) -> None:
        """Return once the port is closed, by whichever side and for whatever reason; `error` then says more.

        Raises:
            BridgeTimeoutError: It is still open.
        """
        self._call(self._impl.wait_for_disconnect, timeout=timeout)

    def __iter__(self) -> Iterator[Any]:
        """Yield each message; end when the port closes. Each message has the bridge's default time to come."""
        while True:
            try:
                message = self.receive()
            except PortDisconnectedError:
                return
            yield message


class Runtime(Face[async_api.Runtime]):
    """``runtime`` in one context."""

    def connect(
        self, extension_id: str | Mapping[str, Any] | None = None, connect_info: Mapping[str, Any] | None = None
    ) -> Port:
        """Open a connection to the extension's other contexts, or to another extension, and return its port at once.

        As in the browser, either argument may be left out: ``connect()``, ``connect({"name": "n"})``,
        ``connect("other@example.org", {"name": "n"})``. If nobody listens there, the port's `onDisconnect` fires.
        It cannot reach content scripts; that is what ``tabs.connect`` is for.

        Args:
            extension_id: The extension to connect to; None or empty for the context's own.
            connect_info: ``name``, a str, and ``includeTlsChannelId``, a bool.

        Raises:
            TypeError: An argument the browser would refuse.
            ContextError: The context is gone.
        """
        return self._call(self._impl.connect, extension_id, connect_info)

    def connectNative(self, application: str) -> Port:
        """Start a native application and return the port to it at once.

        Raises:
            TypeError: `application` is not a str.
            ExtensionError: The manifest lacks the permission ``nativeMessaging``.
            UnsupportedError: This kind of context cannot.
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
    def onConnectExternal(self) -> ConnectEvent:
        """Fires with the `Port` of each connection from another extension, or from a web page in Chromium.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        return self._show(self._impl.onConnectExternal)

    @property
    def id(self) -> str:
        """The id of the extension that this context belongs to.

        Raises:
            ContextError: The context is gone.
        """
        return self._show(self._impl.id)


class Tabs(Face[async_api.Tabs]):
    """``tabs`` in one context."""

    def connect(self, tab_id: int, connect_info: Mapping[str, Any] | None = None) -> Port:
        """Open a connection to the content scripts of a tab, and return its port at once.

        Args:
            tab_id: The tab's id, as in ``port.sender.tab.id`` or ``context.tab_id``.
            connect_info: ``name``, a str; ``frameId``, an int, for one frame instead of all; ``documentId``, a str, for
                one document.

        Raises:
            TypeError: An argument the browser would refuse.
            ContextError: The context is gone.
        """
        return self._call(self._impl.connect, tab_id, connect_info)


class Traffic(Face[async_api.Traffic]):
    """What went over ports, as far as `launch(record=...)` has it recorded.

    With ``record="python"``, the default, these are the ports that Python holds; with ``record="all"`` also those of
    the extension's own scripts, and one-time messages.
    """

    @property
    def records(self) -> list[Record]:
        """The records that are kept, the oldest first: the last 100 000.

        The launch, and where places and ports began that are still there, is kept from before these; an `Omitted` then
        says how many others were dropped.
        """
        return self._show(self._impl.records)

    @property
    def places(self) -> list[RecordedPlace]:
        """The places where something happened or could have: contexts, other extensions, native applications."""
        return self._show(self._impl.places)

    def ports(self, name: str | None = None) -> list[RecordedPort]:
        """Return the ports of that name, None for all, in the order in which they were opened."""
        return self._show(self._impl.ports(name))

    def messages(
        self, name: str | None = None, predicate: Callable[[RecordedMessage], Any] | None = None
    ) -> list[RecordedMessage]:
        """Return messages in the order in which they came to be known; each is there once, however many heard it.

        Args:
            name: Of the port; None for all ports and for one-time messages.
            predicate: Says which messages.
        """
        return self._show(self._impl.messages(name, predicate))

    def expect_message(
        self,
        name: str | None = None,
        predicate: Callable[[RecordedMessage], Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> Expect[RecordedMessage]:
        """Wait for a message that is recorded while the block of the ``with`` runs, or soon after it.

            with bridge.traffic.expect_message("port-from-cs", lambda m: m.by == "script") as info:
                page.click("body")
            message = info.value

        Args:
            name: Of the port; None for any, and for one-time messages.
            predicate: Gets the `RecordedMessage`; a true result takes it.
            timeout: In milliseconds, from the entry of the block on; 0 for ever, None the bridge's default.

        Raises:
            Exception: What a function of `redact`, a subscriber or the file of `record_to` raised before.
        """
        return self._show(self._impl.expect_message(name, predicate, timeout=timeout))

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        """Have `callback` called with each record to come, at once; what this returns calls that off.

        It must be quick, and may not call Playwright or the bridge.
        The first exception that it raises is raised again by the next wait, or when the bridge is
        closed; it goes on being called.
        """
        return self._show(self._impl.subscribe(callback))

    def lines(self) -> list[str]:
        """Return the last records as lines of text, the oldest first."""
        return self._show(self._impl.lines())

    def save(self, path: str | os.PathLike[str], *, redact: Redact | None = None) -> None:
        """Write what is kept as JSON Lines, which docs/traffic.md describes.

        Args:
            path: The file.
            redact: What to leave out, besides what the launch leaves out already: names of members, or a function that
                gets a message and returns what to write instead.
        """
        self._impl.save(path, redact=redact)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> History:
        """Return what a file tells, with `places`, `ports` and `messages`.

        Raises:
            BridgeError: It is no such file; the text says which line.
        """
        return async_api.Traffic.load(path)


class ConnectEvent(Event):
    """``runtime.onConnect`` or ``runtime.onConnectExternal``: listeners get the `Port` of each connection.

    The browser has a listener as long as somebody here listens or waits: one for all of them, which goes with the last.
    """


class NativePort(Port):
    """A port on which Python is the native application."""

    _impl: async_api.NativePort

    def postMessage(self, message: Any) -> None:
        """Send one message to the extension, as JSON.

        Raises:
            TypeError: The message has a member that cannot be sent.
            ValueError: It is over 1 MiB, where both browsers cut the connection; `send_raw` sends it all the same.
            PortDisconnectedError: The port is closed.
        """
        self._call(self._impl.postMessage, message)

    def send_raw(self, data: bytes) -> None:
        """Have the program write these bytes to its stdout as they are, to see the browser's reaction.

        ``bridge.protocol.stdio.pack`` puts in front the length that a message needs.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._call(self._impl.send_raw, data)

    def kill(self) -> None:
        """Kill the program without a farewell, as when a native application crashes.

        The extension sees what the browser makes of that; this side's `onDisconnect` fires.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._call(self._impl.kill)


FACES.update(
    {
        async_api.Action: Action,
        async_api.Bridge: Bridge,
        async_api.ConnectEvent: ConnectEvent,
        async_api.Context: Context,
        async_api.Event: Event,
        async_api.NativeApplication: NativeApplication,
        async_api.NativePort: NativePort,
        async_api.Port: Port,
        async_api.Runtime: Runtime,
        async_api.Tabs: Tabs,
        async_api.Traffic: Traffic,
    }
)
