"""Python as the native application at the other end of ``runtime.connectNative``."""

import asyncio
import itertools
import logging
import os
import re
import signal
from contextlib import suppress
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from ..errors import BridgeError, ChannelError, ContextError
from ..protocol import stdio, values
from ..protocol.frames import Disconnect, Post, ScriptError
from .connections import ConnectEvent
from .expect import Expect
from .outbox import Outbox
from .port import Port
from .sender import Sender
from .session import Session
from .waits import Pending, done

__all__ = ["NativeApplication", "NativePort"]

_PID = re.compile(r"[1-9][0-9]{0,9}")
_log = logging.getLogger("bridge.native")
_ORIGINS = ("chrome-extension://", "moz-extension://")


class NativeApplication:
    """The native application of one name: its `onConnect` hands over a port for each ``connectNative`` to it.

    The browser starts a real program for each connection, which carries everything to Python. Connections that come
    before there is a listener are kept for it, or for `accept`.
    """

    face: Any = None  # what the sync flavour shows for it

    def __init__(self, name: str, session: Session) -> None:
        self.session = session
        self._name = name
        self._numbers = itertools.count(1)
        self._programs: dict[int, _Program] = {}
        self._on_connect = ConnectEvent(self, "onConnect")

    @property
    def kind(self) -> str:
        """``"native"``."""
        return "native"

    @property
    def name(self) -> str:
        """The application's name, as the extension gives it to ``connectNative``."""
        return self._name

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"native application {self._name!r}"

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `NativePort` of each connection."""
        return self._on_connect

    async def accept(self, *, timeout: float | None = None) -> "NativePort":
        """Return the next connection, first one that was kept.

        Raises:
            BridgeTimeoutError: The extension did not connect in time.
        """
        self.session.faults.raise_for(self)
        port: Any = await self._on_connect.accept(None, self.session.timeout_ms(timeout))
        return port  # type: ignore[no-any-return]

    def expect_connection(self, *, timeout: float | None = None) -> "Expect[Port]":
        """Wait for a connection that comes while the block of the ``async with`` runs, or soon after it."""
        return self._on_connect.expect(None, self.session.timeout_ms(timeout))

    def __repr__(self) -> str:
        return f"<NativeApplication {self._name!r}>"

    # --- for the engine ---------------------------------------------------------------------------------------------

    def want(self, event: str) -> Pending[None]:
        """Nothing has to be registered: the browser starts the program anyway."""
        return done()

    def unwant(self, event: str) -> Pending[None] | None:
        """Nothing was registered."""
        return None

    def send(self, frame: Post | Disconnect, payload: str | None = None) -> Pending[None]:
        """Carry out what a port does."""
        match frame:
            case Post(port=number):
                return self.program(number).outbox.put([stdio.pack((payload or "").encode())])
            case Disconnect(port=number):
                self.program(number).hang_up()
        return done()

    def program(self, number: int) -> "_Program":
        """Return the running program of a port."""
        return self._programs[number]

    async def serve(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        """Carry the connection of one program, from its first message to its end."""
        await socket.prepare(request)
        first = await socket.receive()
        pid, *arguments = first.data.split("\n") if first.type is WSMsgType.TEXT else [""]
        if not _PID.fullmatch(pid):
            return
        number = next(self._numbers)
        sender = _sender(arguments)
        recorder = self.session.recorder
        end = recorder.accepted(recorder.application(self._name), "python", "onConnect", self._name, sender)
        port = NativePort(self, number, self._name, Sender(sender), end)
        program = self._programs[number] = _Program(port, socket, request.transport, int(pid))
        self._on_connect.deliver(port)
        error: ScriptError | None = None
        try:
            async for message in socket:
                program.receive(message)
        except ChannelError as broken:
            _log.error("%s: %s", self.label, str(broken).encode("ascii", "backslashreplace").decode())
            error = ScriptError(str(broken))
            self.session.faults.add(program, broken)
        finally:
            del self._programs[number]
            program.outbox.close(ContextError(f"The program of {self.label} ended"))
            port._other_end_closed(error)

    def forget(self) -> None:
        """Disconnect the ports, and remove all listeners and what is kept for them."""
        for program in list(self._programs.values()):
            program.port.disconnect()
        self._on_connect.clear()

    def end(self, reason: BridgeError) -> None:
        """The launch is over."""
        for program in list(self._programs.values()):
            program.abort(reason)
        self._on_connect.end(lambda: ContextError(f"{self.label}: {reason}"))


class NativePort(Port):
    """A port on which Python is the native application."""

    _context: Any

    def postMessage(self, message: Any) -> Pending[None]:
        """Send one message to the extension, as JSON.

        Raises:
            TypeError: The message has a member that cannot be sent.
            ValueError: It is over 1 MiB, where both browsers cut the connection; `send_raw` sends it all the same.
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
        """Have the program write these bytes to its stdout as they are, to see the browser's reaction.

        ``bridge.protocol.stdio.pack`` puts in front the length that a message needs.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._require_open()
        written: Pending[None] = self._context.program(self._id).outbox.put([data])
        return written

    def kill(self) -> None:
        """Kill the program without a farewell, as when a native application crashes.

        The extension sees what the browser makes of that; this side's `onDisconnect` fires.

        Raises:
            PortDisconnectedError: The port is closed.
        """
        self._require_open()
        self._context.program(self._id).kill()


class _Program:
    """The program that the browser started, at the other end of a socket."""

    def __init__(
        self, port: NativePort, socket: web.WebSocketResponse, transport: asyncio.Transport | None, pid: int
    ) -> None:
        self.port = port
        self._transport = transport
        self._pid = pid
        self._socket = socket
        self.outbox: Outbox[bytes | str] = Outbox(self._write)

    def receive(self, message: WSMessage) -> None:
        """Take a message of the program's: one of the extension's."""
        if message.type is not WSMsgType.BINARY:
            raise ChannelError(f"A {message.type.name} message from the program: {message.data!r}")
        try:
            self.port._deliver(message.data.decode())
        except ValueError as error:
            raise ChannelError(f"A message that is not JSON, from the program: {error}") from error

    def hang_up(self) -> None:
        """Let the program end once it has written all there is; it answers by closing the socket."""
        self.outbox.put([""])

    def abort(self, reason: BridgeError) -> None:
        """Cut the connection at once; the program ends over that."""
        self.port._context_closed(str(reason))
        if self._transport:
            self._transport.abort()

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self._pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    async def _write(self, data: bytes | str) -> None:
        await (self._socket.send_str(data) if isinstance(data, str) else self._socket.send_bytes(data))


def _sender(arguments: list[str]) -> dict[str, Any]:
    """Who asked: Chromium passes the extension's origin, Firefox the host manifest's path and the extension's id."""
    for argument in arguments:
        if argument.startswith(_ORIGINS):
            return {"id": argument.split("/")[2], "origin": argument.rstrip("/"), "url": argument}
    return {"id": arguments[-1]} if arguments else {}
