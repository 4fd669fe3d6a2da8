"""All shapes of extension: each is loaded, spoken with by its genuine scripts, and stood in by Python."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, BridgeTimeoutError, ContextError, ExtensionError, launch
from support import LAUNCH_MS, Site, background, content, write_extension

API = "const { runtime } = globalThis.browser ?? globalThis.chrome;"
# Answers whoever connects, from inside or outside, with the value of an expression.
ANSWER = """
    for (const event of [runtime.onConnect, runtime.onConnectExternal]) {
      event.addListener(async (port) => port.postMessage(%s));
    }
"""
# Firefox may apply a sheet after the page has loaded.
STYLED = "getComputedStyle(document.querySelector('h1')).letterSpacing === '7px'"
GREET = API + ANSWER % "`hello ${port.name}`"


async def check_background(bridge: Bridge, expected: Any) -> None:
    """Speak with the genuine background from outside and inside, and stand in it."""
    outside = bridge.external.runtime.connect(bridge.extension_id, {"name": "outside"})
    assert await outside.receive() == expected
    page = await bridge.page()
    async with bridge.background.expect_connection("inside") as info:
        inside = page.runtime.connect({"name": "inside"})
    at_background = await info.value
    assert await inside.receive() == expected
    await at_background.postMessage("from Python in the background")
    assert await inside.receive() == "from Python in the background"
    assert at_background.sender.url == page.url
    kinds = [context.kind for context in bridge.contexts if context.kind != "content"]
    assert kinds == ["background", "external", "page"]


async def check_page_with_the_same_script(bridge: Bridge) -> None:
    """A page that loads the background's own script is a page all the same."""
    url = bridge.background.url
    async with bridge.background.expect_connection("from a page") as info:
        page = await bridge.page("page.html")
    port = await info.value
    assert await port.receive() is True
    assert (port.sender.url, port.sender.tab.id) == (page.url, page.tab_id)
    assert bridge.background.url == url != page.url
    await page.close()


# --- backgrounds ----------------------------------------------------------------------------------------------------


async def test_classic_scripts(load: Any, engine: str) -> None:
    """A strict worker in a folder, with importScripts; in Firefox, one of several scripts."""
    worker = """\
        /* a comment */ 'use strict'; // and another
        if (globalThis.importScripts) importScripts("lib/one.js", "../two.js");
        const browser = globalThis.browser ?? globalThis.chrome;
        const { runtime } = browser;
        const strict = (function () { return this === undefined; })();
    """
    files = {
        "scripts/worker.js": worker + ANSWER % "[strict, one, two, typeof three]",
        "scripts/lib/one.js": "undeclared = 'sloppy'; var one = undeclared",
        "two.js": "'use strict'; let two = [one]",
        "three.js": "const three = 3",
        "page.html": "".join(
            f"<script src={file}></script>" for file in ("scripts/lib/one.js", "two.js", "scripts/worker.js", "page.js")
        ),
        "page.js": "runtime.connect({ name: 'from a page' }).postMessage(strict)",
    }
    scripts = ["scripts/lib/one.js", "two.js", "three.js", "scripts/worker.js"]
    bridge = await load({"background": {"service_worker": "scripts/worker.js", "scripts": scripts}}, files)
    three = {"chromium": "undefined", "firefox": "number"}[engine]
    await check_background(bridge, [True, "sloppy", ["sloppy"], three])
    await check_page_with_the_same_script(bridge)


async def test_modules(load: Any) -> None:
    """A module worker in a folder, which imports itself; in Firefox the same file is a background script."""
    main = """\
        import { word } from "./lib/words.mjs";
        import * as self from "./main.mjs";
        import "/effects.mjs";
        let chrome = globalThis.chrome;
        const browser = globalThis.browser ?? chrome;
        export const { runtime } = browser;
        export const url = import.meta.url;
        const isItself = url === runtime.getURL("background/main.mjs") && self.url === url;
        const later = Promise.resolve("later");
    """
    files = {
        "background/main.mjs": main + ANSWER % "[word, isItself, effect, await later]",
        "background/lib/words.mjs": "export { word } from '../../shared.mjs'",
        "shared.mjs": "export const word = 'shared'",
        "effects.mjs": "globalThis.effect = 'effect'",
        "page.html": "<script type=module src=page.mjs></script>",
        "page.mjs": "import { runtime } from './background/main.mjs';"
        "runtime.connect({ name: 'from a page' }).postMessage(true)",
    }
    bridge = await load(background("background/main.mjs", type="module"), files)
    await check_background(bridge, ["shared", True, "effect", "later"])
    await check_page_with_the_same_script(bridge)


