"""Messages of routed ports that wait until somebody says what becomes of each."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from unit.core.fakes import Stage, stand, ticks
from unit.core.test_port_route import comes, posts, told

from bridge.core.holding import HeldMessage, Holding
from bridge.errors import BridgeError
from bridge.protocol import frames


class Held:
    """A context with one held port, and what its agent is told."""

    def __init__(self) -> None:
        self.stage: Stage = stand("background", "worker.js")
        self.agent = self.stage.agent
        self.routes = self.stage.context._session.routes
        self.routes.enabled = True
        self.changes = 0
        self.holding = Holding(self.changed)
        self.routes.ports.add("p", self.holding.take)
        comes(self.agent, 1)
        self.agent.heard()

    def changed(self) -> None:
        self.changes += 1

    def told(self) -> list[Any]:
        return told(self.agent)

    @property
    def waiting(self) -> list[Any]:
        return [held.said.message for held in self.holding.messages]

    def the(self, message: Any) -> HeldMessage:
        return next(held for held in self.holding.messages if held.said.message == message)

    def closes(self, *, by_opener: bool) -> None:
        self.agent.says(frames.RoutedClose(1, by_opener))


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    held = Held()
    yield held
    held.stage.context._routed.leave()
    await ticks()


async def test_messages_of_both_ends_wait(held: Held) -> None:
    posts(held.agent, 1, 2)
    posts(held.agent, 3, by_opener=False)
    assert held.waiting == [1, 2, 3] and held.holding.ports == 1
    assert [message.direction.name for message in held.holding.messages] == ["opener", "opener", "receiver"]
    assert held.told() == []


async def test_each_goes_on_as_is_said(held: Held) -> None:
    posts(held.agent, "a", "b", "c")
    posts(held.agent, "x", "y", by_opener=False)
    held.the("b").let_go()
    held.the("x").let_go()
    held.the("a").change([1])
    held.the("y").change("z")
    held.the("c").drop()
    assert held.told() == [
        ("Pass", 2, True),
        ("Pass", 1, False),
        ("Take", 1, True),
        ("Post", False, [1]),
        ("Take", 2, False),
        ("Post", True, "z"),
        ("Take", 3, True),
    ]
    assert held.waiting == []


async def test_what_cannot_be_sent_changes_nothing(held: Held) -> None:
    posts(held.agent, "a")
    with pytest.raises(TypeError):
        held.the("a").change(object())
    assert held.waiting == ["a"] and held.told() == []


async def test_a_message_goes_on_once(held: Held) -> None:
    posts(held.agent, "a")
    message = held.the("a")
    message.drop()
    held.told()
    for again in (message.let_go, message.drop, lambda: message.change(1)):
        with pytest.raises(BridgeError, match="waits no longer"):
            again()
    assert held.told() == []


async def test_the_end_waits_for_the_messages_before_it(held: Held) -> None:
    posts(held.agent, "a", "b")
    posts(held.agent, "x", by_opener=False)
    held.closes(by_opener=True)
    assert held.waiting == ["a", "b", "x"] and held.told() == []
    held.the("a").let_go()
    assert held.told() == [("Pass", 1, True)]
    held.the("b").drop()
    assert held.told() == [("Take", 2, True), ("Close", False)]
    assert held.waiting == [] and held.holding.ports == 0  # what the receiver has said has nowhere to go
    posts(held.agent, "late", by_opener=False, first=2)
    assert held.waiting == []


async def test_all_go_and_what_follows_waits(held: Held) -> None:
    posts(held.agent, "a", "b")
    held.holding.let_all_go()
    assert held.told() == [("Pass", 1, True), ("Pass", 2, True)]
    posts(held.agent, "c", first=3)
    assert held.waiting == ["c"]


async def test_nothing_waits_after_the_stop_and_again_when_it_is_taken_again(held: Held) -> None:
    posts(held.agent, "a")
    held.holding.stop()
    assert held.told() == [("Pass", 1, True), ("Free", True), ("Free", False)]
    assert held.waiting == [] and held.holding.ports == 0
    [route] = held.stage.context._routed.passing("p")
    assert held.stage.context._routed.passing("q") == []
    held.holding.take(route)
    assert held.told() == [("Hold", True), ("Hold", False)]
    await ticks()  # in which the former hold of the port ends
    for by_opener in (True, False):
        held.agent.says(frames.RouteHeld(1, by_opener))
    posts(held.agent, "b", first=2)
    assert held.waiting == ["b"] and held.holding.ports == 1
    assert held.stage.context._routed.passing("p") == []


async def test_nothing_waits_for_a_context_that_is_gone(held: Held) -> None:
    posts(held.agent, "a")
    before = held.changes
    held.stage.context._routed.context_closed()
    await ticks()
    assert held.waiting == [] and held.holding.ports == 0 and held.changes > before


async def test_nothing_waits_once_all_routes_are_taken_back(held: Held) -> None:
    posts(held.agent, "a")
    held.stage.context._routed.leave()
    await ticks()
    assert held.waiting == [] and held.holding.ports == 0
    assert held.told() == [("Leave",)]
