"""Python as the native application at the other end of ``runtime.connectNative``."""

import itertools
import logging
import re
from collections.abc import Callable
from typing import Any, cast

from aiohttp import WSMsgType, web

from ..errors import BridgeError, ChannelError, ContextError
from ..protocol import stdio
from ..protocol.frames import Disconnect, Post, ScriptError
from ..traffic.places import NOWHERE
from ..waiting.expect import Expect
from ..waiting.waits import Pending, done
from .events import ConnectEvent
from .native_port import NativePort, Program
from .objects import Sender
from .session import Session

__all__ = ["NativeApplication", "NativeApplications"]

_PID = re.compile(r"[1-9][0-9]{0,9}")
_log = logging.getLogger("bridge.native")
_ORIGINS = ("chrome-extension://", "moz-extension://")


class NativeApplication:
    """A native application that Python plays. `onConnect` fires with a port for each ``connectNative`` to its name.

    For each connection, the browser starts a real program, which passes everything on to Python. Connections are kept
    until a listener or `accept` takes them.
    """

    def __init__(self, name: str, session: Session) -> None:
        self._session = session
        self._name = name
        self._numbers = itertools.count(1)
        self._programs: dict[int, Program] = {}
        self._place = NOWHERE
        self._on_connect = ConnectEvent(self, "onConnect")

    @property
    def kind(self) -> str:
        """``"native"``."""
        return "native"

    @property
    def name(self) -> str:
        """The application's name, which the extension passes to ``connectNative``."""
        return self._name

    _state = ""  # nobody can tell whether the browser could start the program

    @property
    def _label(self) -> str:
        """How errors name it."""
        return f"native application {self._name!r}"

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `NativePort` of each connection."""
        return self._on_connect

    async def accept(self, *, timeout: float | None = None) -> NativePort:
        """Return a kept connection if there is one; otherwise wait for the next.

        Raises:
            BridgeTimeoutError: The extension did not connect in time.
        """
        self._session.deferred.raise_for(self)
        return cast(NativePort, await self._on_connect._accept(None, self._session.timeout_ms(timeout)))

    def expect_connection(self, *, timeout: float | None = None) -> Expect[NativePort]:
        """Wait for a connection that arrives during the block of the ``async with``, or after it in time."""
        return cast(Expect[NativePort], self._on_connect._expect(None, self._session.timeout_ms(timeout)))

    def __repr__(self) -> str:
        return f"<NativeApplication {self._name!r}>"

    # --- for the engine ---------------------------------------------------------------------------------------------

    def _listens(self, event: str) -> bool:
        return True

    def _want(self, event: str, *, answers: bool = False) -> Pending[None]:
        """Nothing has to be registered: the browser starts the program anyway."""
        return done()

    def _unwant(self, event: str) -> Pending[None] | None:
        """Nothing was registered."""
        return None

    def _send(self, frame: Post | Disconnect, payload: str | None = None) -> Pending[None]:
        """Carry out what a port does."""
        match frame:
            case Post(port=number):
                return self._program(number).outbox.put([stdio.pack((payload or "").encode())])
            case Disconnect(port=number):
                self._program(number).hang_up()
        return done()

    def _program(self, number: int) -> Program:
        """Return the running program of a port."""
        return self._programs[number]

    async def _serve(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        """Carry the connection of one program, from its first message to its end."""
        await socket.prepare(request)
        first = await socket.receive()
        pid, *arguments = first.data.split("\n") if first.type is WSMsgType.TEXT else [""]
        if not _PID.fullmatch(pid):
            return
        number = next(self._numbers)
        sender = _sender(arguments)
        recorder = self._session.recorder
        end = recorder.ports.accepted(recorder.application(self._name), "python", "onConnect", self._name, sender)
        port = NativePort(self, number, self._name, Sender(sender), end)
        program = self._programs[number] = Program(port, socket, request.transport, int(pid))
        self._on_connect._deliver(port)
        error: ScriptError | None = None
        try:
            async for message in socket:
                program.receive(message)
                await port._room()
        except ChannelError as broken:
            _log.error("%s: %s", self._label, str(broken).encode("ascii", "backslashreplace").decode())
            error = ScriptError(str(broken))
            port._listener_raised(broken)
        finally:
            del self._programs[number]
            program.outbox.close(ContextError(f"The program of {self._label} ended"))
            port._other_end_closed(error)

    def _forget(self) -> None:
        """Disconnect the ports, and remove all listeners and what is kept for them."""
        for program in list(self._programs.values()):
            program.port.disconnect()
        self._on_connect._clear()

    def _end(self, reason: BridgeError) -> None:
        """The launch is over."""
        for program in list(self._programs.values()):
            program.abort(reason)
        self._on_connect._end(lambda: ContextError(f"{self._label}: {reason}"))


class NativeApplications:
    """Makes an application the first time that its name is asked for.

    Args:
        session: What they share.
        install: Has the browser find an application.
    """

    def __init__(self, session: Session, install: Callable[[NativeApplication], None]) -> None:
        self._session = session
        self._install = install
        self._applications: dict[str, NativeApplication] = {}

    def get(self, name: str) -> NativeApplication:
        """See `Bridge.native`."""
        if name not in self._applications:
            self._session.require_permission("nativeMessaging")
            application = NativeApplication(name, self._session)
            self._install(application)
            self._applications[name] = application
        return self._applications[name]

    def forget(self) -> None:
        """Disconnect the ports, and remove all listeners and what is kept for them."""
        for application in self._applications.values():
            application._forget()

    def end(self, reason: BridgeError) -> None:
        """The launch is over."""
        for application in self._applications.values():
            application._end(reason)


def _sender(arguments: list[str]) -> dict[str, Any]:
    """Who asked: Chromium passes the extension's origin, Firefox the host manifest's path and the extension's id."""
    for argument in arguments:
        if argument.startswith(_ORIGINS):
            return {"id": argument.split("/")[2], "origin": argument.rstrip("/"), "url": argument}
    return {"id": arguments[-1]} if arguments else {}
