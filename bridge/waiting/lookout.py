"""Waits that all look at the same things as they happen. Unlike an inbox, a lookout keeps nothing."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .inbox import Wanted
from .waits import settle

__all__ = ["Lookout"]

T = TypeVar("T")


class Lookout(Generic[T]):
    """The waits for an item. Each of them sees every item."""

    def __init__(self) -> None:
        self._wanted: list[Wanted[T]] = []
        self._ended: Callable[[], BaseException] | None = None

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def see(self, item: T) -> bool:
        """Settle every wait that accepts `item`. Return whether one did."""
        seen = False
        for wanted in list(self._wanted):
            try:
                accepted = bool(wanted.accepts(item))
                result: T | BaseException | None = item if accepted else None
                seen = seen or accepted
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # the user's predicate, in which pytest.fail() raises no Exception
                result = error
            if result is not None:
                self._wanted.remove(wanted)
                settle(wanted.future, result)
        return seen

    def expect(self, accepts: Callable[[T], Any]) -> Wanted[T]:
        """Wait for the next item for which `accepts` returns true."""
        wanted = Wanted(accepts)
        if self._ended:
            settle(wanted.future, self._ended())
        else:
            self._wanted.append(wanted)
        return wanted

    def forget(self, wanted: Wanted[T]) -> None:
        """End a wait."""
        if wanted in self._wanted:
            self._wanted.remove(wanted)

    def end(self, reason: Callable[[], BaseException]) -> None:
        """Nothing more will happen: every wait, now and later, raises `reason()`."""
        self._ended = reason
        waiting, self._wanted = self._wanted, []
        for wanted in waiting:
            settle(wanted.future, reason())
