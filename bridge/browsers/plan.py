"""What to launch, as data."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Choice", "File", "LaunchPlan", "environment"]


@dataclass(frozen=True)
class Choice:
    """Which browser to launch, as Playwright's ``channel`` and ``executable_path``."""

    channel: str | None = None
    executable_path: str | None = None

    def options(self) -> dict[str, Any]:
        """Return those that are set, as options for Playwright."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class File:
    """A file that must be there before the browser starts."""

    path: Path
    text: str
    executable: bool = False


@dataclass(frozen=True)
class LaunchPlan:
    """The arguments of ``launch_persistent_context``, and what belongs to them."""

    user_data_dir: Path
    options: dict[str, Any] = field(default_factory=dict)
    native_hosts: Path = Path()
    """The folder where the browser will look for the manifests of native applications."""
    debugger: str = ""
    """Firefox: the path of a socket, or a port. Chromium's debugger is reached through Playwright."""
    files: tuple[File, ...] = ()
    """What to write before the start."""
    excused: Path | None = None
    """A stock Firefox: the file that will name the commands that were answered in its place."""


def environment(given: Mapping[str, Any] | None, temporary: Path) -> dict[str, str]:
    """Return the browser's environment: the caller's, or else this process's, with temporary files in `temporary`."""
    own = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    return {**{name: str(value) for name, value in (os.environ if given is None else given).items()}, **own}
