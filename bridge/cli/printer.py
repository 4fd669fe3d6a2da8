"""Records as coloured lines: when, who to whom, on which port, and what."""

from dataclasses import dataclass, field
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ..traffic.history import RecordedPlace
from ..traffic.records import (
    Actor,
    Launched,
    MessagePosted,
    Omitted,
    Payload,
    PlaceBegan,
    PlaceEnded,
    PortAccepted,
    PortClosed,
    PortOpened,
    Record,
    RequestAnswered,
    RequestHeard,
    RequestSent,
)
from ..traffic.text import payload_text

__all__ = ["Printer", "clean"]

_COLOURS = {
    "background": "green",
    "content": "cyan",
    "page": "blue",
    "web": "magenta",
    "native": "yellow",
    "extension": "bright_magenta",
}
_SHORT = {"background": "bg", "content": "cs", "page": "page", "web": "web", "native": "native", "extension": "ext"}
_NAMED_ONLY = ("native", "extension")  # places that nobody sees begin; they are named where something goes there
_UNKNOWN = RecordedPlace(0, "unknown")

_WIDE = 110  # columns; in fewer, places have short names
_NARROW = 90  # in fewer, nothing is aligned
_WHO, _SHORT_WHO, _PORT = 46, 28, 20  # columns of who to whom, and of the port
_SHOWN = {"name": 40, "id": 12, "url": 80, "reason": 160}  # characters of what others have chosen
_REMEMBERED = 10_000  # ports and one-time messages


@dataclass
class _Port:
    name: str
    opener: Text
    receivers: dict[int, Text] = field(default_factory=dict)
    opened_at: int = 0


@dataclass
class _Request:
    asker: Text
    hearers: list[Text] = field(default_factory=list)


@dataclass
class _Line:
    """What one line says; `port` has the name of a port, or the function of a one-time message."""

    who: Text
    port: Text = field(default_factory=Text)
    what: Text = field(default_factory=Text)


