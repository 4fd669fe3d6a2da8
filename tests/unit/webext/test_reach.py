"""Where an extension may run scripts, and the words for where it may not."""

from typing import Any

import pytest

from bridge.webext.manifest import Manifest
from bridge.webext.reach import chances, lacking

URL = "http://[::1]:80/path"


@pytest.mark.parametrize(
    ("manifest", "url", "words"),
    [
        ({}, URL, []),
        ({"permissions": ["activeTab"]}, URL, ['"activeTab" lets it once']),
        ({"permissions": ["activeTab"]}, "about:srcdoc", ['"activeTab" lets it once']),
        ({"permissions": ["activeTab"]}, "chrome://version/", []),
        ({"optional_permissions": ["activeTab"]}, URL, ["once it is granted and the user has invoked it"]),
        (
            {"optional_host_permissions": ["http://[::1]/x"]},
            URL,
            ['the optional host permission "http://[::1]/*" lets'],
        ),
        ({"optional_permissions": ["<all_urls>", "tabs"]}, URL, ['"<all_urls>"']),
        ({"optional_host_permissions": ["http://a.org/*"]}, URL, []),
        ({"optional_host_permissions": ["http://a.org/*"]}, "about:blank", ['"http://a.org/*"']),
        ({"permissions": ["activeTab"], "optional_permissions": ["*://*/*"]}, URL, ["activeTab", "optional host"]),
    ],
)
def test_what_may_let_a_script_in_later(manifest: dict[str, Any], url: str, words: list[str]) -> None:
    found = chances(Manifest(manifest), url)
    assert len(found) == len(words)
    assert all(word in said for word, said in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("manifest", "url", "words"),
    [
        (
            {},
            URL,
            'such as "http://[::1]/*" in "host_permissions", or "activeTab" in "permissions". Its manifest names',
        ),
        ({"manifest_version": 2}, URL, 'such as "http://[::1]/*" in "permissions"'),
        ({"host_permissions": ["http://a.org/x"]}, URL, 'Its manifest has "host_permissions" for "http://a.org/*"'),
        ({"manifest_version": 2, "permissions": ["http://a.org/x"]}, URL, 'has "permissions" for "http://a.org/*"'),
        (
            {
                "content_scripts": [
                    {"matches": ["http://a.org/x"], "js": ["c.js"]},
                    {"matches": ["*://*/*"], "css": ["c"]},
                ]
            },
            URL,
            'has "content_scripts" for "http://a.org/x"',
        ),
        ({}, "chrome://version/", "browsers let no extension into chrome: addresses"),
        ({}, "about:srcdoc", "it would have to be allowed in the page that made it"),
    ],
)
def test_what_is_missing_and_what_there_is(manifest: dict[str, Any], url: str, words: str) -> None:
    assert words in lacking(Manifest(manifest), url)
