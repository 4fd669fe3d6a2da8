"""What becomes of the samples."""

from pathlib import Path

import pytest

from benchmarks.figure import Bound, Figure
from benchmarks.result import Gap, Report, Round, read, results, write, yardsticks
from benchmarks.stage import Stage


async def measure(stage: Stage) -> list[float]:
    raise NotImplementedError


def figure(*bounds: Bound, more_is_better: bool = False) -> Figure:
    names = {name for bound in bounds for name in bound.formula.names}
    yardsticks = dict.fromkeys(names, measure)
    return Figure("thing, quick", "A thing", measure, yardsticks, bounds, more_is_better=more_is_better)


ROUNDS: list[Round] = [
    {"": [2.0, 4.0, 3.0], "W": [1.0], "P": [0.5]},
    {"": [30.0], "W": [10.0], "P": [5.0]},  # the machine was ten times slower
    {"": [6.0], "W": [1.0], "P": [0.5]},
]


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    (result,) = results(figure(Bound.over("W + P", 2.5)), "chromium", ROUNDS)
    assert result.ratio == 2.0  # of 2, 2 and 4
    assert result.spread == 0.5
    assert (result.value, result.over, result.rounds) == (4.0, 1.5, 3)  # medians of all samples
    assert (result.name, result.formula, result.target, result.met) == ("thing, quick", "W + P", 2.5, True)


def test_p95_is_of_all_samples() -> None:
    (result,) = results(figure(Bound.over("W")), "chromium", [{"": list(range(101)), "W": [1.0]}])
    assert result.p95 == 95


def test_a_missed_target() -> None:
    (result,) = results(figure(Bound.over("W", 2.9)), "chromium", ROUNDS)
    assert result.ratio == 3.0
    assert result.met is False


def test_where_more_is_better_a_target_is_a_least_and_p95_a_low_value() -> None:
    (result,) = results(figure(Bound.over("W", 2.9), more_is_better=True), "chromium", ROUNDS)
    assert result.met is True
    assert result.at_least
    assert result.p95 == pytest.approx(2.2)


def test_without_a_target_nothing_is_met_or_missed() -> None:
    (result,) = results(figure(Bound.over("W")), "chromium", ROUNDS)
    assert (result.ratio, result.target, result.met) == (3.0, None, None)


def test_each_formula_of_the_browser_is_a_result_and_its_name_is_unique() -> None:
    bounds = (Bound.over("W + P", 1, "chromium"), Bound.over("W + 2P", 1, "firefox"), Bound.over("P", 7))
    names = [result.name for result in results(figure(*bounds), "firefox", ROUNDS)]
    assert names == ["thing, quick", "thing, quick / P"]


def test_a_formula_with_a_yardstick_that_was_not_measured_is_left_out() -> None:
    rounds = [{"": [3.0], "W": [1.0]}]
    assert [one.formula for one in results(figure(Bound.over("P"), Bound.over("W")), "chromium", rounds)] == ["W"]
    (result,) = results(figure(Bound.over("P")), "chromium", rounds)
    assert (result.value, result.ratio, result.met) == (3.0, None, None)


def test_yardsticks_have_their_own_figures() -> None:
    found = yardsticks(figure(Bound.over("W + P")), "chromium", ROUNDS)
    assert {one.name: one.value for one in found} == {"W": 1.0, "P": 0.5}


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report = Report(
        results=results(figure(Bound.over("W + P", 2)), "chromium", ROUNDS),
        yardsticks=yardsticks(figure(Bound.over("W + P")), "chromium", ROUNDS),
        gaps=[Gap(name="other", browser="firefox", reason="no driver")],
        browsers={"chromium": "Chromium 1"},
    )
    write(report, tmp_path / "report.json")
    assert read(tmp_path / "report.json") == report


def test_what_is_no_report_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"results": 5}')
    with pytest.raises(ValueError, match="other.json is no report of scripts/bench --json"):
        read(path)
