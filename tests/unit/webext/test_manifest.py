"""Reading a manifest: comments, errors with their place, and what a browser cannot run."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import ExtensionError
from bridge.webext.checks import check_manifest
from bridge.webext.manifest import BrowserName, Manifest, local_path
from bridge.webext.reading import read_manifest, strip_comments

MV3 = {"manifest_version": 3, "name": "x", "version": "1"}
MV2 = {"manifest_version": 2, "name": "x", "version": "1"}


def write(folder: Path, manifest: str | bytes) -> Path:
    (folder / "manifest.json").write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
    return folder


# Reading


@pytest.mark.parametrize(
    "text",
    [
        '{"manifest_version": 3, "name": "é // no /* comment"}',
        '\ufeff{"manifest_version": 3, "name": "é // no /* comment"}',
        '// first\n{"manifest_version": 3, /* a " quote */ "name": "é // no /* comment" // last\n}',
        '/* a\n * b **/{"manifest_version": 3,\r\n//\r\n"name": "é // no /* comment"}//',
    ],
)
def test_comments_and_a_byte_order_mark_are_allowed(text: str, tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, text)).json == {"manifest_version": 3, "name": "é // no /* comment"}


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ('{"a": "//"} // b', '{"a": "//"}     '),
        ('{"a": "\\"//"}//b', '{"a": "\\"//"}   '),
        ('{"a": "\\\\"}//"b"', '{"a": "\\\\"}     '),
        ("1/* a\n//*/2", "1    \n    2"),
        ("1// /* a\n2", "1       \n2"),
        ("1/**/2/* */3", "1    2     3"),
        ("/* not closed", "/* not closed"),
    ],
)
def test_spaces_stand_for_comments(text: str, blanked: str) -> None:
    assert strip_comments(text) == blanked


COMMENTS = st.one_of(
    st.text(alphabet='ab "/*\\', max_size=6).map(lambda text: f"//{text}\n"),
    st.text(alphabet='ab "/\n\\', max_size=6).map(lambda text: f"/*{text}*/"),
    st.just(" "),
)


@given(st.lists(st.tuples(st.text(alphabet='ab/*"\\\n', max_size=8), COMMENTS), max_size=6))
def test_no_comment_changes_what_is_read_or_where(parts: list[tuple[str, str]]) -> None:
    text = "[" + ",".join(f"{comment}{json.dumps(value)}{comment}" for value, comment in parts) + "]"
    stripped = strip_comments(text)
    assert json.loads(stripped) == [value for value, _ in parts]
    assert [len(line) for line in stripped.split("\n")] == [len(line) for line in text.split("\n")]


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5))
def test_json_without_comments_stays(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    assert strip_comments(text) == text


def test_a_manifest_of_version_2_is_read(tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, json.dumps(MV2))).json == MV2


def refusal_to_read(folder: Path) -> str:
    with pytest.raises(ExtensionError) as caught:
        read_manifest(folder)
    assert "manifest.json" in str(caught.value)
    return str(caught.value)


def test_broken_json_is_refused_with_its_place(tmp_path: Path) -> None:
    message = refusal_to_read(write(tmp_path, '{\n  /* a\n  b */ "name" 1\n}'))
    assert "line 3, column 15: Expecting ':' delimiter" in message


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("", "line 1, column 1: Expecting value"),
        ('{"manifest_version": NaN}', "NaN is not JSON"),
        ('{"manifest_version": 3, "x": 1e999}', "1e999 is too large for a number"),
        ('{"x": ' + "9" * 5000 + "}", "manifest.json cannot be read"),
        ('{"manifest_version": 3, "x": ' + "[" * 200 + "]" * 200 + "}", "more than 200 objects and arrays"),
        ("[" * 100_000 + "]" * 100_000, "more than 200 objects and arrays in each other"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "more than 200 objects and arrays in each other"),
        (b'{"name": "\xe9"}', "byte 10: invalid continuation byte; save it as UTF-8"),
        ("[]", "is not a JSON object"),
        ("{}", '"manifest_version" is missing: set it to 3'),
        ('{"manifest_version": 1}', '"manifest_version" is 1: set it to 3'),
        ('{"manifest_version": "3"}', '"manifest_version" is "3": set it to 3'),
        ('{"manifest_version": true}', '"manifest_version" is true: set it to 3'),
        ('{"manifest_version": null}', '"manifest_version" is null: set it to 3'),
    ],
)
def test_what_is_no_manifest_is_refused(manifest: str | bytes, words: str, tmp_path: Path) -> None:
    assert words in refusal_to_read(write(tmp_path, manifest))


def test_as_deep_as_chromium_reads_it(tmp_path: Path) -> None:
    text = '{"manifest_version": 3, "x": ' + "[" * 199 + "]" * 199 + "}"
    assert read_manifest(write(tmp_path, text)).json["manifest_version"] == 3


ODD = {
    "quotes": '"' + '\\"' * 200_000,
    "comments": "/*x" * 200_000,
    "lines": '"x\n' * 100_000,
    "backslashes": "\\" * 100_000,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_what_looks_like_a_comment_or_string_takes_no_longer_than_others(odd: str, tmp_path: Path) -> None:
    """In time that grows with the square, each of these would take minutes."""
    assert "manifest.json, line 1, column" in refusal_to_read(write(tmp_path, odd))
    assert len(strip_comments(odd)) == len(odd)


def test_an_absent_manifest_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal_to_read(tmp_path)


# What a browser cannot run


def problem(manifest: dict[str, Any], runs_in: BrowserName, folder: Path) -> str | None:
    try:
        check_manifest(Manifest(manifest), runs_in, folder)
    except ExtensionError as error:
        return str(error)
    return None


def warnings_of(manifest: dict[str, Any], runs_in: BrowserName, folder: Path) -> list[str]:
    return check_manifest(Manifest(manifest), runs_in, folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("bg.js", "bg.html", "sw.js", "cs.js", "cs.css", "popup.html", "a b.html", "a#b.js"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("manifest", "runs_in", "words"),
    [
        (MV2, "chromium", ['"manifest_version" is 2', "Firefox"]),
        (
            MV3 | {"background": {"service_worker": "sw.js"}},
            "firefox",
            ['"background.service_worker"', 'add "scripts": ["sw.js"]'],
        ),
        (MV2 | {"background": {"service_worker": "sw.js"}}, "firefox", ['"background.service_worker"']),
    ],
)
def test_refused(manifest: dict[str, Any], runs_in: BrowserName, words: list[str], folder: Path) -> None:
    message = problem(manifest, runs_in, folder) or ""
    assert message.startswith("manifest.json: ")
    assert [word for word in words if word not in message] == []


BOTH = {"background": {"service_worker": "sw.js", "scripts": ["bg.js"]}}


@pytest.mark.parametrize(
    ("manifest", "runs_in"),
    [
        (MV3, "chromium"),
        (MV3, "firefox"),
        (MV2, "firefox"),
        (MV3 | BOTH, "chromium"),
        (MV3 | BOTH, "firefox"),
        (MV3 | {"background": {"service_worker": "sw.js", "page": "bg.html"}}, "firefox"),
        (MV2 | {"background": {"page": "bg.html"}}, "firefox"),
        # The other browser's background is nobody's business here.
        (MV3 | {"background": {"service_worker": "sw.js", "scripts": ["absent.js"]}}, "chromium"),
        (MV3 | {"background": {"service_worker": "absent.js", "scripts": ["bg.js"]}}, "firefox"),
        # What the browser has its own words for.
        (MV3 | {"background": "bg.js", "content_scripts": 1, "action": [], "options_ui": None}, "chromium"),
        (MV3 | {"content_scripts": [1, {"js": "cs.js"}, {"js": [1], "css": None}]}, "firefox"),
        (MV3 | {"icons": {"16": "absent.png"}, "options_page": ""}, "chromium"),
        # Ways to name a file that is there.
        (MV3 | {"background": {"service_worker": "/sw.js"}}, "chromium"),
        (MV3 | {"background": {"service_worker": "./sw.js"}}, "chromium"),
        (MV3 | {"background": {"service_worker": "/a#b.js"}}, "chromium"),
        (MV3 | {"action": {"default_popup": "popup.html?a=1#b"}}, "chromium"),
        (MV3 | {"options_ui": {"page": "a%20b.html"}}, "firefox"),
        (MV3 | {"options_page": "https://example.org/options"}, "chromium"),
        (MV3 | {"action": {"default_popup": "__MSG_popup__"}}, "chromium"),
    ],
)
def test_accepted(manifest: dict[str, Any], runs_in: BrowserName, folder: Path) -> None:
    assert warnings_of(manifest, runs_in, folder) == []


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"background": {"service_worker": "absent"}}, "background.service_worker"),
        ({"content_scripts": [{"js": ["cs.js"]}, {"js": ["cs.js", "absent"]}]}, "content_scripts[1].js[1]"),
        ({"content_scripts": [{"css": ["absent"]}]}, "content_scripts[0].css[0]"),
        ({"options_ui": {"page": "absent"}}, "options_ui.page"),
        ({"options_page": "absent"}, "options_page"),
    ],
)
def test_files_without_which_chromium_loads_nothing(keys: dict[str, Any], key: str, folder: Path) -> None:
    assert f'"{key}" names "absent", which does not exist' in (problem(MV3 | keys, "chromium", folder) or "")


LOADED = "loads the extension without it"


@pytest.mark.parametrize(
    ("manifest", "runs_in", "words"),
    [
        (
            MV3 | {"background": {"scripts": ["bg.js"]}},
            "chromium",
            ['"background.scripts"', 'add "service_worker": "bg.js"', "without a background"],
        ),
        (MV3 | {"background": {"page": "bg.html"}}, "chromium", ['"background.page"', '"service_worker"']),
        (MV3 | {"action": {"default_popup": "absent"}}, "chromium", ['"action.default_popup"', f"Chromium {LOADED}"]),
        (MV3 | {"devtools_page": "absent"}, "chromium", ['"devtools_page"', f"Chromium {LOADED}"]),
        (MV2 | {"background": {"page": "absent"}}, "firefox", ['"background.page"', f"Firefox {LOADED}"]),
        (MV2 | {"background": {"scripts": ["bg.js", "absent"]}}, "firefox", ['"background.scripts[1]"', LOADED]),
        (
            MV3 | {"content_scripts": [{"js": ["cs.js"]}, {"js": ["absent", "cs.js"]}]},
            "firefox",
            ['"content_scripts[1].js[0]"', 'runs nothing of "content_scripts[1]"'],
        ),
        (MV3 | {"content_scripts": [{"css": ["absent"]}]}, "firefox", ['"content_scripts[0].css[0]"']),
        (MV2 | {"browser_action": {"default_popup": "absent"}}, "firefox", ['"browser_action.default_popup"']),
        (MV2 | {"page_action": {"default_popup": "absent"}}, "firefox", ['"page_action.default_popup"']),
        (MV3 | {"options_ui": {"page": "absent"}}, "firefox", ['"options_ui.page"']),
        (MV3 | {"devtools_page": "absent"}, "firefox", ['"devtools_page"']),
        (MV3 | {"sidebar_action": {"default_panel": "absent"}}, "firefox", ['"sidebar_action.default_panel"']),
    ],
)
def test_warned_of(manifest: dict[str, Any], runs_in: BrowserName, words: list[str], folder: Path) -> None:
    (warning,) = warnings_of(manifest, runs_in, folder)
    assert warning.startswith("manifest.json: ")
    assert [word for word in words if word not in warning] == []


@pytest.mark.parametrize(
    ("manifest", "runs_in"),
    [
        (MV3 | {"browser_action": {"default_popup": "absent"}, "page_action": {"default_popup": "absent"}}, "chromium"),
        (MV3 | {"side_panel": {"default_path": "absent"}}, "chromium"),
        (MV3 | {"sidebar_action": {"default_panel": "absent"}}, "chromium"),
        (MV3 | {"chrome_url_overrides": {"newtab": "absent"}}, "chromium"),
        (MV3 | {"browser_action": {"default_popup": "absent"}}, "firefox"),
        (MV2 | {"action": {"default_popup": "absent"}}, "firefox"),
        (MV3 | {"side_panel": {"default_path": "absent"}}, "firefox"),
    ],
)
def test_what_the_browser_does_not_know_or_refuses_itself(
    manifest: dict[str, Any], runs_in: BrowserName, folder: Path
) -> None:
    assert warnings_of(manifest, runs_in, folder) == []


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.js").touch()
    (tmp_path / "extension").mkdir()
    for name in ("../secret.js", "%2e%2e/secret.js", "a/../../secret.js", "/../secret.js", str(tmp_path / "secret.js")):
        keys = {"background": {"service_worker": name}}
        assert "which does not exist" in (problem(MV3 | keys, "chromium", tmp_path / "extension") or "")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\ud800", "x/" * 3000])
def test_names_that_no_file_can_have(name: str, folder: Path) -> None:
    assert "which does not exist" in (problem(MV3 | {"options_page": name}, "chromium", folder) or "")


# What is read of it


@pytest.mark.parametrize(
    ("background", "chromium", "firefox"),
    [
        (None, None, None),
        ("bg.js", None, None),
        ({}, None, None),
        ({"service_worker": "sw.js"}, "service_worker", None),
        ({"scripts": []}, None, "scripts"),
        ({"page": "bg.html"}, None, "page"),
        ({"scripts": ["bg.js"], "page": "bg.html"}, None, "page"),
        ({"service_worker": "sw.js", "scripts": ["bg.js"]}, "service_worker", "scripts"),
        ({"service_worker": 1, "scripts": "bg.js", "page": []}, None, None),
    ],
)
def test_background_kind(background: Any, chromium: str | None, firefox: str | None) -> None:
    manifest = Manifest(MV3 | {"background": background})
    assert manifest.background_kind("chromium") == chromium
    assert manifest.background_kind("firefox") == firefox


@pytest.mark.parametrize(
    ("manifest", "patterns"),
    [
        (MV3, []),
        (MV3 | {"host_permissions": ["<all_urls>", "*://a.org/*"]}, ["<all_urls>", "*://a.org/*"]),
        (MV3 | {"host_permissions": ["*://a.org/b/*", "*://a.org/c"]}, ["*://a.org/*"]),
        (MV3 | {"host_permissions": ["a.org", 1, "*://a.org"]}, []),
        (MV3 | {"host_permissions": "<all_urls>"}, []),
        (MV3 | {"permissions": ["<all_urls>"]}, []),
        (MV3 | {"optional_host_permissions": ["<all_urls>"]}, []),
        (
            MV2 | {"permissions": ["tabs", "<all_urls>", {"usb": 1}, "*://a.org/*"]},
            ["<all_urls>", "*://a.org/*"],
        ),
        (MV2 | {"host_permissions": ["<all_urls>"]}, []),
    ],
)
def test_host_patterns(manifest: dict[str, Any], patterns: list[str]) -> None:
    assert Manifest(manifest).host_patterns == patterns


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("a/b.html", "a/b.html"),
        ("/a/b.html", "a/b.html"),
        ("./a.html", "a.html"),
        ("//a.html", "a.html"),
        (".hidden/a.html", ".hidden/a.html"),
        ("a.html?b#c", "a.html"),
        ("a.html#c?b", "a.html"),
        ("a%20b.html", "a b.html"),
        ("../a.html", "a.html"),
        ("a/../../../b.html", "b.html"),
        ("a/b/../c.html", "a/c.html"),
        ("%2e%2e%2f..%2fa.html", "a.html"),
        ("..", ""),
        ("", ""),
    ],
)
def test_local_path(reference: str, path: str) -> None:
    assert local_path(reference) == path


def test_pages_of_a_manifest() -> None:
    manifest = {
        "action": {"default_popup": "popup.html"},
        "options_ui": {"page": "options.html"},
        "options_page": "options.html",
        "browser_action": {},
        "side_panel": "no object",
        "devtools_page": 3,
    }
    assert Manifest(manifest).pages == {
        "action.default_popup": "popup.html",
        "options_ui.page": "options.html",
        "options_page": "options.html",
    }
    assert Manifest({}).pages == {}


# What the user opens


@pytest.mark.parametrize(
    ("more", "has_popup"),
    [
        ({}, False),
        ({"action": {}}, False),
        ({"action": {"default_popup": ""}}, False),
        ({"page_action": {"default_popup": "p.html"}}, False),
        ({"action": {"default_popup": "p.html"}}, True),
        ({"browser_action": {"default_popup": "p.html"}}, True),
    ],
)
def test_whether_the_toolbar_button_has_a_popup(more: dict[str, Any], has_popup: bool) -> None:
    assert Manifest({**MV3, **more}).has_popup is has_popup


@pytest.mark.parametrize(
    ("more", "page", "embeds"),
    [
        ({}, None, False),
        ({"options_ui": {}}, None, False),
        ({"options_ui": []}, None, False),
        ({"options_page": "o.html"}, "o.html", False),
        ({"options_ui": {"page": "o.html"}}, "o.html", True),
        ({"options_ui": {"page": "o.html", "open_in_tab": False}, "options_page": "x.html"}, "o.html", True),
        ({"options_ui": {"page": "o.html", "open_in_tab": True}}, "o.html", False),
    ],
)
def test_where_the_options_are_shown(more: dict[str, Any], page: str | None, embeds: bool) -> None:
    manifest = Manifest({**MV3, **more})
    assert (manifest.options_page, manifest.embeds_options) == (page, embeds)
