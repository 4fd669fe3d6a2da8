"""What a bridge refuses before it asks the browser, keeps apart, and leaves behind."""

import asyncio
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from unit.core.fakes import Agent, session, ticks

from bridge.core.bridge import Bridge
from bridge.core.contexts import Contexts
from bridge.core.native import NativeApplications
from bridge.driver import Loaded
from bridge.errors import BridgeTimeoutError, ContextError, UnsupportedError
from bridge.protocol import frames
from bridge.webext.manifest import Manifest


def bridge(
    manifest: dict[str, Any],
    *,
    browser_name: str = "chromium",
    driver: Any = None,
    make_inspector: Any = None,
    clean_up: Any = None,
    **extension: Any,
) -> Bridge:
    shared = session()
    files: Any = SimpleNamespace(manifest=Manifest(manifest), **extension)
    return Bridge(
        extension=files,
        loaded=Loaded("id", "base/"),
        browser_name=browser_name,
        browser_context=SimpleNamespace(pages=[]),
        driver=driver,
        contexts=Contexts(shared, frozenset()),
        natives=NativeApplications(shared, lambda application: None),
        session=shared,
        make_inspector=make_inspector,
        clean_up=clean_up or AsyncExitStack(),
    )


@pytest.mark.parametrize("key", ["action", "browser_action"])
async def test_a_click_needs_a_page(key: str) -> None:
    with pytest.raises(ContextError, match="no page to press the button on: open one in bridge.browser_context"):
        await bridge({key: {}}).click_action()


async def test_a_click_needs_a_button() -> None:
    with pytest.raises(UnsupportedError, match="no toolbar button"):
        await bridge({}).click_action()


async def test_a_page_action_is_another_button() -> None:
    with pytest.raises(UnsupportedError, match=r"only a 'page_action', whose .* use click_page_action\(\)"):
        await bridge({"page_action": {}}, browser_name="firefox").click_action()
    with pytest.raises(UnsupportedError, match=r"no 'page_action' key, but it has .* use click_action\(\)"):
        await bridge({"browser_action": {}}, browser_name="firefox").click_page_action()
    with pytest.raises(UnsupportedError, match="no 'page_action' key$"):
        await bridge({}, browser_name="firefox").click_page_action()
    with pytest.raises(ContextError, match="no page to press the button on"):
        await bridge({"page_action": {}}, browser_name="firefox").click_page_action()


async def test_chromium_has_no_page_actions() -> None:
    with pytest.raises(UnsupportedError, match="no 'action' key"):
        await bridge({"page_action": {}}).click_action()
    with pytest.raises(UnsupportedError, match=r"Chromium has no page actions .* 'action' and use click_action\(\)"):
        await bridge({"page_action": {}}).click_page_action()


async def test_a_file_without_the_bridges_script_is_refused_at_once() -> None:
    files = bridge({}, has_page=lambda path: True, is_instrumented=lambda path: False, blank_page="blank")
    with pytest.raises(ContextError, match=r"The bridge has no script in 'a\.txt': it is no HTML or XHTML file"):
        await files.page("/a.txt")


async def test_a_persistent_background_page_is_not_asked_to_stop() -> None:
    persistent = bridge({"manifest_version": 2, "background": {"scripts": ["b.js"]}}, has_background=True)
    with pytest.raises(UnsupportedError, match="a persistent background page, which never stops"):
        await persistent.stop_background()


async def test_there_must_be_a_background_to_stop_or_start() -> None:
    none = bridge({}, has_background=False)
    for act in (none.stop_background, none.start_background, none.wait_for_background):
        with pytest.raises(ContextError, match="The manifest has no background that this browser runs"):
            await act()


# --- the end --------------------------------------------------------------------------------------------------------


class Inspector:
    """One whose end fails, or never comes."""

    url = "http://127.0.0.1/"

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def start(self) -> None: ...

    async def close(self) -> None:
        if self._error:
            raise self._error
        await asyncio.get_running_loop().create_future()


