"""A port on which Python is the native application, and the program that carries it."""

import asyncio
import struct
import sys
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from ..errors import BridgeError, ChannelError
from ..javascript import UNDEFINED
from ..protocol import stdio, values
from ..waiting.waits import Pending, done
from ..wire.outbox import Outbox
from .port import Port

__all__ = ["NativePort", "Program"]

_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # what is not sent yet is thrown away
_NOTHING = values.encode(UNDEFINED)


class NativePort(Port):
    """A port on which Python is the native application."""

    _context: Any

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._unread = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    def postMessage(self, message: Any) -> Pending[None]:
        """Send one message to the extension, as JSON.

        Raises:
            TypeError: A member of the message cannot be sent; the error names its path.
            ValueError: The message is longer than 1 MiB, and both browsers would close the connection. To send it
                anyway, use `send_raw`.
            PortDisconnectedError: The port is closed.
        """
        payload = values.encode_json(message)
        length = len(payload.encode())
        if length > stdio.MAX_FROM_APPLICATION:
            raise ValueError(
                f"This message has {length} bytes; browsers take at most {stdio.MAX_FROM_APPLICATION} (1 MiB) from a "
                "native application, and cut the connection over more. send_raw() sends it all the same."
            )
        return self._post(payload)

    def send_raw(self, data: bytes) -> Pending[None]:
        """Make the program write exactly these bytes to its stdout, to see how the browser reacts.

        A message needs its length in front; ``bridge.protocol.stdio.pack`` adds it.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._require_open()
        written: Pending[None] = self._context._program(self._id).outbox.put([data])
        return self._limited(written)

    def kill(self) -> Pending[None]:
        """Have the program kill itself, as if a native application crashed.

        The extension sees what the browser makes of that. `onDisconnect` fires at this end.

        Returns:
            Something that may be awaited: then the program is cut off. `wait_for_disconnect` waits for its end.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._require_open()
        self._context._program(self._id).kill()
        return done()

    @property
    def _words(self) -> str:
        return "Attempt to use a disconnected port"  # a program gets no words from a browser

    async def _room(self) -> None:
        """Return when its unread messages take no more than the limit: until then the program writes into its pipe."""
        await self._has_room.wait()

    def _unread_by(self, difference: int) -> None:
        self._unread += difference
        if self._unread <= self._context._session.unread.limit or self._closed is not None:
            self._has_room.set()
        else:
            self._has_room.clear()

    def _close(self, reason: str) -> bool:
        self._has_room.set()
        return super()._close(reason)


class Program:
    """The program that the browser started, at the other end of a socket.

    Attributes:
        pid: Its number, by its own word: good for looking whether it still runs, and for nothing else.
    """

    def __init__(
        self, port: NativePort, socket: web.WebSocketResponse, transport: asyncio.Transport | None, pid: int
    ) -> None:
        self.port = port
        self._transport = transport
        self.pid = pid
        self._socket = socket
        self.outbox: Outbox[bytes | str] = Outbox(self._write)

    def receive(self, message: WSMessage) -> None:
        """Take a message of the program's: one of the extension's."""
        if message.type is not WSMsgType.BINARY:
            raise ChannelError(f"A {message.type.name} message from the program: {message.data!r}")
        try:
            # Firefox writes a length of 0 for what has no JSON: undefined, a function, a symbol.
            self.port._deliver(message.data.decode() or _NOTHING)
        except ValueError as error:
            raise ChannelError(f"A message that is not JSON, from the program: {error}") from error
        except Exception as error:  # that nobody foresaw: it must not end the server's handler without a word
            raise ChannelError(f"A message from the program could not be handled: {error!r}") from error

    def hang_up(self) -> None:
        """Let the program end once it has written all there is; it answers by closing the socket."""
        self.outbox.put([""])

    def abort(self, reason: BridgeError) -> None:
        """Cut the connection at once; the program ends over that."""
        self.port._context_closed(str(reason))
        if self._transport:
            self._transport.abort()

    def kill(self) -> None:
        """Reset the connection, over which the program kills itself; it need not read what is under way before."""
        if self._transport and (connection := self._transport.get_extra_info("socket")):
            connection.setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
            self._transport.abort()

    async def _write(self, data: bytes | str) -> None:
        await (self._socket.send_str(data) if isinstance(data, str) else self._socket.send_bytes(data))
