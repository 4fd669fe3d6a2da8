"""What ends, and what Python is told then: pages, backgrounds, reloads, browsers."""

import asyncio
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from browser.talking import conversation, new_page

from bridge.async_api import (
    Bridge,
    BridgeTimeoutError,
    ContextError,
    Port,
    PortDisconnectedError,
    RemoteError,
    UnsupportedError,
)
from bridge.javascript import UNDEFINED
from support import DISCONNECTED, Site, background, content

# Answers each connection with the number of this start of the background, then echoes.
COUNTER = """
const started = Date.now();
chrome.runtime.onConnect.addListener((port) => {
  port.postMessage({ started });
  port.onMessage.addListener((message) => port.postMessage({ echo: message }));
});
"""


async def test_navigation_ends_both_ends(sample: Bridge, sample_page: Any, site: Site) -> None:
    await sample_page.goto(site.url)
    opened, accepted = await conversation(sample, sample_page)
    waiting = asyncio.ensure_future(accepted.wait_for_disconnect())
    receiving = asyncio.ensure_future(_second(opened))
    await sample_page.goto(site.url + "elsewhere")
    await waiting
    with pytest.raises(PortDisconnectedError, match="gone"):
        await receiving
    assert opened.closed and opened.context.closed
    assert accepted.error is None
    with pytest.raises(ContextError, match="gone"):
        opened.context.runtime.connect()
    with pytest.raises(PortDisconnectedError, match=DISCONNECTED[sample.browser_name]):
        opened.postMessage(1)


async def _second(port: Port) -> Any:
    await port.receive()  # the greeting
    return await port.receive()


async def test_closing_the_page_ends_its_ports(sample: Bridge, site: Site) -> None:
    page = await new_page(sample, site.url)
    opened, accepted = await conversation(sample, page)
    await page.close()
    await accepted.wait_for_disconnect()
    await opened.wait_for_disconnect()
    assert opened.context not in sample.contexts


async def test_posting_on_a_port_that_the_genuine_script_disconnected(load: Any, site: Site) -> None:
    script = "chrome.runtime.onConnect.addListener((port) => port.onMessage.addListener(() => port.disconnect()));"
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": script, "c.js": ""})
    page = await new_page(bridge, site.url)
    opened, accepted = await conversation(bridge, page)
    await opened.postMessage("disconnect")
    await opened.wait_for_disconnect()
    assert await accepted.receive() == "disconnect" and not accepted.closed  # no side hears of its own disconnect
    words = f"^{DISCONNECTED[bridge.browser_name]}.*another script"
    with pytest.raises(PortDisconnectedError, match=words):
        await accepted.postMessage(UNDEFINED)
    with pytest.raises(PortDisconnectedError, match=words):
        await accepted.postMessage("plain")


async def test_content_of_a_page_without_content_scripts(load: Any, site: Site) -> None:
    entry = {"matches": ["http://127.0.0.1/*"], "js": ["c.js"]}
    bridge = await load({"content_scripts": [entry]}, {"c.js": ""})
    page = await new_page(bridge, site.other_url)
    with pytest.raises(ContextError, match="runs no script in http://localhost"):
        await bridge.content(page)
    await page.goto(site.url)
    assert (await bridge.content(page)).url == site.url
    await page.close()
    with pytest.raises(ContextError, match="gone"):
        await bridge.content(page)


async def test_stopped_background_wakes_with_pythons_listeners(load: Any, site: Site) -> None:
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": COUNTER, "c.js": ""})
    page = await new_page(bridge, site.url)
    opened, accepted = await conversation(bridge, page)
    first = await opened.receive()
    disconnects: list[Port] = []
    accepted.onDisconnect.addListener(disconnects.append)

    await bridge.stop_background()
    assert bridge.background.closed
    with pytest.raises(ContextError, match="background"):
        bridge.background.runtime.connect()
    await opened.wait_for_disconnect() if bridge.browser_name == "chromium" else opened.disconnect()
    assert accepted.closed

    reopened, reaccepted = await conversation(bridge, page)
    assert (await reopened.receive())["started"] > first["started"]
    await reopened.postMessage("hello again")
    assert await reaccepted.receive() == "hello again"
    assert await reopened.receive() == {"echo": "hello again"}
    assert not bridge.background.closed


async def test_listener_survives_restarts(load: Any, site: Site) -> None:
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": "", "c.js": ""})
    page = await new_page(bridge, site.url)
    world = await bridge.content(page)
    seen: asyncio.Queue[Port] = asyncio.Queue()
    await bridge.background.runtime.onConnect.addListener(seen.put_nowait)
    for number in range(3):
        await bridge.stop_background()
        world.runtime.connect({"name": str(number)})
        assert (await seen.get()).name == str(number)


