"""What the page makes of records is what `History` makes of them, and payloads are shown as what they are."""

import datetime
import json
import math
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from random import Random
from typing import Any

import msgspec
import pytest
from unit.report.traffic import BACKGROUND, CONTENT, conversation, launched, many, message, places

import bridge.javascript as js
from bridge.report.modules import join_modules
from bridge.traffic.history import History
from bridge.traffic.records import (
    RECORDS,
    ConsoleSaid,
    EventDispatched,
    MessagePosted,
    Omitted,
    Payload,
    PlaceBegan,
    PlaceEnded,
    PortAccepted,
    PortClosed,
    PortOpened,
    PortRouted,
    Record,
    RequestAnswered,
    RequestHeard,
    RequestRouted,
    RequestSent,
    encode_line,
    payload,
)
from support import NODE_REQUIRED

ROUTED = PortRouted(time=2, place=BACKGROUND, name="n", what="loses a message from the opener", payload=payload("1"))
ANSWERED = RequestRouted(time=3, place=BACKGROUND, what="answers", payload=payload("5"))
DISPATCHED = EventDispatched(time=2, place=BACKGROUND, event="alarms.onAlarm")

WEB = files("bridge.report") / "web"

TELL = """
const model = new module_model.Model();
for (const record of input) model.add(record);
const label = (end) => end && module_places.labelOf(end.place);
const port = ({ id, name, opener, receivers, closed }) => ({
  id, name, opener: label(opener), receivers: receivers.map(label), closed: closed?.time ?? null,
  by: closed ? (closed.record.by ?? "browser") : null,
});
const message = (event) => ({
  kind: event.kind, time: event.time, port: event.port?.id ?? null, from: label(event.from), to: event.to().map(label),
});
const messages = model.events.filter(({ kind }) => ["post", "request", "answer"].includes(kind));
return { ports: [...model.ports.values()].map(port), messages: messages.map(message), omitted: model.omitted };
"""
SHOW = """
const unfold = (shown, depth) => [shown.text, ...(depth ? Array.from({ length: Math.min(shown.count, 40) }, (_, at) => {
  const [name, member] = shown.member(at);
  return [name, ...unfold(member, depth - 1)];
}) : [])];
return input.map(({ payload }) => ({
  line: module_payload.line(module_payload.show(payload)),
  tree: unfold(module_payload.show(payload), 3),
  found: ["needle", "nowhere"].map((text) => module_payload.contains(payload, text)),
}));
"""


def run(entry: str, script: str, given: str) -> Any:
    """What the script returns, with the modules that `entry` needs there and `input` given."""
    if not (node := shutil.which("node")):
        assert not NODE_REQUIRED, "node is missing"
        pytest.skip("node is missing")
    modules = join_modules(entry, lambda name: (WEB / f"{name}.js").read_text("utf-8"))
    read = 'import { readFileSync } from "node:fs";\nconst input = JSON.parse(readFileSync(0, "utf8"));\n'
    program = f"{read}{modules}\nconsole.log(JSON.stringify((() => {{ {script} }})()));"
    command = [node, "--input-type=module", "--eval", program]
    return json.loads(subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout)


def tell(records: list[Record]) -> Any:
    return run("model", TELL, f"[{','.join(map(encode_line, records))}]")


def show(*payloads: Payload) -> Any:
    posted = [encode_line(MessagePosted(port=1, place=1, payload=payload)) for payload in payloads]
    return run("payload", SHOW, f"[{','.join(posted)}]")


def history_tells(records: list[Record]) -> Any:
    history = History(records)
    return {
        "ports": [
            {
                "id": port.id,
                "name": port.name,
                "opener": port.opener.label,
                "receivers": [place.label for place, _ in port.receivers],
                "closed": port.closed,
                "by": port.closed_by,
            }
            for port in history.ports.values()
        ],
        "messages": [
            {
                "kind": message.kind,
                "time": message.time,
                "port": message.port.id if message.port else None,
                "from": message.sender.label,
                "to": [place.label for place in message.to],
            }
            for message in history.messages
        ],
        "omitted": sum(omitted.count for omitted in history.omitted),
    }


def same_words(told: Any) -> Any:
    # Of who nobody knows, one says nothing and the other "unknown".
    for each in told["messages"]:
        each["from"] = each["from"] or "unknown"
    return told


@pytest.mark.parametrize("records", [conversation(), list(many(200)), []], ids=["conversation", "many", "none"])
def test_the_page_tells_what_history_tells(records: list[Record]) -> None:
    assert same_words(tell(records)) == history_tells(records)


def distinct(told: Any) -> Any:
    # The page has a line of its own for Python, and one for places that take turns.
    for each in told["messages"]:
        each["to"] = list(dict.fromkeys(each["to"]))
    return told


