r"""The lines of a socket message, and the header and payload of each.

One WebSocket text message holds one or more *lines*, separated by ``\n``:

    <link> <header>[\t<payload>]

`link` is the number of the agent's link, 0 for the relay itself. `header` is a frame as JSON, `payload` JSON of the
user's. JSON text has no raw tab or newline, so no escaping is needed, the relay forwards lines without parsing them,
and a payload is encoded and decoded once on each side.

What follows the link number is the *body*. Between an agent and the relay, and over a socket of the agent's own, bodies
travel without that number, those that are ready together in one message, a line each. A body that would be too large
for one message of a Port comes in pieces, each a line of its own, with a ``+`` in front, or a ``=`` before the last
one. (A whole body begins with ``{``.)
"""

import json
from typing import Any, NamedTuple, TypeVar

import msgspec

from ..errors import ChannelError
from .frames import Frame, FromAgent, FromRelay

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
    "shown",
    "split_body",
    "split_line",
    "split_lines",
]

MAX_SOCKET_MESSAGE = 512 * 1024 * 1024
"""Bytes in one WebSocket message. Browsers stop at 64 MiB for a message; JSON escapes can make six times that of it."""

MAX_BODY = MAX_SOCKET_MESSAGE
"""Characters of a frame and its payload together, which may come in pieces."""

RELAY = 0
"""The link number by which the relay speaks for itself."""

PIECE, LAST_PIECE = "+", "="
"""What a piece of a body begins with."""

MAX_PIECE = 4 * 1024 * 1024
"""Characters of a body that go through the relay in one piece: a Port takes 64 MiB after escaping."""

_SHOWN = 200
_DIGITS = 15  # of a link number: more than any relay counts to
_encoder = msgspec.json.Encoder()
_from_agent: msgspec.json.Decoder[Any] = msgspec.json.Decoder(FromAgent)
_from_relay: msgspec.json.Decoder[Any] = msgspec.json.Decoder(FromRelay)
_AnyFrame = TypeVar("_AnyFrame")


class Line(NamedTuple):
    """One line, taken apart but not decoded."""

    link: int
    header: str
    payload: str | None

    @property
    def body(self) -> str:
        """Header and payload as they came."""
        return self.header if self.payload is None else f"{self.header}\t{self.payload}"


def encode_line(link: int, frame: Frame, payload: str | None = None) -> str:
    """Return the line that carries `frame`, with the JSON text `payload` if there is one, over `link`."""
    return f"{link} {encode_body(frame, payload)}"


def encode_body(frame: Frame, payload: str | None = None) -> str:
    """Return the same without the link's number."""
    header = _encoder.encode(frame).decode()
    return header if payload is None else f"{header}\t{payload}"


def split_lines(data: str) -> list[Line]:
    """Take a socket message apart.

    Raises:
        ChannelError: A line does not begin with a link number.
    """
    return [_split_line(text) for text in data.split("\n")]


def _split_line(text: str) -> Line:
    number, _, body = text.partition(" ")
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise ChannelError(f"A line without a link number: {shown(text)}")
    return split_body(int(number), body)


def split_body(link: int, body: str) -> Line:
    """Return the line that `body` makes on `link`."""
    header, tab, payload = body.partition("\t")
    return Line(link, header, payload if tab else None)


def split_line(line: str, size: int) -> list[str]:
    """Return the lines that carry `line` in pieces of at most `size` characters of the body."""
    number, _, body = line.partition(" ")
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return [f"{number} {PIECE}{piece}" for piece in pieces[:-1]] + [f"{number} {LAST_PIECE}{pieces[-1]}"]


def decode_from_agent(header: str) -> FromAgent:
    """Return the frame that an agent sent.

    Raises:
        ChannelError: `header` is not a frame that an agent may send; the message shows it.
    """
    frame: FromAgent = _decode(_from_agent, header)
    return frame


def decode_from_relay(header: str) -> FromRelay:
    """Return the frame that the relay sent for itself.

    Raises:
        ChannelError: `header` is not a frame that a relay may send; the message shows it.
    """
    frame: FromRelay = _decode(_from_relay, header)
    return frame


def _decode(decoder: "msgspec.json.Decoder[_AnyFrame]", header: str) -> _AnyFrame:
    try:
        return decoder.decode(header)
    except (ValueError, RecursionError):
        return _decode_slowly(decoder, header)


def _decode_slowly(decoder: "msgspec.json.Decoder[_AnyFrame]", header: str) -> _AnyFrame:
    # msgspec refuses escaped lone surrogates, which a JavaScript string such as a port's name may hold.
    try:
        return msgspec.convert(json.loads(header), decoder.type)
    except (ValueError, RecursionError) as error:
        raise ChannelError(f"A frame that does not decode ({error}): {shown(header)}") from error


def shown(text: str) -> str:
    """Return the text, or its beginning if it is long, for an error."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
