"""What is left to the nights is there: a test that is renamed must not slip into each run, or out of all."""

import re
from pathlib import Path

import pytest
from running.everything import IN_BOTH, IN_FIREFOX, LEFT_OUT

ROOT = Path(__file__).parents[2]


TABLES = {"in Firefox": IN_FIREFOX, "in both": IN_BOTH}


@pytest.mark.parametrize(("table", "path"), [(table, path) for table in TABLES for path in TABLES[table]])
def test_named_tests_are_there(table: str, path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    assert [name for name in TABLES[table][path] if not is_there(name, text)] == []


def test_no_test_is_in_both_tables() -> None:
    twice = [(path, name) for path in IN_BOTH for name in IN_BOTH[path] if name in IN_FIREFOX.get(path, ())]
    assert twice == []


def is_there(name: str, text: str) -> bool:
    function, _, parameters = name.removesuffix("]").partition("[")
    is_defined = re.search(rf"^(async )?def {function}\(", text, re.MULTILINE) is not None
    return is_defined and all(part in text for part in parameters.split("-"))


def test_every_kind_is_used() -> None:
    suite = "".join(file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    marked = set(re.findall(r'mark\.slow\("([^"]+)"\)', suite))
    asked = {"references"}  # by the option `all_tests`
    assert marked | asked | {"firefox"} == set(LEFT_OUT)
