"""Routes in the agent: what the extension's scripts get of a port that Python has a say in."""

from pathlib import Path
from typing import Any

import pytest
from unit.webext.scenes import decoded, generated, play

from bridge.protocol import frames
from bridge.webext.manifest import BrowserName

# A script that listens, and keeps what it sees.
SCRIPT = """
run();
const [link] = opened, seen = [];
const port = new FakePort("p", { id: "tested" });
const script = (given) => {
  seen.push("connected");
  given.onMessage.addListener((message, same) => seen.push(message, same === given));
  given.onDisconnect.addListener((same) => seen.push("gone", same === given));
};
browser.runtime.onConnect.addListener(script);
const welcome = (routing = { names: ["p"] }) => link.says({ type: "welcome", events: [], routing });
const tell = (type, more = {}, ...payload) =>
  link.says([{ type, route: 1, ...more }, ...payload].map((part) => JSON.stringify(part)).join("\\t"));
const connects = () => browser.runtime.onConnect.fire(port);
"""


def played(tmp_path: Path, scene: str, browser_name: BrowserName = "chromium") -> Any:
    """What a scene returns, which goes on after that."""
    return play(generated(tmp_path, browser_name, routes=True).agent("background"), SCRIPT + scene)


def said(tmp_path: Path, scene: str) -> list[tuple[Any, str | None]]:
    """What the agent says in a scene, after its hello."""
    return decoded(played(tmp_path, scene + "await rest(); return said(link);"))[1:]


ROUTED = frames.Routed(1, "runtime.onConnect", "p", {"id": "tested"})


def test_a_script_gets_a_routed_port_when_python_says_so(tmp_path: Path) -> None:
    scene = """
    welcome(); connects();
    port.onMessage.fire("early");
    const before = [...seen];
    tell("routeConnect"); tell("routeConnect");
    tell("routePass", { message: 1, byOpener: true });
    tell("routePost", { toOpener: false }, "made up");
    port.onMessage.fire("lost");
    tell("routeTake", { message: 2, byOpener: true }); tell("routePass", { message: 2, byOpener: true });
    return [before, seen];
    """
    assert played(tmp_path, scene) == [[], ["connected", "early", True, "made up", True]]


EVERYTHING = """
    welcome(); connects(); tell("routeConnect");
    port.onMessage.fire("a");
    const message = { b: [1] };
    port.postMessage(message);
    message.b.push("changed later");
    tell("routeHold", { byOpener: true });
    port.disconnect(); port.disconnect();
    port.onDisconnect.fire(port);
"""


def test_python_hears_both_ends(tmp_path: Path) -> None:
    assert said(tmp_path, EVERYTHING) == [
        (ROUTED, None),
        (frames.RoutedMessage(1, 1, True), '"a"'),
        (frames.RoutedMessage(1, 1, False), '{"b":[1]}'),
        (frames.RouteHeld(1, True), None),
        (frames.RoutedClose(1, False), None),
        (frames.RoutedClose(1, True), None),
    ]


def test_what_goes_to_the_opener(tmp_path: Path) -> None:
    scene = """
    welcome(); connects(); tell("routeConnect");
    for (const message of ["a", "b", "c"]) port.postMessage(message);
    const before = [...port.posted];
    tell("routePass", { message: 2, byOpener: false });
    tell("routePost", { toOpener: true }, "made up");
    tell("routeFree", { byOpener: false });
    port.postMessage("d");
    tell("routeClose", { toOpener: true });
    return [before, port.posted, port.disconnected];
    """
    assert played(tmp_path, scene) == [[], ["b", "made up", "a", "c", "d"], True]


@pytest.mark.parametrize("routing", ["{ names: [] }", '{ names: ["other"] }', "undefined"])
def test_other_ports_are_not_touched(tmp_path: Path, routing: str) -> None:
    scene = f"""
    link.says({{ type: "welcome", events: [], routing: {routing} }});
    const {{ postMessage }} = port;
    connects();
    port.onMessage.fire("a", port);
    return [seen, port.postMessage === postMessage, said(link).length];
    """
    assert played(tmp_path, scene) == [["connected", "a", True], True, 0]


