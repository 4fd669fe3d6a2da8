"""Routes of ports that lead outside: to native applications, and to other extensions."""

import asyncio
from typing import Any

import pytest
from browser.talking import new_page
from browser.test_routes import SCRIPT, passing, sees

from bridge.async_api import Bridge, Context, NativePort, Port, PortDisconnectedError, PortRoute, faults
from bridge.sync_api import PortRoute as SyncPortRoute
from bridge.sync_api import launch as launch_sync
from support import LAUNCH_MS, Site, background, content, write_extension

# `outside(name)` opens a port to the application of that name, or if there is an id, to that extension.
OUTSIDE = """
    var outside = (name, id, ...messages) => {
      const port = id ? api.runtime.connect(id, { name }) : api.runtime.connectNative(name);
      held[name] = port;
      port.onMessage.addListener((message, same) => seen.push(same === port ? message : "another port"));
      port.onDisconnect.addListener((same) => {
        const error = same.error ?? api.runtime.lastError;
        seen.push(error ? `${same === port} end: ${error.message}` : `${same === port} end`);
      });
      for (const message of messages) port.postMessage(message);
    };
"""
MANIFEST = {**background("b.js"), **content("c.js"), "permissions": ["nativeMessaging"]}
FILES = {"b.js": SCRIPT + OUTSIDE, "c.js": SCRIPT + OUTSIDE}
MISSING = {
    "native": {"chromium": "Specified native messaging host not found.", "firefox": "No such native application %s"},
    "extension": dict.fromkeys(
        ("chromium", "firefox"), "Could not establish connection. Receiving end does not exist."
    ),
}
NOBODY = {"chromium": "a" * 32, "firefox": "nobody@example.org"}


@pytest.fixture
async def bridge(load: Any) -> Bridge:
    bridge: Bridge = await load(MANIFEST, FILES, routes=True)
    return bridge


class Outside:
    """Where a port leads: Python is there, too, as the application or the other extension."""

    def __init__(self, kind: str, bridge: Bridge, relay: str) -> None:
        self.kind = kind
        self.id = relay if kind == "extension" else ""
        self._bridge = bridge

    async def opened(self, name: str, *messages: Any) -> Port | NativePort:
        """Have the background open a port, and return the other end."""
        place = self._bridge.native(name) if self.kind == "native" else self._bridge.external
        async with place.expect_connection(**({} if self.kind == "native" else {"name": name})) as info:
            await self._bridge.background.evaluate("(args) => outside(...args)", [name, self.id, *messages])
        return await info.value

    async def opened_to_nobody(self, name: str, *messages: Any) -> None:
        """Have the background open a port to where nobody is."""
        id = NOBODY[self._bridge.browser_name] if self.id else ""
        await self._bridge.background.evaluate("(args) => outside(...args)", [name, id, *messages])

    def missing(self, name: str) -> str:
        """What the browser says if nobody is there."""
        return MISSING[self.kind][self._bridge.browser_name].replace("%s", name)


@pytest.fixture(params=["native", "extension"])
async def outside(request: pytest.FixtureRequest, bridge: Bridge) -> Outside:
    return Outside(request.param, bridge, await relay_of(bridge))


async def relay_of(bridge: Bridge) -> str:
    """The id of the extension in which Python stands as another one."""
    everyone = await bridge.external.call("management.getAll")
    [id] = [it["id"] for it in everyone if it["name"] == "portbridge relay"]
    return str(id)


async def evaluates(bridge: Bridge, code: str) -> None:
    await bridge.background.evaluate(code)


async def test_what_no_handler_takes_passes(bridge: Bridge, outside: Outside) -> None:
    """Nor is a port touched that no route fits."""
    await bridge.route_port("sync", passing)
    for name in ("sync", "other"):
        far = await outside.opened(name, 1, {"é": [None, "😀"]})
        assert [await far.receive(), await far.receive()] == [1, {"é": [None, "😀"]}]
        far.postMessage({"a": [1]})
        far.postMessage("b")
        await sees(bridge.background, {"a": [1]}, "b")
        await bridge.background.evaluate("(name) => held[name].disconnect()", name)
        await far.wait_for_disconnect()
        far = await outside.opened(name, 1)
        assert await far.receive() == 1
        far.postMessage("last words")
        far.disconnect()
        error = "Native host has exited." if (outside.kind, bridge.browser_name) == ("native", "chromium") else ""
        await sees(bridge.background, "last words", f"true end: {error}" if error else "true end")
        with pytest.raises(Exception, match="disconnected port"):
            await bridge.background.evaluate("(name) => held[name].postMessage(1)", name)


