"""The native application that the bridge is compared with."""

import json
import sys
from pathlib import Path

__all__ = ["DIRECT", "write_host"]

DIRECT = "direct"
"""Its name."""

# As small as can be; the interpreter starts without its site packages, as the bridge's own program does.
_ECHO = """#!/bin/sh
exec {python} -I -S -c '
import posix
while True:
    length = posix.read(0, 4)
    if not length:
        break
    posix.write(1, length + posix.read(0, int.from_bytes(length, "little")))
'
"""


def write_host(folder: Path) -> Path:
    """Write an echo program and its host manifest, and return that."""
    program = folder / DIRECT
    program.write_text(_ECHO.format(python=sys.executable))
    program.chmod(0o755)
    manifest = folder / f"{DIRECT}.json"
    manifest.write_text(json.dumps({"name": DIRECT, "description": "echo", "path": str(program), "type": "stdio"}))
    return manifest
