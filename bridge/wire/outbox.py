"""What waits to be written to the socket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ..errors import BridgeError
from ..waiting.waits import Pending, begin, done, settle

__all__ = ["Outbox", "join_lines"]

T = TypeVar("T")

_BATCH = 256 * 1024  # characters; larger batches gain nothing and delay the first line in them
_MANY = 100  # items that do not wait for more, so that the browser has work while Python goes on posting


class Outbox(Generic[T]):
    """Writes items in order: the first at once, and those that follow before the loop has gone round together.

    Args:
        write: Sends one socket message; it returns when there is room for the next.
        gather: Makes socket messages of the items that are ready together.
    """

    def __init__(self, write: Callable[[T], Awaitable[None]], gather: Callable[[list[T]], list[T]] = list) -> None:
        self._write = write
        self._gather = gather
        self._items: list[T] = []
        self._written: asyncio.Future[None] | None = None  # of the items that are queued now
        self._writing: asyncio.Future[None] | None = None  # of those before, which are being written
        self._idle = False
        self._rest: Awaitable[None] | None = None  # of a write that found no room
        self._wake = asyncio.Event()
        self._closed: BridgeError | None = None
        self._task = asyncio.ensure_future(self._run())

    def put(self, items: list[T]) -> Pending[None]:
        """Queue `items`; what this returns is done when they are written.

        Raises:
            BridgeError: The connection is gone; the reason.
        """
        if self._closed:
            raise self._closed
        self._wake.set()
        self._items += items
        if (self._idle or len(self._items) >= _MANY) and self._rest is None and self._write_now():
            return done()
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        return Pending(self._written)

    def close(self, reason: BridgeError) -> None:
        """Stop writing; those who wait get `reason`."""
        if self._closed:
            return
        self._closed = reason
        self._task.cancel()
        self._task.add_done_callback(lambda _: self._fail(reason))

    def _fail(self, reason: BridgeError) -> None:
        for written in (self._writing, self._written):
            if written:
                settle(written, reason)

    def _write_now(self) -> bool:
        """Begin to write without waiting until the loop comes round; whether there was room for all."""
        self._idle = False
        items, self._items = self._items, []
        self._rest = begin(self._write_all(self._gather(items)))
        return self._rest is None

    async def _write_all(self, messages: list[T]) -> None:
        for message in messages:
            await self._write(message)

    async def _run(self) -> None:
        while True:
            self._idle = True
            await self._wake.wait()
            self._wake.clear()
            self._writing, self._written = self._written, None
            try:
                await self._finish()
                self._write_now()
                await self._finish()
            except (OSError, asyncio.CancelledError):
                return  # close() has the reason for those who wait, or will have
            if self._writing:
                settle(self._writing, None)

    async def _finish(self) -> None:
        if self._rest:
            await self._rest
            self._rest = None


def join_lines(lines: list[str]) -> list[str]:
    """Return socket messages that hold the lines, many small ones together."""
    batches: list[list[str]] = []
    room = 0
    for line in lines:
        if len(line) > room:
            batches.append([])
            room = _BATCH
        batches[-1].append(line)
        room -= len(line)
    return ["\n".join(batch) for batch in batches]
