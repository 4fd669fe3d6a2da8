"""An agent's own socket: who may open it, how a link moves there, and what its end means."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import WSServerHandshakeError
from unit.wire.relays import Conversation, Direct, Stage, running

from bridge.errors import BridgeError, ChannelError, ContextError
from bridge.protocol.frames import (
    Accepted,
    Findable,
    Found,
    LinkClosed,
    LinkOpened,
    Marker,
    Moved,
    Result,
)
from bridge.wire import direct as module
from bridge.wire import link as link_module
from bridge.wire import relay as relay_module
from bridge.wire.direct import DirectDoors


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


@pytest.fixture
async def conversation(stage: Stage) -> Conversation:
    return await stage.conversation()


async def moved(stage: Stage, conversation: Conversation) -> Direct:
    """The agent's socket, after both ends have moved there."""
    direct = await conversation.dial(stage)
    await conversation.relay.says(Moved(), link=conversation.link.number)
    assert await conversation.relay.heard() == (conversation.link.number, {"type": "moved"}, None)
    return direct


class Seen:
    """The frames that the link hands on."""

    def __init__(self, conversation: Conversation) -> None:
        self._receiver = conversation.receiver

    def __eq__(self, other: object) -> bool:
        return [frame for frame, _ in self._receiver.heard] == other

    def __len__(self) -> int:
        return len(self._receiver.heard)

    def __repr__(self) -> str:
        return repr(self._receiver.heard)


def frames_of(conversation: Conversation) -> Seen:
    """What the link hands on."""
    return Seen(conversation)


async def test_a_link_moves_with_its_questions_and_answers(stage: Stage, conversation: Conversation) -> None:
    before = asyncio.ensure_future(conversation.link.call("a.b", []))
    assert (await conversation.relay.heard())[1]["type"] == "call"
    direct = await moved(stage, conversation)
    after = asyncio.ensure_future(conversation.link.call("c.d", []))
    assert await direct.heard() == {"type": "call", "id": 2, "function": "c.d"}
    await direct.says(Result(1), Result(2))
    assert [await before, await after] == [None, None]


async def test_what_the_socket_brings_waits_for_what_the_relay_still_has(
    stage: Stage, conversation: Conversation
) -> None:
    seen = frames_of(conversation)
    direct = await conversation.dial(stage)
    await direct.says(Found("second"), Found("third"))
    await conversation.relay.until(lambda: conversation.link._held)
    assert seen == []
    await conversation.relay.says(Found("first"), link=conversation.link.number)
    await conversation.relay.says(Moved(), link=conversation.link.number)
    await conversation.relay.until(lambda: len(seen) == 3)
    await direct.says(Findable())
    await conversation.relay.until(lambda: len(seen) == 4)
    assert seen == [Found("first"), Found("second"), Found("third"), Findable()]


async def test_until_the_agent_moves_python_stays_with_the_relay(stage: Stage, conversation: Conversation) -> None:
    await conversation.dial(stage)
    await conversation.goes_on()


async def test_a_socket_that_goes_before_the_agent_moved_changes_nothing(
    stage: Stage, conversation: Conversation
) -> None:
    direct = await conversation.dial(stage)
    await conversation.relay.until(lambda: conversation.link._socket)
    own = conversation.link._socket
    await direct.socket.close()
    await conversation.relay.until(lambda: conversation.link._socket is None)
    await conversation.goes_on()
    assert own
    with pytest.raises(ContextError):  # it has ended, and waits no more for something to write
        own.write(["late"])


async def test_the_address_serves_once_and_an_extension_only(stage: Stage, conversation: Conversation) -> None:
    url = DirectDoors(stage.channel, stage.python).offer(conversation.link)
    for headers in ({"Origin": "https://example.org"}, {"Host": "example.org"}):
        with pytest.raises(WSServerHandshakeError, match="403"):
            await stage.connect(url, **headers)
    await stage.connect(url)
    with pytest.raises(WSServerHandshakeError, match="403"):
        await stage.connect(url)
    await conversation.goes_on()


