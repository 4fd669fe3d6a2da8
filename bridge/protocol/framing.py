r"""The lines of a socket message, and the header and payload of each.

One WebSocket text message holds one or more *lines*, separated by ``\n``:

    <link> <header>[\t<payload>]

`link` is the number of the agent's link, or 0 for the relay itself. `header` is a frame as JSON, `payload` is the
user's JSON. JSON text has no raw tab or newline, so nothing needs escaping, the relay forwards lines without parsing
them, and each end encodes or decodes a payload once.

What follows the link number is the *body*. Between an agent and the relay, and over an agent's own socket, bodies
travel without the number. Bodies that are ready together share one message, one line each. A body that is too large for
one message of a Port comes in pieces, one line each. A piece begins with ``+``, the last one with ``=``. (A whole body
begins with ``{``.)
"""

import json
from math import isfinite
from typing import Any, NamedTuple, NoReturn, TypeVar

import msgspec

from ..errors import ChannelError
from .frames import Frame, FromAgent, FromRelay
from .shown import shown

__all__ = [
    "LAST_PIECE",
    "MAX_BODY",
    "MAX_PIECE",
    "MAX_SOCKET_MESSAGE",
    "PIECE",
    "RELAY",
    "Line",
    "decode_from_agent",
    "decode_from_relay",
    "encode_body",
    "encode_line",
    "join_body",
    "split_body",
    "split_line",
    "split_lines",
]

MAX_SOCKET_MESSAGE = 512 * 1024 * 1024
"""Limit in bytes for a WebSocket message. Browsers limit a Port's message to 64 MiB; escaping can make it six times
as long."""

MAX_BODY = MAX_SOCKET_MESSAGE
"""Limit in characters for a frame with its payload, even if they come in pieces."""

RELAY = 0
"""The link number of the relay's own frames."""

PIECE, LAST_PIECE = "+", "="
"""What a piece of a body begins with."""

MAX_PIECE = 4 * 1024 * 1024
"""Characters of a body that go through the relay in one piece: a Port takes 64 MiB after escaping."""

_DIGITS = 15  # of a link number, at most; no relay counts that far
_encoder = msgspec.json.Encoder()
_from_agent: msgspec.json.Decoder[Any] = msgspec.json.Decoder(FromAgent)
_from_relay: msgspec.json.Decoder[Any] = msgspec.json.Decoder(FromRelay)
_AnyFrame = TypeVar("_AnyFrame")


class Line(NamedTuple):
    """One line, split but not decoded."""

    link: int
    header: str
    payload: str | None


def encode_line(link: int, frame: Frame, payload: str | None = None) -> str:
    """Return the line that carries `frame`, and the JSON text `payload` if there is one, over `link`."""
    return f"{link} {encode_body(frame, payload)}"


def encode_body(frame: Frame, payload: str | None = None) -> str:
    """Return the frame and its payload as they stand in a line, without the link number."""
    return join_body(_encoder.encode(frame).decode(), payload)


def join_body(header: str, payload: str | None) -> str:
    """Return a header and a payload as they stand in a line, without the link number."""
    return header if payload is None else f"{header}\t{payload}"


def split_lines(data: str) -> list[Line]:
    """Return the lines of a socket message.

    Raises:
        ChannelError: A line does not begin with a link number.
    """
    return [_split_line(text) for text in data.split("\n")]


def _split_line(text: str) -> Line:
    number, _, body = text.partition(" ")
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise ChannelError(f"A line without a link number: {shown(text)}")
    return Line(int(number), *split_body(body))


def split_body(body: str) -> tuple[str, str | None]:
    """Return the header and the payload of a body."""
    header, tab, payload = body.partition("\t")
    return header, payload if tab else None


def split_line(line: str, size: int) -> list[str]:
    """Return lines that carry `line` in pieces with at most `size` characters of its body each."""
    number, _, body = line.partition(" ")
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return [f"{number} {PIECE}{piece}" for piece in pieces[:-1]] + [f"{number} {LAST_PIECE}{pieces[-1]}"]


def decode_from_agent(header: str) -> FromAgent:
    """Return the frame that an agent has sent.

    Raises:
        ChannelError: `header` is not a frame that an agent may send; the error shows it.
    """
    frame: FromAgent = _decode(_from_agent, header)
    return frame


def decode_from_relay(header: str) -> FromRelay:
    """Return the frame that the relay itself has sent.

    Raises:
        ChannelError: `header` is not a frame that a relay may send; the error shows it.
    """
    frame: FromRelay = _decode(_from_relay, header)
    return frame


def _decode(decoder: "msgspec.json.Decoder[_AnyFrame]", header: str) -> _AnyFrame:
    try:
        return decoder.decode(header)
    except (ValueError, RecursionError):
        return _decode_slowly(decoder, header)


def _decode_slowly(decoder: "msgspec.json.Decoder[_AnyFrame]", header: str) -> _AnyFrame:
    # msgspec refuses escaped lone surrogates, but a JavaScript string such as a port's name may contain them.
    try:
        frame: _AnyFrame = msgspec.convert(json.loads(header, parse_constant=_refuse), decoder.type)
        if not isfinite(getattr(frame, "time", 0)):
            raise ValueError("a time without end")
    except (ValueError, RecursionError) as error:
        raise ChannelError(f"A frame that does not decode ({error}): {shown(header)}") from error
    return frame


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
