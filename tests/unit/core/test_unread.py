"""What unread messages may take: at the limit, the port with most of them is disconnected, and says so."""

from typing import Any

import pytest
from unit.core.fakes import Stage, stand, ticks

from bridge.core.port import Port
from bridge.core.unread import Unread
from bridge.errors import BridgeError, PortDisconnectedError
from bridge.protocol import frames

LIMIT = 100
TEN = "x" * 8  # bytes of its text as JSON, with the quotes


@pytest.fixture
async def stage() -> Stage:
    stage = stand("background", "worker.js")
    stage.context._session.unread = Unread(LIMIT)
    return stage


def opened(stage: Stage, name: str) -> tuple[Port, int]:
    port: Port = stage.context.runtime.connect({"name": name})
    return port, port._id


def says(stage: Stage, port: int, message: Any = TEN, times: int = 1) -> None:
    for _ in range(times):
        stage.agent.says(frames.Message(port), message)


async def test_the_port_with_most_is_disconnected_and_keeps_its_messages(stage: Stage) -> None:
    quiet, quiet_id = opened(stage, "quiet")
    flooded, flooded_id = opened(stage, "flooded")
    says(stage, quiet_id, times=2)
    says(stage, flooded_id, times=8)
    assert not flooded.closed
    stage.agent.heard()
    says(stage, quiet_id)
    assert stage.agent.heard_types() == ["disconnect"]
    assert flooded.closed and not quiet.closed
    words = r"took more than 100 bytes; receive them sooner, add a listener, or raise launch\(unread_limit=...\)"
    with pytest.raises(
        BridgeError, match=f"^The bridge disconnected the port 'flooded': its unread messages.* {words}"
    ):
        await flooded.receive()
    assert [await flooded.receive() for _ in range(8)] == [TEN] * 8
    with pytest.raises(PortDisconnectedError, match=words):
        await flooded.receive()
    says(stage, quiet_id, times=7)  # what the closed one kept does not count against the others
    assert not quiet.closed


async def test_what_is_taken_makes_room(stage: Stage) -> None:
    port, id = opened(stage, "read")
    for _ in range(30):
        says(stage, id, times=5)
        for _ in range(5):
            await port.receive()
    heard: list[Any] = []
    says(stage, id, times=9)
    port.onMessage.addListener(heard.append)
    await ticks()
    says(stage, id, times=30)
    assert len(heard) == 39 and not port.closed


async def test_nobody_waited_for_the_flooded_port(stage: Stage) -> None:
    _, id = opened(stage, "flooded")
    says(stage, id, "x" * LIMIT)
    with pytest.raises(BridgeError, match="disconnected the port 'flooded'"):
        stage.context._session.deferred.raise_all()


async def test_what_a_reset_forgets_makes_room(stage: Stage) -> None:
    for _ in range(3):
        _, id = opened(stage, "left")
        says(stage, id, times=9)
        stage.contexts.forget()
    stage.context._session.deferred.raise_all()
