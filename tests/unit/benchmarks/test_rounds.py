"""The order in which things are measured."""

from typing import Any

import pytest

from benchmarks.figure import Bound, Figure, Measure
from benchmarks.rounds import rounds_of, steps_of, take
from benchmarks.stage import Stage, UnavailableError


class FakeStage:
    browser = "chromium"


STAGE: Any = FakeStage()


def measures(log: list[str]) -> dict[str, Measure]:
    def measuring(name: str) -> Measure:
        async def measure(stage: Stage) -> list[float]:
            log.append(name)
            return [float(len(log))]

        return measure

    return {name: measuring(name) for name in ("figure", "W", "P", "other")}


def figure(given: dict[str, Measure], rounds: int = 2) -> Figure:
    yardsticks = {name: given[name] for name in ("W", "P", "other")}
    bounds = (Bound.over("W + P"), Bound.over("other", None, "firefox"))
    return Figure("f", "F", given["figure"], yardsticks, bounds, rounds=rounds)


async def test_each_round_measures_what_the_browser_compares_and_begins_with_another() -> None:
    log: list[str] = []
    steps: list[str] = []
    taken = await take(figure(measures(log)), STAGE, 2, steps.append)
    assert log == ["figure", "W", "P", "W", "P", "figure", "P", "figure", "W"]
    assert steps == [name.replace("figure", "") for name in log]
    assert taken.unavailable == {}


async def test_the_first_round_does_not_count() -> None:
    taken = await take(figure(measures([])), STAGE, 2, lambda what: None)
    assert taken.rounds == [{"W": [4.0], "P": [5.0], "": [6.0]}, {"P": [7.0], "": [8.0], "W": [9.0]}]


async def test_a_peer_that_is_not_there_is_asked_once() -> None:
    log: list[str] = []

    async def missing(stage: Stage) -> list[float]:
        log.append("missing")
        raise UnavailableError("no driver")

    taken = await take(figure({**measures(log), "P": missing}), STAGE, 1, lambda what: None)
    assert log == ["figure", "W", "missing", "W", "figure"]
    assert taken.unavailable == {"P": "no driver"}
    assert [sorted(one) for one in taken.rounds] == [["", "W"]]


async def test_a_figure_that_cannot_be_measured_is_an_error() -> None:
    async def missing(stage: Stage) -> list[float]:
        raise UnavailableError("no driver")

    with pytest.raises(UnavailableError):
        await take(figure({**measures([]), "figure": missing}), STAGE, 1, lambda what: None)


def test_steps_count_the_warming_up() -> None:
    given = figure(measures([]), rounds=15)
    assert steps_of(given, "chromium", quick=False) == 16 * 3
    assert steps_of(given, "firefox", quick=False) == 16 * 4
    assert rounds_of(given, quick=True) == 3
