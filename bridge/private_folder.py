"""A private folder that is gone when its launch is, whatever ends that."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["PrivateFolder"]

# Waits until its stdin ends, which it does when the process at the other end is killed, and then removes the folder.
# The browser is ending at that time too, and writes what was removed anew: hence until it stays away for two seconds.
_SWEEPER = """
import sys
sys.stdin.buffer.read()
import os, shutil, time
end, away = time.monotonic() + 30, 0
while away < 20 and time.monotonic() < end:
    away = 0 if os.path.exists(sys.argv[1]) else away + 1
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    time.sleep(0.1)
"""


class PrivateFolder:
    """A new folder that only its owner can read.

    A small process watches this one, and removes the folder if this one is killed before it could.

    Attributes:
        path: The folder.
        browser_ended: Whether the browser ended by itself, and may still write.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="portbridge-")).resolve()
        self.browser_ended = False
        self._sweeper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _SWEEPER, str(self.path)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in a terminal is not for it
        )

    def remove(self) -> None:
        """Remove the folder and all in it; return when it stays away."""
        shutil.rmtree(self.path, ignore_errors=True)
        if not self.browser_ended and not self.path.exists():
            self._sweeper.kill()
        self._sweeper.communicate()
