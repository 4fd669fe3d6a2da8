"""Writes docs/conformance.md from what the browsers showed without the bridge. Start it with scripts/conformance.

That is kept in tests/browser/conformance/references, to which the tests compare. `--record` plays all cases in both
browsers first, without the bridge, and writes it anew. How the bridge compares is what the tests say, and the
differences that the cases name.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.conformance.case import BOTH, WORLDS, all_cases, play  # noqa: E402
from browser.conformance.conductor import Conductor  # noqa: E402
from browser.conformance.references import browser_of, key_of, write  # noqa: E402
from browser.conformance.report import document  # noqa: E402
from browser.conformance.stage import raw_stage  # noqa: E402

CASE_S = 500  # Chromium keeps a worker awake for six minutes where a message has no answer
TABLE = ROOT / "docs" / "conformance.md"


async def record_world(browser_type: Any, conductor: Conductor, world: str) -> None:
    """Play all cases of a world without the bridge, and write what they showed."""
    async with raw_stage(browser_type, conductor, **WORLDS[world]) as raw:
        raw.shares_pages = False
        played = []
        for case in all_cases():
            if world in case.worlds:
                async with asyncio.timeout(CASE_S):
                    played.append((case, await play(case, raw)))
        write(world, browser_of(raw), played)
        print(f"{world}: {len(played)} cases in {browser_of(raw)}", flush=True)


async def record_worlds(browser_type: Any, conductor: Conductor) -> None:
    """The worlds of one browser, one after the other."""
    for world in WORLDS:
        if world.partition("-")[0] == browser_type.name:
            await record_world(browser_type, conductor, world)


async def record() -> None:
    """Write the references of all worlds."""
    for case in all_cases():
        key_of(case.theme)  # of what is played now, whatever is edited meanwhile
    conductor = Conductor()
    await conductor.start()
    async with async_playwright() as playwright:
        await asyncio.gather(*(record_worlds(getattr(playwright, name), conductor) for name in BOTH))
    await conductor.close()


if __name__ == "__main__":
    if "--record" in sys.argv[1:]:
        asyncio.run(record())
    TABLE.write_text(document(), "utf-8")
