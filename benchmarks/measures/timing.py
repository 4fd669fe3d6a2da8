"""The clock, the same for everything that goes one after another."""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

__all__ = ["TOGETHER", "in_turn", "in_turn_blocking", "without_warm_up"]

TOGETHER = 10
"""How many round trips make one sample, their mean: browsers let scripts see tenths of a millisecond only."""


async def in_turn(once: Callable[[int], Awaitable[None]], count: int, *, together: int = TOGETHER) -> list[float]:
    """Do something `count` times, and return milliseconds, each the mean of some; what comes first warms up."""
    times = []
    for first in range(0, count + together, together):
        start = perf_counter()
        for number in range(first, first + together):
            await once(number)
        times.append((perf_counter() - start) * 1000 / together)
    return without_warm_up(times)


def in_turn_blocking(once: Callable[[int], object], count: int) -> list[float]:
    """The same for what is not async."""
    times = []
    for first in range(0, count + TOGETHER, TOGETHER):
        start = perf_counter()
        for number in range(first, first + TOGETHER):
            once(number)
        times.append((perf_counter() - start) * 1000 / TOGETHER)
    return without_warm_up(times)


def without_warm_up(times: Sequence[float]) -> list[float]:
    """Return a series without its beginning, during which threads wake up and code is compiled."""
    return list(times[1:])
