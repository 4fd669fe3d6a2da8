"""What the copy changes in the manifest."""

import copy
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.webext.instrument import Agents, instrument_manifest

AGENTS = Agents(background="pb-background.js", page="pb-page.js", content="pb-content.js")
NOTHING: frozenset[str] = frozenset()


def instrumented(replace: frozenset[str] = NOTHING, version: int = 3, **keys: Any) -> dict[str, Any]:
    result = instrument_manifest({"manifest_version": version, **keys}, AGENTS, replace)
    del result["manifest_version"]
    return result


def agent_entry(*matches: str, **more: Any) -> dict[str, Any]:
    return {
        "matches": list(matches),
        "js": ["pb-content.js"],
        "run_at": "document_start",
        "all_frames": True,
        "match_about_blank": True,
        **more,
    }


def whole(*matches: str) -> dict[str, Any]:
    return agent_entry(*matches, match_origin_as_fallback=True)


def test_agents_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        AGENTS.page = "x"  # type: ignore[misc]


# The background


@pytest.mark.parametrize(
    ("background", "kept", "replaced"),
    [
        ({"scripts": ["a.js"]}, {"scripts": ["pb-background.js", "a.js"]}, {"scripts": ["pb-background.js"]}),
        ({"scripts": []}, {"scripts": ["pb-background.js"]}, {"scripts": ["pb-background.js"]}),
        (
            {"page": "bg.html", "persistent": False},
            {"page": "bg.html", "persistent": False},
            {"scripts": ["pb-background.js"], "persistent": False},
        ),
        (
            {"service_worker": "sw.js", "type": "module"},
            {"service_worker": "sw.js", "type": "module"},
            {"service_worker": "sw.js", "type": "module"},
        ),
        (
            {"service_worker": "sw.js", "scripts": ["a.js"]},
            {"service_worker": "sw.js", "scripts": ["pb-background.js", "a.js"]},
            {"service_worker": "sw.js", "scripts": ["pb-background.js"]},
        ),
        ({}, {}, {}),
        ({"scripts": "a.js"}, {"scripts": "a.js"}, {"scripts": "a.js"}),
        ("a.js", "a.js", "a.js"),
    ],
)
def test_background(background: Any, kept: Any, replaced: Any) -> None:
    assert instrumented(background=background) == {"background": kept}
    assert instrumented(frozenset({"background"}), background=background) == {"background": replaced}


# Content scripts


def test_without_a_pattern_nothing_is_added() -> None:
    assert instrumented() == {}
    assert instrumented(permissions=["<all_urls>"]) == {"permissions": ["<all_urls>"]}


def test_the_agent_goes_first_wherever_scripts_go() -> None:
    authors = [
        {"matches": ["*://a.org/*", "*://b.org/*"], "js": ["a.js"], "run_at": "document_idle"},
        {"matches": ["*://b.org/*", "<all_urls>"], "js": ["b.js"], "world": "MAIN"},
        {"matches": ["*://css.org/*"], "css": ["c.css"]},
        {"matches": ["*://css.org/*"], "css": ["c.css"], "js": []},
    ]
    generated = whole("*://a.org/*", "*://b.org/*", "<all_urls>")
    assert instrumented(content_scripts=authors)["content_scripts"] == [generated, *authors]


def test_patterns_with_a_path_stand_apart() -> None:
    authors = [{"matches": ["*://a.org/x", "*://b.org/*", "*://c.org/y*", "*://d.org//*"], "js": ["a.js"]}]
    assert instrumented(content_scripts=authors)["content_scripts"] == [
        whole("*://b.org/*"),
        agent_entry("*://a.org/x", "*://c.org/y*", "*://d.org//*", exclude_matches=["*://b.org/*"]),
        *authors,
    ]


def test_patterns_with_a_path_alone_exclude_nothing() -> None:
    authors = [{"matches": ["file:///tmp/*"], "js": ["a.js"]}]
    assert instrumented(content_scripts=authors)["content_scripts"] == [
        agent_entry("file:///tmp/*"),
        *authors,
    ]


@pytest.mark.parametrize(("version", "key"), [(3, "host_permissions"), (2, "permissions")], ids=["MV3", "MV2"])
def test_host_permissions_count_without_their_path(version: int, key: str) -> None:
    hosts = ["http://a.org:8000/x/*", "file:///*", "tabs", "wss://a.org/*", "chrome://favicon/*", "HTTP://b.org/"]
    keys: dict[str, Any] = {key: hosts}
    result = instrumented(version=version, **keys)
    assert result == {key: hosts, "content_scripts": [whole("http://a.org:8000/*", "file:///*", "HTTP://b.org/*")]}


