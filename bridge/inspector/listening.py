"""The events through which the inspector accepts ports and hears one-time messages."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, assert_never, get_args

from ..core.context import Context
from ..core.events import ConnectEvent
from ..core.message_event import MessageEvent
from ..core.port import Port
from ..core.request import Request
from ..errors import BridgeError
from .ending import end_all
from .messages import EventName

__all__ = ["EVENTS", "Listening", "event_of"]

EVENTS: tuple[EventName, ...] = get_args(EventName)
_AnyEvent = ConnectEvent | MessageEvent


class Listening:
    """Accepts connections to contexts, and hears one-time messages there, which then stay open for the page's user.

    Args:
        accept: Gets each port, and the name of the event.
    """

    def __init__(self, accept: Callable[[Port, str], object]) -> None:
        self._accept = accept
        self._listeners: dict[tuple[_AnyEvent, str], _Listener] = {}

    def names(self, context: Context) -> list[EventName]:
        """Return the events of a context that the inspector listens to."""
        return [name for name in EVENTS if self._listens(context, name)]

    async def begin(self, context: Context, name: EventName) -> None:
        """Listen, and also take what was kept because nobody listened yet.

        Raises:
            BridgeError: The browser has no such event there, or the context is gone.
        """
        event = event_of(context, name)
        if not self._listens(context, name):
            listener = self._listeners[event, name] = self._listener(event, name)
            await event.addListener(listener.function)

    async def stop(self, context: Context, name: EventName) -> None:
        """Stop listening, and leave to others what the inspector heard and nobody answered."""
        event = event_of(context, name)
        listener = self._listeners.pop((event, name), None)
        if listener:
            await _remove(event, listener)

    async def close(self) -> None:
        """Stop listening anywhere, without waiting for agents that do not answer in time."""
        listeners, self._listeners = self._listeners, {}
        await end_all(*(_remove_if_there(event, listener) for (event, _), listener in listeners.items()))

    def _listens(self, context: Context, name: EventName) -> bool:
        try:
            event = event_of(context, name)
        except BridgeError:
            return False
        # bridge.reset() removes all listeners.
        return (event, name) in self._listeners and event.hasListener(self._listeners[event, name].function)

    def _listener(self, event: _AnyEvent, name: EventName) -> "_Listener":
        heard = _Heard()
        if isinstance(event, MessageEvent):
            return _Listener(heard.listen, heard)

        def accept(port: Any) -> None:
            self._accept(getattr(port, "_impl", port), name)  # in the sync flavour, a listener gets the sync port

        return _Listener(accept, heard)


class _Heard:
    """The one-time messages that a listener of the inspector's heard."""

    def __init__(self) -> None:
        self._open: list[Request] = []
        self._ended = False

    def listen(self, message: Any, sender: Any, send_response: Any) -> bool:
        """Keep a message open, unless this ended before it could be told."""
        if self._ended:
            return False
        request = send_response.__self__  # in the sync flavour, the sync request
        self._open = [other for other in self._open if other.answered is None]
        self._open.append(getattr(request, "_impl", request))
        return True

    def end(self) -> None:
        """Leave to others what is still open, unless somebody else in Python may answer it."""
        self._ended = True
        for request in self._open:
            request._decline()
        self._open.clear()


class _Listener(NamedTuple):
    function: Callable[..., Any]
    heard: _Heard


async def _remove(event: _AnyEvent, listener: _Listener) -> None:
    listener.heard.end()
    await event.removeListener(listener.function)


async def _remove_if_there(event: _AnyEvent, listener: _Listener) -> None:
    with suppress(BridgeError):  # the context is gone, and the listener with it
        await _remove(event, listener)


def event_of(context: Context, name: EventName) -> _AnyEvent:
    """Return an event of a context.

    Raises:
        UnsupportedError: This kind of context does not have it.
    """
    match name:
        case "runtime.onConnect":
            return context.runtime.onConnect
        case "runtime.onConnectExternal":
            return context.runtime.onConnectExternal
        case "runtime.onMessage":
            return context.runtime.onMessage
        case "runtime.onMessageExternal":
            return context.runtime.onMessageExternal
        case _:
            assert_never(name)
