"""Ports as the recorder knows them, and their ends, which report to it."""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from .limits import MAX_POSTS_TO_COME
from .matching import Opening, Target
from .places import Place
from .records import Actor

__all__ = ["Connection", "End", "Reports", "SilentEnd"]


class Reports(Protocol):
    """Takes what ends report: an `EndRecorder`."""

    def posted(self, connection: "Connection", end: "End", text: str, time: float | None, length: int | None) -> None:
        """See `End.posted`."""

    def arrived(self, connection: "Connection", end: "End", text: str, time: float | None, length: int | None) -> None:
        """See `End.arrived`."""

    def closed(
        self, connection: "Connection", end: "End", by: Actor, reason: str, error: str | None, time: float | None
    ) -> None:
        """See `End.closed`."""

    def overdue(self, give_up: Callable[[], None]) -> None:
        """An end holds back a report until a message is reported that came before it. Call this if that takes long."""


class Connection(Opening):
    """A port, with its ends.

    Attributes:
        leads_to: The place at the other end, if that is another extension or a native application.
        receivers: The places that accepted it.
        closed: Who closed it; None while it is open.
        supposed: Who is taken for the other end until somebody has accepted: messages from there may be reported first.
        posts: How many messages each side has posted, as far as they are recorded: the receivers, and the opener.
        in_order: Whether each message is recorded before its answers. It stays false once a message was not reported.
        by_python: How many messages Python posted, by the side that posted them and the hash of their text.
        others: How many messages of each side are recorded because they arrived: of the receivers, and of the opener.
        unreported: The hashes of those that are recorded because they arrived, and are still to be reported as posted.
    """

    __slots__ = (
        "_catches_up",
        "by_python",
        "closed",
        "ends",
        "id",
        "in_order",
        "leads_to",
        "name",
        "others",
        "posts",
        "receivers",
        "supposed",
        "unreported",
    )

    def __init__(
        self, id: int, name: str | None, origin: Place, target: Target, leads_to: Place | None, time: float
    ) -> None:
        super().__init__(origin, target, time)
        self.id = id
        self.name = name
        self.leads_to = leads_to
        self.receivers: list[Place] = []
        self.ends: list[End] = []
        self.closed: Actor | None = None
        self.supposed: Place | None = None
        self.posts = [0, 0]
        self.in_order = True
        self._catches_up = False
        self.by_python: dict[tuple[bool, int], int] = {}  # (whether the opener posted it, hash of the text)
        self.others = [0, 0]
        self.unreported: tuple[deque[int], deque[int]] = (_hashes(), _hashes())

    def count_post(self, by_opener: bool) -> None:
        """A message was recorded: what comes after it may be recorded now."""
        self.posts[by_opener] += 1
        self.catch_up()

    def catch_up(self) -> None:
        """Let the ends report what they held back, as far as what it comes after is recorded.

        A report may let others go, and calls this again: then the loop goes on, since thousands may be waiting.
        """
        if self._catches_up or not any(end.held for end in self.ends):
            return
        self._catches_up = True
        try:
            while any(end.report_next(self) for end in self.ends):
                pass
        finally:
            self._catches_up = False
        for end in self.ends:
            end.limit_wait(self)

    @property
    def gone(self) -> bool:
        """Whether nobody is left to report its end, because the places at both its ends have ended."""
        opener = [end for end in self.ends if end.opened]
        others = [end for end in self.ends if not end.opened]
        is_there = (bool(opener) or self.origin.outside) and (bool(others) or self.leads_to is not None)
        return is_there and all(end.gone for end in self.ends)

    @property
    def opener_gone(self) -> bool:
        """Whether the opener's place has ended, and nobody has accepted the port."""
        return self.leads_to is None and bool(self.ends) and all(end.opened and end.gone for end in self.ends)

    def comes_from_outside(self, end: "End") -> bool:
        """Whether whoever posts what arrives at `end` is out of the bridge's sight, and is not Python."""
        outside = self.leads_to is not None if end.opened else self.origin.outside
        return outside and not any(other.by == "python" and other.opened != end.opened for other in self.ends)


