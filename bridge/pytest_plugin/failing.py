"""Failing a test whose author reads all that he needs in the error's text."""

from traceback import walk_tb
from typing import NoReturn

import pytest

from ..errors import ExtensionError, LaunchError, UnsupportedError

__all__ = ["fail", "is_usage_error"]


def fail(text: str) -> NoReturn:
    """Fail the test with this text, without a traceback."""
    raise pytest.fail.Exception(text, pytrace=False) from None


def is_usage_error(error: Exception) -> bool:
    """Whether a launch failed because of what it was asked for, so that a traceback would only hide the text."""
    if isinstance(error, TypeError | ValueError):
        *_, (frame, _) = walk_tb(error.__traceback__)
        module: str = frame.f_globals["__name__"]
        return module == "bridge.launch"  # which looks at the arguments before anything starts
    return isinstance(error, ExtensionError | LaunchError | UnsupportedError)
