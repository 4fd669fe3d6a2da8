"""One connected page: sends it records and states, and answers its commands."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import msgspec
from aiohttp import ClientConnectionResetError, WSMsgType, web

from ..traffic.limits import MAX_RECORDS_UNSENT
from .commands import Commands
from .feed import Feed
from .messages import (
    BatchShown,
    BridgeState,
    Command,
    CommandFailed,
    InspectorMessage,
    RecordBatch,
    decode,
    encode,
    id_of,
)
from .source import Source

__all__ = ["Viewer"]

_BEAT_S = 1 / 30  # between two updates of a page, at least
_LOOK_S = 0.1  # between two looks at the state, since not everything says when it changes
_COUNT = 1_000  # records in a batch
_CHARACTERS = 2_000_000
_AT_ONCE = 100  # commands of one page
_BAD_MESSAGE, _BROKEN = 1008, 1011
_log = logging.getLogger("bridge.inspector")


class Viewer:
    """A page.

    Args:
        socket: Its WebSocket.
        source: The records.
        state: Returns the current state.
        commands: Carries out the page's commands.
        limit: How many records may wait for the page.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        source: Source,
        state: Callable[[], BridgeState],
        commands: Commands,
        *,
        limit: int = MAX_RECORDS_UNSENT,
    ) -> None:
        self._socket = socket
        self._source = source
        self._state = state
        self._commands = commands
        self._news = asyncio.Event()
        self._feed = Feed(source.records, limit, self._news.set)
        self._ready = True  # the page has shown the last batch
        self._looked = 0.0
        self._shown: BridgeState | None = None
        self._running: set[asyncio.Task[None]] = set()

    def changed(self) -> None:
        """Say that the state may have changed."""
        self._news.set()

    async def serve(self, first: InspectorMessage) -> None:
        """Serve the connection until it ends.

        Args:
            first: The first message for the page.
        """
        unsubscribe = self._source.subscribe(self._feed.add)
        pump = asyncio.ensure_future(self._pump(first))
        try:
            async for message in self._socket:
                if message.type is not WSMsgType.TEXT or not self._receive(message.data):
                    await self._socket.close(code=_BAD_MESSAGE, message=b"not a message of the inspector's page")
        finally:
            unsubscribe()
            pump.cancel()
            await asyncio.gather(pump, *self._running, return_exceptions=True)

    async def send(self, message: InspectorMessage) -> None:
        """Send a message; nothing happens if the page is gone."""
        with suppress(ClientConnectionResetError, ConnectionError):
            await self._socket.send_str(encode(message))

    def tell(self, message: InspectorMessage) -> None:
        """Send a message soon, without waiting for that."""
        self._start(self.send(message))

    async def close(self, farewell: InspectorMessage) -> None:
        """Say goodbye, end the connection, and cancel the commands that are under way."""
        try:
            await self.send(farewell)
            await self._socket.close()
        finally:
            for task in self._running:
                task.cancel()

    # --- to the page ------------------------------------------------------------------------------------------------

    async def _pump(self, first: InspectorMessage) -> None:
        try:
            await self.send(first)
            while not self._socket.closed:
                self._news.clear()
                await self._tell_state()
                await self._tell_records()
                await asyncio.sleep(_BEAT_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._news.wait()
        except Exception:
            _log.exception("The inspector has stopped updating a page")
            await self._socket.close(code=_BROKEN)

    async def _tell_state(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        state = self._state()
        if state != self._shown:
            self._shown = state
            await self.send(state)

    async def _tell_records(self) -> None:
        if self._ready and self._feed:
            self._ready = False
            records = [msgspec.Raw(line.encode()) for line in self._feed.take(_COUNT, _CHARACTERS)]
            await self.send(RecordBatch(records=records, left_out=self._feed.left_out))

    # --- from the page ----------------------------------------------------------------------------------------------

    def _receive(self, text: str) -> bool:
        """Handle a message; False if it is not valid and cannot be answered."""
        try:
            message = decode(text)
        except ValueError as error:
            id = id_of(text)
            if id is not None:
                self.tell(CommandFailed(id=id, text=f"This is not a command: {error}"))
            return id is not None
        if isinstance(message, BatchShown):
            self._ready = True
            self._news.set()
        elif len(self._running) < _AT_ONCE:
            self._start(self._answer(message))
        else:
            text = f"More than {_AT_ONCE} commands at once: wait for their answers"
            self.tell(CommandFailed(id=message.id, text=text))
        return True

    def _start(self, answering: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(answering)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, command: Command) -> None:
        answer: InspectorMessage
        try:
            answer = await self._commands.run(command)
        except Exception as error:  # whatever it is, the page's user reads it
            _log.info("The inspector could not carry out %r: %r", command, error)
            answer = CommandFailed(id=command.id, text=str(error) or type(error).__name__)
        self.changed()
        await self.send(answer)
