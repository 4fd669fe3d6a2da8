"""Routes: Python stands between the extension's own scripts."""

import asyncio
import re
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, BridgeError, Context, PortDisconnectedError, PortRoute, faults
from bridge.sync_api import PortRoute as SyncPortRoute
from bridge.sync_api import launch as launch_sync
from support import LAUNCH_MS, Site, background, content, write_extension

# What each script holds and hears, to be read by evaluate().
SCRIPT = """
    var api = globalThis.browser ?? chrome, seen = [], held = {};
    var hold = (port) => {
      held[port.name] = port;
      port.onMessage.addListener((message, same) => seen.push(same === port ? message : "another port"));
      port.onDisconnect.addListener(({ name }) => seen.push("the end of " + name));
      return port;
    };
    var open = (name, ...messages) => {
      const port = hold(api.runtime.connect({ name }));
      for (const message of messages) port.postMessage(message);
    };
    var echo = (event) => event.addListener((port) => {
      seen.push("connected " + port.name);
      hold(port).onMessage.addListener((message) => port.postMessage({ echo: message }));
    });
"""
MANIFEST = {
    **background("b.js"),
    **content("c.js"),
    "externally_connectable": {"ids": ["*"], "matches": ["http://127.0.0.1/*"]},
}
FILES = {
    "b.js": SCRIPT + "echo(api.runtime.onConnect); echo(api.runtime.onConnectExternal);",
    "c.js": SCRIPT + "echo(api.runtime.onConnect);",
    "page.html": "<!doctype html><script src='p.js'></script>",
    "p.js": SCRIPT + "echo(api.runtime.onConnect);",
}


@pytest.fixture
async def bridge(load: Any) -> Bridge:
    bridge: Bridge = await load(MANIFEST, FILES, routes=True)
    return bridge


@pytest.fixture
async def script(bridge: Bridge, site: Site) -> Context:
    """A content script."""
    page = await open_page(bridge, site.url)
    return await bridge.content(page)


async def sees(context: Context, *expected: Any) -> None:
    """Wait until that is all that the scripts of a context have seen, and forget it."""
    try:
        await context.wait_for_function("(count) => seen.length >= count", len(expected), timeout=10_000)
    finally:
        assert await context.evaluate("seen.splice(0)") == list(expected)


def passing(route: PortRoute) -> None:
    route.connect_to_receiver()


def wrapping(route: PortRoute) -> None:
    receiver = route.connect_to_receiver()
    route.on_message(lambda message: receiver.postMessage([message]))


async def test_messages_are_changed_and_lost(bridge: Bridge, script: Context) -> None:
    def late(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: receiver.postMessage({**message, "late": True}))
        receiver.on_message(lambda message: None if message["echo"].get("secret") else route.postMessage(message))

    await bridge.route_port("sync", late)
    await script.evaluate("open('sync', {n: 1}, {n: 2, secret: true}, {n: 3})")
    await sees(script, {"echo": {"n": 1, "late": True}}, {"echo": {"n": 3, "late": True}})
    heard = [{"n": 1, "late": True}, {"n": 2, "secret": True, "late": True}, {"n": 3, "late": True}]
    await sees(bridge.background, "connected sync", *heard)
    await script.evaluate("held.sync.disconnect()")
    await sees(bridge.background, "the end of sync")


async def test_python_plays_the_receiver(bridge: Bridge, script: Context) -> None:
    routes: list[PortRoute] = []

    def play(route: PortRoute) -> None:
        routes.append(route)
        route.on_message(lambda message: route.close() if message == "bye" else route.postMessage(["python", message]))

    await bridge.route_port("sync", play)
    await script.evaluate("open('sync', 1, 2, 'bye')")
    await sees(script, ["python", 1], ["python", 2], "the end of sync")
    [route] = routes
    assert route.closed and route.name == "sync" and not route.external
    assert route.opened_by is script and route.target is bridge.background
    assert route.sender.tab.id == script.tab_id
    with pytest.raises(PortDisconnectedError, match="'sync'"):
        route.postMessage(1)
    await route.close()
    await sees(bridge.background)


