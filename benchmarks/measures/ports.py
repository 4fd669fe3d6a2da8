"""Many ports at once."""

import gc
import tracemalloc
from time import perf_counter

from bridge.async_api import Port

from ..stage import Stage
from .bridged import Bridged, bridged

__all__ = ["kibibyte", "memory", "opened", "opened_in_javascript"]


async def opened(stage: Stage) -> list[float]:
    """Opening them from Python in the background to a content script, until each has brought a message."""
    stand = await stage.use(bridged)
    start = perf_counter()
    ports = await _open(stand, stage.size.ports)
    taken = perf_counter() - start
    await _close(stand, ports)
    return [taken * 1000]


async def opened_in_javascript(stage: Stage) -> list[float]:
    """The same between a background and a content script, in pure JavaScript."""
    await stage.use(bridged)
    taken: list[float] = await stage.server.order("openPorts", place="background", count=stage.size.ports)
    return taken


async def memory(stage: Stage) -> list[float]:
    """What each open port takes of Python's memory, as the interpreter counts what it allocates."""
    stand = await stage.use(bridged)
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        ports = await _open(stand, stage.size.ports)
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    await _close(stand, ports)
    return [taken / 1024 / stage.size.ports]


async def kibibyte(stage: Stage) -> list[float]:
    """One KiB, so that a number of them can be a target."""
    return [1.0]


async def _open(stand: Bridged, count: int) -> list[Port]:
    connect = stand.connect("background")
    ports = [connect("greet") for _ in range(count)]
    for port in ports:
        await port.receive()
    return ports


async def _close(stand: Bridged, ports: list[Port]) -> None:
    for port in ports:
        port.disconnect()
    last = stand.connect("background")("echo")  # its answer comes when the browser has closed those
    last.postMessage({})
    await last.receive()
    last.disconnect()
