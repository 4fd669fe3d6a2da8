"""Offscreen documents are contexts, although they have only a small part of the extension API."""

from typing import Any

import pytest

from bridge.async_api import RemoteError
from support import background, content

BACKGROUND = """
const DOCUMENT = { url: "off.html", reasons: ["DOM_PARSER"], justification: "a test" };
chrome.runtime.onMessage.addListener((message, sender, sendResponse) => {
  if (message === "open it") chrome.offscreen.createDocument(DOCUMENT).then(sendResponse);
  else if (message === "ask the offscreen document") chrome.runtime.sendMessage({ to: "offscreen" }).then(sendResponse);
  else return;
  return true;
});
chrome.runtime.onConnect.addListener((port) => {
  if (port.name === "to the background") port.onMessage.addListener((message) => port.postMessage({ echo: message }));
});
"""
OFFSCREEN = """
const port = chrome.runtime.connect({ name: "to the background" });
port.postMessage("from the script");
chrome.runtime.onMessage.addListener((message, sender, sendResponse) => {
  if (message.to === "offscreen") sendResponse(Object.keys(chrome).includes("tabs") ? "a page" : "offscreen");
});
chrome.runtime.onConnect.addListener((port) => port.postMessage(`${port.name}, here is the offscreen document`));
"""
FILES = {"b.js": BACKGROUND, "off.js": OFFSCREEN, "off.html": "<!doctype html><script src=off.js></script>", "c.js": ""}


# With content scripts, an agent has a manifest to restore, in a context that has no getManifest().
@pytest.mark.parametrize("more", [{}, content("c.js")], ids=["", "content scripts"])
async def test_an_offscreen_document_is_a_context(load: Any, engine: str, more: dict[str, Any]) -> None:
    if engine == "firefox":
        pytest.skip("Firefox has no offscreen documents")
    bridge = await load({**background("b.js"), "permissions": ["offscreen"], **more}, FILES, record="all")
    page = await bridge.page()
    async with bridge.expect_context(kind="offscreen") as info:
        await page.call("runtime.sendMessage", "open it")
    context = await info.value
    assert (context.kind, context.tab_id) == ("page", None)
    assert await page.call("runtime.sendMessage", "ask the offscreen document") == "offscreen"
    port = context.runtime.connect({"name": "to the background"})
    await port.postMessage("from Python")
    assert await port.receive() == {"echo": "from Python"}
    port = bridge.background.runtime.connect({"name": "Python"})
    assert await port.receive() == "Python, here is the offscreen document"
    with pytest.raises(RemoteError, match="does not exist in this context"):
        await context.call("runtime.getManifest")
    (script,) = [port for port in bridge.traffic.ports("to the background") if port.opened_by == "script"]
    assert [message.payload for message in script.messages] == ["from the script", {"echo": "from the script"}]
    await bridge.background.call("offscreen.closeDocument")
    await context.wait_for_close()
