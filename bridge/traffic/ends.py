"""Ports and one-time messages as the recorder knows them, and the ends that report to it."""

from collections.abc import Callable
from typing import Protocol

from .matching import Opening, Target
from .places import Place
from .records import Actor

__all__ = ["Connection", "End", "Reports", "Request", "SilentEnd"]


class Reports(Protocol):
    """Takes what ends report: the recorder."""

    def posted(self, connection: "Connection", end: "End", text: str, time: float | None, length: int | None) -> None:
        """See `End.posted`."""

    def arrived(self, connection: "Connection", end: "End", text: str, time: float | None, length: int | None) -> None:
        """See `End.arrived`."""

    def closed(
        self, connection: "Connection", end: "End", by: Actor, reason: str, error: str | None, time: float | None
    ) -> None:
        """See `End.closed`."""


class Connection(Opening):
    """A port, with its ends.

    Attributes:
        leads_to: The place at the other end, if that is another extension or a native application.
        receivers: The places that accepted it.
        closed: Who closed it; None while it is open.
        supposed: Who is taken for the other end until somebody has accepted: messages from there may be reported first.
        to_come: How many messages Python posted that another end in Python may still report as arrived, by the side
            that posted them and the hash of their text.
    """

    __slots__ = ("closed", "ends", "id", "leads_to", "name", "receivers", "supposed", "to_come")

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
        self.to_come: dict[tuple[bool, int], int] = {}  # (whether the opener posted it, hash of the text)

    def comes_from_outside(self, end: "End") -> bool:
        """Whether whoever posts what arrives at `end` is out of the bridge's sight, and is not Python."""
        outside = self.leads_to is not None if end.opened else self.origin.outside
        return outside and not any(other.by == "python" and other.opened != end.opened for other in self.ends)


class Request(Opening):
    """A one-time message."""

    __slots__ = ("id", "text")

    def __init__(self, id: int, origin: Place, target: Target, text: str, time: float) -> None:
        super().__init__(origin, target, time)
        self.id = id
        self.text = text


class End:
    """One end of a port: reports what happens there."""

    __slots__ = ("_connection", "_early", "_reports", "by", "opened", "place")

    def __init__(self, reports: "Reports", place: Place, by: Actor, opened: bool) -> None:
        self._reports = reports
        self.place = place
        self.by = by
        self.opened = opened
        self._connection: Connection | None = None
        self._early: list[Callable[[Connection], None]] = []

    def posted(self, text: str, time: float | None = None, length: int | None = None) -> None:
        """A message was posted here.

        Args:
            text: The message, encoded as by `protocol.values`.
            time: Seconds since 1970; None for now.
            length: Characters of the whole text, if `text` is only its beginning.
        """
        self._do(lambda connection: self._reports.posted(connection, self, text, time, length))

    def arrived(self, text: str, time: float | None = None, length: int | None = None) -> None:
        """A message arrived here; arguments as in `posted`."""
        self._do(lambda connection: self._reports.arrived(connection, self, text, time, length))

    def closed(self, by: Actor, reason: str, error: str | None = None, time: float | None = None) -> None:
        """The port closed at this end. `by` is ``"browser"`` if nobody here called ``disconnect()``."""
        self._do(lambda connection: self._reports.closed(connection, self, by, reason, error, time))

    def belongs_to(self, connection: Connection) -> None:
        """Attach this end to its port, and pass on what it reported before that."""
        self._connection = connection
        connection.ends.append(self)
        early, self._early = self._early, []
        for report in early:
            report(connection)

    def _do(self, report: Callable[[Connection], None]) -> None:
        if self._connection is None:
            self._early.append(report)
        else:
            report(self._connection)


class SilentEnd(End):
    """An end that reports nothing."""

    __slots__ = ()

    def _do(self, report: Callable[[Connection], None]) -> None:
        pass
