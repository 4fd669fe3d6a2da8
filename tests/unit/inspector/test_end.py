"""The end of the inspector: it comes in time and raises nothing, whatever others do."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession
from unit.core.fakes import Agent
from unit.inspector.stage import Page, Stage, running

from bridge.errors import BridgeError, ContextError
from bridge.inspector import ending

LIMIT_S = 0.05
SOON_S = 5


@pytest.fixture(autouse=True)
def _short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "LIMIT_S", LIMIT_S)


async def end(stage: Stage) -> None:
    await asyncio.wait_for(stage.inspector.close(), SOON_S)


async def is_served(stage: Stage) -> bool:
    async with ClientSession() as http:
        try:
            async with http.get(stage.inspector.url):
                return True
        except OSError:
            return False


async def listens(viewer: Page) -> None:
    await viewer.asks("listen", context=await viewer.context("background"), event="runtime.onConnect", on=True)


async def test_an_agent_that_does_not_answer(stage: Stage, viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    agent.answering = False
    await end(stage)
    assert agent.heard_types()[-1] == "unlisten"
    assert (await viewer.hears("bridgeEnded"))["reason"] == "The bridge was closed"
    assert not await is_served(stage)


async def test_an_agent_that_is_gone(stage: Stage, viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    agent.link.close(ContextError("gone"))
    await end(stage)
    assert not await is_served(stage)


async def test_a_command_that_does_not_end(stage: Stage, viewer: Page, agent: Agent) -> None:
    agent.answering = False
    context = await viewer.context("background")
    await viewer.says("listen", id=1, context=context, event="runtime.onConnect", on=True)
    await viewer.asks("resume")  # the one before has begun
    await end(stage)
    await viewer.hears("bridgeEnded")
    assert not await is_served(stage)


async def test_a_command_that_cannot_be_cancelled(
    stage: Stage, viewer: Page, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cancelled, released = asyncio.Event(), asyncio.Event()

    async def reload() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                cancelled.set()

    monkeypatch.setattr(stage.bridge, "reload", reload)
    await viewer.says("reload", id=1)
    await viewer.asks("resume")
    await end(stage)
    assert cancelled.is_set()
    released.set()
    await viewer.hears("bridgeEnded")


async def test_a_port_that_fails_to_close_stops_nothing(
    stage: Stage, viewer: Page, agent: Agent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await viewer.opens("background", name="first")
    await viewer.opens("background", name="second")
    agent.heard()
    first, _ = stage.inspector._ports

    def fails() -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(first.port, "disconnect", fails)
    await end(stage)
    assert agent.heard_types() == ["disconnect"]
    assert "RuntimeError: on purpose" in caplog.text
    assert not await is_served(stage)


async def test_a_listener_that_cannot_be_removed_stops_nothing(
    stage: Stage, viewer: Page, agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    await listens(viewer)

    def fails(listener: Any) -> None:
        raise RuntimeError("on purpose")

    stage.contexts.background.runtime.onConnect.removeListener = fails  # type: ignore[method-assign,assignment]
    await end(stage)
    assert "RuntimeError: on purpose" in caplog.text
    assert (await viewer.hears("bridgeEnded"))["reason"] == "The bridge was closed"


async def test_a_cancelled_end_goes_on_and_the_next_waits_for_it(stage: Stage, viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    agent.answering = False
    closing = asyncio.ensure_future(stage.inspector.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled() and await is_served(stage)
    await end(stage)
    assert not await is_served(stage)


async def test_what_was_never_started_can_be_closed_and_not_started_then() -> None:
    async with running(starts=False) as stage:
        await end(stage)
        with pytest.raises(BridgeError, match="The inspector was closed"):
            await stage.inspector.start()


async def test_an_end_during_the_start(stage: Stage) -> None:
    async with running(starts=False) as stage:
        starting = asyncio.ensure_future(stage.inspector.start())
        await asyncio.sleep(0)
        await end(stage)
        await asyncio.wait([starting])
        assert not await is_served(stage)


async def test_a_page_that_comes_during_the_end_is_refused(stage: Stage, viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    agent.answering = False
    closing = asyncio.ensure_future(stage.inspector.close())
    await asyncio.sleep(0)
    async with ClientSession() as http, http.get(stage.inspector.url) as answer:
        assert (answer.status, await answer.text()) == (403, "Refused: the inspector was closed\n")
    await closing


async def test_two_who_start_it_at_once_get_the_same_address(stage: Stage) -> None:
    one, other = await asyncio.gather(stage.bridge.start_inspector(), stage.bridge.start_inspector())
    assert one == other and ":0/" not in one
    await stage.bridge._inspector.close()  # type: ignore[union-attr]


async def test_it_cannot_be_started_when_the_bridge_is_closed(stage: Stage) -> None:
    stage.bridge._natives = SimpleNamespace(end=lambda reason: None)  # type: ignore[assignment]
    await stage.bridge.close()
    with pytest.raises(BridgeError, match="The bridge was closed"):
        await stage.bridge.start_inspector()