async def test_the_browser_is_closed_though_the_inspector_raises() -> None:
    closed: list[str] = []
    clean_up = AsyncExitStack()
    clean_up.callback(closed.append, "browser")
    ends = bridge({}, make_inspector=lambda bridge: Inspector(OSError("no socket")), clean_up=clean_up)
    await ends.start_inspector()
    with pytest.raises(OSError, match="no socket"):
        await ends.close()
    assert closed == ["browser"]


async def test_a_close_that_is_cancelled_goes_on_and_the_next_one_waits_for_it() -> None:
    gone = asyncio.get_running_loop().create_future()
    clean_up = AsyncExitStack()
    clean_up.push_async_callback(lambda: asyncio.shield(gone))
    ends = bridge({}, clean_up=clean_up)
    first = asyncio.ensure_future(ends.close())
    await ticks()
    first.cancel()
    await ticks()
    second = asyncio.ensure_future(ends.close())
    await ticks()
    assert first.cancelled() and not second.done()
    gone.set_result(None)
    await second


# --- loading anew ---------------------------------------------------------------------------------------------------


class Driver:
    """One that loads when the test says so."""

    def __init__(self) -> None:
        self.loads: list[asyncio.Future[Loaded]] = []

    async def load(self, *folders: object, timeout_ms: float) -> Loaded:
        self.loads.append(asyncio.get_running_loop().create_future())
        return await self.loads[-1]


def reloadable(driver: Driver) -> Bridge:
    return bridge({}, driver=driver, write_copy=lambda extension: None, copy="copy", has_background=False)


async def test_reloads_are_kept_apart_also_after_a_cancellation() -> None:
    driver = Driver()
    reloads = reloadable(driver)
    first = asyncio.ensure_future(reloads.reload())
    await ticks()
    first.cancel()
    second = asyncio.ensure_future(reloads.reload())
    await ticks()
    assert first.cancelled() and len(driver.loads) == 1
    driver.loads[0].set_result(Loaded("first", "base/"))
    await ticks()
    assert len(driver.loads) == 2
    driver.loads[1].set_result(Loaded("second", "base/"))
    await second
    assert reloads.extension_id == "second"


async def test_a_reload_that_waits_for_another_says_so_at_its_timeout() -> None:
    driver = Driver()
    reloads = reloadable(driver)
    first = asyncio.ensure_future(reloads.reload())
    await ticks()
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded\. Waited for an earlier reload"):
        await reloads.reload(timeout=1)
    driver.loads[0].set_result(Loaded("id", "base/"))
    await first


# --- a background that does not start -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"), [("Firefox says: stopped", "Firefox says: stopped"), (OSError(), "The browser does not say")]
)
async def test_the_error_has_what_the_browser_says_of_the_background(state: str | OSError, said: str) -> None:
    async def background_state(loaded: Loaded) -> str:
        if isinstance(state, OSError):
            raise state
        return state

    stopped = bridge({}, driver=SimpleNamespace(background_state=background_state), has_background=True)
    with pytest.raises(BridgeTimeoutError, match=rf"^Timeout 1 ms exceeded\. The background did not start\. {said}"):
        await stopped.wait_for_background(timeout=1)


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", [False, True])
async def test_a_page_that_is_given_up_is_closed(answered: bool) -> None:
    opens = bridge({}, has_page=lambda path: True, is_instrumented=lambda path: True)
    agent = Agent(opens._contexts, answering=False)
    agent.hello("external")
    agent.heard()
    opening = asyncio.ensure_future(opens.page("a.html"))
    await ticks()
    ((create, _),) = agent.heard()
    if answered:
        agent.says(frames.Result(create["id"]), {"id": 7})
        await ticks()
    opening.cancel()
    await ticks()
    if not answered:
        agent.says(frames.Result(create["id"]), {"id": 7})
        await ticks()
    ((remove, arguments),) = agent.heard()
    assert (remove["function"], arguments) == ("tabs.remove", [7])
    agent.says(frames.Result(remove["id"]))
    with pytest.raises(asyncio.CancelledError):
        await opening
