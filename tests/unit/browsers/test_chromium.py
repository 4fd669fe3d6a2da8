"""What Chromium's driver leaves behind when a step of it fails."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError

from bridge.browsers.chromium import ChromiumDriver
from bridge.driver import Loaded
from bridge.errors import ExtensionError, LaunchError


class Session:
    """A CDPSession of Playwright's, as far as it is used here."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.detached = False
        self._reported: Any = None

    def on(self, event: str, listener: Any) -> None:
        if event == "ServiceWorker.workerVersionUpdated":
            self._reported = listener

    async def send(self, method: str, params: object = None) -> dict[str, Any]:
        if method == self.refused:
            raise PlaywrightError(f"Protocol error ({method}): no")
        if method == "ServiceWorker.enable" and self._reported:
            self._reported({"versions": []})
        return {"id": "x"}

    async def detach(self) -> None:
        self.detached = True


class BrowserContext:
    """Playwright's, with one page; each session of a page is kept."""

    def __init__(self, refused: str = "") -> None:
        self.pages = [object()]
        self.sessions: list[Session] = []
        self._refused = refused

    async def new_cdp_session(self, page: object) -> Session:
        self.sessions.append(Session(self._refused))
        return self.sessions[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    manifest = {"manifest_version": 3, "background": {"service_worker": "worker.js"}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


async def test_a_load_that_chromium_rejects_leaves_no_session(folder: Path) -> None:
    context = BrowserContext()
    driver = ChromiumDriver(context, Session("Extensions.loadUnpacked"), Path())
    with pytest.raises(ExtensionError, match="Chromium rejects the extension: no"):
        await driver.load(folder, timeout_ms=0)
    assert [session.detached for session in context.sessions] == [True]


async def test_a_load_that_is_cancelled_leaves_no_session(folder: Path) -> None:
    context = BrowserContext()
    loading = asyncio.ensure_future(ChromiumDriver(context, Session(), Path()).load(folder, timeout_ms=0))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not loading.done()  # it waits for the worker
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert [session.detached for session in context.sessions] == [True]


async def test_a_worker_that_does_not_start_in_time_is_a_timeout(folder: Path) -> None:
    with pytest.raises(LaunchError, match="did not start within 1 ms") as caught:
        await ChromiumDriver(BrowserContext(), Session(), Path()).load(folder, timeout_ms=1)
    assert isinstance(caught.value.__cause__, TimeoutError)


async def test_a_background_that_does_not_start_leaves_no_session() -> None:
    context = BrowserContext("ServiceWorker.startWorker")
    with pytest.raises(PlaywrightError):
        await ChromiumDriver(context, Session(), Path()).start_background(Loaded("x", "chrome-extension://x/"))
    assert [session.detached for session in context.sessions] == [True]
