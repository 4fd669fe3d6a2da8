"""Puts records together: places, ports and messages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from .places import PRIVATE
from .records import (
    Actor,
    ConsoleSaid,
    EventDispatched,
    Launched,
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
    payload_value,
)

__all__ = ["History", "RecordedMessage", "RecordedPlace", "RecordedPort"]


@dataclass(eq=False)
class RecordedPlace:
    """Where scripts run, or what stands in for one.

    Attributes:
        id: Unique in one launch.
        kind: ``"background"``, ``"private background"``, ``"content"``, ``"page"``, ``"web"``, ``"user script"``,
            ``"extension"`` (another one) or ``"native"``; ``"unknown"`` if its beginning is not in the records.
        url: Its address; for a native application its name, for another extension its id.
        tab: The tab's id, if it is in one.
        frame: The frame's id in the tab, 0 for the top one.
        began: Seconds since the launch.
        ended: Seconds since the launch; None while it exists.
    """

    id: int
    kind: str
    url: str = ""
    tab: int | None = None
    frame: int | None = None
    began: float = 0.0
    ended: float | None = None

    @property
    def label(self) -> str:
        """Its name in lists and diagrams: short, and the same for the same place."""
        match self.kind:
            case "content" | "page" | "web" | "user script" if self.tab is not None:
                frame = f", frame {self.frame}" if self.frame else ""
                return f"{_KIND_LABELS[self.kind]}, tab {self.tab}{frame}"
            case "native" | "extension":
                return f"{_KIND_LABELS[self.kind]} {self.url}"
            case "unknown" if self.id:
                return f"unknown place {self.id}"
        return _KIND_LABELS.get(self.kind, self.kind)


_KIND_LABELS = {
    "content": "content script",
    "page": "page",
    "web": "web page",
    "user script": "user script",
    "native": "native",
    "extension": "extension",
}


@dataclass(eq=False)
class RecordedPort:
    """A connection, from `connect()` to its end.

    Attributes:
        id: Unique in one launch.
        name: The name given to `connect()`; None for a port to which Firefox gives none.
        function: What opened it: ``runtime.connect``, ``tabs.connect``, ``runtime.connectNative``.
        opener: Where it was opened.
        opened_by: ``"script"`` or ``"python"``.
        receivers: Who got the other end, in order: the place, and ``"script"`` or ``"python"``.
        leads_to: The place at the other end, if that is another extension or a native application.
        opened: Seconds since the launch.
        closed: Seconds since the launch; None while it is open.
        closed_by: ``"script"``, ``"python"``, or ``"browser"`` if nobody called `disconnect()`.
        reason: Why it closed, in words.
        error: The browser's error text, if it closed with an error and the bridge got to know it.
        messages: In the order in which they were posted.
    """

    id: int
    name: str | None
    function: str
    opener: RecordedPlace
    opened_by: Actor
    opened: float
    leads_to: RecordedPlace | None = None
    receivers: list[tuple[RecordedPlace, Actor]] = field(default_factory=list)
    closed: float | None = None
    closed_by: Actor | None = None
    reason: str = ""
    error: str | None = None
    messages: list["RecordedMessage"] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it has not closed."""
        return self.closed is None


@dataclass(eq=False)
class RecordedMessage:
    """A message: posted on a port, or a one-time message, or the answer to one.

    Attributes:
        kind: ``"post"``, ``"request"`` or ``"answer"``.
        time: Seconds since the launch.
        sender: Where it was posted.
        by: ``"script"`` or ``"python"``.
        port: Its port; None for a one-time message.
        request: For an answer: what it answers.
        function: For a request: what sent it, such as ``runtime.sendMessage``.
        error: For an answer: the browser's error text, if the request failed.
        recorded: The message as it was recorded.
        heard: For a one-time message: where listeners got it. For one on a port: the port's opener; see `to`.
    """

    kind: str
    time: float
    sender: RecordedPlace
    by: Actor
    recorded: Payload | None
    port: RecordedPort | None = None
    request: "RecordedMessage | None" = None
    function: str = ""
    error: str | None = None
    heard: list[RecordedPlace] = field(default_factory=list)

    @property
    def to(self) -> list[RecordedPlace]:
        """The places that it went to, as far as is known by now; empty if nobody was there."""
        if self.port is None or self.sender is not self.port.opener:
            return self.heard
        accepted = dict.fromkeys(place for place, _ in self.port.receivers)
        return list(accepted) or [place for place in [self.port.leads_to] if place]

    @cached_property
    def payload(self) -> Any:
        """The message itself, as a port in Python would receive it.

        Raises:
            ValueError: The record holds no message, in a file that the bridge did not write.
        """
        return None if self.recorded is None else payload_value(self.recorded)

    @property
    def length(self) -> int | None:
        """Characters of the whole message as text, if it was too long to keep; otherwise None."""
        return self.recorded.length if self.recorded else None


