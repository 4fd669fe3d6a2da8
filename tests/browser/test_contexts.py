"""Contexts that open by themselves: what each of them is, and how to wait for it."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.async_api import Bridge, BridgeTimeoutError, ContextError
from support import Site, background, content

PATHS = ("tab", "frame", "popup", "panel", "options", "offscreen", "devtools", "tool")
MANIFEST = {
    **content("c.js", all_frames=True),
    "action": {"default_popup": "popup.html"},
    "options_ui": {"page": "options.html"},
    "devtools_page": "devtools.html",
    "web_accessible_resources": [{"resources": ["*.html"], "matches": ["<all_urls>"]}],
}
FOR_ENGINE: dict[str, dict[str, Any]] = {
    "chromium": {"permissions": ["sidePanel", "offscreen"], "side_panel": {"default_path": "panel.html"}},
    "firefox": {"sidebar_action": {"default_panel": "panel.html", "open_at_install": False}},
}
FILES = {
    **{f"{path}.html": f"<!doctype html><title>{path}</title>" for path in PATHS},
    "devtools.html": "<!doctype html><script src=devtools.js></script>",
    "devtools.js": "(globalThis.browser ?? chrome).devtools.panels.create('tool', '', 'tool.html');",
    "family.html": "<!doctype html><iframe src=frame.html></iframe>",
    "b.js": "",
    "c.js": "",
}


@pytest.fixture(scope="module")
async def bridge(load_for_module: Any, engine: str) -> Bridge:
    manifest = {**background("b.js"), **MANIFEST, **FOR_ENGINE[engine]}
    return await load_for_module(manifest, FILES)


@pytest.fixture
async def own_page(bridge: Bridge, site: Site) -> AsyncIterator[Any]:
    own_page = await bridge.browser_context.new_page()
    await own_page.goto(site.url)
    yield own_page
    await own_page.close()


async def frame_of(bridge: Bridge, own_page: Any, path: str) -> None:
    """Have a web page frame a page of the extension."""
    url = bridge._loading.loaded.base_url + path
    await own_page.evaluate(
        "url => document.body.append(Object.assign(document.createElement('iframe'), { src: url }))", url
    )


# --- what a context is ----------------------------------------------------------------------------------------------


async def test_pages_in_tabs_and_frames(bridge: Bridge, own_page: Any) -> None:
    async with bridge.expect_context("frame", url="**/frame.html") as info:
        family = await bridge.page("family.html")
    inner = await info.value
    assert (family.kind, family.view, inner.kind, inner.view) == ("page", "tab", "page", "frame")
    assert inner.tab_id == family.tab_id
    await family.close()
    async with bridge.expect_context("frame") as info:
        await frame_of(bridge, own_page, "frame.html")
    inner, outer = await info.value, await bridge.content(own_page)
    assert (inner.kind, inner.view, inner.tab_id, outer.view) == ("page", "frame", outer.tab_id, "content")
    assert (bridge.background.view, bridge.external.view) == ("background", "external")


async def test_popup(bridge: Bridge, own_page: Any) -> None:
    async with bridge.expect_context("popup") as info:
        await bridge.click_action(own_page)
    popup = await info.value
    assert (popup.kind, popup.view, popup.tab_id) == ("page", "popup", None)
    assert popup.url.endswith("/popup.html") and popup in bridge.contexts
    await popup.close()
    await popup.wait_for_close()


async def test_side_panel(bridge: Bridge, own_page: Any, engine: str) -> None:
    view = {"chromium": "side panel", "firefox": "sidebar"}[engine]
    async with bridge.expect_context(view) as info:
        await bridge.open_side_panel(own_page)
    panel = await info.value
    assert (panel.kind, panel.view, panel.tab_id) == ("page", view, None)
    assert panel.url.endswith("/panel.html")
    await panel.close()
    await panel.wait_for_close()


async def test_embedded_options(bridge: Bridge) -> None:
    async with bridge.expect_context("options") as info:
        await bridge.background.call("runtime.openOptionsPage")
    options = await info.value
    assert (options.kind, options.view) == ("page", "options")
    in_a_tab = await bridge.page("options.html")
    assert in_a_tab.view == "tab"
    await in_a_tab.close()
    await options.close()
    await options.wait_for_close()


async def test_offscreen_document(bridge: Bridge, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox has no offscreen documents")
    document = {"url": "offscreen.html", "reasons": ["DOM_PARSER"], "justification": "a test"}
    async with bridge.expect_context("offscreen") as info:
        await bridge.background.call("offscreen.createDocument", document)
    offscreen = await info.value
    assert (offscreen.kind, offscreen.view) == ("page", "offscreen")
    await bridge.background.call("offscreen.closeDocument")
    await offscreen.wait_for_close()


async def test_developer_tools(bridge: Bridge, own_page: Any) -> None:
    async with bridge.expect_context("devtools page") as info, bridge.expect_context("devtools panel") as tool_info:
        await bridge.open_devtools(own_page)
    page, tool = await info.value, await tool_info.value
    assert (page.kind, page.view, tool.kind, tool.view) == ("page", "devtools page", "page", "devtools panel")
    assert page.url.endswith("/devtools.html") and tool.url.endswith("/tool.html")
    await page.close()
    await tool.wait_for_close()


async def test_developer_tools_that_chromium_opens_with_each_page(load: Any, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox has no such switch")
    manifest = {**background("b.js"), "devtools_page": "devtools.html"}
    bridge = await load(manifest, FILES, args=["--auto-open-devtools-for-tabs"])
    async with bridge.expect_context("devtools page") as info:
        inspected = await bridge.browser_context.new_page()
    page = await info.value
    assert (page.kind, page.view, page.tab_id) == ("page", "devtools page", None)
    tool = await bridge.open_devtools(inspected)
    assert tool.view == "devtools panel" and not page.closed


# --- from a context to Playwright, and back -------------------------------------------------------------------------

SHORT_MS = 5_000  # in Firefox, Playwright never answers in a quarter of the extension pages


async def test_content_scripts_and_their_frames(bridge: Bridge, own_page: Any, site: Site) -> None:
    site.pages["/pair"] = "<iframe src=/a></iframe><iframe src=/a></iframe>"
    async with bridge.expect_context("content", url="**/pair", tab=own_page) as info:
        await own_page.goto(f"{site.url}pair")
    outer = await info.value
    assert await outer.playwright_page() is own_page and await outer.playwright_frame() is own_page.main_frame
    for frame in own_page.frames:
        here = await bridge.context_of(frame)
        here._frame = None  # what the search has learnt
        assert (here.kind, await here.playwright_frame()) == ("content", frame)
    assert await bridge.content(own_page.frames[2]) is here
    await own_page.evaluate("document.open(); document.write('new'); document.close()")
    outer._frame = None
    assert await outer.playwright_frame() is own_page.main_frame


async def test_an_extension_page_and_playwright_s(bridge: Bridge, engine: str) -> None:
    opened = await bridge.page("tab.html")
    if engine == "chromium":
        assert [page.url for page in bridge.browser_context.pages].count(opened.url) == 1
    try:
        page = await opened.playwright_page(timeout=SHORT_MS)
        assert page and page.url == opened.url
        assert await bridge.context_of(page, timeout=SHORT_MS) is opened
        assert await bridge.wait_for_context("tab", tab=page, timeout=SHORT_MS) is opened
    except BridgeTimeoutError:
        if engine == "chromium":
            raise
    await opened.close()


async def test_playwright_lists_an_extension_page_by_then(bridge: Bridge, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("In Firefox, Playwright cannot reach into some extension pages; page() does not wait for it")
    for _ in range(5):
        opened = await bridge.page("tab.html")
        page = bridge.browser_context.pages[-1]
        assert page.url == opened.url and await opened.playwright_page() is page
        await page.close()


async def test_an_extension_page_in_a_web_page(bridge: Bridge, own_page: Any, engine: str) -> None:
    async with bridge.expect_context("frame", tab=own_page) as info:
        await frame_of(bridge, own_page, "frame.html")
    inner = await info.value
    try:
        frame = await inner.playwright_frame(timeout=SHORT_MS)
    except BridgeTimeoutError:
        assert engine == "firefox"
        return
    assert frame is own_page.frames[1] and await inner.playwright_page() is own_page
    assert await bridge.context_of(frame) is inner


async def test_what_playwright_does_not_list(bridge: Bridge, own_page: Any) -> None:
    assert await bridge.background.playwright_page() is None
    async with bridge.expect_context("popup") as info:
        await bridge.click_action(own_page)
    popup = await info.value
    assert await popup.playwright_frame() is None
    await popup.close()
    await popup.wait_for_close()
    with pytest.raises(ContextError, match="popup"):
        await popup.playwright_page()


async def test_a_context_that_ends_while_its_frame_is_searched_for(bridge: Bridge, own_page: Any) -> None:
    here = await bridge.content(own_page)
    here._frame = None
    with pytest.raises(ContextError, match="ended while"):
        await asyncio.gather(here.playwright_frame(), own_page.close())


# --- waits ----------------------------------------------------------------------------------------------------------


async def test_waits_for_a_context(bridge: Bridge, own_page: Any, site: Site) -> None:
    here = await bridge.content(own_page)
    tab_id = here.tab_id
    assert await bridge.wait_for_context("external") is bridge.external
    assert await bridge.wait_for_context("content", tab=tab_id) is here
    assert await bridge.wait_for_context(url=site.url, tab=own_page) is here
    assert await bridge.wait_for_context(predicate=lambda context: context.tab_id == tab_id) is here
    listed = rf"kind='popup'.*\n(.*\n)*  content {here.url} \(tab {tab_id}, frame 0\)"
    with pytest.raises(BridgeTimeoutError, match=listed):
        await bridge.wait_for_context("popup", timeout=1)
    async with bridge.expect_context("content", url=re.compile("other$"), tab=tab_id) as info:
        await own_page.goto(f"{site.url}other")
    assert (await info.value).tab_id == tab_id
    with pytest.raises(ValueError, match="no context of kind"):
        bridge.expect_context("pop-up")
