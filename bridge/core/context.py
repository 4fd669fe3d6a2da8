"""A script context of the browser in which Python stands."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from ..errors import BridgeError, ContextError, RemoteError, UnsupportedError
from ..protocol import values
from ..protocol.frames import Accepted, Connect, Post, Refused, ScriptError, ToAgent, Welcome
from ..traffic.matching import target_of
from ..traffic.places import NOWHERE, PRIVATE
from ..traffic.watched import Scripts
from ..waiting.waits import Pending, settle, wait, within
from ..wire.link import Link
from .api import Action, Runtime, Tabs
from .console import ConsoleEvent
from .context_arrivals import ContextArrivals
from .context_scripts import ContextScripts
from .evaluation import Evaluation
from .events import ConnectEvent, ForwardedEvent, KeptEvent
from .listening import Listening
from .message_route import RoutedRequests
from .messages import Messages
from .objects import Sender
from .port import Port
from .routes import RoutedPorts
from .session import Session

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

__all__ = ["Context"]

_WHOLE_API = ("background", "page", "external")
"""Kinds of context that have the whole extension API; the others have a small part."""
_NOT_STARTED = "it does not run: the manifest names none, or it was not awaited"
_STOPPED = "The background stopped"
_LASTING = ("background", "external")
"""Kinds whose Context object outlives the script context: they start again."""
_IN_DEVTOOLS = ("devtools page", "devtools panel")


class Context(ContextScripts, ContextArrivals):
    """A place where Python stands: a script context of the extension under test, or one that may talk to it."""

    def __init__(self, kind: str, session: Session, played: tuple[str, ...] = (), *, private: bool = False) -> None:
        self._kind = kind
        self._private = private
        self._view = None if kind == "page" else kind
        self._frame: Any = None  # Playwright's, once somebody has found it; it stays the same
        self._session = session
        self._link: Link | None = None
        self._closed: str | None = None
        self._ended = False
        self._unloading: BridgeError | None = None
        self._loaded: asyncio.Future[None]  # from the first `attach` on
        self._url = ""
        self._place = NOWHERE
        self._scripts = Scripts(session.recorder, NOWHERE)
        self._ports: dict[int, Port] = {}
        self._next_port = 2  # even: the agent numbers the ports that it accepts with odd numbers
        self._listening = Listening(self, played)
        self._connections: dict[str, ConnectEvent] = {}
        self._messages = Messages(self)
        self._routed = RoutedPorts(self)
        self._routed_requests = RoutedRequests(self)
        self._events: dict[str, ForwardedEvent] = {}
        self._runtime = Runtime(self)
        self._tabs = Tabs(self)
        self._action = Action(self)
        self._evaluation = Evaluation(self)
        self._console = ConsoleEvent(self)

    # --- what and where ---------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """``"background"``, ``"content"``, ``"page"``, ``"external"`` or ``"web"``.

        It says what Python can do there. Every page of the extension is a ``"page"``, in a tab or not; see `view`.
        """
        return self._kind

    @property
    def view(self) -> str | None:
        """What the user sees of this context: of a page of the extension, where it is; of any other, its `kind`.

        ``"tab"`` (alone in a tab), ``"frame"`` (in a frame of another document), ``"popup"``, ``"side panel"`` in
        Chromium and ``"sidebar"`` in Firefox, ``"options"`` (embedded in the browser's own page), ``"devtools page"``,
        ``"devtools panel"``, and ``"offscreen"`` in Chromium. The page itself says so, or the browser; if neither can,
        it is ``"page"``. Until then, a moment at most, it is None; whoever waits for a context waits for this too.

        `kind` is not as exact, so that a test that asks for ``kind == "page"`` goes on to find every such page.
        """
        return self._view

    @property
    def url(self) -> str:
        """The URL that the document or worker had when the context began."""
        return self._url

    @property
    def tab_id(self) -> Any:
        """The id of the context's tab, or None if it is not in a tab."""
        tab = self._sender.tab
        return tab.id if tab else None

    @property
    def frame_id(self) -> Any:
        """The id of the frame in the tab, 0 for the top frame; None if the context is not in a tab."""
        return self._sender.frameId

    @property
    def document_id(self) -> str | None:
        """The browser's id of the document, or None if the browser gives none."""
        document_id: str | None = self._sender.documentId
        return document_id

    @property
    def closed(self) -> bool:
        """Whether the context is gone. A stopped background is closed until it starts again."""
        return self._link is None

    @property
    def _may_start(self) -> bool:
        """Whether this object outlives its script context, which starts again."""
        return self._kind in _LASTING and not self._ended

    @property
    def _label(self) -> str:
        """How errors name this context."""
        return f"{'private ' if self._private else ''}{self._kind} {self._url}".strip()

    # --- what Python can do here ------------------------------------------------------------------------------------

    @property
    def runtime(self) -> Runtime:
        """``runtime`` of the WebExtension API, in this context."""
        return self._runtime

    @property
    def tabs(self) -> Tabs:
        """``tabs`` of the WebExtension API, which content scripts and web pages do not have.

        Raises:
            UnsupportedError: This kind of context has no ``tabs``.
        """
        self._require_extension_api("tabs")
        return self._tabs

    @property
    def action(self) -> Action:
        """``action`` of the WebExtension API, ``browserAction`` in Manifest V2: the toolbar button."""
        self._require_extension_api("action")
        return self._action

    browserAction = action

    async def call(self, function: str, *arguments: Any, timeout: float | None = None) -> Any:
        """Call any function of the extension API in this context, and return its result.

            await bridge.background.call("storage.local.get", "key")

        Args:
            function: The dotted name, without ``browser`` or ``chrome`` in front.
            arguments: Values that can be sent in a message.
            timeout: How long the answer may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            RemoteError: The function does not exist here, threw, or rejected; the message is the browser's.
            ContextError: The context is gone, or ended before it answered.
            BridgeTimeoutError: It did not answer in time.
        """
        async with within(self._session.timeout_ms(timeout), f"{self._label} did not answer {function}()"):
            return await self._call(function, *arguments)

    async def wait_for_close(self, *, timeout: float | None = None) -> None:
        """Return once the context is gone: its page navigated or closed, its frame was removed, or it stopped.

        Args:
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            BridgeTimeoutError: It is still there.
        """
        if self._link:
            timeout_ms = self._session.timeout_ms(timeout)
            await self._link.wait_for_end(timeout_ms, lambda: f"Waited for {self._label} to end")

    async def close(self, *, timeout: float | None = None) -> None:
        """Close this extension page, as a user would: its tab, or the popup, panel or options that are in no tab.

        With a page or panel in developer tools, these tools close.

        Args:
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The context is not an extension page. Close a web page with Playwright.
            BridgeTimeoutError: The browser did not close it in time.
        """
        if self._kind != "page":
            raise UnsupportedError(f"Only an extension page can be closed this way, not {self._label}")
        if not self.closed:
            with suppress(ContextError):  # the page goes before it could answer
                if self._view in _IN_DEVTOOLS:
                    async with within(self._session.timeout_ms(timeout), "The developer tools did not close"):
                        await self._session.close_devtools(self)
                elif self.tab_id is None:
                    await self.call("window.close", timeout=timeout)
                else:
                    await self.call("tabs.remove", self.tab_id, timeout=timeout)

    async def playwright_frame(self, *, timeout: float | None = None) -> "Frame | None":
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
        return cast("Frame | None", await self._session.frame_of(self, self._session.timeout_ms(timeout)))

    async def playwright_page(self, *, timeout: float | None = None) -> "Page | None":
        """Return Playwright's ``Page`` that this context is in, or None; see `playwright_frame`."""
        frame = await self.playwright_frame(timeout=timeout)
        return frame.page if frame else None

    def __repr__(self) -> str:
        return f"<Context {self._label}{', closed' if self.closed else ''}>"

    # --- for the engine ---------------------------------------------------------------------------------------------

    def _require_extension_api(self, what: str) -> None:
        """Raise UnsupportedError if the browser gives this kind of context only a small part of the API."""
        if self._kind not in _WHOLE_API:
            where = {"content": "content scripts", "web": "web pages"}.get(self._kind, self._kind)
            raise UnsupportedError(f"Browsers give {where} no {what}; use it in bridge.background or bridge.page()")

    def _require_onConnect(self, event: str) -> None:
        """Raise UnsupportedError in a web page: browsers let it connect and ask, but not be connected to or asked."""
        if self._kind == "web":
            raise UnsupportedError(f"Browsers give web pages no {event}; begin from here instead")

    def _require_link(self) -> Link:
        """Return the link.

        Raises:
            ContextError: The context is gone.
        """
        if self._link is None:
            raise ContextError(f"Python cannot act in {self._label}: {self._closed or _NOT_STARTED}")
        return self._link

    async def _call(self, function: str, *arguments: Any) -> Any:
        """Do what `call` does, without a limit."""
        link = self._require_link()
        try:
            return await link.call(function, list(arguments))
        except BridgeError as error:
            if error is not link.closed:
                raise
            raise type(error)(f"{self._label} ended before it answered {function}(): {error}") from error

    def _send(self, frame: ToAgent, payload: str | None = None) -> Pending[None]:
        """Queue a frame for the agent."""
        if isinstance(frame, Post) and payload and values.may_be_refused(payload):
            return Pending(self._require_link().confirm(frame, payload))
        return self._require_link().send(frame, payload)

    def _open_port(self, function: str, arguments: list[Any], name: str | None) -> Port:
        """Open a port with one of the browser's connect functions, and return it at once."""
        payload = values.encode(arguments, "arguments")
        id = self._next_port
        self._send(Connect(id, function), payload)
        self._next_port += 2
        end = self._session.recorder.ports.opened(self._place, "python", function, name, target_of(function, arguments))
        port = self._ports[id] = Port(self, id, name, None, end)
        return port

    def _connect_event(self, event: str) -> ConnectEvent:
        """Return ``runtime.onConnect`` or ``runtime.onConnectExternal`` of this context."""
        if event not in self._connections:
            self._connections[event] = ConnectEvent(self, event)
        return self._connections[event]

    def _forwarded(self, event: str) -> ForwardedEvent:
        """Return any other event of this context."""
        if event not in self._events:
            self._events[event] = ForwardedEvent(self, event)
        return self._events[event]

    def _listens(self, event: str) -> bool:
        """Whether Python listens to `event` here."""
        return event in self._listening.events

    def _want(self, event: str, *, answers: bool = False) -> Pending[None]:
        """Have the browser report `event` here; see `Listening.begin`."""
        return self._listening.begin(event, answers=answers)

    def _unwant(self, event: str) -> Pending[None] | None:
        """Take that back; see `Listening.end`."""
        return self._listening.end(event)

    def _forget(self) -> None:
        """Disconnect the ports, and remove all listeners and what is kept for them."""
        for port in list(self._ports.values()):
            port.disconnect()
        for event in (*self._kept_events, *self._events.values()):
            event._clear()
        self._console._clear()
        self._messages.let_go()
        self._routed.leave()
        self._routed_requests.leave()

    def _attach(self, link: Link, url: str, time: float, direct: str | None = None) -> None:
        """The context's agent said hello over `link`: for a background, perhaps not the first time.

        Args:
            link: To that agent.
            url: The context's address.
            time: When it began, in seconds since 1970.
            direct: Where the agent may connect to Python itself.
        """
        if self._link:
            self._link.close(ContextError(f"{self._label} was started anew"))
        self._link, self._closed, self._url = link, None, url
        loaded = self._loaded = asyncio.get_running_loop().create_future()
        link.ended.add_done_callback(lambda _: settle(loaded, None))
        kind = PRIVATE if self._private else self._kind
        self._place = self._session.recorder.began(kind, url, link.sender, time)
        self._scripts = Scripts(self._session.recorder, self._place)
        if self._kind == "background":
            link.ending = _STOPPED
        listening, routes = self._listening, self._session.routes
        routing = routes.routing if routes.enabled else None
        link.send(Welcome(sorted(listening.events), sorted(listening.answers), direct, routing))
        self._console.began(link)

    def _has_loaded(self) -> None:
        """The scripts of this extension page have run."""
        settle(self._loaded, None)

    async def _wait_for_load(self, timeout_ms: float = 0, describe: Callable[[], str] = str) -> None:
        """Return when the scripts of this extension page have run, or it is gone."""
        await wait(asyncio.shield(self._loaded), timeout_ms, describe)

    def _unloaded(self, reason: BridgeError) -> None:
        """The browser has unloaded the extension."""
        if self._link:
            if self._link.farewell in (None, self._unloading):  # what Python itself does, it says better
                self._link.farewell = self._unloading = reason
            self._link.end()
        elif self._may_start:
            self._closed = str(reason)  # which says more than that the background stopped

    def _interrupt(self, reason: BridgeError) -> None:
        """End the waits for connections; the context may start again."""
        for event in self._kept_events:
            event._interrupt(lambda: reason)

    def _end(self, reason: BridgeError) -> None:
        """Close the context for good, because its browser is gone."""
        if self._link:
            self._link.close(reason)
        if not self._ended:  # the first reason is the cause of the others
            self._closed, self._ended = str(reason), True
            self._end_events(reason)
            self._console.end(reason)

    # --- what the agent says ----------------------------------------------------------------------------------------

    def _message(self, port: int, payload: str | None) -> None:
        """A message arrived on a port."""
        if port in self._ports:
            self._ports[port]._deliver(payload)

    def _accepted(self, frame: Accepted) -> None:
        """A connection came."""
        recorder, since = self._session.recorder, frame.since / 1000
        end = recorder.ports.accepted(self._place, "python", frame.event, frame.name, frame.sender, since=since)
        port = self._ports[frame.port] = Port(self, frame.port, frame.name, Sender(frame.sender), end)
        self._connect_event(frame.event)._deliver(port)

    def _disconnected(self, port: int, error: ScriptError | None) -> None:
        """The other end of a port is gone."""
        if port in self._ports:
            self._ports.pop(port)._other_end_closed(error)

    def _port_closed(self, port: int) -> None:
        """The agent carried out a `Disconnect`."""
        self._ports.pop(port, None)

    def _post_failed(self, port: int, error: ScriptError) -> None:
        """The browser refused a message."""
        if port in self._ports:
            self._ports[port]._post_failed(RemoteError(error.message, error.name))

    def _refused(self, frame: Refused) -> None:
        """The agent could not use a frame."""
        error = BridgeError(f"{self._label} refused a {frame.frame} frame: {frame.reason}")
        self._session.deferred.add(self, error)

    def _lost(self, reason: BridgeError) -> None:
        """The link to the agent is closed."""
        self._link = None
        self._session.recorder.ended(self._place, str(reason))
        if not self._ended:
            self._closed = str(reason)
        ports, self._ports = self._ports, {}
        for port in ports.values():
            port._context_closed(str(reason))
        self._messages.context_closed(str(reason))
        self._routed.context_closed()
        self._routed_requests.context_closed()
        self._console.context_closed(reason)
        if self._kind not in _LASTING:
            self._end_events(reason)
            return
        for event in self._kept_events:
            event._stopped()

    # --- how --------------------------------------------------------------------------------------------------------

    @property
    def _sender(self) -> Sender:
        return Sender(self._link.sender if self._link else {})

    @property
    def _kept_events(self) -> list[KeptEvent[Any]]:
        return [*self._connections.values(), *self._messages.events.values()]

    @property
    def _state(self) -> str:
        """What to add to the error of a wait, if the context does not run."""
        return f". It does not run: {self._closed or _NOT_STARTED}" if self.closed else ""

    def _end_events(self, reason: BridgeError) -> None:
        for event in self._kept_events:
            event._end(lambda: ContextError(f"{self._label}: {reason}"))
