"""Who gets the inspector's page, and what comes with it."""

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession
from unit.inspector.stage import Records, Stage, posted, running

from bridge import inspector
from bridge.inspector.site import Site

REFUSED = "HTTP/1.1 403 Forbidden"
WEB = Path(inspector.__file__).parent / "web"


def handshake(path: str, method: str = "GET", **headers: str) -> bytes:
    whole = {
        "Host": "127.0.0.1:PORT",
        "Origin": "http://127.0.0.1:PORT",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in whole.items() if value)
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


def plain(path: str, method: str = "GET", **headers: str) -> bytes:
    none = {"Origin": "", "Upgrade": "", "Connection": "close", "Sec_WebSocket_Version": "", "Sec_WebSocket_Key": ""}
    return handshake(path, method, **{**none, **headers})


async def first_line(stage: Stage, request: bytes) -> str:
    """Send a request, with the real secret and port in it, and return the first line of what comes back."""
    _, port, secret = re.fullmatch(r"http://([\d.]+):(\d+)/([\w-]+)/", stage.inspector.url).groups()  # type: ignore[union-attr]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    try:
        writer.write(request.replace(b"SECRET", secret.encode()).replace(b"PORT", port.encode()))
        return (await asyncio.wait_for(reader.readline(), 10)).decode().strip()
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "request_",
    [
        handshake("/socket"),
        handshake("/wrong/socket"),
        handshake("/SECRETx/socket"),
        handshake("/secret/socket"),
        handshake("//SECRET/socket"),
        handshake("/%FF/socket"),
        handshake("/SECRET/socket/"),
        handshake("/SECRET/socket", Origin=""),
        handshake("/SECRET/socket", Origin="https://example.org"),
        handshake("/SECRET/socket", Host="example.org:PORT", Origin="http://example.org:PORT"),
        handshake("/SECRET/socket", Host="127.0.0.1:1", Origin="http://127.0.0.1:1"),
        handshake("/SECRET/socket", Upgrade="", Connection="close"),
        plain("/"),
        plain("/SECRET"),
        plain("/wrong/"),
        plain("/SECRETx/"),
        plain("/SECRET/", Host="example.org:PORT"),
        plain("/SECRET/", Origin="https://example.org"),
        plain("/SECRET/", method="POST"),
        plain("/SECRET/none.js"),
        plain("/SECRET/inspector/web/tsconfig.json"),
        plain("/SECRET/inspector/web/"),
        plain("/SECRET/inspector/server.py"),
        plain("/SECRET/inspector/web/../server.py"),
        plain("/SECRET/inspector/web/..%2Fserver.py"),
        plain("/SECRET/report/web/..//main.js"),
        plain("/SECRET//etc/passwd"),
    ],
    ids=lambda request: request.partition(b"\r\nSec")[0].decode().replace("\r\n", " "),
)
async def test_strangers_are_refused(stage: Stage, request_: bytes) -> None:
    assert await first_line(stage, request_) == REFUSED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_page_itself_is_let_in(stage: Stage, host: str) -> None:
    own = {"Host": f"{host}:PORT", "Origin": f"http://{host}:PORT"}
    assert await first_line(stage, handshake("/SECRET/socket", **own)) == "HTTP/1.1 101 Switching Protocols"
    assert await first_line(stage, plain("/SECRET/", Host=own["Host"])) == "HTTP/1.1 200 OK"


async def test_every_file_comes_with_strict_headers(stage: Stage) -> None:
    host = stage.inspector.url.split("/")[2]
    async with ClientSession() as http:
        for name in ["", *Site().names]:
            async with http.get(stage.inspector.url + name) as answer:
                assert answer.status == 200, name
                assert await answer.read(), name
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
                assert f"connect-src 'self' ws://{host};" in policy
                assert "unsafe" not in policy and "*" not in policy


async def test_all_files_of_the_page_are_served() -> None:
    files = {f"inspector/web/{file.name}" for file in WEB.iterdir()}
    files -= {"inspector/web/tsconfig.json", "inspector/web/messages.d.ts"}
    assert files <= set(Site().names)
    assert "report/web/view.js" in Site().names


async def test_every_launch_has_another_secret() -> None:
    async with running() as one, running() as other:
        secrets = {stage.inspector.url.split("/")[3] for stage in (one, other)}
    assert len(secrets) == 2
    assert all(len(secret) >= 43 for secret in secrets)


async def test_nothing_is_served_after_the_end() -> None:
    async with running() as stage:
        await stage.inspector.close()
        with pytest.raises(OSError):
            await first_line(stage, plain("/SECRET/"))


async def test_the_end_does_not_wait_for_a_page_that_does_not_listen() -> None:
    much = Records(posted("x" * 30_000_000))  # more than sockets take
    async with running(records=much) as stage:
        url = stage.inspector.url
        port, secret = re.fullmatch(r"http://127.0.0.1:(\d+)/([\w-]+)/", url).groups()  # type: ignore[union-attr]
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port), limit=1)
        request = handshake("/SECRET/socket").replace(b"SECRET", secret.encode()).replace(b"PORT", port.encode())
        writer.write(request)
        assert await reader.readexactly(12) == b"HTTP/1.1 101"
        await asyncio.wait_for(stage.inspector.close(), 8)
        writer.close()


def test_nothing_in_the_page_is_markup_or_from_elsewhere() -> None:
    for file in WEB.iterdir():
        text = file.read_text("utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style="):
            assert word not in text, file.name
        addresses = set(re.findall(r"""https?://[^"'`\s]+""", text)) - {"http://www.w3.org/2000/svg"}
        assert addresses == set(), file.name
