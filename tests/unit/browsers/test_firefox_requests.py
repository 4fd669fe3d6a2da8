"""How the bridge hears what Firefox would ask its user, and that no request is lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.browsers import firefox_requests
from bridge.browsers.firefox_requests import FirefoxRequests
from bridge.errors import ContextError, RemoteError

TABS = [0, "x", ["tabs"], []]


class Firefox:
    """Its parent process.

    Attributes:
        asked: What it would ask its user.
        answers: What it heard, by the number of the request.
        fails: What it throws at the next looks.
        looking: Set when somebody looks.
        going_on: What a look waits for, after it has taken what is asked.
    """

    def __init__(self) -> None:
        self.asked: list[list[Any]] = []
        self.answers: dict[int, bool] = {}
        self.answered = asyncio.Event()
        self.fails: list[Exception] = []
        self.looking = asyncio.Event()
        self.going_on = asyncio.Event()
        self.going_on.set()

    async def evaluate(self, expression: str, extension_id: str) -> Any:
        if expression == firefox_requests._ASKED:
            taken, self.asked = self.asked, []
            self.looking.set()
            await self.going_on.wait()
            if self.fails:
                self.asked = taken
                raise self.fails.pop()
            return json.dumps(taken)
        if "answers.get" in expression:
            number, _, answer = expression.partition("answers.get(")[2].partition(")(")
            self.answers[int(number)] = answer.startswith("true")
            self.answered.set()
        return True


@pytest.fixture
async def firefox() -> Firefox:
    return Firefox()


@pytest.fixture
async def requests(firefox: Firefox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FirefoxRequests]:
    monkeypatch.setattr(firefox_requests, "_LOOK_S", 0)
    requests = FirefoxRequests(firefox.evaluate)
    yield requests
    requests.stop()


async def allow(id: str, permissions: list[str], origins: list[str]) -> bool:
    return True


async def answered(firefox: Firefox) -> dict[int, bool]:
    await asyncio.wait_for(firefox.answered.wait(), 10)
    return firefox.answers


async def test_a_request_is_decided(firefox: Firefox, requests: FirefoxRequests) -> None:
    await requests.hear(allow)
    firefox.asked.append(TABS)
    assert await answered(firefox) == {0: True}


async def test_a_request_that_was_on_its_way_when_the_hearing_ended(
    firefox: Firefox, requests: FirefoxRequests
) -> None:
    firefox.going_on.clear()
    firefox.asked.append(TABS)
    await requests.hear(allow)
    await firefox.looking.wait()  # it has been taken out of Firefox's list
    ending = asyncio.ensure_future(requests.hear(None))
    await asyncio.sleep(0)
    firefox.going_on.set()
    await ending
    assert await answered(firefox) == {0: True}


async def test_a_look_that_fails_is_not_the_last(firefox: Firefox, requests: FirefoxRequests) -> None:
    firefox.fails = [RemoteError("noSuchActor")]
    firefox.asked.append(TABS)
    await requests.hear(allow)
    assert await answered(firefox) == {0: True}


async def test_nobody_looks_after_the_end(firefox: Firefox, requests: FirefoxRequests) -> None:
    firefox.fails = [ContextError("Firefox is gone")]
    await requests.hear(allow)
    assert requests._watching
    await asyncio.wait_for(requests._watching, 10)
    await requests.hear(allow)  # as after a reconnection
    firefox.asked.append(TABS)
    assert await answered(firefox) == {0: True}
