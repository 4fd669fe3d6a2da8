"""A routed port: Python stands between those who hold its ends."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from ..errors import ContextError, PortDisconnectedError, UnsupportedError
from ..protocol import values
from ..protocol.frames import (
    RouteClose,
    RouteConnect,
    Routed,
    RoutedClose,
    RoutedMessage,
    RouteLeave,
    RoutePost,
    ToRoute,
)
from ..waiting.waits import Pending, done
from .objects import PortError, Sender
from .route_direction import Direction, Said

if TYPE_CHECKING:
    from .context import Context

__all__ = ["PortRoute", "RouteReceiver"]


class PortRoute:
    """A port that a script has opened and a route fits: see `Bridge.route_port`. It stands for the opener's end.

    Until `connect_to_receiver` is called, the scripts at the other end do not have the port, and Python plays them. A
    port that leads to a native application or another extension is there from the start, but no message goes over it.
    """

    def __init__(self, context: "Context", frame: Routed) -> None:
        self._context = context
        self._session = context._session
        self._id = frame.route
        self._event = frame.event
        self._name = frame.name
        self._leads_to = frame.target  # outside; None if the port has come to the context
        self._sender = context._sender if frame.sender is None else Sender(frame.sender)
        self._decided = False  # whether its handler has ended
        self._connected = False
        self._left = False  # Python has no say any more
        self._gone = False  # with the receiver's context
        self._work: set[asyncio.Task[None]] = set()
        self._opener = Direction(self, by_opener=True)
        self._answering = Direction(self, by_opener=False)
        self._receiver = RouteReceiver(self)

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def name(self) -> Any:
        """The name given to ``connect()``, as `Port.name`; the native application's, if the port leads to one."""
        return self._name

    @property
    def sender(self) -> Sender:
        """Who connected, as the receiver's scripts see it; if the port leads outside, as another extension sees it."""
        return self._sender

    @property
    def external(self) -> bool:
        """Whether a web page or another extension opened the port, so that it comes to `onConnectExternal`."""
        return self._event == "runtime.onConnectExternal"

    @property
    def target(self) -> "Context | None":
        """The context that the port has reached; None if it leads to a native application or another extension.

        A port that reaches several contexts is a route in each of them.
        """
        return None if self._leads_to else self._context

    @property
    def application(self) -> str | None:
        """The name of the native application to which the port leads; None if it leads to none."""
        return self._leads_to.application if self._leads_to else None

    @property
    def extension(self) -> str | None:
        """The id of the other extension to which the port leads; None if it leads to none."""
        return self._leads_to.extension if self._leads_to else None

    @property
    def opened_by(self) -> "Context | None":
        """The context of the script that opened the port.

        It is None where the bridge has no agent, as in a web page or in the world of user scripts.
        """
        if self._leads_to:
            return self._context
        if self._event == "runtime.onUserScriptConnect":  # the sender is the same as a content script's of that frame
            return None
        return cast("Context | None", self._session.opener_of(self._sender.to_dict()))

    @property
    def closed(self) -> bool:
        """Whether the opener's end is closed."""
        return self._opener.closed

    # --- what a handler does ----------------------------------------------------------------------------------------

    def connect_to_receiver(self) -> "RouteReceiver":
        """Let the scripts at the other end have the port: their ``onConnect`` listeners are called now.

        A native application or another extension has the port already. It now gets the messages, and is heard.

        Returns:
            Their end.
        """
        if not self._connected:
            self._connected = True
            self._note("lets the receiver have it")
            self._send(RouteConnect(self._id))
            self._opener.advance()
            self._answering.advance()
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

    def close(self, error: str | None = None) -> Pending[None]:
        """Close the opener's end: its ``onDisconnect`` fires, as if the receiver had called ``disconnect()``.

        The receiver's end stays as it is; see `RouteReceiver.close`. One that was never connected is closed, too.

        Args:
            error: Why, as the script finds it in ``port.error`` (Firefox) or ``runtime.lastError`` (Chromium). Only for
                a port that leads outside.

        Raises:
            UnsupportedError: There is an `error`, and the port leads to another context of the extension: the browser
                itself tells the opener of the close, and it gives no error.
        """
        closed = self._close(self._opener, error, to_opener=True)
        self._opener_gone()
        return closed

    def __repr__(self) -> str:
        where = self.application or self.extension or self._context._label
        return f"<PortRoute {self._name!r} to {where}{', closed' if self.closed else ''}>"

    # --- what the agent says ----------------------------------------------------------------------------------------

    def _message(self, frame: RoutedMessage, payload: str | None) -> None:
        self._direction(by_opener=frame.byOpener).arrived(Said(frame.message, payload, frame.unreadable))

    def _closed_by(self, frame: RoutedClose) -> None:
        self._direction(by_opener=frame.byOpener).arrived(
            Said(None, error=frame.error.message if frame.error else None)
        )

    def _held(self, *, by_opener: bool) -> None:
        self._direction(by_opener=by_opener).held()

    def _context_lost(self) -> None:
        """The context whose scripts have the port is gone, and with it the port."""
        self._gone = True
        self._stop()
        for direction in (self._opener, self._answering):
            direction.closed = True

    # --- for the engine ---------------------------------------------------------------------------------------------

    def _note(self, what: str, payload: str | None = None) -> None:
        """Record what Python does with the port, or with a message on it."""
        self._session.recorder.routed(self._context._place, self._name, what, payload)

    def _decide(self) -> None:
        """The handler has ended."""
        self._decided = True
        self._opener.advance()
        self._answering.advance()

    def _opener_gone(self) -> None:
        """The opener's end is closed: what leads outside and was never connected is of no use any more."""
        if self._leads_to and not self._connected and not self._answering.closed:
            self._answering.closed = True
            self._send(RouteClose(self._id, toOpener=False))

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

    def _direction(self, *, by_opener: bool) -> Direction:
        return self._opener if by_opener else self._answering

    def _post(self, message: Any, end: Direction, *, to_opener: bool) -> Pending[None]:
        payload = values.encode(message)
        if end.closed_by_python:
            raise PortDisconnectedError(f"{self._session.disconnected} ({self._name!r}: Python has closed this end)")
        if end.closed or self._left:
            return done()
        self._note(f"says to the {'opener' if to_opener else 'receiver'}", payload)
        return self._send(RoutePost(self._id, to_opener), payload)

    def _close(self, end: Direction, error: str | None, *, to_opener: bool) -> Pending[None]:
        if error is not None and to_opener is not bool(self._leads_to):
            raise UnsupportedError(
                f"The browser tells the {end.name} of {self!r} that it is closed, and gives no error of ours. Only the "
                "other end can be closed with an error."
            )
        if end.closed:
            return done()
        end.closed = end.closed_by_python = True
        self._note(f"closes the {end.name}'s end{'' if error is None else f': {error}'}")
        return self._send(RouteClose(self._id, to_opener, error))


