"""The profile's `user.js`, for Playwright's own Firefox.

Playwright gives that Firefox its preferences when it runs, which is too late for those of the debugger. Firefox reads
this file before anything else. For a stock Firefox, Playwright writes the file itself.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import LaunchError
from .plan import File

__all__ = ["user_js"]

_MARK = "// portbridge writes this file at each launch. Without this line, it leaves the file alone.\n"


def user_js(profile: Path, preferences: Mapping[str, Any], needed: Mapping[str, Any]) -> tuple[File, ...]:
    """Return the file to write: none if the profile has the caller's own.

    Args:
        profile: The profile's folder.
        preferences: What to write.
        needed: Those among them without which nothing works.

    Raises:
        LaunchError: The caller's own file lacks needed ones; the text has the lines to add.
    """
    path = profile / "user.js"
    own = path.read_text("utf-8", "replace") if path.exists() else _MARK
    if own.startswith(_MARK):
        return (File(path, _MARK + _lines(preferences)),)
    missing = {name: value for name, value in needed.items() if not _sets(own, name, value)}
    if missing:
        raise LaunchError(
            f"{path} is your own, so the bridge does not write to it, but it lacks preferences that the bridge needs. "
            f"Add to it:\n{_lines(missing)}"
        )
    return ()


def _lines(preferences: Mapping[str, Any]) -> str:
    return "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items())


def _sets(text: str, name: str, value: Any) -> bool:
    line = rf"^\s*user_pref\(\s*[\"']{re.escape(name)}[\"']\s*,\s*{re.escape(json.dumps(value))}\s*\)"
    return re.search(line, text, re.MULTILINE) is not None
