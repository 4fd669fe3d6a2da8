"""Where an extension comes from, and what becomes of it: archives, ids, companions, reloads, and refusals."""

import asyncio
import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from browser.packing import crx3, pack
from browser.talking import open_page

from bridge.async_api import Bridge, ContextError, ExtensionError, LaunchError, PortDisconnectedError, launch
from support import Site, background, content, write_extension

API = "const { runtime } = globalThis.browser ?? globalThis.chrome;"
GREET = API + "runtime.onConnectExternal.addListener((port) => port.postMessage(`hello ${port.name}`));"
PAGE_FILES = {"ui/page.html": "<!doctype html><title>page</title>", "icons/one.txt": "1"}
NO_ID: dict[str, Any] = {"browser_specific_settings": {}}
KEY = base64.b64encode(b"any bytes do for a key that signs nothing").decode()


def id_of_key(key: str) -> str:
    digits = hashlib.sha256(base64.b64decode(key)).hexdigest()[:32]
    return digits.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


def fingerprint(path: Path) -> dict[str, tuple[Any, ...]]:
    """All that may be seen of a file or tree, but for what a hard link changes."""
    found = {}
    for file in [path, *sorted(path.rglob("*"))]:
        stat = file.lstat()
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None
        found[str(file)] = (stat.st_mtime_ns, stat.st_mode, stat.st_ino, digest)
    return found


async def check_greeting(bridge: Bridge) -> None:
    port = bridge.external.runtime.connect(bridge.extension_id, {"name": "you"})
    assert await port.receive() == "hello you"
    page = await bridge.page("ui/page.html")
    async with bridge.background.expect_connection("page") as info:
        port = page.runtime.connect({"name": "page"})
    await (await info.value).postMessage("hello page")
    assert await port.receive() == "hello page"


# --- archives -------------------------------------------------------------------------------------------------------


async def test_zip_keeps_its_key(start: Any, tmp_path: Path, engine: str) -> None:
    """An extension id must not depend on where the file lies."""
    folder = write_extension(tmp_path / "e", {**background("b.js"), "key": KEY}, {"b.js": GREET, **PAGE_FILES})
    file = tmp_path / "extension.zip"
    file.write_bytes(pack(folder, more={"__MACOSX/._b.js": "what macOS adds", ".git/config": "x"}))
    before = fingerprint(file)
    bridge = await start(file)
    await check_greeting(bridge)
    assert bridge.manifest["key"] == KEY
    assert bridge.extension_id == {"chromium": id_of_key(KEY), "firefox": "tested@example.org"}[engine]
    await bridge.close()
    assert fingerprint(file) == before


async def test_zip_with_one_folder_and_no_id(start: Any, tmp_path: Path, engine: str) -> None:
    folder = write_extension(tmp_path / "e", {**background("b.js"), **NO_ID}, {"b.js": GREET, **PAGE_FILES})
    file = tmp_path / "Main.ZIP"
    file.write_bytes(pack(folder, inside="extension-main/", more={"__MACOSX/extension-main/._b.js": ""}))
    bridge = await start(str(file))
    await check_greeting(bridge)
    id = bridge.extension_id
    assert re.fullmatch({"chromium": "[a-p]{32}", "firefox": ".+@temporary-addon"}[engine], id)
    await bridge.reload()
    await check_greeting(bridge)
    assert bridge.extension_id == id


async def test_xpi_without_id(start: Any, tmp_path: Path, engine: str) -> None:
    """A signed file, whose signature cannot hold for the copy; of Manifest V2 where that is possible."""
    manifest: dict[str, Any] = {**background("b.js"), **NO_ID}
    if engine == "firefox":
        manifest |= {"manifest_version": 2, "background": {"scripts": ["b.js"]}}
    folder = write_extension(tmp_path / "e", manifest, {"b.js": GREET, **PAGE_FILES})
    file = tmp_path / "extension.xpi"
    file.write_bytes(
        pack(folder, more={"META-INF/manifest.mf": "Manifest-Version: 1.0\n\n", "META-INF/cose.sig": "no"})
    )
    bridge = await start(file)
    await check_greeting(bridge)


async def test_crx_keeps_its_id(start: Any, tmp_path: Path, engine: str) -> None:
    folder = write_extension(tmp_path / "e", background("b.js"), {"b.js": GREET, **PAGE_FILES})
    file = tmp_path / "extension.crx"
    file.write_bytes(crx3(pack(folder, more={"_metadata/verified_contents.json": "[]"}), base64.b64decode(KEY)))
    bridge = await start(file)
    await check_greeting(bridge)
    assert bridge.extension_id == {"chromium": id_of_key(KEY), "firefox": "tested@example.org"}[engine]
    assert "key" not in bridge.manifest


# --- companions -----------------------------------------------------------------------------------------------------

