"""What the curves measure; each returns seconds."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from bridge.async_api import Port, launch

from ..browsers import launch_options
from ..extension import SUBJECT, write
from ..measures.bridged import Bridged, bridged, options
from ..stage import Stage

__all__ = [
    "MOST_BRIDGES",
    "echo",
    "echo_in_javascript",
    "load_frames",
    "load_frames_without",
    "open_ports",
    "open_ports_in_javascript",
    "parallel",
]

_TOGETHER = 20  # round trips of small messages that are measured as one
_LARGE = 100_000  # characters from which on one is enough
_LIMIT_S = 60
_IN_PARALLEL = 200
MOST_BRIDGES = 8
"""How many bridges `parallel` can measure."""


async def echo(stage: Stage, size: int) -> float:
    """A text of `size` characters from Python in the background to a content script and back."""
    port = (await stage.use(bridged)).connect("background")("echo")
    text, count = "x" * size, _count(size)
    try:
        async with asyncio.timeout(_LIMIT_S):
            await _exchange(port, text, count)
            start = perf_counter()
            await _exchange(port, text, count)
            return (perf_counter() - start) / count
    finally:
        port.disconnect()


async def echo_in_javascript(stage: Stage, size: int) -> float:
    """The same over a genuine Port in pure JavaScript."""
    await stage.use(bridged)
    count = _count(size)
    async with asyncio.timeout(_LIMIT_S):
        times = await stage.server.order("roundTrips", place="background", count=2 * count, together=count, size=size)
    last: float = times[-1]
    return last / 1000


async def open_ports(stage: Stage, count: int) -> float:
    """Opening `count` ports from Python in the background to a content script, until each has brought a message."""
    stand = await stage.use(bridged)
    await _quiet(stand)
    start = perf_counter()
    ports = [stand.connect("background")("greet") for _ in range(count)]
    for port in ports:
        await port.receive()
    taken = perf_counter() - start
    for port in ports:
        port.disconnect()
    return taken


async def open_ports_in_javascript(stage: Stage, count: int) -> float:
    """The same in pure JavaScript."""
    await _quiet(await stage.use(bridged))
    (taken,) = await stage.server.order("openPorts", place="background", count=count)
    return float(taken) / 1000


async def load_frames(stage: Stage, count: int) -> float:
    """Loading a page with `count` frames, until Python stands in each."""
    bridge = (await stage.use(bridged)).bridge
    page = await bridge.browser_context.new_page()
    try:
        start = perf_counter()
        await page.goto(f"{stage.server.page}?frames={count}")
        await asyncio.gather(*(bridge.content(frame) for frame in page.frames))
        return perf_counter() - start
    finally:
        await page.close()


async def load_frames_without(stage: Stage, count: int) -> float:
    """Loading the same page in a browser without any extension, until Playwright has run a script in each frame."""
    page = await (await stage.use(_bare)).new_page()
    try:
        start = perf_counter()
        await page.goto(f"{stage.server.page}?frames={count}")
        await asyncio.gather(*(frame.evaluate("1") for frame in page.frames))
        return perf_counter() - start
    finally:
        await page.close()


async def parallel(stage: Stage, count: int) -> float:
    """A round trip in each of `count` bridges of this process at once, between the relay and the background."""
    ports = (await stage.use(_several))[:count]
    start = perf_counter()
    await asyncio.gather(*(_exchange(port, {"x": 1}, _IN_PARALLEL) for port in ports))
    return (perf_counter() - start) / _IN_PARALLEL


@asynccontextmanager
async def _bare(stage: Stage) -> AsyncIterator[Any]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        given = launch_options(stage.browser_type)
        context = await stage.browser_type.launch_persistent_context(profile, **given)
        try:
            yield context
        finally:
            await context.close()


@asynccontextmanager
async def _several(stage: Stage) -> AsyncIterator[list[Port]]:
    folder: Path = write(stage.folder / "several", SUBJECT)
    async with AsyncExitStack() as stack:
        ports = []
        for _ in range(MOST_BRIDGES):
            bridge = await stack.enter_async_context(launch(stage.browser_type, folder, **options(stage)))
            ports.append(bridge.external.runtime.connect(bridge.extension_id, {"name": "echo"}))
            await _exchange(ports[-1], {"x": 1}, _TOGETHER)
        yield ports


async def _quiet(stand: Bridged) -> None:
    """Return when the browser has closed the ports that were open before: then it answers on a new one."""
    port = stand.connect("background")("echo")
    await _exchange(port, {}, _TOGETHER)
    port.disconnect()


async def _exchange(port: Port, message: Any, times: int) -> None:
    for _ in range(times):
        port.postMessage(message)
        await port.receive()


def _count(size: int) -> int:
    return 1 if size >= _LARGE else _TOGETHER
