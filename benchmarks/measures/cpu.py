"""Whose work fills the processors while many small messages go."""

import os
from pathlib import Path
from time import perf_counter, process_time

from ..figure import Measure
from ..stage import Stage, UnavailableError
from .bridged import bridged
from .throughput import SERIES, in_javascript
from .timing import TOGETHER

__all__ = ["busy_processors", "of_python", "of_round_trips", "processors"]

_STATISTICS = Path("/proc/stat")
_IDLE = (3, 4)  # the columns of a processor that has nothing to do, or waits for a disk


def of_python(place: str, direction: str) -> Measure:
    """How long the processor works for Python while all the messages go, in milliseconds."""

    async def measure(stage: Stage) -> list[float]:
        connect = (await stage.use(bridged)).connect(place)
        start = process_time()
        port = await SERIES[direction](connect, stage.size.messages)
        taken = process_time() - start
        port.disconnect()
        return [taken * 1000]

    return measure


def of_round_trips(measured: Measure) -> Measure:
    """How long the processor works for Python in each of the round trips that a measure makes, in milliseconds."""

    async def measure(stage: Stage) -> list[float]:
        await stage.use(bridged)
        start = process_time()
        times = await measured(stage)
        trips = stage.size.round_trips + TOGETHER  # those before the samples warm up
        assert len(times) == stage.size.round_trips / TOGETHER
        return [(process_time() - start) * 1000 / trips]

    return measure


def busy_processors(place: str, direction: str) -> Measure:
    """How many processors of the machine are busy, in the mean, while T is measured."""

    async def measure(stage: Stage) -> list[float]:
        await stage.use(bridged)
        start, busy = perf_counter(), _busy_s()
        await in_javascript(place, direction)(stage)
        return [(_busy_s() - busy) / (perf_counter() - start)]

    return measure


async def processors(stage: Stage) -> list[float]:
    """How many the machine has."""
    return [float(os.cpu_count() or 1)]


def _busy_s() -> float:
    if not _STATISTICS.exists():
        raise UnavailableError(f"{_STATISTICS} is Linux's")
    columns = [int(number) for number in _STATISTICS.read_text().partition("\n")[0].split()[1:9]]
    return (sum(columns) - sum(columns[column] for column in _IDLE)) / os.sysconf("SC_CLK_TCK")
