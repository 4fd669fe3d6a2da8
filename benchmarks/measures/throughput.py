"""Many small messages at once: to the genuine script, from it, and there and back."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Any

from bridge.async_api import Port

from ..figure import Measure
from ..stage import Stage
from .bridged import bridged

__all__ = ["DIRECTIONS", "SERIES", "from_python", "in_javascript", "time_in_javascript"]

DIRECTIONS = ("out", "in", "echo")


def from_python(place: str, direction: str) -> Measure:
    """Messages a second between Python and the genuine script; the clock stops when the last one has arrived."""

    async def measure(stage: Stage) -> list[float]:
        connect = (await stage.use(bridged)).connect(place)
        count = stage.size.messages
        start = perf_counter()
        port = await SERIES[direction](connect, count)
        taken = perf_counter() - start
        port.disconnect()
        return [count / taken]

    return measure


def in_javascript(place: str, direction: str) -> Measure:
    """T: the same over a genuine Port, in pure JavaScript, between the same kinds of contexts."""

    async def measure(stage: Stage) -> list[float]:
        (taken,) = await time_in_javascript(place, direction)(stage)
        return [stage.size.messages / taken * 1000]

    return measure


def time_in_javascript(place: str, direction: str) -> Measure:
    """The milliseconds that all the messages of T take."""

    async def measure(stage: Stage) -> list[float]:
        extension = (await stage.use(bridged)).bridge.extension_id
        times: list[float] = await stage.server.order(
            direction, place=place, extension=extension, count=stage.size.messages
        )
        return times

    return measure


async def _out(connect: Callable[[str], Port], count: int) -> Port:
    port = connect("sink")
    _post(port, count)
    await port.receive()
    return port


async def _in(connect: Callable[[str], Port], count: int) -> Port:
    port = connect("source")
    received = _received(port, count)
    port.postMessage({"count": count})
    await received
    return port


async def _echo(connect: Callable[[str], Port], count: int) -> Port:
    port = connect("echo")
    received = _received(port, count)
    _post(port, count)
    await received
    return port


SERIES = {"out": _out, "in": _in, "echo": _echo}
"""How Python does it in each direction."""


def _post(port: Port, count: int) -> None:
    for x in range(1, count):
        port.postMessage({"x": x})
    port.postMessage({"x": count, "last": True})


def _received(port: Port, count: int) -> "asyncio.Future[None]":
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = count

    def count_down(message: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set_result(None)

    port.onMessage.addListener(count_down)
    return done
