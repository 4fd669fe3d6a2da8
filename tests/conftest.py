"""Fixtures for all tests; `running` has their order and groups."""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from bridge.browsers.find import VARIABLES
from support import BRIDGE, Site, serve_site

pytest_plugins = ["running.costs", "running.groups", "running.everything"]  # each after those that it imports

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_report_header() -> list[str]:
    return [f"{name}={os.environ[name]}" for name in VARIABLES.values() if os.environ.get(name)]


def pytest_configure(config: pytest.Config) -> None:
    # The suite of the sample extension runs in both, as all others do; that is pytest-playwright's option.
    config.option.browser = config.option.browser or ["chromium", "firefox"]


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
