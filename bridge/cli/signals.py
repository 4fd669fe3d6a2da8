"""Ctrl-C, a request to end and a closed terminal: as an event on the loop, instead of exceptions in the midst of it."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["interruption"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows lacks the last one


@contextmanager
def interruption() -> Iterator[asyncio.Event]:
    """Yield an event that is set by the first signal to end. A second one ends the process at once, as ever.

    A signal that is ignored, as ``nohup`` has it, stays ignored.
    """
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    former = {number: signal.getsignal(number) for name in _NAMES if (number := getattr(signal, name, None))}

    def restore() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    def handle(*_: object) -> None:
        restore()
        loop.call_soon_threadsafe(event.set)

    for number, handler in former.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, handle)
    try:
        yield event
    finally:
        restore()
