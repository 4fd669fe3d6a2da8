"""Messages that come faster than anybody answers: the agent gathers them, and none is lost or overtaken for that."""

from typing import Any

import pytest

from bridge.async_api import PortDisconnectedError

COUNT = 30
LIMIT_MS = 10_000
API = "const { runtime } = globalThis.browser ?? globalThis.chrome;"
BACKGROUND = """
    const inner = new Promise((resolve) => globalThis.resolveInner = resolve);
    runtime.onConnect.addListener((port) => {
      if (port.name === "inner") resolveInner(port);
      if (port.name === "parent") port.onMessage.addListener(async () => {
        const toInner = await inner;
        for (let number = 0; number < COUNT; number++) toInner.postMessage(number);
        port.postMessage("remove the frame");
      });
      if (port.name === "echo") port.onMessage.addListener((message) => port.postMessage(message));
    });
"""
PARENT = """
    const port = runtime.connect({ name: "parent" });
    port.onMessage.addListener(() => document.querySelector("iframe").remove());
    runtime.onConnect.addListener(() => port.postMessage("begin"));
"""
FILES = {
    "background.js": f"const COUNT = {COUNT};{API}{BACKGROUND}",
    "parent.html": "<iframe src=inner.html></iframe><script src=parent.js></script>",
    "parent.js": API + PARENT,
    "inner.html": "<title>inner</title>",
}
MANIFEST = {
    "manifest_version": 3,
    "name": "bursts",
    "version": "1",
    "background": {"service_worker": "background.js", "scripts": ["background.js"]},
    "browser_specific_settings": {"gecko": {"id": "bursts@example.org"}},
}


async def test_a_frame_that_is_removed_after_a_burst(load: Any) -> None:
    """All that the browser delivered before the frame went reaches Python."""
    bridge = await load(MANIFEST, FILES)
    parent = await bridge.page("parent.html")
    inner = await bridge._contexts.wait_for(lambda c: "inner.html" in c.url, LIMIT_MS, lambda: "the inner frame")
    port = inner.runtime.connect({"name": "inner"})
    begins = bridge.background.runtime.connect({"name": "begin"})  # heard by the parent's own script
    received = []
    with pytest.raises(PortDisconnectedError):
        while True:
            received.append(await port.receive(timeout=LIMIT_MS))
    assert received == list(range(COUNT))
    begins.disconnect()
    await parent.close()


async def test_a_burst_comes_in_order_and_whole(load: Any) -> None:
    bridge = await load(MANIFEST, FILES)
    page = await bridge.page("inner.html")
    port = page.runtime.connect({"name": "echo"})
    for number in range(2_000):
        port.postMessage(number)
    assert [await port.receive() for _ in range(2_000)] == list(range(2_000))
    await page.close()
