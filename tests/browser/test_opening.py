"""Contexts that Python opens as the user does: the popup, the side panel, the options and the developer tools."""

import asyncio
from typing import Any

import pytest
from browser.shown import shown_in
from browser.talking import new_page

from bridge.async_api import Bridge, Context, ContextError, RemoteError, UnsupportedError
from bridge.sync_api import launch as sync_launch
from support import LAUNCH_MS, Site, background, content, write_extension

SCRIPT = "const ready = 'yes'; globalThis.shown = () => location.pathname;"


def document(script: str) -> str:
    return f"<!doctype html><title>opened</title><body><script src={script}></script>"


FILES = {
    **{f"{name}.html": document("own.js") for name in ("popup", "panel", "options", "tool", "other")},
    "own.js": SCRIPT,
    "devtools.html": document("devtools.js"),
    "devtools.js": "(globalThis.browser ?? chrome).devtools.panels.create('Tool', '', 'tool.html');",
    "b.js": "",
    "c.js": "",
}
WITH_BACKGROUND = {**background("b.js"), **content("c.js")}
POPUP = {"action": {"default_popup": "popup.html"}}
SIDE: dict[str, dict[str, Any]] = {
    "chromium": {"permissions": ["sidePanel"], "side_panel": {"default_path": "panel.html"}},
    "firefox": {"sidebar_action": {"default_panel": "panel.html", "open_at_install": False}},
}
THE_OTHERS = {**POPUP, "options_ui": {"page": "options.html"}, "devtools_page": "devtools.html"}
VIEW = {"chromium": "side panel", "firefox": "sidebar"}
INSPECTED = "(globalThis.browser ?? chrome).devtools.inspectedWindow.tabId"


async def assert_ran(context: Context, path: str) -> None:
    """The context shows that page of the extension, and its script has run."""
    assert (context.kind, context.closed) == ("page", False)
    assert await context.evaluate("ready + shown()") == f"yes/{path}"


async def close(context: Context) -> None:
    await context.close()
    await context.wait_for_close()


# --- the popup ------------------------------------------------------------------------------------------------------


async def test_popup(load: Any, site: Site) -> None:
    bridge: Bridge = await load({**WITH_BACKGROUND, **POPUP}, FILES)
    page, other = await new_page(bridge, site.url), await new_page(bridge, site.url)
    for below in (page, other):
        popup = await bridge.open_popup(below)
        assert (popup.view, popup.tab_id) == ("popup", None)
        await assert_ran(popup, "popup.html")
        (front,) = await popup.call("tabs.query", {"active": True, "currentWindow": True})
        assert front["id"] == (await bridge.content(below)).tab_id
    again = await bridge.open_popup()
    assert popup.closed and again is not popup and not again.closed
    await close(again)


async def test_popup_that_the_extension_sets_and_takes_away(load: Any, site: Site) -> None:
    bridge: Bridge = await load({**WITH_BACKGROUND, "action": {}}, FILES)
    page = await new_page(bridge, site.url)
    with pytest.raises(UnsupportedError, match=r"no popup: .*'default_popup', .* use click_action\(\)"):
        await bridge.open_popup(page)
    tab_id = (await bridge.content(page)).tab_id
    await bridge.background.call("action.setPopup", {"popup": "other.html", "tabId": tab_id})
    popup = await bridge.open_popup(page)
    await assert_ran(popup, "other.html")
    await close(popup)


# --- the side panel, or sidebar -------------------------------------------------------------------------------------


