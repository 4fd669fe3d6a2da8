"""How cost grows: what a run keeps of points that were measured, and of those that were refused."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.curves.curve import Curve, Line, Points, in_units
from benchmarks.curves.curves import CURVES
from benchmarks.curves.run import measure_round

STAGE: Any = None


def curve(*lines: Line) -> Curve:
    return Curve("name", "Title", "x", "y", (1, 10, 100), lines)


async def double(_: Any, point: int) -> float:
    return 2.0 * point


async def refuses_ten(_: Any, point: int) -> float:
    if point == 10:
        raise ValueError("too much\nand more")
    return 1.0


async def test_each_round_adds_a_sample_to_each_point() -> None:
    lines: dict[str, Points] = {}
    for _ in range(3):
        await measure_round(curve(Line("bridge", double)), STAGE, lines)
    assert lines["bridge"].samples == {1: [2.0] * 3, 10: [20.0] * 3, 100: [200.0] * 3}
    assert lines["bridge"].medians() == {1: 2.0, 10: 20.0, 100: 200.0}


async def test_what_is_refused_is_named_and_ends_that_line_only() -> None:
    lines: dict[str, Points] = {}
    for _ in range(2):
        await measure_round(curve(Line("bridge", refuses_ten), Line("other", double)), STAGE, lines)
    assert lines["bridge"].medians() == {1: 1.0}
    assert lines["bridge"].refused == {10: "too much", 100: "the point before it was refused"}
    assert list(lines["other"].samples) == [1, 10, 100]


def test_without_the_bridges_first_point_there_is_nothing_to_compare_with() -> None:
    lines = {"bridge": Points({10: [4.0]}, {1: "no"}), "other": Points({1: [1.0]})}
    assert in_units(curve(Line("bridge", double)), lines) == {}
    lines["bridge"] = Points({1: [2.0], 10: [4.0]})
    assert in_units(curve(Line("bridge", double)), lines) == {"bridge": {1: 1.0, 10: 2.0}, "other": {1: 0.5}}


def test_the_curves_reach_as_far_as_was_asked() -> None:
    ends = {curve.name: (curve.points[0], curve.points[-1]) for curve in CURVES}
    assert ends == {"message-size": (10, 2**25), "ports": (1, 5_000), "frames": (1, 200), "bridges": (1, 8)}


def test_the_same_figures_make_the_same_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from benchmarks.curves.picture import draw

    found = {"chromium": {"bridge": Points({1: [2.0], 10: [4.0]})}, "firefox": {"bridge": Points({1: [1.0]})}}
    texts = set()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        texts.add(draw(curve(Line("bridge", double)), found, tmp_path / name).read_text("utf-8"))
    (text,) = texts
    assert "<svg" in text
