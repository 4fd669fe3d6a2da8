"""Lines of traffic carry nothing that a terminal obeys, whatever messages, names, addresses and errors contain."""

import json

import msgspec
import pytest
from unit.traffic.samples import SAMPLES

from bridge.cli.printer import Printer
from bridge.protocol import values
from bridge.traffic.history import History
from bridge.traffic.records import MessagePosted, Payload, PlaceBegan, Record, payload
from bridge.traffic.text import line_of, payload_text

HOSTILE = "\x1b[2J\x9b2J\x85\x7f\u202e\u2066\u2028\u2029\ud800\r\n"
ESCAPED = "\\x1b[2J\\x9b2J\\x85\\x7f\\u202e\\u2066\\u2028\\u2029\\ud800\\r\\n"


def hostile(record: Record) -> Record:
    """The record with that text in every member that is text, and as its message."""
    texts = [name for name in record.__struct_fields__ if isinstance(getattr(record, name), str) and name != "by"]
    changes: dict[str, object] = dict.fromkeys(texts, HOSTILE)
    if isinstance(getattr(record, "payload", None), Payload):
        changes["payload"] = payload(values.encode(HOSTILE))
    return msgspec.structs.replace(record, **changes)


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: type(record).__name__)
def test_no_line_has_what_a_terminal_obeys(record: Record) -> None:
    records = [PlaceBegan(place=1, kind=HOSTILE), hostile(record)]
    printer = Printer()
    for text in [line_of(record, History(records)) for record in records] + [
        printer.line(record) for record in records
    ]:
        assert text is None or str(text).isprintable()


@pytest.mark.parametrize(
    "recorded",
    [
        Payload(json=msgspec.Raw(json.dumps("\x9b\u2028", ensure_ascii=False).encode())),
        payload('"\\u009b\\u2028"'),
        payload(values.encode({"\x9b\u2028": float("inf")})),
        Payload(text="\x9b\u2028"),
        Payload(source="*\x9b\u2028"),
    ],
    ids=["json", "escaped", "structured", "cut", "undecodable"],
)
def test_a_message_is_escaped(recorded: Payload) -> None:
    text = payload_text(recorded)
    assert "\\x9b\\u2028" in text and text.isprintable()


def test_escapes_say_what_was_there() -> None:
    line = line_of(MessagePosted(port=1, place=1, payload=payload(values.encode(HOSTILE[:-2]))), History())
    assert line and line.endswith(f': "{ESCAPED[:-4]}"'.replace("\\x1b", "\\u001b"))
