"""Records: one for each thing that happened, and one line of JSON for each record.

A file of traffic is JSON Lines. Each line is an object whose ``type``, the ``tag`` of a class below, says what it is.
Members that have their default are left out. docs/traffic.md describes the file for readers who do not use Python.

A *place* is where scripts run, or what stands in for one: a context of the extension, another extension, a web page, a
native application. Python is no place: it acts in one (``by`` is then ``"python"``).
"""

import re
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Any, Literal

import msgspec

from ..errors import BridgeError
from ..protocol import clone, values
from .limits import MAX_MESSAGE_CHARACTERS

__all__ = [
    "FORMAT",
    "RECORDS",
    "ConsoleSaid",
    "EventDispatched",
    "Launched",
    "MessagePosted",
    "Omitted",
    "Payload",
    "PlaceBegan",
    "PlaceEnded",
    "PortAccepted",
    "PortClosed",
    "PortOpened",
    "PortRouted",
    "Record",
    "RequestAnswered",
    "RequestHeard",
    "RequestRouted",
    "RequestSent",
    "decode_line",
    "encode_line",
    "payload",
    "payload_size",
    "payload_source",
    "payload_value",
    "printable",
    "read_lines",
]

FORMAT = 1
"""The version of the file, in its first line."""

_DEEP = 500  # brackets; no reader of JSON fails at that depth

Actor = Literal["script", "python", "browser"]
"""Who acted: a script of the extension (or of whatever runs at that place), Python, or the browser by itself."""


class Record(msgspec.Struct, omit_defaults=True, kw_only=True, tag_field="type"):
    """What all records have.

    Attributes:
        time: Seconds since the launch, by the clock of whoever saw it happen.
    """

    time: float = 0.0


