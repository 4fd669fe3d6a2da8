"""The waits for a context: which one is meant, and what an error says."""

import asyncio
import re
from typing import Any

import pytest
from unit.core.fakes import Agent, session, ticks

from bridge.core.context import Context
from bridge.core.contexts import Contexts
from bridge.core.sought import Sought, expect, wait_for
from bridge.errors import BridgeError, BridgeTimeoutError, UnsupportedError
from bridge.waiting.event import invoke_here

POPUP = "chrome-extension://x/popup.html"


@pytest.fixture
async def contexts() -> Contexts:
    return Contexts(session(), frozenset())


def sought(browser_name: str = "chromium", **more: Any) -> Sought:
    default = dict.fromkeys(("kind", "url", "fits_url", "tab", "is_in", "predicate"))
    return Sought(browser_name, invoke_here, **{**default, **more})


def begin(contexts: Contexts, number: int, kind: str, url: str = "", view: str = "tab", **sender: Any) -> Context:
    Agent(contexts, number, sender).hello(kind, url, view)
    return next(context for context in contexts.alive if context.url == url and context.kind == kind)


@pytest.mark.parametrize(
    ("wanted", "which"),
    [
        ({}, 0),
        ({"kind": "page"}, 1),
        ({"kind": "popup"}, 2),
        ({"tab": 7}, 1),
        ({"tab": 7, "kind": "content"}, 3),
        ({"fits_url": lambda url: url == POPUP}, 2),
        ({"kind": "page", "predicate": lambda context: context.view == "popup"}, 2),
    ],
)
async def test_one_that_is_alive_or_the_next(contexts: Contexts, wanted: dict[str, Any], which: int) -> None:
    next_one = asyncio.ensure_future(wait_for(contexts, sought(**wanted), 0))
    await ticks()
    all_of_them = [
        begin(contexts, 1, "background", "b.js"),
        begin(contexts, 2, "page", "chrome-extension://x/tab.html", tab={"id": 7}),
        begin(contexts, 3, "page", POPUP, "popup"),
        begin(contexts, 4, "content", "https://a.org/", tab={"id": 7}),
    ]
    assert await next_one is all_of_them[which]
    assert await wait_for(contexts, sought(**wanted), 0) is all_of_them[which]


async def test_expect_takes_none_that_is_alive(contexts: Contexts) -> None:
    first = begin(contexts, 1, "page", POPUP, "popup")
    async with expect(contexts, sought(kind="popup"), 0) as info:
        Agent(contexts, 2).hello("page", "other", "tab")
        Agent(contexts, 3).hello("page", "second", "popup")
        Agent(contexts, 4).hello("page", "third", "popup")
    second = await info.value
    assert second is not first and second.url == "second"


async def test_a_context_in_a_page_of_playwright_s(contexts: Contexts) -> None:
    asked: list[Context] = []

    async def is_in(context: Context) -> bool:
        asked.append(context)
        await asyncio.sleep(0)
        return context.url == "there"

    waiting = asyncio.ensure_future(wait_for(contexts, sought(kind="content", tab="a page", is_in=is_in), 0))
    await ticks()
    begin(contexts, 1, "background", "b.js")
    begin(contexts, 2, "content", "elsewhere")
    there = begin(contexts, 3, "content", "there")
    assert await waiting is there
    assert [context.url for context in asked] == ["elsewhere", "there"]


async def test_a_timeout_lists_what_is_alive(contexts: Contexts) -> None:
    begin(contexts, 1, "page", POPUP, "popup")
    begin(contexts, 2, "content", "https://a.org/", tab={"id": 7}, frameId=0)
    expected = re.escape(
        "Waited for a context (kind='options', url='**/o.html'). The contexts that are alive:"
        f"\n  popup {POPUP}\n  content https://a.org/ (tab 7, frame 0)"
    )
    never = sought(kind="options", url="**/o.html", fits_url=lambda url: False)
    with pytest.raises(BridgeTimeoutError, match=expected):
        await wait_for(contexts, never, 1)
    with pytest.raises(BridgeTimeoutError, match=expected):
        async with expect(contexts, never, 1):
            pass


async def test_a_timeout_when_none_is_alive(contexts: Contexts) -> None:
    with pytest.raises(BridgeTimeoutError, match="Waited for any context. The contexts that are alive: none"):
        await wait_for(contexts, sought(), 1)


async def test_the_end_of_the_browser_ends_the_waits(contexts: Contexts) -> None:
    waiting = asyncio.ensure_future(wait_for(contexts, sought(), 0))
    await ticks()
    contexts.end(BridgeError("the browser died"))
    with pytest.raises(BridgeError, match="the browser died"):
        await waiting
    with pytest.raises(BridgeError, match="the browser died"):
        await wait_for(contexts, sought(), 0)


async def test_predicates_that_raise_or_do_not_say(contexts: Contexts) -> None:
    begin(contexts, 1, "background", "b.js")

    async def later(context: Context) -> bool:
        return True

    with pytest.raises(ZeroDivisionError):
        await wait_for(contexts, sought(predicate=lambda context: 1 / 0), 0)
    with pytest.raises(TypeError, match="no coroutine function"):
        await wait_for(contexts, sought(predicate=later), 0)


async def test_kinds_that_there_are_not() -> None:
    with pytest.raises(ValueError, match="no context of kind 'pop-up', but of 'background', .*'popup'"):
        sought(kind="pop-up")
    with pytest.raises(UnsupportedError, match="its kind is 'side panel'"):
        sought("chromium", kind="sidebar")
    for kind in ("side panel", "offscreen", "web"):
        with pytest.raises(UnsupportedError, match="Firefox"):
            sought("firefox", kind=kind)