class History:
    """Places, ports and messages of one launch, as far as the given records tell."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.launch = Launched()
        self.places: dict[int, RecordedPlace] = {}
        self.ports: dict[int, RecordedPort] = {}
        self.messages: list[RecordedMessage] = []
        self.omitted: list[Omitted] = []
        self.requests: dict[int, RecordedMessage] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> RecordedMessage | None:
        """Take in a record. If it is of a message, return that."""
        match record:
            case Launched():
                self.launch = record
            case PlaceBegan():
                self._began(record)
            case PlaceEnded():
                self._place(record.place).ended = record.time
            case PortOpened() | PortAccepted() | PortClosed():
                self._port_changed(record)
            case RequestHeard():
                place = self._place(record.place)
                if record.request in self.requests:
                    self.requests[record.request].heard.append(place)
            case ConsoleSaid() | EventDispatched() | PortRouted() | RequestRouted():
                self._place(record.place)
            case Omitted():
                self.omitted.append(record)
            case MessagePosted() | RequestSent() | RequestAnswered():
                return self._message(record)
            case _:
                raise TypeError(f"History does not know {type(record).__name__}")
        return None

    def forget(self, keep: int) -> None:
        """Forget all messages, and the oldest ports, one-time messages and ended places; keep `keep` of each."""
        for message in self.messages:
            message.recorded = None
            if message.port:
                message.port.messages.clear()
        self.messages.clear()
        self.omitted.clear()
        _drop_oldest(self.ports, len(self.ports) - keep)
        _drop_oldest(self.requests, len(self.requests) - keep)
        if len(self.places) > keep:
            self._drop_oldest_place()

    def find(
        self, name: str | None = None, predicate: Callable[[RecordedMessage], Any] | None = None
    ) -> list[RecordedMessage]:
        """Return the messages on ports of that name (None: all messages) for which `predicate` is true."""
        return [message for message in self.messages if matches(message, name, predicate)]

    def _drop_oldest_place(self) -> None:
        gone = (
            id
            for id, place in self.places.items()
            if place.ended is not None and place.kind not in ("background", PRIVATE)
        )
        oldest = next(gone, None)
        if oldest is not None:
            del self.places[oldest]

    def _began(self, record: PlaceBegan) -> None:
        place = self.places.setdefault(record.place, RecordedPlace(record.place, record.kind, began=record.time))
        place.kind, place.url, place.ended = record.kind, record.url, None  # a background may start again
        place.tab, place.frame = record.tab, record.frame

    def _place(self, id: int) -> RecordedPlace:
        # It may have begun before the records that were kept.
        return self.places.setdefault(id, RecordedPlace(id, "unknown"))

    def _port(self, id: int) -> RecordedPort:
        if id not in self.ports:
            self.ports[id] = RecordedPort(id, "", "", self._place(0), "script", 0.0)
        return self.ports[id]

    def _port_changed(self, record: PortOpened | PortAccepted | PortClosed) -> None:
        place = self._place(record.place)
        match record:
            case PortOpened():
                self.ports[record.port] = RecordedPort(
                    record.port,
                    record.name,
                    record.function,
                    place,
                    record.by,
                    record.time,
                    None if record.leads_to is None else self._place(record.leads_to),
                )
            case PortAccepted():
                self._port(record.port).receivers.append((place, record.by))
            case PortClosed():
                port = self._port(record.port)
                if port.open or port.closed_by == "browser":  # the second one says who closed it
                    port.closed, port.closed_by = record.time, record.by
                    port.reason, port.error = record.reason, record.error

    def _message(self, record: MessagePosted | RequestSent | RequestAnswered) -> RecordedMessage:
        match record:
            case MessagePosted():
                message = self._posted(record)
            case RequestSent():
                message = RecordedMessage(
                    "request",
                    record.time,
                    self._place(record.place),
                    record.by,
                    record.payload,
                    function=record.function,
                )
                self.requests[record.request] = message
            case RequestAnswered():
                message = self._answered(record)
        self.messages.append(message)
        return message

    def _posted(self, record: MessagePosted) -> RecordedMessage:
        port = self._port(record.port)
        place = self._place(record.place)
        message = RecordedMessage("post", record.time, place, record.by, record.payload, port=port, heard=[port.opener])
        port.messages.append(message)
        return message

    def _answered(self, record: RequestAnswered) -> RecordedMessage:
        request = self.requests.get(record.request)
        asker = self._place(record.place)
        answerer = request.heard[0] if request and request.heard else self._place(0)
        return RecordedMessage(
            "answer",
            record.time,
            answerer,
            "script",
            record.payload,
            request=request,
            error=record.error,
            heard=[asker],
        )


def _drop_oldest(kept: dict[int, Any], count: int) -> None:
    for id in list(islice(kept, max(0, count))):
        del kept[id]


def matches(message: RecordedMessage, name: str | None, predicate: Callable[[RecordedMessage], Any] | None) -> bool:
    """Return whether a message is on a port of that name (None: wherever it is) and `predicate` is true for it."""
    if name is not None and (message.port is None or message.port.name != name):
        return False
    return predicate is None or bool(predicate(message))
