"""Routes in the agent: what the extension's scripts hear of a one-time message that Python has a say in."""

from pathlib import Path
from typing import Any

import pytest
from unit.webext.scenes import decoded, generated, play

from bridge.protocol import frames
from bridge.webext.manifest import BrowserName

# Scripts that listen, and an asker that keeps what becomes of its message.
SCRIPT = """
run();
const [link] = opened, seen = [], answers = [];
const listen = (listener) => browser.runtime.onMessage.addListener(listener);
const welcome = (routing = { names: [], messages: ["hello"] }) => link.says({ type: "welcome", events: [], routing });
const tell = (type, more = {}, ...payload) =>
  link.says([{ type, request: 1, ...more }, ...payload].map((part) => JSON.stringify(part)).join("\\t"));
// As the browser does: what each listener returns, and what any gives to sendResponse().
browser.runtime.onMessage.fire = function (message) {
  const sender = { id: "tested" }, returned = [];
  const keep = this.keep ?? [];
  for (const listener of keep) returned.push(listener(message, sender, (answer) => answers.push(answer)));
  for (const one of returned) {
    if (one === true) answers.push("waits");
    one?.then?.((answer) => answers.push(["resolved", answer]), (error) => answers.push(["rejected", error.message]));
  }
  return returned;
};
"""
# The fake event does not show its listeners, and the agent's are added before the scene begins.
KEPT = """
const add = browser.runtime.onMessage.addListener;
browser.runtime.onMessage.addListener = function (listener) {
  (this.keep ??= []).push(listener);
  add.call(this, listener);
};
"""


def played(tmp_path: Path, scene: str, browser_name: BrowserName = "chromium") -> Any:
    """What a scene returns."""
    return play(generated(tmp_path, browser_name, routes=True).agent("background"), KEPT + SCRIPT + scene)


def said(tmp_path: Path, scene: str) -> list[tuple[Any, str | None]]:
    """What the agent says in a scene, after its hello."""
    return decoded(played(tmp_path, scene + "await rest(); return said(link);"))[1:]


ASKS = """
listen((message, sender, sendResponse) => { seen.push(message); sendResponse({ got: message }); });
listen(() => void seen.push("second"));
welcome();
const returned = browser.runtime.onMessage.fire("hello").map(String);
"""


def test_scripts_hear_it_when_python_says_so(tmp_path: Path) -> None:
    scene = (
        ASKS
        + """
    const before = [...seen];
    tell("routeAsk", {}, "changed");
    await rest();
    return [returned, before, seen, answers];
    """
    )
    heard = ["changed", "second"]
    assert played(tmp_path, scene) == [["[object Promise]", "undefined"], [], heard, [{"got": "changed"}]]


def test_python_hears_it_and_the_answer(tmp_path: Path) -> None:
    scene = (
        ASKS
        + """
    tell("routeAsk", { id: 7 });
    await rest();
    tell("routeAnswer", { id: 8 }, "made up");
    """
    )
    assert said(tmp_path, scene) == [
        (frames.RoutedAsk(1, "runtime.onMessage", {"id": "tested"}), '"hello"'),
        (frames.Result(7), '{"answer":{"got":"hello"}}'),
        (frames.Result(8), None),
    ]
    assert played(tmp_path / "2", scene + "await rest(); return [seen, answers];") == [
        ["hello", "second"],
        ["made up"],
    ]


@pytest.mark.parametrize(("named", "silence"), [("chromium", ["rejected", ""]), ("firefox", ["resolved", None])])
def test_nobody_answers(tmp_path: Path, named: BrowserName, silence: list[Any]) -> None:
    scene = """
    listen(() => {}); welcome(); browser.runtime.onMessage.fire("hello");
    tell("routeAsk");
    await rest();
    const before = [...answers];
    tell("routeAnswer", { id: 1 });
    await rest();
    """
    assert played(tmp_path / "1", scene + "return [before, answers];", named) == [[], [silence]]
    ended = said(tmp_path / "2", scene)[1]
    assert ended == (frames.RoutedEnd(1, silent=True), None)


@pytest.mark.parametrize(
    ("listener", "chromium", "firefox"),
    [
        ("(m, s, respond) => respond(1)", [1], [["resolved", 1]]),
        ("(m, s, respond) => { setTimeout(() => respond(1)); return true; }", [1], [["resolved", 1]]),
        ("(m, s, respond) => void setTimeout(() => respond(1))", ["silent"], ["silent"]),
        ("() => Promise.resolve(1)", [1], [["resolved", 1]]),
        ("async (m, s, respond) => respond(1)", [1], [["resolved", None]]),
        ("() => Promise.reject(new Error('no'))", [["rejected", "no"]], [["rejected", "no"]]),
        ("() => { throw new Error('no'); }", [["rejected", "no"]], [["rejected", "no"]]),
        ("() => true", [], []),
        ("() => 5", ["silent"], ["silent"]),
    ],
)
def test_what_a_listener_does_is_what_the_asker_gets(
    tmp_path: Path, listener: str, chromium: list[Any], firefox: list[Any]
) -> None:
    scene = f"""
    process.on("uncaughtException", () => {{}});
    listen({listener}); welcome(); browser.runtime.onMessage.fire("hello");
    tell("routeAsk");
    await rest(); await rest();
    return said(link).some((body) => body.includes("silent")) ? ["silent"] : answers;
    """
    assert played(tmp_path / "c", scene) == chromium
    assert played(tmp_path / "f", scene, "firefox") == firefox


