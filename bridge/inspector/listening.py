"""The events through which the inspector accepts ports."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, assert_never, get_args

from ..core.context import Context
from ..core.events import ConnectEvent
from ..core.port import Port
from ..errors import BridgeError
from .ending import end_all
from .messages import ConnectEventName

__all__ = ["EVENTS", "Listening", "event_of"]

EVENTS: tuple[ConnectEventName, ...] = get_args(ConnectEventName)


class Listening:
    """Accepts connections to contexts.

    Args:
        accept: Gets each port, and the name of the event.
    """

    def __init__(self, accept: Callable[[Port, str], object]) -> None:
        self._accept = accept
        self._listeners: dict[tuple[ConnectEvent, str], Callable[[Any], None]] = {}

    def names(self, context: Context) -> list[ConnectEventName]:
        """Return the events of a context that the inspector listens to."""
        return [name for name in EVENTS if self._listens(context, name)]

    async def begin(self, context: Context, name: ConnectEventName) -> None:
        """Accept connections, and also those that were kept because nobody listened yet.

        Raises:
            BridgeError: The browser has no such event there, or the context is gone.
        """
        event = event_of(context, name)

        def listener(port: Any) -> None:
            self._accept(getattr(port, "_impl", port), name)  # in the sync flavour, a listener gets the sync port

        if not self._listens(context, name):
            self._listeners[event, name] = listener
            await event.addListener(listener)

    async def stop(self, context: Context, name: ConnectEventName) -> None:
        """Stop accepting connections."""
        event = event_of(context, name)
        listener = self._listeners.pop((event, name), None)
        if listener:
            await event.removeListener(listener)

    async def close(self) -> None:
        """Stop accepting anywhere, without waiting for agents that do not answer in time."""
        listeners, self._listeners = self._listeners, {}
        await end_all(*(_remove(event, listener) for (event, _), listener in listeners.items()))

    def _listens(self, context: Context, name: ConnectEventName) -> bool:
        try:
            event = event_of(context, name)
        except BridgeError:
            return False
        # bridge.reset() removes all listeners.
        return (event, name) in self._listeners and event.hasListener(self._listeners[event, name])


async def _remove(event: ConnectEvent, listener: Callable[[Any], None]) -> None:
    with suppress(BridgeError):  # the context is gone, and the listener with it
        await event.removeListener(listener)


def event_of(context: Context, name: ConnectEventName) -> ConnectEvent:
    """Return an event of a context.

    Raises:
        UnsupportedError: This kind of context does not have it.
    """
    match name:
        case "runtime.onConnect":
            return context.runtime.onConnect
        case "runtime.onConnectExternal":
            return context.runtime.onConnectExternal
        case _:
            assert_never(name)
