"""The record has each port once, with all its ends and messages, whatever pages and listeners come and go."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, RecordedPort
from support import Site, background, content

# Each document opens three ports under one name and asks on each; a message says which document and port it is from.
CONTENT = """
const document_ = Math.random();
for (const number of [0, 1, 2]) {
  const port = chrome.runtime.connect({ name: "x" });
  let question = 0;
  const ask = () => port.postMessage({ from: `${document_}.${number}`, question: question++ });
  port.onMessage.addListener((message) => message.question < 5 && ask());
  ask();
}
"""
BACKGROUND = """
chrome.runtime.onConnect.addListener((port) => {
  port.onMessage.addListener(({ from, question }) => port.postMessage({ to: from, question }));
});
chrome.runtime.onMessage.addListener((message, sender) => {
  const port = chrome.tabs.connect(sender.tab.id, { name: "back", frameId: sender.frameId });
  port.onMessage.addListener((message) => port.postMessage({ echo: message }));
});
"""
LATE = """
document.title = "late";
chrome.runtime.onMessage.addListener((message) => {
  if (message !== "listen") return;
  chrome.runtime.onConnect.addListener((port) => {});
});
"""
FILES = {
    "b.js": BACKGROUND,
    "c.js": CONTENT,
    "ask.js": "",
    "late.html": "<!doctype html><script src=late.js></script>",
    "late.js": LATE,
}
MANIFEST = {**background("b.js"), **content("c.js")}


async def test_pages_are_reloaded_while_python_listens(
    load: Any, site: Site, engine: str, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(seed := random.randrange(1_000_000))
    print(f"seed {seed}")
    bridge: Bridge = await load(MANIFEST, FILES, record="all")
    late = await bridge.page("late.html")
    accepted: list[Any] = []
    # Playwright 1.65 lets no navigation interrupt another in Firefox.
    soonest = "commit" if engine == "chromium" else "domcontentloaded"
    page = await bridge.browser_context.new_page()
    for visit in range(100 if request.config.getoption("all_tests") else 15):
        if visit == 4:
            bridge.background.runtime.onConnect.addListener(accepted.append)
        if visit == 8:
            await bridge.background.call("runtime.sendMessage", "listen")
        url = chance.choice([site.url, site.url.replace("127.0.0.1", "localhost")])
        await page.goto(url, wait_until=chance.choice([soonest, "load", "load"]))
        if chance.random() < 0.3:
            await (await bridge.content(page)).wait_for_function("() => document.readyState === 'complete'")
    await page.goto("about:blank")
    await late.close()
    await bridge.reload()  # so that every port is closed
    async with asyncio.timeout(5):
        while any(port.open for port in bridge.traffic.ports("x")):  # one that nobody accepted: for a second
            await bridge.external.call("runtime.getPlatformInfo")
    ports = bridge.traffic.ports("x")
    assert all(port.opener.kind == "content" and port.opened_by == "script" for port in ports)
    assert max(Counter(port.opener.id for port in ports).values()) <= 3
    for port in ports:
        _require_one_conversation(port)
    conversations = Counter(of for port in ports for of in _conversations(port))
    # Firefox's senders name no document: a port that comes when the page's successor has begun is taken for that one's.
    assert max(conversations.values()) == 1 or engine == "firefox"
    assert 0 < len(accepted) <= sum(("background", "python") in _receivers(port) for port in ports)


def _require_one_conversation(port: RecordedPort) -> None:
    assert len(_conversations(port)) <= 1
    assert len(set(_receivers(port))) == len(_receivers(port))
    asked = [message.payload["question"] for message in port.messages if "from" in message.payload]
    told = [message.payload["question"] for message in port.messages if "to" in message.payload]
    assert asked == list(range(len(asked)))
    assert told == list(range(len(told)))
    order = [(message.payload["question"], "to" in message.payload) for message in port.messages]
    assert order == sorted(order)


def _conversations(port: RecordedPort) -> set[str]:
    return {message.payload.get("from") or message.payload["to"] for message in port.messages}


def _receivers(port: RecordedPort) -> list[tuple[str, str]]:
    return [(place.kind, by) for place, by in port.receivers]


@pytest.mark.parametrize("time", range(2))
async def test_a_port_to_a_tab_that_python_accepts_too(load: Any, site: Site, time: int) -> None:
    bridge: Bridge = await load(
        {**background("b.js"), **content("ask.js"), "permissions": ["tabs"]},
        {**FILES, "ask.js": "chrome.runtime.onConnect.addListener(() => {});"},
        record="all",
    )
    page = await open_page(bridge, site.url)
    context = await bridge.content(page)
    async with context.expect_connection("back") as info:
        await context.call("runtime.sendMessage", {"go": 1})
    port = await info.value
    (recorded,) = bridge.traffic.ports("back")
    assert (recorded.opener.kind, recorded.function) == ("background", "tabs.connect")
    await port.postMessage(1)
    assert await port.receive() == {"echo": 1}
    (recorded,) = bridge.traffic.ports("back")
    assert sorted(_receivers(recorded)) == [("content", "python"), ("content", "script")]
    assert [message.payload for message in recorded.messages] == [1, {"echo": 1}]
