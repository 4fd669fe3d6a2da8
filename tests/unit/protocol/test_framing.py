"""The lines of a socket message: taken apart, put together, cut in pieces, and refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import ChannelError
from bridge.protocol import frames, framing
from bridge.visible import visible

Line = framing.Line


def test_a_line_is_link_header_and_payload() -> None:
    assert framing.encode_line(7, frames.Post(2), '{"a":1}') == '7 {"type":"post","port":2}\t{"a":1}'
    assert framing.encode_line(0, frames.Drop(12)) == '0 {"type":"drop","link":12}'


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ("1 {}", [Line(1, "{}", None)]),
        ("1 {}\t", [Line(1, "{}", "")]),
        ('12 {"a":1}\t"x y"', [Line(12, '{"a":1}', '"x y"')]),
        ("1 {}\n0 {}\tnull\n2 +{", [Line(1, "{}", None), Line(0, "{}", "null"), Line(2, "+{", None)]),
        ("3 =\tnull", [Line(3, "=", "null")]),
        ("3 ", [Line(3, "", None)]),
        ("1 {}\t1\t2", [Line(1, "{}", "1\t2")]),
    ],
)
def test_a_message_is_taken_apart(data: str, lines: list[framing.Line]) -> None:
    assert framing.split_lines(data) == lines
    assert "\n".join(f"{line.link} {framing.join_body(line.header, line.payload)}" for line in lines) == data


@pytest.mark.parametrize(
    "bad", ["", "x {}", " {}", "-1 {}", "1.0 {}", "+1 {}", "1\t{}", "{}", "\u0663 {}", "\u00b2 {}"]
)
def test_a_line_without_a_link_number_is_named(bad: str) -> None:
    with pytest.raises(ChannelError) as caught:
        framing.split_lines(f"1 {{}}\n{bad}")
    assert str(caught.value) == f"A line without a link number: {visible(bad)}"


def test_a_long_bad_line_is_shortened() -> None:
    with pytest.raises(ChannelError) as caught:
        framing.split_lines("x" * 5000)
    assert str(caught.value) == f"A line without a link number: {'x' * 200}… (5000 characters)"


def test_a_link_number_beyond_all_measure_is_a_bad_line() -> None:
    with pytest.raises(ChannelError, match=r"^A line without a link number: 999"):
        framing.split_lines("9" * 5000 + " {}")


# --- pieces ---------------------------------------------------------------------------------------------------------


def join(lines: list[str]) -> str:
    """What the agent does with pieces: a mark, then a part of the body."""
    parts = [line.split(" ", 1) for line in lines]
    assert {number for number, _ in parts} == {"5"}
    assert [body[0] for _, body in parts] == [framing.PIECE] * (len(parts) - 1) + [framing.LAST_PIECE]
    return "".join(body[1:] for _, body in parts)


@pytest.mark.parametrize(
    "body", ['{"type":"post"}\t"+=+= a\\tb"', "{}\t+", "{}\t=", "{}\t\t=\t+", "{} 5 {}", '{"😀":1}']
)
def test_pieces_make_the_whole_again_wherever_they_are_cut(body: str) -> None:
    for size in range(1, len(body) + 2):
        pieces = framing.split_line(f"5 {body}", size)
        assert len(pieces) == -(-len(body) // size)
        assert all(len(piece) <= len("5 +") + size for piece in pieces)
        assert join(pieces) == body
        lines = framing.split_lines("\n".join(pieces))
        assert "".join(framing.join_body(line.header, line.payload)[1:] for line in lines) == body


@given(st.text("+=\t {}a😀", min_size=1), st.integers(1, 9))
def test_pieces_of_any_body(body: str, size: int) -> None:
    assert join(framing.split_line(f"5 {body}", size)) == body


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "frame"),
    [
        ('{"type":"message","port":3}', frames.Message(3)),
        ('{ "port" : 3, "new" : [1], "type" : "message" }', frames.Message(3)),
        (
            '{"type":"accepted","port":1,"event":"e","name":"\\ud800","sender":{"url":"\\udfff"},"since":1}',
            frames.Accepted(1, "e", "\ud800", {"url": "\udfff"}, 1.0),
        ),
    ],
)
def test_a_header_is_decoded(header: str, frame: frames.Frame) -> None:
    assert framing.decode_from_agent(header) == frame


@pytest.mark.parametrize(
    "header",
    [
        "",
        "{",
        "[]",
        "null",
        '{"type":"nope"}',
        '{"port":1}',
        '{"type":"message"}',
        '{"type":"message","port":"1"}',
        '{"type":"message","port":1.5}',
        '{"type":"message","port":null}',
        '{"type":"failed","port":1,"error":null}',
        '{"type":"failed","port":1,"error":{"name":"x"}}',
        '{"type":"accepted","port":1,"event":"\\ud800","name":1,"sender":{}}',
        '{"type":"accepted","port":1,"event":"e","name":"","sender":[]}',
        '{"type":"post","port":1}',
        '{"type":"greeting","version":1}',
    ],
)
def test_a_header_that_no_agent_sends_is_named(header: str) -> None:
    with pytest.raises(ChannelError) as caught:
        framing.decode_from_agent(header)
    assert str(caught.value).startswith("A frame that does not decode (")
    assert str(caught.value).endswith(f"): {header}")


@pytest.mark.parametrize(
    "header", ['{"type":"hello","version":1,"kind":"page","url":""}', '{"type":"drop","link":1}', "{}"]
)
def test_a_header_that_no_relay_sends_is_named(header: str) -> None:
    with pytest.raises(ChannelError) as caught:
        framing.decode_from_relay(header)
    assert str(caught.value).endswith(f"): {header}")


def test_a_header_of_great_depth_is_refused_not_a_crash() -> None:
    nested = "[" * 100_000 + "]" * 100_000
    with pytest.raises(ChannelError, match="does not decode"):
        framing.decode_from_agent('{"type":"accepted","port":1,"event":"e","name":"","sender":{"a":' + nested + "}}")
