"""`getManifest()` returns the same with the bridge as without it, for manifests of all shapes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import Launch
from browser.observer.runs import bare_browser
from browser.observer.site import ObserverSite, serve_observer

from bridge.async_api import Bridge
from bridge.driver import Driver
from support import background, write_extension

# Sent by whichever script runs first; the background may be one that has no access to the site.
REPORT = """
var { runtime } = globalThis.browser?.runtime ? globalThis.browser : globalThis.chrome;
fetch("SITEreport/manifest", { method: "POST", mode: "no-cors", body: JSON.stringify(runtime.getManifest()) });
"""
POLICY = {"content_security_policy": {"extension_pages": "script-src 'self'"}}
HOST = "http://127.0.0.1/*"
FILES = {
    "report.js": REPORT,
    "c.js": "",
    "c.css": "h1 { letter-spacing: 7px }",
    "p.html": "<title>p</title>",
    "b.html": '<script src="report.js"></script>',
}
MESSAGES = {"_locales/en/messages.json": '{ "name": { "message": "a translated name" } }'}
ENTRIES = [
    {"matches": [HOST, "http://127.0.0.1/x/*"], "js": ["c.js"], "css": ["c.css"], "run_at": "document_start"},
    {"matches": ["http://127.0.0.1/y"], "js": ["c.js"], "exclude_globs": ["*z*"]},
    {"matches": [HOST], "css": ["c.css"]},
]
NO_ENTRIES: dict[str, Any] = {"content_scripts": []}
SHAPES: dict[str, dict[str, Any]] = {
    "entries": {**background("report.js", "c.js"), **POLICY, "content_scripts": ENTRIES},
    "translated": {**background("report.js"), **POLICY, "name": "__MSG_name__", "default_locale": "en", **NO_ENTRIES},
    "hosts": {**background("report.js"), **POLICY, "host_permissions": [HOST]},
    "shut": {
        "content_security_policy": {"extension_pages": "script-src 'none'"},
        "content_scripts": [{"matches": [HOST], "js": ["report.js"]}],
    },
}
NATIVE = {**SHAPES["hosts"], "permissions": ["nativeMessaging"]}
SHAPES_OF_FIREFOX: dict[str, dict[str, Any]] = {
    "scripts": {"manifest_version": 2, "background": {"scripts": ["report.js", "c.js"]}, "content_scripts": ENTRIES},
    "shut by a string": {**SHAPES["shut"], "manifest_version": 2, "content_security_policy": "script-src 'none'"},
    "without settings": NATIVE,
    "without an id": {**NATIVE, "browser_specific_settings": {"gecko": {"strict_min_version": "100.0"}}},
    "page": {"manifest_version": 2, "background": {"page": "b.html"}, "permissions": [HOST]},
}
FIREFOX_ONLY = pytest.mark.slow("firefox")
CASES = [pytest.param(name, (), id=name) for name in SHAPES]
CASES += [
    pytest.param(name, (), id=name, marks=[] if name in ("scripts", "without an id") else FIREFOX_ONLY)
    for name in SHAPES_OF_FIREFOX
]
CASES += [
    pytest.param("entries", ("background", "content"), id="entries-replaced"),
    pytest.param("scripts", ("background", "content"), id="scripts-replaced", marks=FIREFOX_ONLY),
    pytest.param("page", ("background",), id="page-replaced", marks=FIREFOX_ONLY),
]


@pytest.fixture
async def site() -> AsyncIterator[ObserverSite]:
    async with serve_observer() as site:
        yield site


@pytest.fixture(scope="module")
async def bare(engine_type: Any) -> AsyncIterator[tuple[Any, Driver]]:
    async with bare_browser(engine_type) as (context, driver):
        yield context, driver


@pytest.mark.parametrize(("name", "replace"), CASES)
async def test_the_manifest_is_the_authors(
    bare: tuple[Any, Driver],
    start: Launch,
    load: Launch,
    engine: str,
    site: ObserverSite,
    tmp_path: Path,
    name: str,
    replace: Any,
) -> None:
    if engine == "chromium" and name in SHAPES_OF_FIREFOX:
        pytest.skip("Chromium runs no Manifest V2, and no page as a background")
    texts = FILES | (MESSAGES if name == "translated" else {})
    files = {path: site.fill(text) for path, text in texts.items()}
    extension = write_extension(tmp_path / "authors", (SHAPES | SHAPES_OF_FIREFOX)[name], files)
    if name == "without settings":
        drop(extension / "manifest.json", "browser_specific_settings")
    expected = await manifest_without_bridge(*bare, extension, site)
    bridge = await (start(extension, replace=list(replace)) if replace else load(extension))
    seen = await manifests(bridge, site.url)
    assert "page" in seen
    for context, manifest in seen.items():
        assert manifest == expected, context


async def manifest_without_bridge(context: Any, driver: Driver, extension: Path, site: ObserverSite) -> Any:
    page = await context.new_page()
    loaded = await driver.load(extension, timeout_ms=30_000)
    await page.goto(site.url)
    await site.reported({"manifest"})
    await driver.unload(loaded.id)
    await page.close()
    return without_address(site.reports["manifest"], loaded.base_url)


def drop(manifest: Path, key: str) -> None:
    keys = json.loads(manifest.read_text("utf-8"))
    del keys[key]
    manifest.write_text(json.dumps(keys), "utf-8")


async def manifests(bridge: Bridge, url: str) -> dict[str, Any]:
    """What getManifest() returns in each context, as an object with its order."""
    page = await bridge.browser_context.new_page()
    await page.goto(url)
    contexts = [await bridge.page("p.html")]
    contexts += [bridge.background] if "background" in bridge.manifest else []
    contexts += [await bridge.content(page)] if bridge._extension.content_patterns else []
    base_url = contexts[0].url.removesuffix("p.html")
    return {context.kind: without_address(await context.call("runtime.getManifest"), base_url) for context in contexts}


def without_address(manifest: Any, base_url: str) -> Any:
    if isinstance(manifest, dict):
        return {key: without_address(value, base_url) for key, value in manifest.items()}
    if isinstance(manifest, list):
        return [without_address(value, base_url) for value in manifest]
    return manifest.replace(base_url, "/") if isinstance(manifest, str) else manifest
