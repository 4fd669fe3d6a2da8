"""Whatever stands in a file of traffic, its reader returns records or the error that it declares."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running.everything import examples
from unit.mutations import HOSTILE, almost
from unit.traffic.samples import SAMPLES

from bridge.cli.printer import Printer
from bridge.errors import BridgeError
from bridge.protocol.values import UndecodableError
from bridge.traffic.history import History
from bridge.traffic.records import MessagePosted, Payload, Record, decode_line, encode_line, read_lines
from bridge.traffic.text import line_of
from bridge.traffic.traffic import Traffic

NESTED = "[" * 100_000 + "]" * 100_000  # Python 3.13 still reads 5,000
lines = st.sampled_from([encode_line(record) for record in SAMPLES])


def is_used(record: Record) -> None:
    """Do with a record what its readers do."""
    history = History([record])
    for text in (line_of(record, history), Printer().line(record)):
        assert text is None or str(text).isprintable()
    encode_line(record).encode()
    for message in history.messages:
        with contextlib.suppress(UndecodableError):
            assert message.payload is not ...


@settings(max_examples=examples())
@given(line=almost(lines))
def test_any_line_is_a_record_or_a_value_error(line: str) -> None:
    try:
        record = decode_line(line)
    except ValueError:
        return
    is_used(record)


@settings(max_examples=examples())
@given(line=st.binary(max_size=40) | almost(lines).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_a_record_or_a_value_error(line: bytes) -> None:
    with contextlib.suppress(ValueError):
        is_used(decode_line(line))


@pytest.mark.parametrize("member", ["json", "structured", "source"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_message_of_hostile_text(member: str, text: str) -> None:
    given_text = json.dumps(text) if member == "source" else text
    with contextlib.suppress(ValueError):
        is_used(decode_line(f'{{"type":"posted","port":1,"place":1,"payload":{{"{member}":{given_text}}}}}'))


@pytest.mark.parametrize(
    "line",
    [
        f'{{"type":"began","place":1,"kind":"page","other":{NESTED}}}',
        f'{{"type":"posted","port":1,"place":1,"payload":{{"json":{NESTED}}}}}',
        f'{{"type":"posted","port":1,"place":1,"payload":{{"structured":{NESTED}}}}}',
    ],
)
def test_a_line_that_is_nested_too_deep_is_named(line: str) -> None:
    with pytest.raises(BridgeError, match="^line 1 is not a record of traffic: It is nested too deep"):
        list(read_lines([f"{line}\n"]))


def test_a_message_that_is_none_is_shown_as_it_stands() -> None:
    record = decode_line('{"type":"posted","port":1,"place":1,"payload":{"structured":[[7],"\\u009b"]}}')
    (message,) = History([record]).messages
    with pytest.raises(UndecodableError):
        message.payload  # noqa: B018 - a property
    line = line_of(record, History([record]))
    assert line and line.endswith("""  unknown place 1 posted on port 1 '': *[[7],"\\u009b"]""")


def test_a_small_message_whose_text_is_endless() -> None:
    nodes = ",".join(f'["Array",[{level}],[{level}]]' for level in range(2, 66))
    source = f'*[[1],{nodes},["Array"]]'
    line = line_of(MessagePosted(port=1, place=1, payload=Payload(source=source)), History())
    assert line and line.endswith("…") and len(line) < 600


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    file.write_bytes(b"\x1f\x8b\x08\x00\xff")
    with pytest.raises(BridgeError, match="traffic.jsonl: "):
        Traffic.load(file)
