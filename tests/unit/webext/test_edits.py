"""What leads from the copy's manifest back to the author's."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.webext.edits import manifest_edits
from bridge.webext.instrument import Agents, instrument_manifest
from bridge.webext.manifest import BrowserName

AGENTS = Agents(background="pb-background.js", page="pb-page.js", content="pb-content.js")


def edits(author: dict[str, Any], *replace: str, browser_name: BrowserName = "chromium") -> list[dict[str, Any]]:
    return manifest_edits(author, instrument_manifest(author, AGENTS, frozenset(replace)), browser_name)


def apply(manifest: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """What the agent does, with addresses left as they are."""
    result = copy.deepcopy(manifest)
    for change in changes:
        owner: Any = result
        *path, last = change["path"]
        for key in path:
            owner = owner[key]
        if "drop" in change:
            del owner[last][: change["drop"]]
        elif "link" in change or "value" in change:
            owner[last] = change.get("link", change.get("value"))
        else:
            del owner[last]
    return result


def test_nothing_to_edit() -> None:
    assert edits({"manifest_version": 3, "background": {"service_worker": "sw.js"}}) == []


def test_firefox_has_null_for_what_is_not_there() -> None:
    author = {"manifest_version": 3, "host_permissions": ["<all_urls>"]}
    assert edits(author) == [{"path": ["content_scripts"]}]
    assert edits(author, browser_name="firefox") == [{"path": ["content_scripts"], "value": None}]


def test_firefox_returns_null_for_a_policy_that_it_refuses() -> None:
    author = {"manifest_version": 2, "content_security_policy": "script-src 'none'"}
    (change,) = edits(author, browser_name="firefox")
    assert change == {"path": ["content_security_policy"], "value": None}
    assert edits(author)[0]["value"] == "script-src 'none'"


def test_firefox_makes_addresses_of_paths() -> None:
    author = {"manifest_version": 2, "background": {"page": "b.html"}}
    assert edits(author, "background", browser_name="firefox") == [
        {"path": ["background", "page"], "link": "b.html"},
        {"path": ["background", "scripts"], "value": None},
    ]


ENTRIES = [
    {"matches": ["*://a/*", "*://a/b"], "js": ["a.js"]},
    {"matches": ["*://a/*"], "js": ["a.js"], "css": ["a.css"], "exclude_globs": ["*x*"]},
    {"matches": ["*://b/*"], "css": ["b.css"]},
    {"matches": 1, "js": 1},
    1,
]
BACKGROUNDS = [
    {"scripts": []},
    {"scripts": ["a.js"]},
    {"scripts": ["a.js", "b.js"], "persistent": True},
    {"page": "a.html"},
    {"page": "a.html", "scripts": ["a.js"]},
    {"service_worker": "a.js", "scripts": ["a.js"]},
    {"scripts": "a.js"},
    1,
]
POLICIES = ["script-src 'none'", "script-src 'self'", {"extension_pages": "default-src 'none'", "sandbox": "x"}, {}, 1]
MANIFESTS = st.fixed_dictionaries(
    {"manifest_version": st.sampled_from([2, 3])},
    optional={
        "background": st.sampled_from(BACKGROUNDS),
        "content_scripts": st.lists(st.sampled_from(ENTRIES), max_size=4) | st.just(1),
        "host_permissions": st.just(["*://c/*"]),
        "content_security_policy": st.sampled_from(POLICIES),
    },
)


@pytest.mark.parametrize("replace", [(), ("background",), ("content",), ("background", "content")])
@given(author=MANIFESTS)
def test_the_edits_lead_back(author: dict[str, Any], replace: tuple[str, ...]) -> None:
    changed = instrument_manifest(author, AGENTS, frozenset(replace))
    assert apply(changed, manifest_edits(author, changed, "chromium")) == author
