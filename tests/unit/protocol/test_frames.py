"""The frames: each survives the wire, and JavaScript has types made of them."""

import subprocess
import sys
from typing import Any

import msgspec
import pytest

from bridge.protocol import frames, framing
from bridge.protocol.frames import FROM_AGENT, FROM_RELAY, TO_AGENT, TO_RELAY, Frame, ScriptError
from support import ROOT

ERROR = ScriptError("it broke", "TypeError")
SAMPLES: list[Frame] = [
    frames.Hello(1, "content", "https://a.org/", 1.5),
    frames.Hello(1, "background", "chrome-extension://a/b.js", 1.5, private=True),
    frames.Hello(1, "page", "chrome-extension://a/p.html", 1.5, view="popup"),
    frames.Accepted(1, "runtime.onConnect", "n 😀", {"id": "x", "tab": {"id": 3}}, 1.5),
    frames.Accepted(1, "runtime.onConnect", None, {}, 0.0),
    frames.Message(3),
    frames.Disconnected(3),
    frames.Disconnected(3, ERROR),
    frames.Closed(2),
    frames.Failed(2, ERROR),
    frames.Result(1),
    frames.Result(1, ScriptError("no name")),
    frames.NotListening("action.onClicked", ERROR),
    frames.Fired("action.onClicked"),
    frames.Found("token"),
    frames.Findable(),
    frames.Refused("post", "why"),
    frames.WatchedOpen(time=1.5, port=1, function="tabs.connect", name="n", target=frames.ScriptTarget(tab=3, frame=0)),
    frames.WatchedOpen(time=1.5, port=1, function="tabs.connect", name=None, target=frames.ScriptTarget()),
    frames.WatchedAccept(time=1.5, port=1, event="runtime.onConnect", name="n", sender={"id": "x"}, since=1.25),
    frames.WatchedPost(time=1.5, port=1),
    frames.WatchedPost(time=1.5, port=1, after=2),
    frames.WatchedPost(time=1.5, port=1, arrived=True, length=1_000_000),
    frames.WatchedClose(time=1.5, port=1, byScript=True),
    frames.WatchedClose(time=1.5, port=1, failed=True, error="why"),
    frames.WatchedRequest(time=1.5, request=1, function="runtime.sendMessage", target=frames.ScriptTarget()),
    frames.WatchedHearing(time=1.5, event="runtime.onMessage", sender={"id": "x"}),
    frames.WatchedAnswer(time=1.5, request=1),
    frames.WatchedAnswer(time=1.5, request=1, error="why"),
    frames.Routed(1, "runtime.onConnect", "n", {"id": "x"}),
    frames.Routed(1, None, None, None, frames.ScriptTarget(extension="x")),
    frames.RoutedMessage(1, 2, byOpener=True),
    frames.RoutedMessage(1, 2, byOpener=False, unreadable=True),
    frames.RoutedClose(1, byOpener=True, error=ERROR),
    frames.RouteHeld(1, byOpener=False),
    frames.SetRouting(1, frames.Routing(["n"], asks=True)),
    frames.RouteConnect(1),
    frames.RoutePass(1, 2, byOpener=True),
    frames.RouteTake(1, 2, byOpener=False),
    frames.RouteFree(1, byOpener=True),
    frames.RouteHold(1, byOpener=True),
    frames.RoutePost(1, toOpener=True),
    frames.RouteClose(1, toOpener=False),
    frames.RouteClose(1, toOpener=True, error="why"),
    frames.RouteLeave(1),
    frames.RoutedAsk(1, "runtime.onMessage", {"id": "x"}),
    frames.RoutedEnd(1, silent=True),
    frames.RouteAsk(1),
    frames.RouteAsk(1, id=2),
    frames.RouteAnswer(2, 1),
    frames.RouteReject(1, "no"),
    frames.SetRouting(1, frames.Routing([], messages=[{"a": [1, None]}, "b"], asksMessages=True)),
    frames.Welcome([], routing=frames.Routing(["n"])),
    frames.Welcome([]),
    frames.Welcome(["runtime.onConnect"]),
    frames.Connect(2, "runtime.connect"),
    frames.Post(2),
    frames.Disconnect(2),
    frames.Listen(1, "runtime.onConnect"),
    frames.Unlisten(1, "runtime.onConnect"),
    frames.Call(1, "tabs.create"),
    frames.BeFindable(),
    frames.Asked(1, "runtime.onMessage", {"url": ""}),
    frames.Asked(1, "runtime.onMessage", {}, open=True),
    frames.Respond(1, 2),
    frames.Reject(1, "why"),
    frames.LetGo(1),
    frames.Welcome(["runtime.onMessage"], ["runtime.onMessage"]),
    frames.Listen(1, "runtime.onMessage", answers=True),
    frames.Moved(),
    frames.Greeting(1),
    frames.LinkOpened(1, {"url": ""}),
    frames.LinkClosed(1),
    frames.ExtensionUnloaded("id"),
    frames.ExtensionUnloaded("id", uninstalled=True),
    frames.Heartbeat(),
    frames.Dropped(),
    frames.Drop(1),
    frames.Marker(1),
    frames.Loaded(),
]


def test_every_frame_has_a_sample() -> None:
    assert {type(sample) for sample in SAMPLES} == {*FROM_AGENT, *TO_AGENT, *FROM_RELAY, *TO_RELAY}


@pytest.mark.parametrize("frame", SAMPLES, ids=repr)
def test_every_frame_survives_the_wire(frame: Frame) -> None:
    (line,) = framing.split_lines(framing.encode_line(4, frame, "null"))
    assert (line.link, line.payload) == (4, "null")
    for types, decode in (
        (FROM_AGENT, framing.decode_from_agent),
        (FROM_RELAY, framing.decode_from_relay),
        ((type(frame),), msgspec.json.Decoder(type(frame)).decode),
    ):
        if type(frame) in types:
            assert decode(line.header) == frame


@pytest.mark.parametrize(
    ("frame", "header"),
    [
        (frames.LinkOpened(1, {}), {"type": "linkOpened", "link": 1, "sender": {}}),
        (frames.Disconnected(3), {"type": "disconnected", "port": 3}),
        (frames.Welcome([]), {"type": "welcome", "events": []}),
        (frames.Heartbeat(), {"type": "heartbeat"}),
    ],
)
def test_a_frame_as_javascript_reads_it(frame: Frame, header: dict[str, Any]) -> None:
    assert msgspec.to_builtins(frame) == header


# --- the same for JavaScript ----------------------------------------------------------------------------------------
#
# By these types tsc checks, in scripts/check, what the scripts send and which frames they handle. That each is said at
# all, tests/unit/webext/test_agent.py and test_relay.py show.


def test_the_types_for_javascript_are_up_to_date() -> None:
    checked = subprocess.run([sys.executable, ROOT / "scripts" / "generate_frames.py", "--check"], timeout=60)
    assert checked.returncode == 0, "run scripts/generate_frames"


def test_a_piece_is_told_from_a_whole_body() -> None:
    assert framing.PIECE != "{" != framing.LAST_PIECE != framing.PIECE
