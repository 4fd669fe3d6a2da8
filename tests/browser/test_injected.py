"""Scripts without a place in the manifest: injected, registered at run time, let in by permissions that come later."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import Launch
from browser.talking import open_page

from bridge.async_api import Bridge, BridgeTimeoutError, ContextError
from support import Site, background, write_extension

CLICKED = "(chrome.action ?? chrome.browserAction).onClicked.addListener(async (tab) => {"
# Chromium 156 sometimes gives the page's process the script before the permission, without the bridge in 6 of 61 tries.
# Then it leaves that frame out of the results, and where it was the only one asked for, it says "Cannot access contents
# of the page". So the script is injected again until all frames have it, for two seconds: on a busy machine three tries
# in a row are too early.
EXECUTE = """
    const target = { tabId: tab.id, allFrames: true };
    const frames = tab.url?.endsWith("/framing") ? 3 : 1;
    const execute = async (tries) => {
      const done = await chrome.scripting.executeScript({ target, files: ["c.js"] }).catch((error) => [error]);
      if (done.length >= frames && !(done[0] instanceof Error)) return;
      if (!tries) throw done[0] ?? new Error("no frame let the script in");
      await new Promise((passed) => setTimeout(passed, 20));
      await execute(tries - 1);
    };
    await execute(100);
"""
INJECTS = f"{CLICKED} {EXECUTE} }});"
CONTENT = """
    const mine = "injected";
    const heard = [];
    chrome.runtime.onMessage.addListener((message, sender, sendResponse) => sendResponse(heard.push(message)));
"""
FILES = {"b.js": INJECTS, "c.js": CONTENT}
ACTIVE_TAB = {**background("b.js"), "action": {}, "permissions": ["activeTab", "scripting"]}
INJECTED = "typeof mine === 'string' && mine === 'injected'"
REGISTER = """
    chrome.scripting.registerContentScripts([
      { id: "c", js: ["c.js"], matches: ["http://127.0.0.1/*"], runAt: "document_start", persistAcrossSessions: false },
    ])