async def test_without_pythons_listener_nobody_receives(load: Any, site: Site) -> None:
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": "", "c.js": ""})
    page = await new_page(bridge, site.url)
    world = await bridge.content(page)
    for _ in range(2):
        port = world.runtime.connect({"name": "nobody"})
        await port.wait_for_disconnect()
        assert "Receiving end does not exist" in port.error.message
        listener = await _listen_once(bridge)
        await bridge.background.runtime.onConnect.removeListener(listener)


async def _listen_once(bridge: Bridge) -> Any:
    listener = lambda port: None  # noqa: E731
    await bridge.background.runtime.onConnect.addListener(listener)
    return listener


async def test_reload_takes_the_changed_files(start: Any, site: Site, tmp_path: Path) -> None:
    bridge = await start(
        {**background("b.js"), **content("c.js")}, {"b.js": COUNTER.replace("started }", "version: 1 }"), "c.js": ""}
    )
    page = await new_page(bridge, site.url)
    opened, accepted = await conversation(bridge, page)
    assert await opened.receive() == {"version": 1}
    (tmp_path / "extension" / "b.js").write_text(COUNTER.replace("started }", "version: 2 }"))
    id = bridge.extension_id
    await bridge.reload()
    assert bridge.extension_id == id
    assert opened.closed and accepted.closed and opened.context.closed
    await page.reload()
    opened, accepted = await conversation(bridge, page)
    assert await opened.receive() == {"version": 2}


# Says in the page how its calls end, when the page asks for it.
CALLS = """
const { runtime } = globalThis.browser ?? globalThis.chrome;
const port = runtime.connect();
const calls = [() => runtime.connect(), () => runtime.sendMessage(1), () => port.postMessage(1)];
document.addEventListener("call", () => {
  const ends = calls.map((call) => { try { call(); return "nothing"; } catch (error) { return error.message; } });
  const { dataset } = document.documentElement;
  dataset.ends = JSON.stringify([...JSON.parse(dataset.ends ?? "[]"), ...ends]);
});
"""


async def test_an_old_content_script_after_a_reload(load: Any, site: Site, engine: str) -> None:
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": COUNTER, "c.js": CALLS})
    page = await new_page(bridge, site.url)
    world = await bridge.content(page)
    port = world.runtime.connect()
    await port.receive()
    await bridge.reload()
    await page.evaluate("document.dispatchEvent(new Event('call'))")
    ends = json.loads(await page.evaluate("document.documentElement.dataset.ends ?? '[]'"))
    orphaned = ""
    if engine == "chromium":  # which leaves it there
        words = "Extension context invalidated."
        assert ends == [words] * 3
        orphaned = f'; this script is an orphan, whose own calls throw "{words}"'
    else:  # the old script is gone; a new one may have begun
        assert set(ends) <= {"nothing"}
    reason = f"The extension was reloaded{orphaned}"
    for call in (
        world.runtime.connect,
        lambda: world.runtime.id,
        lambda: world.runtime.onMessage.addListener(print),
    ):
        with pytest.raises(ContextError, match=f": {re.escape(reason)}$"):
            call()
    for asking in (world.runtime.sendMessage(1), world.call("runtime.getURL", "")):
        with pytest.raises(ContextError, match=f": {re.escape(reason)}$"):
            await asking
    with pytest.raises(PortDisconnectedError, match=re.escape(f"{DISCONNECTED[engine]} ('': {reason})")):
        port.postMessage(1)
    assert port.error and port.error.message == reason


async def test_browser_that_dies_ends_every_wait(start: Any, site: Site) -> None:
    bridge = await start({**background("b.js"), **content("c.js")}, {"b.js": COUNTER, "c.js": ""})
    page = await new_page(bridge, site.url)
    opened, accepted = await conversation(bridge, page)
    await opened.receive()
    waits = [
        asyncio.ensure_future(wait)
        for wait in (
            opened.receive(),
            accepted.receive(),
            bridge.background.accept("never"),
            bridge.background.call("storage.local.get", "x"),
        )
    ]
    await asyncio.gather(asyncio.wait(waits), asyncio.to_thread(_kill_browser, bridge))
    errors = [wait.exception() for wait in waits]
    assert all(isinstance(error, PortDisconnectedError | ContextError | RemoteError) for error in errors), errors
    await opened.wait_for_disconnect()
    assert bridge.contexts == []
    with pytest.raises(ContextError):
        await bridge.content(page)


def _kill_browser(bridge: Bridge) -> None:
    for pid in browser_pids(bridge):
        os.kill(pid, signal.SIGKILL)


def browser_pids(bridge: Bridge) -> list[int]:
    """The browser's main process: the one whose arguments name the launch's private folder."""
    profile = str(bridge._extension.copy.parent)
    pids = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if profile in arguments and "--type=" not in arguments and "-contentproc" not in arguments:
            pids.append(int(process.name))
    return pids


