"""Links over a real socket: each carries one agent's conversation, and ends alone or with the relay."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from unit.wire.relays import Conversation, Receiver, Stage, running

from bridge.errors import BridgeError, ChannelError, ContextError
from bridge.protocol import frames, framing, values


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


async def test_a_link_knows_what_the_browser_says_of_the_agent(stage: Stage) -> None:
    conversation = await stage.conversation()
    assert (conversation.link.number, conversation.link.sender) == (1, {"id": "x"})
    await conversation.goes_on()


async def test_links_do_not_mix(stage: Stage) -> None:
    conversation = await stage.conversation()
    relay, first = conversation.relay, conversation.link
    await relay.says(frames.LinkOpened(5, {}))
    second = await relay.until(lambda: stage.links[1] if len(stage.links) > 1 else None)
    calls = [asyncio.ensure_future(link.call("a.b", [link.number])) for link in (first, second)]
    assert [await relay.heard() for _ in calls] == [
        (1, {"type": "call", "id": 1, "function": "a.b"}, "[1]"),
        (5, {"type": "call", "id": 1, "function": "a.b"}, "[5]"),
    ]
    await relay.says(frames.Result(1), link=5, payload='"second"')
    await relay.says(frames.Result(1), link=1, payload='"first"')
    assert [await call for call in calls] == ["first", "second"]


async def test_a_heartbeat_changes_nothing(stage: Stage) -> None:
    conversation = await stage.conversation()
    await conversation.relay.says(frames.Heartbeat())
    await conversation.goes_on()


async def test_an_agent_that_goes_ends_its_link_only(stage: Stage) -> None:
    conversation = await stage.conversation()
    relay = conversation.relay
    await relay.says(frames.LinkOpened(2, {}))
    gone = await relay.until(lambda: stage.links[1] if len(stage.links) > 1 else None)
    call = asyncio.ensure_future(gone.call("a.b", []))
    await relay.heard()
    await relay.says(frames.LinkClosed(2))
    with pytest.raises(ContextError, match=r"^The context is gone: its page, frame, background or extension ended$"):
        await call
    await relay.says(frames.LinkClosed(2))
    await relay.says(frames.LinkClosed(99))
    await relay.says(frames.Result(1), link=2)  # was under way
    await conversation.goes_on()
    assert stage.lost == []


@pytest.mark.parametrize(
    "line",
    ['2 {"type":"nope"}', "2 ", '2 =half a frame\t"', '2 {"type":"drop","link":1}', '2 {"type":"result","id":1}\t['],
)
async def test_an_agent_that_breaks_the_protocol_ends_its_link_only(stage: Stage, line: str) -> None:
    conversation = await stage.conversation()
    relay = conversation.relay
    await relay.says(frames.LinkOpened(2, {}))
    bad = await relay.until(lambda: stage.links[1] if len(stage.links) > 1 else None)
    call = asyncio.ensure_future(bad.call("a.b", []))
    await relay.heard()
    await relay.socket.send_str(f"{line}\n{line}")
    with pytest.raises(ChannelError, match="does not decode") as caught:
        await asyncio.wait_for(call, 10)
    assert stage.faults == [caught.value]
    await relay.drops(2)
    await relay.says(frames.LinkClosed(2))
    await conversation.goes_on()
    assert stage.lost == []


async def test_why_a_link_was_dropped_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    conversation = await stage.conversation()
    await conversation.relay.socket.send_str('1 {"type":"nope"}')
    await conversation.relay.heard()
    assert "Invalid value 'nope'" in caplog.text


async def test_a_listener_that_stops_the_program_is_not_taken_for_a_bad_frame(stage: Stage) -> None:
    conversation = await stage.conversation()
    await conversation.relay.says(frames.Message(1), link=1, payload="1")
    await conversation.goes_on()
    assert conversation.receiver.heard == [(frames.Message(1), "1")]


async def _another(stage: Stage, conversation: Conversation) -> Receiver:
    await conversation.relay.says(frames.LinkOpened(2, {"id": "y"}))
    receiver: Receiver = await conversation.relay.until(lambda: stage.receivers[1] if stage.receivers[1:] else None)
    return receiver


async def test_an_error_that_nobody_foresaw_breaks_off_its_link_only(stage: Stage) -> None:
    conversation = await stage.conversation()
    bad = await _another(stage, conversation)
    cause = KeyError("no such thing")

    def fail(frame: object) -> None:
        raise cause

    bad.react = fail
    await conversation.relay.says(frames.Message(1), link=2, payload="1")
    await conversation.relay.drops(2)
    (fault,) = stage.faults
    assert fault.__cause__ is cause and "KeyError('no such thing')" in str(fault) and '"type":"message"' in str(fault)
    assert bad.ends == [fault]
    await conversation.goes_on()


async def test_an_error_at_the_end_of_a_link_does_not_keep_the_others_open(stage: Stage) -> None:
    conversation = await stage.conversation()
    second = await _another(stage, conversation)
    cause = KeyError("at the end")

    def fail(reason: object) -> None:
        raise cause

    conversation.receiver.closed = fail  # type: ignore[method-assign]
    reason = BridgeError("over")
    stage.python.close(reason)
    assert second.ends == [reason] and stage.lost == [reason]
    assert [fault.__cause__ for fault in stage.faults] == [cause]


async def test_an_error_that_nobody_foresaw_in_what_the_relay_says_has_its_cause(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await stage.conversation()
    cause = KeyError("nobody thought of that")

    def fail(link: object) -> None:
        raise cause

    monkeypatch.setattr(stage.python, "_receiver", fail)
    await conversation.relay.says(frames.LinkOpened(2, {}))
    await conversation.relay.closing()
    (fault,) = stage.faults
    assert fault.__cause__ is cause and conversation.receiver.ends == [fault] and stage.lost == [fault]


@pytest.mark.parametrize("pieces", [["+1234", "+5678", "+9"], ["+1234", "=56789"]])
async def test_the_pieces_of_a_frame_have_a_limit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, pieces: list[str]
) -> None:
    monkeypatch.setattr(framing, "MAX_BODY", 8)
    conversation = await stage.conversation()
    for piece in pieces:
        await conversation.relay.socket.send_str(f"1 {piece}")
    await conversation.relay.drops(1)
    assert [str(fault) for fault in stage.faults] == ["A frame in pieces that has more than 8 characters"]


async def test_pieces_up_to_the_limit_pass_again_and_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    body = framing.encode_body(frames.Message(1), "1")
    monkeypatch.setattr(framing, "MAX_BODY", len(body))
    conversation = await stage.conversation()
    for _ in range(2):
        await conversation.relay.socket.send_str(f"1 +{body[:9]}\n1 ={body[9:]}")
    await conversation.goes_on()
    assert conversation.receiver.heard == [(frames.Message(1), "1")] * 2


# --- the end --------------------------------------------------------------------------------------------------------


async def test_a_relay_that_vanishes_ends_every_wait_with_the_reason(stage: Stage) -> None:
    conversation = await stage.conversation()
    closed = conversation.receiver.ends
    call = asyncio.ensure_future(conversation.link.call("a.b", []))
    await conversation.relay.heard()
    transport = conversation.relay.socket._conn and conversation.relay.socket._conn.transport
    assert transport
    transport.abort()
    with pytest.raises(
        ContextError, match=r"^The relay's connection is gone: the browser closed, or the relay crashed$"
    ):
        await call
    await conversation.link.ended
    assert closed == stage.lost and len(closed) == 1
    with pytest.raises(ContextError, match="The relay's connection is gone"):
        conversation.link.listen("runtime.onConnect")


async def test_a_message_under_way_when_the_relay_vanishes_is_not_called_written(stage: Stage) -> None:
    conversation = await stage.conversation()
    sending = asyncio.ensure_future(_await(conversation.link.send(frames.Post(2), f'"{"x" * 32_000_000}"')))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not sending.done()  # nobody reads at the other end
    transport = conversation.relay.socket._conn and conversation.relay.socket._conn.transport
    assert transport
    transport.abort()
    with pytest.raises(ContextError, match=r"^The relay's connection is gone"):
        await asyncio.wait_for(sending, 5)


async def test_closing_ends_every_wait_with_its_reason(stage: Stage) -> None:
    conversation = await stage.conversation()
    calls = [asyncio.ensure_future(conversation.link.call("a.b", [])) for _ in range(2)]
    await conversation.relay.heard()
    stage.python.close(BridgeError("The bridge was closed"))
    for call in calls:
        with pytest.raises(BridgeError, match=r"^The bridge was closed$"):
            await call
    assert [str(reason) for reason in stage.lost] == ["The bridge was closed"]


async def test_closing_does_not_wait_for_the_relay(stage: Stage) -> None:
    conversation = await stage.conversation()
    await conversation.goes_on()
    begun = time.monotonic()
    reading = asyncio.ensure_future(conversation.relay.socket.receive())
    stage.python.close(BridgeError("The bridge was closed"))
    await stage.channel.close()
    assert time.monotonic() - begun < 0.5
    await reading


async def test_after_the_end_nobody_is_let_in(stage: Stage) -> None:
    await stage.close()
    with pytest.raises(OSError):
        await stage.connect()


# --- size -----------------------------------------------------------------------------------------------------------


async def test_32_mib_pass_in_both_directions(stage: Stage) -> None:
    conversation = await stage.conversation()
    relay, link = conversation.relay, conversation.link
    payload = values.encode("x" * (32 * 1024 * 1024 - 2))
    assert len(payload) == 32 * 1024 * 1024
    await relay.says(frames.Message(1), link=1, payload=payload)
    assert await relay.until(lambda: conversation.receiver.heard) == [(frames.Message(1), payload)]
    sending = asyncio.ensure_future(_await(link.send(frames.Post(2), payload)))
    pieces: list[str] = []
    while not pieces or pieces[-1].startswith("1 +"):
        pieces += (await relay.socket.receive_str(timeout=10)).split("\n")
    await sending
    assert "".join(piece[3:] for piece in pieces) == '{"type":"post","port":2}\t' + payload
    assert max(map(len, pieces)) <= 4 * 1024 * 1024 + len("1 +")
    await conversation.goes_on()


async def _await(pending: Any) -> None:
    await pending
