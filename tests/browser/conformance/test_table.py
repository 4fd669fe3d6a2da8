"""docs/conformance.md is what the references and the cases say."""

from pathlib import Path

from browser.conformance.case import all_cases
from browser.conformance.report import document

TABLE = Path(__file__).parents[3] / "docs" / "conformance.md"


def test_table_is_up_to_date() -> None:
    assert document() == TABLE.read_text("utf-8"), "run scripts/conformance"


def test_a_hundred_cases_and_more() -> None:
    assert len(all_cases()) > 100
