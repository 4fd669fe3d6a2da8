"""Processes that a test stops for a while."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

__all__ = ["frozen"]


@contextmanager
def frozen(processes: Iterable[psutil.Process]) -> Iterator[None]:
    """Stop processes; they go on when the block ends, if they still exist."""
    stopped = list(processes)
    assert stopped
    for process in stopped:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()
