"""Who is let into the channel, and that whoever is not disturbs nobody."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import WSServerHandshakeError
from unit.wire.relays import ORIGIN, Relay, Stage, running

from bridge.errors import BridgeError, BridgeTimeoutError, ContextError
from bridge.protocol import frames, framing

PROTOCOL_ERROR = 1002


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


def handshake(path: str, **headers: str) -> bytes:
    """A handshake for that path, in which `raw` puts the real port for PORT and the real secret for SECRET."""
    whole = {
        "Host": "127.0.0.1:PORT",
        "Origin": ORIGIN,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in whole.items() if value)
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")


async def raw(stage: Stage, request: bytes) -> str:
    """Send bytes, and return the first line of what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.channel.port)
    try:
        real = {b"PORT": str(stage.channel.port).encode(), b"SECRET": stage.path[1:].encode()}
        for word, meaning in real.items():
            request = request.replace(word, meaning)
        writer.write(request)
        return (await asyncio.wait_for(reader.readline(), 10)).decode().strip()
    finally:
        writer.close()
        await writer.wait_closed()


REFUSED = "HTTP/1.1 403 Forbidden"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/wrong", {}),
        ("/SECRETx", {}),
        ("/SECRET/", {}),
        ("//SECRET", {}),
        ("/%FF", {}),
        ("/%00", {}),
        ("/?SECRET", {}),
        ("/SECRET", {"Origin": ""}),
        ("/SECRET", {"Origin": "http://127.0.0.1:PORT"}),
        ("/SECRET", {"Host": "example.org:PORT"}),
        ("/SECRET", {"Host": "127.0.0.1:1"}),
        ("/SECRET", {"Upgrade": "", "Connection": ""}),
    ],
)
async def test_strangers_are_refused_and_disturb_nobody(stage: Stage, path: str, headers: dict[str, str]) -> None:
    request = handshake(path, **headers)
    assert await raw(stage, request) == REFUSED
    conversation = await stage.conversation()
    assert await raw(stage, request) == REFUSED
    await conversation.goes_on()
    assert stage.lost == []


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"],
)
async def test_plain_http_is_refused(stage: Stage, request_: bytes) -> None:
    assert await raw(stage, request_) == REFUSED


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00\r\n\r\n", b"hello\r\n\r\n", handshake("/%0A"), handshake("/é"), handshake("/", Host="")],
)
async def test_what_is_hardly_http_is_refused_in_aiohttps_words(stage: Stage, garbage: bytes) -> None:
    conversation = await stage.conversation()
    assert (await raw(stage, garbage)).split()[1] in ("400", "404")
    await conversation.goes_on()


