"""Breaks what the bridge hangs on, loads it, and says what came of it. Start it with scripts/soak."""

import argparse
import asyncio
import random
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from playwright.async_api import async_playwright

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.schedule import FILES, MANIFEST, Schedule  # noqa: E402

from bridge.async_api import Bridge, BridgeError, Port, launch  # noqa: E402
from bridge.browsers.processes import browser_processes  # noqa: E402
from support import content, serve_site, write_extension  # noqa: E402

DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- made by scripts/soak -->\n", "<!-- end -->\n"
BROWSERS = ("chromium", "firefox")
PORTS = 5_000
# A genuine port of the extension's own, and what its content script sees of its end.
WITNESS = """
const port = chrome.runtime.connect({ name: "witness" });
port.onDisconnect.addListener(() => {
  const error = port.error ?? chrome.runtime.lastError;
  document.documentElement.dataset.ended = error ? `onDisconnect, ${error.message}` : "onDisconnect";
});
"""
# Posts a thousand messages in a row, again and again, to a port named "flood" and a number.
FLOODING = """
chrome.runtime.onConnectExternal.addListener((port) => {
  let left = Number(port.name.split("flood ")[1] ?? 0);
  const text = "x".repeat(1000);
  const post = () => {
    for (let i = 0; i < 1000 && left > 0; i++, left--) port.postMessage(text);
    if (left > 0) setTimeout(post);
  };
  port.onDisconnect.addListener(() => (left = 0));
  post();
});
"""
# Opens connections that send nothing, and holds them until its stdin ends.
IDLERS = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(int(sys.argv[2]))]
print("open", flush=True)
sys.stdin.read()
"""
WITNESSED = "document.documentElement.dataset.ended"
GONE = "it is gone"
MANIFEST = {**MANIFEST, **content("c.js", "witness.js"), "permissions": ["management"]}
FILES = {**FILES, "b.js": FILES["b.js"] + FLOODING, "witness.js": WITNESS}
LAUNCHES = 200
IDLE = 10_000
EXTENSION_FILES = 100_000
FLOOD = 1_000_000


@dataclass
class Stage:
    """A launch that something is done to.

    Attributes:
        bridge: It.
        profile: Its browser's, by which its processes are found.
        driver: The process of its Playwright's driver.
        page: A page in which the extension has a content script.
    """

    bridge: Bridge
    profile: Path
    driver: psutil.Process
    page: Any


@asynccontextmanager
async def stage(engine: str, folder: Path, url: str) -> AsyncIterator[Stage]:
    """Launch with a Playwright of its own."""
    before = set(psutil.Process().children())
    async with async_playwright() as playwright:
        (driver,) = [
            child for child in psutil.Process().children() if child not in before and "run-driver" in child.cmdline()
        ]
        extension = write_extension(folder / "extension", MANIFEST, FILES)
        profile = folder / "profile"
        bridge = await launch(getattr(playwright, engine), extension, user_data_dir=profile, timeout=100_000)
        try:
            page = await bridge.browser_context.new_page()
            await page.goto(url)
            await bridge.content(page)
            yield Stage(bridge, profile, driver, page)
        finally:
            with suppress(Exception):
                await bridge.close()


def drivers() -> set[psutil.Process]:
    """The processes of Playwright's drivers that this one has started."""
    return {child for child in psutil.Process().children() if "run-driver" in child.cmdline()}


def connected(stage: Stage) -> Port:
    """A port to the background, which sends back what it is sent."""
    return stage.bridge.external.runtime.connect(stage.bridge.extension_id, {"name": "echo"})


async def echoing(stage: Stage) -> Port:
    """The same, once it has arrived there. (A browser starts a background that is being stopped for one on its way.)"""
    port = connected(stage)
    port.postMessage("first")
    assert await port.receive() == "first"
    return port


async def told(wait: Awaitable[Any]) -> tuple[float, str]:
    """How long, in seconds, until a wait ends, and with which words."""
    began = time.monotonic()
    try:
        await wait
    except BridgeError as error:
        words = re.sub(r"(?<=extension://)[^/]+", "ID", str(error).partition("\n")[0])
        return time.monotonic() - began, re.sub(r"(?<=127\.0\.0\.1:)\d+", "PORT", words)
    return time.monotonic() - began, "it ended well"


# --- faults: what is done, and what Python sees of it ---------------------------------------------------------------


async def browser_killed(stage: Stage) -> tuple[float, str]:
    """The browser's processes are killed; a `receive()` waits"""
    waiting = asyncio.ensure_future(told((await echoing(stage)).receive(timeout=0)))
    await asyncio.sleep(0)
    for process in browser_processes(stage.profile):
        with suppress(psutil.Error):
            process.kill()
    return await waiting


