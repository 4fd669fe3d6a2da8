"""How a frame is asked for its content script, and when the search is given up."""

import asyncio
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from unit.core.fakes import Agent, session, ticks

from bridge.core import frame_context
from bridge.core.contexts import Contexts
from bridge.core.frame_context import enter_web, find_content
from bridge.errors import BridgeTimeoutError, ContextError
from bridge.protocol import frames
from bridge.webext.manifest import Manifest

URL = "https://a.org/"


class Extension:
    search_event = "search"

    def __init__(self) -> None:
        self.manifest = Manifest({"host_permissions": [f"{URL}*"]})

    def runs_at(self, url: str) -> bool:
        return url.startswith(URL) or url in ("", "about:blank")

    def agent(self, kind: str, **more: Any) -> str:
        return ""


class Frame:
    """A frame of Playwright's and its page in one. `agent` hears the search, if there is one that `listens`."""

    def __init__(self, url: str = URL, parent: "Frame | None" = None) -> None:
        self.url = url
        self.document = url
        self.parent_frame = parent
        self.agent: Agent | None = None
        self.listens = True
        self.asked = 0
        self.connectable = True
        self.errors: list[str] = []
        self.listeners: list[tuple[str, Callable[[Any], None]]] = []

    @property
    def page(self) -> "Frame":
        return self

    def locator(self, selector: str) -> SimpleNamespace:
        return SimpleNamespace(count=partial(self.search, selector.rpartition("/")[2]))

    async def search(self, token: str) -> int:
        self.asked += 1
        if self.errors:
            raise RuntimeError(self.errors.pop(0))
        if self.agent is None or not self.listens:
            return 0
        self.agent.says(frames.Found(token))
        return 1

    async def evaluate(self, script: str) -> Any:
        if script == "document.documentURI":
            return self.document
        self.asked += 1
        if self.errors:
            raise RuntimeError(self.errors.pop(0))
        return self.connectable

    def is_detached(self) -> bool:
        return False

    def is_closed(self) -> bool:
        return False

    def on(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners.append((event, listener))

    def remove_listener(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners.remove((event, listener))

    def fire(self, event: str, given: Any) -> None:
        for name, listener in list(self.listeners):
            if name == event:
                listener(given)


@pytest.fixture
async def contexts() -> Contexts:
    return Contexts(session(), frozenset())


@pytest.fixture
def frame() -> Frame:
    return Frame()


class Browser:
    """Brings the agent into worlds that have none: a world is there once the frame has been looked at `after` times."""

    def __init__(self, contexts: Contexts, after: int = 1000) -> None:
        self.contexts = contexts
        self.after = after
        self.looked = 0

    async def bring(self, frame: Frame) -> bool:
        self.looked += 1
        if self.looked < self.after:
            return False
        if frame.agent is None:
            frame.agent = begins(self.contexts, frame)
        return True


def search(
    contexts: Contexts,
    frame: Any,
    timeout: float = 0,
    browser: Browser | None = None,
    extension: Extension | None = None,
) -> "asyncio.Future[Any]":
    bring = (browser or Browser(contexts)).bring
    return asyncio.ensure_future(find_content(contexts, extension or Extension(), frame, timeout, bring))


def begins(contexts: Contexts, frame: Frame, number: int = 1) -> Agent:
    agent = Agent(contexts, number)
    agent.hello("content", frame.url)
    agent.heard()
    return agent


async def test_the_agent_that_hears_is_the_frames(contexts: Contexts, frame: Frame) -> None:
    frame.agent = begins(contexts, frame)
    assert (await search(contexts, frame)).url == URL
    assert frame.asked == 1 and frame.listeners == []


async def test_an_agent_that_begins_while_the_frame_is_asked_is_not_missed(contexts: Contexts, frame: Frame) -> None:
    ask = frame.search

    async def begin_too_late(token: str) -> int:
        answer = await ask(token)
        if frame.agent is None:
            frame.agent = begins(contexts, frame)
        return answer

    frame.search = begin_too_late  # type: ignore[method-assign]
    assert (await asyncio.wait_for(search(contexts, frame), 10)).url == URL
    assert frame.asked == 2


async def test_a_document_whose_former_one_playwright_asked_is_asked_again(
    contexts: Contexts, frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Playwright is late: the agent has begun, but what answers is the document before."""
    monkeypatch.setattr(frame_context, "_ASK_AGAIN_S", 0.001)
    agent = begins(contexts, frame)
    ask = frame.search

    async def is_late(token: str) -> int:
        frame.agent = agent if frame.asked == 2 else None
        return await ask(token)

    frame.search = is_late  # type: ignore[method-assign]
    assert (await asyncio.wait_for(search(contexts, frame), 10)).url == URL
    assert frame.asked == 3


async def test_an_agent_that_lost_its_listener_gets_it_back(contexts: Contexts, frame: Frame) -> None:
    frame.agent = begins(contexts, frame)
    other = begins(contexts, Frame("https://b.org/"), 2)
    frame.listens = False
    searching = search(contexts, frame)
    await ticks()
    assert frame.agent.heard_types() == ["beFindable"] and other.heard_types() == []
    frame.listens = True
    frame.agent.says(frames.Findable())
    assert (await searching).url == URL


@pytest.mark.parametrize(
    ("event", "words"), [("framedetached", "removed"), ("close", "page was closed"), ("crash", "page crashed")]
)
async def test_the_end_of_the_frame_ends_the_search(contexts: Contexts, frame: Frame, event: str, words: str) -> None:
    searching = search(contexts, frame)
    await ticks()
    frame.fire("framedetached", Frame())  # another one
    assert not searching.done()
    frame.fire(event, frame)
    with pytest.raises(ContextError, match=f"no content script any more in {URL}: the .*{words}"):
        await searching
    assert frame.listeners == []


async def test_a_page_that_crashed_before(contexts: Contexts, frame: Frame) -> None:
    frame.errors = ["Target crashed"]
    with pytest.raises(ContextError, match="crashed"):
        await search(contexts, frame)


async def test_a_document_that_goes_while_it_is_asked(contexts: Contexts, frame: Frame) -> None:
    frame.agent = begins(contexts, frame)
    frame.errors = ["Frame.evaluate: Execution context was destroyed, most likely because of a navigation."] * 2
    assert (await asyncio.wait_for(search(contexts, frame), 10)).url == URL
    assert frame.asked == 3


async def test_a_document_that_cannot_be_asked_is_not_asked_again(contexts: Contexts, frame: Frame) -> None:
    frame.errors = ["CustomEvent is not a constructor"] * 2
    searching = search(contexts, frame)
    await ticks()
    assert frame.asked == 1 and not searching.done()
    begins(contexts, Frame("https://b.org/"))
    await ticks()
    assert frame.asked == 2 and not searching.done()
    frame.fire("close", frame)
    with pytest.raises(ContextError):
        await searching


# --- error pages ----------------------------------------------------------------------------------------------------

ERROR_PAGES = ("about:neterror?e=x", "about:certerror?e=x", "chrome-error://chromewebdata/")
WORDS = "error page of the browser's own in"


def entering(contexts: Contexts, frame: Any) -> "asyncio.Future[Any]":
    return asyncio.ensure_future(enter_web(contexts, Extension(), frame, 0))


@pytest.mark.parametrize("document", ERROR_PAGES)
async def test_an_error_page_that_only_the_document_tells(contexts: Contexts, document: str) -> None:
    frame = Frame("")
    frame.document = document
    with pytest.raises(ContextError, match=f"{WORDS} the frame"):
        await search(contexts, frame)


@pytest.mark.parametrize("start", [search, entering])
@pytest.mark.parametrize("url", ERROR_PAGES)
async def test_an_error_page_is_known_by_its_address(contexts: Contexts, start: Any, url: str) -> None:
    frame = Frame(url)
    with pytest.raises(ContextError, match=f"{WORDS} {url.split('?')[0]}"):
        await start(contexts, frame)
    assert frame.asked == 0


@pytest.mark.parametrize("start", [search, entering])
async def test_an_error_page_ends_the_wait(contexts: Contexts, frame: Frame, start: Any) -> None:
    searching = start(contexts, frame)
    await ticks()
    frame.fire("framenavigated", Frame(ERROR_PAGES[0]))  # another one
    frame.fire("framenavigated", frame)  # history.pushState(), say
    await ticks()
    assert not searching.done() and frame.asked == 1
    frame.url = ERROR_PAGES[0]
    frame.fire("framenavigated", frame)
    with pytest.raises(ContextError, match=WORDS):
        await searching
    assert frame.asked == 1 and frame.listeners == []


# --- web pages ------------------------------------------------------------------------------------------------------


async def test_a_web_page_that_goes_while_it_is_entered(contexts: Contexts, frame: Frame) -> None:
    frame.errors = ["Frame.evaluate: Execution context was destroyed, most likely because of a navigation."]
    searching = entering(contexts, frame)
    await ticks()
    assert frame.asked == 2 and not searching.done()
    frame.fire("close", frame)
    with pytest.raises(ContextError, match=f"There is no web page any more in {URL}: the page was closed"):
        await searching


@pytest.mark.parametrize(
    ("error", "words"),
    [(None, "has no chrome.runtime"), ("Target crashed", "is gone"), ("no", f"cannot stand in {URL}: no")],
)
async def test_a_web_page_that_cannot_be_entered(
    contexts: Contexts, frame: Frame, error: str | None, words: str
) -> None:
    frame.connectable = False
    frame.errors = [error] if error else []
    with pytest.raises(ContextError, match=words):
        await entering(contexts, frame)
    assert frame.listeners == []


# --- what is refused, and what a timeout says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        Frame("https://b.org/"),
        Frame("about:srcdoc", Frame("https://b.org/")),
        Frame("about:srcdoc", Frame("about:srcdoc", Frame("https://b.org/"))),
        Frame("blob:https://b.org/1-2"),
    ],
    ids=lambda frame: frame.url,
)
async def test_an_address_that_no_pattern_covers_is_refused_at_once(contexts: Contexts, frame: Frame) -> None:
    browser = Browser(contexts)
    with pytest.raises(ContextError, match=rf'runs no script in {frame.url}: .*for "{URL}\*"'):
        await search(contexts, frame, browser=browser)
    assert frame.asked == 1 and browser.looked == 0


async def test_a_script_that_runs_where_no_pattern_covers_the_address_is_found(contexts: Contexts) -> None:
    """A page may change its address."""
    frame = Frame("https://a.org/")
    frame.agent = begins(contexts, frame)
    frame.url = "https://b.org/"
    assert (await search(contexts, frame)).url == URL


@pytest.mark.parametrize(
    "manifest",
    [
        {"permissions": ["activeTab"]},
        {"optional_permissions": ["activeTab"]},
        {"optional_host_permissions": ["https://b.org/*"]},
        {"manifest_version": 2, "optional_permissions": ["https://b.org/page"]},
    ],
    ids=repr,
)
async def test_where_a_script_may_be_injected_the_agent_is_brought_when_it_was(
    contexts: Contexts, manifest: dict[str, Any]
) -> None:
    extension = Extension()
    extension.manifest = Manifest(manifest)
    frame, browser = Frame("https://b.org/"), Browser(contexts, after=3)
    assert (await search(contexts, frame, browser=browser, extension=extension)).url == frame.url
    assert browser.looked == 3


async def test_the_debugging_protocol_is_left_alone_where_an_agent_hears(contexts: Contexts, frame: Frame) -> None:
    browser = Browser(contexts)
    frame.agent = begins(contexts, frame)
    await search(contexts, frame, browser=browser)
    assert browser.looked == 0


async def test_an_agent_that_the_manifest_should_have_brought_is_brought_late(
    contexts: Contexts, frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was open before the extension was loaded, and the extension injects its script."""
    monkeypatch.setattr("bridge.core.frame_context._PATIENCE_S", 0)
    browser = Browser(contexts, after=2)
    assert (await search(contexts, frame, browser=browser)).url == URL
    assert browser.looked == 2


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        (Frame("about:blank"), r"in about:blank; call page.goto\(\) first\. If page.goto\(\) failed, "),
        (Frame("", Frame()), "in about:blank; the frame has loaded nothing"),
        (
            Frame(URL),
            rf"in {URL}; was it open before the extension was loaded.*\? If page.goto\(\) failed, the page shows",
        ),
    ],
    ids=["page", "frame", "address"],
)
async def test_a_timeout_says_what_may_be_wrong(contexts: Contexts, frame: Frame, hint: str) -> None:
    with pytest.raises(BridgeTimeoutError, match=hint):
        await search(contexts, frame, 1)