class Printer:
    """Makes a line of each record, in the order in which they come; knows places and ports by the earlier ones.

    Args:
        arrow: Stands between who and whom.
    """

    def __init__(self, arrow: str = "→") -> None:
        self._arrow = arrow
        self._short = False  # the names of places
        self._aligned = False
        self._places: dict[int, RecordedPlace] = {}
        self._ports: dict[int, _Port] = {}
        self._requests: dict[int, _Request] = {}

    def line(self, record: Record, width: int | None = None) -> Text | None:
        """Return the line of a record, without a newline or any other control character; None if it is worth none.

        Args:
            record: The next one.
            width: The columns that it may take; None for as many as it needs, without alignment.
        """
        self._short = width is not None and width < _WIDE
        self._aligned = width is not None and not self._short
        line = self._line(record)
        if line is None:
            return None
        parts = [Text(f"{record.time:9.3f}", "dim"), line.who, line.port, line.what]
        if width is not None and width >= _NARROW and line.who.plain:
            parts[1:3] = [_column(line.who, _SHORT_WHO if self._short else _WHO), _column(line.port, _PORT)]
        elif width is not None:
            line.port.truncate(min(_PORT, width // 4), overflow="ellipsis")
        text = Text("  ").join(part for part in parts if part.plain)
        text.rstrip()
        if width is not None:
            text.truncate(width, overflow="ellipsis")
        return text

    def _line(self, record: Record) -> _Line | None:
        match record:
            case PlaceBegan() | PlaceEnded():
                return self._place_changed(record)
            case PortOpened() | PortAccepted() | PortClosed():
                return self._port_changed(record)
            case MessagePosted():
                return self._posted(record)
            case RequestSent() | RequestHeard() | RequestAnswered():
                return self._one_time(record)
            case Launched():
                what = f"{_cut(record.name, 'name')} {_cut(record.version, 'name')} in {clean(record.browser)}"
                return _Line(Text(), what=Text(what, "bold"))
            case Omitted():
                return _Line(Text(), what=Text(f"{record.count} left out: {clean(record.reason)}", "bold yellow"))
        raise TypeError(f"There is no line for {type(record).__name__}")

    # --- places -----------------------------------------------------------------------------------------------------

    def _place_changed(self, record: PlaceBegan | PlaceEnded) -> _Line | None:
        if isinstance(record, PlaceBegan):
            place = RecordedPlace(record.place, record.kind, record.url, record.tab, record.frame)
            self._places[record.place] = place
            if record.kind in _NAMED_ONLY:
                return None
            return _Line(self._who(record.place), Text("began", "dim"), Text(_cut(record.url, "url"), "dim"))
        who, kind = self._who(record.place), self._place(record.place).kind
        if kind != "background":  # which may begin again
            self._places.pop(record.place, None)
        if kind in _NAMED_ONLY:
            return None
        return _Line(who, Text("ended", "dim"), Text(_cut(record.reason, "reason"), "dim"))

    def _place(self, id: int) -> RecordedPlace:
        return self._places.get(id, _UNKNOWN)

    def _who(self, id: int, by: Actor = "script") -> Text:
        place = self._place(id)
        name = _short(place) if self._short else _label(place)
        if self._aligned:  # tabs of Chromium have numbers of nine digits
            name = name.replace("content script", "content", 1)
        label = Text(name, _COLOURS.get(place.kind, "dim"))
        if by != "python":
            return label
        return Text.assemble(("py" if self._short else "Python", "bold red"), "@" if self._short else " in ", label)

    def _to(self, who: Text, whom: list[Text]) -> Text:
        return Text(" ").join([who, Text(self._arrow, "dim"), Text(", ").join(whom)]) if whom else who

    # --- ports ------------------------------------------------------------------------------------------------------

    def _port_changed(self, record: PortOpened | PortAccepted | PortClosed) -> _Line:
        match record:
            case PortOpened():
                return self._opened(record)
            case PortAccepted():
                port = self._port(record.port)
                receiver = self._who(record.place, record.by)
                also = record.place in port.receivers  # Python and a script: then it is just the place
                port.receivers[record.place] = self._who(record.place) if also else receiver
                return _Line(
                    self._to(port.opener, [receiver]), self._port_label(record.port), Text("accepted", "green")
                )
        who = self._who(record.place, record.by)
        what = Text(f"closed: {_cut(record.reason, 'reason')}" if record.reason else "closed", "yellow")
        if record.error and record.error not in record.reason:
            what.append(f" ({_cut(record.error, 'reason')})", "red")
        return _Line(who, self._port_label(record.port), what)

    def _opened(self, record: PortOpened) -> _Line:
        port = _Port(_cut(record.name or "", "name"), self._who(record.place, record.by), opened_at=record.place)
        self._ports[record.port] = port
        _forget_old(self._ports)
        if record.leads_to is not None:
            port.receivers[record.leads_to] = self._who(record.leads_to)
        to = f" to {_cut(record.target, 'name')}" if record.target and record.leads_to is None else ""
        who = self._to(port.opener, list(port.receivers.values()))
        return _Line(who, self._port_label(record.port), Text(f"opened{to}", "green"))

    def _posted(self, record: MessagePosted) -> _Line:
        port = self._port(record.port)
        whom = list(port.receivers.values()) if record.place == port.opened_at else [port.opener]
        who = self._to(self._who(record.place, record.by), whom)
        return _Line(who, self._port_label(record.port), _payload(record.payload))

    def _port(self, id: int) -> _Port:
        return self._ports.get(id) or _Port("", self._who(0))

    def _port_label(self, id: int) -> Text:
        name = self._port(id).name
        return Text.assemble((f"#{id}", "dim"), " " if name else "", (name, "bold"))

    # --- one-time messages ------------------------------------------------------------------------------------------

    def _one_time(self, record: RequestSent | RequestHeard | RequestAnswered) -> _Line:
        number = Text(f"?{record.request}", "dim")
        match record:
            case RequestSent():
                asker = self._who(record.place, record.by)
                self._requests[record.request] = _Request(asker)
                _forget_old(self._requests)
                name = _cut(record.function.rpartition(".")[2], "name")
                return _Line(asker, Text.assemble(number, " ", (name, "bold")), _payload(record.payload))
            case RequestHeard():
                request = self._request(record.request)
                request.hearers.append(self._who(record.place))
                return _Line(self._to(request.asker, request.hearers[-1:]), number, Text("heard", "green"))
        request = self._requests.get(record.request) or _Request(self._who(record.place))
        who = self._to(request.hearers[0], [request.asker]) if request.hearers else request.asker
        if record.error is not None:
            return _Line(who, Text.assemble(number, " answer"), Text(_cut(record.error, "reason"), "red"))
        what = _payload(record.payload) if record.payload else Text("nothing", "dim")
        return _Line(who, Text.assemble(number, " answer"), what)

    def _request(self, id: int) -> _Request:
        return self._requests.get(id) or _Request(self._who(0))


def clean(text: str) -> str:
    """Return the text on one line, with escapes for what a terminal would obey or not show."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _cut(text: str, what: str) -> str:
    limit = _SHOWN[what]
    return clean(text) if len(text) <= limit else f"{clean(text[:limit])}…"


def _label(place: RecordedPlace) -> str:
    if place.kind == "extension":  # an id of 32 letters, or like an address of mail
        return f"extension {_cut(place.url, 'id')}"
    return _cut(place.label, "name")


def _short(place: RecordedPlace) -> str:
    short = _SHORT.get(place.kind) or clean(place.kind)
    if place.kind in ("native", "extension"):
        return f"{short} {_cut(place.url, 'id')}"
    frame = f".{place.frame}" if place.frame else ""
    return short if place.tab is None else f"{short} {place.tab}{frame}"


def _payload(recorded: Payload) -> Text:
    return Text(clean(payload_text(recorded)))


def _column(text: Text, cells: int) -> Text:
    text = text.copy()
    if cell_len(text.plain) > cells:
        text.truncate(cells, overflow="ellipsis")
    text.append(set_cell_size("", cells - cell_len(text.plain)))
    return text


def _forget_old(kept: dict[int, Any]) -> None:
    if len(kept) > _REMEMBERED:
        del kept[next(iter(kept))]
