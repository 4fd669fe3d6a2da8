"""The records in memory: the latest, and the beginnings of what still exists."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from .limits import MAX_BEGINNINGS_KEPT, MAX_MESSAGE_BYTES_KEPT, MAX_RECORDS_KEPT
from .posted import Posted, made
from .records import (
    Launched,
    Omitted,
    PlaceBegan,
    PlaceEnded,
    PortAccepted,
    PortClosed,
    PortOpened,
    Record,
    payload_size,
)

__all__ = ["KeptRecords"]


class KeptRecords:
    """Keeps the latest records, and drops the oldest.

    It never drops the launch, and it drops where a place or port began only once that has ended: later records refer
    to these. Iterating gives the oldest first, with an `Omitted` where some are missing.
    """

    def __init__(self) -> None:
        self._launched: Launched | None = None
        self._places: dict[int, PlaceBegan] = {}
        self._ports: dict[int, list[PortOpened | PortAccepted]] = {}
        self._opened_at: dict[int, set[int]] = {}  # those ports, by place
        self._latest: deque[Record | Posted] = deque()
        self._size = 0  # of the messages in the latest
        self._dropped = 0

    def __iter__(self) -> Iterator[Record]:
        if self._launched:
            yield self._launched
        yield from self._places.values()
        for records in self._ports.values():
            yield from records
        if self._dropped:
            reason = (
                f"only the latest {MAX_RECORDS_KEPT:,} records are kept in memory, "
                f"and {MAX_MESSAGE_BYTES_KEPT:,} bytes of messages"
            )
            yield Omitted(time=self._latest[0].time, count=self._dropped, reason=reason)
        yield from map(made, self._latest)

    def append(self, record: Record | Posted) -> None:
        """Keep a record."""
        if isinstance(record, Launched):
            self._launched = record
            return
        self._latest.append(record)
        self._size += _size(record)
        while len(self._latest) > MAX_RECORDS_KEPT or self._size > MAX_MESSAGE_BYTES_KEPT:
            oldest = self._latest.popleft()
            self._size -= _size(oldest)
            self._drop(oldest)

    def latest(self, count: int) -> list[Record]:
        """Return the last `count` records, the oldest first."""
        return [made(record) for record in islice(reversed(self._latest), count)][::-1]

    def forget_all_but(self, places: Iterable[int]) -> None:
        """Keep only the launch and those places."""
        began = {record.place: record for record in self if isinstance(record, PlaceBegan)}
        self._places = {place: began[place] for place in places if place in began}
        self._ports.clear()
        self._opened_at.clear()
        self._latest.clear()
        self._size = self._dropped = 0

    def _drop(self, record: Record | Posted) -> None:
        match record:
            case PlaceBegan(place=place):
                self._dropped += self._places.pop(place, None) is not None  # a background that began again
                self._places[place] = record
                self._drop_oldest_place()
            case PortOpened(port=port, place=place):
                self._ports[port] = [record]
                self._opened_at.setdefault(place, set()).add(port)
                self._drop_oldest_port()
            case PortAccepted(port=port) if port in self._ports:
                self._ports[port].append(record)
            case _:
                self._dropped += 1 + self._end(record)

    def _end(self, record: Record | Posted) -> int:
        match record:
            case PlaceEnded(place=place):
                ended = self._places.pop(place, None)
                return (ended is not None) + sum(map(self._forget_port, list(self._opened_at.get(place, ()))))
            case PortClosed(port=port):
                return self._forget_port(port)
        return 0

    def _drop_oldest_place(self) -> None:
        if len(self._places) > MAX_BEGINNINGS_KEPT:
            del self._places[next(iter(self._places))]
            self._dropped += 1

    def _drop_oldest_port(self) -> None:
        if len(self._ports) > MAX_BEGINNINGS_KEPT:
            self._dropped += self._forget_port(next(iter(self._ports)))

    def _forget_port(self, port: int) -> int:
        """Forget how a port began; return how many records that were."""
        records = self._ports.pop(port, [])
        if records:
            ports = self._opened_at[records[0].place]
            ports.discard(port)
            if not ports:
                del self._opened_at[records[0].place]
        return len(records)


def _size(record: Record | Posted) -> int:
    return record.size if isinstance(record, Posted) else payload_size(record)