async def test_what_no_handler_takes_passes(bridge: Bridge, script: Context) -> None:
    """Nor is a port touched that no route fits."""
    await bridge.route_port("sync", passing)
    for name in ("sync", "other"):
        await script.evaluate("(name) => open(name, 1, 2)", name)
        await sees(script, {"echo": 1}, {"echo": 2})
        await sees(bridge.background, f"connected {name}", 1, 2)
        await bridge.background.evaluate("(name) => { held[name].postMessage('a'); held[name].disconnect(); }", name)
        await sees(script, "a", f"the end of {name}")


async def test_which_route_has_a_port(bridge: Bridge, script: Context) -> None:
    """The newest that fits: by name, by pattern, or by what a function says of name and sender."""
    had: list[str] = []

    def having(what: str) -> Any:
        def handler(route: PortRoute) -> None:
            had.append(what)
            route.connect_to_receiver()

        return handler

    by_name, by_pattern = having("name"), having("pattern")
    await bridge.route_port("sync", by_name)
    pattern = re.compile("^sy")
    await bridge.route_port(pattern, by_pattern)
    await bridge.route_port(lambda name, sender: name == "tab" and sender.tab.id == script.tab_id, having("function"))
    for name in ("sync", "system", "tab", "none"):
        await script.evaluate("(name) => open(name, 1)", name)
        await sees(script, {"echo": 1})
    assert had == ["pattern", "pattern", "function"]
    await bridge.unroute_port(pattern)
    await bridge.unroute_port("sync", by_pattern)
    await script.evaluate("open('sync', 1)")
    await sees(script, {"echo": 1})
    await bridge.unroute_port("sync", by_name)
    await script.evaluate("open('sync', 1)")
    await sees(script, {"echo": 1})
    assert had == ["pattern", "pattern", "function", "name"]


async def test_in_content_scripts_and_pages(bridge: Bridge, script: Context) -> None:
    targets: list[str] = []

    def change(route: PortRoute) -> None:
        targets.append(route.target.kind)
        receiver = route.connect_to_receiver()
        receiver.on_message(lambda message: route.postMessage([route.target.kind, message]))

    await bridge.route_port("sync", change)
    await bridge.background.evaluate(
        "(tab) => { hold(api.tabs.connect(tab, { name: 'sync' })).postMessage(1); }", script.tab_id
    )
    await sees(bridge.background, ["content", {"echo": 1}])
    page = await bridge.page("page.html")
    await bridge.background.evaluate("open('sync', 2)")
    await sees(bridge.background, ["page", {"echo": 2}])
    assert targets == ["content", "page"]
    await sees(page, "connected sync", 2)


async def test_a_web_page_connects(bridge: Bridge, script: Context, site: Site) -> None:
    had: list[PortRoute] = []

    def change(route: PortRoute) -> None:
        had.append(route)
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: receiver.postMessage([message]))

    await bridge.route_port("sync", change)
    if bridge.browser_name == "firefox":  # where web pages cannot connect
        port = bridge.external.runtime.connect(bridge.extension_id, {"name": "sync"})
        port.postMessage(1)
        assert await port.receive() == {"echo": [1]}
    else:
        page = await script.playwright_page()
        assert page
        connect = "(id) => new Promise((done) => { const port = chrome.runtime.connect(id, { name: 'sync' });"
        answer = await page.evaluate(
            connect + "port.onMessage.addListener(done); port.postMessage(1); })", bridge.extension_id
        )
        assert answer == {"echo": [1]}
    assert had[0].external and had[0].opened_by in (None, bridge.external)


async def test_a_handler_that_raises(bridge: Bridge, script: Context) -> None:
    """The port goes on, and the next wait raises it."""

    def broken(route: PortRoute) -> None:
        raise LookupError("the handler")

    await bridge.route_port("sync", broken)
    await script.evaluate("open('sync', 1)")
    await sees(script, {"echo": 1})
    with pytest.raises(LookupError, match="the handler"):
        await bridge.background.accept(timeout=1_000)

    def broken_later(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: receiver.postMessage(10 / message))

    await bridge.route_port("sync", broken_later)
    await script.evaluate("open('sync', 0, 5)")
    await sees(script, {"echo": 2})
    with pytest.raises(ZeroDivisionError):
        await bridge.background.accept(timeout=1_000)


