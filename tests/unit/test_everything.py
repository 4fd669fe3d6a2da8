"""What is left to the nights is there: a test that is renamed must not slip into each run, or out of all."""

import re
from pathlib import Path

import pytest
from running.everything import IN_FIREFOX, LEFT_OUT

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", IN_FIREFOX)
def test_named_tests_are_there(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    assert [name for name in IN_FIREFOX[path] if not is_there(name, text)] == []


def is_there(name: str, text: str) -> bool:
    function, _, parameters = name.removesuffix("]").partition("[")
    is_defined = re.search(rf"^(async )?def {function}\(", text, re.MULTILINE) is not None
    return is_defined and (not parameters or f'"{parameters}"' in text)


def test_every_kind_is_used() -> None:
    suite = "".join(file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    marked = set(re.findall(r'mark\.slow\("([^"]+)"\)', suite))
    asked = {"references"}  # by the option `all_tests`
    assert marked | asked | {"firefox"} == set(LEFT_OUT)
