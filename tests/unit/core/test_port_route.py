"""A routed port: what the agent is told of it, whatever its ends say and a handler does."""

import asyncio
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.async_api import Faults, PortDisconnectedError, PortRoute, RouteReceiver, faults
from bridge.errors import BridgeError, UnsupportedError
from bridge.protocol import frames

SENDER = {"id": "tested", "url": "u"}


@pytest.fixture
async def stage() -> Stage:
    stage = stand("background", "worker.js")
    stage.context._session.routes.enabled = True
    return stage


def routed(stage: Stage, handler: Any, *, name: str = "p") -> None:
    """Route ports of that name, and let one come."""
    stage.context._session.routes.ports.add(name, handler)
    comes(stage.agent, 1, name)


def comes(agent: Agent, route: int, name: str | None = "p") -> None:
    agent.says(frames.Routed(route, "runtime.onConnect", name, SENDER))


def posts(agent: Agent, *messages: Any, by_opener: bool = True, route: int = 1, first: int = 1) -> None:
    for number, message in enumerate(messages, first):
        agent.says(frames.RoutedMessage(route, number, by_opener), message)


def told(agent: Agent) -> list[Any]:
    """What the agent was told, shortly: its frame's type, and what that says."""
    return [
        (
            sent.frame["type"].removeprefix("route"),
            *(value for key, value in sent.frame.items() if key not in ("type", "route")),
            *([sent.payload] if sent.payload is not None else []),
        )
        for sent in agent.heard()
    ]


class Held:
    """A handler that keeps the route."""

    route: PortRoute
    receiver: RouteReceiver

    def __init__(self, *, connects: bool = True, then: Callable[["Held"], None] | None = None) -> None:
        self._connects = connects
        self._then = then

    def __call__(self, route: PortRoute) -> None:
        self.route = route
        if self._connects:
            self.receiver = route.connect_to_receiver()
        if self._then:
            self._then(self)


# --- which ports ----------------------------------------------------------------------------------------------------


async def test_what_no_route_fits_is_left(stage: Stage) -> None:
    routed(stage, Held(), name="other")
    stage.agent.heard()
    comes(stage.agent, 2, "p")
    comes(stage.agent, 3, None)
    assert told(stage.agent) == [("Leave",), ("Leave",)]
    posts(stage.agent, 1, route=2)
    assert told(stage.agent) == []


async def test_agents_know_names_and_ask_for_the_rest(stage: Stage) -> None:
    routes = stage.context._session.routes
    assert routes.routing == frames.Routing([])
    routes.ports.add("b", Held())
    routes.ports.add("a", Held())
    routes.ports.add("a", Held())
    assert routes.routing == frames.Routing(["a", "b"])
    routes.ports.add(re.compile("c"), Held())
    assert routes.routing == frames.Routing(["a", "b"], asks=True)
    await stage.context._routed.tell()
    assert told(stage.agent) == [("setRouting", 1, {"names": ["a", "b"], "asks": True})]


async def test_a_predicate_that_raises_fits_nothing(stage: Stage) -> None:
    stage.context._session.routes.ports.add(lambda name: 1 / 0, Held())
    comes(stage.agent, 1)
    assert told(stage.agent) == [("Leave",)]
    with pytest.raises(ZeroDivisionError):
        stage.context._session.deferred.raise_for(stage.context)


async def test_without_routes_nothing_is_routed() -> None:
    with pytest.raises(BridgeError, match="routes=True"):
        stand("background").context._session.routes.ports.add("p", Held())


# --- ports that lead outside ----------------------------------------------------------------------------------------

APPLICATION = frames.Routed(1, None, "p", None, frames.ScriptTarget(application="p"))
MISSING = "Specified native messaging host not found."


def leads_outside(stage: Stage, handler: Any) -> None:
    """Route ports of that name, and let a script open one to an application."""
    stage.context._session.routes.ports.add("p", handler)
    stage.agent.says(APPLICATION)


async def test_where_a_port_leads(stage: Stage) -> None:
    held = Held()
    leads_outside(stage, held)
    route = held.route
    assert (route.application, route.extension, route.target, route.external) == ("p", None, None, False)
    assert route.opened_by is stage.context
    assert route.sender == stage.context._sender
    stage.context._session.routes.ports.add("q", held)
    stage.agent.says(frames.Routed(2, None, "q", None, frames.ScriptTarget(extension="other")))
    assert (held.route.application, held.route.extension) == (None, "other")
    routed_here = Held()
    stage.context._session.routes.ports.add("r", routed_here)
    comes(stage.agent, 3, "r")
    assert (routed_here.route.application, routed_here.route.extension) == (None, None)


