"""Ends the inspector: gives up on what does not end in time, and logs what fails without stopping for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["LIMIT_S", "end_all", "run_all"]

LIMIT_S = 2
"""How long an agent, a page or a command may take to end; then it is cancelled, and gets as long again."""

_log = logging.getLogger("bridge.inspector")


def run_all(*steps: Callable[[], object]) -> None:
    """Call each function; log what one raises, and go on."""
    for step in steps:
        try:
            step()
        except Exception:
            _log.exception("A step of the inspector's end failed")


async def end_all(*endings: Awaitable[Any]) -> None:
    """Wait until all are done, but no longer than the limit allows; log what they raise."""
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(ending) for ending in endings]
    for task in tasks:
        task.add_done_callback(_log_error)
    late = await _wait(tasks)
    for task in late:
        task.cancel()
    for task in await _wait(late):
        _log.error("The inspector ends without waiting any longer for %r", task)


async def _wait(tasks: "list[asyncio.Future[Any]]") -> "list[asyncio.Future[Any]]":
    """Return those that are not done in time."""
    return list((await asyncio.wait(tasks, timeout=LIMIT_S))[1]) if tasks else []


def _log_error(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled() and task.exception():
        _log.error("A step of the inspector's end failed", exc_info=task.exception())