def at_random(seed: int, count: int) -> Iterator[Record]:
    """Records in any order: also of places, ports and requests of which no beginning was kept."""
    random = Random(seed)
    asked: dict[int, int] = {}
    for number in range(count):
        time = number / 10
        place, port, request = random.randint(1, 8), random.randint(1, 12), random.randint(1, 12)
        by: Any = random.choice(["script", "python"])
        kind = random.choice(["background", "content", "page", "web", "native", "extension"])
        asker = asked.get(request, place)
        choices: list[Record] = [
            PlaceBegan(
                time=time, place=place, kind=kind, url=f"u{place}", tab=random.choice([None, 3]), frame=place % 2
            ),
            PlaceEnded(time=time, place=place, reason="gone"),
            PortOpened(time=time, port=port, place=place, by=by, name=random.choice(["n", "", None])),
            PortOpened(time=time, port=port, place=place, leads_to=random.randint(1, 8)),
            PortAccepted(time=time, port=port, place=place, by=by),
            MessagePosted(time=time, port=port, place=place, by=by, payload=message(number)),
            PortClosed(time=time, port=port, place=place, by=random.choice(["script", "python", "browser"])),
            RequestSent(time=time, request=request, place=asker, by=by, payload=message(number)),
            RequestHeard(time=time, request=request, place=place),
            RequestAnswered(time=time, request=request, place=asker, payload=message(number)),
            Omitted(time=time, count=number, reason="why"),
        ]
        record = random.choice(choices)
        if isinstance(record, RequestSent):
            asked[request] = asker
        yield record


@pytest.mark.parametrize("seed", range(4))
def test_the_page_tells_what_history_tells_of_records_in_any_order(seed: int) -> None:
    records = list(at_random(seed, 1_000))
    told, expected = distinct(same_words(tell(records))), distinct(history_tells(records))
    assert told["ports"] == expected["ports"]
    for mine, theirs in zip(told["messages"], expected["messages"], strict=True):
        assert mine == theirs
    assert told["omitted"] == expected["omitted"]


def test_the_page_knows_every_kind_of_record() -> None:
    kinds = "const model = new module_model.Model(); return input.map((record) => model.add(record)[0].kind);"
    lines = [
        encode_line(record) for record in [*conversation(), ConsoleSaid(place=BACKGROUND), DISPATCHED, ROUTED, ANSWERED]
    ]
    assert {json.loads(line)["type"] for line in lines} == {record.__struct_config__.tag for record in RECORDS}
    assert "unknown" not in run("model", kinds, f"[{','.join(lines)}]")


def test_lines_on_consoles_in_words() -> None:
    told = """const model = new module_model.Model();
    return input.map((record) => model.add(record)[0]).filter(({ kind }) => kind === "console").map((event) => [
      module_words.fromText(event), module_words.tellOf(event), module_words.isFailure(event),
      module_filter.accepts({ ...module_filter.ANY, kind: "console", text: "B.JS" }, event),
    ]);"""
    records = [
        *places(),
        ConsoleSaid(place=BACKGROUND, text="hi\u202e"),
        ConsoleSaid(place=CONTENT, level="error", text="E: no", uncaught=True, url="x/b.js", line=3, column=7),
    ]
    lines = ",".join(encode_line(record) for record in records)
    hi, error = run("view", told, f"[{lines}]")
    assert hi == ["background", "log: hi\\u202e", False, False]
    assert error[1:] == ["uncaught: E: no", True, True]


def test_an_event_that_did_not_happen_is_told_so() -> None:
    told = """const model = new module_model.Model();
    return input.map((record) => model.add(record)[0]).filter(({ kind }) => kind === "dispatch").map((event) => [
      module_words.fromText(event), module_words.tellOf(event),
    ]);"""
    lines = ",".join(encode_line(record) for record in [*places(), DISPATCHED])
    assert run("view", told, f"[{lines}]") == [["Python in background", "alarms.onAlarm, which did not happen"]]


def test_what_a_route_did_is_told() -> None:
    told = """const model = new module_model.Model();
    return input.map((record) => model.add(record)[0]).filter(({ kind }) => kind === "route").map((event) => [
      module_words.fromText(event), module_words.portOf(event), module_words.tellOf(event),
      module_filter.accepts({ ...module_filter.ANY, kind: "route", text: "loses a" }, event),
      ["n", ""].filter((name) => module_filter.accepts({ ...module_filter.ANY, name }, event)),
    ]);"""
    closed = PortRouted(time=3, place=BACKGROUND, name=None, what="closes the opener's end")
    lines = ",".join(encode_line(record) for record in [*places(), ROUTED, closed, ANSWERED])
    assert run("view", told, f"[{lines}]") == [
        ["Python in background", "n", "loses a message from the opener: 1", True, ["n"]],
        ["Python in background", "no name", "closes the opener's end", False, [""]],
        ["Python in background", "", "answers: 5", False, []],
    ]


