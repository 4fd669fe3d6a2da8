"""Records as lines of plain text."""

from ..protocol.shown import text_of
from ..protocol.values import UndecodableError
from ..visible import visible
from .history import History, RecordedPlace
from .limits import MAX_LINE_CHARACTERS
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
    payload_source,
    payload_value,
)

__all__ = ["closing_error", "line_of", "payload_text", "said_as"]


def line_of(record: Record, history: History) -> str | None:
    """Return a line that says when, who, on which port, and what; None for a record that needs none.

    Control characters of messages, names and addresses are escaped.
    """
    what = _what(record, history)
    return None if what is None else visible(f"{record.time:8.3f} s  {what}")


def payload_text(recorded: Payload | None, characters: int = MAX_LINE_CHARACTERS) -> str:
    """Return a message on one line; a long one ends in an ellipsis."""
    if recorded is None:
        return ""
    if recorded.text is not None:
        return f"{visible(recorded.text[:characters])}…"
    try:
        return text_of(payload_value(recorded), characters)
    except UndecodableError:  # in a file that the bridge did not write
        return visible(payload_source(recorded)[:characters])


def closing_error(record: PortClosed) -> str:
    """Return the browser's error for why a port closed; empty if there is none, or the reason already has it."""
    return record.error if record.error and record.error not in record.reason else ""


def said_as(record: ConsoleSaid) -> str:
    """Return what kind of line on a console this is, in words."""
    return "did not catch" if record.uncaught else f"said {record.level}" if record.level != "log" else "said"


def _what(record: Record, history: History) -> str | None:
    match record:
        case PortOpened():
            to = f" to {record.target}" if record.target else ""
            return f"{_who(record.place, record.by, history)} opened port {record.port} {record.name!r}{to}"
        case PortAccepted():
            return f"{_who(record.place, record.by, history)} accepted {_port(record.port, history)}"
        case MessagePosted():
            text = payload_text(record.payload)
            return f"{_who(record.place, record.by, history)} posted on {_port(record.port, history)}: {text}"
        case PortClosed():
            error = f" ({closing_error(record)})" if closing_error(record) else ""
            return f"{_port(record.port, history)} closed in {_label(record.place, history)}: {record.reason}{error}"
        case RequestSent() | RequestHeard() | RequestAnswered():
            return _of_request(record, history)
        case ConsoleSaid():
            text = record.text if len(record.text) <= MAX_LINE_CHARACTERS else f"{record.text[:MAX_LINE_CHARACTERS]}…"
            return f"{_label(record.place, history)} {said_as(record)}: {text}"
        case EventDispatched() | PortRouted() | RequestRouted():
            return f"{_who(record.place, 'python', history)} {_by_python(record)}"
        case Omitted():
            return f"{record.count} left out: {record.reason}"
        case Launched() | PlaceBegan() | PlaceEnded():
            return None
    raise TypeError(f"There is no line for {type(record).__name__}")


def _by_python(record: EventDispatched | PortRouted | RequestRouted) -> str:
    match record:
        case EventDispatched():
            return f"dispatched {record.event}, which did not happen"
        case PortRouted(payload=None):
            return f"routed {record.name!r}: {record.what}"
        case PortRouted(payload=message):
            return f"routed {record.name!r}: {record.what}: {payload_text(message)}"
        case RequestRouted(payload=None):
            return f"routed a message: {record.what}"
        case RequestRouted(payload=said):
            return f"routed a message: {record.what}: {payload_text(said)}"


def _of_request(record: RequestSent | RequestHeard | RequestAnswered, history: History) -> str:
    match record:
        case RequestSent():
            who = _who(record.place, record.by, history)
            return f"{who} called {record.function}, request {record.request}: {payload_text(record.payload)}"
        case RequestHeard():
            return f"{_label(record.place, history)} heard request {record.request}"
    return f"request {record.request} was answered: {record.error or payload_text(record.payload)}"


def _port(id: int, history: History) -> str:
    name = history.ports[id].name if id in history.ports else ""
    return f"port {id} {name!r}"


def _who(place: int, by: Actor, history: History) -> str:
    label = _label(place, history)
    return f"Python in {label}" if by == "python" else label


def _label(id: int, history: History) -> str:
    return history.places.get(id, RecordedPlace(id, "unknown")).label
