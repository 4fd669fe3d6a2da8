"""A Port as a user of it sees it, with the agent at the other end played by the test."""

import asyncio
from typing import Any

import pytest
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.core.port import Port
from bridge.errors import BridgeTimeoutError, ContextError
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


# --- what it is -----------------------------------------------------------------------------------------------------


async def test_a_port_that_python_opened(port: Port, stage: Stage) -> None:
    assert (port.name, port.sender, port.error, port.closed) == ("chat", None, None, False)
    assert port.context is stage.context
    assert repr(port) == "<Port 'chat' in background worker.js, open>"


async def test_a_port_that_came_to_a_listener(stage: Stage) -> None:
    ports: list[Port] = []
    stage.context.runtime.onConnect.addListener(ports.append)
    stage.agent.accepts(1, "from-cs", url="https://a.org/", frameId=0, tab={"id": 5, "mutedInfo": {}}, contextId=9)
    (port,) = ports
    sender = port.sender
    assert sender and sender.tab
    assert (port.name, sender.url, sender.frameId, sender.tab.id, sender.contextId) == (
        "from-cs",
        "https://a.org/",
        0,
        5,
        9,
    )
    assert sender.documentId is None and sender.tab.url is None  # documented, but the browser left them out
    assert sender.to_dict()["tab"] == {"id": 5, "mutedInfo": {}}
    with pytest.raises(AttributeError, match=r"^Sender has no 'tabs'; it has .*contextId.*tab"):
        _ = sender.tabs


# --- messages -------------------------------------------------------------------------------------------------------


async def test_messages_are_posted_in_order(port: Port, agent: Agent) -> None:
    for message in ({"greeting": "hi"}, None, [1, "😀"]):
        await port.postMessage(message)
    assert agent.heard() == [
        ({"type": "post", "port": 2}, {"greeting": "hi"}),
        ({"type": "post", "port": 2}, None),
        ({"type": "post", "port": 2}, [1, "😀"]),
    ]


async def test_what_cannot_be_sent_is_not_sent(port: Port, agent: Agent) -> None:
    with pytest.raises(TypeError, match=r"^message\.a\[0\]: object cannot be sent"):
        port.postMessage({"a": [object()]})
    assert agent.heard() == [] and not port.closed


async def test_messages_wait_until_they_are_received(port: Port, agent: Agent) -> None:
    says(agent, {"n": 1}, {"n": 2})
    assert [await port.receive(), await port.receive()] == [{"n": 1}, {"n": 2}]


async def test_a_message_without_text_is_none(port: Port, agent: Agent) -> None:
    agent.says(frames.Message(2))  # JSON.stringify(undefined)
    assert await port.receive() is None


async def test_a_message_in_pieces_is_one_message(port: Port, agent: Agent) -> None:
    agent.says_raw('1 +{"type":"message"\n1 +,"port":2}\n1 +\t"a\n1 ==+b"')
    assert await port.receive() == "a=+b"


async def test_the_first_listener_gets_what_was_kept_and_the_second_only_the_new(port: Port, agent: Agent) -> None:
    first: list[Any] = []
    second: list[Any] = []
    says(agent, 1, 2)
    await port.onMessage.addListener(first.append)
    await ticks()
    port.onMessage.addListener(second.append)
    says(agent, 3)
    assert (first, second) == ([1, 2, 3], [3])


async def test_a_listener_gets_the_message_and_the_port_if_it_takes_both(port: Port, agent: Agent) -> None:
    got: list[Any] = []
    port.onMessage.addListener(lambda message, port: got.append((message, port)))
    port.onMessage.addListener(lambda message: got.append(message))
    port.onMessage.addListener(lambda: got.append("nothing"))
    says(agent, "m")
    assert got == [("m", port), "m", "nothing"]


async def test_iteration_ends_when_the_port_closes(port: Port, agent: Agent) -> None:
    says(agent, 1, 2)
    agent.says(frames.Disconnected(2))
    assert [message async for message in port] == [1, 2]


