"""The agent: it says what Python reads, and one thing that goes wrong loses nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from unit.webext.scenes import decoded, generated, play

from bridge.protocol import frames, framing
from bridge.protocol.frames import FROM_AGENT, TO_AGENT, ScriptError
from bridge.webext.manifest import Manifest


def heard(
    tmp_path: Path, kind: str, scene: str, *, watched: bool = False, listening: tuple[str, ...] = ()
) -> list[tuple[Any, str | None]]:
    """What the agent says, in a scene that returns bodies, after its hello; Python listens to some events before."""
    extension = generated(tmp_path, watched=watched)
    extension.set_listening(frozenset(listening), frozenset())
    said = decoded(play(extension.agent(kind), scene))
    return [one for one in said if not isinstance(one[0], frames.Hello)]


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
    assert {type(frame) for frame, _ in said} == set(FROM_AGENT)
    assert (frames.Refused("nonsense", "the agent knows no such frame"), None) in said


def test_it_is_told_each_frame_here() -> None:
    told = re.findall(r'"?type"?: ?"(\w+)"', BACKGROUND + CONTENT)
    assert tags(TO_AGENT) <= set(told)


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


def test_the_watch_listens_only_while_a_script_does(tmp_path: Path) -> None:
    scene = """
    const { onMessage } = browser.runtime;
    const { addListener } = onMessage;
    onMessage.addListener = function (listener) { // as in a browser
      if (typeof listener !== "function") throw new TypeError("no function");
      addListener.call(this, listener);
    };
    run();
    const [one, other] = [() => {}, () => {}];
    const listened = [];
    const then = (action) => { try { action() } catch {} listened.push(onMessage.hasListeners()); };
    then(() => onMessage.addListener(5));
    then(() => onMessage.addListener(one));
    then(() => onMessage.addListener(other));
    then(() => onMessage.removeListener(one));
    then(() => onMessage.removeListener(other));
    return listened;
    """
    assert play(generated(tmp_path, watched=True).agent("background"), scene) == [False, True, True, True, False]


FIREFOX_GETS = """
    const seen = { looks: 0, allowed: false };
    Object.defineProperty(browser.runtime, "onUserScriptMessage", {
      configurable: true,
      enumerable: true,
      get() { // which Firefox takes away when it is called
        seen.looks++;
        delete browser.runtime.onUserScriptMessage;
        if (seen.allowed) browser.runtime.onUserScriptMessage = new FakeEvent();
        return browser.runtime.onUserScriptMessage;
      },
    });
