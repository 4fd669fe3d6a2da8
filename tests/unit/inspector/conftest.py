"""The inspector of a bridge whose browser is played by the test."""

from collections.abc import AsyncIterator

import pytest
from unit.core.fakes import Agent
from unit.inspector.stage import Page, Stage, running


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


@pytest.fixture
async def viewer(stage: Stage) -> Page:
    return await stage.page()


@pytest.fixture
async def agent(stage: Stage) -> Agent:
    """The agent of the background."""
    return stage.agents["background"]