async def test_python_says_why_it_closes_a_port(bridge: Bridge, outside: Outside) -> None:
    await bridge.route_port("sync", lambda route: route.on_message(lambda message: route.close(f"no {message}")))
    await outside.opened_to_nobody("sync", "rights")
    await sees(bridge.background, "true end: no rights")


async def test_messages_are_changed_and_lost(bridge: Bridge, outside: Outside) -> None:
    def late(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: None if message == "secret" else receiver.postMessage([message]))
        receiver.on_message(lambda message: route.postMessage({"late": message}))

    await bridge.route_port("sync", late)
    far = await outside.opened("sync", 1, "secret", 2)
    assert [await far.receive(), await far.receive()] == [[1], [2]]
    far.postMessage("answer")
    await sees(bridge.background, {"late": "answer"})


async def test_python_plays_where_nobody_is(bridge: Bridge, outside: Outside) -> None:
    """The script does not learn that the browser has found nobody."""
    routes: list[PortRoute] = []

    def play(route: PortRoute) -> None:
        routes.append(route)
        route.on_message(lambda message: route.close() if message == "bye" else route.postMessage(["python", message]))

    await bridge.route_port("sync", play)
    await outside.opened_to_nobody("sync", 1, 2)
    await sees(bridge.background, ["python", 1], ["python", 2])
    assert await bridge.background.evaluate("held.sync.error ?? null") is None
    await evaluates(bridge, "held.sync.postMessage('bye')")
    await sees(bridge.background, "true end")
    with pytest.raises(Exception, match="disconnected port"):
        await evaluates(bridge, "held.sync.postMessage(1)")
    [route] = routes
    with pytest.raises(PortDisconnectedError, match="'sync'"):
        route.postMessage(1)


async def test_which_port_it_is(bridge: Bridge, outside: Outside) -> None:
    routes: asyncio.Queue[PortRoute] = asyncio.Queue()
    senders: list[Any] = []
    await bridge.route_port(lambda name, sender: senders.append(sender) or name == "sync", routes.put_nowait)
    far = await outside.opened("sync")
    route = await routes.get()
    assert route.name == "sync" and route.target is None and route.opened_by is bridge.background and not route.external
    assert route.application == ("sync" if outside.kind == "native" else None)
    assert route.extension == (outside.id or None)
    assert senders == [route.sender] and route.sender.id == bridge.extension_id
    if outside.id:
        assert route.sender == far.sender
    assert f"to {outside.id or 'sync'}>" in repr(route)


