"""Match patterns: which addresses they cover, and what is none."""

import pytest

from bridge.webext.patterns import any_match, covers, glob_regex, is_pattern, matches, widen

COVERED = [
    ("<all_urls>", "http://example.org/"),
    ("<all_urls>", "https://example.org/a?b#c"),
    ("<all_urls>", "file:///tmp/a.html"),
    ("*://*/*", "http://example.org/"),
    ("*://*/*", "https://example.org:8443/x"),
    ("*://*.example.org/*", "https://example.org/"),
    ("*://*.example.org/*", "https://a.b.example.org/"),
    ("https://*/path", "https://example.org/path"),
    ("https://example.org/*", "https://EXAMPLE.org/a"),
    ("https://Example.ORG/*", "https://example.org/a"),
    ("https://example.org/*", "https://example.org"),
    ("https://example.org/*", "https://user:word@example.org/"),
    ("https://example.org/a/*/c", "https://example.org/a/b/b/c"),
    ("https://example.org/a*", "https://example.org/a?q=1"),
    ("https://example.org/?q=1", "https://example.org/?q=1"),
    ("https://example.org/a", "https://example.org/a#part"),
    ("https://example.org/(a.b)", "https://example.org/(a.b)"),
    ("HTTPS://example.org/*", "https://example.org/"),
    ("http://localhost/*", "http://localhost:8000/"),
    ("http://localhost:8000/*", "http://localhost:8000/"),
    ("http://localhost:*/*", "http://localhost:8000/"),
    ("http://*:8000/*", "http://example.org:8000/"),
    ("http://*.example.org:8000/*", "http://a.example.org:8000/"),
    ("http://example.org:80/*", "http://example.org/"),
    ("https://example.org:443/*", "https://example.org/"),
    ("http://[::1]/*", "http://[::1]:8000/"),
    ("http://[::1]:8000/*", "http://[::1]:8000/"),
    ("file:///*", "file:///tmp/a.html"),
    ("file:///tmp/*", "file:///tmp/a.html"),
]
NOT_COVERED = [
    ("<all_urls>", "about:blank"),
    ("<all_urls>", "data:text/html,hello"),
    ("<all_urls>", "chrome://version/"),
    ("<all_urls>", "moz-extension://id/page.html"),
    ("*://*/*", "file:///tmp/a.html"),
    ("*://*/*", "ws://example.org/"),
    ("https://*/*", "http://example.org/"),
    ("*://*.example.org/*", "https://notexample.org/"),
    ("*://*.example.org/*", "https://example.org.evil/"),
    ("https://example.org/*", "https://a.example.org/"),
    ("https://example.org/a", "https://example.org/a?q=1"),
    ("https://example.org/a", "https://example.org/ab"),
    ("https://example.org/A", "https://example.org/a"),
    ("https://example.org/a.b", "https://example.org/aXb"),
    ("http://localhost:8000/*", "http://localhost/"),
    ("http://localhost:8000/*", "http://localhost:8001/"),
    ("http://*:8000/*", "http://example.org/"),
    ("http://example.org:80/*", "http://example.org:8080/"),
    ("file:///tmp/*", "file:///home/a.html"),
]
MALFORMED = [
    "",
    "*",
    "storage",
    "example.org",
    "https://example.org",
    "https:/example.org/*",
    "https:///*",
    "https://a*.example.org/*",
    "https://*example.org/*",
    "https://www.*/*",
    "https://example.org:port/*",
    "https://example.org:/*",
    "://example.org/*",
    " https://example.org/*",
    "<all_urls>/*",
]


@pytest.mark.parametrize(("pattern", "url"), COVERED)
def test_covers(pattern: str, url: str) -> None:
    assert is_pattern(pattern)
    assert matches(pattern, url)


@pytest.mark.parametrize(("pattern", "url"), NOT_COVERED)
def test_does_not_cover(pattern: str, url: str) -> None:
    assert is_pattern(pattern)
    assert not matches(pattern, url)


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_pattern_covers_nothing(text: str) -> None:
    assert not is_pattern(text)
    assert not matches(text, "https://example.org/")


def test_any_match_wants_one_that_covers() -> None:
    patterns = ["https://a.org/*", "https://b.org/*"]
    assert any_match(patterns, "https://b.org/")
    assert not any_match(patterns, "https://c.org/")
    assert not any_match([], "https://a.org/")


@pytest.mark.parametrize(
    ("pattern", "widened"),
    [
        ("https://a.org/some/path", "https://a.org/*"),
        ("http://[::1]:80/a", "http://[::1]:80/*"),
        ("file:///tmp/*", "file:///*"),
        ("*://*/*", "*://*/*"),
        ("<all_urls>", "<all_urls>"),
    ],
)
def test_widen_opens_the_path_alone(pattern: str, widened: str) -> None:
    assert widen(pattern) == widened


@pytest.mark.parametrize(
    ("glob", "text", "fits"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("*", "", True),
        ("a*", "ab", True),
        ("*b", "abab", True),
        ("a*b*c", "axbxc", True),
        ("a*b*c", "axcxb", False),
        ("*ab*ab", "abab", True),
        ("*ab*ab", "ab", False),
        ("**.*", "a.b", True),
        ("*" + "a*" * 40 + "b", "a" * 200, False),
        ("*a" * 40, "a" * 200, True),
    ],
)
def test_globs(glob: str, text: str, fits: bool) -> None:
    assert (glob_regex(glob).fullmatch(text) is not None) is fits


@pytest.mark.parametrize(
    ("pattern", "other", "fits"),
    [
        ("http://a.test/*", "http://a.test/path", True),
        ("http://a.test/*", "https://a.test/*", False),
        ("*://a.test/*", "https://a.test/*", True),
        ("http://a.test/*", "*://a.test/*", False),
        ("*://*.a.test/*", "http://b.a.test/*", True),
        ("http://a.test/*", "http://*.a.test/*", False),
        ("http://*.a.test/*", "http://*.b.a.test/*", True),
        ("http://*.a.test/*", "http://*/*", False),
        ("http://*/*", "http://*/*", True),
        ("*://*/*", "http://*.a.test/*", True),
        ("http://a.test:80/*", "http://a.test:81/*", False),
        ("http://a.test/*", "http://a.test:81/*", True),
        ("<all_urls>", "http://*/*", True),
        ("*://*/*", "<all_urls>", False),
    ],
)
def test_covers_a_pattern(pattern: str, other: str, fits: bool) -> None:
    assert covers(pattern, other) is fits
