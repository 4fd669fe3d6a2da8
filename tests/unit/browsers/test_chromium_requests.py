"""For which of an extension's calls a prompt of Chromium's is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bridge.browsers import chromium_requests
from bridge.browsers.chromium_requests import ChromiumRequests
from bridge.driver import Loaded

WARNINGS = {"bookmarks": "Read your bookmarks", "history": "Read your history"}


class Documents:
    """Chromium's page of extensions, and those of extensions.

    Attributes:
        logged: What each look at the log of calls brings.
        open: The pages of extensions that are open.
        listens: Set while somebody listens to the log.
        hangs: Whether listening takes for ever.
    """

    def __init__(self, *logged: list[str]) -> None:
        self.logged = list(logged)
        self.open = 0
        self.listens = False
        self.hangs = False

    @asynccontextmanager
    async def of_extensions_page(self) -> AsyncIterator[str]:
        self.open += 1
        try:
            yield "extensions"
        finally:
            self.open -= 1
            self.listens = False

    @asynccontextmanager
    async def of_extension(self, loaded: Loaded) -> AsyncIterator[str]:
        yield loaded.id

    async def evaluate(self, document: str, expression: str) -> Any:
        if expression == chromium_requests._LISTEN:
            if self.hangs:
                await asyncio.Event().wait()
            self.listens = True
            return None
        if expression == chromium_requests._CALLS:
            names = self.logged.pop(0) if self.logged else []
            return json.dumps([{"extensionId": "x", "args": json.dumps([{"permissions": [it]}])} for it in names])
        (requested,) = json.loads(expression.rpartition(")(")[2][:-1])
        return [WARNINGS[name] for name in requested["permissions"] if name in WARNINGS]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium_requests, "_LATE_S", 0)


async def decided(documents: Documents, *prompts: str) -> list[tuple[str, list[str], list[str]]]:
    """What is requested by the prompts with these words."""
    heard = []

    async def decide(id: str, permissions: list[str], origins: list[str]) -> bool:
        heard.append((id, permissions, origins))
        return True

    requests = ChromiumRequests(cast(Any, documents))
    await requests.begin(decide)
    for words in prompts:
        assert await requests.decide((words,))
    await requests.end()
    assert not documents.open
    return heard


async def test_a_call_without_a_prompt_is_none_of_those_with_one() -> None:
    documents = Documents(["held", "bookmarks"], ["history"])
    heard = await decided(documents, "Read your history", "Read your bookmarks")
    assert heard == [("x", ["history"], []), ("x", ["bookmarks"], [])]


async def test_a_prompt_may_be_there_before_its_call_is_logged() -> None:
    assert await decided(Documents(["held"], ["bookmarks"]), "Read your bookmarks") == [("x", ["bookmarks"], [])]
    assert await decided(Documents([], ["bookmarks"]), "Read your bookmarks") == [("x", ["bookmarks"], [])]


async def test_other_words_are_those_of_the_latest_call() -> None:
    assert await decided(Documents(["held", "bookmarks"]), "In other words") == [("x", ["bookmarks"], [])]


async def test_a_call_before_the_listening_is_nobodys() -> None:
    assert await decided(Documents(), "Read your bookmarks") == [("", [], [])]


async def test_a_beginning_that_is_cancelled_is_none() -> None:
    documents = Documents(["bookmarks"])
    documents.hangs = True
    requests = ChromiumRequests(cast(Any, documents))

    async def decide(id: str, permissions: list[str], origins: list[str]) -> bool:
        return permissions == ["bookmarks"]

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(requests.begin(decide), 0.01)
    assert not documents.open
    documents.hangs = False
    await requests.begin(decide)
    assert documents.listens and documents.open == 1
    assert await requests.decide(("Read your bookmarks",))
