"""A routed one-time message: what the agent is told of it, whatever a handler decides."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from unit.core.fakes import TICKS, Agent, Stage, stand, ticks

from bridge.async_api import MessageRoute, faults
from bridge.core.routes import contains
from bridge.errors import BridgeError, BridgeTimeoutError, ContextError, RemoteError
from bridge.javascript import UNDEFINED
from bridge.protocol import frames

SENDER = {"id": "tested", "url": "u"}
Handler = Callable[[MessageRoute], Any]


@pytest.fixture
async def stage() -> Stage:
    return staged(answering=True)


def staged(*, answering: bool) -> Stage:
    stage = stand("background", "worker.js", answering=answering)
    stage.context._session.routes.enabled = True
    return stage


def routed(stage: Stage, handler: Handler, match: Any = "hello", message: Any = "hello") -> None:
    """Route such messages, and let one come."""
    stage.context._session.routes.messages.add(match, handler)
    comes(stage.agent, 1, message)


def comes(agent: Agent, request: int, message: Any = "hello", event: str = "runtime.onMessage") -> None:
    agent.says(frames.RoutedAsk(request, event, SENDER), message)


def told(agent: Agent) -> list[Any]:
    """What the agent was told: its frame's type, and what that says."""
    return [
        (
            sent.frame["type"].removeprefix("route"),
            *(value for key, value in sent.frame.items() if key not in ("type", "request", "id")),
            *([sent.payload] if sent.payload is not None else []),
        )
        for sent in agent.heard()
    ]


# --- which messages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "pattern", "fits"),
    [
        ("a", "a", True),
        ("ab", "a", False),
        (1, 1, True),
        (1, True, False),
        (True, True, True),
        (None, None, True),
        ({}, None, False),
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": {"b": [1, {"c": 2, "d": 3}]}}, {"a": {"b": [1, {"c": 2}]}}, True),
        ([1, 2], [1], False),
        ([1], {"0": 1}, False),
        ("a", {}, False),
    ],
)
def test_what_contains_a_pattern(value: Any, pattern: Any, fits: bool) -> None:
    assert contains(value, pattern) is fits


async def test_what_no_route_fits_goes_on(stage: Stage) -> None:
    routed(stage, lambda route: route.answer(1), message="other")
    assert told(stage.agent) == [("Ask",)]


async def test_the_newest_route_that_fits_has_it(stage: Stage) -> None:
    messages = stage.context._session.routes.messages
    messages.add(lambda message, sender: sender.url == "u", lambda route: route.answer("old"))
    messages.add({"a": 1}, lambda route: route.answer("new"))
    comes(stage.agent, 1, {"a": 1, "b": 2})
    comes(stage.agent, 2, {"b": 2})
    assert told(stage.agent) == [("Answer", "new"), ("Answer", "old")]
    messages.remove({"a": 1}, None)
    comes(stage.agent, 3, {"a": 1})
    assert told(stage.agent) == [("Answer", "old")]


async def test_agents_know_patterns_and_ask_for_the_rest(stage: Stage) -> None:
    routes = stage.context._session.routes
    routes.messages.add({"a": [1]}, print)
    assert routes.routing == frames.Routing([], messages=[{"a": [1]}])
    routes.messages.add(callable, print)
    assert routes.routing == frames.Routing([], messages=[{"a": [1]}], asksMessages=True)
    routes.clear()
    assert routes.routing == frames.Routing([])


