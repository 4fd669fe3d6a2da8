"""docs/conformance.md is what the suite has now."""

from collections import Counter
from pathlib import Path

from browser.conformance.case import all_cases
from browser.conformance.report import cases_of

TABLE = Path(__file__).parents[3] / "docs" / "conformance.md"


def test_table_names_the_cases_that_exist() -> None:
    named = Counter(cases_of(TABLE.read_text("utf-8")))
    assert named == Counter(case.id for case in all_cases()), "run scripts/conformance"


def test_a_hundred_cases_and_more() -> None:
    assert len(all_cases()) > 100
