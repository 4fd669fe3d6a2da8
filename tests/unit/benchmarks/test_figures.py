"""The list of figures."""

import pytest

from benchmarks.figure import BROWSERS, Figure
from benchmarks.figures import GROUPS, chosen

FIGURES = [figure for figures in GROUPS.values() for figure in figures]


def test_names_are_unique() -> None:
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_each_formula_is_made_of_the_figures_yardsticks(figure: Figure) -> None:
    assert {name for bound in figure.bounds for name in bound.formula.names} <= figure.yardsticks.keys()
    assert all(figure.bounds_in(browser) for browser in BROWSERS)


@pytest.mark.parametrize("group", GROUPS)
def test_a_name_begins_with_its_group(group: str) -> None:
    assert all(figure.name.startswith(f"{group}, ") for figure in GROUPS[group])


def test_figures_can_be_chosen_by_a_part_of_the_name() -> None:
    assert [figure.name for figures in chosen("round trip, p").values() for figure in figures] == ["round trip, page"]
    assert chosen("no such figure") == {}


@pytest.mark.parametrize("group", GROUPS)
def test_titles_are_unique_in_a_group_and_fit_into_a_table(group: str) -> None:
    titles = [figure.title for figure in GROUPS[group]]
    assert len(set(titles)) == len(titles)
    assert all(title and "|" not in title for title in titles)