async def test_expect_message_takes_the_one_that_the_predicate_accepts(port: Port, agent: Agent) -> None:
    says(agent, {"kind": "saved", "early": True})
    async with port.expect_message(lambda message: message["kind"] == "saved") as info:
        says(agent, {"kind": "other"}, {"kind": "saved"})
    assert await info.value == {"kind": "saved"}
    assert await port.receive() == {"kind": "saved", "early": True}
    assert await port.receive() == {"kind": "other"}


async def test_a_timeout_says_what_the_port_has_seen(port: Port, agent: Agent) -> None:
    port.postMessage("a")
    says(agent, 1, {"greeting": "hi"})
    await port.receive()
    await port.receive()
    with pytest.raises(BridgeTimeoutError) as caught:
        await port.receive(timeout=1)
    assert str(caught.value) == (
        "Timeout 1 ms exceeded. Waited for a message on <Port 'chat' in background worker.js, open>: "
        "1 sent, 2 received, the last {'greeting': 'hi'}"
    )
    with pytest.raises(BridgeTimeoutError, match="Waited for the disconnect on"):
        await port.wait_for_disconnect(timeout=1)
    with pytest.raises(BridgeTimeoutError, match="Waited for a message that the predicate accepts on"):
        async with port.expect_message(lambda _: False, timeout=1):
            pass
    says(agent, "still usable")
    assert await port.receive() == "still usable"


async def test_a_timeout_shows_a_long_message_in_part(port: Port, agent: Agent) -> None:
    says(agent, "x" * 10_000)
    await port.receive()
    with pytest.raises(BridgeTimeoutError, match=r"the last 'x{199}…$"):
        await port.receive(timeout=1)


async def test_a_timeout_comes_whatever_the_last_message_was(port: Port, agent: Agent) -> None:
    depth = 10_000  # repr() ends at some hundreds
    agent.says_raw('1 {"type":"message","port":2}\t' + "[" * depth + "]" * depth)
    await port.receive()
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded. Waited for a message"):
        await asyncio.wait_for(port.receive(timeout=1), 10)


async def test_the_default_timeout_is_the_sessions(port: Port, stage: Stage) -> None:
    stage.context._session.default_timeout_ms = 1
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms"):
        await port.receive()


# --- listeners that raise -------------------------------------------------------------------------------------------


def divide(message: int) -> None:
    if message == 0:
        raise ZeroDivisionError(message)


@pytest.mark.parametrize("wait", ["receive", "wait_for_disconnect"])
async def test_a_listeners_error_is_raised_by_the_next_wait_once(port: Port, agent: Agent, wait: str) -> None:
    seen: list[Any] = []
    port.onMessage.addListener(divide)
    port.onMessage.addListener(seen.append)
    says(agent, 0, 1)
    assert seen == [0, 1]
    with pytest.raises(ZeroDivisionError):
        await getattr(port, wait)()
    with pytest.raises(BridgeTimeoutError):
        await getattr(port, wait)(timeout=1)


async def test_a_listeners_error_ends_the_waits_under_way(port: Port, agent: Agent, stage: Stage) -> None:
    async def broken(message: Any) -> None:
        pytest.fail("in a coroutine")

    async def expect() -> None:
        async with port.expect_message(lambda message: message == "another"):
            pass

    port.onMessage.addListener(broken)
    waits = [asyncio.ensure_future(expect()), asyncio.ensure_future(port.wait_for_disconnect())]
    await ticks()
    says(agent, "m")
    for wait in waits:
        with pytest.raises(pytest.fail.Exception, match="in a coroutine"):
            await wait
    assert not stage.context._session.deferred


async def test_a_listeners_error_on_one_port_does_not_disturb_another(port: Port, stage: Stage) -> None:
    other = stage.context.runtime.connect()
    port.onMessage.addListener(divide)
    says(stage.agent, 0)
    says(stage.agent, "fine", port=4)
    assert await other.receive() == "fine"
    with pytest.raises(ZeroDivisionError):
        stage.context._session.deferred.raise_all()


async def test_a_context_that_goes_tells_the_reason_to_who_connects_later(port: Port, stage: Stage) -> None:
    stage.agent.link.close()
    with pytest.raises(ContextError, match=r"^Python cannot act in background worker.js: The background stopped"):
        stage.context.runtime.connect()
