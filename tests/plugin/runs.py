"""What the tests of the plugin share."""

from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

# What pytest-playwright launches itself must be named where Playwright's own builds are not installed.
FIND_BROWSERS = """
import pytest
from bridge.browsers.find import find_browser

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, browser_type):
    found = find_browser(browser_type.name, browser_type.executable_path)
    named = {"channel": found.channel, "executable_path": found.executable_path}
    return {**browser_type_launch_args, **{name: value for name, value in named.items() if value}}
"""


def lines(result: pytest.RunResult) -> str:
    """All that a run wrote."""
    return "\n".join([*result.outlines, *result.errlines])
