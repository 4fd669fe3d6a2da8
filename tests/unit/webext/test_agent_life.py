"""The agent at its start, and in its later lives: what it knows, and what it connects to."""

from pathlib import Path

import pytest
from unit.webext.scenes import generated, heard, play

from bridge.protocol import frames

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


def test_an_event_that_the_browser_has_made_anew_gets_the_listener(tmp_path: Path) -> None:
    """As in Firefox, when a permission was taken away and comes back."""
    scene = """
    run();
    const listen = () => opened[0].says({ type: "listen", id: 1, event: "runtime.onMessage" });
    const first = browser.runtime.onMessage;
    opened[0].says({ type: "welcome", events: [] });
    listen();
    browser.runtime.onMessage = new FakeEvent();
    listen();
    const anew = browser.runtime.onMessage.hasListeners();
    const { onMessage } = browser.runtime;
    delete browser.runtime.onMessage;
    opened[0].says({ type: "unlisten", id: 2, event: "runtime.onMessage" });
    await rest();
    return [first.hasListeners(), anew, onMessage.hasListeners()];
    """
    assert play(generated(tmp_path).agent("background"), scene) == [True, True, False]


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


# --- a connection of its own --------------------------------------------------------------------------------------


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