async def test_nobody_is_there(bridge: Bridge, outside: Outside) -> None:
    """The browser's reason reaches the script, and a handler."""
    closed: list[Any] = []
    await bridge.route_port("nobody", passing)

    def watching(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        receiver.on_close(lambda: (closed.append(receiver.error), route.close()))

    await bridge.route_port("watched", watching)
    for name in ("nobody", "nobody_else"):
        await outside.opened_to_nobody(name, 1)
        await sees(bridge.background, f"true end: {outside.missing(name)}")
        shown = await bridge.background.evaluate("(name) => held[name].error?.message ?? null", name)
        assert shown == (outside.missing(name) if bridge.browser_name == "firefox" else None)
        assert not await bridge.background.evaluate("Boolean(api.runtime.lastError)")
    await outside.opened_to_nobody("watched")
    await sees(bridge.background, "true end")
    assert [error.message for error in closed] == [outside.missing("watched")]


async def test_until_it_is_connected_it_hears_nothing_and_is_not_heard(bridge: Bridge, outside: Outside) -> None:
    routes: asyncio.Queue[PortRoute] = asyncio.Queue()
    await bridge.route_port("sync", routes.put_nowait)
    far = await outside.opened("sync", 1, 2)
    await far.postMessage("hello")
    await evaluates(bridge, "held.sync.postMessage(3)")
    route = await routes.get()
    await route.postMessage("from Python")
    await sees(bridge.background, "from Python")
    route.connect_to_receiver()
    assert [await far.receive(), await far.receive(), await far.receive()] == [1, 2, 3]
    await sees(bridge.background, "hello")


async def test_refused_and_closed(bridge: Bridge, outside: Outside) -> None:
    """What was never connected loses the port with the opener."""
    await bridge.route_port("refused", faults(refuse=1))
    await bridge.route_port("left", lambda route: route.on_close(lambda: None))
    far = await outside.opened("refused", 1)
    await far.wait_for_disconnect()
    await sees(bridge.background, "true end")
    far = await outside.opened("left")
    await evaluates(bridge, "held.left.disconnect()")
    await far.wait_for_disconnect()


async def test_the_ends_are_closed_one_by_one(bridge: Bridge, outside: Outside) -> None:
    closed: list[str] = []

    def watch(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_close(lambda: (closed.append("opener"), receiver.postMessage("still open")))
        receiver.on_close(lambda: (closed.append("receiver"), route.postMessage("still open")))
        route.on_message(lambda message: receiver.close() if message == "end" else receiver.postMessage(message))

    await bridge.route_port("sync", watch)
    far = await outside.opened("sync")
    far.disconnect()
    await sees(bridge.background, "still open")
    far = await outside.opened("sync", "end")
    await far.wait_for_disconnect()
    far = await outside.opened("sync")
    await evaluates(bridge, "held.sync.disconnect()")
    assert await far.receive() == "still open"
    assert closed == ["receiver", "opener"]
    await sees(bridge.background)


async def test_faults(bridge: Bridge, outside: Outside) -> None:
    await bridge.route_port("sync", faults(double=1, change=lambda message: [message], close_after=3))
    far = await outside.opened("sync", 1, 2)
    assert [await far.receive() for _ in range(4)] == [[1], [1], [2], [2]]
    far.postMessage(3)
    await far.wait_for_disconnect()
    await sees(bridge.background, [3], [3], "true end")


async def test_taken_back_it_lets_everything_go(bridge: Bridge, outside: Outside) -> None:
    routes: asyncio.Queue[PortRoute] = asyncio.Queue()
    await bridge.route_port("sync", routes.put_nowait)
    far = await outside.opened("sync", 1)
    await routes.get()
    await bridge.unroute_all()
    assert await far.receive() == 1


async def test_what_cannot_be_posted(bridge: Bridge, outside: Outside) -> None:
    """The browser says so at once, and what it takes arrives in order, as without a route."""

    def anew(route: PortRoute) -> None:
        route.on_message(route.connect_to_receiver().postMessage)

    await bridge.route_port("sync", anew)
    posts = """(name) => [0, undefined, () => 1, Symbol(), 1n, new Date(0), NaN, { a: undefined }, circular].map((it) =>
    {
        try { held[name].postMessage(it); return "posted"; }
        catch (error) { return `${error.name}: ${error.message}`; }
    })"""
    await evaluates(bridge, "globalThis.circular = {}; circular.self = circular;")
    outcomes = []
    for name in ("other", "sync"):
        far = await outside.opened(name)
        thrown = await bridge.background.evaluate(posts, name)
        await bridge.background.evaluate("(name) => held[name].postMessage('last')", name)
        heard = [await far.receive()]
        while heard[-1] != "last":
            heard.append(await far.receive())
        outcomes.append((thrown, [str(it) for it in heard]))  # one may hold itself
    assert outcomes[0] == outcomes[1]


async def test_a_background_connects_as_it_starts(load: Any) -> None:
    """Before Python has said what it routes, a port waits."""
    start = "outside('nobody', '', 1); outside('nobody_else', '', 2);"
    bridge = await load(MANIFEST, {**FILES, "b.js": FILES["b.js"] + start}, routes=True)
    outside = Outside("native", bridge, "")
    ends = [f"true end: {outside.missing(name)}" for name in ("nobody", "nobody_else")]
    await sees(bridge.background, *ends)
    await bridge.route_port("nobody", lambda route: route.on_message(lambda message: route.postMessage([message])))
    await bridge.reload()
    await bridge.background.wait_for_function("seen.length === 2")
    assert sorted(await bridge.background.evaluate("seen"), key=str) == [[1], ends[1]]


async def test_a_permission_that_comes_later(load: Any, engine: str) -> None:
    """In Firefox, runtime.connectNative then is there at once, in Chromium in the contexts that begin after that."""
    manifest = {**background("b.js"), "optional_permissions": ["nativeMessaging"]}
    files = {**FILES, "page.html": "<!doctype html><script src='p.js'></script>", "p.js": FILES["b.js"]}
    bridge = await load(manifest, files, routes=True)
    await bridge.route_port("nobody", lambda route: route.on_message(lambda message: route.postMessage([message])))
    await bridge.grant("nativeMessaging")
    page = await bridge.page("page.html")
    for context in (page, bridge.background) if engine == "firefox" else (page,):
        await context.evaluate("outside('nobody', '', 1)")
        await sees(context, [1])
    assert await page.evaluate("api.runtime.connectNative === api.runtime.connectNative")


async def test_a_content_script_connects_to_another_extension(bridge: Bridge, site: Site) -> None:
    def wrapping(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: receiver.postMessage([route.opened_by is script, message]))

    await bridge.route_port("sync", wrapping)
    page = await new_page(bridge, site.url)
    script: Context = await bridge.content(page)
    relay = await relay_of(bridge)
    async with bridge.external.expect_connection("sync") as info:
        await script.evaluate("(id) => outside('sync', id, 1)", relay)
    far = await info.value
    assert await far.receive() == [True, 1]
    far.postMessage(2)
    await sees(script, 2)
    await page.close()
    await far.wait_for_disconnect()


async def test_beside_the_record_of_all_scripts(load: Any) -> None:
    """What goes over the genuine port is recorded there, and what a route did beside it."""

    def wrapping(route: PortRoute) -> None:
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: receiver.postMessage([message]))

    bridge = await load(MANIFEST, FILES, routes=True, record="all")
    await bridge.route_port("recorded", wrapping)
    far = await Outside("native", bridge, "").opened("recorded", 1)
    assert await far.receive() == [1]
    async with bridge.traffic.expect_message("recorded", lambda posted: posted.payload == "answer"):
        far.postMessage("answer")
    await sees(bridge.background, "answer")
    [port] = bridge.traffic.ports("recorded")  # the browser may have the record of other tests, too
    assert [message.payload for message in port.messages] == [[1], "answer"]
    did = [line.partition(" routed ")[2] for line in bridge.recent_traffic() if " routed " in line]
    assert did == [
        "'recorded': lets the receiver have it",
        "'recorded': takes a message from the opener: 1",
        "'recorded': says to the receiver: [1]",
    ]


def test_sync(browser_type: Any, tmp_path: Any) -> None:
    folder = write_extension(tmp_path, MANIFEST, FILES)
    with launch_sync(browser_type, folder, routes=True, timeout=LAUNCH_MS) as bridge:

        def play(route: SyncPortRoute) -> None:
            assert route.application == "sync" and route.target is None and route.opened_by is bridge.background
            route.on_message(lambda message: route.postMessage([message]))

        def watch(route: SyncPortRoute) -> None:
            receiver = route.connect_to_receiver()
            receiver.on_close(lambda: (errors.append(receiver.error.message), route.postMessage("it is missing")))

        errors: list[str] = []
        bridge.route_port("sync", play)
        bridge.route_port("missing", watch)
        bridge.background.evaluate("outside('sync', '', 1)")
        bridge.background.wait_for_function("seen.length === 1")
        bridge.background.evaluate("outside('missing', '')")
        bridge.background.wait_for_function("seen.length === 2")
        assert bridge.background.evaluate("seen") == [[1], "it is missing"]
        assert errors == [MISSING["native"][bridge.browser_name].replace("%s", "missing")]