@pytest.mark.parametrize("first", ["async () => 1", "(m, s, respond) => { respond(1); return true; }"])
@pytest.mark.parametrize(
    ("second", "answer"),
    [
        ("(m, s, respond) => respond(2)", ["resolved", 2]),
        ("() => { throw new Error('no'); }", ["rejected", "no"]),
        ("async () => 2", ["resolved", 1]),
    ],
)
def test_in_firefox_an_answer_at_once_is_before_a_promise(
    tmp_path: Path, first: str, second: str, answer: list[Any]
) -> None:
    scene = f"""
    process.on("uncaughtException", () => {{}});
    listen({first}); listen({second}); welcome(); browser.runtime.onMessage.fire("hello");
    tell("routeAsk");
    await rest();
    return answers;
    """
    assert played(tmp_path, scene, "firefox") == [answer]


def test_python_rejects_it(tmp_path: Path) -> None:
    scene = ASKS + 'tell("routeReject", { message: "no" }); await rest(); return [seen, answers];'
    assert played(tmp_path, scene) == [[], [["rejected", "no"]]]


@pytest.mark.parametrize("message", ['"other"', "undefined", '{ type: "load" }', '["save"]', '{ type: "save", n: 2 }'])
def test_what_no_route_fits_is_the_browsers(tmp_path: Path, message: str) -> None:
    scene = f"""
    listen((message, sender, respond) => {{ seen.push(message ?? "none"); respond(1); return "as it is"; }});
    welcome({{ names: [], messages: [{{ type: "save", n: 1 }}, "hello"] }});
    return [browser.runtime.onMessage.fire({message}), answers, seen.length];
    """
    assert played(tmp_path, scene) == [["as it is"], [1], 1]


@pytest.mark.parametrize("message", ['{ type: "save", n: 1, more: [] }', '"hello"'])
def test_what_a_pattern_fits_goes_to_python(tmp_path: Path, message: str) -> None:
    scene = f"""
    listen(() => seen.push(1)); welcome({{ names: [], messages: [{{ type: "save", n: 1 }}, "hello"] }});
    browser.runtime.onMessage.fire({message});
    return seen;
    """
    assert played(tmp_path, scene) == []


def test_before_the_welcome_every_message_waits(tmp_path: Path) -> None:
    scene = """
    listen((message, sender, respond) => respond(message));
    browser.runtime.onMessage.fire("early");
    const before = [...answers];
    tell("routeAsk");
    return [before, answers];
    """
    assert played(tmp_path, scene) == [[], ["early"]]


def test_without_python_silence_is_silence(tmp_path: Path) -> None:
    scene = """
    listen(() => {}); welcome(); browser.runtime.onMessage.fire("hello"); tell("routeAsk");
    link.onDisconnect.fire(); await rest(); return answers;
    """
    assert played(tmp_path, scene) == [["rejected", ""]]


@pytest.mark.parametrize("then", ["", 'tell("routeAsk", { id: 7 });'])
def test_the_link_is_gone(tmp_path: Path, then: str) -> None:
    scene = (
        ASKS + then + 'link.onDisconnect.fire(); browser.runtime.onMessage.fire("hello"); await rest(); return answers;'
    )
    assert played(tmp_path, scene) == [{"got": "hello"}, {"got": "hello"}]


def test_what_python_cannot_read_goes_on(tmp_path: Path) -> None:
    scene = """
    listen((message, sender, respond) => respond("heard"));
    welcome({ names: [], asksMessages: true });
    browser.runtime.onMessage.fire({ get bad() { throw new Error("no"); } });
    await rest();
    return answers;
    """
    assert played(tmp_path, scene) == ["heard"]


def test_an_answer_that_the_browser_cannot_send(tmp_path: Path) -> None:
    scene = ASKS.replace("{ got: message }", "() => 1") + 'tell("routeAsk", { id: 7 }); await rest();'
    error = frames.ScriptError("The browser cannot send what the script answers", "TypeError")
    assert said(tmp_path, scene)[1:] == [(frames.RoutedEnd(1), None), (frames.Result(7, error), None)]
    assert played(tmp_path / "2", scene + "return answers.map(String);") == [
        "() => 1"
    ]  # the browser says what is wrong


def test_each_frame_is_told_here(tmp_path: Path) -> None:
    told = Path(__file__).read_text("utf-8")
    assert all(f'tell("{kind.__struct_config__.tag}"' in told for kind in frames.TO_MESSAGE_ROUTE)