async def test_what_a_listener_throws_is_told_as_ever(bridge: Bridge, script: Context) -> None:
    """Chromium tells the scripts of promises that are rejected, Firefox of what is thrown, with routes and without."""
    await bridge.background.evaluate("""
        globalThis.errors = [];
        addEventListener("error", ({ message }) => errors.push(message.replace(/^.*Error: /, "")));
        addEventListener("unhandledrejection", ({ reason }) => errors.push(reason.message));
        const fail = (text) => () => { throw new Error(text); };
        const reject = (text) => async () => { throw new Error(text); };
        api.runtime.onConnect.addListener((port) => {
          for (const listener of [fail("thrown"), reject("rejected")]) port.onMessage.addListener(listener);
          throw new Error("connected");
        });
        void api.runtime.onConnect.addListener(reject("later"));
    """)
    await bridge.route_port("sync", wrapping)
    for name, echo in (("other", 1), ("sync", [1])):
        await script.evaluate("(name) => open(name, 1)", name)
        await sees(script, {"echo": echo})
        told = ["later", "rejected"] if bridge.browser_name == "chromium" else ["connected", "thrown"]
        await bridge.background.wait_for_function("errors.length >= 2")
        assert sorted(await bridge.background.evaluate("errors.splice(0)")) == told


async def test_a_coroutine_function_gets_one_message_after_another(bridge: Bridge, script: Context) -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    begun: list[int] = []

    async def slow(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()

        async def on_message(message: int) -> None:
            begun.append(message)
            await gates[message].wait()
            await receiver.postMessage(message)

        route.on_message(on_message)

    await bridge.route_port("sync", slow)
    await script.evaluate("open('sync', 0, 1)")
    await sees(bridge.background, "connected sync")
    gates[1].set()
    assert begun == [0]
    gates[0].set()
    await sees(script, {"echo": 0}, {"echo": 1})


async def test_the_ends_are_closed(bridge: Bridge, script: Context) -> None:
    closed: list[str] = []

    def watch(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_close(lambda: closed.append("opener"))
        receiver.on_close(lambda: (closed.append("receiver"), route.postMessage("still open")))
        route.on_message(lambda message: receiver.close() if message == "end" else receiver.postMessage(message))

    await bridge.route_port("sync", watch)
    await script.evaluate("open('sync', 1)")
    await sees(script, {"echo": 1})
    await bridge.background.evaluate("held.sync.disconnect()")
    await sees(script, "still open")
    assert closed == ["receiver"]
    with pytest.raises(Exception, match="disconnected port"):
        await bridge.background.evaluate("held.sync.postMessage(1)")
    await bridge.background.evaluate("seen.length = 0")
    await script.evaluate("open('sync', 'end')")
    await sees(bridge.background, "connected sync", "the end of sync")
    with pytest.raises(Exception, match="disconnected port"):
        await bridge.background.evaluate("held.sync.postMessage(1)")
    await script.evaluate("held.sync.disconnect(); open('last', 1)")
    await sees(script, {"echo": 1})
    assert closed == ["receiver", "opener"]


async def test_the_receiver_hears_why_its_end_is_closed(bridge: Bridge, script: Context) -> None:
    def refuse(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: receiver.close(f"no {message}"))

    await bridge.route_port("sync", refuse)
    await bridge.background.evaluate(
        "void api.runtime.onConnect.addListener((port) => port.onDisconnect.addListener((same) => "
        "seen.push((same.error ?? api.runtime.lastError)?.message)))"
    )
    await script.evaluate("open('sync', 'rights')")
    await sees(bridge.background, "connected sync", "the end of sync", "no rights")


async def test_taken_back_it_lets_everything_go(bridge: Bridge, script: Context) -> None:
    """What a handler has not yet passed on, and what it would have played."""
    never = asyncio.Event()
    routes: list[PortRoute] = []

    async def holding(route: PortRoute) -> None:
        routes.append(route)
        await never.wait()

    await bridge.route_port("sync", holding)
    await bridge.route_port("played", routes.append)
    await script.evaluate("open('sync', 1); open('played', 2)")
    while len(routes) < 2:
        await script.evaluate("1")
    await bridge.unroute_all()
    await sees(script, {"echo": 1}, {"echo": 2})
    await script.evaluate("held.sync.postMessage(3)")
    await sees(script, {"echo": 3})
    routes[0].postMessage("too late")
    never.set()


async def test_a_background_that_wakes(bridge: Bridge, script: Context) -> None:
    """It has the route before its scripts have the port that woke it."""

    def change(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: receiver.postMessage([message]))

    await bridge.route_port("sync", change)
    for _ in range(3):
        await bridge.stop_background()
        await script.evaluate("open('sync', 1)")
        await sees(script, {"echo": [1]})
        await script.evaluate("open('other', 1)")
        await sees(script, {"echo": 1})
        await bridge.wait_for_background()
        await script.evaluate("held.sync.disconnect(); held.other.disconnect()")


async def test_it_outlives_a_reload(bridge: Bridge, site: Site) -> None:
    await bridge.route_port("sync", lambda route: route.on_message(lambda message: route.postMessage([message])))
    await bridge.reload()
    page = await open_page(bridge, site.url)
    script = await bridge.content(page)
    await script.evaluate("open('sync', 1)")
    await sees(script, [1])
    await bridge.reset()
    page = await open_page(bridge, site.url)
    script = await bridge.content(page)
    await script.evaluate("open('sync', 1)")
    await sees(script, {"echo": 1})


async def test_the_record_says_what_was_done(bridge: Bridge, script: Context) -> None:
    await bridge.route_port("sync", faults(drop=1))
    await bridge.route_port("wrap", wrapping)
    await script.evaluate("open('sync', {n: 1}); open('wrap', 2)")
    await sees(script, {"echo": [2]})
    did = [line.partition(" routed ")[2] for line in bridge.recent_traffic() if " routed " in line]
    assert [line for line in did if line.startswith("'sync'")] == [
        "'sync': lets the receiver have it",
        "'sync': loses a message from the opener: {\"n\": 1}",
    ]
    assert [line for line in did if line.startswith("'wrap'")] == [
        "'wrap': lets the receiver have it",
        "'wrap': takes a message from the opener: 2",
        "'wrap': says to the receiver: [2]",
    ]


async def test_beside_the_record_of_all_scripts(load: Any, site: Site) -> None:
    """What was posted is recorded where it was posted, and what a route did beside it."""
    bridge = await load(MANIFEST, FILES, routes=True, record="all")
    await bridge.route_port("sync", wrapping)
    page = await open_page(bridge, site.url)
    script = await bridge.content(page)
    async with bridge.traffic.expect_message("sync", lambda posted: posted.payload == {"echo": [1]}):
        await script.evaluate("open('sync', 1)")
    await sees(script, {"echo": [1]})
    await sees(bridge.background, "connected sync", [1])
    [port] = bridge.traffic.ports("sync")
    assert [message.payload for message in port.messages] == [1, {"echo": [1]}]


async def test_a_launch_without_routes(load: Any) -> None:
    bridge = await load(MANIFEST, FILES)
    with pytest.raises(BridgeError, match=r"only in a launch with routes=True"):
        await bridge.route_port("sync", passing)


async def test_what_is_no_route(bridge: Bridge) -> None:
    with pytest.raises(TypeError, match=r"route_port\(\) takes a name, a pattern or a function, not int"):
        await bridge.route_port(5, passing)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"route_port\(\) takes a function as its handler, not str"):
        await bridge.route_port("sync", "handler")  # type: ignore[arg-type]


def test_sync(browser_type: Any, tmp_path: Any, site: Site) -> None:
    folder = write_extension(tmp_path, MANIFEST, FILES)
    with launch_sync(browser_type, folder, routes=True, timeout=LAUNCH_MS) as bridge:

        def late(route: SyncPortRoute) -> None:
            assert isinstance(route, SyncPortRoute) and route.target is bridge.background
            receiver = route.connect_to_receiver()
            route.on_message(lambda message: receiver.postMessage({"late": message}))

        bridge.route_port("sync", late)
        page = bridge.browser_context.new_page()
        page.goto(site.url)
        script = bridge.content(page)
        script.evaluate("open('sync', 1)")
        script.wait_for_function("seen.length")
        assert script.evaluate("seen") == [{"echo": {"late": 1}}]
