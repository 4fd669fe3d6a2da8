"""Turns Ctrl-C, a request to end or a closed terminal into an event on the loop, instead of an exception anywhere."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["interruption"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows lacks the last one


@contextmanager
def interruption() -> Iterator[asyncio.Event]:
    """Yield an event that the first signal to end sets. A second signal acts as if we had never handled any.

    A signal that was ignored before, as under ``nohup``, stays ignored.
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
