"""What one context, one call or one listener does wrong stays there."""

import asyncio
from typing import Any

import pytest
from browser.talking import new_page

from bridge.async_api import Bridge, BridgeTimeoutError, Context
from support import Site, background, content

ECHO = """
const { runtime } = globalThis.browser ?? globalThis.chrome;
runtime.onConnect.addListener((port) => {
  if (port.name === "spoiled") SPOIL;
  port.onMessage.addListener((message) => port.postMessage(message));
});
"""
SILENT = {"b.js": "", "c.js": ""}
MANIFEST: dict[str, Any] = {**background("b.js"), **content("c.js")}


async def echo(context: Context, message: object) -> None:
    port = context.runtime.connect({"name": "echo"})
    await port.postMessage(message)
    assert await port.receive() == message
    port.disconnect()


@pytest.mark.parametrize("spoil", ["port.sender.tab = 5", "port.sender = 5", "port.sender = [1]", "port.name = {}"])
async def test_a_script_that_changes_its_port_ends_nothing(load: Any, site: Site, spoil: str) -> None:
    # An assignment that the browser forbids throws, in a script of this extension and of any other.
    bridge = await load(MANIFEST, {"b.js": ECHO.replace("SPOIL", f"try {{ {spoil} }} catch {{}}"), "c.js": ""})
    page = await new_page(bridge, site.url)
    script = await bridge.content(page)
    accepted: list[Any] = []
    await bridge.background.runtime.onConnect.addListener(accepted.append)
    port = script.runtime.connect({"name": "spoiled"})
    await port.postMessage("hello")
    assert await port.receive() == "hello"
    await echo(script, "the content script goes on")
    await echo(await bridge.page(), "and so do others")
    assert [await accepted[0].receive(), bridge.background.closed] == ["hello", False]
    assert accepted[0].sender.tab in (5, None) or accepted[0].sender.tab.id == script.tab_id
    await page.close()


async def test_where_scripts_are_recorded_python_reads_the_sender_before_a_script_changes_it(load: Any) -> None:
    spoil = """
        runtime.onConnect.addListener((port) => {
          try { ({
            undefined() { port.sender = undefined; }, number() { port.sender = 5; }, member() { port.sender.url = 5; },
          })[port.name](); } catch {}
        });
    """
    files = {"b.js": f"const {{ runtime }} = globalThis.browser ?? globalThis.chrome;{spoil}"}
    bridge: Bridge = await load(background("b.js"), files, record="all")
    page = await bridge.page()
    for name in ("undefined", "number", "member"):
        async with bridge.background.expect_connection(name) as info:
            page.runtime.connect(name=name)
        sender = (await info.value).sender
        assert (name, sender.url, sender.tab.id) == (name, page.url, page.tab_id)
        assert len(bridge.traffic.ports(name)) == 1


@pytest.mark.parametrize("delay_ms", [1, 5, 20])
async def test_a_reload_that_is_cancelled_does_no_harm_to_the_next(load: Any, delay_ms: int) -> None:
    bridge: Bridge = await load(MANIFEST, {**SILENT, "b.js": ECHO.replace("SPOIL", "")})
    for _ in range(4):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bridge.reload(), delay_ms / 1000)
    await bridge.reload()
    await echo(await bridge.page(), "it runs")


async def test_a_page_that_is_given_up_leaves_no_tab(load: Any) -> None:
    bridge: Bridge = await load(MANIFEST, SILENT)
    before = await bridge.external.call("tabs.query", {})
    for delay_s in (0.0, 0.001, 0.02):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bridge.page(), delay_s)
    assert len(await bridge.external.call("tabs.query", {})) == len(before)


async def test_nobody_is_there_once_nobody_waits_any_more(load: Any) -> None:
    """The browser says of a connection what it says without the bridge."""
    bridge: Bridge = await load(MANIFEST, SILENT)
    page = await bridge.page()
    async with bridge.background.expect_connection("first") as first:
        opened = page.runtime.connect({"name": "first"})
    await (await first.value).postMessage("here")
    assert await opened.receive() == "here"
    refused = page.runtime.connect({"name": "second"})
    await refused.wait_for_disconnect()
    assert refused.error and "Receiving end does not exist" in refused.error.message
    with pytest.raises(BridgeTimeoutError, match="0 others are kept"):
        await bridge.background.accept("second", timeout=1)
