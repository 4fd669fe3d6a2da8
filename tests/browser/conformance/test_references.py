"""The references in git belong to cases that still exist."""

import pytest
from browser.conformance.case import WORLDS, all_cases
from browser.conformance.references import RECORD, Recorded


@pytest.mark.parametrize("world_name", WORLDS)
def test_no_reference_is_of_a_case_that_is_gone(world_name: str) -> None:
    cases = {case.id for case in all_cases() if world_name in case.worlds}
    assert set(Recorded(world_name).cases) - cases == set(), RECORD