FIRST_KEY = base64.b64encode(b"the first key").decode()
OTHER_KEYS = {"folder": base64.b64encode(b"another key").decode(), "zipped": base64.b64encode(b"a third key").decode()}
# Calls back whoever connects to it; its content script calls the first extension of its own accord.
COMPANION = (
    API + "runtime.onConnectExternal.addListener((port) => runtime.connect(port.sender.id, { name: port.name }));"
)
COMPANION_CONTENT = (
    "chrome.runtime.connect(%s, { name: 'from a content script' }).postMessage(location.pathname.slice(1));"
)


async def test_companions_talk_with_it(start: Any, tmp_path: Path, site: Site, engine: str) -> None:
    def identity(name: str, key: str) -> tuple[str, dict[str, Any]]:
        gecko = f"{name}@example.org"
        manifest = {"name": name, "key": key, "browser_specific_settings": {"gecko": {"id": gecko}}}
        return {"chromium": id_of_key(key), "firefox": gecko}[engine], {**manifest, **background("b.js")}

    first_id, first = identity("first", FIRST_KEY)
    files = {"b.js": COMPANION, "c.js": COMPANION_CONTENT % json.dumps(first_id)}
    ids = []
    for name, key in OTHER_KEYS.items():
        id, manifest = identity(name, key)
        ids.append(id)
        write_extension(tmp_path / name, {**manifest, **content("c.js")}, files)
    manifest_file = tmp_path / "folder" / "manifest.json"
    manifest_file.write_text("\ufeff// as browsers allow\n" + manifest_file.read_text("utf-8"), "utf-8")
    archive = tmp_path / "zipped.zip"
    archive.write_bytes(pack(tmp_path / "zipped"))
    before = fingerprint(tmp_path / "folder")
    bridge = await start(first, {"b.js": API}, also=[tmp_path / "folder", str(archive)])
    assert bridge.extension_id == first_id
    for id in ids:
        async with bridge.background.expect_connection("call me back", external=True) as info:
            bridge.background.runtime.connect(id, {"name": "call me back"})
        sender = (await info.value).sender
        assert (sender.id, sender.tab) == (id, None)
    heard: asyncio.Queue[Any] = asyncio.Queue()
    await bridge.background.runtime.onConnectExternal.addListener(heard.put_nowait)
    await open_page(bridge, f"{site.url}seen")
    senders = []
    for _ in ids:
        port = await asyncio.wait_for(heard.get(), 30)
        assert port.name == "from a content script"
        assert await port.receive() == "seen"
        senders.append((port.sender.id, port.sender.url, port.sender.frameId))
    assert sorted(senders) == sorted((id, f"{site.url}seen", 0) for id in ids)
    # They are loaded as they are, without any agent.
    assert {context.kind for context in bridge.contexts} == {"background", "external"}
    await bridge.close()
    assert fingerprint(tmp_path / "folder") == before


# --- reloads --------------------------------------------------------------------------------------------------------


def version(number: int) -> tuple[dict[str, Any], dict[str, str]]:
    manifest = {**background("b.js"), **content("c.js"), "version": f"{number}.0"}
    files = {
        "b.js": API + f"runtime.onConnect.addListener((port) => port.postMessage('background {number}'));",
        "c.js": API + f"runtime.onConnect.addListener((port) => port.postMessage('content {number}'));",
        **PAGE_FILES,
    }
    return manifest, files


async def check_version(bridge: Bridge, page: Any, number: int) -> Any:
    content = await bridge.content(page)
    port = content.runtime.connect({"name": "c"})
    assert await port.receive() == f"background {number}"
    port = bridge.background.tabs.connect(content.tab_id, {"name": "b"})
    assert await port.receive() == f"content {number}"
    assert bridge.manifest["version"] == f"{number}.0"
    return content


