"""The framing of native messaging: any messages through any chunks, and what is left over."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.protocol.stdio import MAX_FROM_APPLICATION, Unpacker, pack

MESSAGES = st.lists(st.binary(max_size=300), max_size=8)


def chunks_of(stream: bytes, sizes: list[int]) -> list[bytes]:
    """Cut the stream into chunks of these sizes, and a last one of what remains."""
    chunks = []
    for size in sizes:
        chunks.append(stream[:size])
        stream = stream[size:]
    return [*chunks, stream]


def unpacked(unpacker: Unpacker, chunks: list[bytes]) -> list[bytes]:
    return [message for chunk in chunks for message in unpacker.feed(chunk)]


def test_a_message_is_its_length_in_the_machines_byte_order_and_itself() -> None:
    message = b'"' + b"x" * 0x010203 + b'"'
    length = {"little": b"\x05\x02\x01\x00", "big": b"\x00\x01\x02\x05"}[sys.byteorder]
    assert pack(message) == length + message


def test_the_length_counts_bytes_and_not_characters() -> None:
    message = '"é😀"'.encode()
    assert pack(message) == (8).to_bytes(4, sys.byteorder) + message


def test_an_empty_message_is_a_length_of_zero() -> None:
    assert pack(b"") == bytes(4)
    unpacker = Unpacker()
    assert unpacked(unpacker, [bytes(12)]) == [b"", b"", b""]
    assert unpacker.rest == 0


def test_a_message_that_32_bits_cannot_measure_is_refused() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 2**32

    with pytest.raises(ValueError) as caught:
        pack(Huge())
    assert str(caught.value) == "A message of 4294967296 bytes does not fit the 32 bits of its length"
    assert caught.value.__suppress_context__


def test_the_largest_message_of_an_application_is_1_mib() -> None:
    assert MAX_FROM_APPLICATION == 1_048_576


@given(MESSAGES, st.lists(st.integers(0, 40), max_size=60))
def test_messages_come_whole_and_in_order_however_the_stream_is_cut(messages: list[bytes], sizes: list[int]) -> None:
    unpacker = Unpacker()
    assert unpacked(unpacker, chunks_of(b"".join(map(pack, messages)), sizes)) == messages
    assert unpacker.rest == 0


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.data())
def test_what_was_cut_off_is_the_rest(messages: list[bytes], data: st.DataObject) -> None:
    *whole, last = map(pack, messages)
    kept = data.draw(st.integers(0, len(last) - 1))
    unpacker = Unpacker()
    assert unpacked(unpacker, [*whole, last[:kept]]) == messages[:-1]
    assert unpacker.rest == kept
    assert unpacked(unpacker, [last[kept:]]) == messages[-1:]
    assert unpacker.rest == 0


def test_a_message_comes_with_its_last_byte_and_not_before() -> None:
    unpacker = Unpacker()
    stream = pack(b"[1]")
    for position, byte in enumerate(stream, 1):
        complete = position == len(stream)
        assert list(unpacker.feed(bytes([byte]))) == ([b"[1]"] if complete else [])
        assert unpacker.rest == (0 if complete else position)


def test_a_chunk_is_taken_even_if_nobody_looks_what_came_of_it() -> None:
    unpacker = Unpacker()
    unpacker.feed(pack(b"1") + b"\0")
    assert unpacker.rest > 0
