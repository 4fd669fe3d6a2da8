"""The inspector's list of ports: those that it opened or accepted, and those that a test handed over."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from ..core.port import Port
from ..errors import BridgeError
from ..protocol.shown import text_of
from .ending import run_all
from .messages import HeldContext, PortState
from .source import Latest

__all__ = ["HeldPort", "HeldPorts", "context_of", "sender_of"]

_CLOSED_KEPT = 50  # beyond that, the oldest closed ports leave the list


class HeldPort:
    """A port in the list, and what the page is told about it.

    Args:
        own: Whether the inspector opened or accepted it. It then takes the port's messages, since nobody else does.
        changed: Called when there is something new to tell.
        post_refused: Gets the browser's reason when it refuses a posted message.
    """

    def __init__(
        self,
        id: int,
        port: Port,
        function: str,
        record: int | None,
        *,
        own: bool,
        changed: Callable[[], None],
        post_refused: Callable[[str], None],
    ) -> None:
        self.id = id
        self.port = port
        self._function = function
        self._record = record
        self._context = context_of(port.context)
        self._changed = changed
        self._post_refused = post_refused
        self._sent = self._received = 0
        self._last: Any = ...
        self._closed: str | None = None
        self._watch: asyncio.Task[None] | None = None
        if own:
            self._watch = asyncio.ensure_future(self._until_closed())
            port.onMessage.addListener(self._message)

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self.port.closed

    def state(self) -> PortState:
        """What the page is told about it."""
        return PortState(
            id=self.id,
            name=self.port.name,
            function=self._function,
            context=self._context,
            sender=sender_of(self.port.sender),
            record=self._record,
            closed=self._reason() if self.port.closed else None,
            sent=self._sent,
            received=self._received,
            last="" if self._last is ... else text_of(self._last),
        )

    async def post(self, message: Any) -> None:
        """Post a message; return when it has been written to the browser's socket."""
        await self.port.postMessage(message)
        self._sent += 1
        self._changed()

    def disconnect(self) -> None:
        """Close the port."""
        if not self.port.closed:
            self._closed = "the inspector disconnected it"
        self.port.disconnect()
        self._changed()

    def close(self) -> None:
        """Close the port and stop watching it, if it is the inspector's own."""
        if self._watch:
            self._watch.cancel()
            self.port.disconnect()

    def _reason(self) -> str:
        if self._closed:
            return self._closed
        if self.port.error:
            return str(self.port.error.message)
        return "the other end disconnected" if self._watch else "closed"

    def _message(self, message: Any) -> None:
        self._received += 1
        self._last = message
        self._changed()

    async def _until_closed(self) -> None:
        # While this waits, the port's errors are raised here instead of in the user's test.
        while not self.port.closed:
            try:
                await self.port.wait_for_disconnect(timeout=0)
            except Exception as error:
                self._post_refused(str(error))
        self._changed()


class HeldPorts:
    """The list of ports.

    Args:
        latest: Knows the number of a port in the records.
        changed: Called when there is something new to tell.
        post_refused: Called with a port's id and the browser's reason when it refuses a message posted there.
    """

    def __init__(self, latest: Latest, changed: Callable[[], None], post_refused: Callable[[int, str], None]) -> None:
        self._latest = latest
        self._changed = changed
        self._post_refused = post_refused
        self._numbers = itertools.count(1)
        self._ports: dict[int, HeldPort] = {}

    def __iter__(self) -> Iterator[HeldPort]:
        return iter(self._ports.values())

    def __getitem__(self, id: int) -> HeldPort:
        """Return the port with that number.

        Raises:
            BridgeError: It is not in the list.
        """
        if id not in self._ports:
            raise BridgeError(f"There is no port {id} any more")
        return self._ports[id]

    def add(self, port: Port, function: str, *, own: bool) -> HeldPort:
        """Put a port on the list, unless it is there already, and return its entry."""
        for held in self:
            if held.port is port:
                return held
        id = next(self._numbers)
        held = HeldPort(
            id,
            port,
            function,
            self._latest.take() if own else None,
            own=own,
            changed=self._changed,
            post_refused=lambda text: self._post_refused(id, text),
        )
        self._ports[id] = held
        self._shorten()
        self._changed()
        return held

    def forget(self, id: int) -> None:
        """Take a closed port off the list.

        Raises:
            BridgeError: It is still open.
        """
        if not self[id].closed:
            raise BridgeError("Only a closed port can be taken off the list")
        self._drop(id)
        self._changed()

    def close(self) -> None:
        """Close the inspector's own ports, and empty the list."""
        run_all(*(held.close for held in self))
        self._ports.clear()

    def _drop(self, id: int) -> None:
        self._ports.pop(id).close()

    def _shorten(self) -> None:
        closed = [held.id for held in self if held.closed]
        for id in closed[: max(0, len(closed) - _CLOSED_KEPT)]:
            self._drop(id)


def context_of(context: Any) -> HeldContext:
    """Return what the page is told about the context, or the native application, in which Python holds something."""
    if context.kind == "native":
        return HeldContext(kind="native", url=context.name, tab=None, frame=None)
    return HeldContext(kind=context.kind, url=context.url, tab=context.tab_id, frame=context.frame_id)


def sender_of(sender: Any) -> str:
    """Return in words who opened a port or asked; empty for None."""
    return str(sender.url or sender.id or "") if sender else ""
