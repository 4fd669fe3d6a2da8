"""A reset makes the browser as it was after the launch: nothing of what was before it is left."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge import sync_api
from bridge.async_api import Bridge, ContextError, PortDisconnectedError
from support import LAUNCH_MS, SAMPLE, Site, background, content, write_extension

# Counts its installations and starts in a storage that a reset empties.
COUNTING = """
chrome.runtime.onInstalled.addListener(async ({ reason }) => {
  const { log = [] } = await chrome.storage.local.get("log");
  await chrome.storage.local.set({ log: [...log, reason] });
  chrome.runtime.onConnect.addListener(() => {});
});
chrome.runtime.onConnect.addListener((port) => port.postMessage("genuine"));
"""
FILES = {
    "b.js": COUNTING,
    "c.js": "chrome.runtime.connect({ name: 'content' })",
    "popup.html": "<!doctype html><title>popup</title>",
}
MANIFEST: dict[str, Any] = {
    "permissions": ["storage", "nativeMessaging"],
    **background("b.js"),
    **content("c.js"),
}


async def log_of(bridge: Bridge) -> Any:
    """What the background wrote when it was installed; it may not have written it yet."""
    async with asyncio.timeout(20):
        while not (stored := await bridge.background.call("storage.local.get", "log")):
            pass
    return stored["log"]


async def test_the_extension_is_new(start: Any) -> None:
    bridge = await start(MANIFEST, FILES)
    former_id = bridge.extension_id
    for _ in range(3):
        assert await log_of(bridge) == ["install"]
        await bridge.background.call("storage.local.set", {"left": "over"})
        await bridge.reset()
        assert bridge.extension_id == former_id
        assert await bridge.background.call("storage.local.get", "left") == {}


async def test_chromium_runs_none_of_the_desktops_tools(start: Any, tmp_path: Path, engine: str) -> None:
    if engine == "firefox" or sys.platform != "linux":
        pytest.skip("only Chromium on Linux would run them")
    called, folder = tmp_path / "called", tmp_path / "tools"
    folder.mkdir()
    for name in ("xdg-desktop-menu", "xdg-icon-resource"):
        tool = folder / name
        tool.write_text(f"#!/bin/sh\necho {name} >>'{called}'\n", "utf-8")
        tool.chmod(0o755)
    bridge = await start(SAMPLE, env={**os.environ, "PATH": os.pathsep.join([str(folder), os.environ["PATH"]])})
    await bridge.reset()
    await bridge.close()
    assert not called.exists()


async def test_pages_cookies_and_routes_are_gone(load: Any, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    context = bridge.browser_context
    await context.add_cookies([{"name": "a", "value": "b", "url": site.url}])
    await context.route("**/routed", lambda route: route.fulfill(body="routed"))
    pages = [await context.new_page() for _ in range(2)]
    for page in pages:
        await page.goto(site.url)
    content = await bridge.content(pages[0])
    popup = await bridge.page("popup.html")
    bridge.set_default_timeout(1)
    await bridge.reset()
    assert content.closed and popup.closed
    assert all(page.is_closed() for page in pages)
    if bridge.browser_name == "chromium":  # Playwright goes on listing the extension pages that Firefox has closed
        assert [page.url for page in context.pages] == ["about:blank"]
    assert await context.cookies() == []
    page = await context.new_page()
    await page.goto(site.url + "routed")
    assert await page.title() == "a page"
    port = (await bridge.content(page)).runtime.connect()  # with the default timeout of a launch
    assert await port.receive() == "genuine"


async def test_ports_and_listeners_are_gone(start: Any, site: Site) -> None:
    bridge = await start(MANIFEST, FILES, native=["app"])
    heard: list[Any] = []
    bridge.background.runtime.onConnect.addListener(heard.append)
    bridge.external.runtime.onConnectExternal.addListener(heard.append)
    bridge.native("app").onConnect.addListener(heard.append)
    page = await bridge.page()
    opened = page.runtime.connect({"name": "page"})
    opened.onDisconnect.addListener(heard.append)
    application = bridge.background.runtime.connectNative("app")
    assert await opened.receive() == "genuine"
    application.postMessage("hello")
    async with asyncio.timeout(20):
        while len(heard) < 2:  # the connections to the background and to the application
            await bridge.external.call("runtime.getPlatformInfo")
    heard.clear()

    await bridge.reset()
    for port in (opened, application):
        with pytest.raises(PortDisconnectedError):
            port.postMessage("late")
    with pytest.raises(ContextError, match="The bridge was reset"):
        page.runtime.connect()
    assert not bridge.background.runtime.onConnect.hasListener(heard.append)
    page = await bridge.page()
    assert await page.runtime.connect().receive() == "genuine"
    assert heard == []


async def test_what_was_kept_is_forgotten(start: Any, site: Site) -> None:
    bridge = await start(MANIFEST, FILES)
    application = bridge.native("app")
    async with bridge.background.expect_connection("one"):
        page = await bridge.page()
        page.runtime.connect({"name": "kept"})
        page.runtime.connect({"name": "one"})
    bridge.background.runtime.connectNative("app").postMessage(1)
    bridge.background.runtime.connectNative("app").postMessage(2)
    assert await (await application.accept()).receive() in (1, 2)  # the other may be kept by now

    await bridge.reset()
    page = await bridge.page()
    async with bridge.background.expect_connection() as info:
        page.runtime.connect({"name": "first"})
    assert (await info.value).name == "first"
    bridge.background.runtime.connectNative("app").postMessage("new")
    assert await (await application.accept()).receive() == "new"


async def test_what_python_plays_is_still_kept_from_the_start(start: Any, site: Site) -> None:
    bridge = await start(MANIFEST, FILES, replace=["background"])
    for _ in range(2):
        page = await bridge.browser_context.new_page()
        await page.goto(site.url)
        await (await bridge.content(page)).runtime.connect({"name": "left over"}).postMessage(1)
        assert (await bridge.background.accept("content")).sender.url == site.url
        await bridge.reset()
    page = await bridge.browser_context.new_page()
    await page.goto(site.url)
    assert (await bridge.background.accept()).name == "content"


async def test_ports_to_other_extensions_are_closed(start: Any, tmp_path: Any) -> None:
    other_id = "other@example.org"
    manifest = {"browser_specific_settings": {"gecko": {"id": other_id}}, **background("o.js")}
    files = {"o.js": "chrome.runtime.onConnectExternal.addListener((port) => port.postMessage(chrome.runtime.id));"}
    other = write_extension(tmp_path / "other", manifest, files)
    bridge = await start({**MANIFEST, "permissions": ["management"]}, {**FILES, "b.js": ""}, also=[other])
    others = [entry["id"] for entry in await bridge.background.call("management.getAll") if entry["name"] == "tested"]
    (other_id,) = set(others) - {bridge.extension_id}
    port = bridge.external.runtime.connect(other_id)
    assert await port.receive() == other_id
    await bridge.reset()
    assert port.closed
    assert await bridge.external.runtime.connect(other_id).receive() == other_id


async def test_a_listeners_error_is_raised_after_the_reset(load: Any) -> None:
    bridge = await load(MANIFEST, FILES)
    page = await bridge.page()
    port = page.runtime.connect()
    raised = asyncio.Event()

    def broken(message: Any) -> None:
        raised.set()
        raise ZeroDivisionError(message)

    port.onMessage.addListener(broken)
    await raised.wait()
    with pytest.raises(ZeroDivisionError, match="genuine"):
        await bridge.reset()
    assert page.closed and bridge.recent_traffic() == []
    assert await log_of(bridge) == ["install"]
    await bridge.reset()


async def test_traffic_is_told_and_forgotten(load: Any) -> None:
    bridge = await load(MANIFEST, FILES)
    port = (await bridge.page()).runtime.connect({"name": "talk"})
    await port.receive()
    port.postMessage({"a": 1})
    port.disconnect()
    opened, received, sent, closed = bridge.recent_traffic()
    assert re.search(r"Python in page, tab \d+ opened port \d+ 'talk'$", opened)
    assert re.search(r"background posted on port \d+ 'talk': \"genuine\"$", received)
    assert re.search(r"Python in page, tab \d+ posted on port \d+ 'talk': {\"a\": 1}$", sent)
    assert re.search(r"port \d+ 'talk' closed in page, tab \d+: disconnect\(\)$", closed)
    await bridge.reset()
    assert bridge.recent_traffic() == []


def test_sync(browser_type: Any, site: Site) -> None:
    with sync_api.launch(browser_type, SAMPLE, timeout=LAUNCH_MS) as bridge:
        for _ in range(2):
            page = bridge.browser_context.new_page()
            page.goto(site.url)
            with bridge.background.expect_connection("sync") as info:
                port = bridge.content(page).runtime.connect({"name": "sync"})
            port.onMessage.addListener(lambda message: None)
            assert info.value.name == "sync"
            bridge.reset()
            assert page.is_closed() and port.closed and info.value.closed
        bridge.raise_listener_errors()
        assert bridge.recent_traffic() == []
