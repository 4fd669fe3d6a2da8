"""Through the bridge's async API: what is measured where Python stands."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bridge.async_api import Bridge, Context, Port, launch

from ..browsers import launch_options
from ..extension import SUBJECT, YARDSTICK, write
from ..figure import Measure
from ..hosts import write_host
from ..stage import Stage
from .timing import in_turn

__all__ = ["PREFERENCES", "Bridged", "bridged", "options", "round_trip"]

PREFERENCES = {
    "extensions.background.idle.timeout": 3_600_000,  # no event page goes to sleep
    "privacy.reduceTimerPrecision": False,  # or performance.now() counts whole milliseconds
}
"""Of Firefox, in every launch of the benchmark."""

Connect = Callable[[str], Port]


@dataclass(frozen=True)
class Bridged:
    """A browser with the extension under test, the yardstick extension beside it, and a page with both in it."""

    bridge: Bridge
    web_page: Any
    content: Context
    page: Context

    def connect(self, place: str) -> Connect:
        """How to connect from the place where Python stands to the genuine script at the other end."""
        runtime = {"page": self.page, "content": self.content}
        if place == "background":
            tab = self.content.tab_id
            assert tab is not None
            return lambda name: self.bridge.background.tabs.connect(tab, {"name": name, "frameId": 0})
        if place == "external":
            return lambda name: self.bridge.external.runtime.connect(self.bridge.extension_id, {"name": name})
        return lambda name: runtime[place].runtime.connect({"name": name})


def options(stage: Stage) -> dict[str, Any]:
    """Options of each launch, with the bridge or without."""
    preferences = {"firefox_user_prefs": PREFERENCES} if stage.browser == "firefox" else {}
    return {**launch_options(stage.browser_type), **preferences}


@asynccontextmanager
async def bridged(stage: Stage) -> AsyncIterator[Bridged]:
    """Launch it."""
    server = stage.server
    subject = write(stage.folder / "bridged" / SUBJECT, SUBJECT)
    yardstick = write(stage.folder / "bridged" / YARDSTICK, YARDSTICK, server.sockets)
    hosts = [write_host(stage.folder / "bridged")]
    async with launch(stage.browser_type, subject, also=[yardstick], native_hosts=hosts, **options(stage)) as bridge:
        await server.arrived("orders")
        await server.arrived("echo background")
        web_page = bridge.browser_context.pages[0]
        await web_page.goto(server.page)
        await server.arrived("content")
        await server.order("openPage")
        await server.arrived("page")
        await server.arrived("echo page")
        page = await bridge.page()
        await web_page.bring_to_front()
        yield Bridged(bridge, web_page, await bridge.content(web_page), page)


def round_trip(place: str) -> Measure:
    """A small message from Python to the genuine script and back, one after another."""

    async def measure(stage: Stage) -> list[float]:
        port = (await stage.use(bridged)).connect(place)("echo")

        async def once(x: int) -> None:
            port.postMessage({"x": x})
            await port.receive()

        times = await in_turn(once, stage.size.round_trips)
        port.disconnect()
        return times

    return measure
