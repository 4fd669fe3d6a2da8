"""Connections to a context that ends, sleeps, starts again, or is played by Python."""

import asyncio

import pytest
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.core.port import Port
from bridge.errors import BridgeTimeoutError, ContextError

ON_CONNECT = "runtime.onConnect"


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js")


@pytest.mark.parametrize("kind", ["content", "page"])
async def test_the_end_of_the_page_ends_the_wait_for_connections(kind: str) -> None:
    stage = stand(kind, "u")
    accepting = asyncio.ensure_future(stage.context.accept())
    await ticks()
    stage.agent.link.close()
    with pytest.raises(
        ContextError, match=f"^{kind} u: The context is gone: its page, frame, background or extension ended$"
    ):
        await accepting


async def test_a_wait_for_connections_outlives_the_background(stage: Stage) -> None:
    accepting = asyncio.ensure_future(stage.context.accept())
    await ticks()
    stage.agent.link.close()
    await ticks()
    assert not accepting.done()
    again = _restart(stage)
    assert told_welcome(again) == [ON_CONNECT]
    again.accepts(1, "n")
    assert (await accepting).name == "n"


async def test_listeners_stay_when_the_background_starts_again_and_its_ports_do_not(stage: Stage) -> None:
    ports: list[Port] = []
    runtime = stage.context.runtime
    await runtime.onConnect.addListener(ports.append)
    await runtime.onConnectExternal.addListener(ports.append)
    await runtime.onConnectExternal.removeListener(ports.append)
    stage.agent.accepts(1, "first")
    stage.agent.link.close()
    assert stage.context.closed and ports[0].closed
    again = _restart(stage)
    assert not stage.context.closed
    assert told_welcome(again) == [ON_CONNECT]
    again.accepts(1, "second")
    assert [(port.name, port.closed) for port in ports] == [("first", True), ("second", False)]


async def test_a_listener_added_while_the_background_sleeps_is_there_when_it_wakes(stage: Stage) -> None:
    stage.agent.link.close()
    ports: list[Port] = []
    await stage.context.runtime.onConnect.addListener(ports.append)
    again = _restart(stage)
    assert told_welcome(again) == [ON_CONNECT]
    again.accepts(1, "n")
    assert [port.name for port in ports] == ["n"]


async def test_a_sleeping_background_may_be_waited_for(stage: Stage) -> None:
    stage.agent.link.close()
    accepting = asyncio.ensure_future(stage.context.accept())
    await ticks()
    again = _restart(stage)
    assert told_welcome(again) == [ON_CONNECT]
    again.accepts(1, "n")
    assert (await accepting).name == "n"


async def test_a_listener_that_cannot_be_added_is_not_there() -> None:
    stage = stand("content")
    event = stage.context.runtime.onConnect
    stage.agent.link.close()
    with pytest.raises(ContextError):
        event.addListener(print)
    assert not event.hasListener(print)


@pytest.mark.parametrize("part", ["background", "content"])
async def test_a_part_that_python_plays_keeps_connections_from_the_start(part: str) -> None:
    stage = stand(part, replace=(part,))
    assert ON_CONNECT in told_welcome(_restart(stage) if part == "background" else _another(stage, part))
    event = stage.contexts.alive[-1].runtime.onConnect
    await event.addListener(print)
    await event.removeListener(print)
    assert "unlisten" not in stage.agent.heard_types()


def _restart(stage: Stage) -> Agent:
    return _another(stage, "background")


def _another(stage: Stage, kind: str) -> Agent:
    agent = Agent(stage.contexts, 2)
    agent.hello(kind, "worker.js")
    return agent


def told_welcome(agent: Agent) -> list[str]:
    (welcome,) = agent.heard()
    assert welcome.frame["type"] == "welcome"
    events: list[str] = welcome.frame["events"]
    return events


async def test_a_context_is_waited_for_until_it_ends(stage: Stage) -> None:
    waits = [asyncio.ensure_future(stage.context.wait_for_close(timeout=timeout)) for timeout in (0, 60_000)]
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded. Waited for background worker.js to end$"):
        await stage.context.wait_for_close(timeout=1)
    stage.agent.link.close()
    await asyncio.gather(*waits, stage.context.wait_for_close())


async def test_ports_of_a_stopped_background_have_its_end_as_their_error(stage: Stage) -> None:
    port = stage.context.runtime.connect({"name": "n"})
    stage.agent.link.close()
    assert port.error and port.error.message == "The background stopped"
    assert repr(port) == "<Port 'n' in background worker.js, closed (The background stopped)>"
