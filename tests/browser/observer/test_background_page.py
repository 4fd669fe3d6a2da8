"""The page that Firefox makes for `background.scripts` holds the author's scripts and no other."""

from pathlib import Path
from typing import Any

import pytest
from browser.observer.runs import bare_browser
from browser.observer.site import serve_observer

from bridge.async_api import launch
from support import write_extension

SCRIPT = """
const body = JSON.stringify(document.documentElement.outerHTML.replaceAll(location.origin, ""));
fetch("SITEreport/dom", { method: "POST", mode: "no-cors", body });
"""


@pytest.mark.parametrize("type", ["classic", pytest.param("module", marks=pytest.mark.slow("firefox"))])
async def test_the_page_has_the_authors_scripts(engine_type: Any, engine: str, tmp_path: Path, type: str) -> None:
    if engine == "chromium":
        pytest.skip("Chromium's background is a worker, which has no page")
    async with serve_observer() as site:
        manifest = {
            "background": {"scripts": ["a.js", "b.js"], "type": type},
            "content_security_policy": {"extension_pages": "script-src 'self'"},
        }
        extension = write_extension(tmp_path / "authors", manifest, {"a.js": "", "b.js": site.fill(SCRIPT)})
        async with bare_browser(engine_type) as (_, driver):
            await driver.load(extension, timeout_ms=30_000)
            await site.reported({"dom"})
        expected = site.reports.pop("dom")
        async with launch(engine_type, extension):
            await site.reported({"dom"})
        assert site.reports["dom"] == expected
        assert 'src="/a.js"' in expected
