"""Who has heard a routed one-time message: when the asker is told that nobody answers."""

import asyncio
from typing import Any

import pytest
from unit.core.fakes import ticks

from bridge.core.recipients import Recipient, Recipients


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
    other.answered()
    assert await scene.silent() == []


@pytest.mark.parametrize("first", [True, False])
async def test_one_answers(scene: Scene, first: bool) -> None:
    one, other = scene.heard("a"), scene.heard("b")
    if first:
        other.answered()
    one.silent()
    if not first:
        other.answered()
    assert await scene.silent() == []


async def test_one_answers_while_the_others_are_asked(scene: Scene) -> None:
    scene.caught_up.clear()
    scene.heard("a").silent()
    await ticks()
    scene.heard("b").answered()
    scene.caught_up.set()
    assert await scene.silent() == []


async def test_one_is_gone(scene: Scene) -> None:
    one, other = scene.heard("a"), scene.heard("b")
    one.silent()
    other.gone()
    assert await scene.silent() == ["a"]
    scene.heard("c").gone()
    assert await scene.silent() == []


async def test_messages_that_say_the_same(scene: Scene) -> None:
    """The first of one is the first of the other; others are another matter."""
    first, second = scene.heard("a"), scene.heard("a")
    scene.heard("a", "2"), scene.heard("a", tab=5)
    other_first, other_second = scene.heard("b"), scene.heard("b")
    second.silent(), other_first.answered(), other_second.silent()
    assert await scene.silent() == ["a", "b"]
    first.silent()
    assert await scene.silent() == []


async def test_nothing_is_kept(scene: Scene) -> None:
    ends = [Recipient.silent, Recipient.answered, Recipient.gone]
    for end in ends:
        one, other = scene.heard("a"), scene.heard("b")
        end(one), end(other)
        await ticks()
    assert scene.recipients._groups == {} and not scene.recipients._looking
