"""What a run found: one result for each figure and what it was compared with."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from .figure import Bound, Figure
from .samples import median, percentile, spread

__all__ = ["Gap", "Report", "Result", "Round", "Yardstick", "read", "results", "write", "yardsticks"]

FIGURE = ""
"""The name of the figure itself in a `Round`."""

Round = Mapping[str, Sequence[float]]
"""The samples of one round: the figure's own, and each yardstick's by its name."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A figure over one of its formulas.

    Attributes:
        name: Of the figure, and of what it is compared with unless that is its first.
        browser: Where.
        unit: Of `value`, `p95` and `over`.
        value: The median of all samples.
        p95: What 95% of the samples keep to.
        formula: What it is compared with; None if with nothing.
        over: The formula's value: of its yardsticks' medians.
        ratio: The median of each round's own ratio, so that drift of the machine cancels out.
        spread: How far the middle half of the rounds' ratios reaches, as a part of `ratio`.
        target: The ratio to reach, if there is one.
        at_least: Whether the target is a least, not a most.
        met: Whether it was reached; None without a target.
        rounds: How many rounds there were.
    """

    name: str
    browser: str
    unit: str
    value: float
    p95: float
    formula: str | None = None
    over: float | None = None
    ratio: float | None = None
    spread: float | None = None
    target: float | None = None
    at_least: bool = False
    met: bool | None = None
    rounds: int = 0


class Yardstick(msgspec.Struct, frozen=True, kw_only=True):
    """What one yardstick took beside a figure."""

    name: str
    figure: str
    browser: str
    unit: str
    value: float
    p95: float


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that was not measured, or that a yardstick of was not."""

    name: str
    browser: str
    reason: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run, as ``--json`` writes it.

    Attributes:
        browsers: Each browser's version, as it says itself.
        quick: Whether it was only to see that it works.
        date: When it began, as ``2030-01-31``.
        playwright: The version.
        python: The version.
        system: The operating system.
        processors: How many the machine has.
    """

    results: list[Result] = []
    yardsticks: list[Yardstick] = []
    gaps: list[Gap] = []
    browsers: dict[str, str] = {}
    quick: bool = False
    date: str = ""
    playwright: str = ""
    python: str = ""
    system: str = ""
    processors: int = 0


def results(figure: Figure, browser: str, rounds: Sequence[Round]) -> list[Result]:
    """Return a result for each formula of the figure in a browser, or one without if it has none there."""
    samples = _pooled(rounds, FIGURE)
    common = Result(
        name=figure.name,
        browser=browser,
        unit=figure.unit,
        value=median(samples),
        p95=_p95(figure, samples),
        at_least=figure.more_is_better,
        rounds=len(rounds),
    )
    measured = {name for one in rounds for name in one}
    bounds = [bound for bound in figure.bounds_in(browser) if measured.issuperset(bound.formula.names)]
    compared = [_compared(figure, common, bound, rounds, first=not number) for number, bound in enumerate(bounds)]
    return compared or [common]


def yardsticks(figure: Figure, browser: str, rounds: Sequence[Round]) -> list[Yardstick]:
    """Return what each yardstick took."""
    return [
        Yardstick(
            name=name,
            figure=figure.name,
            browser=browser,
            unit=figure.unit,
            value=median(samples),
            p95=_p95(figure, samples),
        )
        for name in rounds[0]
        if name != FIGURE and (samples := _pooled(rounds, name))
    ]


def _compared(figure: Figure, common: Result, bound: Bound, rounds: Sequence[Round], *, first: bool) -> Result:
    formula = bound.formula
    names = formula.names
    ratios = [median(one[FIGURE]) / formula.value({name: median(one[name]) for name in names}) for one in rounds]
    ratio = median(ratios)
    return msgspec.structs.replace(
        common,
        name=common.name if first else f"{common.name} / {formula.text}",
        formula=formula.text,
        over=formula.value({name: median(_pooled(rounds, name)) for name in names}),
        ratio=ratio,
        spread=spread(ratios),
        target=bound.target,
        met=figure.met(bound, ratio),
    )


def _pooled(rounds: Sequence[Round], name: str) -> list[float]:
    return [sample for one in rounds for sample in one[name]]


def _p95(figure: Figure, samples: Sequence[float]) -> float:
    return percentile(samples, 5 if figure.more_is_better else 95)


def write(report: Report, path: Path) -> None:
    """Write a report as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def read(path: Path) -> Report:
    """Read what `write` wrote.

    Raises:
        ValueError: It is no such file.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} is no report of scripts/bench --json: {error}") from error
