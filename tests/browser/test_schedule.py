"""Ports go through a random schedule, as the model says."""

import random
from typing import Any

import pytest
from browser.schedule import FILES, MANIFEST, Schedule

from support import Site


async def test_a_random_schedule(load: Any, site: Site, request: pytest.FixtureRequest) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    bridge = await load(MANIFEST, FILES)
    schedule = Schedule(bridge, site.url, seed)
    await schedule.begin()
    await schedule.run(2_000 if request.config.getoption("all_tests") else 100)
    await schedule.end()