async def test_side_panel(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load(SIDE[engine], FILES)  # without a background
    page = await new_page(bridge, site.url)
    panel = await bridge.open_side_panel(page)
    assert (panel.view, panel.tab_id) == (VIEW[engine], None)
    await assert_ran(panel, "panel.html")
    assert await bridge.open_side_panel() is panel and not panel.closed
    await close(panel)
    again = await bridge.open_side_panel(page)
    assert again is not panel and not again.closed
    await close(again)
    assert "chrome-extension:" not in str([page.url for page in bridge.browser_context.pages])


async def test_side_panels_of_two_windows(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load({**WITH_BACKGROUND, **SIDE[engine]}, FILES)
    page = await new_page(bridge, site.url)
    async with bridge.browser_context.expect_page() as info:
        await bridge.background.call("windows.create", {"url": f"{site.url}window"})
    panels = {}
    for beside in (page, await info.value):
        here = await bridge.content(beside)
        tab = await bridge.background.call("tabs.get", here.tab_id)
        panel = panels[beside] = await bridge.open_side_panel(beside)
        assert (await panel.call("windows.getCurrent"))["id"] == tab["windowId"]
    assert await bridge.open_side_panel(page) is panels[page]
    for panel in panels.values():
        await close(panel)


async def test_side_panel_of_a_tab(load: Any, site: Site, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("In Firefox, a window has one sidebar, which shows another page for another tab")
    bridge: Bridge = await load({**WITH_BACKGROUND, **SIDE[engine]}, FILES)
    page = await new_page(bridge, site.url)
    panel = await bridge.open_side_panel(page)
    tab_id = (await bridge.content(page)).tab_id
    await bridge.background.call("sidePanel.setOptions", {"tabId": tab_id, "path": "other.html"})
    own = await bridge.open_side_panel(page)
    await assert_ran(own, "other.html")
    await bridge.background.call("sidePanel.setOptions", {"tabId": tab_id, "enabled": False})
    with pytest.raises(RemoteError, match="No active side panel"):
        await bridge.open_side_panel(page)
    await bridge.reset()
    assert panel.closed and own.closed


async def test_a_window_without_side_panels(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load({**WITH_BACKGROUND, **SIDE[engine]}, FILES)
    page = await new_page(bridge, site.url)
    async with page.expect_popup() as info:
        await page.evaluate("() => void open('/small', '', 'width=500,height=400')")
    with pytest.raises(UnsupportedError, match=f"opened as a popup, which has no {VIEW[engine]}"):
        await bridge.open_side_panel(await info.value)


# --- the options ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["options", "tab"])
async def test_options(load: Any, site: Site, engine: str, view: str) -> None:
    bridge: Bridge = await load({"options_ui": {"page": "options.html", "open_in_tab": view == "tab"}}, FILES)
    await new_page(bridge, site.url)
    decoy = await bridge.page("other.html")
    options = await bridge.open_options()
    assert options.view == view
    await assert_ran(options, "options.html")
    if (engine, view) == ("chromium", "tab"):
        assert options.url in [page.url for page in bridge.browser_context.pages]
    assert await bridge.open_options() is options
    await close(options)
    again = await bridge.open_options()
    assert again is not options and again.view == view
    await close(again)
    await close(decoy)


# --- the developer tools --------------------------------------------------------------------------------------------


async def test_devtools(load: Any, site: Site) -> None:
    bridge: Bridge = await load({**WITH_BACKGROUND, "devtools_page": "devtools.html"}, FILES)
    page, other = await new_page(bridge, site.url), await new_page(bridge, site.url)
    tools = {}
    for inspected in (page, other):
        tool = tools[inspected] = await bridge.open_devtools(inspected)
        assert (tool.view, tool.tab_id) == ("devtools panel", None)
        await assert_ran(tool, "tool.html")
        assert await tool.evaluate(INSPECTED) == (await bridge.content(inspected)).tab_id
    assert await bridge.open_devtools(page) is tools[page]
    await close(tools[page])
    assert not tools[other].closed
    again = await bridge.open_devtools(page)
    assert again is not tools[page] and await again.evaluate(INSPECTED) == (await bridge.content(page)).tab_id
    await asyncio.gather(page.close(), other.close())
    await asyncio.gather(again.wait_for_close(), tools[other].wait_for_close())


async def test_devtools_whose_page_closes(load: Any, site: Site) -> None:
    files = {**FILES, "devtools.js": ""}
    bridge: Bridge = await load({**WITH_BACKGROUND, "devtools_page": "devtools.html"}, files)
    page, other = await new_page(bridge, site.url), await new_page(bridge, site.url)
    async with bridge.expect_context("devtools page") as info:
        opening = asyncio.ensure_future(bridge.open_devtools(page))
    await info.value
    await page.close()
    with pytest.raises(ContextError, match="The developer tools closed"):
        await opening
    assert not [context for context in bridge.contexts if context.view == "devtools page"]
    await other.close()


# --- all ------------------------------------------------------------------------------------------------------------


async def test_a_stopped_background_stays_stopped(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load({**WITH_BACKGROUND, **SIDE[engine], **THE_OTHERS}, FILES)
    page = await new_page(bridge, site.url)
    await bridge.stop_background()
    opened = [await bridge.open_side_panel(page), await bridge.open_popup(page), await bridge.open_devtools(page)]
    assert [context.view for context in opened] == [VIEW[engine], "popup", "devtools panel"]
    await close(opened[-1])
    assert (await bridge.open_options()).view == "options"
    assert bridge.background.closed


def test_the_guides_example(browser_type: Any, site: Site, tmp_path: Any) -> None:
    manifest = {**WITH_BACKGROUND, **SIDE[browser_type.name], **THE_OTHERS}
    with sync_launch(browser_type, write_extension(tmp_path, manifest, FILES), timeout=LAUNCH_MS) as bridge:
        page = bridge.browser_context.pages[0]
        page.goto(site.url)
        exec(
            compile(shown_in("docs/guide.md", "as_the_user.py"), "docs/guide.md", "exec"),
            {"bridge": bridge, "page": page},
        )