"""


@pytest.mark.parametrize("allowed", [True, False])
def test_the_watch_looks_up_what_a_permission_brings_only_when_a_script_does(tmp_path: Path, allowed: bool) -> None:
    scene = f"""
    {FIREFOX_GETS}
    run();
    opened[0].says({{ type: "welcome", events: [] }});
    const before = seen.looks;
    seen.allowed = {str(allowed).lower()};
    browser.runtime.onUserScriptMessage?.addListener(() => {{}});
    browser.runtime.onUserScriptMessage?.fire("question", {{ id: "tested" }});
    await rest();
    return [before, seen.looks, said(opened[0])];
    """
    before, looks, bodies = play(generated(tmp_path, watched=True).agent("background"), scene)
    assert (before, looks) == (0, 1)
    heard = [(frame.event, payload) for frame, payload in decoded(bodies) if isinstance(frame, frames.WatchedHearing)]
    assert heard == ([("runtime.onUserScriptMessage", '"question"')] if allowed else [])


def test_the_watch_says_how_many_messages_a_script_had_got_before_it_posted(tmp_path: Path) -> None:
    scene = """
    run();
    opened[0].says({ type: "welcome", events: [] });
    const port = browser.runtime.connect({ name: "n" });
    const listener = () => port.postMessage("answer");
    port.onMessage.fire("nobody listens yet");
    port.postMessage("question");
    port.onMessage.addListener(listener);
    port.onMessage.fire("one");
    port.onMessage.fire("two");
    port.onMessage.removeListener(listener);
    port.onMessage.fire("nobody listens any more");
    port.disconnect();
    await rest();
    return said(opened[0]);
    """
    said = decoded(play(generated(tmp_path, watched=True).agent("background"), scene))
    after = [frame.after for frame, _ in said if isinstance(frame, frames.WatchedPost | frames.WatchedClose)]
    assert after == [0, 1, 2, 2]


@pytest.mark.parametrize(("policy", "dialed"), [("null", [0, 1]), ("{}", [0, 0])])
def test_a_page_connects_to_python_only_when_it_has_no_policy_left_to_come(
    tmp_path: Path, policy: str, dialed: list[int]
) -> None:
    scene = f"""
    globalThis.window = globalThis.self = globalThis.top = globalThis;
    let meta = null;
    const querySelector = () => meta;
    globalThis.document = Object.assign(new EventTarget(), {{ scripts: [], querySelector, readyState: "loading" }});
    run();
    opened[0].says({{ type: "welcome", events: [], direct: "ws://127.0.0.1:1/" }});
    await rest();
    const dialed = [FakeSocket.all.length];
    meta = {policy}; // the parser comes to it
    document.readyState = "interactive";
    document.dispatchEvent(new Event("readystatechange"));
    await rest();
    return [...dialed, FakeSocket.all.length];
    """
    assert play(generated(tmp_path).agent("page"), scene) == dialed


# --- an earlier life ------------------------------------------------------------------------------------------------

# The page comes back from the back/forward cache, and the link is another one.
TWO_LIVES = """
run();
const [first] = opened;
first.says({ type: "welcome", events: [] });
%s
await rest();
comeBack();
const second = opened.at(-1);
second.says({ type: "welcome", events: [] });
%s
await rest();
return said(second);
"""
ASK = 'second.says({ type: "call", id: 9, function: "tabs.create" });'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "first.onDisconnect.fire();"),
        ("", 'first.says({ type: "call", id: 1, function: "tabs.create" });'),
        (
            "let late; browser.tabs.query = () => new Promise((resolve) => (late = resolve));"
            'first.says({ type: "call", id: 9, function: "tabs.query" });',
            "late('of the first life'); await rest();",
        ),
        (
            'first.says({ type: "connect", port: 2, function: "runtime.connect" }); const [, old] = opened;',
            'second.says({ type: "connect", port: 2, function: "runtime.connect" });'
            'old.onMessage.fire("late"); old.onDisconnect.fire();',
        ),
        (
            "for (const port of [2, 4]) first.says({ type: 'connect', port, function: 'runtime.connect' });"
            "const [, bad, good] = opened; bad.disconnect = () => { throw new Error('no') };",
            "if (!good.disconnected) throw new Error('the other port was forgotten');",
        ),
    ],
    ids=["its end", "its frame", "its answer", "its port", "its port that throws"],
)
def test_what_belongs_to_an_earlier_life_does_nothing_in_this(tmp_path: Path, before: str, after: str) -> None:
    said = heard(tmp_path, "content", TWO_LIVES % (before, after + ASK))
    assert said == [(frames.Result(9), None)]


@pytest.mark.parametrize(
    ("told", "lives"),
    [
        ("", 1),  # nothing: the relay is not there
        ('{ type: "welcome", events: [] }', 2),  # its worker was stopped, and a connection starts it again
        ('{ type: "welcome", events: [] }, { type: "dropped" }', 1),
    ],
    ids=["nothing", "welcome", "dropped"],
)
def test_a_link_that_ends_is_opened_again_if_python_was_there(tmp_path: Path, told: str, lives: int) -> None:
    scene = f"""
    run();
    opened[0].says({told});
    opened[0].onDisconnect.fire();
    await rest();
    if (opened[1]) opened[1].onDisconnect.fire();
    await rest();
    return opened.length;
    """
    assert play(generated(tmp_path).agent("content"), scene) == lives


def test_an_orphan_that_comes_back_falls_silent(tmp_path: Path) -> None:
    scene = """
    run();
    browser.runtime.connect = () => { throw new Error("Extension context invalidated.") };
    let errors = 0;
    process.on("uncaughtException", () => errors++);
    comeBack();
    await rest();
    return errors;
    """
    assert play(generated(tmp_path).agent("content"), scene) == 0


def test_a_page_that_is_shown_for_the_first_time_keeps_its_link(tmp_path: Path) -> None:
    scene = """
    run();
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    return opened.length;
    """
    assert play(generated(tmp_path).agent("content"), scene) == 1


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


# --- what it knows at its start -------------------------------------------------------------------------------------

WAKES = """
const registered = [];
for (const name of ["onConnect", "onConnectExternal", "onMessage"]) {
  browser.runtime[name].addListener = () => registered.push(name);
  browser.runtime[name].removeListener = () => registered.splice(registered.indexOf(name), 1);
}
globalThis.ServiceWorkerGlobalScope = class {};
const name = script.match(/"wakeState": "([^"]+)"/)[1];
PRELUDE
run();
const atStart = [...registered];
const left = Object.getOwnPropertyNames(globalThis).filter((key) => key.startsWith(name));
const tell = (state) => dispatchEvent(new CustomEvent(name, { cancelable: true, detail: state }));
const unheard = tell(["event:runtime.onConnectExternal"]);
const told = [...registered];
opened[0].says({ type: "welcome", events: ["runtime.onMessage"] });
tell(["event:runtime.onConnect"]);
return [atStart, left, unheard, told, registered];
"""


@pytest.mark.parametrize(
    ("prelude", "at_start"),
    [
        ("", ["onConnect"]),  # as the file says
        ("globalThis[name] = 1;", []),
        ("globalThis[name] = globalThis[`${name}:event:runtime.onMessage`] = 1;", ["onMessage"]),
        (
            "globalThis[name] = globalThis[`${name}!`] = ['event:runtime.onConnectExternal', 'answers:x'];",
            ["onConnectExternal"],
        ),
    ],
)
def test_a_worker_knows_what_python_listens_to(tmp_path: Path, prelude: str, at_start: list[str]) -> None:
    extension = generated(tmp_path)
    extension.set_listening(frozenset(["runtime.onConnect"]), frozenset())
    scene = WAKES.replace("PRELUDE", prelude)
    started, left, unheard, told, finally_ = play(extension.agent("background", worker=True), scene)
    assert (started, left, unheard) == (at_start, [], False)
    assert told == ["onConnectExternal"] and finally_ == ["onMessage"]


# --- what a page of the extension says that it is --------------------------------------------------------------------

VIEWS = {
    "a tab": ("views.tab = [globalThis]", "tab"),
    "a popup": ("views.popup = [globalThis]", "popup"),
    "what only the browser can say": ("", None),
    "a frame": ("views.tab = [globalThis]; globalThis.parent = {}", "frame"),
    "no extension API but runtime": ("delete browser.extension", "offscreen"),
    "the developer tools": ("browser.devtools = { inspectedWindow: {} }", "devtools panel"),
    "a page of theirs": (
        "browser.devtools = { inspectedWindow: {} }; location.href = 'x://tested/d.html?query'",
        "devtools page",
    ),
    "Chromium's developer tools": (
        "browser.devtools = { inspectedWindow: {} }; globalThis.parent = {}; location.ancestorOrigins = ['devtools://d']",
        "devtools panel",
    ),
    "a frame in them": (
        "browser.devtools = { inspectedWindow: {} }; globalThis.parent = {}; location.ancestorOrigins = ['x://tested']",
        "frame",
    ),
}
VIEW_SCENE = """
globalThis.document = Object.assign(new EventTarget(), {{ scripts: [], querySelector: () => null }});
const views = {{ tab: [], popup: [] }};
browser.extension = {{
  getViews({{ type }}) {{
    if (!views[type]) throw new Error("no such type");
    return views[type];
  }},
}};
browser.runtime.getManifest = () => ({{ devtools_page: "d.html" }});
browser.runtime.getURL = (path) => `x://tested/${{path}}`;
{scene};
run();
await rest();
return said(opened[0]);
"""


@pytest.mark.parametrize("kind", VIEWS)
def test_it_says_what_a_page_is(tmp_path: Path, kind: str) -> None:
    scene, view = VIEWS[kind]
    ((hello, _), *_) = decoded(play(generated(tmp_path).agent("page"), VIEW_SCENE.format(scene=scene)))
    assert hello.view == view