def _hashes() -> deque[int]:
    return deque(maxlen=MAX_POSTS_TO_COME)


class End:
    """One end of a port: reports what happens there.

    Attributes:
        place: Where it is.
        by: Who holds it.
        opened: Whether it is the opener's.
        gone: Whether its place has ended.
        by_python: How many messages have arrived here that Python had posted, by the hash of their text.
        others: How many other messages have arrived here, or with ``record="all"`` how many at all.
        held: The reports that wait for what comes before them.
    """

    __slots__ = ("_awaited", "_connection", "_reports", "by", "by_python", "gone", "held", "opened", "others", "place")

    def __init__(self, reports: "Reports", place: Place, by: Actor, opened: bool) -> None:
        self._reports = reports
        self.place = place
        self.by = by
        self.opened = opened
        self.gone = False
        self.by_python: dict[int, int] = {}
        self.others = 0
        self._connection: Connection | None = None
        self.held: deque[_Held] = deque()
        self._awaited: _Held | None = None  # the first of them, once there is a limit to the wait for it

    def posted(self, text: str, time: float | None = None, length: int | None = None, after: int = 0) -> None:
        """A message was posted here.

        Args:
            text: The message, encoded as by `protocol.values`.
            time: Seconds since 1970; None for now.
            length: Characters of the whole text, if `text` is only its beginning.
            after: How many messages had arrived here before.
        """
        connection = self._connection
        if connection and not self.held and not self._is_ahead(connection, after):
            self._reports.posted(connection, self, text, time, length)  # as `_do` would
        else:
            self._do(after, lambda connection: self._reports.posted(connection, self, text, time, length))

    def arrived(self, text: str, time: float | None = None, length: int | None = None) -> None:
        """A message arrived here; arguments as in `posted`."""
        connection = self._connection
        if connection and not self.held:
            self._reports.arrived(connection, self, text, time, length)  # as `_do` would
        else:
            self._do(0, lambda connection: self._reports.arrived(connection, self, text, time, length))

    def closed(
        self, by: Actor, reason: str, error: str | None = None, time: float | None = None, after: int = 0
    ) -> None:
        """The port closed at this end. `by` is ``"browser"`` if nobody here called ``disconnect()``."""
        self._do(after, lambda connection: self._reports.closed(connection, self, by, reason, error, time))

    def belongs_to(self, connection: Connection) -> None:
        """Attach this end to its port, and pass on what it reported before that."""
        self._connection = connection
        connection.ends.append(self)
        connection.catch_up()

    def report_next(self, connection: Connection) -> bool:
        """Report the next of what was held back; return False if there is none, or if it still has to wait."""
        if not self.held or self._is_ahead(connection, self.held[0].after):
            return False
        self.held.popleft().report(connection)
        return True

    def limit_wait(self, connection: Connection) -> None:
        """See to it that what is held back first does not wait for ever."""
        if self.held and self._awaited is not self.held[0]:
            self._awaited = self.held[0]
            self._reports.overdue(partial(self._give_up, connection, self.held[0]))

    def _give_up(self, connection: Connection, held: "_Held") -> None:
        if self.held and self.held[0] is held:
            connection.in_order = False
            connection.catch_up()

    def _do(self, after: int, report: Callable[[Connection], None]) -> None:
        connection = self._connection
        if connection and not self.held and not self._is_ahead(connection, after):
            return report(connection)
        self.held.append(_Held(after, report))
        if connection:
            connection.catch_up()

    def _is_ahead(self, connection: Connection, after: int) -> bool:
        return connection.in_order and after > connection.posts[not self.opened]


class _Held(NamedTuple):
    """A report that is held back until the other side's first messages are recorded, `after` of them."""

    after: int
    report: Callable[[Connection], None]


class SilentEnd(End):
    """An end that reports nothing."""

    __slots__ = ()

    def _do(self, after: int, report: Callable[[Connection], None]) -> None:
        pass
