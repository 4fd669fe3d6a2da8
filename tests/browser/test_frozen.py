"""A browser that hangs, and a driver of Playwright that is killed: whoever waits is told in time, and nothing stays."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from browser.freezing import frozen
from browser.talking import open_page
from playwright.async_api import async_playwright

from bridge.async_api import Bridge, BridgeError, BridgeTimeoutError, LaunchError, PortDisconnectedError, launch
from bridge.browsers.processes import browser_processes
from support import Site, background, content, write_extension

MANIFEST = {**background("b.js"), **content("c.js"), "action": {}, "permissions": ["nativeMessaging"]}
FILES = {
    "b.js": "for (const name of ['onConnect', 'onConnectExternal']) chrome.runtime[name].addListener(() => {})",
    "c.js": "",
    "p.html": "<title>p</title>",
}
TIMEOUT_MS = 400
SLACK_S = 2  # for the bridge's own doing, on a busy machine
CLOSED_S = 10
TOLD_S = 3


async def test_each_call_ends_in_its_time(start: Any, site: Site, tmp_path: Path) -> None:
    bridge = await start(MANIFEST, FILES, user_data_dir=tmp_path / "profile", native=["app"])
    page = await open_page(bridge, site.url)
    world, own = await bridge.content(page), await bridge.page("p.html")
    port = world.runtime.connect()
    with frozen(browser_processes(tmp_path / "profile")):
        for name, call in calls(bridge, page, world, own, port).items():
            began = time.monotonic()
            with pytest.raises((BridgeTimeoutError, LaunchError)):
                await call(timeout=TIMEOUT_MS)
            assert time.monotonic() - began < TIMEOUT_MS / 1000 + SLACK_S, name
    await bridge.reload()  # once the earlier ones have come to their end
    assert await bridge.background.call("runtime.getPlatformInfo")


def calls(bridge: Bridge, page: Any, world: Any, own: Any, port: Any) -> dict[str, Callable[..., Awaitable[Any]]]:
    async def expected(*, timeout: float) -> None:
        async with bridge.background.expect_connection(timeout=timeout):
            pass

    return {
        "content": lambda **options: bridge.content(page.main_frame, **options),
        "page": lambda **options: bridge.page("p.html", **options),
        "click_action": lambda **options: bridge.click_action(page, **options),
        "stop_background": bridge.stop_background,
        "wait_for_close": bridge.background.wait_for_close,
        "call": lambda **options: world.call("runtime.getURL", "", **options),
        "accept": bridge.background.accept,
        "expect_connection": expected,
        "receive": port.receive,
        "wait_for_disconnect": port.wait_for_disconnect,
        "native accept": bridge.native("app").accept,
        "close": own.close,
        "reset": bridge.reset,
        "reload": bridge.reload,
    }


async def test_what_has_no_timeout_of_its_own_has_the_default(start: Any, site: Site, tmp_path: Path) -> None:
    bridge = await start(MANIFEST, FILES, user_data_dir=tmp_path / "profile")
    own = await bridge.page("p.html")
    port = own.runtime.connect()
    bridge.set_default_timeout(TIMEOUT_MS)
    with frozen(browser_processes(tmp_path / "profile")):
        with pytest.raises(BridgeTimeoutError, match="did not take a message on <Port"):
            await port.postMessage({1})  # a set, which the browser may refuse
        with pytest.raises(BridgeTimeoutError, match="did not take a message on <Port"):
            while True:  # until the socket is full
                await port.postMessage("x" * 1_000_000)
        with pytest.raises(BridgeTimeoutError, match="page .* did not answer about runtime.onConnect"):
            await own.runtime.onConnect.addListener(print)


async def test_close_ends_a_browser_that_does_not(start: Any, tmp_path: Path) -> None:
    bridge = await start(MANIFEST, FILES, user_data_dir=tmp_path / "profile")
    port = bridge.external.runtime.connect(bridge.extension_id)
    await bridge.start_inspector()
    with frozen(browser_processes(tmp_path / "profile")):
        began = time.monotonic()
        with pytest.raises(BridgeTimeoutError, match="The browser did not close, so its processes were killed"):
            await bridge.close()
        assert time.monotonic() - began < CLOSED_S
    assert browser_processes(tmp_path / "profile") == []
    with pytest.raises(PortDisconnectedError):
        await port.receive()


async def test_the_end_of_the_driver_ends_all(engine: str, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    async with (
        async_playwright() as playwright,
        launch(
            getattr(playwright, engine), write_extension(tmp_path / "e", MANIFEST, FILES), user_data_dir=profile
        ) as bridge,
    ):
        port = bridge.external.runtime.connect(bridge.extension_id)
        waits = [asyncio.ensure_future(wait) for wait in (port.receive(timeout=0), bridge.background.accept(timeout=0))]
        (driver,) = (
            child
            for child in psutil.Process().children()
            if "run-driver" in child.cmdline() and is_parent(child, profile)
        )
        driver.kill()
        began = time.monotonic()
        for wait in waits:
            with pytest.raises(BridgeError, match="driver ended|the browser closed"):
                await wait
        assert time.monotonic() - began < TOLD_S
        assert bridge.contexts == []
        folder = bridge._extension.copy.parent
    assert browser_processes(profile) == [] and not folder.exists()


def is_parent(process: psutil.Process, profile: Path) -> bool:
    return any(process.pid == browser.ppid() for browser in browser_processes(profile))
