"""Messages that nobody takes: what they may cost Python has a limit, of which the posting script learns."""

import asyncio
from typing import Any

import pytest

from bridge.async_api import BridgeError, PortDisconnectedError
from support import background

MANIFEST = {**background("b.js"), "permissions": ["storage", "nativeMessaging"]}
LIMIT = 100_000
POSTED = 300  # each of a thousand characters
FLOOD = f"""
chrome.runtime.onConnect.addListener((port) => {{
  port.onDisconnect.addListener(() => chrome.storage.local.set({{ ended: true }}));
  if (port.name === "flooded") for (let i = 0; i < {POSTED}; i++) port.postMessage(String(i).padEnd(1000));
  else port.onMessage.addListener((message) => port.postMessage(message));
}});
"""


async def test_a_flooded_port_is_disconnected(load: Any) -> None:
    bridge = await load(MANIFEST, {"b.js": FLOOD}, unread_limit=LIMIT)
    page = await bridge.page()
    port, other = page.runtime.connect({"name": "flooded"}), page.runtime.connect()
    await port.wait_for_disconnect()
    with pytest.raises(BridgeError, match=f"took more than {LIMIT:,} bytes"):
        await port.receive()
    received = []
    with pytest.raises(PortDisconnectedError, match="raise launch"):
        while True:
            received.append(await port.receive())
    assert [int(message) for message in received] == list(range(len(received)))
    assert len(received) == LIMIT // 1002 + 1
    other.postMessage("works")
    assert await other.receive() == "works"
    while await page.call("storage.local.get", "ended") != {"ended": True}:
        pass


async def test_a_native_application_reads_on_when_there_is_room(load: Any) -> None:
    bridge = await load(MANIFEST, {"b.js": ""}, unread_limit=LIMIT)
    async with bridge.native("app").expect_connection() as info:
        port = bridge.background.runtime.connectNative("app")
        for number in range(POSTED):
            port.postMessage(str(number).ljust(1000))
    application: Any = await info.value
    while application._has_room.is_set():  # noqa: ASYNC110 - of this nobody is told
        await asyncio.sleep(0)
    await bridge.background.call("runtime.getURL", "")  # meanwhile more could have come
    assert LIMIT // 1002 <= application._received <= LIMIT // 1002 + 1
    assert [int(await application.receive()) for _ in range(POSTED)] == list(range(POSTED))
    assert not port.closed and not application.closed
