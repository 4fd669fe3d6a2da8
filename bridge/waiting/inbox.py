"""Keeps what arrives until somebody takes it: the messages of a port, the connections of a context."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from .event import Event
from .waits import settle, wait

__all__ = ["Inbox", "Wanted"]

T = TypeVar("T")


def _anything(_: Any) -> bool:
    return True


class _Kept(NamedTuple, Generic[T]):
    """An item that nobody has taken yet: which one to arrive it was, and how many bytes it takes."""

    number: int
    item: T
    size: int


class Wanted(Generic[T]):
    """A reservation of an item to come.

    Attributes:
        accepts: Returns true for an item that will do.
        future: Its result is the item.
        heard: Whether a listener, or whoever awaited the item, has seen it.
        got: What it got.
    """

    def __init__(self, accepts: Callable[[T], Any]) -> None:
        self.accepts = accepts
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.heard = False
        self.got: _Kept[T] | None = None


class Inbox(Generic[T]):
    """A queue that keeps what nobody has taken.

    An item goes to the first pending `take` or `expect` that accepts it, and to every listener of `event`. If there is
    neither, the inbox keeps the item for the next `take` or the first listener, whichever comes first.

    Args:
        event: Its listeners get every item.
        arguments: Turns an item into the listeners' arguments.
        on_size: Called when what it keeps takes more bytes, or less: with the difference.
        on_back: Called with an item that a wait got and gave back.
    """

    def __init__(
        self,
        event: Event,
        arguments: Callable[[T], tuple[Any, ...]],
        on_size: Callable[[int], None] = lambda difference: None,
        on_back: Callable[[T], None] = lambda item: None,
    ) -> None:
        self._event = event
        self._arguments = arguments
        self._on_size = on_size
        self._on_back = on_back
        self._numbers = itertools.count()
        self._kept: deque[_Kept[T]] = deque()  # in the order of arrival
        self._wanted: list[Wanted[T]] = []
        self._ended: Callable[[], BaseException] | None = None

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def waited_for(self) -> bool:
        """Whether somebody is waiting now."""
        return any(not wanted.future.done() for wanted in self._wanted)

    def deliver(self, item: T, size: int = 0) -> None:
        """Give `item`, which takes `size` bytes, to whoever wants it, or keep it."""
        if not self._wanted and not self._kept and self._event:
            self._event._emit(*self._arguments(item))
            return
        arrived = _Kept(next(self._numbers), item, size)
        taker = self._give(arrived)
        if self._kept and self._event:
            self._keep(len(self._kept), arrived)  # listeners are about to get the earlier ones
            heard = True
        else:
            heard = self._event._emit(*self._arguments(item))
        if taker:
            taker.heard = heard
        elif not heard:
            self._keep(len(self._kept), arrived)

    def release(self) -> None:
        """Give the kept items to the listeners soon, but not from inside the call that added the first listener."""
        if self._kept:
            asyncio.get_running_loop().call_soon(self._emit_kept)

    def clear(self) -> None:
        """Drop the kept items."""
        while self._kept:
            self._pop(0)

    def end(self, reason: Callable[[], BaseException]) -> None:
        """Nothing more will arrive: waits raise `reason()` now, and later ones do once all kept items are taken."""
        self._ended = reason
        self.interrupt(reason)

    def interrupt(self, reason: Callable[[], BaseException]) -> None:
        """Raise `reason()` in every pending wait."""
        waiting, self._wanted = self._wanted, []
        for wanted in waiting:
            settle(wanted.future, reason())

    async def take(self, timeout_ms: float, describe: Callable[[], str], accepts: Callable[[T], Any] = _anything) -> T:
        """Return the first kept item for which `accepts` returns true, or wait for one."""
        position = self._position(accepts)
        if position is not None:
            return self._pop(position)
        wanted = self.expect(accepts)
        try:
            return await wait(wanted.future, timeout_ms, describe)
        except BaseException:
            self.forget(wanted)
            raise

    def take_kept(self, accepts: Callable[[T], Any]) -> T | None:
        """Return the first kept item for which `accepts` returns true, or None."""
        position = self._position(accepts)
        return None if position is None else self._pop(position)

    def expect(self, accepts: Callable[[T], Any] = _anything) -> Wanted[T]:
        """Reserve the next item to come that `accepts` says yes to."""
        wanted = Wanted(accepts)
        if self._ended:
            settle(wanted.future, self._ended())
        else:
            self._wanted.append(wanted)
        return wanted

    def forget(self, wanted: Wanted[T]) -> None:
        """Drop a reservation; an item that it got and nobody has seen goes back to its place."""
        if wanted in self._wanted:
            self._wanted.remove(wanted)
        future = wanted.future
        if future.done() and not future.cancelled() and not future.exception() and not wanted.heard:
            assert wanted.got
            self._on_back(wanted.got.item)
            self._put_back(wanted.got)

    def _put_back(self, arrived: _Kept[T]) -> None:
        if not self._give(arrived):
            later = (place for place, other in enumerate(self._kept) if other.number > arrived.number)
            self._keep(next(later, len(self._kept)), arrived)
            self.release()

    def _position(self, accepts: Callable[[T], Any]) -> int | None:
        return next((position for position, kept in enumerate(self._kept) if accepts(kept.item)), None)

    def _keep(self, position: int, arrived: _Kept[T]) -> None:
        self._kept.insert(position, arrived)
        self._on_size(arrived.size)

    def _pop(self, position: int) -> T:
        kept = self._kept[position]
        del self._kept[position]
        self._on_size(-kept.size)
        return kept.item

    def _give(self, arrived: _Kept[T]) -> Wanted[T] | None:
        for wanted in list(self._wanted):
            try:
                if wanted.future.done() or not wanted.accepts(arrived.item):
                    continue
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # the user's predicate, in which pytest.fail() raises no Exception
                self._wanted.remove(wanted)
                settle(wanted.future, error)
                continue
            self._wanted.remove(wanted)
            wanted.got = arrived
            settle(wanted.future, arrived.item)
            return wanted
        return None

    def _emit_kept(self) -> None:
        while self._kept and self._event:
            self._event._emit(*self._arguments(self._pop(0)))
