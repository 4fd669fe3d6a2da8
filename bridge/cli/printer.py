"""Records as coloured lines: when, who to whom, on which port, and what."""

from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ..traffic.history import History, RecordedMessage, RecordedPlace, RecordedPort
from ..traffic.records import (
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
)
from ..traffic.text import closing_error, payload_text, said_as
from ..visible import visible

__all__ = ["Printer"]

_COLOURS = {
    "background": "green",
    "private background": "green",
    "content": "cyan",
    "page": "blue",
    "web": "magenta",
    "user script": "bright_cyan",
    "native": "yellow",
    "extension": "bright_magenta",
}
_LEVEL_COLOURS = {"debug": "dim", "warning": "yellow", "error": "red"}
_SHORT = {
    "background": "bg",
    "private background": "private bg",
    "content": "cs",
    "page": "page",
    "web": "web",
    "user script": "us",
    "native": "native",
    "extension": "ext",
}
_NAMED_ONLY = ("native", "extension")  # these get no line when they begin or end, and appear only in other lines

_WIDE = 110  # columns; with fewer, places have short names
_NARROW = 90  # with fewer, nothing is aligned
_WHO, _SHORT_WHO, _PORT = 46, 28, 20  # columns of who to whom, and of the port
_SHOWN = {"name": 40, "id": 12, "url": 80, "reason": 160, "said": 500}  # characters of a text that we did not write
_REMEMBERED = 10_000  # ports, one-time messages and ended places


@dataclass
class _Line:
    """What one line says; `port` has the name of a port, or the function of a one-time message."""

    who: Text
    port: Text = field(default_factory=Text)
    what: Text = field(default_factory=Text)