@pytest.mark.parametrize("first", ["script", "browser", "python"])
@pytest.mark.parametrize("second", ["script", "browser", "python"])
def test_who_closed_a_port_is_told_alike(first: Any, second: Any) -> None:
    records = [
        launched(),
        *places(),
        PortOpened(time=1, port=1, place=CONTENT),
        PortAccepted(time=2, port=1, place=BACKGROUND),
        PortClosed(time=3, port=1, place=CONTENT, by=first),
        PortClosed(time=4, port=1, place=BACKGROUND, by=second),
    ]
    assert tell(records) == history_tells(records)


def test_what_a_line_leaves_out_is_known() -> None:
    defaults = {
        record.__struct_config__.tag: {
            field.encode_name: field.default for field in msgspec.structs.fields(record) if not field.required
        }
        for record in RECORDS
    }
    assert (
        run(
            "defaults",
            "const all = ([tag, values]) => [tag, { time: 0, ...values }];"
            " return Object.fromEntries(Object.entries(module_defaults.DEFAULTS).map(all));",
            "[]",
        )
        == defaults
    )


def test_values_are_shown_as_their_types() -> None:
    when = datetime.datetime(2026, 11, 25, 1, 2, 3, tzinfo=datetime.UTC)
    values = {
        'Map {"k": 1, {key: {o: 1}, value: 2}}': js.Map([("k", 1), ({"o": 1}, 2)]),
        'Set {1, "x"}': js.Set([1, "x"]),
        "Date 2026-11-25T01:02:03.000Z": when,
        "Date invalid": js.Date(),
        "/a<b>/g": js.RegExp("a<b>", "g"),
        "ArrayBuffer (3 bytes) 00 01 ff": b"\x00\x01\xff",
        "Uint16Array [513, 1027]": js.ArrayBufferView("Uint16Array", b"\x01\x02\x03\x04", 0, 4),
        "TypeError: no": js.Error("no", "TypeError"),
        "1180591620717411303424n": js.BigInt(2**70),
        "NaN": math.nan,
        "-0": -0.0,
        "undefined": js.UNDEFINED,
        "[empty, 1]": [js.HOLE, 1],
        'File "a.txt" "text/plain" (2 bytes) 68 69': js.File(b"hi", "text/plain", "a.txt", 5),
        "Array of 4294967295 {7: 1, 9: undefined}": js.SparseArray(2**32 - 1, {7: 1, 9: js.UNDEFINED}),
        "boxed 5": js.Boxed(5),
    }
    shown = show(*(message(value) for value in values.values()))
    assert [each["line"] for each in shown] == list(values)


def test_what_would_not_be_seen_is_shown_as_escapes() -> None:
    (shown,) = show(message('a\u202eb\u200b\n\x00"\\'))
    assert shown["line"] == '"a\\u202eb\\u200b\\n\\u0000\\"\\\\"'


def test_a_lone_surrogate_is_shown() -> None:
    (shown,) = show(message({"half": "\ud800"}))
    assert shown["line"] == '{half: "\\ud800"}'


def test_what_contains_itself_is_shown_as_far_as_one_looks() -> None:
    loop: list[Any] = []
    loop.append(loop)
    (shown,) = show(message(loop))
    assert shown["line"] == "[[[[[…]]]]]"


def test_a_text_that_was_cut_is_shown_as_it_begins() -> None:
    (shown,) = show(payload('{"a":"' + "x" * 200_000 + '"}'))
    assert shown["line"].startswith('{"a":"xxx') and len(shown["line"]) <= 201


@pytest.mark.parametrize(
    "value", [{"a": ["needle"]}, {"needle": 1}, "NEEDLES", js.Map([("needle", 1)]), "needle\ud800"]
)
def test_a_text_is_found_wherever_it_is(value: Any) -> None:
    (shown,) = show(message(value))
    assert shown["found"] == [True, False]


def test_great_depth_is_no_problem() -> None:
    (shown,) = show(payload("[" * 10_000 + '"needle"' + "]" * 10_000))
    assert shown["line"] == "[[[[[…]]]]]"
    assert shown["found"] == [True, False]


@pytest.mark.parametrize(
    "table",
    ["[[1]]", "[[1],[]]", '[[1],["Map",1]]', '[[1],["View","x",5]]', "5", '[{"a":1}]', '[[1],["ArrayBuffer","%"]]'],
)
def test_a_table_that_is_none_is_said_to_be_none(table: str) -> None:
    (shown,) = show(Payload(source=f"*{table}"))
    assert shown["line"]
