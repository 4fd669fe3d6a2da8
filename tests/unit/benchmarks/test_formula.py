"""What a figure is compared with."""

import pytest

from benchmarks.formula import Formula


def test_a_sum_of_yardsticks() -> None:
    formula = Formula.parse("W + 2P")
    assert formula.names == ("W", "P")
    assert formula.value({"W": 1.0, "P": 0.25, "unused": 9}) == 1.5
    assert formula.text == "W + 2P"


def test_names_may_have_several_words() -> None:
    assert Formula.parse("raw WebSocket + raw Port").names == ("raw WebSocket", "raw Port")


@pytest.mark.parametrize("text", ["", "W +", "2", "W + -P"])
def test_what_is_no_sum(text: str) -> None:
    with pytest.raises(ValueError, match="no sum of yardsticks"):
        Formula.parse(text)
