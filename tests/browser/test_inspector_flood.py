"""The inspector's page while more comes than anybody reads: it keeps up, or says what it left out."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browser.inspected import Inspect, Inspected, inspecting, viewing
from browser.talking import open_page
from playwright.async_api import Playwright, expect

from bridge.async_api import Bridge
from support import Site, background, content

FLOOD = """
chrome.runtime.onConnect.addListener((port) => {
  port.onMessage.addListener(({ count, a_second }) => {
    const began = Date.now();
    let posted = 0;
    const timer = setInterval(() => {
      const due = Math.min(count, ((Date.now() - began) * a_second) / 1000);
      for (; posted < due; posted++) port.postMessage({ number: posted, text: "something to read" });
      if (posted < count) return;
      clearInterval(timer);
      port.disconnect();
    }, 10);
  });
});
"""


@pytest.fixture
async def inspect(playwright_async: Playwright) -> AsyncIterator[Inspect]:
    async with viewing(playwright_async.chromium) as browser, inspecting(browser) as inspect:
        yield inspect


async def flooded(load: Any, inspect: Inspect, site: Site, **options: Any) -> tuple[Inspected, Any]:
    """A page that is inspected, and a port on which the background posts as many messages as it is told to."""
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": FLOOD, "c.js": ""})
    page = await open_page(bridge, site.url)
    port = (await bridge.content(page)).runtime.connect({"name": "flood"})
    received: list[Any] = []
    port.onMessage.addListener(received.append)
    it = await inspect(bridge, **options)
    await it.others.get_by_role("option", name="flood").click()
    return it, port


async def shown(it: Inspected) -> tuple[int, int]:
    """How many events the timeline says it shows, of the port that is shown alone, and how many were left out."""
    text = await it.timeline.locator("output").inner_text()
    found = re.search(r"^([\d,]+) of [\d,]+ events(?:, ([\d,]+) records? left out)?", text)
    assert found, text
    events, left_out = (int((number or "0").replace(",", "")) for number in found.groups())
    gaps = sum(record["type"] == "omitted" for record in it.records)  # each is an event too
    return events - gaps, left_out


def count_of(bridge: Bridge, name: str) -> int:
    """How many records there are of the port of that name."""
    (port,) = bridge.traffic.ports(name)
    return sum(getattr(record, "port", None) == port.id for record in bridge.traffic.records)


def number_of(record: dict[str, Any]) -> Any:
    """What the flood calls a message."""
    return record["payload"]["json"].get("number") if record["type"] == "posted" else None


async def all_there(it: Inspected, count: int) -> tuple[int, int]:
    """Wait until that many events are shown or counted."""
    while True:
        events, left_out = await shown(it)
        if events + left_out >= count:
            return events, left_out
        await it.page.evaluate("new Promise(requestAnimationFrame)")


@pytest.mark.slow("loads")
async def test_a_thousand_messages_a_second(load: Any, inspect: Inspect, site: Site) -> None:
    it, port = await flooded(load, inspect, site)
    port.postMessage({"count": 5000, "a_second": 1000})
    await port.wait_for_disconnect()
    count = count_of(it.bridge, "flood")
    assert count > 5000
    assert sum(await all_there(it, count)) == count
    numbers = [number for record in it.records if (number := number_of(record)) is not None]
    assert numbers == sorted(set(numbers)) and numbers[-1] == 4999
    await expect(it.timeline).to_contain_text("number: 4999")  # it stays at the end


async def test_a_page_that_cannot_keep_up_says_what_it_left_out(load: Any, inspect: Inspect, site: Site) -> None:
    it, port = await flooded(load, inspect, site, limit=100)
    freeze = "const end = Date.now() + 1500; while (Date.now() < end);"
    frozen = asyncio.ensure_future(it.page.evaluate(freeze))  # as a slow page is
    port.postMessage({"count": 2000, "a_second": 2000})
    await port.wait_for_disconnect()
    await frozen
    count = count_of(it.bridge, "flood")
    events, left_out = await all_there(it, count)
    assert left_out > 100 and events + left_out == count
    await expect(it.page.locator("#left-out")).to_have_text(f"{left_out:,} records left out here")
    assert it.records[-1]["type"] == "closed"
