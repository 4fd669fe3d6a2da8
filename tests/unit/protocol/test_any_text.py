"""Whatever comes over the wire, the decoders return a value or raise the error that they declare."""

import contextlib
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running.everything import examples
from unit.mutations import HOSTILE, almost
from unit.protocol.test_clone import structured
from unit.protocol.test_frames import SAMPLES

from bridge import javascript as js
from bridge.errors import ChannelError
from bridge.protocol import clone, deep, framing, values
from bridge.protocol.shown import repr_of, text_of
from bridge.protocol.stdio import Unpacker, pack

tables = structured.map(clone.encode)
messages = structured.map(values.encode)
headers = st.sampled_from([framing.encode_body(frame) for frame in SAMPLES])


def is_used(value: Any) -> None:
    """Do with a value what the bridge does: show it, and send it back."""
    assert len(text_of(value)) <= 201 * 10 and len(repr_of(value)) <= 201 * 10
    with contextlib.suppress(TypeError):  # an `Opaque` in it
        values.encode(value)


@pytest.mark.parametrize("valid", [messages, tables], ids=["messages", "tables"])
@settings(max_examples=examples())
@given(data=st.data())
def test_any_text_is_a_value_or_undecodable(valid: st.SearchStrategy[str], data: st.DataObject) -> None:
    with contextlib.suppress(values.UndecodableError):
        is_used(values.decode(data.draw(almost(valid))))


@pytest.mark.parametrize(
    "mark", ["", clone.MARK, f'{clone.MARK}[[1],["Array",', f'{clone.MARK}[[1],["View","Uint8Array",']
)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_a_value_or_undecodable(mark: str, text: str) -> None:
    with contextlib.suppress(values.UndecodableError):
        is_used(values.decode(mark + text + "]]" * (len(mark) > 1)))


@settings(max_examples=examples())
@given(text=almost(messages))
def test_any_text_is_json_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        deep.decode(text)


@pytest.mark.parametrize("decode", [framing.decode_from_agent, framing.decode_from_relay])
@settings(max_examples=examples())
@given(header=almost(headers))
def test_any_header_is_a_frame_or_a_channel_error(decode: Callable[[str], Any], header: str) -> None:
    try:
        decode(header)
    except ChannelError as error:
        assert str(error).isprintable() and len(str(error)) < 4_000


@pytest.mark.parametrize("time", ["NaN", "Infinity", "1e400"])
def test_a_time_without_end_is_refused(time: str) -> None:
    with pytest.raises(ChannelError, match="does not decode"):
        framing.decode_from_agent(f'{{"type":"hello","version":1,"kind":"page","url":"","time":{time}}}')


@settings(max_examples=examples())
@given(text=almost(st.sampled_from(['1 {"type":"x"}\t1\n0 {}', "12 +{\n12 =}"])))
def test_any_socket_message_is_lines_or_a_channel_error(text: str) -> None:
    try:
        lines = framing.split_lines(text)
    except ChannelError as error:
        assert str(error).isprintable()
    else:
        bodies = [framing.join_body(line.header, line.payload) for line in lines]
        assert bodies == [line.partition(" ")[2] for line in text.split("\n")]


# --- stdio of native messaging --------------------------------------------------------------------------------------


@settings(max_examples=examples())
@given(chunks=st.lists(st.binary(max_size=12) | st.binary(max_size=3).map(pack), max_size=20))
def test_any_bytes_are_messages_and_a_rest(chunks: list[bytes]) -> None:
    unpacker = Unpacker()
    messages = [message for chunk in chunks for message in unpacker.feed(chunk)]
    assert sum(len(pack(message)) for message in messages) + unpacker.rest == sum(map(len, chunks))


def test_a_length_that_promises_4_gib_takes_no_memory() -> None:
    unpacker = Unpacker()
    tracemalloc.start()
    try:
        assert unpacker.feed(b"\xff\xff\xff\xff" + bytes(1_000)) == []
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
    assert unpacker.rest == 1_004