def test_before_the_welcome_ports_wait(tmp_path: Path) -> None:
    scene = """
    connects();
    await rest();
    port.onMessage.fire("a");
    const before = [...seen];
    welcome({ names: [] });
    tell("routeLeave");
    port.postMessage("b");
    port.onMessage.fire("c");
    return [before, seen, port.posted];
    """
    assert played(tmp_path, scene) == [[], ["connected", "a", True, "c", True], ["b"]]


def test_where_python_asks_every_port_waits(tmp_path: Path) -> None:
    scene = "welcome({ names: [], asks: true }); connects(); await rest(); return [seen, said(link).length];"
    assert played(tmp_path, scene) == [[], 2]


@pytest.mark.parametrize("ends", ["link.onDisconnect.fire(link)", 'tell("routeLeave")'])
def test_left_alone_a_port_goes_on(tmp_path: Path, ends: str) -> None:
    scene = f"""
    welcome(); connects();
    port.onMessage.fire("a");
    {ends};
    port.onMessage.fire("b");
    port.postMessage("c");
    port.onDisconnect.fire(port);
    return [seen, port.posted];
    """
    assert played(tmp_path, scene) == [["connected", "a", True, "b", True, "gone", True], ["c"]]


def test_a_script_that_disconnected_is_told_nothing_more(tmp_path: Path) -> None:
    scene = """
    welcome(); connects(); tell("routeConnect");
    port.postMessage("a");
    port.disconnect();
    const before = port.disconnected;
    let text;
    try { port.postMessage("b"); } catch (error) { text = error.message; }
    port.onMessage.fire("c");
    tell("routePass", { message: 1, byOpener: true });
    tell("routePass", { message: 1, byOpener: false });
    tell("routeClose", { toOpener: true });
    return [before, text, port.posted, port.disconnected, seen];
    """
    text = "Attempting to use a disconnected port object"
    assert played(tmp_path, scene) == [False, text, ["a"], True, ["connected"]]


def test_until_a_script_knows_of_the_end_it_may_post(tmp_path: Path) -> None:
    """As in a browser, where the end comes in order with the messages."""
    scene = """
    welcome(); connects(); tell("routeConnect");
    port.onDisconnect.fire(port);
    port.postMessage("lost");
    tell("routePass", { message: 1, byOpener: false });
    tell("routeClose", { toOpener: false }); tell("routeClose", { toOpener: false });
    return [port.posted, seen];
    """
    assert played(tmp_path, scene) == [[], ["connected", "gone", True]]


def test_why_it_ended_is_in_the_listener(tmp_path: Path) -> None:
    scene = """
    welcome(); connects(); tell("routeConnect");
    const errors = [];
    port.onDisconnect.addListener(() => errors.push(browser.runtime.lastError?.message));
    browser.runtime.lastError = { message: "the page went" };
    port.onDisconnect.fire(port);
    delete browser.runtime.lastError;
    tell("routeClose", { toOpener: false, error: "the page went" });
    return [errors, "lastError" in browser.runtime];
    """
    assert played(tmp_path, scene) == [["the page went"], False]


def test_listeners_come_and_go(tmp_path: Path) -> None:
    scene = """
    welcome();
    const { onConnect } = browser.runtime;
    const other = () => seen.push("other");
    onConnect.addListener(other); onConnect.addListener(other);
    onConnect.removeListener(script);
    connects(); tell("routeConnect");
    const one = () => { seen.push("one"); port.onMessage.removeListener(two); };
    const two = () => seen.push("two");
    port.onMessage.addListener(one); port.onMessage.addListener(two); port.onMessage.addListener(two);
    port.onMessage.fire("a");
    tell("routeFree", { byOpener: true });
    port.onMessage.fire("b");
    return [seen, port.onMessage.hasListeners()];
    """
    chromium, firefox = ["other", "one", "two", "one"], ["other", "one", "one"]
    assert played(tmp_path / "c", scene) == [chromium, True]
    assert played(tmp_path / "f", scene, "firefox") == [firefox, True]


def test_a_port_that_nobody_takes_any_more_is_closed(tmp_path: Path) -> None:
    scene = """
    welcome(); connects();
    browser.runtime.onConnect.removeListener(script);
    tell("routeConnect");
    return port.disconnected;
    """
    assert played(tmp_path, scene) is True