async def test_several_modules_and_names_of_the_api(load: Any, engine: str) -> None:
    """Firefox's list of modules; in Chromium a classic worker that declares what the agent needs to find."""
    files = {
        "one.js": "globalThis.one = import.meta.url",
        "two.js": API + ANSWER % "one === runtime.getURL('one.js')",
        "worker.js": "let chrome = globalThis.chrome; const browser = chrome, runtime = chrome.runtime;"
        + ANSWER % "true",
    }
    manifest = {
        "chromium": {"background": {"service_worker": "worker.js"}},
        "firefox": {"background": {"scripts": ["one.js", "two.js"], "type": "module"}},
    }
    bridge = await load(manifest[engine], files)
    await check_background(bridge, True)


INLINE_HASH = base64.b64encode(hashlib.sha256(b'greeting += "lo"').digest()).decode()
MV2_BACKGROUNDS = {
    "persistent scripts": {"scripts": ["one.js", "two.js"], "persistent": True},
    "event page": {"scripts": ["one.js", "two.js"], "persistent": False},
    "page": {"page": "pages/background.html"},
}


@pytest.mark.parametrize("kind", MV2_BACKGROUNDS)
async def test_manifest_v2(load: Any, site: Site, engine: str, kind: str) -> None:
    files = {
        "one.js": "var greeting = 'hello'",
        "two.js": "const browser = globalThis.browser, { runtime } = browser;" + ANSWER % "greeting",
        "pages/background.html": """<!doctype html><html><head><base href="/pages/">
            <script src="own.js"></script><script>greeting += "lo"</script>
            <script type="module" src="../module.mjs"></script></head></html>""",
        "pages/own.js": "var greeting = document.scripts.length === 1 ? 'hel' : 'not alone'",
        "module.mjs": "import './two.js'",
        "content.js": "chrome.runtime.connect({ name: 'from content' }).postMessage(location.pathname)",
    }
    manifest = {
        "manifest_version": 2,
        "background": MV2_BACKGROUNDS[kind],
        "browser_action": {},
        "permissions": ["tabs"],
        "content_security_policy": f"script-src 'self' 'sha256-{INLINE_HASH}'; object-src 'self'",
        **content("content.js"),
    }
    if engine == "chromium":
        with pytest.raises(ExtensionError, match='"manifest_version" is 2, which Chromium no longer runs'):
            await load(manifest, files)
        return
    bridge = await load(manifest, files)
    await check_background(bridge, "hello")
    web_page = await bridge.browser_context.new_page()
    async with bridge.background.expect_connection("from content") as info:
        await web_page.goto(f"{site.url}here")
    port = await info.value
    assert await port.receive() == "/here"
    assert port.sender.tab.url == f"{site.url}here"  # by the permission `tabs`
    here = await bridge.content(web_page)
    clicks: list[Any] = []
    await bridge.background.browserAction.onClicked.addListener(clicks.append)
    await bridge.click_action(web_page)
    # An answer after the click has come the same way as the click.
    await bridge.background.call("tabs.get", here.tab_id)
    assert [tab.url for tab in clicks] == [f"{site.url}here"]


async def test_nothing_but_content_scripts(load: Any, site: Site) -> None:
    bridge = await load(content("c.js"), {"c.js": GREET})
    web_page = await open_page(bridge, site.url)
    here = await bridge.content(web_page)
    page = await bridge.page()
    port = page.tabs.connect(here.tab_id, {"name": "page"})
    assert await port.receive() == "hello page"
    async with page.expect_connection("back") as info:
        port = here.runtime.connect({"name": "back"})
    await (await info.value).postMessage("to the content script")
    assert await port.receive() == "to the content script"
    assert bridge.background.closed
    with pytest.raises(ContextError, match="Python cannot act in background"):
        bridge.background.runtime.connect()


