"""The cells of the tables, as text."""

from collections.abc import Sequence
from math import floor, log10

from .compare import Change
from .result import Result, Yardstick

__all__ = ["COMPARISON", "HEADINGS", "comparison_row", "number", "ratio", "result_row", "target", "yardstick_row"]

HEADINGS = ("figure", "median", "95% within", "over", "which is", "ratio", "target", "")
COMPARISON = ("figure", "browser", "before", "after", "change", "")

_DIGITS = 3


def number(value: float | None, unit: str = "") -> str:
    """Write a number with three digits that count: ``0.812 ms``, ``1,240 /s``; nothing for None."""
    if value is None:
        return ""
    magnitude = floor(log10(abs(value))) if value else 0
    text = f"{value:,.{max(0, _DIGITS - 1 - magnitude)}f}"
    return f"{text} {unit}".rstrip()


def ratio(result: Result) -> str:
    """Write a ratio with its spread: ``1.33 ±5%``."""
    return f"{number(result.ratio)} ±{result.spread:.0%}" if result.spread else number(result.ratio)


def target(wanted: float | None, *, at_least: bool) -> str:
    """Write the ratio to reach: ``≤ 1.1``; nothing for None."""
    return "" if wanted is None else f"{'≥' if at_least else '≤'} {wanted:g}"


def result_row(result: Result) -> Sequence[str]:
    """The cells of a figure."""
    return (
        result.name,
        number(result.value, result.unit),
        number(result.p95, result.unit),
        result.formula or "",
        number(result.over, result.unit),
        ratio(result),
        target(result.target, at_least=result.at_least),
        _verdict(result.met),
    )


def yardstick_row(yardstick: Yardstick) -> Sequence[str]:
    """The cells of a yardstick, under its figure."""
    value, p95 = (number(value, yardstick.unit) for value in (yardstick.value, yardstick.p95))
    return (f"  {yardstick.name}", value, p95, "", "", "", "", "")


def comparison_row(change: Change) -> Sequence[str]:
    """The cells of a figure in two runs."""
    moved = "" if change.percent is None else f"{change.percent:+.0f}%"
    return (change.name, change.browser, _shown(change.before), _shown(change.after), moved, change.verdict)


def _verdict(met: bool | None) -> str:
    return "" if met is None else "met" if met else "missed"


def _shown(result: Result | None) -> str:
    if result is None:
        return "-"
    return number(result.value, result.unit) if result.ratio is None else number(result.ratio)
