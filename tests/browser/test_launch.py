"""Launching: what passes through, what is refused, and that nothing is left behind."""

import asyncio
import base64
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bridge.async_api import (
    BrowserNotFoundError,
    ContextError,
    ExtensionError,
    ExtensionWarning,
    LaunchError,
    PortDisconnectedError,
    launch,
)
from support import LAUNCH_MS, ROOT, SAMPLE, Site, background, content, write_extension

KEY = base64.b64encode(b"any bytes will do").decode()


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test here must leave no file of the bridge's or the browser's, and no process that names one."""
    with tempfile.TemporaryDirectory(prefix="t") as place:  # a short name: Chromium has a socket in there
        monkeypatch.setattr(tempfile, "tempdir", place)
        monkeypatch.setenv("TMPDIR", place)
        yield
        assert [entry.name for entry in Path(place).iterdir() if not entry.name.startswith("playwright")] == []
        assert _processes_naming(place) == []


def _processes_naming(text: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in arguments:
            found.append(int(process.name))
    return found


async def test_options_of_playwright_pass_through(start: Any, site: Site, tmp_path: Path) -> None:
    bridge = await start(
        SAMPLE, viewport={"width": 411, "height": 333}, locale="de-DE", user_data_dir=tmp_path / "profile"
    )
    page = await bridge.browser_context.new_page()
    await page.goto(site.url)
    assert await page.evaluate("[innerWidth, innerHeight, navigator.language]") == [411, 333, "de-DE"]
    assert (await bridge.content(page)).url == site.url
    assert any((tmp_path / "profile").iterdir())


async def test_profile_can_be_used_again(start: Any, site: Site, tmp_path: Path) -> None:
    manifest = {**background("b.js"), **content("c.js"), "permissions": ["storage"], "key": KEY}  # so that the id stays
    for number in range(3):
        answer = f"the text of launch {number // 2}"  # the same twice, then another
        files = {"b.js": f"chrome.runtime.onConnect.addListener((port) => port.postMessage('{answer}'));", "c.js": ""}
        bridge = await start(manifest, files, user_data_dir=tmp_path / "profile")
        page = await bridge.browser_context.new_page()
        await page.goto(site.url)
        await page.evaluate(f"localStorage.seen = (localStorage.seen ?? '') + '{number}'")
        assert await page.evaluate("localStorage.seen") == "0123"[: number + 1]
        world = await bridge.content(page)
        assert await world.runtime.connect().receive() == answer
        assert await bridge.background.call("storage.local.get") == ({"launch": number - 1} if number else {})
        await bridge.background.call("storage.local.set", {"launch": number})
        assert [context.kind for context in bridge.contexts if context.kind == "background"] == ["background"]
        await bridge.close()


async def test_channel_is_reachable_beside_a_proxy(start: Any, site: Site) -> None:
    seen: list[str] = []

    async def handle(request: web.BaseRequest) -> web.Response:
        seen.append(str(request.url))
        return web.Response(text="<title>through the proxy</title>", content_type="text/html")

    server = web.ServerRunner(web.Server(handle))
    await server.setup()
    proxy = web.TCPSite(server, "127.0.0.1", 0)
    await proxy.start()
    try:
        port = server.addresses[0][1]
        bridge = await start(SAMPLE, proxy={"server": f"http://127.0.0.1:{port}"})
        page = await bridge.browser_context.new_page()
        await page.goto("http://example.test/")
        assert await page.title() == "through the proxy"
        assert (await bridge.content(page)).url == "http://example.test/"
        assert any("example.test" in url for url in seen)
        await bridge.close()
    finally:
        await server.cleanup()


# --- refused before anything starts ---------------------------------------------------------------------------------


async def test_unusable_extensions(engine_type: Any, tmp_path: Path) -> None:
    with pytest.raises(ExtensionError, match="does not exist"):
        await launch(engine_type, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExtensionError, match=r"manifest\.json"):
        await launch(engine_type, tmp_path / "empty")
    (tmp_path / "empty" / "manifest.json").write_text('{\n  "name": oops\n}')
    with pytest.raises(ExtensionError, match="line 2, column 11") as caught:
        await launch(engine_type, tmp_path / "empty")
    assert str(tmp_path / "empty") in str(caught.value)


# What the browser loads all the same: here without a background in Chromium, and with half of one in Firefox.
HALF_BROKEN = {
    "background": {"scripts": ["missing.js", "b.js"]},
    "action": {"default_popup": "missing.html"},
    **content("c.js"),
}


async def test_what_the_browser_loads_with_a_warning_is_launched(
    start: Any, site: Site, engine: str, tmp_path: Path
) -> None:
    with pytest.warns(ExtensionWarning) as warned:
        bridge = await start(
            HALF_BROKEN, {"b.js": "chrome.runtime.onConnect.addListener((p) => p.postMessage(1));", "c.js": ""}
        )
    texts = [str(one.message) for one in warned]
    assert len(texts) == 2 and all(text.startswith(f"{tmp_path / 'extension'}: manifest.json: ") for text in texts)
    problem = "does not run in Chromium" if engine == "chromium" else 'names "missing.js", which does not exist'
    assert problem in texts[0]
    assert '"action.default_popup" names "missing.html", which does not exist' in texts[1]
    page = await bridge.browser_context.new_page()
    await page.goto(site.url)
    world = await bridge.content(page)
    if engine == "firefox":
        assert await world.runtime.connect().receive() == 1
        return
    with pytest.raises(ContextError, match="no background"):
        await bridge.wait_for_background()
    with pytest.raises(PortDisconnectedError):
        await world.runtime.connect().receive()


async def test_firefox_loads_an_extension_whose_background_page_is_missing(start: Any, engine: str, site: Site) -> None:
    if engine == "chromium":
        pytest.skip("Chromium has no background pages")
    manifest = {"manifest_version": 2, "background": {"page": "missing.html"}, **content("c.js")}
    with pytest.warns(ExtensionWarning, match='"background.page" names "missing.html"'):
        bridge = await start(manifest, {"c.js": ""})
    page = await bridge.browser_context.new_page()
    await page.goto(site.url)
    await bridge.content(page)
    with pytest.raises(ContextError, match="no background"):
        await bridge.stop_background()


async def test_another_extension_that_is_unusable(engine_type: Any, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text('{\n  "name": oops\n}')
    with pytest.raises(ExtensionError, match="line 2, column 11") as caught:
        await launch(engine_type, SAMPLE, also=[tmp_path / "other"])
    assert str(tmp_path / "other") in str(caught.value)


async def test_manifest_for_the_other_browser(engine_type: Any, engine: str, tmp_path: Path) -> None:
    wrong: dict[str, Any] = {"background": {"service_worker": "b.js"}}
    if engine == "chromium":
        wrong = {"manifest_version": 2, "background": {"scripts": ["b.js"]}}
    folder = write_extension(tmp_path / "wrong", wrong, {"b.js": ""})
    with pytest.raises(ExtensionError, match="manifest_version" if engine == "chromium" else 'add "scripts"'):
        await launch(engine_type, folder)


async def test_unknown_options(engine_type: Any, playwright_async: Any) -> None:
    with pytest.raises(TypeError, match="'hedless'"):
        launch(engine_type, SAMPLE, hedless=True)
    with pytest.raises(ValueError, match="'background' and 'content'"):
        launch(engine_type, SAMPLE, replace=["popup"])
    with pytest.raises(TypeError, match="takes a list"):
        launch(engine_type, SAMPLE, replace="background")
    with pytest.raises(TypeError, match="playwright.chromium"):
        launch("chromium", SAMPLE)  # type: ignore[arg-type]


async def test_no_such_browser(engine_type: Any) -> None:
    with pytest.raises(BrowserNotFoundError, match="no such file"):
        await launch(engine_type, SAMPLE, executable_path="/nowhere/browser")


# --- failing starts -------------------------------------------------------------------------------------------------


async def test_browser_that_dies_during_the_launch(engine_type: Any, engine: str, tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\necho 'no display today' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(LaunchError, match=f"{engine} did not start"):
        await launch(engine_type, SAMPLE, executable_path=program)


async def test_temporary_files_too_deep_for_chromium(engine_type: Any, engine: str, tmp_path: Path) -> None:
    if engine != "chromium":
        pytest.skip("Firefox has no such socket")
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\necho 'FATAL: Socket path too long: /a/very/long/path' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(LaunchError, match="set TMPDIR to a shorter one"):
        await launch(engine_type, SAMPLE, executable_path=program)


async def test_extension_that_the_browser_rejects(engine_type: Any, engine: str, tmp_path: Path) -> None:
    manifest = {"content_scripts": [{"matches": ["zzz"], "js": ["c.js"]}]}
    folder = write_extension(tmp_path / "rejected", manifest, {"c.js": ""})
    with pytest.raises(ExtensionError, match=r"(?s)rejects the extension: .*matches"):
        await launch(engine_type, folder)


@pytest.mark.parametrize(
    ("script", "words", "timeout"),
    [
        ("\n\nthrow new Error('not today');", "not today.*:3", LAUNCH_MS),
        ("let x = ;", "SyntaxError", LAUNCH_MS),
        ("for (;;) {}", "did not start within", 8_000),
    ],
    ids=["throws", "does not parse", "hangs"],
)
async def test_worker_that_does_not_start(
    engine_type: Any, engine: str, tmp_path: Path, script: str, words: str, timeout: int
) -> None:
    if engine == "firefox":
        pytest.skip("Firefox has no service workers in extensions; a page with a broken script is still a page")
    folder = write_extension(tmp_path / "broken", background("b.js"), {"b.js": script})
    with pytest.raises(LaunchError, match=words):
        await launch(engine_type, folder, timeout=timeout)


async def test_firefox_background_with_a_broken_script_still_runs(start: Any, engine: str) -> None:
    if engine == "chromium":
        pytest.skip("Chromium refuses a worker that throws; see above")
    bridge = await start(background("b.js", "good.js"), {"b.js": "throw new Error('not today')", "good.js": ""})
    assert not bridge.background.closed


# --- endings --------------------------------------------------------------------------------------------------------


async def test_exception_in_the_block(engine_type: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        async with launch(engine_type, SAMPLE):
            1 / 0  # noqa: B018


async def test_cancelled_launch(engine_type: Any) -> None:
    task = asyncio.ensure_future(_forever(engine_type))
    await asyncio.wait([task], timeout=0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _forever(engine_type: Any) -> None:
    async with launch(engine_type, SAMPLE):
        await asyncio.Event().wait()


async def test_listener_errors_surface_at_close(engine_type: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        async with launch(engine_type, SAMPLE) as bridge:
            port = bridge.external.runtime.connect(bridge.extension_id)
            heard = asyncio.Event()

            def listener(message: Any) -> None:
                heard.set()
                1 / 0  # noqa: B018

            port.onMessage.addListener(listener)
            await heard.wait()


# What starts in the background inherits that Ctrl-C is ignored: hence default_int_handler.
_SCRIPT = {
    "async": """