class Payload(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A message.

    Attributes:
        json: The message, if JSON can carry it.
        structured: Otherwise the table of `protocol/clone.py`.
        source: One of these as a string, if it has lone surrogates or is nested too deep for JSON readers.
        text: The beginning of the message's text, if that was too long to keep.
        length: Characters of that whole text.
    """

    json: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    structured: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    source: str | None = None
    text: str | None = None
    length: int | None = None


class Launched(Record, kw_only=True, tag="launched"):
    """The first line: which browser and extension."""

    format: int = FORMAT
    began: str = ""
    """When, as ISO 8601 in UTC."""
    browser: str = ""
    extension: str = ""
    """The extension's id."""
    name: str = ""
    version: str = ""
    """Of the extension."""
    record: str = "python"
    """What is recorded: ``"python"`` only Python's own ports, ``"all"`` those of the extension's scripts too."""


class PlaceBegan(Record, kw_only=True, tag="began"):
    """A place began."""

    place: int
    kind: str
    """``background``, ``private background``, ``content``, ``page``, ``web``, ``user script``, ``native``, or
    ``extension`` (another one)."""
    url: str = ""
    """Its address; of a native application the name, of another extension the id."""
    tab: int | None = None
    frame: int | None = None


class PlaceEnded(Record, kw_only=True, tag="ended"):
    """A place is gone, and with it its ends of ports."""

    place: int
    reason: str = ""


class PortOpened(Record, kw_only=True, tag="opened"):
    """A port was opened."""

    port: int
    place: int
    by: Actor = "script"
    function: str = "runtime.connect"
    name: str | None = ""
    target: str = ""
    """What the call names besides: ``tab 3``, ``tab 3, frame 0``, the id of an extension, the native application."""
    leads_to: int | None = None
    """The place at the other end, if that is another extension or a native application."""


class PortAccepted(Record, kw_only=True, tag="accepted"):
    """A listener got the other end. If several got it, each has such a record."""

    port: int
    place: int
    by: Actor = "script"
    event: str = "runtime.onConnect"


class MessagePosted(Record, kw_only=True, tag="posted"):
    """A message was posted on a port at `place`: by the opener to all who accepted, or by one of them to the opener.

    It is recorded once: where it was posted or, if the bridge does not see into that place, where it arrived.
    """

    port: int
    place: int
    by: Actor = "script"
    payload: Payload


class PortClosed(Record, kw_only=True, tag="closed"):
    """A port closed.

    Attributes:
        place: Where that was seen.
        by: Who closed it; ``"browser"`` if nobody called ``disconnect()``.
        reason: In words.
        error: The browser's error text, if it closed with an error and the bridge got to know it.
    """

    port: int
    place: int
    by: Actor = "browser"
    reason: str = ""
    error: str | None = None


class PortRouted(Record, kw_only=True, tag="routed"):
    """Python did something with a port that a route of its fits, or with a message on it; see `Bridge.route_port`.

    What the scripts post on it, and what they get, is not in such a record, but where scripts are recorded.
    """

    place: int
    """Where the port has come, or from where it leads outside."""
    name: str | None = ""
    """The port's."""
    what: str
    """In words: ``loses a message from the opener``."""
    payload: Payload | None = None
    """The message, if it is about one."""


class RequestRouted(Record, kw_only=True, tag="routedRequest"):
    """Python did something with a one-time message that a route of its fits; see `Bridge.route_message`.

    What was asked and answered is not in such a record, but where scripts are recorded.
    """

    place: int
    """Where the message has come."""
    what: str
    """In words: ``answers``."""
    payload: Payload | None = None
    """What the scripts hear in its place, or the answer."""


class RequestSent(Record, kw_only=True, tag="asked"):
    """A one-time message was sent, such as with ``runtime.sendMessage``."""

    request: int
    place: int
    by: Actor = "script"
    function: str = "runtime.sendMessage"
    target: str = ""
    payload: Payload


class RequestHeard(Record, kw_only=True, tag="heard"):
    """A listener got a one-time message."""

    request: int
    place: int
    event: str = "runtime.onMessage"


class RequestAnswered(Record, kw_only=True, tag="answered"):
    """A one-time message was answered; or it failed, and `error` stands in place of `payload`."""

    request: int
    place: int
    """Where it was sent."""
    payload: Payload | None = None
    error: str | None = None


class ConsoleSaid(Record, kw_only=True, tag="console"):
    """A script of the extension said something on the console, or no script caught an error."""

    place: int
    level: str = "log"
    """``debug``, ``info``, ``log``, ``warning`` or ``error``."""
    text: str = ""
    uncaught: bool = False
    """Whether this is an exception that no script caught, or a rejection that none handled."""
    url: str = ""
    """Of the script, or empty if the browser does not know it; `line` and `column` are 0 then, otherwise from 1 on."""
    line: int = 0
    column: int = 0


class EventDispatched(Record, kw_only=True, tag="dispatched"):
    """Python called the scripts' listeners of an event that did not happen, with `Context.dispatch`."""

    place: int
    event: str
    """Such as ``alarms.onAlarm``."""


class Omitted(Record, kw_only=True, tag="omitted"):
    """Something was left out of the record."""

    count: int
    reason: str


_SURROGATE = re.compile(r"\\ud[89a-f][0-9a-f]{2}", re.IGNORECASE)
"""The escape of a lone surrogate: JSON.stringify() escapes no pairs."""

RECORDS: tuple[type[Record], ...] = (
    Launched,
    PlaceBegan,
    PlaceEnded,
    PortOpened,
    PortAccepted,
    MessagePosted,
    PortClosed,
    PortRouted,
    RequestRouted,
    RequestSent,
    RequestHeard,
    RequestAnswered,
    ConsoleSaid,
    EventDispatched,
    Omitted,
)
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(reduce(or_, RECORDS))


def payload(text: str, length: int | None = None) -> Payload:
    """Return a message as it is recorded.

    Args:
        text: The message, encoded as by `protocol.values`.
        length: Characters of the whole text, if `text` is only its beginning.
    """
    if length is not None or len(text) > MAX_MESSAGE_CHARACTERS:
        return Payload(text=printable(text[:MAX_MESSAGE_CHARACTERS]), length=length or len(text))
    if _SURROGATE.search(text) or _is_deep(text):
        return Payload(source=text)
    if values.is_plain(text):
        return Payload(json=msgspec.Raw(text.encode()))
    return Payload(structured=msgspec.Raw(text[1:].encode()))


def _is_deep(text: str) -> bool:
    if text.count("[") + text.count("{") < _DEEP:
        return False
    try:
        msgspec.json.decode(text.removeprefix(clone.MARK), type=msgspec.Raw)
    except RecursionError:
        return True
    return False


def payload_value(payload: Payload) -> Any:
    """Return the message as a port in Python receives it; if it was cut, the beginning of its text and an ellipsis.

    Raises:
        UndecodableError: It holds no message; the bridge writes no such record.
    """
    return f"{payload.text}…" if payload.text is not None else values.decode(payload_source(payload))


def payload_size(record: Record) -> int:
    """Return how long the text of a record's message or line is, in bytes or characters; 0 if it has none."""
    if isinstance(record, ConsoleSaid):
        return len(record.text)
    payload: Payload | None = getattr(record, "payload", None)
    if payload is None:
        return 0
    raw = payload.json if payload.json is not msgspec.UNSET else payload.structured
    return memoryview(raw).nbytes if raw is not msgspec.UNSET else len(payload.text or payload.source or "")


def payload_source(payload: Payload) -> str:
    """Return the text that `payload()` got; only for a message that was not cut."""
    if payload.source is not None:
        return payload.source
    if payload.structured is not msgspec.UNSET:
        return clone.MARK + bytes(payload.structured).decode()
    return bytes(payload.json).decode() if payload.json is not msgspec.UNSET else "null"


def encode_line(record: Record) -> str:
    """Return a record as a line, without a newline; if it cannot be written, an `Omitted` that says so."""
    try:
        return _encoder.encode(record).decode()
    except Exception as error:  # a member has a value of another type
        reason = printable(f"a {type(record).__name__} that cannot be written: {error}")
        return _encoder.encode(Omitted(time=record.time, count=1, reason=reason)).decode()


def decode_line(line: str | bytes) -> Record:
    """Return the record of a line.

    Raises:
        ValueError: The line is no record.
    """
    try:
        record: Record = _decoder.decode(line if isinstance(line, str) else line.decode())
    except RecursionError as error:  # the bridge writes no such line: see `_DEEP`
        raise ValueError("It is nested too deep") from error
    return record


def read_lines(lines: Iterable[str]) -> Iterator[Record]:
    """Yield the records of a file.

    A last line without a newline may be what a crash cut off: if it is no record, it is left out.

    Raises:
        BridgeError: A line is no record, and the error has its number; or a newer release wrote the file.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = decode_line(line)
        except ValueError as error:
            if not line.endswith("\n"):
                return
            raise BridgeError(f"line {number} is not a record of traffic: {error}") from error
        if isinstance(record, Launched) and record.format > FORMAT:
            raise BridgeError(
                f"This is format {record.format} of a record of traffic; this release reads up to {FORMAT}: update it"
            )
        yield record


def printable(text: str) -> str:
    """Return the text with lone surrogates, which UTF-8 does not have, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
