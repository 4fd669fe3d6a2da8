"""The user's terminal, past what captures output."""

import os
import sys

__all__ = ["say"]


def say(text: str) -> None:
    """Write to the terminal itself, since pytest captures what tests print; without one to the error output."""
    try:
        with open("CON" if os.name == "nt" else "/dev/tty", "w", encoding="utf-8") as terminal:
            terminal.write(text)
    except OSError:
        print(text, file=sys.stderr, flush=True)