async def driver_killed(stage: Stage) -> tuple[float, str]:
    """Playwright's driver is killed; a `receive()` waits"""
    waiting = asyncio.ensure_future(told((await echoing(stage)).receive(timeout=0)))
    await asyncio.sleep(0)
    stage.driver.kill()
    return await waiting


async def frozen(stage: Stage) -> tuple[float, str]:
    """The browser hangs (SIGSTOP); `call(timeout=500)`"""
    suspend(stage)
    return await told(stage.bridge.background.call("runtime.getURL", "", timeout=500))


async def frozen_closed(stage: Stage) -> tuple[float, str]:
    """The browser hangs (SIGSTOP); `close()`"""
    suspend(stage)
    return await told(stage.bridge.close())


async def background_stopped(stage: Stage) -> tuple[float, str]:
    """The background is stopped; a `receive()` waits"""
    waiting = asyncio.ensure_future(told((await echoing(stage)).receive(timeout=0)))
    await stage.bridge.stop_background()
    return await waiting


async def reloaded(stage: Stage) -> tuple[float, str]:
    """The extension is reloaded; a `receive()` waits"""
    waiting = asyncio.ensure_future(told((await echoing(stage)).receive(timeout=0)))
    await stage.bridge.reload()
    return await waiting


async def reloads_itself(stage: Stage) -> tuple[float, str]:
    """The extension calls `runtime.reload()`; until its content script's context has ended"""
    return await ended_by(stage, "runtime.reload")


async def uninstalls_itself(stage: Stage) -> tuple[float, str]:
    """The extension calls `management.uninstallSelf()`; until its content script's context has ended"""
    return await ended_by(stage, "management.uninstallSelf")


async def ended_by(stage: Stage, function: str) -> tuple[float, str]:
    orphan = await stage.bridge.content(stage.page)
    began = time.monotonic()
    with suppress(BridgeError):
        await stage.bridge.background.call(function)
    await orphan.wait_for_close()
    took = time.monotonic() - began
    return took, (await told(orphan.call("runtime.getURL")))[1]


async def relay_stopped(stage: Stage) -> tuple[float, str]:
    """The relay's worker is stopped; until the background is back and answers"""
    if stage.bridge.browser_name == "firefox":
        return 0, "Firefox does not stop it"
    external = asyncio.ensure_future(stage.bridge.external.wait_for_close())
    began = time.monotonic()
    await stage.bridge._driver.stop_background(stage.bridge._extension.relay_id)
    await external
    await stage.bridge.wait_for_background()
    await stage.bridge._contexts.wait_for(lambda context: context is stage.bridge.external)
    await echoing(stage)
    return time.monotonic() - began, "it is back, and so are the contexts"


def suspend(stage: Stage) -> None:
    for process in browser_processes(stage.profile):
        with suppress(psutil.Error):
            process.suspend()


FAULTS: list[Callable[[Stage], Awaitable[tuple[float, str]]]] = [
    browser_killed,
    driver_killed,
    frozen,
    frozen_closed,
    background_stopped,
    reloaded,
    reloads_itself,
    uninstalls_itself,
    relay_stopped,
]
ENDS_BROWSER = (browser_killed, driver_killed, frozen, frozen_closed)


# --- loads ----------------------------------------------------------------------------------------------------------


async def ports(stage: Stage) -> str:
    """Ports that are open at once, each of which is used"""
    opened = [connected(stage) for _ in range(PORTS)]
    for number, port in enumerate(opened):
        port.postMessage(number)
    for number, port in enumerate(opened):
        assert await port.receive() == number
    for port in opened:
        port.disconnect()
    return f"{PORTS:,}, none lost"


async def flood(stage: Stage) -> str:
    """Messages of 1,000 characters that the background posts in a loop, and that nobody receives"""
    port = stage.bridge.external.runtime.connect(stage.bridge.extension_id, {"name": f"flood {FLOOD}"})
    before = psutil.Process().memory_info().rss
    await port.wait_for_disconnect(timeout=0)
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    words = (await told(port.receive()))[1]
    kept = 0
    async for _ in port:
        kept += 1
    return f"{kept:,} of {FLOOD:,} were kept, which took {grown:.0f} MiB; then: {words}"


async def idle(stage: Stage) -> str:
    """Connections to the bridge's port on the machine that send nothing"""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    relay = (stage.bridge._extension.relay / "background.js").read_text("utf-8")  # type: ignore[attr-defined]
    port = re.findall(r"ws://127\.0\.0\.1:(\d+)/", relay)[0]
    before = psutil.Process().memory_info().rss
    idlers = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IDLERS, port, str(IDLE), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert idlers.stdout
    assert await idlers.stdout.readline() == b"open\n"
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    took, words = await told(echoing(stage))
    await idlers.communicate(b"")  # ends its stdin
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return f"{IDLE:,}, which took {grown:.0f} MiB; a message there and back beside them: {took:.2f} s, and {words}"


