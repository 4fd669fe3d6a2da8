"""The search for the Playwright frame of a context: which frames are asked, when again, and how it ends."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from unit.core.fakes import Agent, session, ticks

from bridge.core.context import Context
from bridge.core.contexts import Contexts
from bridge.core.frames_of import FramesOf
from bridge.errors import BridgeTimeoutError, ContextError
from bridge.protocol import frames

EXTENSION: Any = SimpleNamespace(search_event="search")


class Emitter:
    """What Playwright's objects have in common."""

    def __init__(self) -> None:
        self.listeners: list[tuple[str, Callable[[Any], None]]] = []

    def on(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners.append((event, listener))

    def remove_listener(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners.remove((event, listener))

    def emit(self, event: str, given: Any) -> None:
        for name, listener in list(self.listeners):
            if name == event:
                listener(given)


class Page(Emitter):
    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []

    def is_closed(self) -> bool:
        return False


class Frame:
    """A frame of Playwright's; `agent` hears the search. It may be one that never answers."""

    url = "https://a.org/"

    def __init__(self, page: Page, agent: Agent | None = None, *, silent: bool = False) -> None:
        self.page = page
        self.agent = agent
        self.silent = silent
        self.asked = 0
        page.frames.append(self)

    def is_detached(self) -> bool:
        return False

    def locator(self, selector: str) -> Any:
        async def count() -> int:
            self.asked += 1
            if self.silent:
                await asyncio.get_running_loop().create_future()
            if self.agent is None:
                return 0
            self.agent.says(frames.Found(selector.rpartition("/")[2]))
            return 1

        return SimpleNamespace(count=count)


class Browser(Emitter):
    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Page] = []


@pytest.fixture
async def contexts() -> Contexts:
    return Contexts(session(), frozenset())


@pytest.fixture
def browser() -> Browser:
    return Browser()


def frames_of(contexts: Contexts, browser: Browser) -> FramesOf:
    return FramesOf(contexts, EXTENSION, browser)


def begin(contexts: Contexts, number: int = 1, kind: str = "page", view: str = "tab", tab: int = 7) -> Any:
    agent = Agent(contexts, number, {"tab": {"id": tab}, "frameId": 0} if tab else {})
    agent.hello(kind, f"number {number}", view)
    return agent, contexts.alive[-1]


async def test_the_frame_that_answers(contexts: Contexts, browser: Browser) -> None:
    other, _ = begin(contexts, 1, "content")
    agent, context = begin(contexts, 2)
    browser.pages = [Page(), Page()]
    Frame(browser.pages[0], other)
    Frame(browser.pages[0], silent=True)
    Frame(browser.pages[1])
    right = Frame(browser.pages[1], agent)
    assert await frames_of(contexts, browser).find(context, 0) is right
    assert await frames_of(contexts, browser).find(context, 0) is right
    assert right.asked == 1  # it stays the same
    assert not [listener for emitter in (browser, *browser.pages) for listener in emitter.listeners]


async def test_a_page_that_playwright_lists_later(contexts: Contexts, browser: Browser) -> None:
    agent, context = begin(contexts)
    searching = asyncio.ensure_future(frames_of(contexts, browser).find(context, 0))
    await ticks()
    page = Page()
    frame = Frame(page)
    browser.emit("page", page)
    await ticks()
    assert frame.asked == 1 and not searching.done()
    frame.agent, _ = begin(contexts, 2)
    page.emit("framenavigated", frame)
    await ticks()
    assert frame.asked == 2 and not searching.done()  # that was another one
    frame.agent = agent
    page.emit("framenavigated", frame)
    assert await searching is frame


@pytest.mark.parametrize(
    ("kind", "view", "tab"),
    [("background", "", 0), ("external", "", 0), ("page", "popup", 0), ("page", "options", 7), ("page", "frame", 0)],
)
async def test_what_playwright_has_none_for(
    contexts: Contexts, browser: Browser, kind: str, view: str, tab: int
) -> None:
    _, context = begin(contexts, kind=kind, view=view, tab=tab)
    assert await frames_of(contexts, browser).find(context, 0) is None


async def test_a_content_script_that_document_open_made_deaf(contexts: Contexts, browser: Browser) -> None:
    agent, context = begin(contexts, kind="content")
    browser.pages = [Page()]
    frame = Frame(browser.pages[0])
    searching = asyncio.ensure_future(frames_of(contexts, browser).find(context, 0))
    await ticks()
    assert agent.heard()[-1].frame["type"] == "beFindable" and not searching.done()
    frame.agent = agent
    agent.says(frames.Findable())
    assert await searching is frame


async def test_a_search_that_nobody_answers(contexts: Contexts, browser: Browser) -> None:
    _, context = begin(contexts)
    browser.pages = [Page()]
    Frame(browser.pages[0], silent=True)
    with pytest.raises(BridgeTimeoutError, match="No frame of Playwright's answered for page number 1. In Firefox"):
        await frames_of(contexts, browser).find(context, 1)
    assert not browser.listeners and not browser.pages[0].listeners


async def test_a_context_that_ends_meanwhile_or_has_ended(contexts: Contexts, browser: Browser) -> None:
    agent, context = begin(contexts)
    searching = asyncio.ensure_future(frames_of(contexts, browser).find(context, 0))
    await ticks()
    agent.link.close()
    with pytest.raises(ContextError, match="page number 1 ended while"):
        await searching
    with pytest.raises(ContextError, match="page number 1"):
        await frames_of(contexts, browser).find(context, 0)


async def test_whether_a_context_is_in_a_page(contexts: Contexts, browser: Browser) -> None:
    here: tuple[Agent, Context] = begin(contexts, 1, "content")
    _, framed = begin(contexts, 2, "page", "frame")
    _, elsewhere = begin(contexts, 3, tab=8)
    _, popup = begin(contexts, 4, view="popup", tab=0)
    page = Page()
    frame = Frame(page, here[0])
    search = frames_of(contexts, browser)
    assert [await search.is_in(context, page) for context in (here[1], framed, elsewhere, popup)] == [
        True,
        True,
        False,
        False,
    ]
    assert frame.asked == 1  # a page stays in its tab
