"""Runs the observer in a browser, with the bridge and without it, and returns what it reports."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.async_api import BridgeTimeoutError, MessageRoute, PortRoute, RemoteError, launch
from bridge.browsers import chromium, firefox
from bridge.browsers.find import find_browser
from bridge.browsers.plan import environment
from bridge.browsers.start import close_browser, open_browser
from bridge.driver import Driver, Loaded
from bridge.private_folder import PrivateFolder
from bridge.traffic.recorder import Mode

from .report import Facts, facts
from .site import ObserverSite

_TIMEOUT_MS = 30_000
_NO_PORT = 9  # the bridge's own counts where there is a proxy only
_PLACES = ("top", "inner", "other")
_FRAMES = {f"{kind} {place}" for place in _PLACES for kind in ("web", "content")} | {"content srcdoc", "content blank"}
_PAGES = {"page.html", "inner.html"}


@dataclass
class Running:
    """A browser in which the observer runs."""

    context: Any
    driver: Driver
    loaded: Loaded
    use: Callable[[Any], Awaitable[None]]
    """What a test does with the bridge: stand in the contexts."""


@asynccontextmanager
async def bare_browser(engine_type: Any, **options: Any) -> AsyncIterator[tuple[Any, Driver]]:
    """A browser launched as the bridge launches it, and nothing of the bridge in it."""
    async with AsyncExitStack() as stack:
        folder = PrivateFolder()
        stack.callback(folder.remove)
        home = folder.path
        choice = find_browser(engine_type.name, engine_type.executable_path)
        options = {**options, "env": environment(None, folder.temporary)}
        in_firefox = engine_type.name == "firefox"
        plan = (
            firefox.plan(choice, home / "profile", home, options)
            if in_firefox
            else chromium.plan(choice, home / "profile", options, _NO_PORT)
        )
        context = await open_browser(engine_type, plan, timeout_ms=_TIMEOUT_MS)
        stack.push_async_callback(_close, context, plan.user_data_dir)
        driver: Driver = (
            await firefox.FirefoxDriver.attach(plan.debugger, timeout_ms=_TIMEOUT_MS)
            if in_firefox
            else await chromium.ChromiumDriver.attach(context)
        )
        stack.push_async_callback(driver.close)
        yield context, driver


async def _close(context: Any, profile: Path) -> None:
    with suppress(BridgeTimeoutError):  # on a busy machine it is killed, which is no matter of what it showed
        await close_browser(context, profile)


@asynccontextmanager
async def without_bridge(engine_type: Any, extension: Path, other: Path) -> AsyncIterator[Running]:
    """The observer alone."""
    async with bare_browser(engine_type) as (context, driver):
        await driver.load(other, timeout_ms=_TIMEOUT_MS)

        async def use(page: Any) -> None:
            pass

        yield Running(context, driver, await driver.load(extension, timeout_ms=_TIMEOUT_MS), use)


def with_recording(engine_type: Any, extension: Path, other: Path) -> AbstractAsyncContextManager[Running]:
    """The same, and what the observer's own scripts do is recorded."""
    return with_bridge(engine_type, extension, other, record="all")


def with_routes(engine_type: Any, extension: Path, other: Path) -> AbstractAsyncContextManager[Running]:
    """The same, and all ports and one-time messages of the observer's own scripts go through Python."""
    return with_bridge(engine_type, extension, other, routes=True)


def passed_on(route: PortRoute) -> None:
    """Post each message anew."""
    receiver = route.connect_to_receiver()
    route.on_message(receiver.postMessage)
    receiver.on_message(route.postMessage)


async def answered(route: MessageRoute) -> None:
    """Give the asker the scripts' answer anew."""
    try:
        answer = await route.fetch(message=route.message)
    except RemoteError:
        route.continue_()
    else:
        route.answer(answer)


@asynccontextmanager
async def with_bridge(
    engine_type: Any, extension: Path, other: Path, *, record: Mode = "python", routes: bool = False
) -> AsyncIterator[Running]:
    """The observer's copy, with Python standing in its contexts."""
    async with launch(engine_type, extension, also=[other], record=record, routes=routes) as bridge:
        if routes:
            await bridge.route_port(lambda name: True, passed_on)
            await bridge.route_message(lambda message: True, answered)

        async def use(page: Any) -> None:
            for frame in page.frames:
                if frame.url.startswith("http"):
                    await bridge.content(frame)

        yield Running(bridge.browser_context, bridge._driver, bridge._loading.loaded, use)


async def observe(running: Running, site: ObserverSite) -> Facts:
    """Play what happens to an extension, and return what each context reports."""
    context, id = running.context, running.loaded.id
    site.reports = reports = {}
    said: set[str] = set()

    def hear(message: Any) -> None:
        # Chromium words the observer's bait by whether Playwright was there before it was logged.
        if not message.text.startswith("bait"):
            said.add(f"{message.type} {message.text}")

    context.on("console", hear)
    context.on("weberror", lambda error: said.add(f"error {error.error}"))
    page = await context.new_page()
    await page.goto(site.url)
    await running.use(page)
    await _tell(page, {"open": True})
    await site.reported({f"{name} is open" for name in _PAGES})
    await _tell(page, {"speak": id})
    await page.bring_to_front()
    await running.driver.click_action(id, page)
    await site.reported({"popup.html"})
    await _tell(page, {"report": running.loaded.base_url})
    await site.reported(_FRAMES)  # first: the background sees what they request
    await _tell(page, {"rest": True})
    await site.reported({"background", *_PAGES})
    await running.driver.stop_background(id)
    await _tell(page, {"wake": True})
    await site.reported({"background woken"})
    reports["console"] = {"said": sorted(said)}
    if isinstance(running.driver, firefox.FirefoxDriver):
        reports["browser console"] = {"said": await _browser_console(running.driver, id)}
    return facts(reports, running.loaded.base_url, site.url)


async def _tell(page: Any, message: dict[str, Any]) -> None:
    await page.evaluate("message => window.postMessage(message, '*')", message)


# Firefox says much else there, of itself and of its automation.
async def _browser_console(driver: firefox.FirefoxDriver, id: str) -> list[str]:
    code = "JSON.stringify(Services.console.getMessageArray().map((message) => String(message)))"
    said = set(json.loads(await driver._evaluate(code, id)))
    ours = ("moz-extension:", "@example.org", "portbridge", "127.0.0.1", "localhost")
    return sorted(line for line in said if any(word in line for word in ours))
