"""The relay's connection: it carries the links of all agents."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, assert_never

from aiohttp import WSMessage, WSMsgType, web

from ..errors import BridgeError, ChannelError, ContextError
from ..protocol import framing
from ..protocol.frames import (
    VERSION,
    Drop,
    Dropped,
    ExtensionUnloaded,
    Greeting,
    Heartbeat,
    LinkClosed,
    LinkOpened,
    Refused,
)
from ..waiting.waits import Pending, settle, wait
from .link import Link, Receiver
from .outbox import Outbox, join_lines

__all__ = ["Relay"]

_BAD_FRAME = 1002  # WebSocket's own code for a protocol error
_CLOSE_TEXT = 120
_PATIENCE_S = 1  # with agents that do not answer
_log = logging.getLogger("bridge.relay")


class Relay:
    """Python's end of the socket that the relay extension opens.

    Args:
        receiver: Makes who takes what comes over a new link.
        on_lost: Called when the connection is gone, with the reason.
        on_fault: Called when either end broke the protocol, and a link or the connection is dropped for that.
        on_unloaded: Called when the browser has unloaded an extension.
    """

    def __init__(
        self,
        receiver: Callable[[Link], Receiver],
        on_lost: Callable[[BridgeError], None],
        on_fault: Callable[[ChannelError], None] = lambda error: None,
        on_unloaded: Callable[[ExtensionUnloaded], None] = lambda frame: None,
    ) -> None:
        self._receiver = receiver
        self._on_lost = on_lost
        self._on_unloaded = on_unloaded
        self._on_fault = on_fault
        self._outbox: Outbox[str] | None = None
        self._connected = False
        self._transport: asyncio.BaseTransport | None = None
        self._links: dict[int, Link] = {}
        self._highest_link = 0
        self._listens: set[asyncio.Future[Any]] = set()  # through the relay, and not answered
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def greeted(self, timeout_ms: float) -> None:
        """Return when the relay has greeted."""
        await wait(self._greeted, timeout_ms, lambda: "The relay extension did not connect")

    def refusal(self) -> str | None:
        """Why a connection is refused now, if it is: there is one relay, which may be stopped and come back."""
        return "the relay is connected already" if self._connected else None

    async def serve(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        """Carry the connection until it ends."""
        self._connected = True
        self._highest_link = 0
        transport = self._transport = request.transport
        try:
            await socket.prepare(request)
            self._outbox = Outbox(socket.send_str, join_lines)
            await self._read(socket, transport)
        finally:
            if self._transport is transport:  # else the relay has come back already
                self._lose(ContextError("The relay's connection is gone: the browser closed, or the relay crashed"))

    async def listening(self) -> None:
        """Return when the agents have registered the listeners that they were told of here, or that takes too long.

        For what is written to an agent's own socket: its effect may be an event that those listeners wait for.
        """
        if self._listens:
            await asyncio.wait(self._listens, timeout=_PATIENCE_S)

    def close(self, reason: BridgeError) -> None:
        """End the connection without a farewell; whoever waits gets `reason`."""
        self._lose(reason)
        if self._transport:
            self._transport.close()

    def _lose(self, reason: BridgeError) -> None:
        """The one reaction to every end; only the first reason counts."""
        settle(self._greeted, reason)
        if not self._connected:
            return
        self._connected = False
        self._greeted = asyncio.get_running_loop().create_future()
        if self._outbox:
            self._outbox.close(reason)
        links, self._links = self._links, {}
        for link in links.values():
            link.close(reason)
        self._on_lost(reason)

    async def _read(self, socket: web.WebSocketResponse, transport: asyncio.BaseTransport | None) -> None:
        async for message in socket:
            try:
                if message.type is not WSMsgType.TEXT:
                    raise ChannelError(f"A {message.type.name} message; the channel carries text only{_cause(message)}")
                for line in framing.split_lines(message.data):
                    if not self._connected or self._transport is not transport:
                        return  # it was lost, perhaps over the line before; the rest is not the next relay's
                    self._receive(line)
            except Exception as error:
                broken = _broken(error)
                _log.error("The relay's connection was closed: %s", ascii(str(broken)))  # logs take no lone surrogates
                self._on_fault(broken)
                self._lose(broken)
                await socket.close(code=_BAD_FRAME, message=_close_text(broken))

    def _receive(self, line: framing.Line) -> None:
        if line.link == framing.RELAY:
            self._from_relay(line)
        elif line.link in self._links:
            self._links[line.link].receive(line)
        elif line.link > self._highest_link:  # else it was dropped, and this was under way
            raise ChannelError(f"A frame for link {line.link}, which was never opened")

    def _from_relay(self, line: framing.Line) -> None:
        frame = framing.decode_from_relay(line.header)
        if not self._greeted.done() and not isinstance(frame, Greeting):
            raise ChannelError(f"A {type(frame).__name__} before the greeting")
        match frame:
            case Greeting():
                self._greet(frame)
            case LinkOpened():
                self._open(frame)
            case LinkClosed(link=number) if number in self._links:
                self._links.pop(number).end()
            case ExtensionUnloaded():
                self._on_unloaded(frame)
            case Refused():
                raise ChannelError(f"The relay refused a {frame.frame} frame: {frame.reason}")
            case Heartbeat() | LinkClosed():
                pass
            case _:
                assert_never(frame)

    def _greet(self, frame: Greeting) -> None:
        if self._greeted.done():
            raise ChannelError("A second greeting")
        if frame.version != VERSION:
            raise ChannelError(f"The relay speaks version {frame.version}, Python {VERSION}")
        settle(self._greeted, None)

    def _open(self, frame: LinkOpened) -> None:
        if frame.link <= self._highest_link:
            raise ChannelError(f"Link {frame.link} was opened twice")
        self._highest_link = frame.link
        self._links[frame.link] = Link(frame.link, frame.sender, self._write, self._drop, self._receiver, self._listens)

    def _write(self, lines: list[str]) -> Pending[None]:
        assert self._outbox
        return self._outbox.put(lines)

    def _drop(self, link: Link, reason: ChannelError) -> None:
        _log.error("Link %s was dropped: %s", link.number, _printable(reason))
        self._on_fault(reason)
        if not self._links.pop(link.number, None):
            return  # the relay has closed it already
        dropped = framing.encode_line(link.number, Dropped())
        self._write([dropped, framing.encode_line(framing.RELAY, Drop(link.number))])


def _printable(error: ChannelError) -> str:
    return str(error).encode("ascii", "backslashreplace").decode()  # a log cannot take a lone surrogate


def _broken(error: Exception) -> ChannelError:
    if isinstance(error, ChannelError):
        return error
    fault = ChannelError(f"What the relay said could not be handled: {error!r}. This is a fault of the bridge")
    fault.__cause__ = error
    return fault


def _cause(message: WSMessage) -> str:
    return f" ({message.data})" if isinstance(message.data, Exception) else ""


def _close_text(error: ChannelError) -> bytes:
    # WebSocket has room for 123 bytes of UTF-8.
    return str(error).encode("utf-8", "replace")[:_CLOSE_TEXT].decode("utf-8", "ignore").encode()
