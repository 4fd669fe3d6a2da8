import json
from pathlib import Path

import pytest

from bridge.browsers.chromium_profile import allow_requests, set_developer_mode


def mode(folder: Path, profile: str = "Default") -> object:
    return json.loads((folder / profile / "Preferences").read_text())["extensions"]["ui"]["developer_mode"]


def test_a_fresh_profile(tmp_path: Path) -> None:
    set_developer_mode(tmp_path / "new", [])
    assert mode(tmp_path / "new") is True


def test_the_profile_that_the_arguments_name(tmp_path: Path) -> None:
    set_developer_mode(tmp_path, ["--profile-directory=First", "--lang=de", "--profile-directory=Second"])
    assert mode(tmp_path, "Second") is True and not (tmp_path / "First").exists()


def test_what_a_profile_says_stays(tmp_path: Path) -> None:
    path = tmp_path / "Default" / "Preferences"
    path.parent.mkdir()
    path.write_text('{"extensions": {"ui": {"developer_mode": false}}}')
    set_developer_mode(tmp_path, [])
    assert mode(tmp_path) is False
    path.write_text('{"extensions": {"pinned": [1]}, "other": 2}')
    set_developer_mode(tmp_path, [])
    assert json.loads(path.read_text()) == {"extensions": {"pinned": [1], "ui": {"developer_mode": True}}, "other": 2}


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"extensions": 5}', '{"extensions": {"ui": null}}'])
def test_what_cannot_be_read_is_left_to_chromium(tmp_path: Path, text: str) -> None:
    path = tmp_path / "Default" / "Preferences"
    path.parent.mkdir()
    path.write_text(text)
    set_developer_mode(tmp_path, [])
    assert path.read_text() == text


def test_permissions_are_added_to_those_of_before(tmp_path: Path) -> None:
    for hosts in (["http://a.test/*"], ["http://a.test/*", "http://b.test/*"]):
        allow_requests(tmp_path, [], "id", (["tabs"], hosts), ([], []))
    preferences = json.loads((tmp_path / "Default" / "Preferences").read_text())
    allowed = {
        "api": ["tabs"],
        "explicit_host": ["http://a.test/*", "http://b.test/*"],
        "manifest_permissions": [],
        "scriptable_host": [],
    }
    assert preferences["extensions"]["settings"]["id"] == {"runtime_granted_permissions": allowed}


def test_granted_permissions_are_active(tmp_path: Path) -> None:
    allow_requests(tmp_path, [], "id", (["tabs", "history"], []), (["tabs"], []))
    preferences = json.loads((tmp_path / "Default" / "Preferences").read_text())
    assert preferences["extensions"]["settings"]["id"]["active_permissions"]["api"] == ["tabs"]
