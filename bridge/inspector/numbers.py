"""Numbers for objects, so that a page can name them."""

import itertools
from collections.abc import Iterable
from typing import Generic, TypeVar

from ..errors import BridgeError

__all__ = ["Numbers"]

T = TypeVar("T")


class Numbers(Generic[T]):
    """Gives each object a number that is never reused.

    Args:
        what: What the objects are, for errors.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._next = itertools.count(1)
        self._numbered: dict[int, tuple[int, T]] = {}  # by id(), which the object keeps while it is held here

    def keep(self, objects: Iterable[T]) -> list[tuple[int, T]]:
        """Return `objects` with their numbers, new or as before, and forget all other objects."""
        kept = [self._numbered.get(id(thing)) or (next(self._next), thing) for thing in objects]
        self._numbered = {id(thing): (number, thing) for number, thing in kept}
        return kept

    def __getitem__(self, number: int) -> T:
        """Return the object with that number.

        Raises:
            BridgeError: It is gone.
        """
        for other, thing in self._numbered.values():
            if other == number:
                return thing
        raise BridgeError(f"That {self._what} is gone")