@pytest.mark.parametrize(
    ("match", "handler", "words"),
    [
        ("a", 5, "takes a function as its handler, not int"),
        ("a", faults(drop=1), "faults.. disturbs ports"),
        ({"a": object()}, print, "object"),
    ],
)
async def test_what_is_no_route(stage: Stage, match: Any, handler: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        stage.context._session.routes.messages.add(match, handler)


# --- what a handler decides -----------------------------------------------------------------------------------------


async def test_what_it_is(stage: Stage) -> None:
    routes: list[MessageRoute] = []
    stage.context._session.routes.messages.add(lambda message: True, routes.append)
    comes(stage.agent, 1, {"a": 1})
    comes(stage.agent, 2, None, "runtime.onMessageExternal")
    assert [(route.message, route.external, route.sender.url, route.target) for route in routes] == [
        ({"a": 1}, False, "u", stage.context),
        (None, True, "u", stage.context),
    ]
    assert routes[0].asked_by is None
    assert repr(routes[0]) == f"<MessageRoute {{'a': 1}} to {stage.context._label}>"


@pytest.mark.parametrize(
    ("decide", "frame"),
    [
        (lambda route: route.continue_(), ("Ask",)),
        (lambda route: route.continue_(message={"b": 1}), ("Ask", {"b": 1})),
        (lambda route: route.answer([1]), ("Answer", [1])),
        (lambda route: route.reject("no"), ("Reject", "no")),
        (lambda route: route.abort(), ("Reject", "Could not establish connection. Receiving end does not exist.")),
    ],
)
async def test_each_decision_is_made_once(stage: Stage, decide: Handler, frame: tuple[Any, ...]) -> None:
    kept: list[MessageRoute] = []
    routed(stage, lambda route: (kept.append(route), decide(route)))
    assert told(stage.agent) == [frame]
    (route,) = kept
    for again in (route.continue_, route.answer, route.abort, lambda: route.reject("no")):
        with pytest.raises(BridgeError, match="has been decided already"):
            again()
    with pytest.raises(BridgeError, match="has been decided already"):
        await route.fetch()
    stage.context._routed_requests.leave()
    assert told(stage.agent) == []


async def test_silence_is_told_once_nobody_else_may_answer(stage: Stage) -> None:
    """What the scripts make of it, Python learns from the agent."""
    comes(stage.agent, 1)  # which no route fits
    stage.agent.says(frames.RoutedEnd(1, silent=True))
    await ticks(2 * TICKS)
    assert told(stage.agent) == [("Ask",), ("setRouting", {"names": []}), ("Answer",)]
    routed(stage, lambda route: route.answer())
    await ticks(2 * TICKS)
    assert told(stage.agent) == [("setRouting", {"names": [], "messages": ["hello"]}), ("Answer",)]
    comes(stage.agent, 2, "other")
    stage.agent.says(frames.RoutedEnd(2))
    stage.agent.says(frames.RoutedEnd(2, silent=True))
    await ticks()
    assert told(stage.agent) == [("Ask",)]


async def test_what_cannot_be_sent_decides_nothing(stage: Stage) -> None:
    kept: list[MessageRoute] = []
    routed(stage, kept.append)
    for decide in (lambda: kept[0].answer(object()), lambda: kept[0].continue_(message=object())):
        with pytest.raises(TypeError, match="object"):
            decide()
    with pytest.raises(ValueError, match="needs words"):
        kept[0].reject("")
    await kept[0].answer(5)
    assert told(stage.agent) == [("Answer", 5)]


async def fetched(stage: Stage, then: Callable[[Any], Any]) -> Any:
    """Have a handler ask the scripts, and the agent do something then."""
    given: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def handler(route: MessageRoute) -> None:
        try:
            given.set_result((await route.fetch(message="changed", timeout=50), route))
        except Exception as error:
            given.set_exception(error)

    routed(stage, handler)
    await ticks()
    (asked,) = stage.agent.heard()
    assert (asked.frame["type"], asked.payload) == ("routeAsk", "changed")
    then(asked.frame["id"])
    return await given


@pytest.mark.parametrize(("result", "answer"), [({"answer": [1]}, [1]), ({"answer": None}, None), ({}, UNDEFINED)])
async def test_the_scripts_answer_python(result: Any, answer: Any) -> None:
    stage = staged(answering=False)
    got, route = await fetched(stage, lambda id: stage.agent.says(frames.Result(id), result))
    assert got == answer
    with pytest.raises(BridgeError, match="have heard the message already"):
        await route.fetch()
    with pytest.raises(BridgeError, match="have heard the message already"):
        route.continue_(message=1)
    await route.continue_()
    assert told(stage.agent) == [("Ask",)]


async def test_the_scripts_answer_with_an_error() -> None:
    stage = staged(answering=False)
    error = frames.ScriptError("on purpose")
    with pytest.raises(RemoteError, match="on purpose"):
        await fetched(stage, lambda id: stage.agent.says(frames.Result(id, error)))


async def test_the_scripts_do_not_answer() -> None:
    with pytest.raises(BridgeTimeoutError, match="The scripts of .* did not answer"):
        await fetched(staged(answering=False), lambda id: None)


async def test_the_context_ends_while_the_scripts_are_asked() -> None:
    stage = staged(answering=False)
    with pytest.raises(ContextError):
        await fetched(stage, lambda id: stage.agent.link.close())


# --- what else may happen -------------------------------------------------------------------------------------------


async def test_a_handler_that_raises_lets_it_go_on(stage: Stage) -> None:
    routed(stage, lambda route: 1 / 0)
    assert told(stage.agent) == [("Ask",)]
    with pytest.raises(ZeroDivisionError):
        stage.context._session.deferred.raise_for(stage.context)


async def test_what_is_not_decided_goes_on_at_the_end(stage: Stage) -> None:
    routed(stage, lambda route: None)
    assert told(stage.agent) == []
    stage.context._forget()
    assert told(stage.agent) == [("Ask",)]


async def test_a_handler_whose_scripts_are_gone_fails_nothing() -> None:
    stage = staged(answering=False)
    stage.context._session.routes.messages.add("hello", lambda route: route.fetch())
    comes(stage.agent, 1)
    await ticks()
    stage.agent.link.close()
    await ticks()
    stage.context._session.deferred.raise_for(stage.context)


async def test_what_the_browser_refuses_fails_the_next_wait() -> None:
    stage = staged(answering=False)
    kept: list[MessageRoute] = []
    routed(stage, kept.append)
    kept[0].answer(5)
    [sent] = stage.agent.heard()
    stage.agent.says(frames.Result(sent.frame["id"], frames.ScriptError("Could not serialize message.")))
    await ticks()
    with pytest.raises(RemoteError, match=r"The browser refused Python's answer to .*'hello'.*: Could not serialize"):
        stage.context._session.deferred.raise_for(stage.context)


async def test_in_a_context_that_is_gone_nothing_is_said(stage: Stage) -> None:
    kept: list[MessageRoute] = []
    routed(stage, kept.append)
    stage.agent.link.close()
    with pytest.raises(BridgeError, match="its context is gone, has been decided already|has been decided already"):
        kept[0].answer(1)
    assert told(stage.agent) == []