def test_all_urls_is_a_host_permission_too() -> None:
    assert instrumented(host_permissions=["<all_urls>"])["content_scripts"] == [whole("<all_urls>")]


def test_a_malformed_pattern_stays_in_the_authors_entry() -> None:
    authors: list[Any] = [{"matches": ["a.org", 1, "*://b.org/*"], "js": ["a.js"]}, {"js": ["a.js"]}, 1]
    assert instrumented(content_scripts=authors)["content_scripts"] == [whole("*://b.org/*"), *authors]


def test_content_scripts_of_another_shape_are_the_browsers_to_refuse() -> None:
    keys: dict[str, Any] = {"content_scripts": {"js": ["a.js"]}, "host_permissions": ["<all_urls>"]}
    assert instrumented(**keys) == keys


def test_replaced_content_scripts_run_nowhere() -> None:
    """Their entries stay, for getManifest(); what styles they bring comes by entries without scripts."""
    authors: list[Any] = [
        {"matches": ["*://a.org/*"], "js": ["a.js"]},
        {"matches": ["*://b.org/*"], "js": ["a.js"], "css": ["b.css"], "run_at": "document_end"},
        {"matches": ["*://c.org/*"], "js": ["a.js"], "css": [], "exclude_globs": ["*x*"]},
        {"matches": ["*://d.org/*"], "css": ["d.css"]},
        1,
    ]
    nowhere = {"exclude_globs": ["*"]}
    assert instrumented(frozenset({"content"}), content_scripts=authors)["content_scripts"] == [
        whole("*://a.org/*", "*://b.org/*", "*://c.org/*"),
        {"matches": ["*://b.org/*"], "css": ["b.css"], "run_at": "document_end"},
        *({**entry, **nowhere} for entry in authors[:3]),
        *authors[3:],
    ]


def test_an_empty_list_of_content_scripts_stays() -> None:
    assert instrumented(content_scripts=[]) == {"content_scripts": []}


def test_replacing_one_leaves_the_other() -> None:
    keys: dict[str, Any] = {
        "background": {"scripts": ["a.js"]},
        "content_scripts": [{"matches": ["*://a/*"], "js": ["a.js"]}],
    }
    assert instrumented(frozenset({"background"}), **keys)["content_scripts"] == instrumented(**keys)["content_scripts"]
    assert instrumented(frozenset({"content"}), **keys)["background"] == instrumented(**keys)["background"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["<all_urls>", "*://a/*", "*://a/b", "a.js"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["js", "css", "matches", "scripts", "page", "extension_pages"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
KEYS = ["manifest_version", "background", "content_scripts", "host_permissions", "content_security_policy"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.frozensets(st.sampled_from(["background", "content"])))
def test_no_manifest_is_mutated_or_makes_it_fail(manifest: dict[str, Any], replace: frozenset[str]) -> None:
    before = copy.deepcopy(manifest)
    result = instrument_manifest(manifest, AGENTS, replace)
    scribble(result)
    assert manifest == before


# Changes every container, so that one shared with the argument shows.
def scribble(value: Any) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            scribble(inner)
        value["scribbled"] = True
    elif isinstance(value, list):
        for inner in value:
            scribble(inner)
        value.append("scribbled")


def test_generated_entries_share_nothing() -> None:
    authors = [{"matches": ["*://a.org/*", "*://b.org/x"], "js": ["a.js"]}]
    first, second, _ = instrumented(content_scripts=authors)["content_scripts"]
    first["matches"].append("changed")
    assert second["exclude_matches"] == ["*://a.org/*"]


# Policies


def test_policies_in_a_manifest() -> None:
    shut, allowed = "script-src 'none'", "script-src 'self'"
    policies = {"extension_pages": shut, "sandbox": shut}
    assert instrumented(content_security_policy=policies) == {
        "content_security_policy": {"extension_pages": allowed, "sandbox": shut}
    }
    assert instrumented(version=2, content_security_policy=shut) == {"content_security_policy": allowed}
    assert instrumented(content_security_policy={"extension_pages": 1}) == {
        "content_security_policy": {"extension_pages": 1}
    }
