"""The watch of the extension's own scripts, for `record="all"`: when it listens, and what it says."""

from pathlib import Path

import pytest
from unit.webext.scenes import decoded, generated, play

from bridge.protocol import frames


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


REPORTS = """
    const timers = [];
    globalThis.setTimeout = ((action, ms) => timers.push({ action, ms })).bind(); // "[native code]"
    run();
    opened[0].says({ type: "welcome", events: [] });
    const port = browser.runtime.connect({ name: "n" });
    const told = async () => { await null; await null; return opened[0].posted.length; };
    const before = await told();
    port.postMessage("one");
    port.postMessage("two");
    const meanwhile = await told();
"""


@pytest.mark.parametrize(
    ("kind", "then"),
    [
        ("background", "timers[0].action();"),
        ("background", "port.disconnect(); await told(); timers[0].action();"),
        ("content", "globalThis.dispatchEvent(new Event('pagehide')); timers[0].action();"),
    ],
)
def test_reports_of_messages_go_together_after_a_while_or_with_the_next_frame(
    tmp_path: Path, kind: str, then: str
) -> None:
    document = "globalThis.document = globalThis;" if kind == "content" else ""
    scene = f"{document}{REPORTS}{then} return [timers[0].ms, meanwhile - before, opened[0].posted.slice(before)];"
    delay, sent_at_once, (bodies,) = play(generated(tmp_path, watched=True).agent(kind), scene)
    assert (delay, sent_at_once) == (5, 0)
    assert [payload for _, payload in decoded(bodies.split("\n"))][:2] == ['"one"', '"two"']
