"""The fixtures for pytest-playwright."""

from collections.abc import Iterator
from typing import Any

import pytest

from .keeper import Keeper, at_once, lent
from .wish import wish

__all__ = ["bridge", "bridge_keeper", "context"]


@pytest.fixture(scope=lambda fixture_name, config: config.getini("bridge_scope"))
def bridge_keeper(request: pytest.FixtureRequest, playwright: Any) -> Iterator[Keeper]:
    """Keeps the browser for as long as ``bridge_scope`` says."""
    from ..sync_api import launch

    keeper = Keeper(launch, resets=request.scope != "function")
    yield keeper
    at_once(keeper.close())


@pytest.fixture
def bridge(
    request: pytest.FixtureRequest,
    bridge_keeper: Keeper,
    browser_type: Any,
    browser_type_launch_args: Any,
    browser_context_args: Any,
    _artifacts_recorder: Any,
) -> Iterator[Any]:
    """The running browser with the extension under test: a `bridge.sync_api.Bridge`.

    The fixtures `context` and `page` of the same test belong to its browser.
    """
    wished = wish(request, browser_type, browser_type_launch_args, browser_context_args)
    loan = lent(bridge_keeper, wished, request.node, _artifacts_recorder)
    yield at_once(loan.__aenter__())
    at_once(loan.__aexit__(None, None, None))


@pytest.fixture
def context(request: pytest.FixtureRequest, browser_name: str) -> Any:
    """The browser context: the bridge's in a test that uses `bridge`, else pytest-playwright's own."""
    del browser_name  # as pytest-playwright's own: a test that takes a context runs once in each browser
    if "bridge" in request.fixturenames:
        return request.getfixturevalue("bridge").browser_context
    return request.getfixturevalue("context")
