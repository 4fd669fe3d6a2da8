"""The browser runs before the extension is installed, and Python installs it."""

from typing import Any

import pytest
from browser.talking import conversation, open_page

from bridge.async_api import Bridge, ContextError, ExtensionError
from support import Site, background, content, write_extension

FILES = {
    "b.js": """
        let reason = "";
        chrome.runtime.onInstalled.addListener((details) => {
          reason = details.reason;
          chrome.tabs.create({ url: "welcome.html" });
        });
        chrome.runtime.onConnect.addListener(() => {});
    """,
    "c.js": "",
    "welcome.html": "<!doctype html><title>welcome</title><script src='w.js'></script>",
    "w.js": "const port = chrome.runtime.connect({ name: 'welcome' })",
}
MANIFEST = {**background("b.js"), **content("c.js"), "action": {}, "optional_permissions": ["tabs"]}
NOT_INSTALLED = r"not installed, as launch\(install=False\) wants it; bridge\.install\(\) installs it"


async def assert_absent(bridge: Bridge, page: Any) -> None:
    for asking in (
        bridge.wait_for_background(timeout=0),
        bridge.start_background(timeout=0),
        bridge.stop_background(timeout=0),
        bridge.content(page, timeout=0),
        bridge.context_of(page, timeout=0),
        bridge.page("welcome.html", timeout=0),
        bridge.click_action(page, timeout=0),
        bridge.grant("tabs", timeout=0),
        bridge.disable(timeout=0),
        bridge.background.call("runtime.getURL", ""),
    ):
        with pytest.raises(ContextError, match=NOT_INSTALLED):
            await asking
    assert bridge.contexts == [bridge.external]
    ids = [extension["id"] for extension in await bridge.external.call("management.getAll")]
    assert bridge.extension_id not in ids


async def install_and_see_the_welcome(bridge: Bridge) -> None:
    async with bridge.expect_context("page", url="**/welcome.html") as info:
        await bridge.install()
    await info.value
    assert await bridge.background.evaluate("reason") == "install"


async def test_installed_while_a_page_is_open(load: Any, site: Site) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, install=False)
    page = await open_page(bridge, site.url)
    await assert_absent(bridge, page)
    await install_and_see_the_welcome(bridge)
    await page.reload()
    await conversation(bridge, page)
    await bridge.background.evaluate("reason = 'kept'")
    await bridge.install()
    assert await bridge.background.evaluate("reason") == "kept"
    await bridge.disable()
    with pytest.raises(ContextError, match=r"bridge\.enable\(\) enables it again"):
        await bridge.install()
    await bridge.uninstall()
    await install_and_see_the_welcome(bridge)

    await bridge.reset()
    page = await open_page(bridge, site.url)
    await assert_absent(bridge, page)
    await install_and_see_the_welcome(bridge)
    await page.reload()
    await conversation(bridge, page)


async def test_a_wait_from_before_gets_the_first_connection(load: Any) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, install=False)
    async with bridge.background.expect_connection("welcome") as info:
        await bridge.install()
    port = await info.value
    assert port.sender and port.sender.url.endswith("/welcome.html")


async def test_what_the_browser_rejects_stays_out(start: Any, tmp_path: Any) -> None:
    folder = write_extension(tmp_path / "extension", MANIFEST, FILES)
    bridge: Bridge = await start(folder, install=False)
    write_extension(folder, {**MANIFEST, "manifest_version": 7}, FILES)
    with pytest.raises(ExtensionError):
        await bridge.install()
    with pytest.raises(ContextError, match=NOT_INSTALLED):
        await bridge.wait_for_background()
    write_extension(folder, MANIFEST, FILES)
    await install_and_see_the_welcome(bridge)
