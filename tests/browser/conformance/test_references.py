"""The references in git belong to cases that still exist, and are taken where they hold."""

from typing import Any

import pytest
from browser.conformance import references as module
from browser.conformance.case import WORLDS, Case, Observation, all_cases
from browser.conformance.references import RECORD, Recorded, References


@pytest.mark.parametrize("world_name", WORLDS)
def test_no_reference_is_of_a_case_that_is_gone(world_name: str) -> None:
    cases = {case.id for case in all_cases() if world_name in case.worlds}
    assert set(Recorded(world_name).cases) - cases == set(), RECORD


CASE = next(case for case in all_cases() if "chromium" in case.worlds and Recorded("chromium").of(case))
RELEASE = Recorded("chromium").browser
PATCH = f"chromium {Recorded('chromium').version}.0.0.1 on linux"
NEXT = f"chromium {int(Recorded('chromium').version) + 1}.0.0.1 on linux"
PLAYED = Observation({"script": ["played anew"]}, {"script": ["played anew"]})


@pytest.mark.parametrize(
    ("browser", "plays", "plays_again"), [(RELEASE, False, False), (PATCH, False, True), (NEXT, True, False)]
)
async def test_a_patch_release_is_played_only_where_something_differs(
    monkeypatch: pytest.MonkeyPatch, browser: str, plays: bool, plays_again: bool
) -> None:
    async def play(case: Case, stage: Any) -> Observation:
        return PLAYED

    async def raw() -> Any:
        return None

    monkeypatch.setattr(module, "play", play)
    references = References("chromium", browser, raw, anew=False)
    assert (await references.of(CASE) == PLAYED) is plays
    assert await references.of_this_release(CASE) == (PLAYED if plays_again else None)
