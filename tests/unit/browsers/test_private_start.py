"""A browser that would begin with a private window is not launched."""

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.browsers.private_start import require_ordinary_start
from bridge.errors import UnsupportedError

AUTOSTART = "browser.privatebrowsing.autostart"


@pytest.mark.parametrize(
    ("browser", "options", "cause"),
    [
        ("chromium", {"args": ("--x", "--incognito")}, r"args=\['--incognito'\] would"),
        ("firefox", {"args": ["-private"]}, r"args=\['-private'\] would"),
        ("firefox", {"args": ["--private-window"]}, r"args=\['--private-window'\] would"),
        ("firefox", {"firefox_user_prefs": {AUTOSTART: True}}, "firefox_user_prefs=.*True.* would"),
    ],
)
def test_options_that_begin_a_private_window(tmp_path: Path, browser: str, options: dict[str, Any], cause: str) -> None:
    with pytest.raises(UnsupportedError, match=f"{cause} have the browser begin with a private window"):
        require_ordinary_start(browser, tmp_path, options)


@pytest.mark.parametrize(
    ("browser", "options"),
    [
        ("chromium", {}),
        ("chromium", {"args": None}),
        ("chromium", {"args": ["-private", "incognito=1"]}),
        ("firefox", {"args": ["--incognito"], "firefox_user_prefs": {AUTOSTART: False}}),
    ],
)
def test_other_options(tmp_path: Path, browser: str, options: dict[str, Any]) -> None:
    require_ordinary_start(browser, tmp_path / "absent", options)


@pytest.mark.parametrize(("mode", "refused"), [(0, False), (1, False), (2, True)])
def test_a_profile_of_chromium(tmp_path: Path, mode: int, refused: bool) -> None:
    folder = tmp_path / "Other"
    folder.mkdir()
    (folder / "Preferences").write_text(json.dumps({"incognito": {"mode_availability": mode}}))
    require_ordinary_start("chromium", tmp_path, {})
    options = {"args": ["--profile-directory=Other"]}
    if not refused:
        return require_ordinary_start("chromium", tmp_path, options)
    with pytest.raises(UnsupportedError, match="The profile's preference incognito.mode_availability=2 would"):
        require_ordinary_start("chromium", tmp_path, options)


@pytest.mark.parametrize("text", ["", "[]", '{"incognito": 2}', "{"])
def test_preferences_that_say_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(text)
    require_ordinary_start("chromium", tmp_path, {})


def test_a_profile_of_firefox(tmp_path: Path) -> None:
    prefs = tmp_path / "prefs.js"
    prefs.write_text(f'// user_pref("{AUTOSTART}", true);\nuser_pref("{AUTOSTART}", false);\n')
    require_ordinary_start("firefox", tmp_path, {})
    prefs.write_text(f'user_pref("a", 1);\nuser_pref("{AUTOSTART}", true);\n')
    require_ordinary_start("firefox", tmp_path, {"firefox_user_prefs": {AUTOSTART: False}})
    with pytest.raises(UnsupportedError, match=f"The profile's preference {AUTOSTART} would"):
        require_ordinary_start("firefox", tmp_path, {})
