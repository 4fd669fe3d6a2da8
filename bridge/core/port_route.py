"""A routed port: Python stands between the two scripts that hold its ends."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..errors import ContextError, PortDisconnectedError
from ..protocol import values
from ..protocol.frames import (
    RouteClose,
    RouteConnect,
    Routed,
    RoutedClose,
    RoutedMessage,
    RouteFree,
    RouteHold,
    RouteLeave,
    RoutePass,
    RoutePost,
    RouteTake,
    ToRoute,
)
from ..waiting.event import Listener
from ..waiting.waits import Pending, done
from .objects import Sender

if TYPE_CHECKING:
    from .context import Context

__all__ = ["Direction", "PortRoute", "RouteReceiver", "Said"]


class PortRoute:
    """A port that a script has opened and a route fits: see `Bridge.route_port`. It stands for the opener's end.

    Until `connect_to_receiver` is called, the scripts at the other end do not have the port, and Python plays them.
    """

    def __init__(self, context: "Context", frame: Routed) -> None:
        self._context = context
        self._session = context._session
        self._id = frame.route
        self._event = frame.event
        self._name = frame.name
        self._sender = Sender(frame.sender)
        self._decided = False  # whether its handler has ended
        self._connected = False
        self._left = False  # Python has no say any more
        self._gone = False  # with the receiver's context
        self._work: set[asyncio.Task[None]] = set()
        self._opener = Direction(self, by_opener=True)
        self._scripts = Direction(self, by_opener=False)
        self._receiver = RouteReceiver(self)

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def name(self) -> Any:
        """The name given to ``connect()``, as `Port.name`."""
        return self._name

    @property
    def sender(self) -> Sender:
        """Who connected, as the receiver's scripts see it."""
        return self._sender

    @property
    def external(self) -> bool:
        """Whether a web page or another extension opened the port, so that it comes to `onConnectExternal`."""
        return self._event == "runtime.onConnectExternal"

    @property
    def target(self) -> "Context":
        """The context that the port has reached. A port that reaches several contexts is a route in each of them."""
        return self._context

    @property
    def opened_by(self) -> "Context | None":
        """The context of the script that opened the port; None where the bridge has no agent, as in a web page."""
        return cast("Context | None", self._session.opener_of(self._sender.to_dict()))

    @property
    def closed(self) -> bool:
        """Whether the opener's end is closed."""
        return self._opener.closed

    # --- what a handler does ----------------------------------------------------------------------------------------

    def connect_to_receiver(self) -> "RouteReceiver":
        """Let the scripts at the other end have the port: their ``onConnect`` listeners are called now.

        Returns:
            Their end.
        """
        if not self._connected:
            self._connected = True
            self._note("lets the receiver have it")
            self._send(RouteConnect(self._id))
            self._opener.advance()
        return self._receiver

    def on_message(self, handler: Callable[..., Any]) -> None:
        """Call `handler` with each message that the opener posts, instead of passing it on to the receiver.

        The handler gets the message; the receiver gets what the handler posts with `RouteReceiver.postMessage`. A
        coroutine function gets the next message when it has returned, so the order stays. If it raises, the next wait
        raises that, and the message is not passed on.

        Args:
            handler: A function of one argument. It takes the place of an earlier one.
        """
        self._opener.on_message(handler)

    def on_close(self, handler: Callable[..., Any]) -> None:
        """Call `handler` when the opener's end closes, instead of closing the receiver's.

        Args:
            handler: A function without arguments.
        """
        self._opener.on_close(handler)

    def postMessage(self, message: Any) -> Pending[None]:
        """Post a message to the opener, from the receiver's end of the port.

        If the opener's end has closed meanwhile, or the route has been taken back, the message is lost, as in a browser
        where the two cross.

        Args:
            message: As in `Port.postMessage`.

        Returns:
            Something that may be awaited: then the message has been written to the browser's socket.

        Raises:
            TypeError: A member of the message cannot be sent; the error names its path.
            PortDisconnectedError: Python has closed the opener's end, by `close`.
        """
        return self._post(message, self._opener, to_opener=True)

    def close(self) -> Pending[None]:
        """Close the opener's end: its ``onDisconnect`` fires, as if the receiver had called ``disconnect()``.

        The receiver's end stays as it is; see `RouteReceiver.close`.
        """
        return self._close(self._opener, to_opener=True)

    def __repr__(self) -> str:
        return f"<PortRoute {self._name!r} to {self._context._label}{', closed' if self.closed else ''}>"

    # --- what the agent says ----------------------------------------------------------------------------------------

    def _message(self, frame: RoutedMessage, payload: str | None) -> None:
        self._direction(by_opener=frame.byOpener).arrived(Said(frame.message, payload, frame.unreadable))

    def _closed_by(self, frame: RoutedClose) -> None:
        self._direction(by_opener=frame.byOpener).arrived(Said(None))

    def _held(self, *, by_opener: bool) -> None:
        self._direction(by_opener=by_opener).held()

    def _context_lost(self) -> None:
        """The receiver's context is gone, and with it the port."""
        self._gone = True
        self._stop()
        for direction in (self._opener, self._scripts):
            direction.closed = True

    # --- for the engine ---------------------------------------------------------------------------------------------

    def _note(self, what: str, payload: str | None = None) -> None:
        """Record what Python does with the port, or with a message on it."""
        self._session.recorder.routed(self._context._place, self._name, what, payload)

    def _decide(self) -> None:
        """The handler has ended."""
        self._decided = True
        self._opener.advance()
        self._scripts.advance()

    def _leave(self) -> None:
        """Let all go on as without a route."""
        self._stop()
        if not self._left:
            self._send(RouteLeave(self._id))
            self._left = True

    def _begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Do something for as long as there is a route."""
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    def _stop(self) -> None:
        for task in self._work:
            task.cancel()

    async def _stop_background(self) -> None:
        with suppress(ContextError):  # it has stopped already
            # The route ends with the background, but what stops the background must not.
            await asyncio.shield(asyncio.ensure_future(self._session.stop_background()))

    def _raised(self, error: BaseException) -> None:
        self._session.deferred.add(None, error)

    def _send(self, frame: ToRoute, payload: str | None = None) -> Pending[None]:
        if self._gone or self._left or self._context.closed:
            return done()  # the browser has closed the port, and its scripts are gone
        return self._context._send(frame, payload)

    def _direction(self, *, by_opener: bool) -> "Direction":
        return self._opener if by_opener else self._scripts

    def _post(self, message: Any, end: "Direction", *, to_opener: bool) -> Pending[None]:
        payload = values.encode(message)
        if end.closed_by_python:
            raise PortDisconnectedError(f"{self._session.disconnected} ({self._name!r}: Python has closed this end)")
        if end.closed or self._left:
            return done()
        self._note(f"says to the {'opener' if to_opener else 'receiver'}", payload)
        return self._send(RoutePost(self._id, to_opener), payload)

    def _close(self, end: "Direction", *, to_opener: bool) -> Pending[None]:
        if end.closed:
            return done()
        end.closed = end.closed_by_python = True
        self._note(f"closes the {end.name}'s end")
        return self._send(RouteClose(self._id, to_opener))


class RouteReceiver:
    """The receiver's end of a routed port: the scripts that got it by `PortRoute.connect_to_receiver`."""

    def __init__(self, route: PortRoute) -> None:
        self._route = route

    @property
    def closed(self) -> bool:
        """Whether the receiver's end is closed."""
        return self._route._scripts.closed

    def on_message(self, handler: Callable[..., Any]) -> None:
        """Call `handler` with each message that the receiver's scripts post, instead of passing it on to the opener.

        See `PortRoute.on_message`; what the opener gets is posted with `PortRoute.postMessage`.
        """
        self._route._scripts.on_message(handler)

    def on_close(self, handler: Callable[..., Any]) -> None:
        """Call `handler`, without arguments, when a script at the receiver's end calls ``disconnect()``.

        Without a handler, the opener's end is closed then.
        """
        self._route._scripts.on_close(handler)

    def postMessage(self, message: Any) -> Pending[None]:
        """Give the receiver's scripts a message, as if the opener had posted it.

        See `PortRoute.postMessage` for the argument, the result and the errors.
        """
        return self._route._post(message, self._route._scripts, to_opener=False)

    def close(self) -> Pending[None]:
        """Close the receiver's end: ``onDisconnect`` fires there, as if the opener had called ``disconnect()``."""
        return self._route._close(self._route._scripts, to_opener=False)

    def __repr__(self) -> str:
        return f"<RouteReceiver of {self._route!r}>"


class Said(NamedTuple):
    """What an end of a routed port says.

    Attributes:
        number: Of the message, as the agent counts; None if the end is closed.
        payload: The message.
        unreadable: Whether the agent cannot show the message.
    """

    number: int | None
    payload: str | None = None
    unreadable: bool = False

    @property
    def message(self) -> Any:
        """The message, decoded."""
        return values.decode(self.payload)


class Direction:
    """What one end of a routed port says: its messages, one after another, and then that it is closed.

    Attributes:
        closed: Whether that end is closed.
        closed_by_python: Whether Python has closed it.
    """

    def __init__(self, route: PortRoute, *, by_opener: bool) -> None:
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
            self._end()
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

    def _end(self) -> None:
        if self.closed:
            return  # Python closed it before
        self.closed = True
        if self._on_close:
            self._call(self._on_close)
        else:
            other = self._route._direction(by_opener=not self._by_opener)
            if not other.closed:
                other.closed = True
                self._send(RouteClose(self._route._id, not self._by_opener))

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