async def files(engine: str, folder: Path) -> str:
    """Files in an extension"""
    extension = write_extension(folder / "extension", MANIFEST, FILES)
    for number in range(EXTENSION_FILES // 1000):
        (extension / str(number)).mkdir()
        for other in range(1000):
            (extension / str(number) / f"{other}.js").write_text("0")
    async with async_playwright() as playwright:
        began = time.monotonic()
        async with launch(getattr(playwright, engine), extension, timeout=100_000):
            took = time.monotonic() - began
    return f"{EXTENSION_FILES:,}; the launch took {took:.0f} s"


async def launches(engine: str, folder: Path) -> str:
    """Launches one after the other, in one process"""
    process = psutil.Process()
    descriptors, memory = [], []
    async with async_playwright() as playwright:
        extension = write_extension(folder / "extension", MANIFEST, FILES)
        for _ in range(LAUNCHES):
            async with launch(getattr(playwright, engine), extension, timeout=100_000):
                pass
            descriptors.append(process.num_fds())
            memory.append(process.memory_info().rss)
    grown = (memory[-1] - memory[LAUNCHES // 5]) / 2**20
    return (
        f"{LAUNCHES}; file descriptors after the first and the last: {descriptors[0]}, {descriptors[-1]}; "
        f"memory grew by {grown:.0f} MiB after the first fifth of them"
    )


async def schedule(stage: Stage, minutes: float, seed: int, url: str) -> str:
    """Steps of the random schedule that `tests/browser/schedule.py` describes"""
    running = Schedule(stage.bridge, url, seed)
    await running.begin()
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        await running.run(100)
    return f"{len(running.done):,} in {minutes:g} min, each as the model says (seed {seed})"


LAUNCHED_LOADS: tuple[Callable[[Stage], Awaitable[str]], ...] = (ports, flood, idle)


# --- the document ---------------------------------------------------------------------------------------------------


def first_line(function: Callable[..., Any]) -> str:
    return (function.__doc__ or "").partition("\n")[0]


async def witnessed(stage: Stage) -> str:
    """What the extension's content script has seen, within a second."""
    try:
        await stage.page.wait_for_function(WITNESSED, timeout=1000)
        return str(await stage.page.evaluate(WITNESSED))
    except PlaywrightTimeoutError:
        return "nothing"
    except Exception:  # Playwright's: the page is gone
        return GONE


async def fault_rows(engine: str, only: list[str]) -> list[str]:
    rows = []
    for fault in FAULTS:
        if only and fault.__name__ not in only:
            continue
        with folder() as place, serve_site() as site:
            async with stage(engine, place, site.url) as launched:
                took, words = await fault(launched)
                seen = GONE if fault in ENDS_BROWSER else await witnessed(launched)
            assert browser_processes(place / "profile") == [], "a process of the browser is left"
        rows.append(f"| {first_line(fault)} | {engine} | {took:.1f} s | {words.replace('|', ' ')} | {seen} |")
        print(rows[-1], flush=True)
    return rows


async def load_rows(engine: str, only: list[str], minutes: float, seed: int) -> list[str]:
    rows = []
    with serve_site() as site:
        for load in (*LAUNCHED_LOADS, launches, files, schedule):
            if only and load.__name__ not in only:
                continue
            with folder() as place:
                said = await load_once(load, engine, place, site.url, minutes, seed)
            rows.append(f"| {first_line(load)} | {engine} | {said} |")
            print(rows[-1], flush=True)
    return rows


async def load_once(load: Any, engine: str, place: Path, url: str, minutes: float, seed: int) -> str:
    if load in (launches, files):
        return str(await load(engine, place))
    async with stage(engine, place, url) as launched:
        more = () if load in LAUNCHED_LOADS else (minutes, seed, url)
        return str(await load(launched, *more))


class folder(tempfile.TemporaryDirectory[str]):
    """A temporary folder, as a path."""

    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(super().__enter__())

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.name, ignore_errors=True)
        super().__exit__(None, None, None)


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=1, help="of the random schedule, in each browser")
    arguments.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="of the random schedule")
    arguments.add_argument("--only", nargs="+", default=[], help="names of functions in scripts/soak.py")
    given = arguments.parse_args()
    print(f"seed {given.seed}", flush=True)
    faults = [row for engine in BROWSERS for row in await fault_rows(engine, given.only)]
    loads = [row for engine in BROWSERS for row in await load_rows(engine, given.only, given.minutes, given.seed)]
    if not given.only:
        write(faults, loads)


def write(faults: list[str], loads: list[str]) -> None:
    parts = [
        "| what is done | in | after | Python sees | a content script with a port to the background sees |",
        "| --- | --- | ---: | --- | --- |",
        *faults,
        "",
        "| load | in | what came of it |",
        "| --- | --- | --- |",
        *loads,
    ]
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(before + BEGIN + "\n".join(["", *parts, "", ""]) + END + after, "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
