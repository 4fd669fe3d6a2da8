"""One direction of a routed port: what one end says, and what becomes of it."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..protocol import values
from ..protocol.frames import RouteClose, RouteFree, RouteHold, RoutePass, RouteTake, ToRoute
from ..waiting.event import Listener
from .objects import PortError

if TYPE_CHECKING:
    from .port_route import PortRoute

__all__ = ["Direction", "Said"]


class Said(NamedTuple):
    """What an end of a routed port says.

    Attributes:
        number: Of the message, as the agent counts; None if the end is closed.
        payload: The message.
        unreadable: Whether the agent cannot show the message.
        error: Why the browser has closed that end.
    """

    number: int | None
    payload: str | None = None
    unreadable: bool = False
    error: str | None = None

    @property
    def message(self) -> Any:
        """The message, decoded."""
        return values.decode(self.payload)


class Direction:
    """What one end of a routed port says: its messages, one after another, and then that it is closed.

    Attributes:
        closed: Whether that end is closed.
        closed_by_python: Whether Python has closed it.
        error: Why the browser has closed it, if because of an error.
    """

    def __init__(self, route: "PortRoute", *, by_opener: bool) -> None:
        self._route = route
        self._by_opener = by_opener
        self._on_message: Listener | None = None
        self._on_close: Listener | None = None
        self._take: Callable[[Said], None] | None = None
        self._waiting: deque[Said] = deque()
        self._busy = False  # a handler has not returned
        self._advancing = False
        self._free = False  # the agent passes messages on by itself
        self.closed = self.closed_by_python = False
        self.error: PortError | None = None

    @property
    def name(self) -> str:
        """Of the end, for the record."""
        return "opener" if self._by_opener else "receiver"

    def on_message(self, handler: Callable[..., Any]) -> None:
        """Set the handler of messages."""
        self._on_message = Listener.of(_callable("on_message", handler))
        self._want_all()

    def on_close(self, handler: Callable[..., Any]) -> None:
        """Set the handler of the end."""
        self._on_close = Listener.of(_callable("on_close", handler))

    def intercept(self, take: Callable[[Said], None]) -> None:
        """Give `take` all that this end says from now on; each has to go on by `go_on`, or be kept back."""
        self._take = take
        self._want_all()

    def release(self) -> None:
        """Take back `intercept`: what this end says goes on by itself again."""
        self._take = None
        self.advance()

    def go_on(self, item: Said) -> None:
        """What the end said goes on to the other one as it came."""
        if item.number is None:
            self._end(item.error)
        else:
            self._send(RoutePass(self._route._id, item.number, self._by_opener))

    def keep_back(self, item: Said) -> None:
        """The agent need not keep that message any longer."""
        assert item.number is not None, "only messages are kept"
        self._send(RouteTake(self._route._id, item.number, self._by_opener))

    def say(self, message: Any) -> None:
        """Say something to the other end, as if this one had.

        Raises:
            PortDisconnectedError: The other end is closed.
        """
        if self._by_opener:
            self._route._receiver.postMessage(message)
        else:
            self._route.postMessage(message)

    def arrived(self, item: Said) -> None:
        """The agent says what this end does."""
        if item.number is not None and self._free:
            return  # it was under way when the agent was told to pass on all
        self._waiting.append(item)
        self.advance()

    def held(self) -> None:
        """What comes from now on, the agent does not pass on."""
        self._free = False
        self.advance()

    def advance(self) -> None:
        """Handle what waits, as far as that is possible now."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._waiting and self._may_handle(self._waiting[0]):
                self._handle(self._waiting.popleft())
        finally:
            self._advancing = False
        if self._may_be_free():
            self._free = True
            self._send(RouteFree(self._route._id, self._by_opener))

    def _may_handle(self, item: Said) -> bool:
        if self._busy or not self._route._decided:
            return False
        if not (self._by_opener or self._route._connected):
            return False  # Python plays the receiver, and what one outside says waits until it is connected
        return item.number is None or self._reads or self._route._connected

    def _may_be_free(self) -> bool:
        idle = not (self._waiting or self._busy or self._free or self.closed)
        return idle and self._route._decided and self._route._connected and not self._reads

    def _want_all(self) -> None:
        if self._free and not self.closed:
            self._send(RouteHold(self._route._id, self._by_opener))

    @property
    def passes(self) -> bool:
        """Whether all that it says goes on by itself."""
        return self._route._decided and self._route._connected and not (self._reads or self._on_close or self.closed)

    @property
    def _reads(self) -> bool:
        """Whether somebody in Python takes its messages."""
        return self._on_message is not None or self._take is not None

    def _handle(self, item: Said) -> None:
        if self._take:
            self._take(item)
        elif item.number is None or self._on_message is None or item.unreadable:
            self.go_on(item)
        else:
            self.keep_back(item)
            self._route._note(f"takes a message from the {self.name}", item.payload)
            self._call(self._on_message, item.message)

    def _end(self, error: str | None) -> None:
        if self.closed:
            return  # Python closed it before
        self.closed = True
        self.error = None if error is None else PortError({"message": error})
        if self._on_close:
            self._call(self._on_close)
            if self._by_opener:
                self._route._opener_gone()
            return
        other = self._route._direction(by_opener=not self._by_opener)
        if not other.closed:
            other.closed = True
            self._send(RouteClose(self._route._id, not self._by_opener, error))

    def _call(self, handler: Listener, *args: Any) -> None:
        self._busy = True

        def ended(result: Any = None, *, awaited: bool = False) -> None:
            self._busy = False
            self.advance()

        def raised(error: BaseException) -> None:
            self._route._raised(error)
            ended()

        self._route._session.invoke(handler.function, args[: handler.takes], raised, ended)

    def _send(self, frame: ToRoute) -> None:
        self._route._send(frame)


def _callable(name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    if not callable(handler):
        raise TypeError(f"{name}() takes a function, not {type(handler).__name__}")
    return handler
