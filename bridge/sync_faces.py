"""The sync objects of `sync_api` but for the bridge itself: contexts, ports, events and the traffic."""

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from . import async_api
from .async_api import History, PortError, RecordedMessage, RecordedPlace, RecordedPort
from .errors import PortDisconnectedError
from .faces import FACES, Expect, Face, face_of
from .traffic.records import Record
from .traffic.redact import Redact
from .waiting.waits import Pending

__all__ = [
    "Action",
    "ConnectEvent",
    "Context",
    "Event",
    "NativeApplication",
    "NativePort",
    "Port",
    "Runtime",
    "Tabs",
    "Traffic",
]

T = TypeVar("T")


class Event(Face[async_api.Event]):
    """An event as the browser's API has them. See `async_api.Event`."""

    def addListener(self, listener: Callable[..., Any]) -> None:
        """Call `listener` whenever the event fires; return when the browser has it.

        Raises:
            TypeError: It is not callable, or a coroutine function, which nobody here could await.
        """
        if inspect.iscoroutinefunction(listener):
            raise TypeError("addListener() of bridge.sync_api takes plain functions; use bridge.async_api for this one")
        self._when_done(self._impl.addListener(listener))

    def removeListener(self, listener: Callable[..., Any]) -> None:
        """Stop calling `listener`; one that was never added is no error."""
        self._when_done(self._impl.removeListener(listener))

    def hasListener(self, listener: Callable[..., Any]) -> bool:
        """Whether `listener` was added and not removed."""
        return self._impl.hasListener(listener)

    def _when_done(self, pending: Pending[None]) -> None:
        # With nothing to wait for, the loop must not run: what was kept for the first listener would come out before
        # the caller could add the second one.
        if pending.done():
            pending.result()
        else:
            self._run(_awaited(pending))


async def _awaited(pending: Pending[T]) -> T:
    return await pending


class ConnectEvent(Event):
    """``runtime.onConnect`` or ``runtime.onConnectExternal``: listeners get the `Port` of each connection."""


