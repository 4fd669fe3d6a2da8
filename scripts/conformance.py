"""Writes docs/conformance.md from a run of the conformance suite. Start it with scripts/conformance.

Each case is played without the bridge, then with it: JavaScript at all ends, and Python at each end in turn, as in
tests/browser/conformance/test_conformance.py. The table shows what the browsers did, not what somebody expects.
"""

import asyncio
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.conformance.case import WORLDS, Case, Observation, all_cases, play  # noqa: E402
from browser.conformance.conductor import Conductor  # noqa: E402
from browser.conformance.report import Row, document  # noqa: E402
from browser.conformance.stage import Stage, bridged_stage, raw_stage  # noqa: E402

CASE_S = 120
failures: list[str] = []
TABLE = ROOT / "docs" / "conformance.md"


async def row(case: Case, world: str, raw: Stage, recorded: Stage, bridged: Stage) -> Row:
    """Play a case everywhere in one world."""
    reference = await play(case, raw)
    others = {python: await play(case, bridged if python else recorded, python) for python in case.plays}
    return Row(case, world, reference, verdicts(case, world, reference, others))


def verdicts(
    case: Case, world: str, reference: Observation, others: dict[str | None, Observation]
) -> dict[str | None, str]:
    """What is to be said of each run through the bridge; nothing when it was the same."""
    found = {}
    for python, observed in others.items():
        known = case.difference(world.partition("-")[0], python)
        same = observed.exact == reference.exact if python is None else observed.common == reference.common
        if not same:
            found[python] = known.why if known else "DIFFERS"
            if not known:
                print(f"{case.id} in {world}, Python plays {python}:\n  {reference}\n  {observed}", file=sys.stderr)
    return found


async def play_world(playwright: Any, conductor: Conductor, world: str, cases: Iterable[Case]) -> tuple[list[Row], str]:
    """Play all cases of a world, and return the browser's version too."""
    browser_type = getattr(playwright, world.partition("-")[0])
    async with (
        raw_stage(browser_type, conductor, **WORLDS[world]) as raw,
        bridged_stage(browser_type, conductor, record="all", **WORLDS[world]) as recorded,
        bridged_stage(browser_type, conductor, **WORLDS[world]) as bridged,
    ):
        rows = []
        for case in cases:
            if world in case.worlds:
                try:
                    async with asyncio.timeout(CASE_S):
                        rows.append(await row(case, world, raw, recorded, bridged))
                except Exception as error:
                    failures.append(f"{case.id} in {world} failed: {error!r}")
                    print(failures[-1], file=sys.stderr)
        return rows, raw.browser_context.browser.version


async def main() -> None:
    cases = sorted(all_cases(), key=lambda case: case.theme)
    conductor = Conductor()
    await conductor.start()
    rows, versions = {}, {}
    async with async_playwright() as playwright:
        for world in WORLDS:
            played, version = await play_world(playwright, conductor, world, cases)
            rows |= {(row.case.id, world): row for row in played}
            versions[world.partition("-")[0]] = version.split(".")[0]
            print(f"{world}: {len(played)} cases", flush=True)
    await conductor.close()
    themes = [(theme, list(group)) for theme, group in groupby(cases, key=lambda case: case.theme)]
    TABLE.write_text(document(themes, rows, versions), "utf-8")
    bad = [f"{id} in {world}" for (id, world), row in rows.items() if "DIFFERS" in row.verdicts.values()]
    bad += failures
    if bad:
        sys.exit("\n".join(["Unknown differences:", *bad]))


if __name__ == "__main__":
    asyncio.run(main())
