"""The host program, really run against a server of the test: what it says and reads on its socket."""

import asyncio
import signal
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET

import pytest
from aiohttp import web
from unit.native.programs import LARGE, Browser, Stage, running

from bridge.wire.gate import Peer


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


Serve = Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]


async def serve(stage: Stage, serve: Serve, *arguments: str) -> Browser:
    """Start a program that connects to `serve`."""

    async def prepared(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.prepare(request)
        await serve(socket, request)

    return await stage.start(*arguments, path=stage.channel.add_door(prepared, peer=Peer.PROGRAM))


async def test_it_introduces_itself_with_its_process_and_what_the_browser_passed(stage: Stage) -> None:
    first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def listen(socket: web.WebSocketResponse, request: web.Request) -> None:
        first.set_result(await socket.receive_str())

    browser = await serve(stage, listen, "/a b/é.json", "", "x@example.org")
    assert await first == f"{browser.process.pid}\n/a b/é.json\n\nx@example.org"


@pytest.mark.parametrize("payload", [b"", b"x" * 125])
async def test_a_ping_is_no_message(stage: Stage, payload: bytes) -> None:
    async def ping(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.send_bytes(b"before")
        await socket.ping(payload)
        await socket.pong(payload)
        await socket.send_bytes(b"after")
        await socket.close()

    browser = await serve(stage, ping)
    assert await browser.end() == (0, b"beforeafter", "")


def reset(request: web.Request) -> None:
    """End the connection as the system does for a process that was killed with something unread."""
    assert request.transport
    socket = request.transport.get_extra_info("socket")
    socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


@pytest.mark.parametrize("begun", [b"", b"\x82", b"\x82\x7f\0\0", b"\x82\x7e\x01\0half of it"])
@pytest.mark.parametrize(
    ("vanish", "code"),
    [(reset, -signal.SIGKILL), (lambda request: request.transport.abort(), 0)],
    ids=["reset", "abort"],
)
async def test_python_vanishes(stage: Stage, begun: bytes, vanish: Callable[[web.Request], None], code: int) -> None:
    async def serve_and_vanish(socket: web.WebSocketResponse, request: web.Request) -> None:
        assert request.transport
        request.transport.write(begun)
        await socket.receive()
        vanish(request)

    browser = await serve(stage, serve_and_vanish)
    assert await browser.end() == (code, b"", "")


async def test_python_vanishes_while_the_extension_speaks(stage: Stage) -> None:
    async def hear_and_vanish(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.receive()
        assert await socket.receive_bytes() == b"1"
        reset(request)

    browser = await serve(stage, hear_and_vanish)
    await browser.says(b"1")
    with suppress(ConnectionError):
        await browser.says(bytes(LARGE))
    assert await browser.end() == (-signal.SIGKILL, b"", "")
