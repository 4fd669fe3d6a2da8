"""Symbolic links in an extension's folder lead as far with the bridge as without it."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from browser.observer.runs import bare_browser
from browser.observer.site import serve_observer

from bridge.async_api import ExtensionError, ExtensionWarning, launch
from support import background, content, write_extension

FILES = {
    "own.txt": "own",
    "folder/own.txt": "own",
    "b.js": """
        const text = async (name) => {
            try { return await (await fetch(chrome.runtime.getURL(name))).text(); } catch { return "not there"; }
        };
        chrome.runtime.onMessage.addListener((names, sender, answer) => {
            Promise.all(names.map(text)).then(answer);
            return true;
        });
    """,
    "c.js": """
        const names = ["own.txt", "in.txt", "inside/own.txt", "out.txt", "outside/out.txt"];
        chrome.runtime.sendMessage(names, (texts) => {
            const found = Object.fromEntries(names.map((name, at) => [name, texts[at]]));
            found.script = document.documentElement.dataset.script ?? "did not run";
            fetch("SITEreport/links", { method: "POST", body: JSON.stringify(found) });
        });
    """,
}
FOLLOWED = {"chromium": "out", "firefox": "not there"}


@asynccontextmanager
async def bare(engine_type: Any, extension: Path) -> AsyncIterator[Any]:
    async with bare_browser(engine_type) as (context, driver):
        await driver.load(extension, timeout_ms=30_000)
        yield context


@asynccontextmanager
async def bridged(engine_type: Any, extension: Path) -> AsyncIterator[Any]:
    async with launch(engine_type, extension) as bridge:
        yield bridge.browser_context


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets only some users make symbolic links")
@pytest.mark.parametrize("run", [bare, bridged])
async def test_links_lead_as_far(engine_type: Any, engine: str, tmp_path: Path, run: Any) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "out.txt").write_text("out")
    (outside / "script.js").write_text('document.documentElement.dataset.script = "ran";')
    async with serve_observer() as site:
        files = {path: site.fill(text) for path, text in FILES.items()}
        # Neither browser runs a content script behind such a link, but only the bridge says so.
        behind = content("script.js")["content_scripts"] if run is bare else []
        scripts = {"content_scripts": [*behind, *content("c.js")["content_scripts"]]}
        extension = write_extension(tmp_path / "links", {**background("b.js"), **scripts}, files)
        (extension / "in.txt").symlink_to("own.txt")
        (extension / "inside").symlink_to("folder")
        (extension / "out.txt").symlink_to(outside / "out.txt")
        (extension / "outside").symlink_to(outside)
        (extension / "script.js").symlink_to(outside / "script.js")
        async with run(engine_type, extension) as context:
            await (await context.new_page()).goto(site.url)
            await site.reported({"links"})
    assert site.reports["links"] == {
        "own.txt": "own",
        "in.txt": "own",
        "inside/own.txt": "own",
        "out.txt": FOLLOWED[engine],
        "outside/out.txt": FOLLOWED[engine],
        "script": "did not run",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets only some users make symbolic links")
async def test_a_content_script_behind_a_link_that_leads_out(engine_type: Any, engine: str, tmp_path: Path) -> None:
    (tmp_path / "script.js").touch()
    extension = write_extension(tmp_path / "links", content("script.js"), {})
    (extension / "script.js").symlink_to(tmp_path / "script.js")
    words = r'content_scripts\[0\].js\[0\]" names "script.js", behind a symbolic link'
    if engine == "firefox":  # runs nothing of that entry
        with pytest.warns(ExtensionWarning, match=words):
            async with launch(engine_type, extension):
                pass
    else:
        with pytest.raises(ExtensionError, match=words):
            await launch(engine_type, extension)
