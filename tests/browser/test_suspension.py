"""A background that is stopped and started: what starts it, what Python hears, what became of the ports."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from browser.talking import new_page

from bridge.async_api import (
    Bridge,
    BridgeTimeoutError,
    Context,
    ContextError,
    Port,
    PortDisconnectedError,
    RemoteError,
)
from support import DISCONNECTED, Site, background, content

# Remembers what happened to it since it was started, and tells it to who asks.
BACKGROUND = """
const heard = [];
const { runtime, tabs, storage, alarms } = chrome;
const action = chrome.action ?? chrome.browserAction;
runtime.onMessage.addListener((message, sender, reply) => {
  if (message === "report") reply(heard);
  else heard.push("runtime.onMessage");
});
runtime.onConnect.addListener(() => heard.push("runtime.onConnect"));
runtime.onConnectExternal.addListener(() => heard.push("runtime.onConnectExternal"));
action.onClicked.addListener(() => heard.push("action.onClicked"));
tabs.onCreated.addListener(() => heard.push("tabs.onCreated"));
storage.onChanged.addListener(() => heard.push("storage.onChanged"));
alarms.onAlarm.addListener(() => heard.push("alarms.onAlarm"));
"""
KINDS = {
    "service worker or event page": {**background("b.js"), "action": {}},
    "event page of Manifest V2": {
        "manifest_version": 2,
        "background": {"scripts": ["b.js"], "persistent": False},
        "browser_action": {},
    },
}
STOPPED = "The background was stopped by stop_background"


VERSION_3, VERSION_2 = KINDS


@pytest.fixture(scope="module", params=[VERSION_3, pytest.param(VERSION_2, marks=pytest.mark.slow("manifest v2"))])
async def bridge(request: pytest.FixtureRequest, load_for_module: Any, engine: str) -> Bridge:
    if engine == "chromium" and "V2" in request.param:
        pytest.skip("Chromium has no Manifest V2")
    manifest = {**KINDS[request.param], **content("c.js"), "permissions": ["storage", "alarms", "tabs"]}
    return await load_for_module(manifest, {"b.js": BACKGROUND, "c.js": ""})


@pytest.fixture
async def own_page(bridge: Bridge, site: Site) -> AsyncIterator[Any]:
    own_page = await new_page(bridge, site.url)
    await bridge.start_background()
    yield own_page
    await own_page.close()


@pytest.fixture
async def world(bridge: Bridge, own_page: Any) -> Context:
    """The content-script world of `page`."""
    return await bridge.content(own_page)


async def message(bridge: Bridge, world: Context) -> None:
    await world.call("runtime.sendMessage", "hello")


async def connect(bridge: Bridge, world: Context) -> None:
    world.runtime.connect()


async def connect_from_outside(bridge: Bridge, world: Context) -> None:
    bridge.external.runtime.connect(bridge.extension_id)


async def click(bridge: Bridge, world: Context) -> None:
    await bridge.click_action()


async def open_tab(bridge: Bridge, world: Context) -> None:
    await (await bridge.browser_context.new_page()).close()


async def store(bridge: Bridge, world: Context) -> None:
    await world.call("storage.local.set", {"at": str(world.url), "by": id(world)})


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        ("runtime.onMessage", message),
        ("runtime.onConnect", connect),
        ("runtime.onConnectExternal", connect_from_outside),
        ("action.onClicked", click),
        ("tabs.onCreated", open_tab),
        ("storage.onChanged", store),
    ],
)
async def test_what_starts_it(
    bridge: Bridge, world: Context, event: str, cause: Callable[[Bridge, Context], Awaitable[None]]
) -> None:
    heard: asyncio.Queue[Port] = asyncio.Queue()
    await bridge.background.runtime.onConnect.addListener(heard.put_nowait)
    await bridge.stop_background()
    assert bridge.background.closed
    await cause(bridge, world)
    await bridge.wait_for_background()
    # It may have started for an earlier event of the same cause: a tab that is created loads something, too.
    assert event in await world.call("runtime.sendMessage", "report")
    # Python stands there as before.
    world.runtime.connect({"name": "afterwards"})
    while (await asyncio.wait_for(heard.get(), 10)).name != "afterwards":
        pass
    await bridge.background.runtime.onConnect.removeListener(heard.put_nowait)


async def test_an_alarm_starts_it(bridge: Bridge, world: Context) -> None:
    own_page = await bridge.page()
    await bridge.stop_background()
    await own_page.call("alarms.create", "soon", {"delayInMinutes": 0.001})
    await bridge.wait_for_background()
    assert await world.call("runtime.sendMessage", "report") == ["alarms.onAlarm"]
    await own_page.close()


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        ("runtime.onConnect", connect),
        ("runtime.onConnectExternal", connect_from_outside),
        ("action.onClicked", click),
    ],
)
@pytest.mark.parametrize("added", ["before", "while it is stopped"])
async def test_pythons_listener_hears_the_event_that_starts_it(
    bridge: Bridge, world: Context, event: str, cause: Callable[[Bridge, Context], Awaitable[None]], added: str
) -> None:
    api, name = event.split(".")
    target = getattr(getattr(bridge.background, api), name)
    heard: asyncio.Queue[Any] = asyncio.Queue()
    if added == "before":
        await target.addListener(heard.put_nowait)
    for _ in range(2):
        await bridge.stop_background()
        await target.addListener(heard.put_nowait)
        await cause(bridge, world)
        await asyncio.wait_for(heard.get(), 10)
    await target.removeListener(heard.put_nowait)
    assert heard.empty()


async def test_a_listener_that_was_removed_while_it_is_stopped(bridge: Bridge, world: Context) -> None:
    heard: list[Port] = []
    onConnect = bridge.background.runtime.onConnect
    await onConnect.addListener(heard.append)
    await bridge.stop_background()
    await onConnect.removeListener(heard.append)
    port = world.runtime.connect()
    await bridge.wait_for_background()
    assert await world.call("runtime.sendMessage", "report") == ["runtime.onConnect"]
    assert heard == [] and not port.closed  # the extension itself listens


async def test_nobody_listens_after_it_started(load: Any, site: Site) -> None:
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": "", "c.js": ""})
    own_page = await new_page(bridge, site.url)
    world = await bridge.content(own_page)
    await bridge.background.runtime.onConnect.addListener(print)
    await bridge.stop_background()
    await bridge.background.runtime.onConnect.removeListener(print)
    for _ in range(2):
        port = world.runtime.connect()
        await port.wait_for_disconnect()


async def test_an_event_that_it_lacks_costs_nothing_else(start: Any, site: Site) -> None:
    bridge = await start({**background("b.js"), **content("c.js")}, {"b.js": "", "c.js": ""})
    own_page = await new_page(bridge, site.url)
    world = await bridge.content(own_page)
    await bridge.stop_background()
    await bridge.background.action.onClicked.addListener(print)  # the manifest has no action
    heard: asyncio.Queue[Port] = asyncio.Queue()
    await bridge.background.runtime.onConnect.addListener(heard.put_nowait)
    world.runtime.connect({"name": "woke it"})
    assert (await asyncio.wait_for(heard.get(), 10)).name == "woke it"
    with pytest.raises(RemoteError, match="action.onClicked does not exist"):
        await bridge.background.accept()
    for _ in range(2):  # it is not asked for again
        await bridge.stop_background()
        await bridge.start_background()
        port = world.runtime.connect({"name": "later"})
        assert (await asyncio.wait_for(heard.get(), 10)).name == "later" and not port.closed
    with pytest.raises(BridgeTimeoutError):
        await bridge.background.accept("nobody", timeout=50)


async def test_ports_and_waits_say_that_it_was_stopped(bridge: Bridge, world: Context) -> None:
    async with bridge.background.expect_connection("held") as info:
        opener = world.runtime.connect({"name": "held"})
    port = await info.value
    fired: list[Port] = []
    port.onDisconnect.addListener(fired.append)
    receiving = asyncio.ensure_future(port.receive())
    calling = asyncio.ensure_future(bridge.background.call("tabs.connect"))
    closing = asyncio.ensure_future(bridge.background.wait_for_close())
    await asyncio.wait([calling])
    await bridge.stop_background()
    await closing
    await opener.wait_for_disconnect()
    assert opener.error is None
    assert port.closed and fired == []
    assert STOPPED in repr(port) and STOPPED in port.error.message
    with pytest.raises(PortDisconnectedError, match=STOPPED):
        await receiving
    with pytest.raises(PortDisconnectedError, match=f"{DISCONNECTED[bridge.browser_name]}.*{STOPPED}"):
        port.postMessage(1)
    with pytest.raises(ContextError, match=f"Python cannot act in background.*{STOPPED}"):
        bridge.background.runtime.connect()


async def test_starting_and_waiting(bridge: Bridge, world: Context) -> None:
    await bridge.start_background()  # it runs already
    await bridge.wait_for_background()
    for _ in range(2):
        await bridge.stop_background()
        await bridge.background.wait_for_close()  # at once
        with pytest.raises(ContextError, match="background"):
            await bridge.stop_background()
        says = r"(Chromium .* activated, stopped|Firefox .* stopped)$"
        with pytest.raises(BridgeTimeoutError, match=f"Timeout 50 ms.*background did not start.*{says}"):
            await bridge.wait_for_background(timeout=50)
        await bridge.start_background()
        assert not bridge.background.closed
        assert await world.call("runtime.sendMessage", "report") == []


async def test_without_a_background(load: Any) -> None:
    bridge = await load(content("c.js"), {"c.js": ""})
    for wait in (bridge.start_background, bridge.wait_for_background):
        with pytest.raises(ContextError, match="no background"):
            await wait()


async def test_a_context_is_waited_for_until_it_ends(bridge: Bridge, own_page: Any, world: Context) -> None:
    with pytest.raises(BridgeTimeoutError, match="Timeout 50 ms.*Waited for content http.* to end"):
        await world.wait_for_close(timeout=50)
    closing = asyncio.ensure_future(world.wait_for_close())
    await own_page.goto("about:blank")
    await closing
    assert world.closed
