"""Messages and raw bytes on the port of a native application."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from unit.core.native_programs import Stage, running, until

from bridge.javascript import UNDEFINED
from bridge.protocol.stdio import MAX_FROM_APPLICATION, pack


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


@pytest.mark.parametrize(
    "message", [None, True, 0, -1.5, 2**53, "", "é😀\0\u2028", "\ud800", [], {}, {"a": [{"b": None}, "\n"]}]
)
async def test_messages_both_ways(stage: Stage, message: Any) -> None:
    program, port = await stage.connected()
    await program.says(message)
    assert await port.receive() == message
    await port.postMessage(message)
    assert await program.hears() == message


async def test_a_message_without_bytes_is_undefined(stage: Stage) -> None:
    program, port = await stage.connected()
    await program.socket.send_bytes(b"")
    await program.says("next")
    assert [await port.receive(), await port.receive()] == [UNDEFINED, "next"]
    assert not port.closed


async def test_great_depth_both_ways(stage: Stage) -> None:
    program, port = await stage.connected()
    nested = b"[" * 50_000 + b"]" * 50_000
    await program.socket.send_bytes(nested)
    port.postMessage(await port.receive())
    assert await program.writes() == pack(nested)


async def test_messages_before_the_first_listener_are_kept_for_it(stage: Stage) -> None:
    program, port = await stage.connected()
    await program.says(1, 2)
    await until(lambda: port._received == 2)
    heard: list[Any] = []
    port.onMessage.addListener(lambda message, port: heard.append((message, port)))
    await program.says(3)
    await until(lambda: len(heard) == 3)
    assert heard == [(1, port), (2, port), (3, port)]


async def test_a_message_is_one_write_of_utf_8(stage: Stage) -> None:
    program, port = await stage.connected()
    port.postMessage({"a": "é"})
    assert await program.writes() == pack('{"a":"é"}'.encode())


async def test_raw_bytes_stand_between_messages_as_they_are(stage: Stage) -> None:
    program, port = await stage.connected()
    port.postMessage(1)
    port.send_raw(b"\xff\0")
    port.send_raw(b"")
    await port.postMessage(2)
    assert [await program.writes() for _ in range(4)] == [pack(b"1"), b"\xff\0", b"", pack(b"2")]


@pytest.mark.parametrize("character", ["x", "é", "😀"])
async def test_a_message_of_exactly_1_mib_passes_and_one_more_byte_does_not(stage: Stage, character: str) -> None:
    program, port = await stage.connected()
    text = "xy" + character * ((MAX_FROM_APPLICATION - 4) // len(character.encode()))
    text += "z" * (MAX_FROM_APPLICATION - 2 - len(text.encode()))
    with pytest.raises(ValueError) as caught:
        port.postMessage(text + "z")
    assert str(caught.value) == (
        "This message has 1048577 bytes; browsers take at most 1048576 (1 MiB) from a native application, and cut the "
        "connection over more. send_raw() sends it all the same."
    )
    await port.postMessage(text)
    data = await program.writes()
    assert len(data) == 4 + MAX_FROM_APPLICATION and json.loads(data[4:]) == text
    too_long = pack(json.dumps(text + "z").encode())
    await port.send_raw(too_long)
    assert await program.writes() == too_long


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"a": [b""]}, "message.a[0]: bytes cannot be sent"),
        (2**53 + 1, "message: int beyond 2**53"),
        ({1: 2}, "message: the key 1 is int"),
        (float("nan"), "message: float nan has no JSON form"),
    ],
)
async def test_what_cannot_be_sent_is_a_type_error_and_nothing_is_sent(stage: Stage, message: Any, text: str) -> None:
    program, port = await stage.connected()
    with pytest.raises(TypeError) as caught:
        port.postMessage(message)
    assert str(caught.value).startswith(text)
    port.postMessage("next")
    assert await program.hears() == "next"


async def test_the_listeners_error_is_the_next_waits(stage: Stage) -> None:
    program, port = await stage.connected()

    def broken(message: Any) -> None:
        raise ZeroDivisionError(message)

    port.onMessage.addListener(broken)
    await program.says("m")
    with pytest.raises(ZeroDivisionError, match="^m$"):
        await port.wait_for_disconnect()
    assert not port.closed


async def test_ports_do_not_mix(stage: Stage) -> None:
    (program, port), (other_program, other) = await stage.connected(), await stage.connected()
    await program.says("a")
    await other_program.says("b")
    assert (await port.receive(), await other.receive()) == ("a", "b")
    port.postMessage("A")
    other.postMessage("B")
    assert (await program.hears(), await other_program.hears()) == ("A", "B")
    port.disconnect()
    await program.is_let_go()
    await other_program.says("goes on")
    assert await other.receive() == "goes on"
