"""What it costs an extension's own scripts that their traffic is recorded."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from bridge.async_api import Bridge, Port, launch

from ..extension import SUBJECT, write
from ..figure import Measure
from ..stage import Stage
from .bridged import options
from .timing import TOGETHER, without_warm_up

__all__ = ["ALL", "OFF", "Opener", "echo", "ordered", "round_trip"]

Opener = Callable[[Stage], AbstractAsyncContextManager[Port]]


def ordered(name: str, prepare: Callable[[Bridge], Awaitable[object]] | None = None, **chosen: Any) -> Opener:
    """Return what launches the extension and opens a port by which a content script takes orders.

    Args:
        name: Of the launch, unique in its stage.
        prepare: Called before there is a page.
        **chosen: Options of the launch.
    """

    @asynccontextmanager
    async def opener(stage: Stage) -> AsyncIterator[Port]:
        subject = write(stage.folder / name / SUBJECT, SUBJECT)
        async with launch(stage.browser_type, subject, **chosen, **options(stage)) as bridge:
            if prepare:
                await prepare(bridge)
            page = bridge.browser_context.pages[0]
            await page.goto(stage.server.page)
            tab = (await bridge.content(page)).tab_id
            yield bridge.background.tabs.connect(tab, {"name": "orders", "frameId": 0})

    return opener


ALL, OFF = ordered("recorded-all", record="all"), ordered("recorded-off", record="off")


def round_trip(recording: Opener) -> Measure:
    """A small message from a content script to the background and back, in JavaScript."""

    async def measure(stage: Stage) -> list[float]:
        count = stage.size.round_trips + TOGETHER
        times: list[float] = await _order(stage, recording, measure="roundTrips", count=count, together=TOGETHER)
        return without_warm_up(times)

    return measure


def echo(recording: Opener) -> Measure:
    """Messages a second from a content script to the background and back, posted all at once."""

    async def measure(stage: Stage) -> list[float]:
        count = stage.size.messages
        (taken,) = await _order(stage, recording, measure="echo", count=count)
        return [count / taken * 1000]

    return measure


async def _order(stage: Stage, recording: Opener, **order: Any) -> Any:
    port = await stage.use(recording)
    await port.postMessage({"place": "content", **order})
    return await port.receive()
