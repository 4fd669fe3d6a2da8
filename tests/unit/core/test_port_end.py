"""How a Port ends, and what becomes of those who wait on it."""

import asyncio
from typing import Any

import pytest
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.core.port import Port
from bridge.errors import BridgeError, ContextError, PortDisconnectedError, RemoteError
from bridge.protocol import frames
from bridge.protocol.frames import ScriptError

NO_RECEIVER = ScriptError("Could not establish connection. Receiving end does not exist.")


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js")


@pytest.fixture
async def agent(stage: Stage) -> Agent:
    return stage.agent


@pytest.fixture
async def port(stage: Stage) -> Port:
    """A port that Python opened; the agent knows it as number 2."""
    port: Port = stage.context.runtime.connect({"name": "chat"})
    stage.agent.heard()
    return port


def says(agent: Agent, *messages: Any, port: int = 2) -> None:
    for message in messages:
        agent.says(frames.Message(port), message)


async def test_this_side_disconnects_once(port: Port, agent: Agent) -> None:
    fired: list[Port] = []
    port.onDisconnect.addListener(fired.append)
    await port.disconnect()
    await port.disconnect()
    assert agent.heard() == [({"type": "disconnect", "port": 2}, None)]
    agent.says(frames.Closed(2))
    assert port.closed and fired == [] and port.error is None
    assert repr(port) == "<Port 'chat' in background worker.js, closed (this side called disconnect())>"


async def test_the_other_side_disconnects(port: Port, agent: Agent) -> None:
    fired: list[Port] = []
    port.onDisconnect.addListener(fired.append)
    agent.says(frames.Disconnected(2))
    agent.says(frames.Disconnected(2))
    assert fired == [port] and port.closed and port.error is None
    port.disconnect()
    assert agent.heard() == []


async def test_nobody_was_there(port: Port, agent: Agent) -> None:
    errors: list[Any] = []
    port.onDisconnect.addListener(lambda port: errors.append(port.error.message))
    agent.says(frames.Disconnected(2, NO_RECEIVER))
    assert errors == [NO_RECEIVER.message]
    with pytest.raises(PortDisconnectedError, match=rf"^The port 'chat' is closed: {NO_RECEIVER.message}$"):
        await port.receive()


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda port, agent: port.disconnect(), "this side called disconnect()"),
        (lambda port, agent: agent.says(frames.Disconnected(2)), "the other end disconnected"),
        (lambda port, agent: agent.says(frames.Disconnected(2, NO_RECEIVER)), NO_RECEIVER.message),
        (lambda port, agent: agent.link.close(), "The background stopped"),
        (lambda port, agent: agent.link.close(BridgeError("The browser closed")), "The browser closed"),
    ],
)
async def test_the_end_ends_every_wait_at_once(port: Port, agent: Agent, end: Any, reason: str) -> None:
    async def expect() -> None:
        async with port.expect_message(timeout=0):
            pass

    receives = [asyncio.ensure_future(port.receive(timeout=timeout)) for timeout in (0, 60_000)]
    expects = asyncio.ensure_future(expect())
    disconnects = [asyncio.ensure_future(port.wait_for_disconnect(timeout=timeout)) for timeout in (0, 60_000)]
    await ticks()
    end(port, agent)
    await ticks()
    for wait in (*receives, expects):
        with pytest.raises(PortDisconnectedError) as caught:
            wait.result()
        assert str(caught.value) == f"The port 'chat' is closed: {reason}"
    assert [wait.result() for wait in disconnects] == [None, None]
    await port.wait_for_disconnect()
    with pytest.raises(PortDisconnectedError) as caught:
        port.postMessage("late")
    assert str(caught.value) == f"Attempting to use a disconnected port object ('chat': {reason})"


async def test_what_arrived_before_the_end_is_received_after_it(port: Port, agent: Agent) -> None:
    says(agent, 1)
    agent.says(frames.Disconnected(2))
    assert await port.receive() == 1
    with pytest.raises(PortDisconnectedError, match="the other end disconnected"):
        await port.receive()


async def test_messages_that_cross_a_disconnect_are_not_delivered(port: Port, agent: Agent) -> None:
    seen: list[Any] = []
    port.onMessage.addListener(seen.append)
    port.disconnect()
    says(agent, "late")
    assert seen == []


async def test_messages_that_cross_a_disconnect_are_not_received(port: Port, agent: Agent) -> None:
    says(agent, "in time")
    port.disconnect()
    says(agent, "late")
    assert await port.receive() == "in time"
    with pytest.raises(PortDisconnectedError):
        await port.receive()


async def test_a_disconnect_that_crosses_ours_changes_nothing(port: Port, agent: Agent) -> None:
    fired: list[Port] = []
    port.onDisconnect.addListener(fired.append)
    port.disconnect()
    agent.says(frames.Disconnected(2, NO_RECEIVER))
    assert (fired, port.error) == ([], None)
    assert "this side called disconnect()" in repr(port)


async def test_a_port_that_another_script_of_the_context_disconnected(port: Port, agent: Agent) -> None:
    port.postMessage("x")
    agent.says(frames.Failed(2, ScriptError("Attempting to use a disconnected port object")))
    with pytest.raises(PortDisconnectedError, match="another script of its context had disconnected it"):
        await port.receive()


async def test_a_message_that_the_browser_refused_is_the_next_waits_error(port: Port, agent: Agent) -> None:
    port.postMessage("x" * 100)
    agent.says(frames.Failed(2, ScriptError("Message length exceeded maximum allowed length.", "RangeError")))
    with pytest.raises(
        RemoteError, match=r"^The browser refused a message .*Port 'chat'.*: Message length exceeded"
    ) as caught:
        await port.receive()
    assert caught.value.name == "RangeError"
    says(agent, "goes on")
    assert await port.receive() == "goes on"


async def test_the_record_says_that_a_port_ended_with_its_context(stage: Stage, port: Port, agent: Agent) -> None:
    agent.link.close(ContextError("The page went"))
    (recorded,) = stage.context._session.traffic.ports("chat")
    assert port.closed and (recorded.closed_by, recorded.reason) == ("browser", "The page went")
