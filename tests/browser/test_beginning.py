"""What the extension's storage has when the extension is installed."""

import json
from typing import Any

import pytest

from bridge.async_api import Bridge, ExtensionError, UnsupportedError
from support import GECKO, background

MANIFEST = {**background("b.js"), **GECKO, "permissions": ["storage"], "key": "YSBrZXkgb2YgdGhlIHRlc3Rz"}
FILES = {
    "b.js": """
        const names = ["local", "sync", "managed"];
        const had = Promise.all(names.map((name) => chrome.storage[name].get().catch(() => null)));
        const changes = [];
        let reason = "";
        chrome.storage.onChanged.addListener((_, area) => { changes.push(area); });
        chrome.runtime.onInstalled.addListener((details) => { reason = details.reason; });
    """,
}
LOCAL = {"theme": "dark", "": [None, True, 1.5, -3, {"ä": "😀"}], "long": "x" * 100_000}
STORAGE = {"local": LOCAL, "sync": {"user": {"name": "Ada"}}}


async def begun(bridge: Bridge) -> Any:
    """What the first line of the background found; it was installed, and heard of no change, not even by now."""
    assert await bridge.background.wait_for_function("reason") == "install"
    had = await bridge.background.evaluate("had.then((found) => JSON.stringify(found))")
    await bridge.background.call("storage.local.set", {"last": 1})
    assert await bridge.background.wait_for_function("changes.length && changes") == ["local"]
    return json.loads(had)


async def test_before_the_first_line_of_each_installation(load: Any) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, storage=STORAGE)
    assert (await begun(bridge))[:2] == [LOCAL, STORAGE["sync"]]
    await bridge.reset()
    assert (await begun(bridge))[:2] == [LOCAL, STORAGE["sync"]]
    await bridge.reload()
    assert (await bridge.background.evaluate("had"))[0]["last"] == 1
    await bridge.uninstall()
    await bridge.install()
    assert (await begun(bridge))[:2] == [LOCAL, STORAGE["sync"]]


async def test_managed_storage(start: Any, engine: str) -> None:
    storage = {"managed": {"server": "https://example.org", "ports": [1, 2]}}
    if engine == "chromium":
        with pytest.raises(UnsupportedError, match="only from the policies of the machine"):
            await start(MANIFEST, FILES, storage=storage)
    else:
        bridge: Bridge = await start(MANIFEST, FILES, storage=storage, install=False)
        await bridge.install()
        assert await begun(bridge) == [{}, {}, storage["managed"]]


async def test_session_storage(start: Any, engine: str) -> None:
    manifest = {**MANIFEST, "browser_specific_settings": {}}
    files = {"b.js": "const had = chrome.storage.session.get(); let reason;"}
    storage = {"session": {"draft": ["unsent", {"at": 1.5}]}}
    if engine == "chromium":
        with pytest.raises(UnsupportedError, match='Chromium keeps "session" in memory'):
            await start(manifest, files, storage=storage)
        return
    bridge: Bridge = await start(manifest, files, storage=storage)
    assert await bridge.background.evaluate("had") == storage["session"]
    await bridge.background.call("storage.session.set", {"more": 1})
    await bridge.browser_context.new_page()
    await bridge.stop_background()
    await bridge.start_background()
    assert await bridge.background.evaluate("had") == {**storage["session"], "more": 1}
    await bridge.reset()
    assert await bridge.background.evaluate("had") == storage["session"]


async def test_an_extension_that_has_no_storage(start: Any, engine: str) -> None:
    with pytest.raises(ExtensionError, match="its manifest lacks the permission 'storage'"):
        await start(background("b.js"), FILES, storage={"local": {}})
    if engine == "firefox":
        anonymous = {**MANIFEST, "browser_specific_settings": {}}
        with pytest.raises(ExtensionError, match='no "sync" and no "managed" storage'):
            await start(anonymous, FILES, storage={"sync": {"a": 1}})
        bridge: Bridge = await start(anonymous, FILES, storage={"local": {"a": 1}})
        assert (await begun(bridge))[0] == {"a": 1}
