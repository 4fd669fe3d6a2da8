"""The browsers of a world: two with the bridge, and one without it if that is needed."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from browser.conformance.case import WORLDS
from browser.conformance.conductor import Conductor
from browser.conformance.plain import Unavailable
from browser.conformance.references import References, browser_of
from browser.conformance.stage import Stage, bridged_stage, raw_stage
from browser.conftest import _available
from playwright.async_api import Playwright


@pytest.fixture(scope="session")
def all_tests(pytestconfig: pytest.Config) -> bool:
    """Whether to do the slow parts too: play the references again, and give each play its own pages."""
    return bool(pytestconfig.getoption("all_tests", False) or os.environ.get("PORTBRIDGE_ALL_TESTS"))


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
async def bridged(world_browser_type: Any, world: str, conductor: Conductor, all_tests: bool) -> AsyncIterator[Stage]:
    """The browser with the bridge."""
    async with bridged_stage(world_browser_type, conductor, **WORLDS[world]) as stage:
        stage.shares_pages = not all_tests
        yield stage


@pytest.fixture(scope="module")
async def recorded(world_browser_type: Any, world: str, conductor: Conductor, all_tests: bool) -> AsyncIterator[Stage]:
    """The browser with the bridge, which records what the extension's scripts do."""
    async with bridged_stage(world_browser_type, conductor, record="all", **WORLDS[world]) as stage:
        stage.shares_pages = not all_tests
        yield stage


@pytest.fixture(scope="module")
async def references(
    world_browser_type: Any, world: str, conductor: Conductor, bridged: Stage, all_tests: bool
) -> AsyncIterator[References]:
    """What the browser shows without the bridge."""
    async with AsyncExitStack() as stack:
        running: list[Stage] = []

        async def raw() -> Stage:
            if not running:
                stage = raw_stage(world_browser_type, conductor, **WORLDS[world])
                try:
                    running.append(await stack.enter_async_context(stage))
                except Unavailable as error:
                    pytest.skip(f"nobody knows what an idle stop does there: {error}")
                running[0].shares_pages = not all_tests
            return running[0]

        yield References(world, browser_of(bridged), raw, anew=all_tests)
