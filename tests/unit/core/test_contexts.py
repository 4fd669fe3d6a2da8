"""The registry of contexts: who is admitted as what, how a frame is found, how all end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from unit.core.fakes import Agent, session, ticks

from bridge.core.context import Context
from bridge.core.contexts import Contexts
from bridge.errors import BridgeError, BridgeTimeoutError, ContextError, ExtensionError
from bridge.protocol import frames
from bridge.protocol.played import PLAYED
from bridge.waiting.waits import Pending, done


@pytest.fixture
async def contexts() -> Contexts:
    return Contexts(session(), frozenset())


def admitted(contexts: Contexts, kind: str, number: int = 1, url: str = "", **sender: object) -> Agent:
    agent = Agent(contexts, number, sender)
    agent.hello(kind, url)
    return agent


async def test_each_context_that_begins_is_listed_until_it_ends(contexts: Contexts) -> None:
    assert contexts.alive == []
    agents = [
        admitted(contexts, kind, n) for n, kind in enumerate(("page", "external", "content", "background", "web"))
    ]
    assert [context.kind for context in contexts.alive] == ["background", "external", "page", "content", "web"]
    assert contexts.alive[:2] == [contexts.background, contexts.external]
    agents[0].link.close()
    agents[3].link.close()
    assert [context.kind for context in contexts.alive] == ["external", "content", "web"]


async def test_every_agent_is_welcomed(contexts: Contexts) -> None:
    assert admitted(contexts, "content").heard() == [({"type": "welcome", "events": []}, None)]


async def test_python_hears_what_it_plays_from_the_start() -> None:
    contexts = Contexts(session(), frozenset({"background", "content"}))
    for number, kind in enumerate(("background", "content"), 1):
        welcome = admitted(contexts, kind, number).heard()[0].frame
        assert welcome["events"] == sorted(PLAYED[kind])
        assert welcome["answers"] == [event for event in welcome["events"] if "Message" in event]
    assert admitted(contexts, "page", 3).heard()[0].frame["events"] == []


async def test_the_background_of_private_windows_is_another(contexts: Contexts) -> None:
    ordinary = admitted(contexts, "background", 1, "worker.js", id="x")
    private = Agent(contexts, 2, {"id": "x"})
    private.hello("background", "worker.js", private=True)
    assert contexts.alive == [contexts.background, contexts.private_background]
    assert "private background worker.js" in repr(contexts.private_background.runtime.connect())
    private.link.close()
    assert contexts.alive == [contexts.background]
    ordinary.link.close()
    with contexts.unloading(ContextError("disabled")):
        pass
    for background in (contexts.background, contexts.private_background):
        with pytest.raises(ContextError, match="disabled"):
            await background.call("runtime.getURL", "")


async def test_what_python_listens_to_in_private_is_not_for_the_ordinary_background() -> None:
    shared = session()
    told: list[frozenset[str]] = []

    def on_listening(events: frozenset[str], answers: frozenset[str]) -> Pending[None]:
        told.append(events)
        return done()

    shared.on_listening = on_listening
    contexts = Contexts(shared, frozenset())
    await contexts.private_background.runtime.onConnect.addListener(lambda port: None)
    assert told == []
    agent = Agent(contexts, 1, {"id": "x"})
    agent.hello("background", "worker.js", private=True)
    assert agent.heard()[0].frame["events"] == ["runtime.onConnect"]
    await contexts.background.runtime.onConnect.addListener(lambda port: None)
    assert told == [frozenset({"runtime.onConnect"})]


async def test_a_background_that_starts_again_is_the_same_context(contexts: Contexts) -> None:
    first = admitted(contexts, "background", 1, "worker.js", id="x")
    background = contexts.background
    port = background.runtime.connect()
    admitted(contexts, "background", 2, "worker.js", id="x")  # before the end of the first was told
    assert contexts.alive == [background] and port.closed
    assert "background worker.js was started anew" in repr(port)
    first.link.close()
    assert not background.closed


async def test_a_background_page_in_a_tab_is_a_page(contexts: Contexts) -> None:
    admitted(contexts, "background", 1, "background.html")
    admitted(contexts, "background", 2, "background.html", tab={"id": 3})
    background, page = contexts.alive
    assert (background, background.tab_id) == (contexts.background, None)
    assert (page.kind, page.tab_id) == ("page", 3)


@pytest.mark.parametrize(
    "first",
    [
        frames.Hello(frames.VERSION + 1, "content", "", 0.0),
        frames.Hello(frames.VERSION, "toaster", "", 0.0),
        frames.Message(1),
        frames.Found("token"),
    ],
)
async def test_an_agent_that_does_not_introduce_itself_is_dropped(contexts: Contexts, first: frames.Frame) -> None:
    agent = Agent(contexts)
    agent.says(first)
    assert agent.dropped and contexts.alive == [] and agent.heard() == []


# --- waiting --------------------------------------------------------------------------------------------------------


async def test_a_context_alive_is_found_at_once_or_the_next_is_waited_for(contexts: Contexts) -> None:
    admitted(contexts, "content", 1, "https://a.org/")
    assert (await contexts.wait_for(lambda context: context.url == "https://a.org/", 0, str)) is contexts.alive[0]
    waiting = asyncio.ensure_future(contexts.wait_for(lambda context: context.kind == "page", 0, str))
    await ticks()
    admitted(contexts, "content", 2)
    await ticks()
    assert not waiting.done()
    admitted(contexts, "page", 3)
    assert (await waiting).kind == "page"


async def test_the_next_is_not_one_that_is_there(contexts: Contexts) -> None:
    admitted(contexts, "page", 1, "old")
    waiting = asyncio.ensure_future(contexts.wait_for_next(lambda context: context.kind == "page", 0, str))
    await ticks()
    admitted(contexts, "page", 2, "new")
    assert (await waiting).url == "new"


async def test_a_timeout_says_what_was_waited_for(contexts: Contexts) -> None:
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded. Waited for godot$"):
        await contexts.wait_for(lambda _: True, 1, lambda: "Waited for godot")


async def test_a_frame_is_found_by_its_token(contexts: Contexts) -> None:
    here, there = admitted(contexts, "content", 1, "here"), admitted(contexts, "content", 2, "there")
    with contexts.search() as (token, found), contexts.search() as (other, not_found):
        assert token != other and len(token) >= 16
        here.says(frames.Found("a guess"))
        there.says(frames.Found(token))
        here.says(frames.Found(token))
        assert (await found).url == "there"
        assert not not_found.done()
    here.says(frames.Found(token))  # late: no search is under way
    assert not here.dropped


# --- the end --------------------------------------------------------------------------------------------------------


async def test_a_reload_ends_the_extension_but_not_the_relay(contexts: Contexts) -> None:
    for number, kind in enumerate(("background", "content", "page", "external")):
        admitted(contexts, kind, number)
    content = contexts.alive[2]
    port = contexts.external.runtime.connect("x")
    waiting = asyncio.ensure_future(contexts.wait_for_next(lambda _: True, 0, str))
    accepting = asyncio.ensure_future(content.accept())
    await ticks()
    with contexts.reloading(ContextError("The extension was reloaded")):
        pass
    assert contexts.alive == [contexts.external] and not port.closed
    with pytest.raises(ContextError, match="The extension was reloaded"):
        await accepting
    with pytest.raises(ContextError, match=r"^Python cannot act in background: The extension was reloaded$"):
        contexts.background.runtime.connect()
    admitted(contexts, "background", 9)
    assert (await waiting) is contexts.background and not contexts.background.closed


ORPHAN = 'this script is an orphan, whose own calls throw "Extension context invalidated."'


@pytest.mark.parametrize("engine", ["chromium", "firefox"])
async def test_a_content_script_that_was_unloaded_is_an_orphan_in_chromium(contexts: Contexts, engine: str) -> None:
    contexts._session.runs_in(engine)
    contexts._session.extension_id = "tested"
    orphaned = f"; {ORPHAN}" if engine == "chromium" else ""

    async def unload(how: Callable[[], object]) -> tuple[str, str]:
        for number, kind in enumerate(("background", "content")):
            admitted(contexts, kind, number)
        content = contexts.alive[-1]
        port = content.runtime.connect()
        how()
        reasons = []
        for context in (contexts.background, content):
            with pytest.raises(ContextError, match="^Python cannot act in") as caught:
                context.runtime.connect()
            reasons.append(str(caught.value).partition(": ")[2])
        assert port.error and port.error.message == reasons[1]
        return reasons[0], reasons[1]

    def reload(**options: bool) -> None:
        with contexts.reloading(ContextError("It goes"), **options):
            pass

    assert await unload(reload) == ("It goes", f"It goes{orphaned}")
    assert await unload(lambda: reload(closes_pages=True)) == ("It goes", "It goes")
    background, content = await unload(lambda: contexts.unloaded("tested", uninstalled=True))
    assert background.startswith("The extension was uninstalled") and content == background + orphaned


async def test_a_reload_that_the_browser_refused_is_the_reason_of_no_later_end(contexts: Contexts) -> None:
    agent = admitted(contexts, "content")
    (context,) = contexts.alive
    with pytest.raises(ExtensionError), contexts.reloading(ContextError("The extension was reloaded")):
        raise ExtensionError("The browser rejects it")
    assert not context.closed
    agent.link.close(ContextError("The page went"))
    with pytest.raises(ContextError, match="The page went"):
        context.runtime.connect()


UNDER_TEST = "tested"


@pytest.fixture
async def tested(contexts: Contexts) -> Contexts:
    """With the extension under test, which has the four kinds of context."""
    contexts._session.extension_id = UNDER_TEST
    for number, kind in enumerate(("background", "content", "page", "external")):
        admitted(contexts, kind, number)
    return contexts


async def test_another_extension_may_be_unloaded(tested: Contexts) -> None:
    tested.unloaded("other", uninstalled=True)
    assert len(tested.alive) == 4


async def test_an_extension_that_is_disabled_may_come_back(tested: Contexts) -> None:
    content = tested.alive[2]
    async with tested.background.expect_connection(timeout=0) as info:
        tested.unloaded(UNDER_TEST, uninstalled=False)
        assert tested.alive == [tested.external]
        for context in (tested.background, content):
            with pytest.raises(ContextError, match="The extension was unloaded: it was disabled"):
                context.runtime.connect()
        agent = admitted(tested, "background", 9)
        agent.accepts(1)
    assert await info.value
    await tested.background_started(1, str)


async def test_an_extension_that_is_uninstalled_ends_what_waits_for_its_background(tested: Contexts) -> None:
    tested.unloaded(UNDER_TEST, uninstalled=False)  # Chromium says both
    waits = [
        asyncio.ensure_future(wait)
        for wait in (tested.background.accept(timeout=0), tested.background_started(0, str), _next_of_any(tested))
    ]
    await ticks()
    tested.unloaded(UNDER_TEST, uninstalled=True)
    for wait in waits[:2]:
        with pytest.raises(ContextError, match="The extension was uninstalled"):
            await wait
    with pytest.raises(ContextError, match="The extension was uninstalled"):
        await tested.background_started(0, str)
    admitted(tested, "content", 9)
    assert (await waits[2]).kind == "content"


async def test_a_background_that_starts_as_python_uninstalls_it_is_the_former_one(contexts: Contexts) -> None:
    contexts._session.extension_id = UNDER_TEST
    with contexts.reloading(ContextError("The bridge was reset"), closes_pages=True):
        admitted(contexts, "background", 1)
    contexts.unloaded(UNDER_TEST, uninstalled=True)
    assert contexts.background.closed
    admitted(contexts, "background", 2)
    await contexts.background_started(1, str)
    contexts.unloaded(UNDER_TEST, uninstalled=True)  # and now it is not Python that does it
    with pytest.raises(ContextError, match="The extension was uninstalled"):
        await contexts.background_started(1, str)


async def test_a_background_that_starts_as_a_reset_unloads_it_is_not_the_next_one(contexts: Contexts) -> None:
    """The relay is late: it has not said yet that this one is gone."""
    contexts._session.extension_id = UNDER_TEST
    with contexts.reloading(ContextError("The bridge was reset"), closes_pages=True):
        late = admitted(contexts, "background", 1)
    starting = asyncio.ensure_future(contexts.background_started(0, str))
    await ticks()
    assert not starting.done() and str(late.link.closed) == "The bridge was reset"
    admitted(contexts, "background", 2)
    await starting


@pytest.mark.parametrize("uninstalled", [True, False])
async def test_a_background_that_starts_as_python_unloads_it_does_not_bring_it_back(
    contexts: Contexts, uninstalled: bool
) -> None:
    contexts._session.extension_id = UNDER_TEST
    with contexts.unloading(ContextError("It was removed"), uninstalled=uninstalled):
        admitted(contexts, "background", 1)
    contexts.unloaded(UNDER_TEST, uninstalled=uninstalled)
    assert contexts.background.closed
    with pytest.raises(ContextError, match="It was removed"):
        contexts.require_present()


async def _next_of_any(contexts: Contexts) -> Context:
    return await contexts.wait_for_next(lambda context: True)


async def test_python_itself_uninstalls_to_install_again(tested: Contexts) -> None:
    with tested.reloading(ContextError("The bridge was reset")):
        pass
    waiting = asyncio.ensure_future(tested.background_started(0, str))
    await ticks()
    tested.unloaded(UNDER_TEST, uninstalled=True)  # said late
    admitted(tested, "background", 9)
    await waiting
    tested.unloaded(UNDER_TEST, uninstalled=True)
    with pytest.raises(ContextError, match="uninstalled"):
        await tested.background_started(0, str)


@pytest.mark.parametrize("uninstalled", [False, True])
async def test_python_unloads_and_the_browser_says_so_late(tested: Contexts, uninstalled: bool) -> None:
    waiting = asyncio.ensure_future(tested.wait_for_next(tested._is_background))
    await ticks()
    with tested.unloading(ContextError("Python did it"), uninstalled=uninstalled):
        pass
    with pytest.raises(ContextError, match="Python did it"):
        await waiting
    tested.unloaded(UNDER_TEST, uninstalled=uninstalled)
    for asking in (tested.background.call("runtime.getURL", ""), tested.background_started(0, str)):
        with pytest.raises(ContextError, match="Python did it"):
            await asking
    if not uninstalled:  # and then somebody uninstalls it
        tested.unloaded(UNDER_TEST, uninstalled=True)
        with pytest.raises(ContextError, match="uninstalled"):
            await tested.background_started(0, str)
    admitted(tested, "background", 9)  # it is back
    await tested.background_started(0, str)


async def test_an_extension_that_cannot_be_unloaded_runs_on(tested: Contexts) -> None:
    background = admitted(tested, "background", 9)
    with pytest.raises(ZeroDivisionError), tested.unloading(ContextError("Python did it")):
        raise ZeroDivisionError
    await tested.background_started(0, str)
    background.link.close()
    with pytest.raises(ContextError, match="stopped"):
        await tested.background.call("runtime.getURL", "")


async def test_the_end_for_good_ends_every_wait_with_the_reason(contexts: Contexts) -> None:
    for number, kind in enumerate(("background", "content", "external")):
        admitted(contexts, kind, number)
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(context.accept(timeout=0)) for context in contexts.alive]
    waits.append(asyncio.ensure_future(contexts.background.call("a.b")))
    waits.append(asyncio.ensure_future(contexts.wait_for_next(lambda _: True, 0, str)))
    contexts.background.runtime.connect()
    port = contexts.background.runtime.connect()
    waits.append(asyncio.ensure_future(port.receive(timeout=0)))
    with contexts.search() as (_, found):
        await ticks(1)
        contexts.end(BridgeError("The browser closed"))
        for wait in (*waits, found):
            with pytest.raises(BridgeError, match="The browser closed"):
                await wait
    assert contexts.alive == []
    with pytest.raises(BridgeError, match="The browser closed"):
        await contexts.wait_for(lambda _: True, 0, str)


async def test_only_the_first_reason_counts(contexts: Contexts) -> None:
    admitted(contexts, "background")
    contexts.background.runtime.onConnect.addListener(print)
    contexts.end(BridgeError("The bridge was closed"))
    contexts.end(ContextError("The browser closed"))
    waits: list[Coroutine[Any, Any, Any]] = [
        contexts.wait_for(lambda _: True, 0, str),
        contexts.background.accept(timeout=0),
        contexts.background.call("a.b"),
    ]
    for wait in waits:
        with pytest.raises(BridgeError, match="The bridge was closed"):
            await wait


# --- agents that do not hear searches -------------------------------------------------------------------------------


async def test_an_agent_that_hears_searches_again_is_the_next(contexts: Contexts) -> None:
    agents = [admitted(contexts, kind, n, url) for n, (kind, url) in enumerate([("content", "a"), ("content", "b")])]
    page = admitted(contexts, "page", 9, "a")
    for agent in (*agents, page):
        agent.heard()
    with contexts.next(lambda context: context.kind == "content") as following:
        contexts.be_findable(lambda context: context.url == "a")
        assert agents[0].heard_types() == ["beFindable"]
        assert agents[1].heard_types() == page.heard_types() == []
        assert not following.done()
        agents[0].says(frames.Findable())
        assert (await following).url == "a"


async def test_the_next_is_nobodys_business_after_its_block(contexts: Contexts) -> None:
    with contexts.next(lambda _: True) as following:
        pass
    admitted(contexts, "content")
    assert not following.done()


async def test_the_scripts_of_a_page_are_waited_for_until_they_have_run_or_it_goes(contexts: Contexts) -> None:
    agents = [admitted(contexts, "page", number) for number in (1, 2)]
    pages = contexts.alive
    loads = [asyncio.ensure_future(page._wait_for_load(10_000, lambda: "the scripts")) for page in pages]
    await ticks()
    assert not any(load.done() for load in loads)
    agents[0].says(frames.Loaded())
    await loads[0]
    assert not loads[1].done()
    agents[1].link.close()
    await loads[1]
    with pytest.raises(BridgeTimeoutError, match="the scripts"):
        admitted(contexts, "page", 3)
        await contexts.alive[-1]._wait_for_load(1, lambda: "the scripts")


RELAY = {"id": "relay"}
CONTENT = {"id": "tested", "url": "https://a.org/", "tab": {"id": 1}}
PAGE = {"id": "tested", "url": "moz-extension://x/p.html"}
WEB = {"url": "https://a.org/", "tab": {"id": 1}}
KINDS = ("external", "content", "background", "page", "web")
TRUE = {("external", 0), ("content", 1), ("background", 2), ("page", 2), ("web", 3)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(4), ids=["relay", "content", "page", "web"])
async def test_an_agent_is_what_the_browser_says_of_it(kind: str, number: int) -> None:
    shared = session()
    shared.relay_id = "relay"
    contexts = Contexts(shared, frozenset())
    agent = Agent(contexts, 1, [RELAY, CONTENT, PAGE, WEB][number])
    agent.hello(kind)
    is_admitted = agent.link.closed is None
    assert is_admitted is ((kind, number) in TRUE)
    assert is_admitted or "but the browser says" in str(agent.link.closed)
