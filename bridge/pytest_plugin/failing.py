"""Fails a test without a traceback, where the error's text says all that its author needs."""

from traceback import walk_tb
from typing import NoReturn

import pytest

from ..errors import ExtensionError, LaunchError, UnsupportedError

__all__ = ["fail", "is_usage_error"]


def fail(text: str) -> NoReturn:
    """Fail the test with this text, without a traceback."""
    raise pytest.fail.Exception(text, pytrace=False) from None


def is_usage_error(error: Exception) -> bool:
    """Whether a launch failed because of its arguments: a traceback would only hide the error's text."""
    if isinstance(error, TypeError | ValueError):
        *_, (frame, _) = walk_tb(error.__traceback__)
        module: str = frame.f_globals["__name__"]
        return module == "bridge.launch"  # which checks the arguments before anything starts
    return isinstance(error, ExtensionError | LaunchError | UnsupportedError)
