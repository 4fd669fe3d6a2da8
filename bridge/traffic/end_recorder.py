"""Records what the ends of ports report: messages, each of them once, and that the port closed."""

from collections.abc import Callable
from functools import partial

from .ends import Connection, End
from .limits import MAX_POSTS_TO_COME, UNACCEPTED_WAIT_S
from .places import NOWHERE, Place
from .posted import Posted
from .records import Actor, MessagePosted, PortClosed, payload, printable
from .shared_recording import SharedRecording

__all__ = ["EndRecorder"]

_COMPARED = 10_000  # characters of a message; the agent may cut off the rest of a long one


class EndRecorder:
    """Takes what the ends of all ports report."""

    def __init__(self, shared: SharedRecording) -> None:
        self._shared = shared
        self._open: dict[int, Connection] = {}

    def opened(self, connection: Connection) -> None:
        """A port was opened."""
        self._open[connection.id] = connection

    def place_ended(self, place: Place, reason: str) -> None:
        """A context is gone, and so are the ends there. If both ends of a port are, nobody is left to report that.

        If nobody has accepted the port, that may be still on its way; or nobody does, as the page went away too soon.
        """
        for connection in list(self._open.values()):
            ends = [end for end in connection.ends if end.place is place]
            for end in ends:
                end.gone = True
            if ends and connection.gone:
                self.closed(connection, ends[0], "browser", reason, None, None)
            elif ends and connection.opener_gone:
                time = self._shared.now()
                close = partial(self._close_unaccepted, connection, ends[0], reason, time)
                self._shared.hold_back(close, UNACCEPTED_WAIT_S)

    def posted(self, connection: Connection, end: End, text: str, time: float | None, length: int | None) -> None:
        """See `End.posted`."""
        if self._shared.mode == "python":
            by_python, entry = connection.by_python, (end.opened, hash(text))
            by_python[entry] = by_python.get(entry, 0) + 1
            if len(by_python) > MAX_POSTS_TO_COME:
                del by_python[next(iter(by_python))]
        elif end.by == "script" and self._was_early(connection, end, text):
            return
        self._post(connection, end.place, end.by, end.opened, time, text, length)

    def arrived(self, connection: Connection, end: End, text: str, time: float | None, length: int | None) -> None:
        """See `End.arrived`. Nothing is recorded if it was already, where it was posted or where else it arrived."""
        if self._shared.mode == "all" and not connection.comes_from_outside(end):
            self._arrived_early(connection, end, text, time, length)
            return
        if connection.by_python:
            digest = hash(text)
            seen = end.by_python.get(digest, 0)
            if seen < connection.by_python.get((not end.opened, digest), 0):
                end.by_python[digest] = seen + 1
                return
        end.others += 1
        if end.others <= connection.others[not end.opened]:
            return  # another end got it, too: each gets all, in the same order
        connection.others[not end.opened] = end.others
        self._post(connection, self._opposite(connection, end), "script", not end.opened, time, text, length)

    def closed(
        self, connection: Connection, end: End, by: Actor, reason: str, error: str | None, time: float | None
    ) -> None:
        """See `End.closed`. The first report counts, but one that says who closed it beats one of the browser."""
        if connection.closed is not None and (connection.closed != "browser" or by == "browser"):
            return
        connection.closed = by
        self._open.pop(connection.id, None)
        connection.over = connection.over or (error is not None and end.opened and not connection.receivers)
        self._shared.emit(
            PortClosed(
                time=self._shared.at(time),
                port=connection.id,
                place=end.place.id,
                by=by,
                reason=printable(reason),
                error=None if error is None else printable(error),
            )
        )

    def _close_unaccepted(self, connection: Connection, end: End, reason: str, time: float) -> None:
        if connection.opener_gone:
            self.closed(connection, end, "browser", reason, None, time)

    def overdue(self, give_up: Callable[[], None]) -> None:
        """See `Reports.overdue`."""
        self._shared.hold_back(give_up)

    def _arrived_early(
        self, connection: Connection, end: End, text: str, time: float | None, length: int | None
    ) -> None:
        """Record a message of a script that Python got before its agent reported that it was posted.

        So it is in the record when Python has it. If several ends may have posted it, the report is waited for.
        """
        by_opener = not end.opened
        end.others += 1
        posters = [other for other in connection.ends if other.opened == by_opener]
        if end.others > connection.posts[by_opener] and len(posters) < 2:
            connection.unreported[by_opener].append(hash(text[:_COMPARED]))
            place = posters[0].place if posters else self._opposite(connection, end)
            self._post(connection, place, "script", by_opener, time, text, length)

    def _was_early(self, connection: Connection, end: End, text: str) -> bool:
        """Whether a message that a script posted is recorded, because it had already arrived."""
        unreported = connection.unreported[end.opened]
        if not unreported:
            return False
        digest = hash(text[:_COMPARED])
        if digest in unreported:
            unreported.remove(digest)
        elif sum(other.opened == end.opened for other in connection.ends) < 2:
            unreported.popleft()  # the message reads otherwise where it arrives, such as a Blob
        else:
            return False
        return True

    def _opposite(self, connection: Connection, end: End) -> Place:
        """Return the place that posted what arrives at `end`, as far as the bridge knows."""
        if not end.opened:
            return connection.origin
        if connection.receivers or connection.leads_to:
            return connection.receivers[0] if connection.receivers else connection.leads_to or NOWHERE
        if connection.supposed is None:
            tab, frame = connection.target.tab, connection.target.frame
            places = self._shared.places
            background = places.background_of(connection.origin)
            connection.supposed = background if tab is None else places.in_tab(tab, frame)
        return connection.supposed or NOWHERE

    def _post(
        self,
        connection: Connection,
        place: Place,
        by: Actor,
        by_opener: bool,
        time: float | None,
        text: str,
        length: int | None,
    ) -> None:
        time = self._shared.at(time)
        posted = None if length is not None else Posted.of(time, connection.id, place.id, by, text)
        if posted:
            self._shared.emit_posted(posted)
        else:
            message = payload(text, length)
            self._shared.emit(MessagePosted(time=time, port=connection.id, place=place.id, by=by, payload=message))
        connection.count_post(by_opener)