async def test_the_address_goes_with_the_link(
    stage: Stage, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LATE_S", 0)
    url = DirectDoors(stage.channel, stage.python).offer(conversation.link)
    doors = len(stage.channel._doors)
    conversation.link.close()
    await conversation.relay.until(lambda: len(stage.channel._doors) < doors)
    with pytest.raises(WSServerHandshakeError, match="403"):
        await stage.connect(url)


async def test_a_connection_that_comes_after_its_link_is_closed(stage: Stage, conversation: Conversation) -> None:
    url = DirectDoors(stage.channel, stage.python).offer(conversation.link)
    conversation.link.close()
    await Direct((await stage.connect(url)).socket).is_closed()


async def test_with_the_socket_goes_the_context(stage: Stage, conversation: Conversation) -> None:
    direct = await moved(stage, conversation)
    own = conversation.link._socket
    call = asyncio.ensure_future(conversation.link.call("a.b", []))
    await direct.heard()
    await direct.socket.close()
    with pytest.raises(ContextError, match="The context is gone"):
        await call
    assert own
    with pytest.raises(ContextError, match="The context is gone"):
        own.write(["late"])
    await conversation.relay.says(LinkClosed(1))
    await conversation.relay.until(lambda: not stage.python._links)
    assert stage.faults == [] and stage.lost == []


async def test_the_last_frames_are_read_before_the_relay_is_believed(stage: Stage, conversation: Conversation) -> None:
    direct = await moved(stage, conversation)
    seen = frames_of(conversation)
    await conversation.relay.says(LinkClosed(1))
    await conversation.relay.until(lambda: not stage.python._links)
    assert conversation.link.closed is None
    await direct.says(Found("last"))
    await direct.socket.close()
    await conversation.link.wait_for_end(10_000, lambda: "the end")
    assert seen == [Found("last")]


async def test_a_closed_link_closes_the_socket(stage: Stage, conversation: Conversation) -> None:
    direct = await moved(stage, conversation)
    conversation.link.close(BridgeError("stopped"))
    await direct.is_closed()


async def test_with_the_relay_all_goes(stage: Stage, conversation: Conversation) -> None:
    direct = await moved(stage, conversation)
    await conversation.relay.socket.close()
    await direct.is_closed()
    assert conversation.link.closed is stage.lost[0]


async def test_a_socket_that_goes_before_the_relay_says_that_the_agent_moved_loses_nothing(
    stage: Stage, conversation: Conversation
) -> None:
    direct = await conversation.dial(stage)
    seen = frames_of(conversation)
    await direct.says(Found("first"), Found("last"))  # the context's last words; the relay is late
    await conversation.relay.until(lambda: len(conversation.link._held) == 2)
    await direct.socket.close()
    await conversation.relay.until(lambda: conversation.link._socket is None)
    await conversation.relay.says(Findable(), link=conversation.link.number)
    await conversation.relay.says(Moved(), link=conversation.link.number)
    await conversation.link.wait_for_end(10_000, lambda: "the end")
    assert seen == [Findable(), Found("first"), Found("last")]
    await conversation.relay.says(LinkClosed(1))
    await conversation.relay.until(lambda: not stage.python._links)
    assert stage.faults == [] and stage.lost == []


@pytest.mark.parametrize("message", ['{"type":"nope"}', "no frame", '{"type":"moved"}', b"bytes"])
async def test_an_agent_that_breaks_the_protocol_there_ends_its_link_only(
    stage: Stage, conversation: Conversation, message: str | bytes
) -> None:
    direct = await moved(stage, conversation)
    if isinstance(message, bytes):
        await direct.socket.send_bytes(message)
    else:
        await direct.socket.send_str(message)
    await direct.is_closed()
    (fault,) = stage.faults
    assert isinstance(fault, ChannelError) and conversation.link.closed is fault
    await conversation.relay.drops(1)
    assert stage.lost == []


def accepted(port: int) -> Accepted:
    return Accepted(port, "runtime.onConnect", "name", {}, 0.0)


async def test_a_connection_is_read_after_what_came_through_the_relay_before(
    stage: Stage, conversation: Conversation
) -> None:
    direct = await moved(stage, conversation)
    seen = frames_of(conversation)
    await direct.says(Found("before"), accepted(1), Found("after"))
    await direct.says(accepted(3))
    await conversation.relay.until(lambda: seen)
    await conversation.relay.says(LinkOpened(2, {"id": "of the opener"}))
    await conversation.relay.until(lambda: len(stage.receivers) == 2)
    assert seen == [Found("before")]
    await conversation.relay.says(Marker(1), link=1)
    await conversation.relay.until(lambda: len(seen) == 3)
    await conversation.relay.says(Marker(3), link=1)
    await conversation.relay.until(lambda: len(seen) == 4)
    assert seen == [Found("before"), accepted(1), Found("after"), accepted(3)]


async def test_a_marker_that_does_not_come_holds_no_connection_back_for_ever(
    stage: Stage, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "_PATIENCE_S", 0.01)
    direct = await moved(stage, conversation)
    seen = frames_of(conversation)
    await direct.says(accepted(1))
    await conversation.relay.until(lambda: seen)


async def test_a_marker_that_comes_too_late_lets_no_later_connection_pass(
    stage: Stage, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = await moved(stage, conversation)
    seen = frames_of(conversation)
    with monkeypatch.context() as impatient:
        impatient.setattr(link_module, "_PATIENCE_S", 0)
        await direct.says(accepted(1))
        await conversation.relay.until(lambda: len(seen) == 1)
    await conversation.relay.says(Marker(1), link=1)
    await conversation.relay.says(Found("the relay's"), link=1)
    await conversation.relay.until(lambda: len(seen) == 2)
    await direct.says(accepted(3))
    await direct.says(Found("the socket's"))
    for count in range(3, 6):  # times in which it could have come
        await conversation.relay.says(Found("meanwhile"), link=1)
        await conversation.relay.until(lambda count=count: len(seen) == count)
    assert accepted(3) not in [frame for frame, _ in conversation.receiver.heard]
    await conversation.relay.says(Marker(3), link=1)
    await conversation.relay.until(lambda: len(seen) == 7)


async def test_one_marker_serves_for_the_connections_before(stage: Stage, conversation: Conversation) -> None:
    direct = await moved(stage, conversation)
    seen = frames_of(conversation)
    await conversation.relay.says(Marker(3), link=1)
    await direct.says(accepted(1), accepted(3))
    await conversation.relay.until(lambda: len(seen) == 2)


async def test_nothing_is_written_before_listeners_are_there(stage: Stage, conversation: Conversation) -> None:
    direct = await moved(stage, conversation)
    await conversation.relay.says(LinkOpened(2, {}))
    other = await conversation.relay.until(lambda: stage.links[1] if len(stage.links) == 2 else None)
    listening = other.listen("runtime.onConnect")
    link, listen, _ = await conversation.relay.heard()
    call = asyncio.ensure_future(conversation.link.call("tabs.connect", []))
    heard = asyncio.ensure_future(direct.heard())
    seen = frames_of(conversation)
    for count in range(1, 4):  # times in which it could have come
        await direct.says(Found("token"))
        await conversation.relay.until(lambda count=count: len(seen) == count)
    assert not heard.done()
    await conversation.relay.says(Result(listen["id"]), link=link)
    await listening
    assert (await heard)["function"] == "tabs.connect"
    await direct.says(Result(1))
    await call


async def test_a_listener_that_never_comes_holds_nothing_for_ever(
    stage: Stage, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "_PATIENCE_S", 0.01)
    direct = await moved(stage, conversation)
    await conversation.relay.says(LinkOpened(2, {}))
    other = await conversation.relay.until(lambda: stage.links[1] if len(stage.links) == 2 else None)
    other.listen("runtime.onConnect")
    call = asyncio.ensure_future(conversation.link.call("tabs.connect", []))
    assert (await direct.heard())["function"] == "tabs.connect"
    call.cancel()
