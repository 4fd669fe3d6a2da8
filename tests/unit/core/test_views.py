"""What a page of the extension is: what its agent says, or else the browser."""

import asyncio
from typing import Any

import pytest
from unit.core.fakes import Agent, session, ticks

from bridge.core.context import Context
from bridge.core.contexts import Contexts
from bridge.core.sought import Sought, wait_for
from bridge.errors import ChannelError
from bridge.protocol import frames
from bridge.waiting.event import invoke_here

ANY = Sought("chromium", invoke_here, kind=None, url=None, fits_url=None, tab=None, is_in=None, predicate=None)
TAB = {"tab": {"id": 7}, "frameId": 0}


def admitted(contexts: Contexts, kind: str, view: str | None = None, **sender: object) -> Context:
    agent = Agent(contexts, 1, sender)
    agent.hello(kind, "chrome-extension://x/p.html#part", view)
    (context,) = contexts.alive
    return context


async def seen(contexts: Contexts) -> list[Context]:
    """All contexts that begin from now on, as waits see them."""
    found: list[Context] = []
    contexts.begun.expect(found.append)
    return found


@pytest.mark.parametrize("kind", ["background", "content", "external", "web"])
async def test_other_contexts_are_of_their_kind(kind: str) -> None:
    contexts = Contexts(session(), frozenset())
    found = await seen(contexts)
    assert admitted(contexts, kind).view == kind and found == contexts.alive


@pytest.mark.parametrize("view", ["popup", "frame", "tab", "sidebar", "devtools panel"])
async def test_a_page_is_what_it_says(view: str) -> None:
    contexts = Contexts(session(), frozenset())
    found = await seen(contexts)
    context = admitted(contexts, "page", view)
    assert (context.kind, context.view, found) == ("page", view, [context])


@pytest.mark.parametrize(("frame_id", "view"), [(0, "tab"), (3, "frame")])
async def test_a_background_page_in_a_tab(frame_id: int, view: str) -> None:
    contexts = Contexts(session(), frozenset())
    assert admitted(contexts, "background", **{**TAB, "frameId": frame_id}).view == view


async def test_an_agent_that_says_what_there_is_not() -> None:
    agent = Agent(Contexts(session(), frozenset()))
    agent.hello("page", "", "balcony")
    assert isinstance(agent.link.closed, ChannelError) and "balcony" in str(agent.link.closed)


@pytest.mark.parametrize(
    ("panels", "view"),
    [
        ([{"documentUrl": "chrome-extension://x/p.html", "contextType": "SIDE_PANEL"}], "side panel"),
        ([{"documentUrl": "chrome-extension://x/other.html", "contextType": "POPUP"}, {}], "options"),
    ],
)
async def test_chromium_lists_side_panels(panels: list[Any], view: str) -> None:
    contexts = Contexts(session(), frozenset())
    found = await seen(contexts)
    agent = Agent(contexts, answering=False)
    agent.hello("page", "chrome-extension://x/p.html#part", None)
    await ticks()
    (context,) = contexts.alive
    waiting = asyncio.ensure_future(wait_for(contexts, ANY, 0))
    await ticks()
    assert context.view is None and found == [] and not waiting.done()
    question = agent.heard()[-1]
    assert (question.frame["function"], question.payload) == (
        "runtime.getContexts",
        [{"contextTypes": ["POPUP", "SIDE_PANEL"]}],
    )
    agent.says(frames.Result(question.frame["id"]), panels)
    await ticks()
    assert context.view == view and found == [context] and await waiting is context


async def test_a_chromium_that_does_not_list_them() -> None:
    contexts = Contexts(session(), frozenset())
    found = await seen(contexts)
    agent = Agent(contexts, answering=False)
    agent.hello("page", "", None)
    await ticks()
    agent.says(frames.Result(agent.heard()[-1].frame["id"], frames.ScriptError("runtime.getContexts does not exist")))
    await ticks()
    assert [context.view for context in found] == ["page"]


async def test_a_page_that_goes_before_the_browser_has_said_it() -> None:
    contexts = Contexts(session(), frozenset())
    found = await seen(contexts)
    agent = Agent(contexts, answering=False)
    agent.hello("page", "", None)
    await ticks()
    agent.link.close()
    await ticks()
    assert found == []


@pytest.mark.parametrize("embedded", [True, False])
async def test_firefox_says_whether_options_are_embedded(embedded: bool) -> None:
    here = session()
    asked: list[Any] = []

    async def answer() -> bool:
        return embedded

    def is_embedded(url: str, tab_id: Any) -> Any:
        asked.append((url, tab_id))
        return answer()

    here.is_embedded = is_embedded
    contexts = Contexts(here, frozenset())
    found = await seen(contexts)
    context = admitted(contexts, "page", "tab", **TAB)
    assert context.view is None and asked == [("chrome-extension://x/p.html#part", 7)]
    await ticks()
    assert context.view == ("options" if embedded else "tab") and found == [context]
