"""What a Chromium profile says before the browser starts."""

import json
from pathlib import Path
from typing import Any

__all__ = ["set_developer_mode"]

_SWITCH = "--profile-directory="


def set_developer_mode(user_data_dir: Path, args: list[str]) -> None:
    """Turn on the developer mode of ``chrome://extensions``, unless the profile says that it is off.

    A developer who loads an unpacked extension has it on. Without it, Chromium 156 disables such an extension as soon
    as that calls ``runtime.reload()``. Preferences that cannot be read are left to Chromium, which begins new ones.

    Args:
        user_data_dir: The folder of all profiles; it need not exist.
        args: Of the browser; they may name a profile.
    """
    path = user_data_dir / _profile(args) / "Preferences"
    try:
        preferences = json.loads(path.read_text("utf-8")) if path.exists() else {}
        changed = _set(preferences, "extensions", "ui", "developer_mode")
    except (OSError, ValueError, RecursionError, TypeError, AttributeError):
        return
    if changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(preferences), "utf-8")


def _profile(args: list[str]) -> str:
    named = [arg.removeprefix(_SWITCH) for arg in args if arg.startswith(_SWITCH)]
    return named[-1] if named else "Default"


def _set(preferences: dict[str, Any], *path: str) -> bool:
    """Set what the path names to true. Return False if it has a value already."""
    *folders, name = path
    for folder in folders:
        preferences = preferences.setdefault(folder, {})
    if name in preferences:
        return False
    preferences[name] = True
    return True
