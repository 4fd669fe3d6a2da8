"""What a user would write with Playwright alone, to reach a port."""

from collections.abc import Awaitable, Callable
from typing import Any

from ..figure import Measure
from ..stage import Stage
from .bridged import bridged
from .timing import in_turn

__all__ = ["ASK_PAGE", "round_trip"]

Ask = Callable[[Any], Awaitable[Any]]

# In the service worker, where a port is open.
_ASK_WORKER = """([place, message]) => new Promise((resolve) => {
  const port = askable[place];
  const listener = (answer) => { port.onMessage.removeListener(listener); resolve(answer); };
  port.onMessage.addListener(listener);
  port.postMessage(message);
})"""

# In a page, whose content script has a port open: by DOM events.
ASK_PAGE = """(message) => new Promise((resolve) => {
  addEventListener("bench-answer", ({ detail }) => resolve(JSON.parse(detail)), { once: true });
  dispatchEvent(new CustomEvent("bench-ask", { detail: JSON.stringify(message) }));
})"""


def round_trip(place: str) -> Measure:
    """E: `worker.evaluate` of a function that posts on an open port; in Firefox `page.evaluate`, and DOM events."""

    async def measure(stage: Stage) -> list[float]:
        ask = await _by_page(stage) if stage.browser == "firefox" else await _by_worker(stage, place)

        async def once(x: int) -> None:
            await ask({"x": x})

        return await in_turn(once, stage.size.round_trips)

    return measure


async def _by_page(stage: Stage) -> Ask:
    page = (await stage.use(bridged)).web_page
    return lambda message: page.evaluate(ASK_PAGE, message)


async def _by_worker(stage: Stage, place: str) -> Ask:
    bridge = (await stage.use(bridged)).bridge
    await stage.server.order("openAskable", place=place, extension=bridge.extension_id)
    workers = bridge.browser_context.service_workers
    worker = next(worker for worker in workers if f"//{stage.server.extension}/" in worker.url)
    return lambda message: worker.evaluate(_ASK_WORKER, [place, message])
