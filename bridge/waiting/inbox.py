"""Keeps what arrives until somebody takes it: the messages of a port, the connections of a context."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .event import Event
from .waits import settle, wait

__all__ = ["Inbox", "Wanted"]

T = TypeVar("T")


def _anything(_: Any) -> bool:
    return True


class Wanted(Generic[T]):
    """A reservation of an item to come.

    Attributes:
        accepts: Returns true for an item that will do.
        future: Its result is the item.
        heard: Whether a listener, or whoever awaited the item, has seen it.
        number: The item's place in the order of arrival.
    """

    def __init__(self, accepts: Callable[[T], Any]) -> None:
        self.accepts = accepts
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.heard = False
        self.number = 0


class Inbox(Generic[T]):
    """A queue that keeps what nobody has taken.

    An item goes to the first pending `take` or `expect` that accepts it, and to every listener of `event`. If there is
    neither, the inbox keeps the item for the next `take` or the first listener, whichever comes first.

    Args:
        event: Its listeners get every item.
        arguments: Turns an item into the listeners' arguments.
    """

    def __init__(self, event: Event, arguments: Callable[[T], tuple[Any, ...]]) -> None:
        self._event = event
        self._arguments = arguments
        self._numbers = itertools.count()
        self._kept: deque[tuple[int, T]] = deque()  # in the order of arrival
        self._wanted: list[Wanted[T]] = []
        self._ended: Callable[[], BaseException] | None = None

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def waited_for(self) -> bool:
        """Whether somebody is waiting now."""
        return any(not wanted.future.done() for wanted in self._wanted)

    def deliver(self, item: T) -> None:
        """Give `item` to whoever wants it, or keep it."""
        number = next(self._numbers)
        taker = self._give(number, item)
        if self._kept and self._event:
            self._kept.append((number, item))  # listeners are about to get the earlier ones
            heard = True
        else:
            heard = self._event._emit(*self._arguments(item))
        if taker:
            taker.heard = heard
        elif not heard:
            self._kept.append((number, item))

    def release(self) -> None:
        """Give the kept items to the listeners soon, but not from inside the call that added the first listener."""
        if self._kept:
            asyncio.get_running_loop().call_soon(self._emit_kept)

    def clear(self) -> None:
        """Drop the kept items."""
        self._kept.clear()

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
            self._put_back(wanted.number, future.result())

    def _put_back(self, number: int, item: T) -> None:
        if not self._give(number, item):
            place = next((place for place, (other, _) in enumerate(self._kept) if other > number), len(self._kept))
            self._kept.insert(place, (number, item))
            self.release()

    def _position(self, accepts: Callable[[T], Any]) -> int | None:
        return next((position for position, (_, item) in enumerate(self._kept) if accepts(item)), None)

    def _pop(self, position: int) -> T:
        _, item = self._kept[position]
        del self._kept[position]
        return item

    def _give(self, number: int, item: T) -> Wanted[T] | None:
        for wanted in list(self._wanted):
            try:
                if wanted.future.done() or not wanted.accepts(item):
                    continue
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # the user's predicate, in which pytest.fail() raises no Exception
                self._wanted.remove(wanted)
                settle(wanted.future, error)
                continue
            self._wanted.remove(wanted)
            wanted.number = number
            settle(wanted.future, item)
            return wanted
        return None

    def _emit_kept(self) -> None:
        while self._kept and self._event:
            self._event._emit(*self._arguments(self._pop(0)))