async def test_why_the_browser_closed_it_goes_on(stage: Stage) -> None:
    held = Held()
    leads_outside(stage, held)
    told(stage.agent)
    assert held.receiver.error is None
    stage.agent.says(frames.RoutedClose(1, False, frames.ScriptError(MISSING)))
    assert held.receiver.error.message == MISSING  # type: ignore[union-attr]
    assert told(stage.agent) == [("Close", True, MISSING)]


async def test_where_python_plays_nobody_outside_is_heard(stage: Stage) -> None:
    held = Held(connects=False)
    leads_outside(stage, held)
    posts(stage.agent, "hello", by_opener=False)
    stage.agent.says(frames.RoutedClose(1, False, frames.ScriptError(MISSING)))
    held.route.postMessage("from Python")
    assert told(stage.agent) == [("Post", True, "from Python")]
    held.route.connect_to_receiver()
    assert told(stage.agent) == [("Connect",), ("Free", True), ("Pass", 1, False), ("Close", True, MISSING)]


@pytest.mark.parametrize("by_python", [True, False])
@pytest.mark.parametrize("connects", [True, False])
async def test_what_was_never_connected_ends_with_the_opener(stage: Stage, connects: bool, by_python: bool) -> None:
    held = Held(connects=connects, then=lambda held: held.route.on_close(lambda: None))
    leads_outside(stage, held)
    told(stage.agent)
    if by_python:
        held.route.close()
    else:
        stage.agent.says(frames.RoutedClose(1, True))
    own = [("Close", True)] if by_python else []
    assert told(stage.agent) == own + ([] if connects else [("Close", False)])
    held.route.close()
    assert told(stage.agent) == []


# --- messages -------------------------------------------------------------------------------------------------------


