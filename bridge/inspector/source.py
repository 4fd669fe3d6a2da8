"""Where the records come from, and which record belongs to a port that Python has just got."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from ..traffic.records import PortAccepted, PortOpened, Record

__all__ = ["Latest", "Source"]


class Source(Protocol):
    """The traffic of a launch: `bridge.traffic`."""

    @property
    def records(self) -> Sequence[Record]:
        """All records that are kept, the oldest first."""

    def subscribe(self, callback: Callable[[Record], None], /) -> Callable[[], None]:
        """Call `callback` with each new record, until the function that this returns is called."""


class Latest:
    """Remembers, for one turn of the loop, which port Python has just opened or accepted.

    Records are emitted in the turn in which `connect()` returns or a listener is called. Ask in that turn, and you get
    that port's number; ask later, and you get None rather than the number of another port.
    """

    def __init__(self, source: Source) -> None:
        self._record: PortOpened | PortAccepted | None = None
        self.stop = source.subscribe(self._see)

    def take(self) -> int | None:
        """Return the number of the port."""
        record, self._record = self._record, None
        return record.port if record else None

    def _see(self, record: Record) -> None:
        if isinstance(record, PortOpened | PortAccepted) and record.by == "python":
            self._record = record
            asyncio.get_running_loop().call_soon(self._forget, record)

    def _forget(self, record: Record) -> None:
        if self._record is record:
            self._record = None