import asyncio, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from playwright.async_api import async_playwright
from bridge.async_api import launch

async def main():
    async with async_playwright() as playwright:
        print("begins", flush=True)
        async with launch(getattr(playwright, sys.argv[1]), sys.argv[2], native=["ping_pong"]) as bridge:
            application = await bridge.native("ping_pong").accept()
            port = bridge.external.runtime.connect(bridge.extension_id)
            await port.receive()
            print("ready", flush=True)
            await port.receive(timeout=0)

asyncio.run(main())
""",
    "sync": """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from playwright.sync_api import sync_playwright
from bridge.sync_api import launch

with sync_playwright() as playwright:
    print("begins", flush=True)
    with launch(getattr(playwright, sys.argv[1]), sys.argv[2], native=["ping_pong"]) as bridge:
        application = bridge.native("ping_pong").accept()
        port = bridge.external.runtime.connect(bridge.extension_id)
        port.receive()
        print("ready", flush=True)
        port.receive(timeout=0)
""",
}


@pytest.mark.parametrize("flavour", ["async", "sync"])
def test_control_c(engine: str, flavour: str) -> None:
    process = _start(engine, flavour)
    others = _processes_with_files()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the browser and the driver as well
    _, errors = process.communicate(timeout=60)
    _require_end(others)
    assert "KeyboardInterrupt" in errors
    assert process.returncode == -signal.SIGINT
    assert "Playwright connection closed" not in errors
    assert "never retrieved" not in errors


MOMENTS = {"chromium": (0.2, 0.5, 0.9, 1.3, 2), "firefox": (0.3, 0.8, 1.5, 2.2, 3)}  # seconds after the launch began


@pytest.mark.parametrize("flavour", ["async", "sync"])
def test_control_c_during_the_launch(engine: str, flavour: str, request: pytest.FixtureRequest) -> None:
    for moment in MOMENTS[engine] if request.config.getoption("all_tests") else MOMENTS[engine][:1]:
        process = _run(engine, flavour)
        assert process.stdout and process.stdout.readline() == "begins\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGINT, (moment, errors)
        assert errors.strip().endswith("KeyboardInterrupt"), (moment, errors)
        assert "never retrieved" not in errors and "was destroyed" not in errors, (moment, errors)


def test_killed_process(engine: str) -> None:
    process = _start(engine, "async")
    others = _processes_with_files()
    process.kill()
    process.communicate()
    _require_end(others)


def _processes_with_files() -> list[int]:
    """File descriptors of the browser, the native application's program and the sweeper."""
    others = _processes_naming(tempfile.gettempdir())
    assert any(b"portbridge-host.py" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in others)
    return [os.pidfd_open(pid) for pid in others]


def _require_end(others: list[int]) -> None:
    for other in others:
        assert select.select([other], [], [], 30)[0]
        os.close(other)


def _start(engine: str, flavour: str) -> "subprocess.Popen[str]":
    process = _run(engine, flavour)
    assert process.stdout
    assert process.stdout.readline() == "begins\n"
    assert process.stdout.readline() == "ready\n", process.communicate()
    return process


def _run(engine: str, flavour: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _SCRIPT[flavour], engine, str(SAMPLE)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
        start_new_session=True,
    )
