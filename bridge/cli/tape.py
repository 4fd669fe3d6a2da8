"""Writes lines in order, from a thread, so that a slow terminal does not hold up the messages themselves."""

import asyncio
from collections import deque

from rich.console import Console
from rich.text import Text

from ..traffic.records import Record
from ..visible import visible_lines
from .printer import Printer
from .screen import arrow, columns

__all__ = ["Tape"]

_WAITING = 50_000  # lines; more are left out
_AT_ONCE = 200


class Tape:
    """The lines still to be written: records to `out`, notes to `notes`."""

    def __init__(self, out: Console, notes: Console) -> None:
        self._out = out
        self._notes = notes
        self._printer = Printer(arrow(out))
        self._waiting: deque[Record | Text] = deque()
        self._left_out = 0
        self._ended = False
        self._more = asyncio.Event()

    def add(self, record: Record) -> None:
        """Write a record soon, or leave it out if too many are waiting."""
        if len(self._waiting) >= _WAITING:
            self._left_out += 1
        elif not self._ended:
            self._put(record)

    def note(self, text: str, style: str = "") -> None:
        """Write a line from the command itself soon, which may quote names and errors."""
        self._put(Text(visible_lines(text), style))

    def end(self) -> None:
        """Let `write()` return once everything is written."""
        self._ended = True
        self._more.set()

    async def write(self) -> None:
        """Write what was added, until `end()`.

        Raises:
            BrokenPipeError: Nobody reads the output any more.
        """
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                await asyncio.to_thread(self._write, batch)
                self._say_left_out()
            if self._ended:
                return

    def _put(self, item: Record | Text) -> None:
        self._waiting.append(item)
        self._more.set()

    def _say_left_out(self) -> None:
        if self._left_out and len(self._waiting) < _WAITING // 2:
            self.note(f"{self._left_out} lines left out: they came faster than they could be written", "bold yellow")
            self._left_out = 0

    def _write(self, batch: list[Record | Text]) -> None:
        width = columns(self._out)
        for item in batch:
            if isinstance(item, Text):
                self._notes.print(item, soft_wrap=True)
            elif (line := self._printer.line(item, width)) is not None:
                self._out.print(line, soft_wrap=True)
