"""Optional permissions that Python grants and revokes, and what the extension sees of it."""

from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, ExtensionError
from support import Site, background

HOST = "http://127.0.0.1/*"
MANIFEST = {
    **background("b.js"),
    "permissions": ["scripting"],
    "optional_permissions": ["bookmarks", "tabs"],
    "optional_host_permissions": [HOST, "http://b.test/*"],
    "browser_specific_settings": {"gecko": {"id": "granted@example.org"}},
}
FILES = {
    "b.js": """
        const had = chrome.permissions.getAll();
        let reason = "";
        const added = [], removed = [];
        const kept = ({ permissions, origins }) => ({ permissions: permissions.toSorted(), origins });
        chrome.runtime.onInstalled.addListener((details) => { reason = details.reason; });
        chrome.permissions.onAdded.addListener((them) => { added.push(kept(them)); });
        chrome.permissions.onRemoved.addListener((them) => { removed.push(kept(them)); });
    """,
    "c.js": "const injected = 'here';",
}
WANTED = {"permissions": ["bookmarks", "tabs"], "origins": [HOST]}
INJECT = """async (url) => {
  const [tab] = (await chrome.tabs.query({})).filter((it) => it.url === url);
  await chrome.scripting.executeScript({ target: { tabId: tab.id }, files: ["c.js"] });
}"""


async def contains(bridge: Bridge, wanted: Any = WANTED) -> Any:
    return await bridge.background.evaluate("(wanted) => chrome.permissions.contains(wanted)", wanted)


async def test_granted_permissions_come_and_go(load: Any, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    assert not await contains(bridge)
    await bridge.grant("bookmarks", "tabs", "http://127.0.0.1/any/path")
    assert await contains(bridge)
    assert not await contains(bridge, {"origins": ["http://b.test/*"]})
    assert await bridge.background.wait_for_function("() => added.length && added") == [WANTED]
    page = await open_page(bridge, site.url)
    await bridge.background.evaluate(INJECT, page.url)
    assert await (await bridge.content(page)).evaluate("injected") == "here"

    await bridge.revoke("tabs", "bookmarks", HOST)
    assert not await contains(bridge, {"permissions": ["bookmarks"]})
    assert not await contains(bridge, {"origins": [HOST]})
    assert await bridge.background.wait_for_function("() => removed.length && removed") == [WANTED]
    await bridge.grant("bookmarks", "tabs", HOST)
    assert await bridge.background.wait_for_function("() => added.length > 1 && added") == [WANTED, WANTED]


async def test_a_launch_grants_before_the_first_line(start: Any) -> None:
    bridge = await start(MANIFEST, FILES, grant=["bookmarks", HOST])
    had = await bridge.background.evaluate("had")
    assert (sorted(had["permissions"]), had["origins"]) == (["bookmarks", "scripting"], [HOST])
    assert await bridge.background.evaluate("typeof chrome.bookmarks") == "object"
    assert await bridge.background.wait_for_function("reason") == "install"
    assert await bridge.background.evaluate("added") == []
    await bridge.revoke("bookmarks")
    assert not await contains(bridge, {"permissions": ["bookmarks"]})
    await bridge.grant("tabs")
    await bridge.reset()
    assert await contains(bridge, {"permissions": ["bookmarks"], "origins": [HOST]})
    assert not await contains(bridge, {"permissions": ["tabs"]})


async def test_what_is_not_optional_is_refused(start: Any, engine: str) -> None:
    bridge = await start(MANIFEST, FILES)
    lists = r'its manifest lists "bookmarks", "tabs", "http://127\.0\.0\.1/\*", "http://b\.test/\*"'
    for name in ("history", "scripting", "http://*/*"):
        with pytest.raises(ExtensionError, match=f"is no optional permission of the extension: {lists}"):
            await bridge.grant("bookmarks", name)
        with pytest.raises(ExtensionError, match=lists):
            await bridge.revoke(name)
    assert not await contains(bridge, {"permissions": ["bookmarks"]})
    await bridge.grant("bookmarks")
    await bridge.reset()
    assert not await contains(bridge, {"permissions": ["bookmarks"]})
    await bridge.grant("bookmarks")
    assert await contains(bridge, {"permissions": ["bookmarks"]})


async def test_a_launch_refuses_what_is_not_optional(start: Any) -> None:
    with pytest.raises(ExtensionError, match=r'"history" is no optional permission .* lists "bookmarks", "tabs"'):
        await start(MANIFEST, FILES, grant=["history"])
    with pytest.raises(ExtensionError, match="its manifest lists none"):
        await start(background("b.js"), FILES, grant=["history"])


async def test_an_extension_without_an_id_gets_its_grants_later_in_firefox(start: Any, engine: str) -> None:
    manifest = {**MANIFEST, "browser_specific_settings": {}}
    if engine == "chromium":
        bridge = await start(manifest, FILES, grant=["bookmarks"])
    else:
        with pytest.raises(ExtensionError, match="needs an id in the manifest's browser_specific_settings"):
            await start(manifest, FILES, grant=["bookmarks"])
        bridge = await start(manifest, FILES)
        await bridge.grant("bookmarks")
    assert await contains(bridge, {"permissions": ["bookmarks"]})
