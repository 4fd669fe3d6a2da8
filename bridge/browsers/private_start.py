"""Finds out before a launch whether the browser would begin with a private window, which cannot be driven."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import UnsupportedError
from .chromium_profile import profile_folder

__all__ = ["require_ordinary_start"]

_CHROMIUM = {"incognito"}  # switches
_FIREFOX = {"private", "private-window"}
_AUTOSTART = "browser.privatebrowsing.autostart"
_SET = re.compile(rf'^\s*user_pref\(\s*"{re.escape(_AUTOSTART)}"\s*,\s*true\s*\)', re.MULTILINE)
_FORCED = 2  # of Chromium's preference "incognito.mode_availability"


def require_ordinary_start(browser_name: str, user_data_dir: Path, options: Mapping[str, Any]) -> None:
    """Raise UnsupportedError if the browser would begin with a private window.

    In Chromium, the page that Playwright then has is not of the profile in which extensions run; with Firefox,
    Playwright waits in vain for a page (seen in Chromium 156 and Firefox 153).

    Args:
        browser_name: ``"chromium"`` or ``"firefox"``.
        user_data_dir: The browser's profile; it need not exist.
        options: Playwright's for the launch.
    """
    find = _in_chromium if browser_name == "chromium" else _in_firefox
    for cause in find(user_data_dir, options):
        raise UnsupportedError(
            f"{cause} would have the browser begin with a private window, in which neither Playwright nor the bridge "
            "can drive it. Leave it out, and use launch(private=True) and bridge.open_private_window()"
        )


def _in_chromium(user_data_dir: Path, options: Mapping[str, Any]) -> Iterator[str]:
    args = list(options.get("args") or [])
    yield from _switches(args, _CHROMIUM)
    try:
        preferences = json.loads((profile_folder(user_data_dir, args) / "Preferences").read_text("utf-8"))
        forced = preferences["incognito"]["mode_availability"] == _FORCED
    except (OSError, ValueError, RecursionError, TypeError, KeyError):  # left to Chromium, which begins new ones
        return
    if forced:
        yield f"The profile's preference incognito.mode_availability={_FORCED}"


def _in_firefox(user_data_dir: Path, options: Mapping[str, Any]) -> Iterator[str]:
    yield from _switches(options.get("args") or [], _FIREFOX)
    given = (options.get("firefox_user_prefs") or {}).get(_AUTOSTART)
    if given:
        yield f"firefox_user_prefs={{{_AUTOSTART!r}: {given!r}}}"
    if given is None and any(_SET.search(_text(user_data_dir / name)) for name in ("prefs.js", "user.js")):
        yield f"The profile's preference {_AUTOSTART}"


def _switches(args: list[str], names: set[str]) -> Iterator[str]:
    yield from (f"args=[{arg!r}]" for arg in args if arg.lstrip("-") in names)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