async def test_nothing_but_pages_and_styles(load: Any, site: Site) -> None:
    manifest = {
        "options_ui": {"page": "options.html"},
        "content_scripts": [{"matches": ["<all_urls>"], "css": ["style.css"]}],
    }
    files = {
        "options.html": "<!doctype html><title>options</title><script src=options.js></script>",
        "options.js": GREET,
        "style.css": "h1 { letter-spacing: 7px }",
    }
    bridge = await load(manifest, files)
    options = await bridge.page("options.html")
    blank = await bridge.page()
    async with options.expect_connection("blank") as info:
        port = blank.runtime.connect({"name": "blank"})
    assert await port.receive() == "hello blank"
    assert (await info.value).sender.url == blank.url
    web_page = await open_page(bridge, site.url)
    await web_page.wait_for_function(STYLED)
    with pytest.raises(ContextError, match="runs no script in"):
        await bridge.content(web_page)


# --- content scripts ------------------------------------------------------------------------------------------------

AT_START = ("start", "also")


def say(name: str) -> str:
    return f"chrome.runtime.connect({{ name: '{name}' }}).postMessage(document.readyState);"


async def test_content_script_entries(load: Any, site: Site) -> None:
    """Entries of all kinds on the same pages: each runs where and when it should; Python stands in each frame once."""
    top, anywhere = "http://127.0.0.1/*", "<all_urls>"
    entries = [
        {"matches": [top], "js": ["start.js", "also.js"], "run_at": "document_start"},
        {"matches": [anywhere], "exclude_matches": ["*://*/excluded*"], "js": ["end.js"], "run_at": "document_end"},
        {"matches": ["*://*/*"], "js": ["every.js"], "all_frames": True},
        {"matches": [top], "js": ["glob.js"], "include_globs": ["*wanted*"], "exclude_globs": ["*unwanted*"]},
        {"matches": ["http://127.0.0.1/excluded*"], "js": ["path.js"]},
        {"matches": [top], "js": ["main.js"], "world": "MAIN", "run_at": "document_start"},
        {"matches": [top], "css": ["style.css"]},
        {"matches": [anywhere], "js": ["last.js"], "all_frames": True, "match_about_blank": True},
    ]
    files = {f"{name}.js": say(name) for name in ("start", "also", "end", "every", "glob", "path", "last")}
    files["main.js"] = "globalThis.seen = [typeof globalThis.chrome?.runtime?.connect, document.scripts.length]"
    files |= {"style.css": "h1 { letter-spacing: 7px }", "b.js": ""}
    site.pages["/wanted"] = f"<h1>1</h1><iframe src={site.other_url}inner></iframe><iframe></iframe>"
    site.pages["/unwanted"] = site.pages["/excluded"] = "<h1>1</h1>"
    bridge = await load({**background("b.js"), "content_scripts": entries}, files)
    connected: asyncio.Queue[Any] = asyncio.Queue()

    def on_connect(port: Any) -> None:
        if (port.sender.frameId, port.sender.url) != (0, "about:blank"):  # in the new tab it may come to run, or not
            connected.put_nowait(port)

    await bridge.background.runtime.onConnect.addListener(on_connect)
    page = await bridge.browser_context.new_page()

    async def check(path: str, names: str, *inner: tuple[str, str]) -> None:
        await page.goto(site.url + path)
        expected = sorted([*((name, site.url + path) for name in names.split()), *inner])
        ports = [await connected.get() for _ in expected]
        assert sorted((port.name, port.sender.url) for port in ports) == expected
        for port in ports:
            assert (await port.receive() == "loading") == (port.name in AT_START)
        contents = [await bridge.content(frame) for frame in page.frames]
        tab_id = contents[0].tab_id
        assert sorted(map(id, contents)) == sorted(id(here) for here in bridge.contexts if here.tab_id == tab_id)
        assert await page.evaluate("seen") == ["undefined", 0]  # not even from the page's own world is the agent seen
        await page.wait_for_function(STYLED)

    await check("", "start also end every last")
    inner = f"{site.other_url}inner"
    await check("wanted", "start also end every glob last", ("every", inner), ("last", inner), ("last", "about:blank"))
    await check("unwanted", "start also end every last")
    await check("excluded", "start also every path last")
    assert connected.empty()


