"""The folders that a launch loads."""

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import ExtensionError
from bridge.webext.generated import GeneratedExtension
from bridge.webext.manifest import BrowserName
from support import background, write_extension

CLONING = {"message_serialization": "structured_clone"}


def write(folder: Path, **manifest: Any) -> Path:
    return write_extension(folder, {**background("b.js"), **manifest}, {"b.js": ""})


def written(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


@pytest.mark.parametrize("manifest", [{}, CLONING])
def test_the_relay_serialises_messages_as_the_extension_does(tmp_path: Path, manifest: dict[str, Any]) -> None:
    package = GeneratedExtension(write(tmp_path / "e", **manifest), tmp_path, "chromium", frozenset())
    package.write_copy()
    package.write_relay("ws://127.0.0.1:1/")
    assert written(package.relay).get("message_serialization") == manifest.get("message_serialization")
    assert f'"structured": {str(bool(manifest)).lower()}' in (package.relay / "background.js").read_text("utf-8")


@pytest.mark.parametrize(("engine_name", "refused"), [("chromium", True), ("firefox", False)])
def test_that_cannot_change_while_it_runs(tmp_path: Path, engine_name: BrowserName, refused: bool) -> None:
    package = GeneratedExtension(write(tmp_path / "e"), tmp_path, engine_name, frozenset())
    package.write_copy()
    write(tmp_path / "e", **CLONING)
    if not refused:
        package.write_copy()
        assert package.manifest.serialization == "structured_clone"
        return
    with pytest.raises(ExtensionError, match=r'"message_serialization" changed.*launch again'):
        package.write_copy()
    assert package.manifest.serialization is None
    assert "message_serialization" not in written(package.copy)


def test_what_the_browser_rejects_is_taken_back_whole(tmp_path: Path) -> None:
    package = GeneratedExtension(write(tmp_path / "e", name="former"), tmp_path, "chromium", frozenset())
    package.write_copy()
    former = package.manifest, package.blank_page, package.search_event
    write(tmp_path / "e", name="rejected")
    package.write_copy()
    assert (package.manifest.name, written(package.copy)["name"]) == ("rejected", "rejected")
    package.restore_copy()
    assert written(package.copy)["name"] == "former"
    assert (package.manifest, package.blank_page, package.search_event) == former


def test_the_authors_words_are_no_placeholders(tmp_path: Path) -> None:
    script = {"matches": ["http://a/*"], "js": ["b.js"], "exclude_globs": ["PORTBRIDGE_WATCH PORTBRIDGE_CONFIG"]}
    extension = write(tmp_path / "e", content_scripts=[script])
    generated = GeneratedExtension(extension, tmp_path, "chromium", frozenset({"content"}))
    generated.write_copy()
    agent = next(generated.copy.glob("portbridge-*-content.js")).read_text("utf-8")
    assert agent.count('"PORTBRIDGE_WATCH PORTBRIDGE_CONFIG"') == 1


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"browser_specific_settings": {"gecko": {"strict_min_version": "1"}}},
        {"applications": {"gecko": {}}},
        {"applications": {"gecko": {"id": "other@x"}}, "browser_specific_settings": {"gecko": {}}},
        {"browser_specific_settings": {"gecko_android": {}}},
    ],
)
def test_an_extension_with_native_messaging_gets_an_id_in_firefox(tmp_path: Path, settings: dict[str, Any]) -> None:
    extension = tmp_path / "e"
    extension.mkdir()
    manifest = {"manifest_version": 2, "name": "x", "version": "1", "permissions": ["nativeMessaging"], **settings}
    (extension / "manifest.json").write_text(json.dumps(manifest))
    generated = GeneratedExtension(extension, tmp_path, "firefox", frozenset())
    generated.write_copy()
    assert generated.extension_id.endswith("-tested@portbridge")


@pytest.mark.parametrize("file", ["../../sw.js", "%2e%2e/%2e%2e/sw.js"])
def test_a_worker_elsewhere_is_not_written_to(tmp_path: Path, file: str) -> None:
    """The copy lies two folders below the file."""
    (tmp_path / "sw.js").write_text("mine")
    extension = write(tmp_path / "e", background={"service_worker": file})
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(ExtensionError, match="which does not exist"):
        GeneratedExtension(extension, home, "chromium", frozenset()).write_copy()
    assert (tmp_path / "sw.js").read_text() == "mine"
