"""The folders that a launch loads."""

import json
import re
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


def test_the_id_that_the_browser_rejects_is_taken_back_too(tmp_path: Path) -> None:
    def gecko(id: str) -> dict[str, Any]:
        return {"browser_specific_settings": {"gecko": {"id": id}}}

    package = GeneratedExtension(write(tmp_path / "e", **gecko("former@x")), tmp_path, "firefox", frozenset())
    package.write_copy()
    write(tmp_path / "e", **gecko("rejected@x"))
    package.write_copy()
    assert package.extension_id == "rejected@x"
    package.restore_copy()
    assert package.extension_id == "former@x"


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


# --- what Python listens to before it can be asked ------------------------------------------------------------------

ON_CONNECT, ON_MESSAGE = "runtime.onConnect", "runtime.onMessage"
NOTHING: dict[str, list[str]] = {"events": [], "answers": []}
WANTED = {"events": [ON_CONNECT, ON_MESSAGE], "answers": [ON_MESSAGE]}


def listens(generated: GeneratedExtension) -> None:
    generated.set_listening(frozenset([ON_MESSAGE, ON_CONNECT]), frozenset([ON_MESSAGE]))


def guard(generated: GeneratedExtension, kind: str = "background") -> Any:
    """What the agent's file in the copy says."""
    (file,) = generated.copy.glob(f"portbridge-*-{kind}.js")
    found = re.search(r'"guard": (\{[^}]*\})', file.read_text("utf-8"))
    assert found
    return json.loads(found[1])


def generated_for(browser_name: BrowserName, folder: Path, *replace: str) -> GeneratedExtension:
    generated = GeneratedExtension(write(folder / "e"), folder, browser_name, frozenset(replace))
    generated.write_copy()
    return generated


def test_firefox_reads_what_python_listens_to_whenever_it_starts_the_background(tmp_path: Path) -> None:
    generated = generated_for("firefox", tmp_path)
    files = sorted(generated.copy.iterdir())
    before = {kind: guard(generated, kind) for kind in ("background", "page", "content")}
    listens(generated)
    after = {kind: guard(generated, kind) for kind in ("background", "page", "content")}
    assert before == {"background": NOTHING, "page": NOTHING, "content": NOTHING}
    assert after == {**before, "background": WANTED}
    assert sorted(generated.copy.iterdir()) == files
    generated.set_listening(frozenset(), frozenset())
    assert guard(generated) == NOTHING


def test_only_that_changes_in_the_agents_file(tmp_path: Path) -> None:
    generated = generated_for("firefox", tmp_path)
    (file,) = generated.copy.glob("portbridge-*-background.js")
    before = file.read_text("utf-8")
    listens(generated)
    assert file.read_text("utf-8") == before.replace(json.dumps(NOTHING), json.dumps(WANTED))


def test_chromium_reads_it_only_when_it_loads_the_extension(tmp_path: Path) -> None:
    generated = generated_for("chromium", tmp_path)
    listens(generated)
    assert guard(generated) == NOTHING
    generated.write_copy()
    assert guard(generated) == WANTED
    assert guard(generated, "page") == guard(generated, "content") == NOTHING  # they ask Python


@pytest.mark.parametrize("engine_name", ["chromium", "firefox"])
def test_what_was_said_before_there_is_a_copy_is_in_it(tmp_path: Path, engine_name: BrowserName) -> None:
    generated = GeneratedExtension(write(tmp_path / "e"), tmp_path, engine_name, frozenset())
    listens(generated)
    generated.write_copy()
    assert guard(generated) == WANTED


@pytest.mark.parametrize("engine_name", ["chromium", "firefox"])
@pytest.mark.parametrize("kind", ["background", "content"])
def test_where_python_plays_alone_it_listens_from_the_start(
    tmp_path: Path, engine_name: BrowserName, kind: str
) -> None:
    generated = generated_for(engine_name, tmp_path, kind)
    connects = [ON_CONNECT, "runtime.onConnectExternal", "runtime.onUserScriptConnect"]
    messages = [ON_MESSAGE, "runtime.onMessageExternal", "runtime.onUserScriptMessage"]
    played = {
        "background": {"events": sorted(connects + messages), "answers": messages},
        "content": {"events": [ON_CONNECT, ON_MESSAGE], "answers": [ON_MESSAGE]},
    }
    for other in ("background", "content", "page"):
        assert guard(generated, other) == (played[kind] if other == kind else NOTHING)


def test_what_python_listens_to_goes_into_the_copy_that_was_put_back(tmp_path: Path) -> None:
    generated = generated_for("firefox", tmp_path)
    files = sorted(generated.copy.iterdir())
    generated.write_copy()
    generated.restore_copy()
    listens(generated)
    assert guard(generated) == WANTED
    assert sorted(generated.copy.iterdir()) == files


def test_the_copy_that_was_put_back_knows_what_changed_meanwhile(tmp_path: Path) -> None:
    generated = generated_for("firefox", tmp_path)
    generated.write_copy()
    listens(generated)
    generated.restore_copy()
    assert guard(generated) == WANTED


def test_what_python_listens_to_goes_into_the_copy_that_could_not_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generated = generated_for("firefox", tmp_path)
    files = sorted(generated.copy.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(generated, "_write_pages", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            generated.write_copy()
    listens(generated)
    assert guard(generated) == WANTED
    assert sorted(generated.copy.iterdir()) == files
