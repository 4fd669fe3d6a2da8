"""One-time messages: Python asks a genuine script, or one asks Python; one after another, or many at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

from bridge.async_api import Port

from ..figure import Measure
from ..stage import Stage
from .bridged import Bridged, bridged
from .timing import TOGETHER, in_turn, without_warm_up

__all__ = [
    "ASKER",
    "answered",
    "answered_at_once",
    "answered_by_evaluate",
    "asked",
    "asked_at_once",
    "asked_by_evaluate",
    "in_javascript",
    "in_javascript_at_once",
]

Ask = Callable[[Any], Awaitable[Any]]

ASKER = {"background": "content", "content": "background"}
"""Where the genuine script stands that asks, by where Python answers."""

_EVALUATED = {
    "background": "([to, message]) => chrome.tabs.sendMessage(to, message, { frameId: 0 })",
    "page": "([, message]) => chrome.runtime.sendMessage(message)",
    "external": "([to, message]) => chrome.runtime.sendMessage(to, message)",
}
_TAKE = "() => takeAsked()"
_ANSWER = "(answer) => answerAsked(answer)"
_ANSWER_AND_TAKE = "(answer) => { answerAsked(answer); return takeAsked(); }"


def asked(place: str) -> Measure:
    """Python asks, and the genuine script answers, one after another."""

    async def measure(stage: Stage) -> list[float]:
        return await _in_turn(_asking(await stage.use(bridged), place), stage)

    return measure


def asked_at_once(place: str) -> Measure:
    """The same with many requests, until all have their answers."""

    async def measure(stage: Stage) -> list[float]:
        ask = _asking(await stage.use(bridged), place)
        start = perf_counter()
        await asyncio.gather(*(ask({"x": x}) for x in range(stage.size.requests)))
        return [(perf_counter() - start) * 1000]

    return measure


def answered(place: str) -> Measure:
    """A genuine script asks, and a coroutine function of Python's answers, one after another."""

    async def measure(stage: Stage) -> list[float]:
        it = await stage.use(bridged)
        async with _answering(it, place) as orders:
            orders.postMessage({**_in_series(it, ASKER[place], stage), "to": "Python"})
            return without_warm_up(await orders.receive())

    return measure


def answered_at_once(place: str) -> Measure:
    """The same with many requests, until all have their answers."""

    async def measure(stage: Stage) -> list[float]:
        it = await stage.use(bridged)
        async with _answering(it, place) as orders:
            orders.postMessage({**_at_once(it, ASKER[place], stage), "to": "Python"})
            times: list[float] = await orders.receive()
            return times

    return measure


def in_javascript(place: str) -> Measure:
    """M: `sendMessage` between genuine scripts of the same kinds, where the asker stands in `place`."""

    async def measure(stage: Stage) -> list[float]:
        it = await stage.use(bridged)
        return without_warm_up(await stage.server.order(**_in_series(it, place, stage)))

    return measure


def in_javascript_at_once(place: str) -> Measure:
    """The same with many requests, by `Promise.all`."""

    async def measure(stage: Stage) -> list[float]:
        it = await stage.use(bridged)
        times: list[float] = await stage.server.order(**_at_once(it, place, stage))
        return times

    return measure


def asked_by_evaluate(place: str) -> Measure:
    """E: `evaluate` of `sendMessage`, in the worker or in an extension page."""

    async def measure(stage: Stage) -> list[float]:
        it = await stage.use(bridged)
        browser = it.bridge.browser_context
        target = _yardstick(stage, browser.pages if place == "page" else browser.service_workers)
        to = it.bridge.extension_id if place == "external" else it.content.tab_id
        return await _in_turn(lambda message: target.evaluate(_EVALUATED[place], [to, message]), stage)

    return measure


async def answered_by_evaluate(stage: Stage) -> list[float]:
    """E: a content script asks, and evaluations in the worker answer; each of them waits for the next message too."""
    it = await stage.use(bridged)
    worker = _yardstick(stage, it.bridge.browser_context.service_workers)
    order = {**_in_series(it, "content", stage), "to": "evaluate"}
    asking = asyncio.ensure_future(stage.server.order(**order))
    message = await worker.evaluate(_TAKE)
    for _ in range(order["count"] - 1):
        message = await worker.evaluate(_ANSWER_AND_TAKE, message)
    await worker.evaluate(_ANSWER, message)
    return without_warm_up(await asking)


def _asking(it: Bridged, place: str) -> Ask:
    if place == "background":
        tab = it.content.tab_id
        assert tab is not None
        return lambda message: it.bridge.background.tabs.sendMessage(tab, message, {"frameId": 0})
    if place == "external":
        return lambda message: it.bridge.external.runtime.sendMessage(it.bridge.extension_id, message)
    context = {"page": it.page, "content": it.content}[place]
    return lambda message: context.runtime.sendMessage(message)


@asynccontextmanager
async def _answering(it: Bridged, place: str) -> AsyncIterator[Port]:
    """Python answers there meanwhile; the genuine script at the other end takes orders by the port."""

    async def answer(message: Any) -> Any:
        return message

    event = {"background": it.bridge.background, "content": it.content}[place].runtime.onMessage
    await event.addListener(answer)
    orders = it.connect(place)("orders")
    try:
        yield orders
    finally:
        orders.disconnect()
        await event.removeListener(answer)  # or it would hear what other figures ask


def _in_series(it: Bridged, place: str, stage: Stage) -> dict[str, Any]:
    count = stage.size.round_trips + TOGETHER
    return {"measure": "asks", "count": count, "together": TOGETHER, **_asker(it, place)}


def _at_once(it: Bridged, place: str, stage: Stage) -> dict[str, Any]:
    return {"measure": "asksAtOnce", "count": stage.size.requests, **_asker(it, place)}


def _asker(it: Bridged, place: str) -> dict[str, Any]:
    return {"place": place, "tab": it.content.tab_id, "extension": it.bridge.extension_id}


async def _in_turn(ask: Ask, stage: Stage) -> list[float]:
    async def once(x: int) -> None:
        await ask({"x": x})

    return await in_turn(once, stage.size.round_trips)


def _yardstick(stage: Stage, targets: Sequence[Any]) -> Any:
    """Its worker or its page, as Playwright sees them."""
    return next(target for target in targets if f"//{stage.server.extension}/" in target.url)
