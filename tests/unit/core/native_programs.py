"""Python as the native application: the test plays the programs that the browser starts."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from socket import SHUT_RDWR
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, ClientWSTimeout, WSMsgType
from unit.core.fakes import session

from bridge.core.native import NativeApplication
from bridge.core.native_port import NativePort
from bridge.errors import BridgeError
from bridge.protocol.stdio import Unpacker
from bridge.wire.channel import Channel
from bridge.wire.gate import Peer

CHROMIUM = "chrome-extension://abcdefghijklmnop/"
NOBODY = 2**30  # no system has a process of that number
LIMIT_S = 20


async def until(condition: Callable[[], Any]) -> None:
    """Return once `condition` is true."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - of what other tasks do, nobody is told
            await asyncio.sleep(0)  # the socket has its turn


class Program:
    """The program's end of a socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._unpacker = Unpacker()
        self._heard: list[bytes] = []

    async def says(self, *messages: Any) -> None:
        """Carry messages of the extension."""
        for message in messages:
            await self.socket.send_bytes(json.dumps(message).encode())

    async def hears(self) -> Any:
        """Return the next message of Python's."""
        while not self._heard:
            self._heard += self._unpacker.feed(await self.writes())
        return json.loads(self._heard.pop(0))

    async def writes(self) -> bytes:
        """Return what the program would write to stdout next."""
        return await self.socket.receive_bytes(timeout=LIMIT_S)

    def vanish(self) -> None:
        """End as a program does: without a farewell."""
        connection = self.socket.get_extra_info("socket")
        assert connection
        connection.shutdown(SHUT_RDWR)

    async def is_let_go(self) -> None:
        """Wait until Python has nothing more for this program."""
        while (await self.socket.receive(timeout=LIMIT_S)).type is WSMsgType.BINARY:
            pass


class Stage:
    """A running channel, with one native application.

    Attributes:
        session: What its ports share.
        application: It.
    """

    def __init__(self, client: ClientSession) -> None:
        self.session = session()
        self.application = NativeApplication("app", self.session)
        self._client = client
        self._channel = Channel()
        self._path = self._channel.add_door(self.application._serve, peer=Peer.PROGRAM)
        self._programs: list[Program] = []

    async def start(self) -> None:
        await self._channel.start()

    async def connect(self, **headers: str) -> Program:
        """Connect a program that does not introduce itself."""
        socket = await self._client.ws_connect(
            f"ws://127.0.0.1:{self._channel.port}{self._path}",
            headers=headers,
            max_msg_size=0,
            timeout=ClientWSTimeout(ws_close=0.1),
        )
        self._programs.append(Program(socket))
        return self._programs[-1]

    async def program(self, *arguments: str, pid: int = NOBODY) -> Program:
        """Connect a program that the browser started with these arguments."""
        program = await self.connect()
        await program.socket.send_str("\n".join([str(pid), *(arguments or (CHROMIUM,))]))
        return program

    async def connected(self) -> tuple[Program, NativePort]:
        """Connect a program; return both ends."""
        program = await self.program()
        return program, await self.application.accept()

    async def keeps(self, count: int) -> None:
        """Wait until so many connections have come that nobody has taken."""
        await until(lambda: len(self.application.onConnect._inbox) == count)

    async def is_empty(self) -> None:
        """Wait until Python has done with every program."""
        await until(lambda: not self.application._programs)

    async def close(self) -> None:
        self.application._end(BridgeError("The test is over"))
        for program in self._programs:
            await program.socket.close()
        await self._channel.close()


@asynccontextmanager
async def running() -> AsyncIterator[Stage]:
    async with ClientSession() as client:
        stage = Stage(client)
        await stage.start()
        try:
            yield stage
        finally:
            await stage.close()
