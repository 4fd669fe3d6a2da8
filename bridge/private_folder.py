"""A private folder that is gone when its launch is, whatever ends that."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
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
    away = 0 if any(map(os.path.exists, sys.argv[1:])) else away + 1
    for folder in sys.argv[1:]:
        shutil.rmtree(folder, ignore_errors=True)
    time.sleep(0.1)
"""


# Chromium puts a socket into a folder of its own among its temporary files. The system limits the length of its path.
_SOCKET = "/.org.chromium.Chromium.123456/SingletonSocket"
_MAX_SOCKET_PATH = 103 if sys.platform == "darwin" else 107
_SHORT = "/tmp"


class PrivateFolder:
    """A new folder that only its owner can read.

    A small process watches this one, and removes the folder if this one is killed before it could.

    Attributes:
        path: The folder.
        temporary: For the browser's temporary files: a folder in it, or one with a short name in /tmp if the path of
            Chromium's socket would be too long there.
        browser_ended: Whether the browser ended by itself, and may still write.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="portbridge-")).resolve()
        self.temporary = _temporary(self.path)
        self.browser_ended = False
        self._sweeper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _SWEEPER, str(self.path), str(self.temporary)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in a terminal is not for it
        )

    def remove(self) -> None:
        """Remove the folder and all in it; return when it stays away."""
        folders = (self.path, self.temporary)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        if not self.browser_ended and not any(folder.exists() for folder in folders):
            self._sweeper.kill()
        self._sweeper.communicate()


def _temporary(home: Path) -> Path:
    folder = home / "tmp"
    if sys.platform != "win32" and len(os.fsencode(str(folder) + _SOCKET)) > _MAX_SOCKET_PATH:
        with suppress(OSError):  # without /tmp, Firefox still runs, and Chromium says what is wrong
            return Path(tempfile.mkdtemp(prefix="pb-", dir=_SHORT)).resolve()
    folder.mkdir()
    return folder
