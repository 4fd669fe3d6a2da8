"""Statistics."""

import pytest

from benchmarks.samples import percentile, spread


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1.0), (50, 3.0), (75, 4.0), (95, 4.8), (100, 5.0)], ids=lambda value: str(value)
)
def test_percentile_of_values_in_any_order(percent: float, value: float) -> None:
    assert percentile([5, 1, 4, 2, 3], percent) == pytest.approx(value)


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 95) == 7.0


def test_percentile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="No values"):
        percentile([], 50)


def test_spread_is_the_middle_half_over_the_median() -> None:
    assert spread([1, 2, 3, 4, 5]) == pytest.approx(2 / 3)
    assert spread([2, 2, 2]) == 0
    assert spread([0, 0]) == 0
