"""Keeps Chromium from tidying the user's desktop each time that it unloads an extension.

On Linux, Chromium 156 has ``xdg-desktop-menu`` and ``xdg-icon-resource`` remove the shortcuts of each extension that
goes. An unpacked extension has none, but the tools start over a hundred processes all the same, which compete with the
next load, and write in the user's home. So the browser finds tools of these names that do nothing.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .plan import File

__all__ = ["tools", "with_tools"]

_NAMES = ("xdg-desktop-menu", "xdg-icon-resource")
_TEXT = "#!/bin/sh\nexit 0\n"
_NEEDED = sys.platform == "linux"


def tools(folder: Path) -> tuple[File, ...]:
    """Return the tools that do nothing, as files to write."""
    return tuple(File(folder / name, _TEXT, executable=True) for name in _NAMES if _NEEDED)


def with_tools(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return an environment in which a browser finds these tools first."""
    if not _NEEDED:
        return dict(env)
    return {**env, "PATH": os.pathsep.join([str(folder), env.get("PATH") or os.defpath])}
