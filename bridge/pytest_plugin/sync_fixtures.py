"""The fixtures for pytest-playwright."""

from collections.abc import Iterator
from typing import Any

import pytest

from .importing import Importing
from .launch_arguments import launch_arguments
from .shared_browser import SharedBrowser, run_sync, use_browser

__all__ = ["api", "bridge", "context", "shared_browser"]

api = Importing("bridge.sync_api")
"""A plugin, too."""


@pytest.fixture(scope=lambda fixture_name, config: config.getini("bridge_scope"))
def shared_browser(request: pytest.FixtureRequest, playwright: Any) -> Iterator[SharedBrowser]:
    """The browser, used again for as long as ``bridge_scope`` says."""
    shared = SharedBrowser(api.result().launch, resets=request.scope != "function")
    yield shared
    run_sync(shared.close())


@pytest.fixture
def bridge(
    request: pytest.FixtureRequest,
    shared_browser: SharedBrowser,
    browser_type: Any,
    browser_type_launch_args: Any,
    browser_context_args: Any,
    _artifacts_recorder: Any,
) -> Iterator[Any]:
    """The running browser with the extension under test: a `bridge.sync_api.Bridge`.

    The fixtures `context` and `page` of the same test belong to its browser.
    """
    arguments = launch_arguments(request, browser_type, browser_type_launch_args, browser_context_args)
    using = use_browser(shared_browser, arguments, request.node, _artifacts_recorder)
    yield run_sync(using.__aenter__())
    run_sync(using.__aexit__(None, None, None))


@pytest.fixture
def context(request: pytest.FixtureRequest, browser_name: str) -> Any:
    """The browser context: the bridge's in a test that uses `bridge`, else pytest-playwright's own."""
    del browser_name  # as pytest-playwright's own: a test that takes a context runs once in each browser
    if "bridge" in request.fixturenames:
        return request.getfixturevalue("bridge").browser_context
    return request.getfixturevalue("context")