async def test_scripts_at_run_time_only(load: Any, site: Site) -> None:
    manifest = {
        **background("b.js"),
        "host_permissions": ["http://127.0.0.1/only/this/path"],  # browsers ignore the path
        "permissions": ["scripting"],
    }
    bridge = await load(manifest, {"b.js": GREET, "late.js": f"{{ {GREET.replace('External', '')} }}" + say("late")})
    page = await open_page(bridge, site.url)
    here = await bridge.content(page)
    port = here.runtime.connect({"name": "early"})
    assert await port.receive() == "hello early"
    async with bridge.background.expect_connection("late") as info:
        await bridge.background.call(
            "scripting.executeScript", {"target": {"tabId": here.tab_id}, "files": ["late.js"]}
        )
    assert (await info.value).sender.documentId == here.document_id
    port = bridge.background.tabs.connect(here.tab_id, {"name": "late"})
    assert await port.receive() == "hello late"
    assert await bridge.content(page) is here
    await page.goto(site.other_url)
    with pytest.raises(ContextError, match=r"localhost.*lacks a host permission"):
        await bridge.content(page)


# --- extension pages ------------------------------------------------------------------------------------------------

PAGE_FILES = {
    "b.js": API
    + """
        runtime.onConnect.addListener((port) => {
          port.postMessage(`hello ${port.name}`);
          port.onMessage.addListener((name) => runtime.connect({ name }).postMessage("from the background"));
        });
        runtime.onConnectExternal.addListener((port) => port.postMessage(`hello ${port.name}`));
    """,
    "options.html": "<!doctype html><title>options</title>",
    "ui/popup.html": """<!doctype html><html lang="en"><head><title>popup</title>
        <script src="popup.js"></script></head><body><iframe src="inner.html"></iframe></body></html>""",
    "ui/popup.js": API
    + """
        const port = runtime.connect({ name: "popup" });
        port.postMessage([location.search, location.hash, document.scripts.length]);
        port.onMessage.addListener((message) => (document.title = message));
    """,
    "ui/inner.html": "<script src=/ui/inner.js></script>",
    "ui/inner.js": API + "runtime.connect({ name: 'inner' })",
    "ui/listening.html": "<script type=module src=./listening.js></script>",
    "ui/listening.js": API
    + "runtime.onConnect.addListener((port) => port.onMessage.addListener((m) => port.postMessage({ heard: m })));",
    "ui/no scripts.htm": """<!doctype html><meta http-equiv="Content-Security-Policy" content="script-src 'none'">""",
    "old.xhtml": """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head></html>""",
    "notes.txt": "<html>",
    "sandboxed.html": "<script src=ui/inner.js></script>",
}


