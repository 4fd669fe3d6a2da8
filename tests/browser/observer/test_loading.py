"""What the bare browser loads, the bridge loads, if need be with a warning; what it refuses, the bridge refuses."""

import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from browser.observer.runs import bare_browser

from bridge.async_api import ExtensionError, ExtensionWarning
from bridge.driver import Driver
from bridge.webext.generated import GeneratedExtension
from support import background, content, write_extension

FILES = {"b.js": "", "b.html": "<script src=b.js></script>", "c.js": ""}
BOTH = background("b.js")
V2 = {"manifest_version": 2, "background": {"scripts": ["b.js"]}}
CASES: dict[str, dict[str, Any]] = {
    "background: second script": {"background": {"scripts": ["b.js", "no.js"], "service_worker": "b.js"}},
    "background: all scripts": {"background": {"scripts": ["no.js"]}},
    "background: worker": {"background": {"service_worker": "no.js", "scripts": ["b.js"]}},
    "background: only scripts": {"background": {"scripts": ["b.js"]}},
    "background: only a page": {"background": {"page": "b.html"}},
    "background: only a worker": {"background": {"service_worker": "b.js"}},
    "background: page": {"background": {"page": "no.html"}},
    "background: page beside a worker": {"background": {"service_worker": "b.js", "page": "no.html"}},
    "content: script": {**BOTH, **content("no.js", "c.js")},
    "content: style": {**BOTH, **content("c.js", css=["no.css"])},
    "icon": {**BOTH, "icons": {"16": "no.png"}},
    "icon of the button": {**BOTH, "action": {"default_icon": "no.png"}},
    "permission": {**BOTH, "permissions": ["nonsense"]},
    "host": {**BOTH, "host_permissions": ["nonsense"]},
    "key": {**BOTH, "nonsense": 1},
    "popup": {**BOTH, "action": {"default_popup": "no.html"}},
    "popup of version 2": {**BOTH, "browser_action": {"default_popup": "no.html"}},
    "options": {**BOTH, "options_ui": {"page": "no.html"}},
    "options page": {**BOTH, "options_page": "no.html"},
    "devtools": {**BOTH, "devtools_page": "no.html"},
    "side panel": {**BOTH, "permissions": ["sidePanel"], "side_panel": {"default_path": "no.html"}},
    "sidebar": {**BOTH, "sidebar_action": {"default_panel": "no.html"}},
    "new tab": {**BOTH, "chrome_url_overrides": {"newtab": "no.html"}},
    "accessible file": {**BOTH, "web_accessible_resources": [{"resources": ["no.png"], "matches": ["<all_urls>"]}]},
    "sandboxed page": {**BOTH, "sandbox": {"pages": ["no.html"]}},
    "locale": {**BOTH, "default_locale": "en"},
    "version 2": V2,
    "version 2: script": {**V2, "background": {"scripts": ["no.js", "b.js"]}},
    "version 2: page": {**V2, "background": {"page": "no.html"}},
    "version 2: popup": {**V2, "browser_action": {"default_popup": "no.html"}},
    "version 2: page action": {**V2, "page_action": {"default_popup": "no.html"}},
}
WARNED = {
    "chromium": {
        "background: all scripts",
        "background: only scripts",
        "background: only a page",
        "background: page",
        "popup",
        "devtools",
    },
    "firefox": {
        "background: second script",
        "background: all scripts",
        "background: page",
        "background: page beside a worker",
        "content: script",
        "content: style",
        "popup",
        "options",
        "options page",
        "devtools",
        "sidebar",
        "new tab",
        "version 2: script",
        "version 2: page",
        "version 2: popup",
        "version 2: page action",
    },
}


@pytest.fixture(scope="module")
async def bare(engine_type: Any) -> AsyncIterator[Driver]:
    async with bare_browser(engine_type) as (_, driver):
        yield driver


@pytest.mark.parametrize("name", CASES)
async def test_the_bridge_loads_what_the_browser_loads(bare: Driver, engine: Any, tmp_path: Path, name: str) -> None:
    extension = write_extension(tmp_path / "authors", CASES[name], FILES)
    loads = await is_loaded(bare, extension)
    generated = GeneratedExtension(extension, tmp_path, engine, frozenset())
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            generated.write_copy()
        except ExtensionError:
            assert not loads
            return
    assert await is_loaded(bare, generated.copy) == loads
    assert {warning.category for warning in warned} == ({ExtensionWarning} if name in WARNED[engine] else set())


async def is_loaded(driver: Driver, extension: Path) -> bool:
    try:
        loaded = await driver.load(extension, timeout_ms=30_000)
    except ExtensionError:
        return False
    await driver.unload(loaded.id)
    return True