async def test_reload_shows_changed_files(start: Any, tmp_path: Path, site: Site) -> None:
    folder = write_extension(tmp_path / "mine", *version(1))
    before = fingerprint(folder)
    bridge = await start(folder)
    heard: list[str] = []
    await bridge.background.runtime.onConnect.addListener(lambda port: heard.append(port.name))
    page = await open_page(bridge, site.url)
    old = await check_version(bridge, page, 1)
    old_page = await bridge.page("ui/page.html")
    port = old.runtime.connect({"name": "old"})
    assert await port.receive() == "background 1"
    id, background = bridge.extension_id, bridge.background
    assert fingerprint(folder) == before
    write_extension(folder, *version(2))
    (folder / "icons/one.txt").unlink()
    before = fingerprint(folder)

    await bridge.reload()

    assert fingerprint(folder) == before
    assert old.closed and old_page.closed and port.closed
    with pytest.raises(PortDisconnectedError, match="'old' is closed"):
        await port.receive()
    with pytest.raises(ContextError, match="The extension was reloaded"):
        old.runtime.connect()
    assert (bridge.extension_id, bridge.background) == (id, background)
    assert not {old, old_page} & set(bridge.contexts)
    heard.clear()
    await page.reload()
    new = await check_version(bridge, page, 2)
    assert heard == ["c"]  # Python's listener is still there
    assert [context for context in bridge.contexts if context.tab_id == new.tab_id] == [new]

    # Refused by the bridge, then by the browser.
    for text, words in (
        ('{\n  "version" "3"\n}', "line 2, column 13"),
        ('{"manifest_version": 3, "version": "3"}', "name"),
    ):
        (folder / "manifest.json").write_text(text)
        with pytest.raises(ExtensionError, match=words):
            await bridge.reload()
        heard.clear()
        assert await check_version(bridge, page, 2) is new
        assert heard == ["c"]
    write_extension(folder, *version(3))
    await bridge.reload()
    await page.reload()
    await check_version(bridge, page, 3)
    before = fingerprint(folder)
    await bridge.close()
    assert fingerprint(folder) == before


# --- refusals -------------------------------------------------------------------------------------------------------

NO_BROWSER = sys.executable  # whoever starts this one gets a LaunchError

ONLY_WORKER = {"background": {"service_worker": "w.js"}}
REFUSALS = {
    "worker": ("firefox", ONLY_WORKER, r'"background.service_worker" does not run in Firefox.*"scripts": \["w.js"\]'),
    "v2": ("chromium", {"manifest_version": 2}, '"manifest_version" is 2, which Chromium no longer runs: move to 3'),
    "missing script": (
        "chromium",
        background("no.js"),
        '"background.service_worker" names "no.js", which does not exist',
    ),
    "missing content": ("chromium", content("w.js", "a/no.js"), r'"content_scripts\[0\].js\[1\]" names "a/no.js"'),
    "missing options": ("chromium", {"options_ui": {"page": "no.html"}}, '"options_ui.page" names "no.html"'),
    "version 4": ("both", {"manifest_version": 4}, '"manifest_version" is 4'),
}


@pytest.mark.filterwarnings("ignore::bridge.errors.ExtensionWarning")  # the other browser loads some of them
@pytest.mark.parametrize("case", REFUSALS)
async def test_refused_before_the_launch(engine_type: Any, tmp_path: Path, engine: str, case: str) -> None:
    refuses, manifest, words = REFUSALS[case]
    folder = write_extension(tmp_path / "mine", manifest, {"w.js": "", "p.html": ""})
    refused = refuses in (engine, "both")
    with pytest.raises(ExtensionError if refused else LaunchError) as caught:
        await launch(engine_type, folder, executable_path=NO_BROWSER)
    if refused:
        assert re.match(f"{re.escape(str(folder))}: manifest.json: .*{words}", str(caught.value))


BROKEN_MANIFESTS = {
    '{\n  "name": "x",\n  "version" "1"\n}': "line 3, column 13: Expecting ':'",
    '// one\n{ /* two\n */ "name": }': "line 3, column 13: Expecting value",
    "[]": "is not a JSON object",
    "{}": '"manifest_version" is missing',
}


@pytest.mark.parametrize("archive", [False, True], ids=["folder", "archive"])
@pytest.mark.parametrize("text", BROKEN_MANIFESTS, ids=["colon", "comments", "array", "empty"])
async def test_broken_manifest(engine_type: Any, tmp_path: Path, text: str, archive: bool) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "manifest.json").write_text(text)
    if archive:
        packed = pack(mine, inside="mine/")
        mine = tmp_path / "mine.xpi"
        mine.write_bytes(packed)
    with pytest.raises(ExtensionError) as caught:
        await launch(engine_type, mine, executable_path=NO_BROWSER)
    assert re.match(f"{re.escape(str(mine))}: manifest.json\\b.*{BROKEN_MANIFESTS[text]}", str(caught.value))


async def test_no_extension_there(engine_type: Any, tmp_path: Path) -> None:
    with pytest.raises(ExtensionError, match="nowhere does not exist: give the path of the extension's folder"):
        await launch(engine_type, tmp_path / "nowhere", executable_path=NO_BROWSER)
    write_extension(tmp_path / "outer" / "inner", {}, {})
    with pytest.raises(ExtensionError, match=r"outer has no manifest.json: did you mean .*inner\?"):
        await launch(engine_type, tmp_path / "outer", executable_path=NO_BROWSER)
    (tmp_path / "broken.crx").write_bytes(crx3(b"no archive", b"key"))
    with pytest.raises(ExtensionError, match=r"broken\.crx is a broken archive"):
        await launch(engine_type, tmp_path / "broken.crx", executable_path=NO_BROWSER)
