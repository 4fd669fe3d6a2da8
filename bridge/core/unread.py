"""How much of what arrived and nobody has taken is kept."""

from typing import Protocol

__all__ = ["MAX_UNREAD_BYTES", "Unread"]

MAX_UNREAD_BYTES = 256 * 1024 * 1024
"""Of the messages' text, by default. Browsers have no flow control for ports: what a script posts, arrives."""


class _Keeper(Protocol):
    """A port that keeps messages."""

    def _overflow(self, limit: int) -> None:
        """Close, because its unread messages take too much."""


class Unread:
    """Counts what the unread messages of all open ports take, and closes the port with most of them at a limit.

    Args:
        limit: In bytes of the messages' text.

    Attributes:
        limit: The same.
    """

    def __init__(self, limit: int = MAX_UNREAD_BYTES) -> None:
        self.limit = limit
        self._total = 0
        self._sizes: dict[_Keeper, int] = {}

    def changed(self, port: _Keeper, by: int) -> None:
        """The unread messages of an open port take so many bytes more, or less."""
        self._sizes[port] = self._sizes.get(port, 0) + by
        self._total += by
        if not self._sizes[port]:
            del self._sizes[port]
        while self._total > self.limit and by > 0:
            largest = max(self._sizes, key=lambda other: self._sizes[other])
            self.forget(largest)
            largest._overflow(self.limit)

    def forget(self, port: _Keeper) -> None:
        """The port is closed: nothing more comes, and what it has can still be taken."""
        self._total -= self._sizes.pop(port, 0)
