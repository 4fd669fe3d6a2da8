"""What `doctor` says of the machine, so that a stranger can report a problem: versions, system, display."""

import os
import platform
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..browsers.find import VARIABLES

__all__ = ["machine"]

_PACKAGES = (
    "pytest",
    "pytest-playwright",
    "pytest-playwright-asyncio",
    "pytest-asyncio",
    "pytest-xdist",
    "aiohttp",
    "greenlet",
    "msgspec",
)
# Those that decide what runs, and how. Others are left out: they may have secrets, and a report is public.
_VARIABLES = (*VARIABLES.values(), "PLAYWRIGHT_BROWSERS_PATH", "CI")
_DISPLAYS = ("WAYLAND_DISPLAY", "DISPLAY")


def machine(*, environ: Mapping[str, str] = os.environ, installed: Callable[[str], str] = version) -> dict[str, Any]:
    """Return what a report of a problem needs besides the browsers, ready for JSON.

    Args:
        environ: The environment.
        installed: Returns the version of a package, or raises PackageNotFoundError.
    """
    return {
        "portbridge": installed("portbridge"),
        "playwright": installed("playwright"),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "system": _system(),
        "display": next((environ[name] for name in _DISPLAYS if environ.get(name)), None),
        "temporary_folder": tempfile.gettempdir(),
        "environment": {name: environ[name] for name in _VARIABLES if name in environ},
        "packages": {name: _version(name, installed) for name in _PACKAGES},
    }


def _version(name: str, installed: Callable[[str], str]) -> str | None:
    try:
        return installed(name)
    except PackageNotFoundError:
        return None


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):  # not on Linux, or a Linux that does not say
        return f"{platform.system()} {platform.release()}"
