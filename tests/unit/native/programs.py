"""The host program as a browser starts it: the test plays the browser, and Python is the application."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from unit.core.fakes import session

import bridge.native.host
from bridge.core.native import NativeApplication
from bridge.core.native_port import NativePort
from bridge.errors import BridgeError
from bridge.native.host import PATH_VARIABLE
from bridge.protocol.stdio import pack
from bridge.wire.channel import Channel
from bridge.wire.gate import Peer

HOST = Path(bridge.native.host.__file__)
ORIGIN = "chrome-extension://abcdefghijklmnop/"
LIMIT_S = 20
MIB = 1024 * 1024
LARGE = 16 * MIB


def python(*arguments: str) -> list[str]:
    """Return the command that runs Python as the host program is run."""
    return [sys.executable, "-I", "-S", *arguments]


def text_of(size: int) -> str:
    """A string whose JSON has that many bytes."""
    return "".join(chr(97 + number % 26) for number in range(min(size, 5000)))[: size - 2].ljust(size - 2, "z")


def json_of(message: Any) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


class Browser:
    """The browser's ends of a program's stdin and stdout."""

    def __init__(self, process: Process) -> None:
        assert process.stdin and process.stdout and process.stderr
        self.process = process
        self.stdin = process.stdin
        self.stdout = process.stdout
        self._stderr = process.stderr

    async def says(self, *messages: bytes) -> None:
        """Write messages to the program, in one go."""
        await self.writes(b"".join(map(pack, messages)))

    async def writes(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.stdin.write(data)
        await asyncio.wait_for(self.stdin.drain(), LIMIT_S)

    async def hears(self) -> bytes:
        """Return the program's next message."""
        length = int.from_bytes(await self.reads(4), sys.byteorder)
        return await self.reads(length)

    async def reads(self, length: int) -> bytes:
        """Return that many bytes from the program."""
        return await asyncio.wait_for(self.stdout.readexactly(length), LIMIT_S)

    async def close_stdout(self) -> None:
        """Read no more."""
        self.stdout._transport.close()  # type: ignore[attr-defined]  # asyncio has no public way
        await self.stdout.read()  # it ends when the pipe is closed, which is not at once

    async def end(self) -> tuple[int, bytes, str]:
        """Wait for the program to end; return its exit code and what it had still written to stdout and stderr."""
        code, out, err = await asyncio.wait_for(
            asyncio.gather(self.process.wait(), self.stdout.read(), self._stderr.read()), LIMIT_S
        )
        return code, out, err.decode()

    async def close(self) -> None:
        """Leave nothing behind."""
        if self.process.returncode is None:
            self.process.kill()
        self.stdin.close()
        await self.end()


class Stage:
    """A running channel, with one native application.

    Attributes:
        application: Python.
        channel: Where the programs connect.
        path: The application's secret address.
    """

    def __init__(self) -> None:
        self.application = NativeApplication("app", session())
        self.channel = Channel()
        self.path = self.channel.add_door(self.application._serve, peer=Peer.PROGRAM)
        self._browsers: list[Browser] = []

    async def start(self, *arguments: str, path: str | None = None, port: int | None = None) -> Browser:
        """Start a program as the browser does."""
        return await self.run(*self.command(*arguments, path=path, port=port))

    def command(self, *arguments: str, path: str | None = None, port: int | None = None) -> list[str]:
        """Return what the browser runs."""
        secret = f"{PATH_VARIABLE}={self.path if path is None else path}"
        address = str(self.channel.port if port is None else port)
        return ["env", secret, *python(str(HOST), address, *(arguments or (ORIGIN,)))]

    async def run(self, *command: str) -> Browser:
        """Start any program."""
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        browser = Browser(process)
        self._browsers.append(browser)
        return browser

    async def connected(self) -> tuple[Browser, NativePort]:
        """Start a program; return both ends."""
        browser = await self.start()
        return browser, await self.application.accept()

    async def close(self) -> None:
        """End the programs, then the channel."""
        for browser in self._browsers:
            await browser.close()
        self.application._end(BridgeError("The test is over"))
        await self.channel.close()


class Ended:
    """Listens for the end of a port."""

    def __init__(self, port: NativePort) -> None:
        self.ports: list[Any] = []
        self._port = port
        port.onDisconnect.addListener(self.ports.append)

    async def by_the_other_end(self) -> None:
        await self._port.wait_for_disconnect()
        assert self.ports == [self._port]

    async def by_this_side(self) -> None:
        await self._port.wait_for_disconnect()
        assert self.ports == []


@asynccontextmanager
async def running() -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.channel.start()
    try:
        yield stage
    finally:
        await stage.close()