class RouteReceiver:
    """The receiver's end of a routed port: the scripts that got it by `PortRoute.connect_to_receiver`.

    If the port leads outside, it is the native application or the other extension.
    """

    def __init__(self, route: PortRoute) -> None:
        self._route = route

    @property
    def closed(self) -> bool:
        """Whether the receiver's end is closed."""
        return self._route._answering.closed

    @property
    def error(self) -> PortError | None:
        """Why the browser closed the receiver's end, such as "Specified native messaging host not found."."""
        return self._route._answering.error

    def on_message(self, handler: Callable[..., Any]) -> None:
        """Call `handler` with each message that the receiver posts, instead of passing it on to the opener.

        See `PortRoute.on_message`; what the opener gets is posted with `PortRoute.postMessage`.
        """
        self._route._answering.on_message(handler)

    def on_close(self, handler: Callable[..., Any]) -> None:
        """Call `handler`, without arguments, when a script at the receiver's end calls ``disconnect()``.

        If the port leads outside, also when the application ends or the browser finds nobody there; `error` says why.
        Without a handler, the opener's end is closed then.
        """
        self._route._answering.on_close(handler)

    def postMessage(self, message: Any) -> Pending[None]:
        """Give the receiver a message, as if the opener had posted it.

        See `PortRoute.postMessage` for the argument, the result and the errors.
        """
        return self._route._post(message, self._route._answering, to_opener=False)

    def close(self, error: str | None = None) -> Pending[None]:
        """Close the receiver's end: ``onDisconnect`` fires there, as if the opener had called ``disconnect()``.

        Args:
            error: Why, as scripts find it in ``port.error`` (Firefox) or ``runtime.lastError`` (Chromium).

        Raises:
            UnsupportedError: There is an `error`, and the port leads outside.
        """
        return self._route._close(self._route._answering, error, to_opener=False)

    def __repr__(self) -> str:
        return f"<RouteReceiver of {self._route!r}>"
