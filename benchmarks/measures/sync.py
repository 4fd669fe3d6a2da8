"""Through the bridge's sync API, in a thread and a browser of its own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bridge.sync_api import Port, launch

from ..extension import SUBJECT, write
from ..stage import Stage
from .bridged import options
from .threads import InThread, in_thread
from .timing import in_turn_blocking

__all__ = ["round_trip"]


async def round_trip(stage: Stage) -> list[float]:
    """The same exchange as `bridged.round_trip("background")`."""
    port = await stage.use(_echo_port)
    return await port.do(partial(_round_trips, count=stage.size.round_trips))


@asynccontextmanager
async def _echo_port(stage: Stage) -> AsyncIterator[InThread[Port]]:
    subject = write(stage.folder / "sync", SUBJECT)
    async with in_thread(partial(_open, stage.browser, subject, stage.server.page, options(stage))) as port:
        yield port


@contextmanager
def _open(browser: str, subject: Path, url: str, options: dict[str, Any]) -> Iterator[Port]:
    with sync_playwright() as playwright, launch(getattr(playwright, browser), subject, **options) as bridge:
        page = bridge.browser_context.pages[0]
        page.goto(url)
        tab = bridge.content(page).tab_id
        assert tab is not None
        yield bridge.background.tabs.connect(tab, {"name": "echo", "frameId": 0})


def _round_trips(port: Port, count: int) -> list[float]:
    def once(x: int) -> None:
        port.postMessage({"x": x})
        port.receive()

    return in_turn_blocking(once, count)
