"""Records as lines of a file, and what is left out of them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.traffic.samples import SAMPLES

from bridge.cli.printer import Printer
from bridge.errors import BridgeError
from bridge.javascript import UNDEFINED, Error, Map, SparseArray
from bridge.protocol import values
from bridge.traffic.history import History
from bridge.traffic.limits import MAX_MESSAGE_CHARACTERS
from bridge.traffic.records import (
    RECORDS,
    ConsoleSaid,
    MessagePosted,
    Record,
    decode_line,
    encode_line,
    payload,
    payload_value,
    read_lines,
)
from bridge.traffic.redact import REDACTED, redactor
from bridge.traffic.text import line_of


def test_every_record_has_a_sample() -> None:
    assert {type(sample) for sample in SAMPLES} == set(RECORDS) == set(Record.__subclasses__()) - {Unknown}


class Unknown(Record, tag="unknown"):
    """A record of which nobody says what it means."""


@pytest.mark.parametrize("reader", [History().add, lambda record: line_of(record, History()), Printer().line])
def test_a_record_that_nobody_knows_is_no_silence(reader: Callable[[Record], Any]) -> None:
    for sample in SAMPLES:
        reader(sample)
    with pytest.raises(TypeError, match="Unknown"):
        reader(Unknown())


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: type(record).__name__)
def test_every_record_survives_its_line(record: Record) -> None:
    line = encode_line(record)
    assert "\n" not in line and json.loads(line)["type"]
    assert decode_line(line) == record


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner),
    max_leaves=10,
)


@given(json_values)
def test_every_message_survives_its_line(value: Any) -> None:
    line = encode_line(MessagePosted(port=1, place=1, payload=payload(values.encode(value))))
    line.encode()  # a file takes it
    record = decode_line(line)
    assert isinstance(record, MessagePosted) and payload_value(record.payload) == value


@pytest.mark.parametrize("value", [UNDEFINED, Map([(1, {"a": b"x"})]), float("inf")])
def test_so_does_what_json_has_not(value: Any) -> None:
    record = decode_line(encode_line(MessagePosted(port=1, place=1, payload=payload(values.encode(value)))))
    assert isinstance(record, MessagePosted) and payload_value(record.payload) == value


@pytest.mark.parametrize("depth", [10, 600, 20_000])
def test_so_does_what_is_nested_deep(depth: int) -> None:
    text = "[" * depth + "]" * depth
    record = decode_line(encode_line(MessagePosted(port=1, place=1, payload=payload(text))))
    assert isinstance(record, MessagePosted)
    value, found = payload_value(record.payload), 1
    while value:
        (value,) = value
        found += 1
    assert found == depth


def test_a_long_message_is_cut_and_says_so() -> None:
    whole, cut, sent_cut = (
        payload(*given) for given in ((f'"{"x" * 10}"',), ("x" * (MAX_MESSAGE_CHARACTERS + 1),), ("x", 12_345))
    )
    assert (whole.length, cut.length, sent_cut.length) == (None, MAX_MESSAGE_CHARACTERS + 1, 12_345)
    assert payload_value(cut) == "x" * MAX_MESSAGE_CHARACTERS + "…"


def test_a_file_that_a_crash_cut_off_is_read() -> None:
    lines = [f"{encode_line(record)}\n" for record in SAMPLES]
    assert list(read_lines([*lines, '{"type":"posted","port'])) == SAMPLES
    assert list(read_lines(["\n", *lines])) == SAMPLES


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (['{"type":"began","place":1,"kind":"x"}\n', "nonsense\n"], "line 2 is not a record of traffic"),
        (['{"type":"other"}\n'], "line 1 is not a record of traffic"),
        (['{"type":"launched","format":2}\n'], "format 2 .* reads up to 1: update it"),
    ],
)
def test_what_is_no_file_of_traffic(lines: list[str], error: str) -> None:
    with pytest.raises(BridgeError, match=error):
        list(read_lines(lines))


# --- secrets --------------------------------------------------------------------------------------------------------


def redacted(value: Any, redact: Any) -> Any:
    record = redactor(redact)(MessagePosted(port=1, place=1, payload=payload(values.encode(value))))
    assert isinstance(record, MessagePosted)
    return payload_value(record.payload)


def test_members_of_that_name_are_left_out_at_any_depth() -> None:
    value = {
        "Password": "p",
        "a": [{"password": {"b": 1}, "c": 2}],
        "m": Map({"password": 1, "d": [1]}),
        "s": SparseArray(9, {7: {"password": 1}}),
    }
    hidden = {
        "Password": REDACTED,
        "a": [{"password": REDACTED, "c": 2}],
        "m": Map({"password": REDACTED, "d": [1]}),
        "s": SparseArray(9, {7: {"password": REDACTED}}),
    }
    assert redacted(value, ["PASSWORD"]) == hidden


def test_members_of_an_errors_cause_are_left_out_too() -> None:
    error = redacted(
        Error("m", "RangeError", members={"stack": "here", "cause": {"password": 1}}), ["password", "stack"]
    )
    assert (error.message, error.name, error.type) == ("m", "RangeError", "Error")
    assert error.members == {"stack": REDACTED, "cause": {"password": REDACTED}}


def test_a_function_says_what_to_record() -> None:
    assert redacted({"a": 1}, lambda message: message["a"] + 1) == 2


def test_what_cannot_be_looked_into_is_left_out_whole() -> None:
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    assert isinstance(redacted([cyclic, {"password": 1}], ["password"]), list)
    assert redacted("x" * (MAX_MESSAGE_CHARACTERS + 1), ["password"]) == f"{REDACTED}…"


def test_depth_hides_no_secret() -> None:
    value: Any = {"password": "s3cret"}
    for _ in range(5_000):
        value = [value]
    found = redacted(value, ["password"])
    while isinstance(found, list):
        (found,) = found
    assert found == {"password": REDACTED}


def test_what_a_function_may_not_return_is_said() -> None:
    with pytest.raises(TypeError, match="redacted message"):
        redacted({"a": 1}, lambda message: object())


def test_a_name_alone_is_a_mistake() -> None:
    with pytest.raises(TypeError, match=r"write \['password'\]"):
        redactor("password")


def test_records_without_messages_stay_as_they_are() -> None:
    leave_out = redactor(["a"])
    for record in SAMPLES:
        assert leave_out(record) is record or getattr(record, "payload", None) is not None


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('user {name: "x", password: "a \\" b", more: 1}', f'user {{name: "x", password: {REDACTED}, more: 1}}'),
        ("Password = abc def", f"Password = {REDACTED} def"),
        ('{"password":1}', f'{{"password":{REDACTED}}}'),
        ("{passwords: 1}", "{passwords: 1}"),
        ("no password here", "no password here"),
    ],
)
def test_names_in_lines_of_consoles(text: str, hidden: str) -> None:
    record = redactor(["password"])(ConsoleSaid(place=1, text=text))
    assert isinstance(record, ConsoleSaid) and record.text == hidden


def test_a_function_gets_the_lines_of_consoles() -> None:
    record = ConsoleSaid(place=1, text="secret", line=3)
    assert redactor(str.upper)(record) == ConsoleSaid(place=1, text="SECRET", line=3)
    assert redactor(lambda text: {"not": "text"})(record) == ConsoleSaid(place=1, text=REDACTED, line=3)


# --- lines of text --------------------------------------------------------------------------------------------------


def test_lines_for_a_report() -> None:
    history = History(SAMPLES)
    lines = [line for record in SAMPLES if (line := line_of(record, history))]
    assert [line.partition("s  ")[2] for line in lines] == [
        "content script, tab 3 opened port 1 'n'",
        "Python in background opened port 2 None to tab 3",
        "background accepted port 1 'n'",
        """content script, tab 3 posted on port 1 'n': {"a": [1, null]}""",
        "content script, tab 3 posted on port 1 'n': Map([(1, UNDEFINED)])",
        "port 1 'n' closed in content script, tab 3: disconnect()",
        "content script, tab 3 called runtime.sendMessage, request 1: 1",
        "background heard request 1",
        "request 1 was answered: 2",
        "request 1 was answered: why",
        "content script, tab 3 said: hi",
        "content script, tab 3 did not catch: E: no",
        "Python in content script, tab 3 dispatched alarms.onAlarm, which did not happen",
        "Python in background routed 'n': loses a message from the opener: [1]",
        "Python in background routed None: closes the opener's end",
        "Python in background routed a message: answers: [1]",
        "Python in background routed a message: aborts it: nobody is there",
        "3 left out: why",
    ]


def test_a_line_shows_only_the_beginning_of_a_message() -> None:
    record = MessagePosted(port=1, place=1, payload=payload(f'"{"x" * 1000}"'))
    line = line_of(record, History())
    assert line and line.endswith("x…") and len(line) < 600
