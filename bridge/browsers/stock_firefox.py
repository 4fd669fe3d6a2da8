"""Puts the filter between Playwright and a stock Firefox, where this release of Playwright needs it."""

import os
import re
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import bidi_filter
from .bidi_filter import MEDIA, VARIABLE, Settings
from .plan import Choice, File, LaunchPlan

__all__ = ["PLAYWRIGHT", "excused", "filtered", "is_stock", "refusal"]

PLAYWRIGHT = version("playwright")
"""The version of Playwright that runs."""

_SENDS_MEDIA = (1, 65)  # the first release of Playwright that sends MEDIA to every context
_UNKNOWN = re.compile(r"Protocol error \((emulation\.\w+)\): unknown command")
_WINDOWS_PROGRAM = "portbridge-firefox"  # see pyproject.toml; Node starts no .cmd, since CVE-2024-27980
_EMULATIONS = {
    "color_scheme": MEDIA,
    "contrast": MEDIA,
    "forced_colors": MEDIA,
    "reduced_motion": MEDIA,
    "is_mobile": "emulation.setScreenOrientationOverride",
    "screen": "emulation.setScreenSettingsOverride",
    "geolocation": "emulation.setGeolocationOverride",
    "locale": "emulation.setLocaleOverride",
    "offline": "emulation.setNetworkConditions",
    "timezone_id": "emulation.setTimezoneOverride",
    "user_agent": "emulation.setUserAgentOverride",
}
"""Playwright's options for contexts, each with the command that carries it out."""

_NO_EMULATION = (None, False, "null")  # values that ask for nothing


def is_stock(choice: Choice) -> bool:
    """Whether Playwright drives this Firefox through WebDriver BiDi, as it does any but its own build."""
    return (choice.channel or "").startswith("moz-")


def filtered(plan: LaunchPlan, choice: Choice, home: Path, playwright: str = PLAYWRIGHT) -> LaunchPlan:
    """Return a plan that starts the filter, if this Playwright needs it and the program of Firefox is known."""
    if not choice.executable_path or _numbers(playwright) < _SENDS_MEDIA:
        return plan
    folder = home / "filter"
    settings = File(folder / "settings.json", _settings(choice.executable_path, folder, plan.options).dump())
    if sys.platform == "win32":
        program = shutil.which(_WINDOWS_PROGRAM, path=sysconfig.get_path("scripts")) or _WINDOWS_PROGRAM
        options = {"executable_path": program, "env": {**plan.options["env"], VARIABLE: str(settings.path)}}
        files = (settings,)
    else:
        script = File(folder / "firefox", _script(settings.path), executable=True)
        options = {"executable_path": str(script.path)}
        files = (settings, script)
    return replace(plan, options={**plan.options, **options}, files=files, excused=folder / "excused")


def _settings(program: str, folder: Path, options: Mapping[str, Any]) -> Settings:
    return Settings(
        program=os.path.abspath(program),
        modules=[os.path.abspath(path) for path in sys.path if path],
        asked=sorted({_EMULATIONS[name] for name in _asked(options)}),
        excused=str(folder / "excused"),
    )


def _script(settings: Path) -> str:
    command = shlex.join([sys.executable, "-I", "-S", bidi_filter.__file__])
    return f'#!/bin/sh\nexport {VARIABLE}={shlex.quote(str(settings))}\nexec {command} "$@"\n'


def _asked(options: Mapping[str, Any]) -> list[str]:
    return [name for name in _EMULATIONS if options.get(name) not in _NO_EMULATION]


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release)[:2])


def excused(file: Path | None) -> list[str]:
    """Return the commands that were answered in Firefox's place so far; `file` as in `LaunchPlan`."""
    if not file or not file.exists():
        return []
    return file.read_text("utf-8").split()


def refusal(text: str, options: Mapping[str, Any]) -> str | None:
    """Return what to say instead of Playwright's error, if it is of a command that Firefox does not know."""
    unknown = _UNKNOWN.search(text)
    if not unknown:
        return None
    command = unknown[1]
    names = [f"{name}=" for name in _asked(options) if _EMULATIONS[name] == command]
    if not names:
        return (
            f"Playwright {PLAYWRIGHT} sends {command}, which this Firefox does not know. Name the program with "
            "executable_path=, so that the bridge can answer for it, or use Playwright's own Firefox "
            "('playwright install firefox')"
        )
    return (
        f"this Firefox does not know {command}, the command for {' and '.join(names)}: leave that out, or use "
        "Playwright's own Firefox ('playwright install firefox')" + (_DARK if "color_scheme=" in names else "")
    )


_DARK = '. For dark pages, set firefox_user_prefs={"layout.css.prefers-color-scheme.content-override": 0} instead'
