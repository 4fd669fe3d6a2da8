"""One browser without the bridge and one with it, for all cases of a world."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from browser.conformance.case import WORLDS, Case, Observation, play
from browser.conformance.conductor import Conductor
from browser.conformance.stage import Stage, bridged_stage, raw_stage
from browser.conftest import _available
from playwright.async_api import Playwright


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Not every case is one of every world: say, Chromium runs no Manifest V2.
    items[:] = [item for item in items if _belongs(item)]


def _belongs(item: pytest.Item) -> bool:
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    case = parameters.get("case")
    return not isinstance(case, Case) or parameters["world"] in case.worlds


@pytest.fixture(scope="session")
async def conductor() -> AsyncIterator[Conductor]:
    conductor = Conductor()
    await conductor.start()
    yield conductor
    await conductor.close()


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> str:
    """The browser, and the kind of manifest and background; see `WORLDS`."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
async def world_browser_type(playwright_async: Playwright, world: str) -> Any:
    return _available(getattr(playwright_async, world.partition("-")[0]))


@pytest.fixture(scope="module")
async def raw(world_browser_type: Any, world: str, conductor: Conductor) -> AsyncIterator[Stage]:
    """The browser without the bridge."""
    async with raw_stage(world_browser_type, conductor, **WORLDS[world]) as stage:
        yield stage


@pytest.fixture(scope="module")
async def bridged(world_browser_type: Any, world: str, conductor: Conductor) -> AsyncIterator[Stage]:
    """The browser with the bridge."""
    async with bridged_stage(world_browser_type, conductor, **WORLDS[world]) as stage:
        yield stage


@pytest.fixture(scope="module")
async def recorded(world_browser_type: Any, world: str, conductor: Conductor) -> AsyncIterator[Stage]:
    """The browser with the bridge, which records what the extension's scripts do."""
    async with bridged_stage(world_browser_type, conductor, record="all", **WORLDS[world]) as stage:
        yield stage


@pytest.fixture(scope="module")
def references(raw: Stage) -> "References":
    return References(raw)


class References:
    """What the browser without the bridge shows; each case is played there once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._known: dict[str, Observation] = {}

    async def of(self, case: Case) -> Observation:
        if case.id not in self._known:
            self._known[case.id] = await play(case, self._stage)
        return self._known[case.id]
