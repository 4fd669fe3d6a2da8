"""What the bridge takes from Playwright beside its public names."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from bridge import _playwright


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("**/popup.html", True),
        ("**/popup.htm", False),
        ("moz-extension://x/popup.html", True),
        ("/popup.html", False),  # of the base_url
        (re.compile(r"popup\.html$"), True),
        (re.compile("side"), False),
        (lambda address: address.startswith("moz"), True),
        (lambda address: False, False),
    ],
)
def test_addresses_are_compared_as_playwright_does(url: Any, fits: bool) -> None:
    context = SimpleNamespace(_impl_obj=SimpleNamespace(_options={"baseURL": "https://a.org"}))
    matches = _playwright.url_matcher(context, url)
    assert matches("moz-extension://x/popup.html") is fits


def test_a_glob_is_relative_to_the_base_url() -> None:
    context = SimpleNamespace(_impl_obj=SimpleNamespace(_options={"baseURL": "https://a.org"}))
    assert _playwright.url_matcher(context, "/there")("https://a.org/there")
    assert not _playwright.url_matcher(SimpleNamespace(_impl_obj=object()), "/there")("https://a.org/there")
