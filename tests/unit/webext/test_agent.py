"""The agent: it says what Python reads, and one thing that goes wrong loses nothing else."""

import json
import re
from pathlib import Path

import pytest
from unit.webext.scenes import decoded, generated, heard, play

from bridge.protocol import frames, framing
from bridge.protocol.frames import FROM_AGENT, TO_AGENT, TO_MESSAGE_ROUTE, TO_ROUTE, ScriptError
from bridge.webext.manifest import Manifest

OF_ROUTES = {
    frames.Routed,
    frames.RoutedMessage,
    frames.RoutedClose,
    frames.RouteHeld,
    frames.RoutedAsk,
    frames.RoutedEnd,
}  # see test_routes.py


def tags(types: tuple[type[frames.Frame], ...]) -> set[str]:
    return {str(kind.__struct_config__.tag) for kind in types}


# --- each frame -----------------------------------------------------------------------------------------------------

# A background that moves to a socket of its own, and does all that Python can ask for.
BACKGROUND = """
process.on("unhandledRejection", () => {}); // a browser takes the promise of a rejected answer
browser.action = { onClicked: new FakeEvent() };
run();
const [link] = opened;
const events = ["runtime.onConnect", "runtime.onMessage", "action.onClicked", "no.such"];
link.says({ type: "welcome", events, answers: ["runtime.onMessage"], direct: "ws://x" });
const [socket] = FakeSocket.all;
socket.opens();
await rest();
link.says({ type: "moved" });
socket.says({ type: "connect", port: 2, function: "runtime.connect" }, '{"type":"post","port":2}\\t"a"');
socket.says('{"type":"post","port":2,"id":7}\\t"b"', { type: "post", port: 4 });
opened[1].onMessage.fire("to Python");
browser.action.onClicked.fire({ id: 1 });
for (const question of ["first", "second", "third"]) browser.runtime.onMessage.fire(question, { id: "s" }, () => {});
socket.says('{"type":"respond","id":8,"request":1}\\t"yes"', { type: "reject", request: 2, message: "no" });
socket.says({ type: "letGo", request: 3 });
browser.runtime.onConnect.fire(new FakePort("n", { id: "s" }));
socket.says({ type: "listen", id: 1, event: "runtime.onConnectExternal" });
socket.says({ type: "setRouting", id: 9, routing: { names: [] } });
socket.says({ type: "unlisten", id: 2, event: "runtime.onConnectExternal" });
socket.says('{"type":"call","id":3,"function":"tabs.create"}\\t[{"url":"u"}]');
socket.says({ type: "disconnect", port: 2 }, { type: "connect", port: 6, function: "no.such" }, { type: "nonsense" });
await rest();
return [...said(link), ...socket.sent.flatMap((bodies) => bodies.split("\\n"))];
"""

# A page that is found, loses its listener, and says that it has loaded.
PAGE = """
globalThis.document = Object.assign(new EventTarget(), { scripts: [], querySelector: () => null });
run();
document.dispatchEvent(new Event("DOMContentLoaded"));
await rest();
return said(opened[0]);
"""
CONTENT = """
run();
opened[0].says({ type: "welcome", events: [] });
dispatchEvent(new CustomEvent(script.match(/portbridge-[0-9a-f]{32}/g)[1], { cancelable: true, detail: "token" }));
forgetListeners();
opened[0].says({ type: "beFindable" });
opened[0].says({ type: "dropped" });
await rest();
return said(opened[0]);
"""

# The extension's own scripts use all that is watched.
SCRIPTS = """
run();
opened[0].says({ type: "welcome", events: [] });
browser.runtime.onConnect.addListener(() => {});
browser.runtime.onMessage.addListener(() => {});
const port = browser.runtime.connect({ name: "n" });
port.postMessage({ a: 1 });
port.disconnect();
browser.runtime.onConnect.fire(new FakePort("n", { id: "other" }));
browser.runtime.onMessage.fire("m", { id: "tested" });
await browser.runtime.sendMessage("question");
await rest();
return said(opened[0]);
"""


def test_it_says_each_frame_and_python_reads_it(tmp_path: Path) -> None:
    said = [
        *decoded(play(generated(tmp_path / "b").agent("background"), BACKGROUND)),
        *decoded(play(generated(tmp_path / "p").agent("page"), PAGE)),
        *decoded(play(generated(tmp_path / "c").agent("content"), CONTENT)),
        *decoded(play(generated(tmp_path / "s", watched=True).agent("background"), SCRIPTS)),
    ]
    assert {type(frame) for frame, _ in said} == set(FROM_AGENT) - OF_ROUTES
    assert (frames.Refused("nonsense", "the agent knows no such frame"), None) in said


def test_it_is_told_each_frame_here() -> None:
    told = re.findall(r'"?type"?: ?"(\w+)"', BACKGROUND + CONTENT)
    assert tags(TO_AGENT) - tags(TO_ROUTE) - tags(TO_MESSAGE_ROUTE) <= set(told)


