"""The host program, really run: the messages that it carries each way."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from unit.native.programs import LARGE, MIB, Stage, json_of, running, text_of

from bridge.protocol.stdio import pack

BORDERS = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537]  # where the length of a WebSocket frame takes more bytes


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


@pytest.mark.parametrize("message", [{}, [], "", 0, None, True, {"a": [1.5, {"é": "😀"}]}, "\u2028\0\n"])
async def test_small_messages_both_ways(stage: Stage, message: Any) -> None:
    browser, port = await stage.connected()
    await browser.says(json_of(message))
    assert await port.receive() == message
    port.postMessage(message)
    assert json.loads(await browser.hears()) == message


@pytest.mark.parametrize("size", [size for size in BORDERS if size >= 2])
async def test_messages_around_the_borders_of_frame_lengths(stage: Stage, size: int) -> None:
    browser, port = await stage.connected()
    message = text_of(size)
    assert len(json_of(message)) == size
    await browser.says(json_of(message), b"1")
    assert (await port.receive(), await port.receive()) == (message, 1)
    port.postMessage(message)
    port.postMessage(1)
    assert (await browser.hears(), await browser.hears()) == (json_of(message), b"1")


@pytest.mark.parametrize("size", [*BORDERS, MIB + 5, LARGE])
async def test_bytes_are_written_as_they_are(stage: Stage, size: int) -> None:
    browser, port = await stage.connected()
    data = os.urandom(size)
    port.send_raw(data)
    port.send_raw(b"|")
    assert await browser.reads(size + 1) == data + b"|"


async def test_a_large_message_of_the_extension(stage: Stage) -> None:
    browser, port = await stage.connected()
    message = text_of(LARGE)
    saying = asyncio.ensure_future(browser.says(json_of(message), b"1"))
    assert await port.receive() == message
    assert await port.receive() == 1
    await saying


async def test_a_write_that_the_system_cuts_short_goes_on(stage: Stage) -> None:
    browser, port = await stage.connected()
    data = os.urandom(LARGE)
    port.send_raw(data)
    assert await browser.reads(1) == data[:1]  # the pipe has no room for the rest, and the program waits in its write
    browser.process.send_signal(signal.SIGSTOP)
    os.waitpid(browser.process.pid, os.WUNTRACED)  # noqa: ASYNC222 - it stops at once
    browser.process.send_signal(signal.SIGCONT)
    assert await browser.reads(LARGE - 1) == data[1:]


async def test_large_messages_that_cross(stage: Stage) -> None:
    browser, port = await stage.connected()
    sent, data = text_of(LARGE), os.urandom(LARGE)
    saying = asyncio.ensure_future(browser.says(json_of(sent)))
    port.send_raw(data)
    assert await browser.reads(LARGE) == data
    assert await port.receive() == sent
    await saying


async def test_many_messages_in_one_write_keep_their_order(stage: Stage) -> None:
    browser, port = await stage.connected()
    numbers = list(range(2000))
    await browser.says(*(json_of(number) for number in numbers))
    assert [await port.receive() for _ in numbers] == numbers
    for number in numbers:
        port.postMessage(number)
    assert [json.loads(await browser.hears()) for _ in numbers] == numbers


async def test_a_message_that_comes_byte_by_byte(stage: Stage) -> None:
    browser, port = await stage.connected()
    for byte in pack(b'{"a":1}') + pack(b"2"):
        await browser.writes(bytes([byte]))
    assert (await port.receive(), await port.receive()) == ({"a": 1}, 2)


async def test_halves_of_a_message_wait_for_each_other_but_hold_up_nothing_else(stage: Stage) -> None:
    browser, port = await stage.connected()
    await port.send_raw(pack(b"[1,2]")[:6])
    assert await browser.reads(6) == (5).to_bytes(4, sys.byteorder) + b"[1"
    await browser.says(b'"between"')
    assert await port.receive() == "between"
    await port.send_raw(b",2]")
    assert await browser.reads(3) == b",2]"


async def test_the_programs_of_two_connections_do_not_mix(stage: Stage) -> None:
    (browser, port), (other_browser, other) = await stage.connected(), await stage.connected()
    await browser.says(b"1")
    await other_browser.says(b"2")
    port.postMessage("to the first")
    other.postMessage("to the second")
    assert (await port.receive(), await other.receive()) == (1, 2)
    assert (await browser.hears(), await other_browser.hears()) == (b'"to the first"', b'"to the second"')
    browser.stdin.close()
    await port.wait_for_disconnect()
    await other_browser.says(b"3")
    assert await other.receive() == 3


async def test_what_the_browser_passed_says_who_connected(stage: Stage) -> None:
    await stage.start("/a folder/app.json", "é@example.org")
    assert (await stage.application.accept()).sender.to_dict() == {"id": "é@example.org"}