@pytest.mark.parametrize(
    ("named", "uncaught"), [("chromium", ["a promise"]), ("firefox", ["the second", "on purpose"])]
)
def test_a_listener_that_throws_stops_no_other(tmp_path: Path, named: BrowserName, uncaught: list[str]) -> None:
    """And scripts hear of the error as the browser tells it."""
    scene = """
    const uncaught = [];
    process.on("uncaughtException", (error) => uncaught.push(error.message));
    welcome(); connects();
    browser.runtime.onConnect.addListener(() => { seen.push("second"); throw new Error("the second"); });
    tell("routeConnect");
    port.onMessage.addListener(() => { throw new Error("on purpose"); });
    port.onMessage.addListener(async () => { throw new Error("a promise"); });
    port.onMessage.addListener((message) => seen.push(message));
    tell("routePost", { toOpener: false }, "a");
    await rest();
    return [seen, uncaught];
    """
    assert played(tmp_path, scene, named) == [["connected", "second", "a", True, "a"], uncaught]


def test_python_may_hold_a_routed_port_too(tmp_path: Path) -> None:
    """What Python itself listens to is no script's, and is not routed."""
    scene = """
    link.says({ type: "welcome", events: ["runtime.onConnect"], routing: { names: ["p"] } });
    connects();
    port.onMessage.fire("a");
    link.says('{"type":"post","port":1}\\t"to the opener"');
    """
    told = said(tmp_path, scene + "await rest();")
    assert {type(frame) for frame, _ in told} == {frames.Routed, frames.Accepted, frames.Message, frames.RoutedMessage}
    assert played(tmp_path / "2", scene + "return port.posted;") == ["to the opener"]


def test_what_cannot_be_read_is_announced_all_the_same(tmp_path: Path) -> None:
    scene = """
    welcome(); connects(); tell("routeConnect");
    const message = { get bad() { throw new Error("no"); } };
    port.onMessage.fire(message);
    tell("routePass", { message: 1, byOpener: true });
    """
    assert (frames.RoutedMessage(1, 1, True, unreadable=True), None) in said(tmp_path, scene)
    assert played(tmp_path / "2", scene + "return seen.length;") == 3


@pytest.mark.parametrize("post", ["port.postMessage()", "port.postMessage(() => {})", "port.postMessage(circular)"])
def test_the_browser_says_what_cannot_be_posted(tmp_path: Path, post: str) -> None:
    scene = f"""
    const circular = {{}}; circular.self = circular;
    const calls = [];
    port.postMessage = (...args) => calls.push(args.length);
    welcome(); connects(); tell("routeConnect");
    {post};
    return [calls.length, (await rest(), said(link).length)];
    """
    assert played(tmp_path, scene) == [1, 2]


def test_the_link_of_an_agent_is_no_port_of_scripts(tmp_path: Path) -> None:
    scene = """
    welcome({ names: [], asks: true });
    browser.runtime.onConnect.fire(new FakePort(link.name, {}));
    return seen;
    """
    assert played(tmp_path, scene) == ["connected"]


# --- ports that lead outside ----------------------------------------------------------------------------------------

OPENED = """
const open = (opening) => {
  const port = opening();
  port.onMessage.addListener((message, same) => seen.push(message, same === port));
  port.onDisconnect.addListener(() => seen.push(port.error?.message ?? browser.runtime.lastError?.message ?? "gone"));
  return port;
};
"""


def test_a_script_opens_a_port_to_an_application(tmp_path: Path) -> None:
    scene = (
        OPENED
        + """
    welcome();
    const own = open(() => browser.runtime.connectNative("p"));
    for (const message of ["a", "b"]) own.postMessage(message);
    const before = [...own.posted];
    tell("routePass", { message: 2, byOpener: true });
    tell("routePost", { toOpener: false }, "made up");
    own.onMessage.fire("c"); own.onMessage.fire("d");
    tell("routePass", { message: 2, byOpener: false });
    tell("routePost", { toOpener: true }, "made up, too");
    tell("routeConnect");
    tell("routeLeave");
    own.disconnect();
    return [before, own.posted, seen, own.disconnected];
    """
    )
    heard = ["d", True, "made up, too", True, "c", True]
    assert played(tmp_path, scene) == [[], ["b", "made up", "a"], heard, True]


