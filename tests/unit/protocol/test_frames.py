"""The frames: each survives the wire, and Python and the JavaScript know the same ones."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bridge.protocol import frames, framing
from bridge.protocol.frames import FROM_AGENT, FROM_RELAY, TO_AGENT, TO_RELAY, Frame, ScriptError
from bridge.wire import link

JS = Path(frames.__file__).parents[1] / "webext" / "js"
AGENT = "".join((JS / name).read_text("utf-8") for name in ("agent.js", "link.js", "watch.js"))  # which are one script
RELAY = (JS / "relay.js").read_text("utf-8")

ERROR = ScriptError("it broke", "TypeError")
SAMPLES: list[Frame] = [
    frames.Hello(1, "content", "https://a.org/", 1.5),
    frames.Accepted(1, "runtime.onConnect", "n 😀", {"id": "x", "tab": {"id": 3}}),
    frames.Accepted(1, "runtime.onConnect", None, {}),
    frames.Message(3),
    frames.Disconnected(3),
    frames.Disconnected(3, ERROR),
    frames.Closed(2),
    frames.Failed(2, ERROR),
    frames.Result(1),
    frames.Result(1, ScriptError("no name")),
    frames.Fired("action.onClicked"),
    frames.Found("token"),
    frames.Findable(),
    frames.Refused("post", "why"),
    frames.WatchedOpen(time=1.5, port=1, function="tabs.connect", name="n", target=frames.ScriptTarget(tab=3, frame=0)),
    frames.WatchedOpen(time=1.5, port=1, function="tabs.connect", name=None, target=frames.ScriptTarget()),
    frames.WatchedAccept(time=1.5, port=1, event="runtime.onConnect", name="n", sender={"id": "x"}),
    frames.WatchedPost(time=1.5, port=1),
    frames.WatchedPost(time=1.5, port=1, arrived=True, length=1_000_000),
    frames.WatchedClose(time=1.5, port=1, byScript=True),
    frames.WatchedClose(time=1.5, port=1, failed=True, error="why"),
    frames.WatchedRequest(time=1.5, request=1, function="runtime.sendMessage", target=frames.ScriptTarget()),
    frames.WatchedHearing(time=1.5, event="runtime.onMessage", sender={"id": "x"}),
    frames.WatchedAnswer(time=1.5, request=1),
    frames.WatchedAnswer(time=1.5, request=1, error="why"),
    frames.Welcome([]),
    frames.Welcome(["runtime.onConnect"]),
    frames.Connect(2, "runtime.connect"),
    frames.Post(2),
    frames.Disconnect(2),
    frames.Listen(1, "runtime.onConnect"),
    frames.Unlisten(1, "runtime.onConnect"),
    frames.Call(1, "tabs.create"),
    frames.BeFindable(),
    frames.Moved(),
    frames.Greeting(1),
    frames.LinkOpened(1, {"url": ""}),
    frames.LinkClosed(1),
    frames.Heartbeat(),
    frames.Drop(1),
    frames.Marker(),
    frames.Loaded(),
]


def tags(types: tuple[type[Frame], ...]) -> set[str]:
    return {str(kind.__struct_config__.tag) for kind in types}


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


# --- the mirror in JavaScript ---------------------------------------------------------------------------------------


def sent(script: str) -> set[str]:
    return set(re.findall(r'\btype: "(\w+)"', script))


def understood(script: str) -> set[str]:
    return set(re.findall(r'\bcase "(\w+)":', script))


@pytest.mark.parametrize(
    ("in_javascript", "in_python"),
    [
        (sent(AGENT), tags(FROM_AGENT)),
        (understood(AGENT), tags(TO_AGENT)),
        (sent(RELAY), tags(FROM_RELAY)),
        (understood(RELAY), tags(TO_RELAY)),
    ],
    ids=["the agent sends", "the agent understands", "the relay sends", "the relay understands"],
)
def test_both_sides_know_the_same_frames(in_javascript: set[str], in_python: set[str]) -> None:
    assert in_javascript == in_python


def literals(script: str) -> list[dict[str, str | None]]:
    """Every frame that a script writes: the names of its members, each with its text if that is a literal."""
    found = []
    for members in re.findall(r'\{ (type: "(?:[^{}]|\{\})*?) \}', script):
        pairs = (member.partition(":") for member in re.split(r", (?=\w+(?:[:,]|$))", members))
        found.append({name.strip(): value.strip() or None for name, _, value in pairs})
    return found


@pytest.mark.parametrize(("script", "types"), [(AGENT, FROM_AGENT), (RELAY, FROM_RELAY)], ids=["agent.js", "relay.js"])
def test_the_scripts_write_the_members_that_python_reads(script: str, types: tuple[type[Frame], ...]) -> None:
    by_tag = {str(kind.__struct_config__.tag): kind for kind in types}
    written = literals(script)
    assert {(frame["type"] or "").strip('"') for frame in written} == by_tag.keys()
    for frame in written:
        kind = by_tag[(frame["type"] or "").strip('"')]
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        names = frame.keys() - {"type"}
        assert names <= fields.keys(), frame
        assert {name for name, field in fields.items() if field.required} <= names, frame


@pytest.mark.parametrize(("script", "types"), [(AGENT, TO_AGENT), (RELAY, TO_RELAY)], ids=["agent.js", "relay.js"])
def test_the_scripts_read_the_members_that_python_writes(script: str, types: tuple[type[Frame], ...]) -> None:
    for case in re.findall(r'case "\w+":.*?(?=case "|default:)', script, re.DOTALL):
        tag = case.split('"')[1]
        (kind,) = (kind for kind in types if kind.__struct_config__.tag == tag)
        read = set(re.findall(r"\bframe\.(\w+)", case))
        assert read == {field.name for field in msgspec.structs.fields(kind)}, tag


def number(name: str, script: str) -> int:
    match = re.search(rf"const {name} = ([\d_* ]+);", script)
    assert match, f"{name} is not there"
    product = 1
    for factor in match[1].split("*"):
        product *= int(factor)
    return product


def test_both_sides_speak_the_same_version_and_cut_alike() -> None:
    assert number("VERSION", AGENT) == number("VERSION", RELAY) == frames.VERSION
    assert number("MAX_PIECE", AGENT) == link._MAX_PIECE


def test_both_sides_mark_pieces_alike() -> None:
    assert f"this.#post(`{framing.PIECE}${{body.slice(" in AGENT
    assert f"this.#post(`{framing.LAST_PIECE}${{body" in AGENT
    assert f'body.startsWith("{framing.PIECE}")' in AGENT
    assert framing.PIECE != "{" != framing.LAST_PIECE != framing.PIECE
