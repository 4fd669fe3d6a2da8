"""What a curve is, and what a run of it found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median

from ..stage import Stage

__all__ = ["Curve", "Line", "Points", "in_units"]

Measure = Callable[[Stage, int], Awaitable[float]]


@dataclass(frozen=True)
class Line:
    """One line in a picture: a measure at each point of the curve."""

    name: str
    measure: Measure


@dataclass(frozen=True)
class Curve:
    """A picture: how something grows.

    Attributes:
        name: The file of its picture.
        title: Above it.
        x: What grows.
        y: What is measured; the picture shows it in multiples of the first line's value at the first point.
        points: Where it is measured.
        lines: The first is the bridge's.
    """

    name: str
    title: str
    x: str
    y: str
    points: tuple[int, ...]
    lines: tuple[Line, ...]


@dataclass
class Points:
    """What was measured for one line in one browser.

    Attributes:
        samples: By point; those that the browser refused are missing.
        refused: By point, why.
    """

    samples: dict[int, list[float]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    def medians(self) -> dict[int, float]:
        """Return the median at each point that was measured."""
        return {point: median(samples) for point, samples in sorted(self.samples.items())}


def in_units(curve: Curve, lines: dict[str, Points]) -> dict[str, dict[int, float]]:
    """Return each line's medians in multiples of the bridge's at the first point; nothing if that was refused."""
    unit = lines[curve.lines[0].name].medians().get(curve.points[0])
    if unit is None:
        return {}
    return {name: {point: value / unit for point, value in points.medians().items()} for name, points in lines.items()}