def test_what_python_hears_of_it(tmp_path: Path) -> None:
    scene = (
        OPENED
        + """
    welcome();
    const own = open(() => browser.runtime.connectNative("p"));
    own.postMessage("a");
    own.onMessage.fire("b");
    browser.runtime.lastError = { message: "there is none" };
    own.onDisconnect.fire(own);
    delete browser.runtime.lastError;
    own.disconnect();
    """
    )
    target = frames.ScriptTarget(application="p")
    assert said(tmp_path, scene) == [
        (frames.Routed(1, None, "p", None, target), None),
        (frames.RoutedMessage(1, 1, True), '"a"'),
        (frames.RoutedMessage(1, 1, False), '"b"'),
        (frames.RoutedClose(1, False, frames.ScriptError("there is none")), None),
        (frames.RoutedClose(1, True), None),
    ]


@pytest.mark.parametrize(
    ("call", "is_routed"),
    [
        ('connect("other", { name: "p" })', True),
        ('connect("tested", { name: "p" })', False),
        ('connect("", { name: "p" })', False),
        ('connect(undefined, { name: "p" })', False),
        ('connect({ name: "p" })', False),
        ('connect("other", { name: "q" })', False),
        ('connectNative("q")', False),
    ],
)
def test_only_ports_that_lead_outside_and_that_a_route_fits(tmp_path: Path, call: str, is_routed: bool) -> None:
    scene = f"""
    welcome();
    const before = opened.length;
    const own = browser.runtime.{call};
    const post = Object.hasOwn(own, "postMessage");
    return [opened[before] === own, post];
    """
    assert played(tmp_path, scene) == [True, is_routed]


@pytest.mark.parametrize("ends", ["link.onDisconnect.fire(link)", 'tell("routeLeave")'])
def test_it_ended_before_python_left_it(tmp_path: Path, ends: str) -> None:
    """The script then hears why, as without a route."""
    scene = (
        OPENED
        + f"""
    const own = open(() => browser.runtime.connectNative("p"));
    own.onMessage.fire("a");
    own.error = {{ message: "there is none" }};
    own.onDisconnect.fire(own);
    const hidden = own.error;
    {ends};
    return [hidden, seen, own.error.message];
    """
    )
    assert played(tmp_path, scene, "firefox") == [None, ["a", True, "there is none"], "there is none"]


def test_a_function_that_comes_with_a_permission(tmp_path: Path) -> None:
    """In Firefox it must not be looked up before a script does, and is gone for good if the permission is missing."""
    scene = """
    const { connectNative } = browser.runtime;
    let may = false;
    const getter = (name) => ({
      configurable: true,
      enumerable: true,
      get() {
        seen.push(name);
        delete browser.runtime.connectNative;
        if (may) return (browser.runtime.connectNative = connectNative);
      },
    });
    """
    lookups = """
    const before = [...seen];
    const missing = browser.runtime.connectNative;
    may = true;
    Object.defineProperty(browser.runtime, "connectNative", getter("again"));
    return [before, typeof missing, "connectNative" in browser.runtime];
    """
    defines = 'Object.defineProperty(browser.runtime, "connectNative", getter("looked up"));\n'
    script = generated(tmp_path, "firefox", routes=True).agent("background")
    assert play(script, "const seen = [];" + scene + defines + "run();" + lookups) == [[], "undefined", True]
    granted = """
    may = true;
    const own = browser.runtime.connectNative("p");
    return [seen, Object.hasOwn(own, "postMessage"), browser.runtime.connectNative === browser.runtime.connectNative];
    """
    assert play(script, "const seen = [];" + scene + defines + "run();" + granted) == [["looked up"], True, True]


def test_each_frame_of_a_route_is_told_here(tmp_path: Path) -> None:
    """The others are in test_agent.py and test_message_routes.py."""
    told = Path(__file__).read_text("utf-8")
    assert all(f'tell("{kind.__struct_config__.tag}"' in told for kind in frames.TO_ROUTE)
    heard = {type(frame) for frame, _ in said(tmp_path, EVERYTHING)}
    assert heard >= {frames.Routed, frames.RoutedMessage, frames.RoutedClose, frames.RouteHeld}
