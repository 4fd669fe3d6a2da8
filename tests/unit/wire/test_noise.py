"""What a port scanner, a page that goes, or garbage does to the servers: nothing, and no word of it on stderr."""

import asyncio
import logging
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress

import pytest
from aiohttp import ClientSession, web
from unit.inspector.stage import running as inspecting
from unit.wire.relays import ORIGIN
from unit.wire.relays import running as serving

from bridge.wire.gate import Peer
from bridge.wire.http import listen

HELLO_OF_TLS = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
RESET = struct.pack("ii", 1, 0)


class Server:
    """A server.

    Attributes:
        request: With which its own client begins.
        welcome: The same for one that is let in however many there are.
    """

    def __init__(self, port: int, request: bytes, welcome: bytes) -> None:
        self.port = port
        self.request = request
        self.welcome = welcome

    async def connect(self) -> socket.socket:
        """Connect as a program of this machine does."""
        connection = socket.socket()
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        return connection


def handshake(path: str, port: int, origin: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: {origin}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def serve(connection: web.WebSocketResponse, request: web.Request) -> None:
    await connection.prepare(request)
    async for _ in connection:
        pass


@asynccontextmanager
async def channel() -> AsyncIterator[Server]:
    async with serving() as stage:
        port = stage.channel.port
        another = stage.channel.add_door(serve, peer=Peer.EXTENSION)
        yield Server(port, handshake(stage.path, port, ORIGIN), handshake(another, port, ORIGIN))


@asynccontextmanager
async def inspector() -> AsyncIterator[Server]:
    async with inspecting() as stage:
        origin, _, secret = stage.inspector.url.rstrip("/").rpartition("/")
        port = int(origin.rpartition(":")[2])
        request = handshake(f"/{secret}/socket", port, origin)
        yield Server(port, request, request)


@pytest.fixture(params=[channel, inspector])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with request.param() as server:
        yield server


@pytest.fixture
async def silence(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> AsyncIterator[None]:
    """No word on stderr, none in the logs but the bridge's own at WARNING, and none from asyncio."""
    caplog.set_level(logging.DEBUG)
    loop = asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    yield
    loop.set_exception_handler(None)
    records = caplog.get_records("call")
    assert [record for record in records if record.levelno >= logging.WARNING and not is_word_of_ours(record)] == []
    assert complaints == [] and capfd.readouterr().err == ""


def is_word_of_ours(record: logging.LogRecord) -> bool:
    """Whether that is the bridge's own short word about a peer: aiohttp's are none of it."""
    return record.name.startswith("bridge.") and record.name != "bridge.http" and not record.exc_info


async def send(connection: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(connection, data)


async def is_served(server: Server) -> None:
    """See that the server still lets in whom it should, after all that it was sent before."""
    with closing(await server.connect()) as connection:
        await send(connection, server.welcome)
        answer = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(connection, 100), 10)
        assert answer.startswith(b"HTTP/1.1 101 ")


GARBAGE = [
    b"",  # nothing
    HELLO_OF_TLS,  # TLS
    bytes(10_000),  # zeros
    bytes(range(256)) * 4,  # binary
    b"GET / HT",  # half a line
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",  # half a request
    b"EHLO example.org\r\n\r\n",  # no HTTP
    b"GET / HTTP/9.9\r\n\r\n",  # a version that nobody knows
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",  # HTTP/2
    b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n",  # a method that nobody knows
    b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",  # a long header
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",  # a long line
    b"GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\xff\xfe: x\r\n\r\n",  # bad headers
    b"GET //[::1 HTTP/1.1\r\nHost: [\r\n\r\n",  # a bad address
    b"GET http://x:99999999/ HTTP/1.1\r\nHost: x:y\r\n\r\n",  # a bad port
    b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",  # CONNECT
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",  # a bad length
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nabc",  # a huge length
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",  # bad chunks
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",  # a bad encoding
    b"POST / HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\nContent-Length: 3\r\n\r\n",  # expectations
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 20,  # many in one
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + HELLO_OF_TLS,  # one and garbage
]


# --- how a client ends ----------------------------------------------------------------------------------------------


async def close(connection: socket.socket, server: Server) -> None:
    connection.close()


async def close_half(connection: socket.socket, server: Server) -> None:
    with suppress(OSError):  # the server has refused it already
        connection.shutdown(socket.SHUT_WR)
    await is_served(server)
    connection.close()


async def read_and_close(connection: socket.socket, server: Server) -> None:
    await is_served(server)
    with suppress(BlockingIOError, ConnectionError):
        while connection.recv(65536):
            pass
    connection.close()


async def reset(connection: socket.socket, server: Server) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


async def reset_later(connection: socket.socket, server: Server) -> None:
    await is_served(server)
    await reset(connection, server)


End = Callable[[socket.socket, Server], Awaitable[None]]
ENDS: list[End] = [close, close_half, read_and_close, reset, reset_later]


@pytest.fixture(params=ENDS)
def end(request: pytest.FixtureRequest) -> End:
    end: End = request.param
    return end


async def strange_client(server: Server, data: bytes, end: End) -> None:
    connection = await server.connect()
    with suppress(ConnectionError):  # refused before all of it was there
        await send(connection, data)
    with closing(connection):
        await end(connection, server)


async def test_garbage(server: Server, silence: None, end: End) -> None:
    await asyncio.gather(*(strange_client(server, garbage, end) for garbage in GARBAGE))
    await is_served(server)


async def test_a_client_that_goes_during_the_handshake(server: Server, silence: None, end: End) -> None:
    for size in (10, len(server.request) - 1, len(server.request)):
        await strange_client(server, server.request[:size], end)
        await is_served(server)


AFTER_THE_HANDSHAKE = [
    b"\xff" * 20,  # a reserved opcode
    b"\x81\x05hello",  # without a mask
    b"\x82\xff\x7f" + b"\xff" * 7 + bytes(4),  # 2**63 bytes
    b"\x81\x82\0\0\0\0\xc3\x28",  # no UTF-8
    b"\x88\x81\0\0\0\0\x03",  # half a code
    b"\x89\xfe\x00\x80" + bytes(132),  # a ping that is too long
    b"\x80\x80\0\0\0\0",  # the rest of nothing
    b"\xc1\x85\0\0\0\0hello",  # compressed, though nobody agreed to that
    b"\x81\xfe\xff\xff\0\0\0\0half of it",
]


async def test_garbage_after_the_handshake(server: Server, silence: None, end: End) -> None:
    for frames in AFTER_THE_HANDSHAKE:
        await strange_client(server, server.request + frames, end)
        await is_served(server)


@pytest.mark.parametrize("error", [ValueError("a fault of ours"), OSError("another")])
async def test_a_fault_of_ours_is_no_silence(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(request: web.Request) -> web.StreamResponse:
        raise error

    runner, port = await listen(fail, shutdown_s=1)
    async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/") as answer:
        assert answer.status == 500
    await runner.cleanup()
    assert caplog.records[-1].levelno == logging.ERROR and str(error) in caplog.text


# --- many clients ---------------------------------------------------------------------------------------------------

FEW_DESCRIPTORS = """
import asyncio, resource, socket, sys
from aiohttp import ClientSession
from bridge.wire.channel import Channel
from bridge.wire.gate import Peer

async def main():
    met = asyncio.Event()
    async def serve(connection, request):
        met.set()
        await connection.prepare(request)

    channel = Channel()
    path = channel.add_door(serve, peer=Peer.PROGRAM)
    await channel.start()
    loop = asyncio.get_running_loop()
    full = asyncio.Event()
    loop.set_exception_handler(lambda loop, context: full.set())  # asyncio says that no descriptor is left
    idle = await asyncio.create_subprocess_exec(
        sys.executable, "-c", sys.argv[1], str(channel.port), stdin=asyncio.subprocess.PIPE
    )
    resource.setrlimit(resource.RLIMIT_NOFILE, (50, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    idle.stdin.write(b"\\n")  # only now: else all may be accepted before there is a limit
    await full.wait()
    idle.stdin.close()
    await idle.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", channel.port)
    writer.write(
        f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1:{channel.port}\\r\\n"
        "Upgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
        "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n".encode()
    )
    assert b" 101 " in await reader.readline() and met.is_set()
    writer.close()
    await channel.close()

asyncio.run(main())
"""
MANY_IDLE = """
import socket, sys
sys.stdin.readline()
idle = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(100)]
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_more_idle_connections_than_there_are_descriptors_delay_the_next_and_break_nothing() -> None:
    command = [sys.executable, "-c", FEW_DESCRIPTORS, MANY_IDLE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
