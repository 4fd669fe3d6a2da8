"""The fixture for a run without pytest-playwright."""

from typing import NoReturn

import pytest

__all__ = ["bridge"]


@pytest.fixture
def bridge() -> NoReturn:
    """Says what is missing."""
    pytest.fail(
        "The fixture 'bridge' needs the plugin pytest-playwright (or pytest-playwright-asyncio), which is not active "
        "in this run: is it installed, and not disabled with -p no:playwright?",
        pytrace=False,
    )
