"""How the port of a native application closes: by either end, by a crash, with the launch."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import WSMsgType
from unit.core.fakes import ticks
from unit.core.native_programs import LIMIT_S, Program, Stage, running

from bridge.core.native_port import NativePort
from bridge.errors import BridgeError, ContextError, PortDisconnectedError
from bridge.protocol.stdio import MAX_FROM_APPLICATION, pack


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


async def test_the_other_end_disconnects(stage: Stage) -> None:
    program, port = await stage.connected()
    fired: list[Any] = []
    port.onDisconnect.addListener(fired.append)
    waiting = asyncio.ensure_future(port.wait_for_disconnect())
    await program.says("last")
    program.vanish()
    await waiting
    assert fired == [port] and port.error is None
    assert await port.receive() == "last"
    with pytest.raises(PortDisconnectedError, match=r"^The port 'app' is closed: the other end disconnected$"):
        await port.receive()


async def test_a_farewell_of_the_program_is_an_end_too(stage: Stage) -> None:
    program, port = await stage.connected()
    await program.socket.close()
    await port.wait_for_disconnect()
    assert port.error is None


async def test_disconnect_twice_after_all_that_was_posted(stage: Stage) -> None:
    program, port = await stage.connected()
    fired: list[Any] = []
    port.onDisconnect.addListener(fired.append)
    port.postMessage(1)
    port.send_raw(b"raw")
    port.disconnect()
    port.disconnect()
    assert [await program.writes() for _ in range(2)] == [pack(b"1"), b"raw"]
    await program.is_let_go()
    await program.socket.close()
    assert fired == [] and port.closed
    assert repr(port) == "<Port 'app' in native application 'app', closed (this side called disconnect())>"


@pytest.mark.parametrize("end", [lambda program, port: port.disconnect(), lambda program, port: program.vanish()])
@pytest.mark.parametrize(
    "use", [lambda port: port.postMessage(1), lambda port: port.send_raw(b""), lambda port: port.kill()]
)
async def test_a_closed_port_cannot_be_used(
    stage: Stage, end: Callable[[Program, NativePort], None], use: Callable[[NativePort], Any]
) -> None:
    program, port = await stage.connected()
    end(program, port)
    await port.wait_for_disconnect()
    with pytest.raises(PortDisconnectedError, match=r"^Attempt to use a disconnected port \('app': "):
        use(port)
    port.disconnect()


async def test_what_crosses_the_disconnect_is_not_delivered(stage: Stage) -> None:
    program, port = await stage.connected()
    heard: list[Any] = []
    port.onMessage.addListener(heard.append)
    port.disconnect()
    await program.says("late")
    program.vanish()
    await stage.is_empty()
    assert heard == []


async def test_posts_that_the_end_overtakes_tell_whoever_awaits_them(stage: Stage) -> None:
    program, port = await stage.connected()
    posting = [port.send_raw(bytes(16 * MAX_FROM_APPLICATION)) for _ in range(4)]
    program.vanish()
    with pytest.raises(ContextError, match=r"^The program of native application 'app' ended$"):
        await posting[-1]
    assert port.closed


async def test_a_disconnect_that_the_end_overtakes_is_no_error(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    program, port = await stage.connected()
    for _ in range(4):
        port.send_raw(bytes(16 * MAX_FROM_APPLICATION))
    port.disconnect()
    program.vanish()
    await stage.is_empty()
    await ticks()
    gc.collect()
    assert caplog.text == ""


async def test_kill_touches_no_process_by_the_number_that_a_program_named(stage: Stage) -> None:
    process = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE)
    program = await stage.program(pid=process.pid)
    port = await stage.application.accept()
    await port.kill()
    await port.wait_for_disconnect()
    assert program.socket.exception() or (await program.socket.receive(timeout=LIMIT_S)).type is not WSMsgType.BINARY
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 0.1)
    process.kill()
    await process.wait()


async def test_kill_of_a_process_that_has_just_died_is_no_error(stage: Stage) -> None:
    program, port = await stage.connected()
    port.kill()
    program.vanish()
    await port.wait_for_disconnect()


# --- the end of the launch ------------------------------------------------------------------------------------------


async def test_the_end_ends_every_wait_for_a_connection_with_the_reason(stage: Stage) -> None:
    async def expect() -> None:
        async with stage.application.expect_connection(timeout=0):
            pass

    waits = [asyncio.ensure_future(wait) for wait in (stage.application.accept(timeout=0), expect())]
    await ticks()
    stage.application._end(BridgeError("The browser closed"))
    for wait in [*waits, stage.application.accept()]:
        with pytest.raises(ContextError, match=r"^native application 'app': The browser closed$"):
            await wait


async def test_the_end_ends_every_program_and_wait_on_a_port(stage: Stage) -> None:
    (program, port), (other_program, other) = await stage.connected(), await stage.connected()
    receiving = [asyncio.ensure_future(port.receive(timeout=0)) for port in (port, other)]
    await ticks()
    stage.application._end(BridgeError("The browser closed"))
    stage.application._end(BridgeError("The bridge was closed"))
    await asyncio.gather(program.is_let_go(), other_program.is_let_go())
    for wait in receiving:
        with pytest.raises(PortDisconnectedError):
            await wait
    assert port.closed and other.closed


async def test_the_end_is_the_reason_that_ports_give(stage: Stage) -> None:
    _, port = await stage.connected()
    fired: list[Any] = []
    port.onDisconnect.addListener(fired.append)
    receiving = asyncio.ensure_future(port.receive())
    await ticks()
    stage.application._end(BridgeError("The browser closed"))
    with pytest.raises(PortDisconnectedError, match=r"^The port 'app' is closed: The browser closed$"):
        await receiving
    await stage.is_empty()
    assert fired == []  # as on the ports of a context that is gone
