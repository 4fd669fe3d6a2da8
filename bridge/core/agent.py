"""What an agent says: the one place where its frames are told apart."""

from typing import TYPE_CHECKING, assert_never

from ..errors import BridgeError, ChannelError, RemoteError
from ..protocol import values
from ..protocol.frames import (
    VERSION,
    Accepted,
    Asked,
    Closed,
    Disconnected,
    Failed,
    Findable,
    Fired,
    Found,
    FromAgent,
    Hello,
    Loaded,
    Marker,
    Message,
    Moved,
    NotListening,
    Refused,
    Result,
    Routed,
    RoutedAsk,
    RoutedClose,
    RoutedEnd,
    RoutedMessage,
    RouteHeld,
    WatchedAccept,
    WatchedAnswer,
    WatchedClose,
    WatchedHearing,
    WatchedOpen,
    WatchedPost,
    WatchedRequest,
)
from ..wire.link import Link
from .context import Context

if TYPE_CHECKING:
    from .contexts import Contexts

__all__ = ["Agent"]


class Agent:
    """Takes what the agent at the other end of a link says; it says first in which context it stands."""

    def __init__(self, link: Link, contexts: "Contexts") -> None:
        self._link = link
        self._contexts = contexts
        self._admitted: Context | None = None

    def receive(self, frame: FromAgent, payload: str | None) -> None:  # noqa: C901 - all frames, each in one line
        """Hand a frame, of whatever kind, to what it is for.

        Raises:
            ChannelError: The agent broke the protocol.
        """
        match frame:
            case Message():
                self._context._message(frame.port, payload)
            case Result():
                self._link.answered(frame, payload)
            case Hello():
                self._hello(frame)
            case Accepted():
                self._context._accepted(frame)
            case Disconnected():
                self._context._disconnected(frame.port, frame.error)
            case Closed():
                self._context._port_closed(frame.port)
            case Failed():
                self._context._post_failed(frame.port, frame.error)
            case NotListening():
                self._context._listening.lacks(frame.event, RemoteError(frame.error.message, frame.error.name))
            case Asked():
                self._context._messages.heard(frame, payload)
            case Fired():
                self._context._forwarded(frame.event)._fire(values.decode(payload))
            case Refused():
                self._context._refused(frame)
            case Found():
                self._contexts.found(frame.token, self._context)
            case Findable():
                self._contexts.announce(self._context)
            case Loaded():
                self._context._has_loaded()
            case Moved():
                self._link.moved()
            case Marker():
                self._link.marked(frame.port)
            case (
                WatchedOpen()
                | WatchedAccept()
                | WatchedPost()
                | WatchedClose()
                | WatchedRequest()
                | WatchedHearing()
                | WatchedAnswer()
            ):
                self._context._scripts.take(frame, payload)
            case Routed() | RoutedMessage() | RoutedClose() | RouteHeld():
                self._context._routed.take(frame, payload)
            case RoutedAsk():
                self._context._routed_requests.take(frame, payload)
            case RoutedEnd():
                self._context._routed_requests.ended(frame)
            case _:
                assert_never(frame)

    def closed(self, reason: BridgeError) -> None:
        """The link is closed."""
        if self._admitted:
            self._admitted._lost(reason)

    @property
    def _context(self) -> Context:
        if self._admitted is None:
            raise ChannelError("An agent's first frame was no Hello")
        return self._admitted

    def _hello(self, hello: Hello) -> None:
        if self._admitted:
            raise ChannelError("A second hello")
        if hello.version != VERSION:
            raise ChannelError(f"An agent speaks version {hello.version}, Python {VERSION}")
        self._admitted = self._contexts.admit(self._link, hello)
