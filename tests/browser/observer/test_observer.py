"""The observer effect: what an extension and a web page see with the bridge, and without it."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from browser.observer.allowed import ALLOWED, RECORDED, ROUTED, Allowed
from browser.observer.extensions import write_observer, write_other
from browser.observer.report import Facts, compare
from browser.observer.runs import observe, with_bridge, with_recording, with_routes, without_bridge
from browser.observer.site import serve_observer

pytestmark = pytest.mark.timeout(300)  # four browsers, one after another

MANIFEST_V2 = pytest.mark.slow("manifest v2")
CONTEXTS = {"background", "background woken", "content top", "content srcdoc", "web top", "page.html", "popup.html"}


class Runs(NamedTuple):
    plain: Facts
    again: Facts | None
    bridged: Facts
    recorded: Facts | None
    routed: Facts | None


@pytest.fixture(scope="module", params=[pytest.param(3, id="MV3"), pytest.param(2, id="MV2", marks=MANIFEST_V2)])
async def runs(request: Any, engine_type: Any, engine: str, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The same, without the bridge, once more without it, and with it."""
    version: int = request.param
    if engine == "chromium" and version == 2:
        pytest.skip("Chromium runs no Manifest V2")

    async def observed(run: Any) -> Facts:
        folder: Path = tmp_path_factory.mktemp("observer")
        async with serve_observer() as site:
            extension, other = write_observer(folder / "observer", site, engine, version), write_other(folder / "other")
            async with run(engine_type, extension, other) as running:
                return await observe(running, site)

    all_tests = request.config.getoption("all_tests")
    again = await observed(without_bridge) if all_tests else None
    plain, bridged = await observed(without_bridge), await observed(with_bridge)
    recorded = await observed(with_recording) if all_tests or engine == "chromium" else None  # see IN_FIREFOX
    routed = await observed(with_routes) if all_tests or engine == "chromium" else None
    return Runs(plain, again, bridged, recorded, routed)


@pytest.mark.slow("twice")
async def test_two_runs_without_the_bridge_report_the_same(runs: Runs) -> None:
    """So a difference is the bridge's."""
    assert runs.again
    assert [str(found) for found in compare(runs.plain, runs.again)] == []
    assert {context for context, _ in runs.plain} >= CONTEXTS


WAYS = pytest.mark.parametrize(
    ("way", "entries"),
    [("bridged", ALLOWED), ("recorded", [*ALLOWED, *RECORDED]), ("routed", [*ALLOWED, *ROUTED])],
    ids=["bridge", "recording", "routes"],
)


@WAYS
async def test_nothing_differs_but_what_is_explained(runs: Runs, engine: str, way: str, entries: list[Allowed]) -> None:
    allowed = [entry for entry in entries if engine.capitalize() in entry.browsers]
    found = compare(runs.plain, getattr(runs, way))
    assert {context for context, _ in runs.plain} >= CONTEXTS
    unknown = [str(difference) for difference in found if not any(entry.covers(difference) for entry in allowed)]
    assert unknown == [], "new differences: remove them, or explain them in allowed.py"


@WAYS
async def test_what_is_explained_still_differs(runs: Runs, engine: str, way: str, entries: list[Allowed]) -> None:
    found = compare(runs.plain, getattr(runs, way))
    explained = [entry for entry in entries if engine.capitalize() in entry.browsers]
    gone = [entry.seen for entry in explained if not any(map(entry.covers, found))]
    assert gone == [], "no longer so: take it out of allowed.py, and run scripts/fidelity"
