"""Where the commands write: colour only for terminals, and every character arrives."""

import io
import os
import select
import sys
from typing import IO, Any, TextIO, cast

from rich.console import Console

__all__ = ["arrow", "columns", "make_screen"]


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes the rest there at exit
        raise BrokenPipeError  # instead of rich's SystemExit: there is a browser to close


class _Patient:
    """A stream that waits when a pipe is full.

    Playwright's driver shares our stderr. If that is a pipe, the driver makes it non-blocking, and stdout too if it is
    the same pipe. Python's own streams then lose text, or raise BlockingIOError.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write all of it."""
        self._stream.flush()
        data = memoryview(text.encode(self._stream.encoding, "backslashreplace"))
        while data:
            try:
                data = data[os.write(self._stream.fileno(), data) :]
            except BlockingIOError:
                select.select((), (self._stream,), ())
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def make_screen(*, errors: bool = False) -> Console:
    """Return rich's console on stdout, or on stderr. With ``NO_COLOR`` it writes no codes at all."""
    plain = bool(os.environ.get("NO_COLOR"))
    file = _file(sys.stderr if errors else sys.stdout)
    return _Screen(file=file, color_system=None if plain else "auto", highlight=False, markup=False, emoji=False)


def _file(stream: TextIO) -> IO[str]:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.reconfigure(errors="backslashreplace")  # a message may have characters that the terminal lacks
    return stream if sys.platform == "win32" or not _has_descriptor(stream) else cast(IO[str], _Patient(stream))


def _has_descriptor(stream: TextIO) -> bool:
    try:
        stream.fileno()
    except OSError:
        return False
    return True


def columns(screen: Console) -> int | None:
    """Return the columns of a terminal; None for a file or a pipe, whose lines may be long."""
    return screen.width if screen.is_terminal else None


def arrow(screen: Console) -> str:
    """Return an arrow that the console's encoding has."""
    try:
        "→…".encode(screen.encoding)
    except (UnicodeEncodeError, LookupError):
        return "->"
    return "→"
