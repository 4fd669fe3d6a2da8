"""The fixtures for pytest-playwright-asyncio."""

from collections.abc import AsyncIterator
from typing import Any
from unittest import TestCase

import pytest
import pytest_asyncio

from .failing import fail
from .importing import Importing
from .launch_arguments import launch_arguments
from .shared_browser import SharedBrowser, use_browser
from .sync_fixtures import context

__all__ = ["api", "bridge", "context", "shared_browser"]

api = Importing("bridge.async_api")
"""A plugin, too."""

_NO_TEST_CASE = (
    "The fixture 'bridge' of pytest-playwright-asyncio cannot serve a unittest.TestCase, whose methods run on another "
    "event loop than the fixtures, or on none. Write a plain test function, or use pytest-playwright."
)


@pytest_asyncio.fixture(scope=lambda fixture_name, config: config.getini("bridge_scope"), loop_scope="session")
async def shared_browser(request: pytest.FixtureRequest, playwright: Any) -> AsyncIterator[SharedBrowser]:
    """The browser, used again for as long as ``bridge_scope`` says."""
    shared = SharedBrowser(api.result().launch, resets=request.scope != "function")
    yield shared
    await shared.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bridge(
    request: pytest.FixtureRequest,
    shared_browser: SharedBrowser,
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
    arguments = launch_arguments(request, browser_type, browser_type_launch_args, browser_context_args)
    async with use_browser(shared_browser, arguments, request.node, _artifacts_recorder) as bridge:
        yield bridge
