"""The cells of the tables."""

import pytest

from benchmarks.compare import Change
from benchmarks.result import Result, Yardstick
from benchmarks.table import COMPARISON, HEADINGS, comparison_row, number, result_row, yardstick_row

RESULT = Result(
    name="round trip, page",
    browser="chromium",
    unit="ms",
    value=0.81234,
    p95=1.5,
    formula="W + P",
    over=0.7,
    ratio=1.16049,
    spread=0.071,
    target=1.15,
    met=False,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.81234, "0.812 ms"),
        (12.345, "12.3 ms"),
        (1240.4, "1,240 ms"),
        (0.000123456, "0.000123 ms"),
        (0, "0.00 ms"),
        (None, ""),
    ],
)
def test_numbers_have_three_digits_that_count(value: float | None, text: str) -> None:
    assert number(value, "ms") == text


def test_the_row_of_a_figure() -> None:
    assert result_row(RESULT) == (
        "round trip, page",
        "0.812 ms",
        "1.50 ms",
        "W + P",
        "0.700 ms",
        "1.16 ±7%",
        "≤ 1.15",
        "missed",
    )
    assert len(HEADINGS) == len(result_row(RESULT))


def test_the_row_of_a_figure_without_anything_to_compare_with() -> None:
    bare = Result(name="n", browser="chromium", unit="/s", value=5000, p95=4000, at_least=True)
    assert result_row(bare) == ("n", "5,000 /s", "4,000 /s", "", "", "", "", "")


def test_the_row_of_a_yardstick_fits_under_its_figure() -> None:
    row = yardstick_row(Yardstick(name="W", figure="f", browser="chromium", unit="ms", value=0.3, p95=0.4))
    assert row[:3] == ("  W", "0.300 ms", "0.400 ms")
    assert len(row) == len(HEADINGS)


def test_the_row_of_a_change() -> None:
    row = comparison_row(Change("n", "firefox", RESULT, None))
    assert row == ("n", "firefox", "1.16", "-", "", "")
    assert len(row) == len(COMPARISON)
    assert comparison_row(Change("n", "firefox", RESULT, RESULT, -7.4, "better"))[-2:] == ("-7%", "better")
