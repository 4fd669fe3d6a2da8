"""Measures curves: in each round every point of every line once, so that drift of the machine hits all alike."""

from collections.abc import Callable, Sequence

from playwright.async_api import async_playwright

from ..stage import FULL, Stage
from .curve import Curve, Points

__all__ = ["Found", "measure", "measure_round"]

Found = dict[str, dict[str, dict[str, Points]]]
"""By curve, browser and line."""


async def measure(curves: Sequence[Curve], browsers: Sequence[str], rounds: int, say: Callable[[str], None]) -> Found:
    """Measure all points of all curves; one that fails is left out from then on, with its reason."""
    found: Found = {}
    async with async_playwright() as playwright:
        for curve in curves:
            for browser in browsers:
                async with Stage(playwright, browser, FULL) as stage:
                    lines = found.setdefault(curve.name, {}).setdefault(browser, {})
                    for number in range(rounds):
                        say(f"{browser}: {curve.name}, round {number + 1} of {rounds}")
                        await measure_round(curve, stage, lines)
    return found


async def measure_round(curve: Curve, stage: Stage, lines: dict[str, Points]) -> None:
    """Measure each point of each line once; what is refused ends its line, and the points after it count as refused."""
    for line in curve.lines:
        points = lines.setdefault(line.name, Points())
        for point in curve.points:
            if point in points.refused:
                continue
            try:
                points.samples.setdefault(point, []).append(await line.measure(stage, point))
            except Exception as error:
                _refuse(points, curve.points[curve.points.index(point) :], error)


def _refuse(points: Points, missing: Sequence[int], error: Exception) -> None:
    """Note why the first of those points could not be measured; none after it is tried, since each asks for more."""
    for point in missing:
        points.samples.pop(point, None)
        points.refused[point] = "the point before it was refused"
    points.refused[missing[0]] = next(iter(str(error).splitlines()), "") or type(error).__name__
