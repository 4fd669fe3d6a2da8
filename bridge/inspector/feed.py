"""The records still to be sent to a page: a queue with a limit, which says how many it left out."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from ..traffic.records import (
    ConsoleSaid,
    MessagePosted,
    Omitted,
    Record,
    RequestAnswered,
    RequestHeard,
    RequestSent,
    encode_line,
)

__all__ = ["Feed"]

_MESSAGES = (MessagePosted, RequestSent, RequestHeard, RequestAnswered, ConsoleSaid)
_REASON = "the inspector's page did not keep up"


class Feed:
    """Keeps records until they are taken. Beyond the limit, the oldest messages go first, then whatever is oldest.

    Args:
        earlier: Records from before; they do not count towards the limit.
        limit: How many later ones are kept.
        added: Called whenever there is something to take.

    Attributes:
        left_out: How many records were dropped so far.
    """

    def __init__(self, earlier: Iterable[Record], limit: int, added: Callable[[], None]) -> None:
        self._earlier = deque(earlier)
        self._limit = limit
        self._added = added
        self._saved: deque[Record] = deque()  # older than the gap; none of them are messages
        self._gap = 0  # dropped since the last batch
        self._waiting: deque[Record] = deque()
        self.left_out = 0

    def __len__(self) -> int:
        return len(self._earlier) + len(self._saved) + bool(self._gap) + len(self._waiting)

    def add(self, record: Record) -> None:
        """Keep a new record; never waits."""
        self._waiting.append(record)
        if len(self._waiting) > self._limit:
            self._shrink()
        self._added()

    def take(self, count: int, characters: int) -> list[str]:
        """Return the next records as lines of JSON: as many as allowed, but at least one if there is any.

        Args:
            count: How many at most.
            characters: No further line is added once they are this long together.
        """
        lines: list[str] = []
        length = 0
        for record in self._next():
            lines.append(encode_line(record))
            length += len(lines[-1])
            if len(lines) >= count or length >= characters:
                break
        return lines

    def _next(self) -> Iterator[Record]:
        while self._earlier:
            yield self._earlier.popleft()
        while self._saved:
            yield self._saved.popleft()
        if self._gap:
            count, self._gap = self._gap, 0
            yield Omitted(time=self._waiting[0].time, count=count, reason=_REASON)
        while self._waiting:
            yield self._waiting.popleft()

    def _shrink(self) -> None:
        oldest = self._waiting.popleft()
        if not isinstance(oldest, _MESSAGES):
            # Without the beginning of a place or port, the rest cannot be understood.
            self._saved.append(oldest)
            if len(self._saved) <= self._limit:
                return
            self._saved.popleft()
        self._gap += 1
        self.left_out += 1
