"""The extension is disabled, enabled and uninstalled from Python, as its user does it."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from browser.packing import crx3, pack
from browser.shown import shown_in
from browser.talking import conversation, open_page

from bridge.async_api import Bridge, ContextError, ExtensionError, PortDisconnectedError, launch
from bridge.sync_api import launch as sync_launch
from support import LAUNCH_MS, Site, background, content, write_extension

GREET = """
let reason;
chrome.runtime.onInstalled.addListener((details) => (reason = details.reason));
chrome.runtime.onConnect.addListener((port) => port.postMessage('greeting'));
"""
FILES = {"b.js": GREET, "c.js": "", "popup.html": "<!doctype html><title>popup</title>"}
MANIFEST = {**background("b.js"), **content("c.js"), "permissions": ["storage"], "action": {}}
OPENED = {
    "optional_permissions": ["bookmarks"],
    "action": {"default_popup": "popup.html"},
    "options_ui": {"page": "popup.html"},
}
KEY = base64.b64encode(b"any bytes do for a key that signs nothing").decode()
TALKS = {
    "b.js": GREET,
    "c.js": "let answer; chrome.runtime.connect().onMessage.addListener((message) => (answer = message));",
}
DISABLED = r"The extension was disabled by disable\(\); bridge\.enable\(\) enables it again"
UNINSTALLED = r"The extension was uninstalled by uninstall\(\); bridge\.reload\(\) installs it again"


async def assert_talks(bridge: Bridge, page: Any) -> None:
    """After the page was loaded anew, its content script reaches the extension and Python."""
    await page.reload()
    opened, accepted = await conversation(bridge, page)
    accepted.postMessage("from Python")
    assert {await opened.receive(), await opened.receive()} == {"greeting", "from Python"}


async def test_disabled_and_enabled(load: Any, site: Site) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    heard: list[str] = []
    await bridge.background.runtime.onConnect.addListener(lambda port: heard.append(port.name))
    await bridge.background.call("storage.local.set", {"kept": 1})
    site_page = await open_page(bridge, site.url)
    opened, accepted = await conversation(bridge, site_page)
    popup = await bridge.page("popup.html")
    await bridge.disable()
    for context in (bridge.background, opened.context, popup):
        assert context.closed
        with pytest.raises(ContextError, match=DISABLED):
            await context.call("runtime.getURL", "")
    for port in (opened, accepted):
        with pytest.raises(PortDisconnectedError, match=DISABLED):
            port.postMessage(1)
    assert bridge.contexts == [bridge.external]
    id = bridge.extension_id
    assert (await bridge.external.call("management.get", id))["enabled"] is False

    await bridge.enable()
    assert not bridge.background.closed
    assert (await bridge.external.call("management.get", id))["enabled"] is True
    assert await bridge.background.call("storage.local.get", "kept") == {"kept": 1}
    heard.clear()
    await assert_talks(bridge, site_page)
    assert len(heard) == 1


async def test_what_needs_a_disabled_extension_ends_at_once(load: Any, site: Site) -> None:
    bridge: Bridge = await load({**MANIFEST, **OPENED}, FILES)
    page = await open_page(bridge, site.url)
    await bridge.disable()
    for asking in (
        bridge.wait_for_background(timeout=0),
        bridge.start_background(timeout=0),
        bridge.stop_background(timeout=0),
        bridge.content(page, timeout=0),
        bridge.context_of(page, timeout=0),
        bridge.page("popup.html", timeout=0),
        bridge.click_action(page, timeout=0),
        bridge.open_popup(page, timeout=0),
        bridge.open_options(timeout=0),
        bridge.grant("bookmarks", timeout=0),
        bridge.revoke("bookmarks", timeout=0),
        bridge.reload(timeout=0),
    ):
        with pytest.raises(ContextError, match=DISABLED):
            await asking
    await bridge.enable()
    await bridge.reload()
    await assert_talks(bridge, page)


async def test_in_another_order(load: Any, site: Site) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    page = await open_page(bridge, site.url)
    await bridge.stop_background()
    await bridge.enable()
    assert bridge.background.closed
    await bridge.disable()
    with pytest.raises(ContextError, match=DISABLED):
        await bridge.background.call("runtime.getURL", "")
    await bridge.disable()
    await bridge.enable()
    await bridge.enable()
    await assert_talks(bridge, page)
    await bridge.disable()
    await bridge.reset()
    await assert_talks(bridge, await open_page(bridge, site.url))


async def test_without_a_background(load: Any, site: Site) -> None:
    bridge: Bridge = await load(content("c.js"), FILES)
    page = await open_page(bridge, site.url)
    world = await bridge.content(page)
    await bridge.disable()
    assert world.closed
    await bridge.enable()
    await page.reload()
    assert await (await bridge.content(page)).call("runtime.getURL", "")


async def test_uninstalled(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    heard: list[str] = []
    await bridge.background.runtime.onConnect.addListener(lambda port: heard.append(port.name))
    await bridge.background.call("storage.local.set", {"lost": 1})
    page = await open_page(bridge, site.url)
    opened, _ = await conversation(bridge, page)
    await bridge.uninstall()
    orphaned = "; this script is an orphan" if engine == "chromium" else "$"
    with pytest.raises(ContextError, match=UNINSTALLED + orphaned):
        await opened.context.call("runtime.getURL", "")
    installed = [extension["id"] for extension in await bridge.external.call("management.getAll")]
    assert bridge.extension_id not in installed
    await bridge.uninstall()
    for asking in (bridge.disable(), bridge.enable(), bridge.wait_for_background(), bridge.content(page)):
        with pytest.raises(ContextError, match=UNINSTALLED):
            await asking

    await bridge.reload()
    assert await bridge.background.wait_for_function("() => reason") == "install"
    assert await bridge.background.call("storage.local.get", "lost") == {}
    heard.clear()
    await assert_talks(bridge, page)
    assert len(heard) == 1
    await bridge.disable()
    await bridge.uninstall()
    await bridge.reset()
    await assert_talks(bridge, await open_page(bridge, site.url))


async def test_what_waits_for_the_background_ends(load: Any) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    with pytest.raises(ContextError, match=UNINSTALLED):
        async with bridge.background.expect_connection("nobody", timeout=0):
            await bridge.uninstall()
    await bridge.reset()


TELLS = """
let tell;
const installed = new Promise((resolve) => (tell = resolve));
chrome.runtime.onInstalled.addListener((details) => tell({ ...details, text: "TEXT" }));
chrome.runtime.onConnect.addListener((port) => installed.then((details) => port.postMessage(details)));
"""


def zipped(folder: Path, manifest: dict[str, Any], text: str) -> str:
    write_extension(folder, manifest, {"b.js": TELLS.replace("TEXT", text), "c.js": ""})
    return shutil.make_archive(str(folder), "zip", folder)


async def test_upgraded_from_an_archive_to_a_folder(start: Any, site: Site, tmp_path: Path) -> None:
    bridge: Bridge = await start(zipped(tmp_path / "old", MANIFEST, "old"))
    id = bridge.extension_id
    heard: list[str] = []
    await bridge.background.runtime.onConnect.addListener(lambda port: heard.append(port.name))
    await bridge.background.call("storage.local.set", {"kept": 1})
    page = await open_page(bridge, site.url)
    opened, _ = await conversation(bridge, page)
    assert (await opened.receive())["text"] == "old"
    zipped(tmp_path / "new", {**MANIFEST, "version": "2"}, "new")
    await bridge.upgrade(tmp_path / "new")
    with pytest.raises(ContextError, match="The extension was upgraded"):
        await opened.context.call("runtime.getURL", "")
    assert (bridge.extension_id, bridge.manifest["version"]) == (id, "2")
    assert await bridge.background.call("storage.local.get", "kept") == {"kept": 1}
    heard.clear()
    await page.reload()
    opened, _ = await conversation(bridge, page)
    details = await opened.receive()
    assert (details["reason"], details["previousVersion"], details["text"]) == ("update", "1", "new")
    assert heard == ["held"]
    assert any("'held'" in line for line in bridge.recent_traffic()[:3])  # of before


async def test_upgraded_on_the_record(start: Any, site: Site, tmp_path: Path) -> None:
    bridge: Bridge = await start(write_extension(tmp_path / "old", MANIFEST, TALKS), record="all")
    page = await open_page(bridge, site.url)
    await (await bridge.content(page)).wait_for_function("answer")
    await bridge.upgrade(write_extension(tmp_path / "new", {**MANIFEST, "version": "2"}, TALKS))
    await page.reload()
    await (await bridge.content(page)).wait_for_function("answer")
    await bridge.close()
    former, *_, last = bridge.traffic.ports()  # Firefox runs the new script at once, too
    assert former.reason.startswith("The extension was upgraded") and last.reason == "The bridge was closed"
    for port in former, last:
        assert [(message.by, message.payload) for message in port.messages] == [("script", "greeting")]


@pytest.mark.slow("further")
async def test_upgraded_over_restarts(engine_type: Any, tmp_path: Path) -> None:
    # In a kept profile, Chromium runs the script of a former version, if the copies of both lie in the same folder.
    def start(extension: Any) -> Any:
        return launch(engine_type, extension, user_data_dir=tmp_path / "profile", timeout=LAUNCH_MS)

    manifest = {**MANIFEST, "key": KEY, "browser_specific_settings": {"gecko": {"id": "kept@example.org"}}}
    async with start(zipped(tmp_path / "old", manifest, "old")) as bridge:
        id = bridge.extension_id
        await bridge.background.call("storage.local.set", {"kept": 1})
    zipped(tmp_path / "new", {**manifest, "version": "2"}, "new")
    async with start(tmp_path / "new") as bridge:
        assert bridge.extension_id == id
        details = await bridge.background.evaluate("installed")
        assert (details["reason"], details["text"]) == ("install", "new")
        assert await bridge.background.call("storage.local.get") == {"kept": 1}
        write_extension(tmp_path / "newest", {**manifest, "version": "3"}, {"b.js": TELLS, "c.js": ""})
        archive = tmp_path / "newest.crx"
        archive.write_bytes(crx3(pack(tmp_path / "newest"), base64.b64decode(KEY)))
        await bridge.upgrade(archive)
        details = await bridge.background.evaluate("installed")
        assert (details["reason"], details["previousVersion"], details["text"]) == ("update", "2", "TEXT")
        assert await bridge.background.call("storage.local.get") == {"kept": 1}


async def test_another_id_cannot_take_the_place(start: Any, engine: str, tmp_path: Path) -> None:
    bridge: Bridge = await start(MANIFEST, FILES)
    other = {"browser_specific_settings": {"gecko": {"id": "other@example.org"}}, "key": "b3RoZXI="}
    folder = write_extension(tmp_path / "other", {**MANIFEST, **other}, FILES)
    former = bridge.manifest
    with pytest.raises(ExtensionError, match="another id: give both manifests the same"):
        await bridge.upgrade(folder)
    assert bridge.manifest == former and not bridge.background.closed
    nameless = json.loads((folder / "manifest.json").read_text("utf-8"))
    del nameless["browser_specific_settings"], nameless["key"]
    (folder / "manifest.json").write_text(json.dumps({**nameless, "version": "3"}), "utf-8")
    id = bridge.extension_id
    await bridge.upgrade(folder)
    assert (bridge.extension_id, bridge.manifest["version"]) == (id, "3")


def test_the_guides_upgrade(browser_type: Any, tmp_path: Path) -> None:
    old = zipped(tmp_path / "old", MANIFEST, "old")
    zipped(tmp_path / "new", {**MANIFEST, "version": "2"}, "new")
    code = compile(shown_in("docs/guide.md", "next_version.py"), "docs/guide.md", "exec")
    with sync_launch(browser_type, old, timeout=LAUNCH_MS) as bridge:
        exec(code, {"bridge": bridge, "new": tmp_path / "new"})
