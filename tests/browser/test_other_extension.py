"""Python evaluates code among the scripts of other extensions, in which nothing of the bridge is."""

from pathlib import Path
from typing import Any

import pytest
from browser.test_evaluate import HTML

from bridge.async_api import BridgeTimeoutError, ContextError, RemoteError
from support import Site, background, content, write_extension

ID = "helper@example.org"
MANIFEST = {
    **background("b.js"),
    **content("c.js", all_frames=True),
    "browser_specific_settings": {"gecko": {"id": ID}},
    "web_accessible_resources": [{"resources": ["p.html"], "matches": ["<all_urls>"]}],
}
FILES = {
    "b.js": "const mine = 'background'; let count = 0;",
    "c.js": "const mine = `content in ${location.pathname}`;",
    "p.js": "const mine = 'page';",
    "p.html": HTML,
}


async def _id_of(bridge: Any, name: str) -> str:
    (id,) = [it["id"] for it in await bridge.external.call("management.getAll") if it["name"] == name]
    return str(id)


async def test_code_runs_in_another_extension(start: Any, site: Site, tmp_path: Path, engine: str) -> None:
    helper = write_extension(tmp_path / "helper", {**MANIFEST, "name": "helper"}, FILES)
    own = {**background("b.js"), **content("c.js", all_frames=True)}
    bridge = await start(own, {"b.js": "const mine = 'own';", "c.js": "const mine = 'own';"}, also=[helper])
    other = bridge.extension(await _id_of(bridge, "helper"))
    assert await other.background.evaluate("(more) => mine + more", "!") == "background!"
    assert await other.background.wait_for_function("() => ++count > 2 && count", polling=1) == 3
    with pytest.raises(RemoteError, match="missing") as info:
        await other.background.evaluate("null.missing")
    assert info.value.stack

    page = await bridge.browser_context.new_page()
    site.pages["/top"] = "<!doctype html><iframe src=/inner></iframe>"
    site.pages["/inner"] = "<!doctype html>"
    await page.goto(f"{site.url}top")
    top, inner = [other.content(frame) for frame in page.frames]
    assert await top.evaluate("mine") == "content in /top"
    assert await inner.evaluate("mine") == "content in /inner"
    assert await (await bridge.content(page)).evaluate("mine") == "own"
    if engine == "chromium":  # in Firefox, Playwright cannot reach into some extension pages
        await page.goto(f"chrome-extension://{other.id}/p.html")
        assert await other.page(page).evaluate("mine") == "page"
    with pytest.raises(BridgeTimeoutError, match="Waited for the content of the extension"):
        await bridge.extension(await _id_of(bridge, "portbridge relay")).content(page).evaluate("1", timeout=300)


async def test_which_extensions_there_are(load: Any) -> None:
    bridge = await load(background("b.js"), {"b.js": ""})
    with pytest.raises(ContextError, match=r"No extension has the id 'nobody@example\.org'\. These run: .*relay"):
        await bridge.extension("nobody@example.org").background.evaluate("1")