class Port(Face[async_api.Port]):
    """One end of a genuine connection, held by Python in a context of the browser. See `async_api.Port`."""

    @property
    def name(self) -> Any:
        """The name given to ``connect()``, else empty; for a native application, the application's name.

        Firefox says None at both ends if ``tabs.connect()`` got options without a name.
        """
        return self._impl.name

    @property
    def sender(self) -> Any:
        """Who connected: a `Sender`, on a port that came to a listener; None on one that Python opened."""
        return self._impl.sender

    @property
    def error(self) -> PortError | None:
        """Why the port closed, if that was an error: an object with ``message`` in the browser's words."""
        return self._impl.error

    @property
    def closed(self) -> bool:
        """Whether the port can no longer carry messages."""
        return self._impl.closed

    @property
    def context(self) -> "Context":
        """Where Python stands with this port."""
        context: Context = face_of(self._impl.context, self._run)
        return context

    @property
    def onMessage(self) -> Event:
        """Fires with each message, as ``(message, port)``; a listener with one parameter gets the message."""
        return Event(self._impl.onMessage, self._run)

    @property
    def onDisconnect(self) -> Event:
        """Fires once, with the port, when the other end is gone; not after this side's own `disconnect`."""
        return Event(self._impl.onDisconnect, self._run)

    def postMessage(self, message: Any) -> None:
        """Send one message to the other end; return when it is written to the browser's socket.

        Raises:
            TypeError: The message has a member that cannot be sent; the text names its path. Nothing was sent.
            RemoteError: The browser refused the message, in its own words; the port stays usable.
            PortDisconnectedError: The port is closed.
        """
        self._call(self._impl.postMessage, message)

    def disconnect(self) -> None:
        """End the connection from this side. May be called more than once."""
        self._call(self._impl.disconnect)

    def receive(self, *, timeout: float | None = None) -> Any:
        """Return the next message that the other end posted on this port. See `async_api.Port.receive`."""
        return self._call(self._impl.receive, timeout=timeout)

    def expect_message(
        self, predicate: Callable[[Any], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[Any]:
        """Wait for a message that arrives while the block of the ``with`` runs, or soon after it.

        with port.expect_message(lambda m: m["kind"] == "saved") as info:
            page.click("#save")
        message = info.value
        """
        return Expect(self._impl.expect_message(predicate, timeout=timeout), self._run)

    def wait_for_disconnect(self, *, timeout: float | None = None) -> None:
        """Return once the port is closed, by whichever side and for whatever reason; `error` then says more."""
        self._call(self._impl.wait_for_disconnect, timeout=timeout)

    def __iter__(self) -> Iterator[Any]:
        """Yield each message; end when the port closes. Each message has the bridge's default time to come."""
        while True:
            try:
                message = self.receive()
            except PortDisconnectedError:
                return
            yield message


class NativePort(Port):
    """A port on which Python is the native application. See `async_api.NativePort`."""

    _impl: async_api.NativePort

    def send_raw(self, data: bytes) -> None:
        """Have the program write these bytes to its stdout as they are, to see the browser's reaction."""
        self._call(self._impl.send_raw, data)

    def kill(self) -> None:
        """Kill the program without a farewell, as when a native application crashes."""
        self._call(self._impl.kill)


class NativeApplication(Face[async_api.NativeApplication]):
    """Python as the native application of one name. See `async_api.NativeApplication`."""

    @property
    def kind(self) -> str:
        """``"native"``."""
        return self._impl.kind

    @property
    def name(self) -> str:
        """The application's name, as the extension gives it to ``connectNative``."""
        return self._impl.name

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `NativePort` of each connection."""
        return ConnectEvent(self._impl.onConnect, self._run)

    def accept(self, *, timeout: float | None = None) -> NativePort:
        """Return the next connection, first one that was kept."""
        port: NativePort = self._call(self._impl.accept, timeout=timeout)
        return port

    def expect_connection(self, *, timeout: float | None = None) -> Expect[NativePort]:
        """Wait for a connection that comes while the block of the ``with`` runs, or soon after it."""
        return Expect(self._impl.expect_connection(timeout=timeout), self._run)


class Runtime(Face[async_api.Runtime]):
    """``runtime`` in one context. See `async_api.Runtime`."""

    def connect(
        self, extension_id: str | Mapping[str, Any] | None = None, connect_info: Mapping[str, Any] | None = None
    ) -> Port:
        """Open a connection to the extension's other contexts, or to another extension."""
        port: Port = self._call(self._impl.connect, extension_id, connect_info)
        return port

    def connectNative(self, application: str) -> Port:
        """Start a native application and return the port to it."""
        port: Port = self._call(self._impl.connectNative, application)
        return port

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `Port` of each connection to this context from the extension's own contexts."""
        return ConnectEvent(self._impl.onConnect, self._run)

    @property
    def onConnectExternal(self) -> ConnectEvent:
        """Fires with the `Port` of each connection from another extension, or from a web page in Chromium."""
        return ConnectEvent(self._impl.onConnectExternal, self._run)

    @property
    def id(self) -> str:
        """The id of the extension that this context belongs to."""
        return self._impl.id


class Tabs(Face[async_api.Tabs]):
    """``tabs`` in one context. See `async_api.Tabs`."""

    def connect(self, tab_id: int, connect_info: Mapping[str, Any] | None = None) -> Port:
        """Open a connection to the content scripts of a tab: ``name``, ``frameId``, ``documentId``."""
        port: Port = self._call(self._impl.connect, tab_id, connect_info)
        return port


class Action(Face[async_api.Action]):
    """``action``, called ``browserAction`` in Manifest V2: the extension's toolbar button."""

    @property
    def onClicked(self) -> Event:
        """Fires with the `Tab` that was active when the button was pressed; not for a button that has a popup."""
        return Event(self._impl.onClicked, self._run)


class Context(Face[async_api.Context]):
    """Where Python stands. See `async_api.Context`."""

    @property
    def kind(self) -> str:
        """``"background"``, ``"content"``, ``"page"``, ``"external"`` or ``"web"``."""
        return self._impl.kind

    @property
    def url(self) -> str:
        """The address of the document or worker, as the browser gave it when the context began."""
        return self._impl.url

    @property
    def tab_id(self) -> Any:
        """The id of the tab that the context is in, or None for one in no tab."""
        return self._impl.tab_id

    @property
    def frame_id(self) -> Any:
        """The frame in the tab, 0 for the top one; None for a context in no tab."""
        return self._impl.frame_id

    @property
    def document_id(self) -> str | None:
        """The browser's id of the document; None where the browser gives none."""
        return self._impl.document_id

    @property
    def closed(self) -> bool:
        """Whether the context is gone. A stopped background is closed until it starts again."""
        return self._impl.closed

    @property
    def runtime(self) -> Runtime:
        """``runtime`` of the WebExtension API, in this context."""
        return Runtime(self._impl.runtime, self._run)

    @property
    def tabs(self) -> Tabs:
        """``tabs`` of the WebExtension API; content scripts and web pages have none."""
        return Tabs(self._impl.tabs, self._run)

    @property
    def action(self) -> Action:
        """``action`` of the WebExtension API, ``browserAction`` in Manifest V2: the toolbar button."""
        return Action(self._impl.action, self._run)

    browserAction = action

    def call(self, function: str, *arguments: Any) -> Any:
        """Call any function of the extension API in this context, and return its result."""
        return self._call(self._impl.call, function, *arguments)

    def accept(self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None) -> Port:
        """Return the next connection that somebody opens to this context, first one that was kept."""
        port: Port = self._call(self._impl.accept, name, external=external, timeout=timeout)
        return port

    def expect_connection(
        self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None
    ) -> Expect[Port]:
        """Wait for a connection that arrives while the block of the ``with`` runs, or soon after it."""
        return Expect(self._impl.expect_connection(name, external=external, timeout=timeout), self._run)

    def wait_for_close(self, *, timeout: float | None = None) -> None:
        """Return once the context is gone. See `async_api.Context.wait_for_close`."""
        self._call(self._impl.wait_for_close, timeout=timeout)

    def close(self) -> None:
        """Close the tab that shows this extension page, as its user would."""
        self._call(self._impl.close)


class Traffic(Face[async_api.Traffic]):
    """What went over ports. See `async_api.Traffic`."""

    @property
    def records(self) -> list[Record]:
        """All records that are kept, the oldest first: the last 100 000."""
        return self._impl.records

    @property
    def places(self) -> list[RecordedPlace]:
        """The places where something happened or could have: contexts, other extensions, native applications."""
        return self._impl.places

    def ports(self, name: str | None = None) -> list[RecordedPort]:
        """Return the ports of that name, None for all, in the order in which they were opened."""
        return self._impl.ports(name)

    def messages(
        self, name: str | None = None, predicate: Callable[[RecordedMessage], Any] | None = None
    ) -> list[RecordedMessage]:
        """Return the messages on ports of that name that `predicate` says yes to; None means all."""
        return self._impl.messages(name, predicate)

    def expect_message(
        self,
        name: str | None = None,
        predicate: Callable[[RecordedMessage], Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> Expect[RecordedMessage]:
        """Wait for a message that is recorded while the block of the ``with`` runs, or soon after it."""
        return Expect(self._impl.expect_message(name, predicate, timeout=timeout), self._run)

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        """Have `callback` called with each record to come, at once: it may not call Playwright or the bridge."""
        return self._impl.subscribe(callback)

    def lines(self) -> list[str]:
        """Return the last records as lines of text, the oldest first."""
        return self._impl.lines()

    def save(self, path: str | os.PathLike[str], *, redact: Redact | None = None) -> None:
        """Write what is kept as JSON Lines. See `async_api.Traffic.save`."""
        self._impl.save(path, redact=redact)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> History:
        """Return what a file tells. See `async_api.Traffic.load`."""
        return async_api.Traffic.load(path)


FACES.update(
    {
        async_api.Context: Context,
        async_api.NativeApplication: NativeApplication,
        async_api.NativePort: NativePort,
        async_api.Port: Port,
        async_api.Traffic: Traffic,
    }
)
