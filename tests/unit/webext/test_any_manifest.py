"""Whatever a manifest has in it, the launch either goes on or says what is wrong.

Each of these manifests is valid but for one or two members, which become any other value of JSON.
"""

import copy
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.requirements import require_page_action, require_stoppable_background, require_toolbar_button
from bridge.errors import ContextError, ExtensionError, UnsupportedError
from bridge.webext.generated import GeneratedExtension
from bridge.webext.manifest import BrowserName, Manifest
from bridge.webext.reading import read_manifest

pytestmark = pytest.mark.filterwarnings("ignore::bridge.errors.ExtensionWarning")

FILES = ("bg.js", "bg.html", "sw.js", "cs.js", "cs.css", "popup.html", "options.html", "sandbox.html")
COMMON: dict[str, Any] = {
    "name": "x",
    "version": "1",
    "key": "YWJj",
    "content_scripts": [
        {"matches": ["*://a.org/*", "*://a.org/x"], "js": ["cs.js"], "css": ["cs.css"], "exclude_globs": ["*x*"]},
        {"matches": ["<all_urls>"], "css": ["cs.css"]},
    ],
    "permissions": ["nativeMessaging", "storage", "*://b.org/*"],
    "optional_permissions": ["tabs"],
    "externally_connectable": {"ids": ["*"], "matches": ["*://c.org/*"]},
    "sandbox": {"pages": ["sandbox.html"]},
    "options_ui": {"page": "options.html"},
    "devtools_page": "popup.html",
    "message_serialization": "structured_clone",
    "applications": {"gecko": {}},
    "unknown": {"nested": [1, 2]},
}
MANIFESTS: list[dict[str, Any]] = [
    {
        **COMMON,
        "manifest_version": 3,
        "background": {"service_worker": "sw.js", "scripts": ["bg.js"], "type": "module"},
        "host_permissions": ["*://d.org/*"],
        "content_security_policy": {"extension_pages": "script-src 'none'", "sandbox": "default-src 'none'"},
        "action": {"default_popup": "popup.html"},
        "browser_specific_settings": {"gecko": {"id": "a@b"}},
    },
    {
        **COMMON,
        "manifest_version": 2,
        "background": {"page": "bg.html", "persistent": False},
        "content_security_policy": "script-src 'self'",
        "browser_action": {"default_popup": "popup.html"},
        "browser_specific_settings": {"gecko": {"strict_min_version": "1"}},
    },
    {**COMMON, "manifest_version": 2, "background": {"scripts": ["bg.js"]}},
]
ODD_TEXTS = ["", "x", "/", ".", "..", "../sw.js", "%2e%2e/x", "a\0b", "x" * 300, "\ud800", "é", "*" * 30, "http://a/b"]
ODD_TEXTS += ["__MSG_x__", "<all_urls>", "*://*/*", "sw.js", "bg.html", "a.html?b#c", "PORTBRIDGE_WATCH", ";;"]
ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    ATOMS | st.sampled_from(ODD_TEXTS) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["js", "page", "scripts", "gecko", "id", "matches"]) | st.text(max_size=2),
            inner,
            max_size=3,
        )
    ),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all members, at any depth."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*path, key)
        yield from places(inner, (*path, key))


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    manifest = copy.deepcopy(draw(st.sampled_from(MANIFESTS)))
    for _ in range(draw(st.integers(1, 2))):
        owner: Any = manifest
        *path, last = draw(st.sampled_from(list(places(manifest))))
        for key in path:
            owner = owner[key]
        owner[last] = draw(VALUES)
    return manifest


def write(folder: Path, text: str) -> Path:
    extension = folder / "author"
    extension.mkdir(parents=True)
    for name in FILES:
        (extension / name).write_text("")
    (extension / "manifest.json").write_text(text, "utf-8")
    return extension


def launch(folder: Path, browser_name: BrowserName, replace: frozenset[str]) -> GeneratedExtension | None:
    """Do what a launch does before the browser starts, and what it asks of the manifest later."""
    generated = GeneratedExtension(folder / "author", folder, browser_name, replace)
    try:
        generated.write_copy()
    except ExtensionError as error:
        assert str(folder / "author") in str(error)
        return None
    generated.write_relay("ws://127.0.0.1:1/")
    assert isinstance(generated.extension_id, str)
    assert generated.runs_at("https://a.org/") in (True, False)
    assert generated.has_page(generated.blank_page) and generated.is_instrumented(generated.blank_page)
    for require in (
        lambda: require_stoppable_background(generated.manifest, generated.has_background),
        lambda: require_toolbar_button(generated.manifest, browser_name),
        lambda: require_page_action(generated.manifest),
    ):
        with suppress(ContextError, UnsupportedError):
            require()
    return generated


def check(folder: Path, manifest: dict[str, Any], browser_name: BrowserName, replace: frozenset[str]) -> None:
    text = json.dumps(manifest)
    write(folder, text)
    generated = launch(folder, browser_name, replace)
    assert sorted(path.name for path in (folder / "author").iterdir()) == sorted([*FILES, "manifest.json"])
    if generated is None:
        return
    assert generated.manifest.json == json.loads(text)
    copied = read_manifest(generated.copy)
    assert [key for key in copied.json if key in manifest] == list(manifest)
    assert copied.json["manifest_version"] == manifest["manifest_version"]


REPLACE = st.sampled_from([frozenset[str](), frozenset({"background"}), frozenset({"content"})])


@pytest.mark.parametrize("runs_in", ["chromium", "firefox"])
def test_every_manifest_works_or_is_refused(runs_in: BrowserName, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    @settings(max_examples=2000 if pytestconfig.getoption("all_tests") else 40)
    @given(manifest=changed(), replace=REPLACE)
    def holds(manifest: dict[str, Any], replace: frozenset[str]) -> None:
        shutil.rmtree(tmp_path / "x", ignore_errors=True)
        check(tmp_path / "x", manifest, runs_in, replace)

    holds()


ODD_VALUES: list[Any] = [1, "", "x", [], {}, None, True, [1], [""], {"x": 1}]


@pytest.mark.parametrize("number", range(len(MANIFESTS)))
def test_no_member_of_another_type_gives_a_traceback(number: int) -> None:
    """Without files, each value is cheap to try."""
    for path in places(MANIFESTS[number]):
        for value in ODD_VALUES:
            manifest = copy.deepcopy(MANIFESTS[number])
            owner: Any = manifest
            for key in path[:-1]:
                owner = owner[key]
            owner[path[-1]] = value
            read = Manifest(manifest)
            assert read.json is manifest
            assert all(isinstance(pattern, str) for pattern in read.content_patterns)


@pytest.mark.parametrize(
    "keys",
    [
        {"background": 1},
        {"permissions": 1},
        {"key": 1},
        {"key": "abc"},
        {"externally_connectable": "x"},
        {"externally_connectable": {"matches": 1}},
        {"browser_specific_settings": {"gecko": 5}, "permissions": ["nativeMessaging"]},
        {"browser_specific_settings": 5, "permissions": ["nativeMessaging"]},
        {"background": {"service_worker": ""}},
        {"background": {"service_worker": "http://a/b.js", "scripts": ["bg.js"]}},
        {"background": {"page": "__MSG_a__", "service_worker": "__MSG_a__"}},
        {"options_page": "x" * 300},
    ],
)
@pytest.mark.parametrize("runs_in", ["chromium", "firefox"])
def test_manifests_that_gave_a_traceback(keys: dict[str, Any], runs_in: BrowserName, tmp_path: Path) -> None:
    check(tmp_path, {"manifest_version": 3, "name": "x", "version": "1", **keys}, runs_in, frozenset())
