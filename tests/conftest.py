"""Order and fixtures for all tests."""

import inspect
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from bridge.browsers.find import VARIABLES
from support import BRIDGE, Site, serve_site

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_report_header() -> list[str]:
    return [f"{name}={os.environ[name]}" for name in VARIABLES.values() if os.environ.get(name)]


def pytest_configure(config: pytest.Config) -> None:
    # The suite of the sample extension runs in both, as all others do; that is pytest-playwright's option.
    config.option.browser = config.option.browser or ["chromium", "firefox"]


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    # What pytest-xdist does with the groups: it writes them behind the names.
    if node.config.getoption("dist") == "loadgroup" and any("@" not in id for id in ids):
        pytest.exit("This pytest-xdist does not group tests in this pytest; see pyproject.toml", returncode=4)


def _turn(item: pytest.Item) -> int:
    # Sync Playwright leaves its loop marked as running until it is stopped, at the end of the run, so that no async
    # test can run after it.
    if _is_sync(item):
        return 2
    return 0 if inspect.iscoroutinefunction(getattr(item, "obj", None)) else 1


def _group(item: pytest.Item) -> str:
    """Which tests one process runs, one after another: browsers are shared in a file, and in a world of conformance."""
    if _is_sync(item):
        return f"{item.path} sync"  # those come last, in each process
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return f"{item.path} {parameters.get('world', '')}"


def _is_sync(item: pytest.Item) -> bool:
    return "playwright" in getattr(item, "fixturenames", ())


class _Complaints(logging.Handler):
    """What asyncio says of the bridge's tasks that it throws away, because nobody ended them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = logging.Formatter().format(record)
        if text.startswith("Task was destroyed") and str(BRIDGE) in text:
            self.texts.append(text)


@pytest.fixture(autouse=True)
def _no_task_is_forgotten() -> Iterator[None]:
    complaints = _Complaints()
    log = logging.getLogger("asyncio")
    log.addHandler(complaints)
    yield
    log.removeHandler(complaints)
    assert complaints.texts == []


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with serve_site() as running:
        yield running
