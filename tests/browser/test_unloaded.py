"""The extension ends itself, or somebody ends it: it reloads or uninstalls itself, or is disabled."""

import asyncio
import base64
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from browser.talking import conversation, new_page

from bridge.async_api import Bridge, BridgeTimeoutError, ContextError, PortDisconnectedError
from bridge.webext.ids import chromium_id
from support import Site, background, content, write_extension

SOON_MS = 1000

# Answers each connection with the time of the background's start, then echoes.
GREET = """
const started = Date.now();
chrome.runtime.onConnect.addListener((port) => {
  port.postMessage({ started });
  port.onMessage.addListener((message) => port.postMessage({ echo: message }));
});
"""


@pytest.fixture
async def victim(load: Any, site: Site) -> Any:
    """An extension that may end itself, a page with its content script, and that script's context."""
    manifest = {**background("b.js"), **content("c.js"), "permissions": ["management"]}
    bridge = await load(manifest, {"b.js": GREET, "c.js": ""})
    page = await new_page(bridge, site.url)
    return bridge, page, await bridge.content(page)


async def test_the_extension_reloads_itself(victim: Any, engine: str) -> None:
    bridge, page, orphan = victim
    port = orphan.runtime.connect()
    await port.receive()
    ended = asyncio.ensure_future(bridge.background.wait_for_close(timeout=SOON_MS))
    with suppress(ContextError):  # it may go before its answer is sent
        await bridge.background.call("runtime.reload", timeout=SOON_MS)
    await ended
    await orphan.wait_for_close(timeout=SOON_MS)
    with pytest.raises(PortDisconnectedError):
        await port.receive(timeout=SOON_MS)
    with pytest.raises(ContextError, match="unloaded" if engine == "chromium" else "gone"):
        await orphan.call("runtime.getURL", "")
    with pytest.raises(ContextError, match="Python cannot act in content"):
        orphan.runtime.connect()

    await bridge.wait_for_background()
    assert await bridge.background.call("runtime.getURL", "")
    await page.reload()
    opened, accepted = await conversation(bridge, page)
    accepted.postMessage("again")
    assert "started" in await opened.receive() and await opened.receive() == "again"


async def test_the_extension_uninstalls_itself(victim: Any) -> None:
    bridge, page, orphan = victim
    with pytest.raises(ContextError, match="The extension was uninstalled"):
        async with bridge.background.expect_connection("nobody", timeout=SOON_MS):
            with suppress(ContextError):  # it may go before its answer is sent
                await bridge.background.call("management.uninstallSelf", timeout=SOON_MS)
    await orphan.wait_for_close(timeout=SOON_MS)
    for waiting in (bridge.wait_for_background(timeout=SOON_MS), bridge.background.call("runtime.getURL")):
        with pytest.raises(ContextError, match=r"uninstalled; bridge\.reload\(\) installs it again"):
            await waiting
    with pytest.raises(BridgeTimeoutError, match="It does not run: The extension was uninstalled"):
        await bridge.background.accept(timeout=1)
    await bridge.reload()
    await page.reload()
    opened, _ = await conversation(bridge, page)
    assert "started" in await opened.receive()


WARDEN_KEY = base64.b64encode(b"the warden's key").decode()
WARDEN_ID = chromium_id(base64.b64decode(WARDEN_KEY))
WARDEN = "chrome.runtime.onMessageExternal.addListener(([id, on]) => chrome.management.setEnabled(id, on));"


async def test_another_extension_disables_and_enables_it(start: Any, site: Site, tmp_path: Path, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox lets only extensions that a policy installs disable others")
    manifest = {"manifest_version": 3, "name": "warden", "version": "1", "permissions": ["management"]}
    warden = write_extension(
        tmp_path / "warden", {**manifest, **background("w.js"), "key": WARDEN_KEY}, {"w.js": WARDEN}
    )
    bridge = await start({**background("b.js"), **content("c.js")}, {"b.js": GREET, "c.js": ""}, also=[warden])
    page = await new_page(bridge, site.url)
    opened, accepted = await conversation(bridge, page)
    await bridge.external.call("runtime.sendMessage", WARDEN_ID, [bridge.extension_id, False])
    for port in (opened, accepted):
        await port.wait_for_disconnect(timeout=SOON_MS)
    for context in (bridge.background, opened.context):
        await context.wait_for_close(timeout=SOON_MS)
        with pytest.raises(ContextError, match="The extension was unloaded: it was disabled"):
            await context.call("runtime.getURL", "")

    await bridge.external.call("runtime.sendMessage", WARDEN_ID, [bridge.extension_id, True])
    await bridge.wait_for_background()
    await page.reload()
    opened, accepted = await conversation(bridge, page)
    accepted.postMessage("again")
    assert "started" in await opened.receive() and await opened.receive() == "again"


async def test_the_user_disables_and_enables_it(victim: Any, engine: str) -> None:
    bridge, page, orphan = victim
    await _set_enabled(bridge, on=False)
    for context in (bridge.background, orphan):
        await context.wait_for_close(timeout=SOON_MS)
    await _set_enabled(bridge, on=True)
    await bridge.wait_for_background()
    await page.reload()
    opened, _ = await conversation(bridge, page)
    assert "started" in await opened.receive()


async def _set_enabled(bridge: Bridge, *, on: bool) -> None:
    """Move the switch of the browser's page of extensions."""
    if bridge.browser_name == "firefox":
        addon = (
            "ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs').AddonManager.getAddonByID(id)"
        )
        driver: Any = bridge._driver
        await driver._evaluate(f"{addon}.then((addon) => addon.{'enable' if on else 'disable'}())", bridge.extension_id)
        return
    page = await bridge.browser_context.new_page()
    await page.goto("chrome://extensions")
    change = {"extensionId": bridge.extension_id, "enabled": on}
    await page.evaluate("([id, on]) => chrome.management.setEnabled(id, on)", list(change.values()))
    await page.close()


async def test_reset_installs_it_again(victim: Any, site: Site) -> None:
    bridge, _, orphan = victim
    with suppress(ContextError):
        await bridge.background.call("management.uninstallSelf", timeout=SOON_MS)
    await orphan.wait_for_close(timeout=SOON_MS)
    await bridge.reset()
    opened, _ = await conversation(bridge, await new_page(bridge, site.url))
    assert "started" in await opened.receive()
