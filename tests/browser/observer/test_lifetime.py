"""An idle background is suspended with the bridge as without it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from browser.observer.runs import bare_browser
from browser.observer.site import serve_observer

from bridge.async_api import launch
from support import background, content, write_extension

FILES = {
    "b.js": "browser.runtime.onConnect.addListener(() => {})",
    "c.js": """
        const port = chrome.runtime.connect({ name: "open and idle" });
        port.onDisconnect.addListener(() => fetch("SITEreport/suspended", { method: "POST", body: "{}" }));
    """,
}
SOON = {"extensions.background.idle.timeout": 500}  # milliseconds


@asynccontextmanager
async def bare(engine_type: Any, extension: Path) -> AsyncIterator[Any]:
    async with bare_browser(engine_type, firefox_user_prefs=SOON) as (context, driver):
        await driver.load(extension, timeout_ms=30_000)
        yield context


@asynccontextmanager
async def bridged(engine_type: Any, extension: Path) -> AsyncIterator[Any]:
    async with launch(engine_type, extension, firefox_user_prefs=SOON) as bridge:
        yield bridge.browser_context


@pytest.mark.parametrize("run", [bare, bridged])
async def test_an_idle_event_page_is_suspended(engine_type: Any, engine: str, tmp_path: Path, run: Any) -> None:
    if engine == "chromium":
        pytest.skip("Chromium stops no service worker while Playwright is attached, with the bridge or without it")
    async with serve_observer() as site:
        files = {path: site.fill(text) for path, text in FILES.items()}
        extension = write_extension(tmp_path / "idle", {**background("b.js"), **content("c.js")}, files)
        async with run(engine_type, extension) as context:
            await (await context.new_page()).goto(site.url)
            await site.reported({"suspended"})
