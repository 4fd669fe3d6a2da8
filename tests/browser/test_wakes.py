"""A background that starts: what it loses in a bare browser it loses here, and what Python listens to, Python gets."""

import asyncio
from pathlib import Path
from typing import Any

import psutil
import pytest
from browser.freezing import frozen
from browser.talking import open_page

from bridge.async_api import Bridge
from support import Site, background, content, write_extension

NOBODY = "Could not establish connection. Receiving end does not exist."
SLOW_ROUNDS = 8  # without the wait for the worker's answer, every second fails
# Listens only after an await, as a background should not.
LATE = """
(async () => {
  await chrome.storage.local.get("x");
  await new Promise((resolve) => setTimeout(resolve, 300));
  chrome.runtime.onConnect.addListener(() => {});
  chrome.runtime.onMessage.addListener((message, sender, sendResponse) => sendResponse("late"));
  await chrome.storage.local.set({ listens: true });
})();
"""
EARLY = """
const port = chrome.runtime.connect({ name: "early" });
port.onDisconnect.addListener(() => {
  document.documentElement.dataset.port = (port.error ?? chrome.runtime.lastError)?.message ?? "clean";
});
chrome.runtime.sendMessage("early").then(
  (answer) => (document.documentElement.dataset.message = `answered ${answer}`),
  (error) => (document.documentElement.dataset.message = error.message),
);
"""
MANIFEST = {**background("b.js"), **content("c.js"), "permissions": ["storage"]}


async def seen(page: Any, what: str) -> Any:
    await page.wait_for_function(f"document.documentElement.dataset.{what}")
    return await page.evaluate(f"document.documentElement.dataset.{what}")


async def listens(bridge: Bridge) -> None:
    """Return when the background has added its listeners; it may just have been woken."""
    await bridge.wait_for_background()
    while not await bridge.background.call("storage.local.get", "listens"):
        pass
    await bridge.background.call("storage.local.clear")


@pytest.fixture
async def late(load: Any, site: Site) -> Any:
    """An extension that listens too late, which has been stopped, and a page that wakes it."""
    bridge = await load(MANIFEST, {"b.js": LATE, "c.js": EARLY})
    page = await open_page(bridge, site.url)
    await seen(page, "message")  # its script may begin after goto() returns, and the next to listen would hear of it
    return bridge, page


async def test_what_comes_too_early_is_lost(late: Any) -> None:
    bridge, page = late
    for _ in range(2):
        await listens(bridge)  # what it does not listen to does not wake it
        await bridge.stop_background()
        await page.reload()
        assert (await seen(page, "port"), await seen(page, "message")) == (NOBODY, NOBODY)


@pytest.mark.parametrize("when", ["running", "stopped"])
async def test_what_python_listens_to_is_not(late: Any, when: str, engine: str) -> None:
    bridge, page = late
    await listens(bridge)
    heard: list[Any] = []

    async def listen() -> None:
        await bridge.background.runtime.onConnect.addListener(heard.append)
        await bridge.background.runtime.onMessage.addListener(answer)

    async def answer(message: Any) -> Any:
        return [message]

    if when == "running":
        await listen()
    await bridge.stop_background()
    if when == "stopped":
        await listen()
        if engine == "chromium":
            await bridge.stop_background()  # listening has started it, and its own listener would answer too
    await page.reload()
    assert await seen(page, "message") == "answered early"
    while not heard:  # noqa: ASYNC110 - each call lets it go on
        await asyncio.sleep(0)
    assert heard[0].name == "early"


async def test_what_python_no_longer_listens_to_is_lost_again(late: Any) -> None:
    bridge, page = late
    await listens(bridge)
    await bridge.background.runtime.onConnect.addListener(print)
    await bridge.background.runtime.onConnect.removeListener(print)
    await bridge.stop_background()
    await page.reload()
    assert await seen(page, "port") == NOBODY


async def test_what_python_no_longer_listens_to_is_lost_though_the_background_was_slow_to_hear_it(
    late: Any, engine: str
) -> None:
    if engine == "firefox":
        pytest.skip("Firefox reads what Python listens to from the agent's file")
    bridge, page = late
    browser = await bridge.browser_context.browser.new_browser_cdp_session()
    for _ in range(SLOW_ROUNDS):
        await listens(bridge)
        await bridge.background.runtime.onConnect.addListener(print)
        with frozen(await extension_processes(browser)):
            removing = asyncio.ensure_future(bridge.background.runtime.onConnect.removeListener(print))
            await settled(browser)
            stopping = asyncio.ensure_future(bridge.stop_background())
            await settled(browser)
        await stopping
        await removing
        await page.reload()
        assert await seen(page, "port") == NOBODY


async def extension_processes(browser: Any) -> list[psutil.Process]:
    processes = (await browser.send("SystemInfo.getProcessInfo"))["processInfo"]
    running = [psutil.Process(process["id"]) for process in processes if process["type"] == "renderer"]
    return [process for process in running if "--extension-process" in process.cmdline()]


async def settled(browser: Any) -> None:
    """Return when the bridge has asked the browser all it asks in a row, which takes some round trips."""
    for _ in range(20):
        await browser.send("Browser.getVersion")


async def test_python_listens_through_many_wakes(late: Any) -> None:
    bridge, page = late
    for round in range(6):
        await listens(bridge)  # else nothing wakes it
        await bridge.stop_background()
        async with bridge.background.expect_connection("early") as info:
            await page.reload()
        port = await info.value
        assert not port.closed, round


async def test_what_python_plays_it_hears_from_the_first_wake_on(start: Any, site: Site) -> None:
    bridge = await start(MANIFEST, {"b.js": "", "c.js": EARLY}, replace=["background"])
    page = await bridge.browser_context.new_page()
    for _ in range(2):
        await bridge.stop_background()
        await page.goto(site.url)
        request = await bridge.background.accept_message()
        await request.respond("Python")
        assert await seen(page, "message") == "answered Python"
        assert (await bridge.background.accept()).name == "early"


async def test_what_wakes_a_background_that_python_plays_is_kept(load: Any, site: Site) -> None:
    bridge = await load(MANIFEST, {"b.js": "", "c.js": EARLY}, replace=["background"])
    page = await bridge.browser_context.new_page()
    await bridge.stop_background()  # before Python has said anything of what it listens to
    await page.goto(site.url)
    while bridge.background.closed:  # noqa: ASYNC110 - each call lets it go on
        await asyncio.sleep(0)
    request = await bridge.background.accept_message()
    await request.respond("early")
    assert await seen(page, "message") == "answered early"
    assert not (await bridge.background.accept("early")).closed


async def test_a_background_that_a_reload_brings_knows_what_python_listens_to(
    start: Any, site: Site, tmp_path: Path
) -> None:
    bridge = await start({**content("c.js"), "permissions": ["storage"]}, {"b.js": LATE, "c.js": EARLY})
    write_extension(tmp_path / "extension", MANIFEST, {})
    await bridge.reload()
    page = await open_page(bridge, site.url)
    await seen(page, "message")  # see `late`
    await listens(bridge)
    await bridge.background.runtime.onConnect.addListener(print)
    await bridge.background.runtime.onConnect.removeListener(print)
    await bridge.stop_background()
    await page.reload()
    assert await seen(page, "port") == NOBODY
    await listens(bridge)
    await bridge.background.runtime.onMessage.addListener(early)
    await bridge.stop_background()
    await page.reload()
    assert await seen(page, "message") == "answered early"


async def early(message: Any) -> Any:
    return "early"