async def test_the_secret_is_not_shown(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    secret = stage.path[1:]
    assert len(secret) >= 40
    assert secret not in await raw(stage, handshake("/SECRET", Origin="https://example.org"))
    assert "the Origin is not an extension's" in caplog.text and secret not in caplog.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_relay_is_let_in(stage: Stage, host: str) -> None:
    relay = await stage.connect(Host=f"{host}:{stage.channel.port}", Origin="moz-extension://x")
    await relay.says(frames.Greeting(frames.VERSION))
    await stage.python.greeted(10_000)


async def test_a_second_relay_is_refused_while_the_first_is_connected(stage: Stage) -> None:
    conversation = await stage.conversation()
    with pytest.raises(WSServerHandshakeError) as caught:
        await stage.connect()
    assert caught.value.status == 403
    await conversation.goes_on()


async def test_a_second_relay_is_refused_while_the_first_has_not_greeted(stage: Stage) -> None:
    first = await stage.connect()
    with pytest.raises(WSServerHandshakeError):
        await stage.connect()
    await first.says(frames.Greeting(frames.VERSION))
    await stage.python.greeted(10_000)


async def test_a_relay_that_was_stopped_may_come_back(stage: Stage) -> None:
    conversation = await stage.conversation()
    await conversation.relay.socket.close()
    await conversation.relay.until(lambda: stage.lost)
    assert isinstance(conversation.link.closed, ContextError)
    again = await stage.relay()
    await again.says(frames.LinkOpened(1, {"id": "x"}))  # its links begin at 1 again
    link = await again.until(lambda: stage.links[1] if stage.links[1:] else None)
    assert link.closed is None and len(stage.lost) == 1 and stage.faults == []


# --- the greeting, and what breaks the protocol ---------------------------------------------------------------------


async def test_a_relay_that_does_not_come_is_missed(stage: Stage) -> None:
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded. The relay extension did not connect"):
        await stage.python.greeted(1)


GREETING = f'0 {{"type":"greeting","version":{frames.VERSION}}}'


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (['0 {"type":"heartbeat"}'], "A Heartbeat before the greeting"),
        (['0 {"type":"linkOpened","link":1,"sender":{}}'], "A LinkOpened before the greeting"),
        (['1 {"type":"message","port":1}'], "A frame for link 1, which was never opened"),
        ([f'0 {{"type":"greeting","version":{frames.VERSION + 1}}}'], "The relay speaks version 2, Python 1"),
        ([GREETING, GREETING], "A second greeting"),
        ([GREETING, "no number"], "A line without a link number: no number"),
        ([GREETING, ""], "A line without a link number: "),
        ([GREETING, "9" * 5000 + " {}"], "A line without a link number: 999"),
        ([GREETING, '0 {"type":"nope"}'], "A frame that does not decode (Invalid value 'nope'"),
        ([GREETING, '0 {"type":"hello","version":1,"kind":"page","url":""}'], "A frame that does not decode ("),
        ([GREETING, '0 +{"type":"heartbeat"}'], "A frame that does not decode ("),
        ([GREETING, '5 {"type":"message","port":1}'], "A frame for link 5, which was never opened"),
        ([GREETING, *['0 {"type":"linkOpened","link":1,"sender":{}}'] * 2], "Link 1 was opened twice"),
        ([GREETING, '0 {"type":"linkOpened","link":0,"sender":{}}'], "Link 0 was opened twice"),
        (
            [GREETING, '0 {"type":"refused","frame":"drop","reason":"\\ud800 why é"}'],
            "The relay refused a drop frame: ",
        ),
        ([GREETING, b"bytes"], "A BINARY message; the channel carries text only"),
        ([GREETING, "0 é" + "é" * 300], "A frame that does not decode ("),
    ],
)
async def test_a_relay_that_breaks_the_protocol_is_closed_with_the_reason(
    stage: Stage, said: list[str | bytes], error: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "bridge")  # pytest-xdist cannot pass a log with half a character on
    relay = await stage.connect()
    for message in said:
        await (relay.socket.send_str(message) if isinstance(message, str) else relay.socket.send_bytes(message))
    code, text = await relay.closing()
    assert code == PROTOCOL_ERROR and (text.startswith(error[:100]) or error.startswith(text))
    (lost,) = stage.lost
    assert str(lost).startswith(error) and stage.faults == [lost]


async def test_a_relay_that_fails_before_its_greeting_is_the_launchs_error(stage: Stage) -> None:
    relay = await stage.connect()
    await relay.socket.send_str("nonsense")
    with pytest.raises(BridgeError, match=r"^A line without a link number: nonsense$"):
        await stage.python.greeted(10_000)


async def test_what_follows_a_bad_line_is_not_heard(stage: Stage) -> None:
    relay = await stage.relay()
    await relay.socket.send_str('bad\n0 {"type":"linkOpened","link":1,"sender":{}}')
    await relay.closing()
    assert stage.receivers == []


async def test_closing_the_channel_ends_the_wait_for_the_relay(stage: Stage) -> None:
    greeted = asyncio.ensure_future(stage.python.greeted(10_000))
    await asyncio.sleep(0)
    stage.python.close(BridgeError("The launch was given up"))
    with pytest.raises(BridgeError, match="The launch was given up"):
        await asyncio.wait_for(greeted, 10)


async def test_what_comes_after_the_end_is_not_heard(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = await stage.relay()
    end = BridgeError("The bridge was closed")
    monkeypatch.setattr(stage.python, "_on_unloaded", lambda frame: stage.python.close(end))
    unloaded, closed = frames.ExtensionUnloaded("x"), frames.LinkClosed(7)
    lines = [framing.encode_line(framing.RELAY, frame) for frame in (unloaded, closed)]
    await relay.socket.send_str("\n".join(lines))
    await relay.until(lambda: stage.lost)
    assert (stage.lost, stage.faults) == ([end], [])


async def test_a_reason_for_closing_is_cut_between_characters(stage: Stage) -> None:
    relay = Relay((await stage.relay()).socket)
    await relay.socket.send_str("é" * 100)
    code, text = await relay.closing()
    assert code == PROTOCOL_ERROR and set(text) <= set("A line without a link number: é")
