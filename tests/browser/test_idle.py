"""`background_idle_timeout`: the background is stopped as browsers do, while Python looks elsewhere."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Port
from bridge.sync_api import Bridge as SyncBridge
from bridge.sync_api import Port as SyncPort
from bridge.sync_api import launch as sync_launch
from support import Site, background, content, write_extension

MANIFEST = {**background("b.js"), **content("c.js")}
ROUNDS = 3
LIMIT_S = 30
# Firefox may suspend a background that long after its start, also if Python has not heard yet of what started it.
IDLE_MS = 1000
# The content script connects again whenever the background that it talks to has been stopped.
FILES = {
    "b.js": "chrome.runtime.onConnect.addListener((port) => port.postMessage(port.name));",
    "c.js": """
        const connect = (round) => {
          const port = chrome.runtime.connect({ name: String(round) });
          port.onMessage.addListener((name) => (document.title = name));
          port.onDisconnect.addListener(() => round < ROUNDS && connect(round + 1));
        };
        connect(1);
    """.replace("ROUNDS", str(ROUNDS)),
}
TITLE = f"document.title === '{ROUNDS}'"


async def test_an_idle_background_stops_again_and_again(start: Any, site: Site) -> None:
    bridge = await start(MANIFEST, FILES, background_idle_timeout=IDLE_MS)
    heard: asyncio.Queue[str] = asyncio.Queue()
    await bridge.background.runtime.onConnect.addListener(lambda port: heard.put_nowait(port.name))
    page = await open_page(bridge, site.url)
    async with asyncio.timeout(LIMIT_S):
        assert [await heard.get() for _ in range(ROUNDS)] == [str(number + 1) for number in range(ROUNDS)]
    await page.wait_for_function(TITLE)  # the scripts have talked too
    await bridge.background.wait_for_close()


async def test_a_port_says_that_the_background_stopped(start: Any, site: Site) -> None:
    bridge = await start(MANIFEST, {**FILES, "c.js": ""}, background_idle_timeout=IDLE_MS)
    page = await open_page(bridge, site.url)
    world = await bridge.content(page)
    ports: list[Port] = []
    bridge.background.runtime.onConnect.addListener(ports.append)
    opened = world.runtime.connect({"name": "held"})
    assert await opened.receive() == "held"
    await opened.wait_for_disconnect()
    await bridge.background.wait_for_close()
    assert "The background stopped" in repr(ports[0]) and ports[0].error
    await bridge.start_background()
    await bridge.background.wait_for_close()


async def test_it_is_no_business_of_other_extensions_in_chromium(start: Any, site: Site, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("the preference is one for all extensions there")
    bridge = await start(MANIFEST, FILES, background_idle_timeout=IDLE_MS)
    await bridge.background.wait_for_close()
    assert not bridge.external.closed  # the relay is an extension with a worker, too


@pytest.fixture
def sync_bridge(browser_type: Any, tmp_path: Path) -> Iterator[SyncBridge]:
    folder = write_extension(tmp_path / "extension", MANIFEST, FILES)
    with sync_launch(browser_type, folder, background_idle_timeout=IDLE_MS) as bridge:
        yield bridge


def test_sync_listeners_stay_too(sync_bridge: SyncBridge, site: Site) -> None:
    heard: list[SyncPort] = []
    sync_bridge.background.runtime.onConnect.addListener(heard.append)
    page = sync_bridge.browser_context.new_page()
    with sync_bridge.background.expect_connection(str(ROUNDS)):
        page.goto(site.url)
    page.wait_for_function(TITLE)
    sync_bridge.background.wait_for_close()
    sync_bridge.start_background()
    sync_bridge.wait_for_background()
    assert [port.name for port in heard] == [str(number + 1) for number in range(ROUNDS)]
    assert all("The background stopped" in repr(port) for port in heard)


@pytest.mark.parametrize("timeout", [0, 99, -1])
async def test_too_short(start: Any, timeout: float) -> None:
    with pytest.raises(ValueError, match=rf"background_idle_timeout={timeout} is too short: give it at least 100 ms"):
        await start(MANIFEST, FILES, background_idle_timeout=timeout)