def test_it_greets_in_the_version_of_the_protocol(tmp_path: Path) -> None:
    ((hello, _),) = decoded(
        play(generated(tmp_path).agent("background"), "run(); await rest(); return said(opened[0]);")
    )
    assert hello.version == frames.VERSION


def test_a_marker_goes_before_the_connection_of_its_port(tmp_path: Path) -> None:
    said = heard(tmp_path, "background", BACKGROUND)
    assert [frame for frame, _ in said if isinstance(frame, frames.Marker)] == [frames.Marker(1)]
    assert [frame.port for frame, _ in said if isinstance(frame, frames.Accepted)] == [1]


@pytest.mark.parametrize("before", ["", "x"])
def test_pieces_are_not_cut_in_a_character(tmp_path: Path, before: str) -> None:
    agent = generated(tmp_path).agent("background").replace(f'"maxPiece": {framing.MAX_PIECE}', '"maxPiece": 50')
    message = before + "\N{GRINNING FACE}" * 50
    scene = f"""
    run();
    opened[0].says({{ type: "welcome", events: ["runtime.onMessage"] }});
    browser.runtime.onMessage.fire({json.dumps(message)});
    await rest();
    return said(opened[0]).filter((body) => body[0] !== "{{");
    """
    pieces = play(agent, scene)
    assert len(pieces) > 2  # and no half of a character was replaced, so that together they are the whole
    assert "".join(piece[1:] for piece in pieces).endswith(json.dumps(message, ensure_ascii=False))


# --- one failure alone ----------------------------------------------------------------------------------------------


def test_an_event_that_does_not_exist_loses_neither_the_others_nor_the_rest(tmp_path: Path) -> None:
    scene = """
    Date.now = () => 7;
    run();
    browser.runtime.onConnect.fire(new FakePort("woke it", {}));
    const [link] = opened;
    link.says(
      { type: "welcome", events: ["action.onClicked", "runtime.onConnect", "runtime.onMessage"] },
      '{"type":"call","id":1,"function":"tabs.create"}\\t[{}]',
    );
    browser.runtime.onMessage.fire(1);
    await rest();
    return said(link);
    """
    error = ScriptError("action.onClicked does not exist in this context")
    assert heard(tmp_path, "background", scene, listening=("action.onClicked", "runtime.onConnect")) == [
        (frames.NotListening("action.onClicked", error), None),
        (frames.Accepted(1, "runtime.onConnect", "woke it", {}, 7.0), None),
        (frames.Asked(1, "runtime.onMessage", {}), "1"),
        (frames.Result(1), "{}"),
    ]


@pytest.mark.parametrize(
    ("prelude", "broken", "answer"),
    [
        ("", '{"type":"welcome","events":5}', ("welcome", "not iterable")),
        ("", '{"type":"call"', ("unreadable", "JSON")),
        (
            "opened[1].disconnect = () => { throw new Error('no') };",
            '{"type":"disconnect","port":2}',
            ("disconnect", "no"),
        ),
    ],
)
def test_a_frame_that_fails_is_refused_alone(
    tmp_path: Path, prelude: str, broken: str, answer: tuple[str, str]
) -> None:
    scene = f"""
    run();
    const [link] = opened;
    link.says({{ type: "welcome", events: [] }}, {{ type: "connect", port: 2, function: "runtime.connect" }});
    {prelude}
    link.says({broken!r}, '{{"type":"call","id":1,"function":"tabs.create"}}\\t[{{}}]');
    await rest();
    return said(link);
    """
    said = [frame for frame, _ in heard(tmp_path, "background", scene)]
    (refused,) = (frame for frame in said if isinstance(frame, frames.Refused))
    assert refused.frame == answer[0] and answer[1] in refused.reason
    assert said[-1] == frames.Result(1)


def test_a_socket_that_cannot_be_opened_costs_no_listener(tmp_path: Path) -> None:
    scene = """
    run();
    opened[0].says({ type: "welcome", events: ["runtime.onMessage"], direct: "ws://x" });
    browser.runtime.onMessage.fire(1);
    await rest();
    return said(opened[0]);
    """
    prelude = "FakeSocket.all.push = () => { throw new Error('blocked') };"
    said = heard(tmp_path, "background", prelude + scene)
    assert (frames.Asked(1, "runtime.onMessage", {}), "1") in said


def test_whatever_is_thrown_becomes_an_error(tmp_path: Path) -> None:
    thrown = [
        "5",
        "null",
        "{ name: {}, message: 7 }",
        "Object.create(null)",
        "{ get message() { throw 1 } }",
        "Symbol()",
    ]
    scene = f"""
    run();
    const thrown = [{", ".join(f"() => ({value})" for value in thrown)}];
    browser.tabs.create = () => {{ throw thrown.shift()() }};
    while (thrown.length) opened[0].says({{ type: "call", id: 1, function: "tabs.create" }});
    await rest();
    return said(opened[0]);
    """
    results = [frame for frame, _ in heard(tmp_path, "background", scene)]
    assert len(results) == len(thrown)
    assert all(isinstance(result, frames.Result) and result.error for result in results)


