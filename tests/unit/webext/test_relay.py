"""The relay: it says what Python reads, and a link that fails goes alone."""

from pathlib import Path
from typing import Any

from unit.webext.scenes import generated, play

from bridge.protocol import frames, framing
from bridge.protocol.frames import FROM_RELAY

# The first link is that of the agent in the relay itself.
START = """
browser.runtime.onConnectExternal.addListener = function (listener) { this.fire = listener };
let beat;
for (const event of ["onDisabled", "onUninstalled"]) {
  browser.management[event].addListener = function (listener) { this.fire = listener };
}
globalThis.setInterval = (action, ms) => { beat = ms; action(); };
run();
const [socket] = FakeSocket.all;
const name = script.match(/portbridge-[0-9a-f]{32}/)[0];
const agents = [2, 3, 4].map(() => new FakePort(name, { id: "tested" }));
agents.forEach((agent) => browser.runtime.onConnectExternal.fire(agent));
socket.opens();
"""


def relayed(tmp_path: Path, scene: str) -> Any:
    extension = generated(tmp_path)
    extension.write_relay("ws://127.0.0.1:1/")
    script = (extension.relay / "background.js").read_text("utf-8")
    return play(script, START + scene)


def said(lines: list[str]) -> list[frames.FromRelay]:
    """What it says for itself, in the order said."""
    split = [line for text in lines for line in framing.split_lines(text)]
    return [framing.decode_from_relay(line.header) for line in split if line.link == framing.RELAY]


def test_it_says_each_frame_and_python_reads_it(tmp_path: Path) -> None:
    heard = said(
        relayed(
            tmp_path,
            """
            browser.management.onDisabled.fire({ id: "tested" });
            socket.says('0 {"type":"drop","link":3}\\n0 {"type":"x"}');
            return socket.sent;
            """,
        )
    )
    assert {type(frame) for frame in heard} == set(FROM_RELAY)
    assert heard[0] == frames.Greeting(frames.VERSION)
    assert heard[-2:] == [frames.LinkClosed(3), frames.Refused("x", "the relay knows no such frame")]


def test_its_heart_beats_before_a_worker_is_stopped(tmp_path: Path) -> None:
    assert 0 < relayed(tmp_path, "return beat;") < 30_000


def test_a_link_that_cannot_be_posted_to_goes_alone(tmp_path: Path) -> None:
    scene = """
    agents[1].postMessage = agents[1].disconnect = () => { throw new Error("gone") };
    socket.says("2 a\\n3 b\\n4 c\\n3 d\\n2 e");
    return [agents[0].posted, agents[2].posted, socket.sent];
    """
    first, third, sent = relayed(tmp_path, scene)
    assert (first, third) == (["a", "e"], ["c"])
    assert said(sent)[-1] == frames.LinkClosed(3)


def test_a_frame_that_cannot_be_read_loses_no_line(tmp_path: Path) -> None:
    posted, sent = relayed(tmp_path, """socket.says("2 a\\n0 {\\n2 b"); return [agents[0].posted, socket.sent];""")
    assert posted == ["a", "b"]
    assert isinstance(said(sent)[-1], frames.Refused)


def test_when_the_socket_is_gone_each_link_is(tmp_path: Path) -> None:
    scene = """
    agents[0].disconnect = () => { throw new Error("gone") };
    socket.onclose();
    return agents.map((agent) => agent.disconnected);
    """
    assert relayed(tmp_path, scene) == [False, True, True]


def test_it_says_which_extension_was_unloaded(tmp_path: Path) -> None:
    scene = """
    browser.management.onDisabled.fire({ id: "a" });
    browser.management.onUninstalled.fire({ id: "b" });  // as Firefox does
    browser.management.onUninstalled.fire("c");  // as Chromium does
    return socket.sent;
    """
    assert said(relayed(tmp_path, scene))[-3:] == [
        frames.ExtensionUnloaded("a"),
        frames.ExtensionUnloaded("b", uninstalled=True),
        frames.ExtensionUnloaded("c", uninstalled=True),
    ]
