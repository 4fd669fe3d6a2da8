"""Time for the tests of this folder: most of them play everything that they wait for."""

import asyncio
from typing import Any

import pytest

_TURNS = 100  # in which everything that is ready has happened, however many steps it takes


@pytest.fixture(autouse=True)
def _timeouts_come_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a timeout of a millisecond come after everything that is ready, on a busy machine too."""
    call_at: Any = asyncio.BaseEventLoop.call_at

    def patiently(loop: Any, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        def turn(left: int) -> None:
            if timer.cancelled():
                return
            if left:
                loop.call_soon(turn, left - 1, context=context)
            else:
                callback(*args)

        timer: asyncio.TimerHandle = call_at(loop, when, turn, _TURNS, context=context)
        return timer

    monkeypatch.setattr(asyncio.BaseEventLoop, "call_at", patiently)