"""


async def opened(bridge: Bridge, url: str) -> Any:
    new = await open_page(bridge, url)
    return new


async def test_a_script_that_activeTab_lets_in_is_a_context(load: Launch, site: Site) -> None:
    bridge = await load(ACTIVE_TAB, FILES)
    here = await opened(bridge, site.url)
    looking = asyncio.ensure_future(bridge.content(here))
    await bridge.click_action(here)
    content = await looking
    assert content.kind == "content" and content.url == site.url
    await content.wait_for_function(INJECTED)
    assert await bridge.content(here) is content
    assert await bridge.context_of(here) is content
    # Ports are genuine in both directions, and the extension's own script goes on.
    async with content.expect_connection("down") as info:
        down = bridge.background.tabs.connect(content.tab_id, {"name": "down"})
    await down.postMessage("to the page")
    assert await (await info.value).receive() == "to the page"
    async with bridge.background.expect_connection("up") as info:
        up = content.runtime.connect(name="up")
    accepted = await info.value
    assert accepted.sender.url == site.url and accepted.sender.tab.id == content.tab_id
    await accepted.postMessage("to the background")
    assert await up.receive() == "to the background"
    assert await bridge.background.tabs.sendMessage(content.tab_id, "hello") == 1
    assert await content.evaluate("heard") == ["hello"]


async def test_the_manifest_is_the_authors_where_the_agent_came_late(load: Launch, site: Site) -> None:
    bridge = await load(ACTIVE_TAB, FILES)
    here = await opened(bridge, site.url)
    await bridge.click_action(here)
    manifest = await (await bridge.content(here)).call("runtime.getManifest")
    assert [name.rpartition("/")[2] for name in manifest["background"]["scripts"]] == ["b.js"]


async def test_each_frame_that_a_script_is_injected_into_is_a_context(load: Launch, site: Site) -> None:
    bridge = await load(ACTIVE_TAB, FILES)
    site.pages["/framing"] = "<iframe src=/one></iframe><iframe src=/two></iframe>"
    here = await opened(bridge, f"{site.url}framing")
    await bridge.click_action(here)
    contexts = [await bridge.content(frame) for frame in here.frames]
    assert [content.url.removeprefix(site.url) for content in contexts] == ["framing", "one", "two"]
    assert len({content.frame_id for content in contexts}) == 3
    for content in contexts:
        await content.wait_for_function(INJECTED)


async def test_where_activeTab_was_not_used_the_timeout_says_how(load: Launch, site: Site) -> None:
    bridge = await load(ACTIVE_TAB, FILES)
    here = await opened(bridge, site.url)
    with pytest.raises(BridgeTimeoutError, match=r'"activeTab" lets it once the user has invoked it there.*click_act'):
        await bridge.content(here, timeout=1)
    with pytest.raises(BridgeTimeoutError):
        await bridge.content(here, timeout=1500)
    await bridge.click_action(here)
    assert await bridge.content(here)


async def test_a_page_that_navigates_needs_the_script_again(load: Launch, site: Site) -> None:
    bridge = await load(ACTIVE_TAB, FILES)
    here = await opened(bridge, site.url)
    await bridge.click_action(here)
    before = await bridge.content(here)
    await here.goto(f"{site.url}next")
    await before.wait_for_close()
    # In Chromium, the new document has a world of the extension too, an empty one.
    looking = asyncio.ensure_future(bridge.content(here))
    await bridge.click_action(here)
    await (await looking).wait_for_function(INJECTED)
    assert await bridge.content(here) is await looking


async def test_an_optional_host_that_was_granted_lets_scripts_in(
    start: Launch, engine: str, tmp_path: Path, site: Site
) -> None:
    request = 'if (!(await chrome.permissions.request({ origins: ["http://127.0.0.1/*"] }))) return;'
    files = {**FILES, "b.js": f"{CLICKED} {request} {EXECUTE} }});"}
    manifest = {**background("b.js"), "action": {}, "permissions": ["scripting"]}
    # A prompt has no button that a test could press. Firefox has a preference, and Chromium asks only once: what an
    # earlier version had to have is granted.
    options = {"firefox_user_prefs": {"extensions.webextOptionalPermissionPrompts": False}}
    earlier = {**manifest, "host_permissions": ["http://127.0.0.1/*"]}
    bridge = await start(earlier, files, **(options if engine == "firefox" else {}))
    write_extension(tmp_path / "extension", {**manifest, "optional_host_permissions": ["http://127.0.0.1/*"]}, files)
    await bridge.reload()
    here = await opened(bridge, site.url)
    looking = asyncio.ensure_future(bridge.content(here))
    with pytest.raises(
        BridgeTimeoutError, match=r'optional host permission "http://127.0.0.1/\*" lets it once it is g'
    ):
        await bridge.content(here, timeout=1)
    await bridge.click_action(here)
    await (await looking).wait_for_function(INJECTED)
    # So do scripts that the extension registers now.
    await bridge.background.evaluate(REGISTER)
    await here.goto(f"{site.url}next")
    await (await bridge.content(here)).wait_for_function(INJECTED)


async def test_scripts_registered_at_run_time_are_contexts(load: Launch, site: Site) -> None:
    manifest = {**background("b.js"), "permissions": ["scripting"], "host_permissions": ["http://127.0.0.1/*"]}
    bridge = await load(manifest, {**FILES, "b.js": ""})
    await bridge.background.evaluate(REGISTER)
    here = await opened(bridge, site.url)
    await (await bridge.content(here)).wait_for_function(INJECTED)


async def test_scripts_that_manifest_v2_injects_are_contexts(load: Launch, engine: str, site: Site) -> None:
    if engine == "chromium":
        pytest.skip("Chromium has no Manifest V2")
    manifest = {
        "manifest_version": 2,
        "background": {"scripts": ["b.js"]},
        "browser_action": {},
        "permissions": ["activeTab"],
        "optional_permissions": ["http://localhost/*"],
    }
    bridge = await load(manifest, {**FILES, "b.js": f'{CLICKED} browser.tabs.executeScript({{ file: "c.js" }}); }});'})
    here = await opened(bridge, site.url)
    await bridge.click_action(here)
    await (await bridge.content(here)).wait_for_function(INJECTED)


async def test_contentScripts_register_makes_contexts(load: Launch, engine: str, site: Site) -> None:
    if engine == "chromium":
        pytest.skip("Chromium has no contentScripts.register()")
    manifest = {
        "manifest_version": 2,
        "background": {"scripts": ["b.js"]},
        "permissions": ["http://127.0.0.1/*"],
    }
    script = '{ matches: ["http://127.0.0.1/*"], js: [{ file: "c.js" }], runAt: "document_start" }'
    bridge = await load(manifest, {**FILES, "b.js": f"const registered = browser.contentScripts.register({script});"})
    await bridge.background.evaluate("registered.then(() => true)")
    here = await opened(bridge, site.url)
    await (await bridge.content(here)).wait_for_function(INJECTED)


async def test_a_script_that_is_injected_again_after_a_reload_is_a_context(load: Launch, site: Site) -> None:
    manifest = {**background("b.js"), "permissions": ["scripting"], "host_permissions": ["http://127.0.0.1/*"]}
    bridge = await load(manifest, {**FILES, "b.js": "", "c.js": "var mine = 'first';"})
    here = await opened(bridge, site.url)
    inject = {"target": {"tabId": (await bridge.content(here)).tab_id}, "files": ["c.js"]}
    await bridge.background.call("scripting.executeScript", inject)
    before = await bridge.content(here)
    assert await before.evaluate("mine") == "first"
    await bridge.reload()
    (bridge._extension.copy / "c.js").write_text("var mine = 'second';")
    await bridge.background.call("scripting.executeScript", inject)
    content = await bridge.content(here)
    assert content is not before and before.closed
    assert await content.evaluate("mine") == "second"


async def test_a_refusal_says_what_is_missing_and_what_there_is(load: Launch, site: Site) -> None:
    manifest = {
        **background("b.js"),
        "permissions": ["scripting"],
        "host_permissions": ["http://a.test/*"],
        "optional_host_permissions": ["http://b.test/*"],
        "content_scripts": [{"matches": ["http://c.test/page"], "js": ["c.js"]}],
    }
    bridge = await load(manifest, {**FILES, "b.js": ""})
    here = await opened(bridge, site.url)
    with pytest.raises(ContextError) as error:
        await bridge.content(here)
    assert str(error.value) == (
        f"The extension runs no script in {site.url}: it lacks a host permission or a content script for that address, "
        'such as "http://127.0.0.1/*" in "host_permissions", or "activeTab" in "permissions". Its manifest has '
        '"host_permissions" for "http://a.test/*"; "content_scripts" for "http://c.test/page"; optional host '
        'permissions for "http://b.test/*"'
    )


async def test_an_extension_without_any_address_is_told_so(load: Launch, site: Site) -> None:
    bridge = await load(background("b.js"), {**FILES, "b.js": ""})
    here = await opened(bridge, site.url)
    with pytest.raises(ContextError, match=r'"activeTab" in "permissions"\. Its manifest names no address at all'):
        await bridge.content(here)


async def test_a_page_that_has_changed_its_address_keeps_its_script(load: Launch, site: Site) -> None:
    manifest = {"content_scripts": [{"matches": ["http://127.0.0.1/here"], "js": ["c.js"]}]}
    bridge = await load(manifest, FILES)
    here = await opened(bridge, f"{site.url}here")
    await here.evaluate("history.pushState(null, '', '/there')")
    await (await bridge.content(here)).wait_for_function(INJECTED)
    await here.goto(f"{site.url}there")
    with pytest.raises(ContextError, match='"content_scripts" for "http://127.0.0.1/here"'):
        await bridge.content(here)


async def test_a_script_that_declared_content_lets_in_is_a_context(load: Launch, site: Site, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox has no declarativeContent")
    rules = """
        const { RequestContentScript, PageStateMatcher } = chrome.declarativeContent;
        const rule = {
          conditions: [new PageStateMatcher({ css: ["main"] })],
          actions: [new RequestContentScript({ js: ["c.js"] })],
        };
        const declared = chrome.declarativeContent.onPageChanged.addRules([rule]);
    """
    manifest = {**background("b.js"), "permissions": ["declarativeContent"], "host_permissions": ["http://127.0.0.1/*"]}
    bridge = await load(manifest, {**FILES, "b.js": rules})
    await bridge.background.evaluate("declared")
    site.pages["/declared"] = "<main></main>"
    here = await opened(bridge, f"{site.url}declared")
    await (await bridge.content(here)).wait_for_function(INJECTED)
