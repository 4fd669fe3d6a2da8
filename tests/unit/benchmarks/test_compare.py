"""What changed between two runs."""

import msgspec

from benchmarks.compare import changes
from benchmarks.result import Report, Result


def report(**ratios: float | None) -> Report:
    return Report(results=[result(name, ratio) for name, ratio in ratios.items()])


def result(name: str, ratio: float | None, *, at_least: bool = False, spread: float = 0.1) -> Result:
    return Result(
        name=name, browser="firefox", unit="ms", value=5, p95=6, ratio=ratio, spread=spread, at_least=at_least
    )


def test_a_ratio_that_fell_is_better() -> None:
    (change,) = changes(report(a=2.0), report(a=1.0))
    assert (change.percent, change.verdict) == (-50, "better")


def test_a_ratio_that_rose_is_worse() -> None:
    (change,) = changes(report(a=1.0), report(a=1.5))
    assert (change.percent, change.verdict) == (50, "worse")


def test_where_more_is_better_a_ratio_that_rose_is_better() -> None:
    before, after = (Report(results=[result("a", ratio, at_least=True)]) for ratio in (0.5, 0.9))
    assert changes(before, after)[0].verdict == "better"


def test_what_is_within_the_spread_of_both_runs_gets_no_verdict() -> None:
    (change,) = changes(report(a=1.0), report(a=1.19))
    assert change.verdict == ""


def test_without_a_ratio_the_values_are_compared() -> None:
    (change,) = changes(report(a=None), report(a=None))
    assert change.percent == 0


def test_figures_of_one_run_only_are_listed() -> None:
    found = changes(report(old=1.0, both=1.0), report(both=1.0, new=1.0))
    assert [(one.name, one.before is None, one.after is None) for one in found] == [
        ("both", False, False),
        ("new", True, False),
        ("old", False, True),
    ]


def test_ratios_over_different_formulas_are_not_compared() -> None:
    def over(name: str, formula: str) -> Result:
        return msgspec.structs.replace(result(name, 1.0), formula=formula)

    before = Report(results=[over("a", "W + P"), over("a / chain", "chain")])
    after = Report(results=[over("a", "chain"), over("a / E", "E")])
    found = changes(before, after)
    assert [(one.name, one.before is None, one.after is None) for one in found] == [
        ("a", False, False),
        ("a / E", True, False),
        ("a", False, True),
    ]
