"""Tabs that the browser has discarded, and what is left of what was in them."""

from typing import Any

import pytest
from browser.talking import new_page
from playwright.async_api import Error as PlaywrightError

from bridge.async_api import Bridge, ContextError, PortDisconnectedError
from support import Site, background, content

MANIFEST = {**background("b.js"), **content("c.js")}
FILES = {
    "b.js": """
        const heard = [];
        chrome.runtime.onConnect.addListener((port) => {
          heard.push("connected");
          port.onDisconnect.addListener(() => heard.push("disconnected"));
        });
        chrome.tabs.onUpdated.addListener((id, { discarded }) => { if (discarded) heard.push(id); });
    """,
    "c.js": "chrome.runtime.connect();",
}


async def test_a_discarded_tab_comes_back_with_new_contexts(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    page = await new_page(bridge, site.url)
    other = await new_page(bridge, site.other_url)
    context = await bridge.content(page)
    former_id = context.tab_id
    kept = await bridge.content(other)
    port = context.runtime.connect({"name": "held"})
    await bridge.background.wait_for_function("heard.length === 3")

    tab_id = await bridge.discard(page)
    assert (tab_id == former_id) is (engine == "firefox")
    assert page.is_closed() and context.closed and not kept.closed
    with pytest.raises(PortDisconnectedError, match="The context is gone"):
        await port.receive()
    with pytest.raises(ContextError, match="is gone"):
        await bridge.content(page)
    with pytest.raises(ContextError):
        await context.evaluate("1")
    assert tab_id in await bridge.background.wait_for_function("heard.length === 6 && heard")
    assert (await bridge.external.call("tabs.get", tab_id))["discarded"]

    async with bridge.expect_context("content", tab=tab_id) as info:
        await bridge.external.call("tabs.update", tab_id, {"active": True})
    again = await (await info.value).playwright_page()
    assert again.url == site.url and await bridge.content(again) is await info.value
    await again.close()


async def test_a_page_that_is_gone(load: Any, site: Site) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    page = await new_page(bridge, site.url)
    await page.close()
    with pytest.raises(PlaywrightError, match="closed"):
        await bridge.discard(page)
