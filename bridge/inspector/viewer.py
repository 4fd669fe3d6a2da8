"""One page that is connected: sends it records and states, and answers what it wants."""

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

_BEAT_S = 1 / 30  # a page is told something at most that often
_LOOK_S = 0.1  # how things stand is looked at that often: not everything says that it changed
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
        state: Says how things stand.
        commands: Carries out what it wants.
        limit: As `MAX_RECORDS_UNSENT`.
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
        """Say that things may stand otherwise now."""
        self._news.set()

    async def serve(self, first: InspectorMessage) -> None:
        """Carry the connection until it ends."""
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
        """Send a message, soon."""
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
                    await asyncio.wait_for(self._news.wait(), _LOOK_S)
        except Exception:
            _log.exception("A page of the inspector is told no more")
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
        """Take a message; False if it is none and cannot be answered."""
        try:
            message = decode(text)
        except ValueError as error:
            id = id_of(text)
            if id is not None:
                self.tell(CommandFailed(id=id, text=f"This is no command: {error}"))
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
        except Exception as error:  # whatever it is, it is the user's to read
            _log.info("The inspector could not carry out %r: %r", command, error)
            answer = CommandFailed(id=command.id, text=str(error) or type(error).__name__)
        self.changed()
        await self.send(answer)
