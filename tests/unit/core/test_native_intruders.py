"""Programs that are not, or do not talk like, the one that the browser starts as the native application."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError
from unit.core.native_programs import CHROMIUM, Stage, running

from bridge.core.native_port import NativePort
from bridge.errors import BridgeTimeoutError, ChannelError, PortDisconnectedError


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


async def goes_on(stage: Stage) -> None:
    """Another connection is the next one, and works."""
    program, port = await stage.connected()
    await program.says("fine")
    assert await port.receive() == "fine"
    port.postMessage("fine")
    assert await program.hears() == "fine"


async def test_a_program_with_an_origin_is_refused(stage: Stage) -> None:
    with pytest.raises(WSServerHandshakeError):
        await stage.connect(Origin="https://example.org")
    with pytest.raises(WSServerHandshakeError):
        await stage.connect(Origin="chrome-extension://abcdefghijklmnop")
    await goes_on(stage)


async def test_a_program_that_ends_before_it_introduces_itself(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    (await stage.connect()).vanish()
    await (await stage.connect()).socket.close()
    await goes_on(stage)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("first", ["", "\n", "x", "12x", " ", f"\n{CHROMIUM}", CHROMIUM, "1.5", b"", b"123", b"\xff"])
async def test_a_program_that_does_not_introduce_itself_is_no_connection(stage: Stage, first: str | bytes) -> None:
    program = await stage.connect()
    await (program.socket.send_str(first) if isinstance(first, str) else program.socket.send_bytes(first))
    await program.is_let_go()
    await goes_on(stage)


@pytest.mark.parametrize("pid", ["0", "-1", "-12", "+5", "1_0", "\u0663"])
async def test_a_program_whose_number_means_other_processes_is_no_connection(stage: Stage, pid: str) -> None:
    program = await stage.connect()
    await program.socket.send_str(f"{pid}\n{CHROMIUM}")
    with pytest.raises(BridgeTimeoutError):
        await stage.application.accept(timeout=50)
    await goes_on(stage)


async def test_a_forgotten_application_has_no_ports_listeners_and_connections(stage: Stage) -> None:
    heard: list[Any] = []
    program, port = await stage.connected()
    port.onMessage.addListener(heard.append)
    stage.application.onConnect.addListener(heard.append)
    stage.application._forget()
    await program.is_let_go()
    assert port.closed and heard == []
    await goes_on(stage)


BROKEN = [b"\xff", b"{", b"nonsense", b"1 2", b'"\xe9"', "a text message"]


async def say_broken(stage: Stage, said: bytes | str) -> NativePort:
    program, port = await stage.connected()
    await program.says("before")
    await (program.socket.send_str(said) if isinstance(said, str) else program.socket.send_bytes(said))
    await program.is_let_go()
    with pytest.raises(ChannelError, match=_what(said)):  # once, and where somebody looks
        await port.wait_for_disconnect()
    await port.wait_for_disconnect()
    assert await port.receive() == "before"
    stage.session.deferred.raise_all()  # nothing is left
    return port


def _what(said: bytes | str) -> str:
    if isinstance(said, str):
        return "^A TEXT message from the program: 'a text message'"
    return "^A message that is not JSON"


@pytest.mark.parametrize("said", BROKEN)
async def test_a_program_that_breaks_the_rules_loses_its_port_only(stage: Stage, said: bytes | str) -> None:
    other_program, other = await stage.connected()
    port = await say_broken(stage, said)
    with pytest.raises(PortDisconnectedError):
        await port.receive()
    await other_program.says("fine")
    assert await other.receive() == "fine"
    await goes_on(stage)


@pytest.mark.parametrize("said", BROKEN)
async def test_a_port_says_how_the_program_broke_the_rules(
    stage: Stage, said: bytes | str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    port = await say_broken(stage, said)
    what = _what(said).removeprefix("^")
    assert port.error and port.error.message.startswith(what)
    with pytest.raises(PortDisconnectedError, match=f"^The port 'app' is closed: {what}"):
        await port.receive()
    assert "native application 'app'" in caplog.text and "Traceback" not in caplog.text