class Printer:
    """Turns records into lines. It wants every record in order, since it knows places and ports from earlier ones.

    Args:
        arrow: Goes between who and whom.
    """

    def __init__(self, arrow: str = "→") -> None:
        self._arrow = arrow
        self._short = False  # the names of places
        self._aligned = False
        self._history = History()

    def line(self, record: Record, width: int | None = None) -> Text | None:
        """Return a record's line, without a newline or any other control character; None if it gets no line.

        Args:
            record: The next record.
            width: How many columns the line may take; None for no limit and no alignment.
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
        message = self._history.add(record)
        try:
            return self._told(record, message)
        finally:
            self._history.forget(_REMEMBERED)

    def _told(self, record: Record, message: RecordedMessage | None) -> _Line | None:
        match record:
            case PlaceBegan() | PlaceEnded():
                return self._place_changed(record)
            case PortOpened() | PortAccepted() | PortClosed():
                return self._port_changed(record)
            case RequestHeard():
                return self._heard(record)
            case MessagePosted() | RequestSent() | RequestAnswered():
                assert message
                return self._message(record, message)
            case ConsoleSaid():
                text = Text(_cut(record.text, "said"), _LEVEL_COLOURS.get(record.level, ""))
                return _Line(self._who(self._history.places[record.place]), Text(visible(said_as(record)), "dim"), text)
            case EventDispatched():
                who = self._who(self._history.places[record.place], "python")
                return _Line(who, Text("dispatch", "yellow"), Text(visible(record.event), "yellow"))
            case PortRouted() | RequestRouted():
                return self._of_route(record)
            case Launched():
                what = f"{_cut(record.name, 'name')} {_cut(record.version, 'name')} in {visible(record.browser)}"
                return _Line(Text(), what=Text(what, "bold"))
            case Omitted():
                return _Line(Text(), what=Text(f"{record.count} left out: {visible(record.reason)}", "bold yellow"))
        raise TypeError(f"There is no line for {type(record).__name__}")

    def _of_route(self, record: PortRouted | RequestRouted) -> _Line:
        who = self._who(self._history.places[record.place], "python")
        subject = _cut(record.name or "", "name") if isinstance(record, PortRouted) else "message"
        what = Text(visible(record.what), "yellow")
        if record.payload is not None:
            what = Text.assemble(what, "  ", _cut(payload_text(record.payload), "said"))
        return _Line(who, Text(subject, "yellow"), what)

    # --- places -----------------------------------------------------------------------------------------------------

    def _place_changed(self, record: PlaceBegan | PlaceEnded) -> _Line | None:
        place = self._history.places[record.place]
        if place.kind in _NAMED_ONLY:
            return None
        if isinstance(record, PlaceBegan):
            return _Line(self._who(place), Text("began", "dim"), Text(_cut(record.url, "url"), "dim"))
        return _Line(self._who(place), Text("ended", "dim"), Text(_cut(record.reason, "reason"), "dim"))

    def _who(self, place: RecordedPlace, by: Actor = "script") -> Text:
        name = _short(place) if self._short else _label(place)
        if self._aligned:  # Chromium's tab ids have nine digits and need the room
            name = name.replace("content script", "content", 1)
        label = Text(name, _COLOURS.get(place.kind, "dim"))
        if by != "python":
            return label
        return Text.assemble(("py" if self._short else "Python", "bold red"), "@" if self._short else " in ", label)

    def _to(self, who: Text, whom: list[Text]) -> Text:
        return Text(" ").join([who, Text(self._arrow, "dim"), Text(", ").join(whom)]) if whom else who

    # --- ports ------------------------------------------------------------------------------------------------------

    def _port_changed(self, record: PortOpened | PortAccepted | PortClosed) -> _Line:
        port, place = self._history.ports[record.port], self._history.places[record.place]
        opener, label = self._opener(port), _port_label(port)
        match record:
            case PortOpened():
                to = f" to {_cut(record.target, 'name')}" if record.target and port.leads_to is None else ""
                return _Line(self._to(opener, self._receivers(port)), label, Text(f"opened{to}", "green"))
            case PortAccepted():
                return _Line(self._to(opener, [self._who(place, record.by)]), label, Text("accepted", "green"))
        what = Text(f"closed: {_cut(record.reason, 'reason')}" if record.reason else "closed", "yellow")
        if error := closing_error(record):
            what.append(f" ({_cut(error, 'reason')})", "red")
        return _Line(self._who(place, record.by), label, what)

    def _opener(self, port: RecordedPort) -> Text:
        return self._who(port.opener, port.opened_by)

    def _receivers(self, port: RecordedPort) -> list[Text]:
        """Who has the other end; if both Python and a script have it in one place, just the place."""
        actors: dict[RecordedPlace, Actor] = {}
        for place, by in port.receivers:
            actors[place] = "script" if place in actors else by
        if not actors and port.leads_to:
            actors[port.leads_to] = "script"
        return [self._who(place, by) for place, by in actors.items()]

    # --- messages ---------------------------------------------------------------------------------------------------

    def _message(self, record: MessagePosted | RequestSent | RequestAnswered, message: RecordedMessage) -> _Line:
        sender = self._who(message.sender, message.by)
        match record:
            case MessagePosted():
                assert message.port
                whom = self._receivers(message.port) if message.sender is message.port.opener else None
                who = self._to(sender, [self._opener(message.port)] if whom is None else whom)
                return _Line(who, _port_label(message.port), _payload(record.payload))
            case RequestSent():
                name = _cut(record.function.rpartition(".")[2], "name")
                label = Text.assemble(_request_label(record.request), " ", (name, "bold"))
                return _Line(sender, label, _payload(record.payload))
        asker = self._asker(message.request, message.heard[0])
        who = self._to(sender, [asker]) if message.request and message.request.heard else asker
        return _Line(who, Text.assemble(_request_label(record.request), " answer"), _answer(record))

    def _heard(self, record: RequestHeard) -> _Line:
        asker = self._asker(self._history.requests.get(record.request), RecordedPlace(0, "unknown"))
        who = self._to(asker, [self._who(self._history.places[record.place])])
        return _Line(who, _request_label(record.request), Text("heard", "green"))

    def _asker(self, request: RecordedMessage | None, otherwise: RecordedPlace) -> Text:
        return self._who(request.sender, request.by) if request else self._who(otherwise)


def _port_label(port: RecordedPort) -> Text:
    name = _cut(port.name or "", "name")
    return Text.assemble((f"#{port.id}", "dim"), " " if name else "", (name, "bold"))


def _request_label(id: int) -> Text:
    return Text(f"?{id}", "dim")


def _answer(record: RequestAnswered) -> Text:
    if record.error is not None:
        return Text(_cut(record.error, "reason"), "red")
    return _payload(record.payload) if record.payload else Text("nothing", "dim")


def _cut(text: str, what: str) -> str:
    limit = _SHOWN[what]
    return visible(text) if len(text) <= limit else f"{visible(text[:limit])}…"


def _label(place: RecordedPlace) -> str:
    if place.kind == "extension":  # its id: 32 letters, or something like a mail address
        return f"extension {_cut(place.url, 'id')}"
    return _cut(place.label, "name")


def _short(place: RecordedPlace) -> str:
    short = _SHORT.get(place.kind) or visible(place.kind)
    if place.kind in ("native", "extension"):
        return f"{short} {_cut(place.url, 'id')}"
    frame = f".{place.frame}" if place.frame else ""
    return short if place.tab is None else f"{short} {place.tab}{frame}"


def _payload(recorded: Payload) -> Text:
    return Text(payload_text(recorded))


def _column(text: Text, cells: int) -> Text:
    text = text.copy()
    if cell_len(text.plain) > cells:
        text.truncate(cells, overflow="ellipsis")
    text.append(set_cell_size("", cells - cell_len(text.plain)))
    return text