async def test_persistent_background_page_never_stops(load: Any, engine: str) -> None:
    if engine == "chromium":
        pytest.skip("Chromium has no Manifest V2")
    bridge = await load({"manifest_version": 2, "background": {"scripts": ["b.js"]}}, {"b.js": ""})
    with pytest.raises(UnsupportedError, match="persistent"):
        await bridge.stop_background()


async def test_clicking_what_is_not_there(load: Any) -> None:
    bridge = await load(background("b.js"), {"b.js": ""})
    with pytest.raises(UnsupportedError, match="action"):
        await bridge.click_action()


PAGE_ACTION = """
browser.pageAction.onClicked.addListener((tab) => browser.runtime.connect({ name: "clicked" }).postMessage(tab.url));
browser.tabs.onUpdated.addListener((id, change, tab) => {
  if (tab.url.endsWith("late") && change.status === "complete") setTimeout(() => browser.pageAction.show(id), 300);
});
"""


async def test_the_button_of_a_page_action(load: Any, engine: str, site: Site) -> None:
    manifest = {
        "manifest_version": 2,
        "background": {"scripts": ["b.js"]},
        "page_action": {"show_matches": ["*://*/shown"], "hide_matches": ["*://*/hidden"]},
        "permissions": ["<all_urls>", "tabs"],
    }
    if engine == "chromium":
        pytest.skip("Chromium has no page actions in Manifest V3")
    bridge = await load(manifest, {"b.js": PAGE_ACTION, "p.html": ""})
    listener = await bridge.page("p.html")
    page = await bridge.browser_context.new_page()
    for path in ("shown", "late"):  # by the manifest, and by the background, after a while
        await page.goto(site.url + path)
        async with listener.expect_connection("clicked") as info:
            await bridge.click_page_action(page)
        assert await (await info.value).receive() == site.url + path
    await page.goto(site.url + "hidden")
    with pytest.raises(BridgeTimeoutError, match="Waited for the extension to show its page action"):
        await bridge.click_page_action(timeout=200)
    with pytest.raises(UnsupportedError, match=r"use click_page_action\(\)"):
        await bridge.click_action(page)


async def test_extension_page_closes(sample: Bridge) -> None:
    page = await sample.page()
    port = page.runtime.connect({"name": "from a page"})
    assert await port.receive() == {"greeting": "hi there content script!"}
    await page.close()
    await port.wait_for_disconnect()
    assert page.closed
    await page.close()


async def test_back_forward_cache(start: Any, site: Site) -> None:
    bridge = await start({**background("b.js"), **content("c.js")}, {"b.js": "", "c.js": ""}, bfcache=True)
    page = await new_page(bridge, site.url)
    await page.evaluate("globalThis.mark = 'the same document'")
    opened, accepted = await conversation(bridge, page)
    await page.goto(site.other_url)
    assert (await bridge.content(page)).url == site.other_url
    if bridge.browser_name == "firefox":  # which leaves the ports of a cached page open
        assert not accepted.closed
        return  # Playwright does not see a stock Firefox go back to a cached page
    await accepted.wait_for_disconnect()
    await opened.wait_for_disconnect()
    await page.go_back(wait_until="commit")
    assert await page.evaluate("globalThis.mark") == "the same document"
    again, reaccepted = await conversation(bridge, page)
    assert again.context.url == site.url
    await again.postMessage("from the cache")
    assert await reaccepted.receive() == "from the cache"


async def test_the_relay_is_stopped_and_comes_back(load: Any, site: Site, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox does not stop the relay, whose background page is a persistent one")
    files = {"b.js": "chrome.runtime.onConnect.addListener((port) => port.postMessage('hello'))", "c.js": ""}
    bridge = await load({**background("b.js"), **content("c.js")}, files)
    heard: list[str] = []
    await bridge.background.runtime.onConnect.addListener(lambda port: heard.append(port.name))
    page = await bridge.browser_context.new_page()
    await page.goto(site.url)
    former = await bridge.content(page)
    async with bridge.background.expect_connection("former"):
        port = former.runtime.connect({"name": "former"})
    assert await port.receive() == "hello"
    await bridge._driver.stop_background(bridge._extension.relay_id)
    await former.wait_for_close()
    with pytest.raises(PortDisconnectedError):
        await port.receive()
    await bridge.wait_for_background()
    world = await bridge.content(page)
    assert world is not former
    async with bridge.background.expect_connection("next"):
        port = world.runtime.connect({"name": "next"})
    assert await port.receive() == "hello"
    assert await bridge.external.call("runtime.getURL", "")
    assert heard == ["former", "next"]