@pytest.fixture(scope="module")
async def paged(engine_type: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    """An extension with pages of all kinds, running."""
    manifest = {
        **background("b.js"),
        "action": {"default_popup": "ui/popup.html"},
        "options_ui": {"page": "options.html", "open_in_tab": True},
        "sandbox": {"pages": ["sandboxed.html"]},
    }
    folder = write_extension(tmp_path_factory.mktemp("paged"), manifest, PAGE_FILES)
    for name, encoding in {"wide.html": "utf-16-le", "big.html": "utf-16-be"}.items():
        (folder / name).write_text("\ufeff<!doctype html><title>ä</title>", encoding)
    async with launch(engine_type, folder, timeout=LAUNCH_MS) as bridge:
        yield bridge


async def test_page_is_a_context(paged: Bridge) -> None:
    options = await paged.page("/options.html?tab=2#part")
    assert options.kind == "page"
    assert options.url.endswith(f"://{options.url.split('/')[2]}/options.html?tab=2#part")
    assert options.frame_id == 0
    async with paged.background.expect_connection("options") as info:
        port = options.runtime.connect({"name": "options"})
    sender = (await info.value).sender
    assert (sender.url, sender.tab.id, sender.frameId) == (options.url, options.tab_id, 0)
    assert await port.receive() == "hello options"
    second = await paged.page("options.html")
    assert second.tab_id != options.tab_id
    await options.close()
    await port.wait_for_disconnect()
    assert options.closed and not second.closed


async def test_page_s_own_script_speaks(paged: Bridge) -> None:
    inner_one = paged.background.expect_connection("inner")
    async with paged.background.expect_connection("popup") as info, inner_one as inner_info:
        popup = await paged.page("ui/popup.html?q=ü#h")
    port, inner = await info.value, await inner_info.value
    assert await port.receive() == ["?q=%C3%BC", "#h", 1]  # the page's script is the only one in it
    assert (port.sender.tab.id, port.sender.url) == (popup.tab_id, popup.url)
    assert inner.sender.url.endswith("/ui/inner.html")
    assert inner.sender.frameId != 0
    assert [context.frame_id for context in paged.contexts if context.tab_id == popup.tab_id] == [
        0,
        inner.sender.frameId,
    ]


async def test_popup_of_the_button(paged: Bridge) -> None:
    page = await paged.browser_context.new_page()
    async with paged.background.expect_connection("popup") as info:
        await paged.click_action(page)
    port = await info.value
    assert await port.receive() == ["", "", 1]
    assert port.sender.tab is None
    (popup,) = [context for context in paged.contexts if context.url == port.sender.url and context.tab_id is None]
    port = popup.runtime.connect({"name": "Python in the popup"})
    assert await port.receive() == "hello Python in the popup"
    await popup.close()
    await popup.wait_for_close()
    await page.close()


async def test_page_listens(paged: Bridge) -> None:
    page = await paged.page("ui/listening.html")
    other = await paged.page()
    port = other.runtime.connect({"name": "to all"})
    assert await port.receive() == "hello to all"  # the background's
    async with page.expect_connection("called back") as info:
        await port.postMessage("called back")
    assert await (await info.value).receive() == "from the background"
    port = paged.background.runtime.connect({"name": "from Python"})
    await port.postMessage("hello")
    assert await port.receive() == {"heard": "hello"}


async def test_page_that_forbids_scripts(paged: Bridge) -> None:
    page = await paged.page("ui/no scripts.htm")
    port = page.runtime.connect({"name": "silent"})
    assert await port.receive() == "hello silent"
    await page.close()


async def test_page_that_does_not_exist(paged: Bridge) -> None:
    with pytest.raises(ContextError, match=r"no file 'no/such\.html\?q'"):
        await paged.page("no/such.html?q")


async def test_sandboxed_page(paged: Bridge, engine: str) -> None:
    if engine == "firefox":
        version = (await paged.external.call("runtime.getBrowserInfo"))["version"]
        if int(version.split(".")[0]) < 154:  # it does not know the key `sandbox`
            async with paged.background.expect_connection("inner") as info:
                page = await paged.page("sandboxed.html")
            assert (await info.value).sender.url == page.url
            return
        with pytest.raises(BridgeTimeoutError, match=r"Timeout 1500 ms.*'sandboxed\.html'; is it sandboxed"):
            await paged.page("sandboxed.html", timeout=1500)
        return
    with pytest.raises(ContextError, match=r"no script in 'sandboxed\.html'.*sandbox"):
        await paged.page("sandboxed.html")


@pytest.mark.parametrize("name", ["old.xhtml", "wide.html", "big.html"])
async def test_pages_in_other_encodings(paged: Bridge, name: str) -> None:
    page = await paged.page(name)
    port = page.runtime.connect({"name": name})
    assert await port.receive() == f"hello {name}"
    await page.close()


async def test_files_that_are_no_pages(paged: Bridge) -> None:
    with pytest.raises(ContextError, match=r"no script in 'notes\.txt': it is no HTML"):
        await paged.page("notes.txt")


POLICIES = [
    "script-src 'self'; object-src 'self'",
    "script-src 'none'; object-src 'none'",
    "default-src 'none'; style-src 'self'",
    "default-src 'self' ; script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'; frame-src 'none'",
]


async def test_policies_of_the_manifest(start: Any, tmp_path: Any, engine: str) -> None:
    def policy(text: str) -> dict[str, Any]:
        return {**background("b.js"), "content_security_policy": {"extension_pages": text}}

    files = {"b.js": GREET, "p.html": "<title>p</title>"}
    bridge = await start(policy(POLICIES[0]), files)
    for text in POLICIES:
        write_extension(tmp_path / "extension", policy(text), files)
        await bridge.reload()
        assert bridge.manifest["content_security_policy"] == {"extension_pages": text}
        page = await bridge.page("p.html")
        port = page.runtime.connect({"name": text})
        assert await port.receive() == f"hello {text}"
        outside = bridge.external.runtime.connect(bridge.extension_id, {"name": "from outside"})
        assert await outside.receive() == "hello from outside"
