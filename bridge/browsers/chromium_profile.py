"""What a Chromium profile says before the browser starts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["allow_requests", "profile_folder", "set_developer_mode"]

_SWITCH = "--profile-directory="


def set_developer_mode(user_data_dir: Path, args: list[str]) -> None:
    """Turn on the developer mode of ``chrome://extensions``, unless the profile says that it is off.

    A developer who loads an unpacked extension has it on. Without it, Chromium 156 disables such an extension as soon
    as that calls ``runtime.reload()``. Preferences that cannot be read are left to Chromium, which begins new ones.

    Args:
        user_data_dir: The folder of all profiles; it need not exist.
        args: Of the browser; they may name a profile.
    """
    _edit(user_data_dir, args, lambda preferences: _set(preferences, "extensions", "ui", "developer_mode"))


def allow_requests(
    user_data_dir: Path,
    args: list[str],
    extension_id: str,
    allowed: tuple[list[str], list[str]],
    granted: tuple[list[str], list[str]],
) -> None:
    """Have Chromium grant permissions without a prompt, in which nobody could press a button.

    It does not ask for what the profile says was granted once at run time, even before the extension is installed
    (seen in Chromium 156).

    Args:
        user_data_dir: The folder of all profiles.
        args: Of the browser.
        extension_id: Whose permissions.
        allowed: Names and match patterns that it gets when it requests them.
        granted: Those that it has from the start.
    """

    def change(preferences: dict[str, Any]) -> bool:
        settings = preferences.setdefault("extensions", {}).setdefault("settings", {}).setdefault(extension_id, {})
        _add(settings, "runtime_granted_permissions", allowed)
        if any(granted):
            _add(settings, "active_permissions", granted)
        return True

    _edit(user_data_dir, args, change)


def _edit(user_data_dir: Path, args: list[str], change: Callable[[dict[str, Any]], bool]) -> None:
    path = profile_folder(user_data_dir, args) / "Preferences"
    try:
        preferences = json.loads(path.read_text("utf-8")) if path.exists() else {}
        changed = change(preferences)
    except (OSError, ValueError, RecursionError, TypeError, AttributeError):
        return
    if changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(preferences), "utf-8")


def _add(settings: dict[str, Any], name: str, permissions: tuple[list[str], list[str]]) -> None:
    entry = settings.setdefault(name, {})
    for key, values in zip(("api", "explicit_host"), permissions, strict=True):
        entry[key] = [*entry.get(key, []), *(value for value in values if value not in entry.get(key, []))]
    for key in ("manifest_permissions", "scriptable_host"):
        entry.setdefault(key, [])


def profile_folder(user_data_dir: Path, args: list[str]) -> Path:
    """Return the folder of the profile that a browser with these arguments uses."""
    named = [arg.removeprefix(_SWITCH) for arg in args if arg.startswith(_SWITCH)]
    return user_data_dir / (named[-1] if named else "Default")


def _set(preferences: dict[str, Any], *path: str) -> bool:
    """Set what the path names to true. Return False if it has a value already."""
    *folders, name = path
    for folder in folders:
        preferences = preferences.setdefault(folder, {})
    if name in preferences:
        return False
    preferences[name] = True
    return True
