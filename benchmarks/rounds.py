"""Measures a figure in rounds, interleaved with its yardsticks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from .figure import Figure
from .result import FIGURE, Round
from .stage import Stage, UnavailableError

__all__ = ["Taken", "rounds_of", "steps_of", "take"]

_QUICK = 3
_MEASURE_S = 180  # for one sample; a hang should not look like a slow machine


@dataclass
class Taken:
    """What the rounds of a figure gave.

    Attributes:
        rounds: The samples.
        unavailable: Yardsticks that could not be measured, and why.
    """

    rounds: list[Round] = field(default_factory=list)
    unavailable: dict[str, str] = field(default_factory=dict)


def rounds_of(figure: Figure, *, quick: bool) -> int:
    """How many rounds count."""
    return min(figure.rounds, _QUICK) if quick else figure.rounds


def steps_of(figure: Figure, browser: str, *, quick: bool) -> int:
    """How often something is measured for a figure, warming up included."""
    return (rounds_of(figure, quick=quick) + 1) * (1 + len(figure.yardsticks_in(browser)))


async def take(figure: Figure, stage: Stage, rounds: int, step: Callable[[str], None]) -> Taken:
    """Measure a figure and its yardsticks in turns, in another order each round; the first round only warms up.

    Args:
        figure: Which.
        stage: Where.
        rounds: How many count.
        step: Called after each measurement, with what was measured.

    Raises:
        UnavailableError: The figure itself cannot be measured here.
    """
    taken = Taken()
    measures = {FIGURE: figure.measure, **figure.yardsticks_in(stage.browser)}
    for number in range(rounds + 1):
        samples = {}
        for name in _turned(list(measures), number):
            try:
                async with asyncio.timeout(_MEASURE_S):
                    samples[name] = await measures[name](stage)
            except UnavailableError as error:
                if name == FIGURE:
                    raise
                taken.unavailable[name] = str(error)
                del measures[name]
            step(name)
        if number:
            taken.rounds.append(samples)
    return taken


def _turned(names: list[str], number: int) -> list[str]:
    start = number % len(names)
    return names[start:] + names[:start]
