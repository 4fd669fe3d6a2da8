"""The host program, really run: what ends it, and what it still carries then."""

import asyncio
import gc
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from select import select
from subprocess import PIPE

import pytest
from unit.core.fakes import ticks
from unit.native.programs import LARGE, MIB, Ended, Stage, json_of, running, text_of

from bridge.errors import BridgeError, ContextError, PortDisconnectedError
from bridge.protocol.stdio import pack


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


async def test_the_browser_closes_stdin(stage: Stage) -> None:
    browser, port = await stage.connected()
    ended = Ended(port)
    await browser.says(b'"last words"')
    browser.stdin.close()
    assert await browser.end() == (0, b"", "")
    await ended.by_the_other_end()
    assert await port.receive() == "last words"
    with pytest.raises(PortDisconnectedError):
        await port.receive()


@pytest.mark.parametrize("cut", [1, 4, 5, 8])
async def test_a_message_that_was_cut_off_is_not_delivered(stage: Stage, cut: int) -> None:
    browser, port = await stage.connected()
    await browser.says(b"1")
    await browser.writes(pack(b'"rest"')[:cut])
    browser.stdin.close()
    assert await browser.end() == (0, b"", "")
    assert await port.receive() == 1
    with pytest.raises(PortDisconnectedError):
        await port.receive()


async def test_the_browser_closes_stdin_before_the_program_runs(stage: Stage) -> None:
    browser = await stage.start()
    browser.stdin.write(pack(b'"hasty"'))
    browser.stdin.close()
    port = await stage.application.accept()
    assert await port.receive() == "hasty"
    await port.wait_for_disconnect()
    assert await browser.end() == (0, b"", "")


async def test_python_disconnects(stage: Stage) -> None:
    browser, port = await stage.connected()
    ended = Ended(port)
    port.disconnect()
    assert await browser.end() == (0, b"", "")
    await ended.by_this_side()


async def test_everything_posted_before_the_disconnect_is_written(stage: Stage) -> None:
    browser, port = await stage.connected()
    messages = [text_of(MIB), "", *range(500), text_of(MIB), "last"]
    for message in messages:
        port.postMessage(message)
    port.send_raw(bytes(LARGE))
    port.disconnect()
    assert [json.loads(await browser.hears()) for _ in messages] == messages
    assert await browser.end() == (0, bytes(LARGE), "")


async def test_what_the_extension_says_meanwhile_costs_no_post_before_the_disconnect(stage: Stage) -> None:
    browser, port = await stage.connected()
    for _ in range(12):
        port.send_raw(bytes(MIB))
    port.disconnect()
    for _ in range(12):
        await browser.says(b'"are you there?"')
        assert await browser.reads(MIB) == bytes(MIB)
    code, out, _ = await browser.end()
    assert (code, out) == (0, b"")


async def test_what_python_posted_unread_costs_no_message_before_the_end(stage: Stage) -> None:
    message = pack(json_of(text_of(MIB)))
    with subprocess.Popen(stage.command(), stdin=PIPE, stdout=PIPE, bufsize=0) as process:  # noqa: ASYNC220 - it must block
        assert process.stdin and process.stdout
        try:
            port = await stage.application.accept()
            process.send_signal(signal.SIGSTOP)
            for _ in range(10):
                await port.send_raw(bytes(50_000))  # stdout has room for one, so that the program comes to stdin again
            process.stdin.write(message[:1000])
            process.send_signal(signal.SIGCONT)
            # From here to the program's end Python's loop stands still, as it does while a synchronous test computes.
            process.stdin.write(message[1000:])
            process.stdin.close()
            process.stdout.read()
            assert await port.receive() == text_of(MIB)
            await port.wait_for_disconnect()
        finally:
            process.kill()


async def test_the_browser_hears_of_the_disconnect_even_while_python_stands_still(stage: Stage) -> None:
    with subprocess.Popen(stage.command(), stdin=PIPE, stdout=PIPE) as process:  # noqa: ASYNC220 - it must block
        assert process.stdout
        try:
            port = await stage.application.accept()
            process.send_signal(signal.SIGSTOP)
            await port.send_raw(b"")
            port.disconnect()
            await ticks()
            process.send_signal(signal.SIGCONT)
            readable, _, _ = select([process.stdout], [], [], 3)
            assert readable and process.stdout.read() == b""
        finally:
            process.kill()


async def test_what_the_extension_said_before_it_disconnected_arrives_though_python_posts(stage: Stage) -> None:
    with subprocess.Popen(stage.command(), stdin=PIPE, stdout=PIPE, bufsize=0) as process:  # noqa: ASYNC220
        assert process.stdin and process.stdout
        try:
            port = await stage.application.accept()
            process.send_signal(signal.SIGSTOP)
            await port.send_raw(b"nobody reads")
            process.stdin.write(pack(b"1") + pack(b"2") + pack(b"3"))
            process.stdin.close()
            process.stdout.close()
            process.send_signal(signal.SIGCONT)
            assert [await port.receive() for _ in range(3)] == [1, 2, 3]
            await port.wait_for_disconnect()
        finally:
            process.kill()


async def test_large_messages_that_cross_the_end_arrive(stage: Stage) -> None:
    browser, port = await stage.connected()
    saying = asyncio.ensure_future(browser.says(json_of(text_of(LARGE))))
    port.send_raw(bytes(LARGE))
    assert await browser.reads(LARGE) == bytes(LARGE)
    await saying
    browser.stdin.close()
    assert await port.receive() == text_of(LARGE)
    await port.wait_for_disconnect()


async def test_the_launch_ends(stage: Stage) -> None:
    browser, port = await stage.connected()
    stage.application._end(BridgeError("The bridge was closed"))
    assert await browser.end() == (0, b"", "")
    await port.wait_for_disconnect()
    await stage.channel.close()


async def test_kill_is_a_crash(stage: Stage) -> None:
    browser, port = await stage.connected()
    ended = Ended(port)
    port.kill()
    assert await browser.end() == (-signal.SIGKILL, b"", "")
    await ended.by_the_other_end()
    with pytest.raises(PortDisconnectedError):
        port.kill()


async def test_kill_while_the_browser_does_not_read(stage: Stage) -> None:
    browser, port = await stage.connected()
    posting = [port.send_raw(bytes(MIB)) for _ in range(32)]
    port.kill()
    code, out, _ = await browser.end()
    assert code == -signal.SIGKILL
    assert len(out) < 32 * MIB
    await port.wait_for_disconnect()
    with pytest.raises(ContextError, match="^The program of native application 'app' ended$"):
        await posting[-1]


async def test_the_browser_closes_stdout(stage: Stage) -> None:
    browser, port = await stage.connected()
    ended = Ended(port)
    await browser.close_stdout()
    port.postMessage("nobody reads")
    assert await browser.end() == (0, b"", "")
    await ended.by_the_other_end()


async def test_a_disconnect_that_the_programs_end_overtakes_is_no_error(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    browser, port = await stage.connected()
    for _ in range(3):
        written = port.send_raw(bytes(LARGE))  # more than fits between here and a browser that does not read
    port.disconnect()
    browser.process.kill()
    with pytest.raises(ContextError, match="^The program of native application 'app' ended$"):
        await written
    del written
    await ticks()
    gc.collect()
    assert caplog.text == ""