async def test_a_direction_without_a_handler_is_free_when_the_handler_has_ended(stage: Stage) -> None:
    gate = asyncio.Event()

    async def handler(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        await gate.wait()
        receiver.on_message(lambda message: route.postMessage([message]))

    routed(stage, handler)
    await ticks()
    posts(stage.agent, "a", "b")
    posts(stage.agent, "x", by_opener=False)
    assert told(stage.agent) == [("Connect",)]
    gate.set()
    await ticks()
    assert told(stage.agent) == [
        ("Pass", 1, True),
        ("Pass", 2, True),
        ("Free", True),
        ("Take", 1, False),
        ("Post", True, ["x"]),
    ]
    posts(stage.agent, "under way", first=3)
    assert told(stage.agent) == []


async def test_a_direction_that_is_free_is_held_again(stage: Stage) -> None:
    held, heard = Held(), []
    routed(stage, held)
    assert told(stage.agent) == [("Connect",), ("Free", True), ("Free", False)]
    held.route.on_message(heard.append)
    assert told(stage.agent) == [("Hold", True)]
    posts(stage.agent, "went on without Python")
    stage.agent.says(frames.RouteHeld(1, True))
    posts(stage.agent, "held", first=2)
    assert heard == ["held"]
    assert told(stage.agent) == [("Take", 2, True)]


async def test_before_the_receiver_has_the_port_nothing_is_passed_on(stage: Stage) -> None:
    held = Held(connects=False)
    routed(stage, held)
    posts(stage.agent, "a")
    assert told(stage.agent) == []
    held.route.connect_to_receiver()
    assert held.route.connect_to_receiver() is held.route.connect_to_receiver()
    assert told(stage.agent) == [("Connect",), ("Pass", 1, True), ("Free", True), ("Free", False)]


async def test_what_the_agent_cannot_show_is_passed_on(stage: Stage) -> None:
    routed(stage, Held(then=lambda held: held.route.on_message(pytest.fail)))
    stage.agent.says(frames.RoutedMessage(1, 1, True, unreadable=True))
    assert ("Pass", 1, True) in told(stage.agent)


async def test_the_second_message_waits_for_the_first_ones_handler(stage: Stage) -> None:
    gate, begun = asyncio.Event(), []

    async def on_message(message: int) -> None:
        begun.append(message)
        await gate.wait()

    routed(stage, Held(then=lambda held: held.route.on_message(on_message)))
    posts(stage.agent, 1, 2)
    stage.agent.says(frames.RoutedClose(1, True))
    await ticks()
    assert begun == [1]
    gate.set()
    await ticks()
    assert begun == [1, 2]
    assert told(stage.agent)[-1] == ("Close", False)


async def test_handlers_that_raise(stage: Stage) -> None:
    def broken(route: PortRoute) -> None:
        route.connect_to_receiver()
        raise LookupError("in the handler")

    routed(stage, broken)
    assert told(stage.agent) == [("Connect",), ("Leave",)]
    with pytest.raises(LookupError):
        stage.context._session.deferred.raise_for(stage.context)
    stage.context._session.routes.ports.add(
        "q", Held(then=lambda held: held.route.on_message(lambda message: 1 / message))
    )
    comes(stage.agent, 2, "q")
    posts(stage.agent, 0, 1, route=2)
    assert told(stage.agent)[-2:] == [("Take", 1, True), ("Take", 2, True)]
    with pytest.raises(ZeroDivisionError):
        stage.context._session.deferred.raise_for(stage.context)


# --- ends -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_opener", [True, False])
async def test_an_end_that_closes_closes_the_other(stage: Stage, by_opener: bool) -> None:
    held = Held()
    routed(stage, held)
    told(stage.agent)
    stage.agent.says(frames.RoutedClose(1, by_opener))
    assert told(stage.agent) == [("Close", not by_opener)]
    assert held.route.closed and held.receiver.closed
    held.route.postMessage("crosses the end")
    held.receiver.postMessage("crosses the end")
    stage.agent.says(frames.RoutedClose(1, not by_opener))
    assert told(stage.agent) == []


async def test_what_python_has_closed_it_cannot_post_on(stage: Stage) -> None:
    held = Held()
    routed(stage, held)
    told(stage.agent)
    for end, to_opener in ((held.route, True), (held.receiver, False)):
        end.close()
        end.close()
        assert told(stage.agent) == [("Close", to_opener)]
        with pytest.raises(PortDisconnectedError, match="Python has closed this end"):
            end.postMessage(1)


async def test_scripts_where_the_agent_stands_hear_why_an_end_is_closed(stage: Stage) -> None:
    here, outside = Held(), Held()
    routed(stage, here)
    with pytest.raises(UnsupportedError, match="The browser tells the opener of <PortRoute 'p' to .* gives no error"):
        here.route.close("why")
    told(stage.agent)
    here.receiver.close("why")
    assert told(stage.agent) == [("Close", False, "why")]
    stage.context._session.routes.ports.add("q", outside)
    stage.agent.says(frames.Routed(2, None, "q", None, frames.ScriptTarget(application="q")))
    with pytest.raises(UnsupportedError, match="The browser tells the receiver of"):
        outside.receiver.close("why")
    told(stage.agent)
    outside.route.close("why")
    assert told(stage.agent) == [("Close", True, "why")]


async def test_a_handler_of_the_end_takes_its_place(stage: Stage) -> None:
    closed: list[str] = []
    held = Held(
        then=lambda held: (
            held.route.on_close(lambda: closed.append("opener")),
            held.receiver.on_close(lambda: closed.append("receiver")),
        )  # type: ignore[func-returns-value, arg-type, return-value]
    )
    routed(stage, held)
    told(stage.agent)
    stage.agent.says(frames.RoutedClose(1, True))
    stage.agent.says(frames.RoutedClose(1, False))
    assert closed == ["opener", "receiver"]
    assert told(stage.agent) == []


async def test_the_receivers_context_ends(stage: Stage) -> None:
    held = Held()
    routed(stage, held)
    stage.agent.link.close()
    assert held.route.closed and held.receiver.closed
    held.route.postMessage("lost")
    held.route.close()
    held.route.connect_to_receiver()


async def test_forgotten_routes_let_everything_go(stage: Stage) -> None:
    held = Held()
    routed(stage, held)
    told(stage.agent)
    stage.contexts.forget()
    assert told(stage.agent) == [("Leave",)]
    assert stage.context._session.routes.routing == frames.Routing([])
    held.route.on_message(pytest.fail)
    posts(stage.agent, 1)
    assert told(stage.agent) == []


@pytest.mark.parametrize("method", ["on_message", "on_close"])
async def test_handlers_are_functions(stage: Stage, method: str) -> None:
    held = Held()
    routed(stage, held)
    for end in (held.route, held.receiver):
        with pytest.raises(TypeError, match=rf"{method}\(\) takes a function, not int"):
            getattr(end, method)(5)


# --- faults ---------------------------------------------------------------------------------------------------------


async def all_told(stage: Stage) -> list[Any]:
    """What the agent is told until all faults of its ports have ended."""
    before: list[Any] = []
    while more := [task for port in stage.context._routed._ports.values() for task in port._work]:
        await asyncio.wait(more)
        before += told(stage.agent)
    return before + told(stage.agent)


async def disturbed(stage: Stage, handler: Faults, count: int = 8, *, name: str = "p") -> list[Any]:
    """What the agent is told of the messages of an opener, whose port has such faults."""
    routed(stage, handler, name=name)
    posts(stage.agent, *range(1, count + 1))
    said = await all_told(stage)
    stage.context._routed.leave()
    told(stage.agent)
    return [one for one in said if one[0] != "Connect"]


async def test_without_faults_all_goes_on(stage: Stage) -> None:
    assert await disturbed(stage, faults(), 3) == [("Pass", 1, True), ("Pass", 2, True), ("Pass", 3, True)]


async def test_messages_are_lost_doubled_and_changed(stage: Stage) -> None:
    assert await disturbed(stage, faults(drop=1), 2) == [("Take", 1, True), ("Take", 2, True)]
    assert await disturbed(stage, faults(double=1), 1) == [("Pass", 1, True), ("Post", False, 1)]
    changed = faults(change=lambda message: -message, double=1)
    assert await disturbed(stage, changed, 1) == [("Take", 1, True), ("Post", False, -1), ("Post", False, -1)]


async def test_a_change_that_raises_loses_its_message(stage: Stage) -> None:
    said = await disturbed(stage, faults(change=lambda message: 1 / (message - 1)), 2)
    assert said == [("Take", 1, True), ("Take", 2, True), ("Post", False, 1.0)]
    with pytest.raises(ZeroDivisionError):
        stage.context._session.deferred.raise_for(stage.context)


async def test_the_same_seed_gives_the_same_faults(stage: Stage) -> None:
    def same(seed: int) -> Faults:
        return faults(drop=0.3, double=0.3, delay=(0, 3), seed=seed)

    first, second = await disturbed(stage, same(7), 40), await disturbed(stage, same(7), 40)
    assert first == second
    assert {one[0] for one in first} == {"Pass", "Take", "Post"}
    assert first != await disturbed(stage, same(8), 40)
    handler = same(7)
    assert await disturbed(stage, handler, 40) == first
    assert await disturbed(stage, handler, 40) != first  # the second port of that name


@pytest.mark.parametrize("reorder", [False, True])
async def test_the_order_is_kept_unless_it_is_not(stage: Stage, reorder: bool) -> None:
    said = await disturbed(stage, faults(delay=(0, 20), reorder=reorder), 20)
    assert len(said) == 20
    assert (said == sorted(said)) is not reorder


async def test_the_end_comes_last(stage: Stage) -> None:
    routed(stage, faults(delay=(0, 20), reorder=True))
    posts(stage.agent, *range(10))
    stage.agent.says(frames.RoutedClose(1, True))
    assert (await all_told(stage))[-1] == ("Close", False)


async def test_it_is_cut_after_so_many(stage: Stage) -> None:
    said = await disturbed(stage, faults(close_after=2), 3)
    assert said[:4] == [("Pass", 1, True), ("Pass", 2, True), ("Close", True), ("Close", False)]


async def test_it_is_cut_at_a_moment(stage: Stage) -> None:
    assert await disturbed(stage, faults(close_in=(1, 5)), 1) == [("Pass", 1, True), ("Close", True), ("Close", False)]


async def test_a_connection_is_refused(stage: Stage) -> None:
    routed(stage, faults(refuse=1))
    assert told(stage.agent) == [("Close", True)]


async def test_messages_are_held_until_they_are_released(stage: Stage) -> None:
    handler = faults(hold=True)
    routed(stage, handler)
    posts(stage.agent, 1, 2)
    await ticks()
    assert told(stage.agent) == [("Connect",)]
    handler.release()
    assert await all_told(stage) == [("Pass", 1, True), ("Pass", 2, True)]
    handler.hold()
    posts(stage.agent, 3, first=3)
    await ticks()
    assert told(stage.agent) == []
    stage.context._routed.leave()
    assert await all_told(stage) == [("Leave",)]  # the agent has it still, and passes it on


async def test_the_background_is_stopped_before_the_message_arrives(stage: Stage) -> None:
    order: list[Any] = []

    async def stop() -> None:
        await ticks()
        order.extend(told(stage.agent))
        stage.agent.link.close()
        order.append("stopped")

    stage.context._session.stop_background = stop
    routed(stage, faults(stop_background=1))
    posts(stage.agent, 1, 2)
    await all_told(stage)
    assert order[:2] == [("Connect",), "stopped"]


async def test_what_is_no_fault() -> None:
    with pytest.raises(ValueError, match=r"drop=2 is no probability"):
        faults(drop=2)
    for wrong in (-1, (5, 1), (-1, 2)):
        with pytest.raises(ValueError, match=r"delay=.* give a number of milliseconds, or the least and the most"):
            faults(delay=wrong)
    with pytest.raises(ValueError, match="close_after=0 is too small"):
        faults(close_after=0)


async def test_chance_is_pythons_own(stage: Stage) -> None:
    """A test that seeds the module's generator goes on as if nothing had been drawn."""
    random.seed(1)
    expected = random.random()
    random.seed(1)
    await disturbed(stage, faults(drop=0.5), 4)
    assert random.random() == expected