def test_a_result_that_cannot_be_read_answers_its_question(tmp_path: Path) -> None:
    extension = generated(tmp_path)
    extension.manifest = Manifest({"message_serialization": "structured_clone"})
    scene = """
    run();
    const blob = new Blob(["x"]);
    blob.arrayBuffer = async () => { throw new Error("gone") };
    browser.tabs.create = async () => blob;
    opened[0].says({ type: "call", id: 1, function: "tabs.create" });
    await rest();
    return said(opened[0]);
    """
    said = decoded(play(extension.agent("background"), scene))
    assert said[1:] == [(frames.Result(1, ScriptError("gone")), None)]


def test_arguments_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    scene = """
    run();
    opened[0].says({ type: "welcome", events: ["runtime.onMessage"] });
    browser.runtime.onMessage.fire(1n);
    await rest();
    return said(opened[0]);
    """
    ((refused, _),) = heard(tmp_path, "background", scene)
    assert isinstance(refused, frames.Refused) and refused.frame == "asked" and "BigInt" in refused.reason


# --- what scripts make of a port ------------------------------------------------------------------------------------

# The background wakes for a connection; Python says that it listens after the scripts have run.
ACCEPT = """
Date.now = () => 7;
run();
const port = new FakePort("n", { id: "tested", frameId: 0, tab: { id: 3 } });
browser.runtime.onConnect.fire(port);
port.sender.tab = 5;
port.sender.self = port.sender;
port.name = 5;
opened[0].says({ type: "welcome", events: ["runtime.onConnect"] });
await rest();
return said(opened[0]);
"""


def test_a_sender_is_read_before_a_script_changes_it(tmp_path: Path) -> None:
    ((accepted, _),) = heard(tmp_path, "background", ACCEPT, listening=("runtime.onConnect",))
    assert accepted == frames.Accepted(
        1, "runtime.onConnect", "n", {"id": "tested", "frameId": 0, "tab": {"id": 3}}, 7.0
    )


CHANGES = [
    "port.sender = 5;",
    "port.sender = null;",
    "port.sender = undefined;",
    "port.sender = [];",
    "port.sender = 'text';",
    "port.sender.tab = 5;",
    "port.sender.tab = [];",
    "port.sender.id = {};",
    "port.sender.frameId = '0';",
    "port.sender.self = port.sender;",
    "Object.defineProperty(port, 'sender', { get() { throw new Error('no') } });",
]


@pytest.mark.parametrize("watched", [False, True])
def test_a_sender_that_no_browser_makes_is_an_empty_one(tmp_path: Path, watched: bool) -> None:
    scene = f"""
    browser.runtime.onConnect.addListener((port) => changes.shift()(port)); // heard before the agent
    const changes = [{", ".join(f"(port) => {{ {change} }}" for change in CHANGES)}];
    run();
    opened[0].says({{ type: "welcome", events: ["runtime.onConnect"] }});
    browser.runtime.onConnect.addListener(() => {{}}); // which is watched
    const port = () => new FakePort("n", {{ id: "tested", frameId: 0, tab: {{ id: 3 }} }});
    while (changes.length) browser.runtime.onConnect.fire(port());
    await rest();
    return said(opened[0]);
    """
    said = heard(tmp_path, "background", scene, watched=watched)
    senders = [frame.sender for frame, _ in said if isinstance(frame, frames.Accepted | frames.WatchedAccept)]
    assert senders == [{}] * (1 + watched) * len(CHANGES)


# --- one-time messages ----------------------------------------------------------------------------------------------

ANSWER = """
const asked = [];
browser.runtime.onMessage.fire = function (...args) { return [...this.all].map((listener) => listener(...args)) };
browser.runtime.onMessage.addListener = function (listener) { (this.all ??= new Set()).add(listener) };
run();
const [link] = opened;
link.says({ type: "welcome", events: ["runtime.onMessage"] });
const silent = browser.runtime.onMessage.fire("a", { id: "s" }, () => {});
link.says({ type: "listen", id: 1, event: "runtime.onMessage", answers: true });
const responses = [];
const [rejected] = browser.runtime.onMessage.fire("b", { id: "s" }, () => {});
const [open] = browser.runtime.onMessage.fire("c", { id: "s" }, (value) => responses.push(value));
link.says({ type: "reject", request: 2, message: "no" }, '{"type":"respond","id":2,"request":3}\\t{"x":1}');
link.says({ type: "respond", id: 3, request: 3 }, { type: "reject", request: 3, message: "late" });
const why = await rejected.catch((error) => error.message);
await rest();
return [silent, typeof open.then, why, responses, said(link)];
"""


def test_a_message_is_answered_once(tmp_path: Path) -> None:
    silent, promise, why, responses, bodies = play(generated(tmp_path).agent("background"), ANSWER)
    assert (silent, promise, why, responses) == ([None], "function", "no", [{"x": 1}])
    said = [frame for frame, _ in decoded(bodies)]
    assert [frame.open for frame in said if isinstance(frame, frames.Asked)] == [False, True, True]
    assert [frame.id for frame in said if isinstance(frame, frames.Result)] == [1, 2, 3]
