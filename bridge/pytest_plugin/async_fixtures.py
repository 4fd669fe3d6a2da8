"""The fixtures for pytest-playwright-asyncio."""

from collections.abc import AsyncIterator
from typing import Any
from unittest import TestCase

import pytest
import pytest_asyncio

from .keeper import Keeper, lent
from .sync_fixtures import context
from .wish import fail, wish

__all__ = ["bridge", "bridge_keeper", "context"]

_NO_TEST_CASE = (
    "The fixture 'bridge' of pytest-playwright-asyncio cannot serve a unittest.TestCase, whose methods run on another "
    "event loop than the fixtures, or on none. Write a plain test function, or use pytest-playwright."
)


@pytest_asyncio.fixture(scope=lambda fixture_name, config: config.getini("bridge_scope"), loop_scope="session")
async def bridge_keeper(request: pytest.FixtureRequest, playwright: Any) -> AsyncIterator[Keeper]:
    """Keeps the browser for as long as ``bridge_scope`` says."""
    from ..async_api import launch

    keeper = Keeper(launch, resets=request.scope != "function")
    yield keeper
    await keeper.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bridge(
    request: pytest.FixtureRequest,
    bridge_keeper: Keeper,
    browser_type: Any,
    browser_type_launch_args: Any,
    browser_context_args: Any,
    _artifacts_recorder: Any,
) -> AsyncIterator[Any]:
    """The running browser with the extension under test: a `bridge.async_api.Bridge`.

    The fixtures `context` and `page` of the same test belong to its browser.
    """
    if request.cls and issubclass(request.cls, TestCase):
        fail(_NO_TEST_CASE)
    wished = wish(request, browser_type, browser_type_launch_args, browser_context_args)
    async with lent(bridge_keeper, wished, request.node, _artifacts_recorder) as bridge:
        yield bridge