# --- tables of structured values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    [
        '[[0],["Array"]]',
        '[[-1],["Array"],["Set"]]',
        '[[true],["Array"]]',
        '[[1,2],["Array"]]',
        '{"0":1}',
        '"abc"',
        '[{"a":1}]',
        '[[1],["Array",{"a":1}]]',
        '[[1],["Object",1,2]]',
        '[[1],["Object",null,2]]',
        '[[1],["Map",1]]',
        '[[1],["Sparse"]]',
        '[[1],["Sparse",1.5]]',
        '[[1],["Sparse",-1]]',
        '[[1],["Sparse",4294967296]]',
        '[[1],["Sparse",2,1]]',
        '[[1],["Sparse",2,2,null]]',
        '[[1],["Sparse",2,"1",null]]',
        '[[1],["Sparse",2,[1],null]]',
        '[[1],["Error",1,2,3]]',
        '[[1],["Error","a","b","c",1,2]]',
        '[[1],["RegExp",1,2]]',
        '[[1],["RegExp",["x"],"g"]]',
        '[[1],["Blob","AA==",1]]',
        '[[1],["File","AA==","",[1],{}]]',
        '[[1],["Opaque",1]]',
        '[[1],["Boxed",{}]]',
        '[[1],["Boxed",[1]]]',
        '[[1],["Date",1e400]]',
        '[[1],["Date",8640000000000001]]',
        '[[1],["Date",true]]',
        '[["bigint","1_0"]]',
        '[["bigint"," 5"]]',
        '[["bigint",1.5]]',
        '[["bigint","\u0663"]]',
        '[["number","1e5"]]',
        '[["hole",1]]',
        '[[1],["ArrayBuffer","!!!!",null,true]]',
        '[[1],["View","Uint8Array",[2],0,-1],["ArrayBuffer","AA=="]]',
        '[[1],["View","Uint8Array",[2],0,4294967295],["ArrayBuffer","AA=="]]',
        '[[1],["View","Uint8Array",[2],1e400,0],["ArrayBuffer","AA=="]]',
        '[[1],["View","Uint8Array",[1],0,0]]',
        '[[1],["View","Uint8Array","AA==",0,0]]',
    ],
)
def test_a_table_that_no_agent_writes_is_refused(table: str) -> None:
    with pytest.raises(values.UndecodableError):
        values.decode(clone.MARK + table)


def test_an_error_about_a_table_is_short() -> None:
    with pytest.raises(values.UndecodableError) as caught:
        values.decode(f'*[["number","{"x" * 100_000}"]]')
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("sign", ["", "-"])
def test_numbers_beyond_all_measure_are_infinite_as_in_javascript(sign: str) -> None:
    assert values.decode(f"[{sign}{'9' * 5_000}]") == [float(f"{sign}inf")] == values.decode(f"[{sign}1e400]")


# --- messages as text -----------------------------------------------------------------------------------------------


def doubled(levels: int) -> Any:
    """A small message whose text has 2**levels members, as every list stands twice in another."""
    nodes = ",".join(f'["Array",[{level + 2}],[{level + 2}]]' for level in range(levels))
    return values.decode(f'*[[1],{nodes},["Array"]]')


@pytest.mark.parametrize("show", [text_of, repr_of])
def test_the_text_of_a_message_ends_where_it_is_cut(show: Callable[[Any], str]) -> None:
    text = show(doubled(64))
    assert text.startswith("[[[[") and len(text) == 201


@pytest.mark.parametrize("show", [text_of, repr_of])
def test_the_text_of_a_message_that_contains_itself(show: Callable[[Any], str]) -> None:
    ring: Any = {"a": js.Map()}
    ring["a"].entries.append((ring, js.Set([ring["a"]])))
    quote = '"' if show is text_of else "'"
    assert show(ring) == f"{{{quote}a{quote}: Map([(..., Set([...]))])}}"


@pytest.mark.parametrize("show", [text_of, repr_of])
def test_the_text_of_an_array_of_holes(show: Callable[[Any], str]) -> None:
    array = js.SparseArray(2**32 - 1, {1: True, 5: [2]})
    assert show(array) == repr(array).replace("True", "true" if show is text_of else "True")
    array.members[6] = array
    assert show(array).endswith(", 6: ...})")


@pytest.mark.parametrize("show", [text_of, repr_of])
def test_the_text_of_what_is_deep_or_huge(show: Callable[[Any], str]) -> None:
    value: Any = js.BigInt(10**5_000)
    assert show([value]).startswith("[BigInt(0x")
    for _ in range(10_000):
        value = [value]
    assert show(value) == "[" * 200 + "…"


def test_text_is_json_and_what_json_lacks_is_python() -> None:
    message = {"a": [None, True, 1.5, "é\x9b\u2028"], "b": [js.UNDEFINED, js.BigInt(5), b"x"]}
    assert text_of(message) == '{"a": [null, true, 1.5, "é\\x9b\\u2028"], "b": [UNDEFINED, BigInt(5), b\'x\']}'
    assert repr_of(message) == repr(message)
