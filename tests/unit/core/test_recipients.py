"""Who has heard a routed one-time message: when the asker is told that nobody answers."""

import asyncio
from typing import Any

import pytest
from unit.core.fakes import ticks

from bridge.core.recipients import Recipient, Recipients
from bridge.errors import ChannelError


class Scene:
    """Some who hear a message."""

    def __init__(self) -> None:
        self.silences: list[str] = []
        self.caught_up = asyncio.Event()
        self.caught_up.set()
        self.recipients = Recipients(self._catch_up)

    def heard(self, by: str, message: str = "1", **sender: Any) -> Recipient:
        return self.recipients.heard(by, "runtime.onMessage", sender, message, lambda: self.silences.append(by))

    async def silent(self) -> list[str]:
        """Who has told the asker that nobody answers."""
        await ticks()
        silences, self.silences = self.silences, []
        return silences

    async def _catch_up(self) -> None:
        await self.caught_up.wait()


@pytest.fixture
async def scene() -> Scene:
    return Scene()


async def test_one_alone_is_silent(scene: Scene) -> None:
    scene.heard("a").silent()
    assert await scene.silent() == ["a"]


async def test_silence_waits_for_all_others(scene: Scene) -> None:
    one, other = scene.heard("a"), scene.heard("b")
    one.silent()
    assert await scene.silent() == []
    other.silent()
    assert await scene.silent() == ["a", "b"]


async def test_it_waits_for_those_who_have_not_said_yet_that_they_heard_it(scene: Scene) -> None:
    scene.caught_up.clear()
    scene.heard("a").silent()
    await ticks()
    other = scene.heard("b")
    scene.caught_up.set()
    assert await scene.silent() == []
    other.silent()
    assert await scene.silent() == ["a", "b"]


@pytest.mark.parametrize("first", [True, False])
async def test_it_comes_after_an_answer_of_somebody_else(scene: Scene, first: bool) -> None:
    """Which every agent has given when it says that it has caught up."""
    scene.caught_up.clear()
    one, other = scene.heard("a"), scene.heard("b")
    if first:
        other.ended()
    one.silent()
    if not first:
        other.ended()
    assert await scene.silent() == []
    scene.caught_up.set()
    assert await scene.silent() == ["a"]


async def test_who_is_gone_gives_none(scene: Scene) -> None:
    one, other = scene.heard("a"), scene.heard("b")
    one.silent()
    other.silent()
    one.ended()
    assert await scene.silent() == ["b"]


async def test_a_link_that_breaks_off_keeps_nobody_waiting() -> None:
    silences: list[str] = []

    async def broken() -> None:
        raise ChannelError("on purpose")

    Recipients(broken).heard("a", "runtime.onMessage", {}, "1", lambda: silences.append("a")).silent()
    await ticks()
    assert silences == ["a"]


async def test_messages_that_say_the_same(scene: Scene) -> None:
    """The first of one is the first of the other; others are another matter."""
    first, second = scene.heard("a"), scene.heard("a")
    scene.heard("a", "2"), scene.heard("a", tab=5)
    other_first, other_second = scene.heard("b"), scene.heard("b")
    second.silent(), other_first.ended(), other_second.silent()
    assert await scene.silent() == ["a", "b"]
    first.silent()
    assert await scene.silent() == ["a"]


async def test_nothing_is_kept(scene: Scene) -> None:
    ends = [Recipient.silent, Recipient.ended]
    for end in ends:
        one, other = scene.heard("a"), scene.heard("b")
        end(one), end(other)
        await ticks()
    assert scene.recipients._groups == {} and not scene.recipients._looking
