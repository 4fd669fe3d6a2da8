"""The messages between scripts that the inspector holds, as the page is told: the browser is played by the test."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from unit.core.fakes import Agent
from unit.core.test_port_route import comes, posts, told
from unit.inspector.stage import Page, Stage

from bridge.protocol import frames, framing, values


@pytest.fixture(autouse=True)
def _routes(stage: Stage) -> None:
    stage.contexts.external._session.routes.enabled = True


async def holds(viewer: Page, name: str = "p", *, on: bool = True) -> dict[str, Any]:
    return await viewer.asks("hold", name=name, on=on)


async def held(viewer: Page, accepts: Callable[[list[dict[str, Any]]], Any]) -> list[dict[str, Any]]:
    """The messages that wait, once `accepts` says yes to them."""
    messages: list[dict[str, Any]] = (await viewer.hears_state(lambda state: accepts(state["held"])))["held"]
    return messages


async def test_a_message_waits_until_it_is_let_go(viewer: Page, agent: Agent) -> None:
    assert (await holds(viewer))["type"] == "commandDone"
    comes(agent, 1)
    posts(agent, {"n": 1})
    posts(agent, "x", by_opener=False)
    first, second = await held(viewer, lambda messages: len(messages) == 2)
    assert (first["name"], first["message"], first["byOpener"]) == ("p", '{"n": 1}', True)
    assert json.loads(first["json"]) == {"n": 1}
    assert (first["context"]["kind"], first["opener"], first["sender"]) == ("background", None, "u")
    assert (second["message"], second["byOpener"]) == ('"x"', False)
    assert viewer.state["holds"] == [{"name": "p", "ports": 1, "before": 0}]
    agent.heard()
    assert (await viewer.asks("passMessage", message=first["id"]))["type"] == "commandDone"
    assert (await viewer.asks("changeMessage", message=second["id"], text='"y"'))["type"] == "commandDone"
    assert told(agent) == [("Pass", 1, True), ("Take", 1, False), ("Post", True, "y")]
    await held(viewer, lambda messages: not messages)
    answer = await viewer.asks("dropMessage", message=first["id"])
    assert answer["type"] == "commandFailed" and "held message is gone" in answer["text"]


async def test_what_is_no_json_changes_nothing(viewer: Page, agent: Agent) -> None:
    await holds(viewer)
    comes(agent, 1)
    posts(agent, 1)
    [message] = await held(viewer, len)
    answer = await viewer.asks("changeMessage", message=message["id"], text="{")
    assert answer["type"] == "commandFailed" and "not JSON" in answer["text"]
    assert (await viewer.asks("dropMessage", message=message["id"]))["type"] == "commandDone"


async def test_what_the_page_cannot_change(viewer: Page, agent: Agent) -> None:
    await holds(viewer)
    comes(agent, 1)
    posts(agent, "x" * 20_001)
    agent.says_raw(framing.encode_line(agent._number, frames.RoutedMessage(1, 2, True), values.encode({1, 2})))
    agent.says(frames.RoutedMessage(1, 3, True, unreadable=True))
    long, structured, unreadable = await held(viewer, lambda messages: len(messages) == 3)
    assert [message["json"] for message in (long, structured, unreadable)] == [None, None, None]
    assert len(long["message"]) < 3_000 and structured["message"] and unreadable["message"] == ""


async def test_a_page_is_told_of_the_oldest_and_how_many_wait(viewer: Page, agent: Agent) -> None:
    await holds(viewer)
    comes(agent, 1)
    posts(agent, *range(105))
    messages = await held(viewer, lambda messages: len(messages) == 100)
    assert [message["message"] for message in messages[:2]] == ["0", "1"]
    assert (await viewer.hears_state(lambda state: state["heldCount"] == 105))["heldCount"] == 105
    await viewer.asks("passAll")
    await viewer.hears_state(lambda state: state["heldCount"] == 0 and not state["held"])


async def test_to_stop_lets_go_and_routes_no_more(viewer: Page, agent: Agent) -> None:
    await holds(viewer)
    await holds(viewer)  # which changes nothing
    comes(agent, 1)
    posts(agent, 1)
    await held(viewer, len)
    agent.heard()
    await holds(viewer, on=False)
    assert told(agent)[:3] == [("Pass", 1, True), ("Free", True), ("Free", False)]
    assert (await viewer.hears_state(lambda state: not state["holds"]))["held"] == []
    agent.heard()
    comes(agent, 2)
    assert told(agent) == [("Leave",)]


async def test_the_end_of_the_inspector_lets_go(viewer: Page, agent: Agent, stage: Stage) -> None:
    await holds(viewer)
    comes(agent, 1)
    posts(agent, 1)
    await held(viewer, len)
    agent.heard()
    await stage.inspector.close()
    assert told(agent)[:3] == [("Pass", 1, True), ("Free", True), ("Free", False)]
    assert stage.contexts.external._session.routes.routing.names == []


async def test_without_routes_nothing_is_held(viewer: Page, stage: Stage) -> None:
    stage.contexts.external._session.routes.enabled = False
    answer = await holds(viewer)
    assert answer["type"] == "commandFailed" and "routes=True" in answer["text"]
    state = await viewer.hears_state(lambda state: "hold" in state["refused"])
    assert "routes=True" in state["refused"]["hold"]
