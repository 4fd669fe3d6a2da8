"""What a figure is: how to measure it, with what to compare it, and what it should reach."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from .formula import Formula
from .stage import Stage

__all__ = ["BROWSERS", "Bound", "Figure", "Measure"]

BROWSERS = ("chromium", "firefox")

Measure = Callable[[Stage], Awaitable[list[float]]]
"""Measures once on a stage, and returns one or more samples."""


@dataclass(frozen=True)
class Bound:
    """What a figure is divided by, and what the ratio should be.

    Attributes:
        formula: The sum of yardsticks.
        target: The ratio to reach; None if the ratio is only shown.
        browsers: Where it counts.
    """

    formula: Formula
    target: float | None = None
    browsers: tuple[str, ...] = BROWSERS

    @classmethod
    def over(cls, formula: str, target: float | None = None, *browsers: str) -> "Bound":
        """Make one: ``Bound.over("W + 2P", 1.15, "firefox")``; without browsers it counts in all."""
        return cls(Formula.parse(formula), target, browsers or BROWSERS)


@dataclass(frozen=True)
class Figure:
    """One thing that is measured through the bridge.

    Attributes:
        name: Unique; the words before its comma say which group it belongs to.
        title: What the page calls it.
        measure: Measures it.
        yardsticks: What else is measured in the same rounds, by the names that the bounds use.
        bounds: What it is compared with.
        unit: Of its samples and its yardsticks'.
        rounds: How often everything is measured, after one round that does not count.
        more_is_better: Whether its target is a least, not a most.
    """

    name: str
    title: str
    measure: Measure
    yardsticks: Mapping[str, Measure] = field(default_factory=dict)
    bounds: tuple[Bound, ...] = ()
    unit: str = "ms"
    rounds: int = 15
    more_is_better: bool = False

    def met(self, bound: Bound, ratio: float) -> bool | None:
        """Whether a ratio reaches a bound's target; None without one."""
        if bound.target is None:
            return None
        return ratio >= bound.target if self.more_is_better else ratio <= bound.target

    def bounds_in(self, browser: str) -> tuple[Bound, ...]:
        """What counts in a browser."""
        return tuple(bound for bound in self.bounds if browser in bound.browsers)

    def yardsticks_in(self, browser: str) -> dict[str, Measure]:
        """What is to be measured beside it in a browser."""
        names = {name for bound in self.bounds_in(browser) for name in bound.formula.names}
        return {name: measure for name, measure in self.yardsticks.items() if name in names}
