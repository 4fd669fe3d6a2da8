"""Which pages the extension may not run in, and when the browser is asked."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.core.private_windows import PrivateWindows
from bridge.errors import ContextError
from bridge.webext.manifest import Manifest


class Driver:
    """Says of each page the next of `answers`, or raises it."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)

    async def is_private(self, page: Any) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Page:
    url = "https://a.test/"


def private_windows(driver: Driver, *, allowed: bool, browser: str = "chromium", **manifest: str) -> PrivateWindows:
    extension: Any = SimpleNamespace(manifest=Manifest(dict(manifest)))
    there: Any = driver
    nothing: Any = None
    return PrivateWindows(
        allowed=allowed,
        extension=extension,
        browser_name=browser,
        relay=nothing,
        browser_context=nothing,
        driver=there,
    )


async def test_the_browser_is_asked_once_about_an_ordinary_page() -> None:
    driver = Driver(False, True)
    windows = private_windows(driver, allowed=False)
    page = Page()
    for _ in range(3):
        await windows.require_allowed(page)
    with pytest.raises(ContextError, match=r"https://a\.test/ is in a private window.*launch\(private=True\)"):
        await windows.require_allowed(Page())


async def test_a_browser_that_cannot_say_is_asked_again() -> None:
    windows = private_windows(Driver(OSError("gone"), True), allowed=False)
    page = Page()
    await windows.require_allowed(page)
    with pytest.raises(ContextError):
        await windows.require_allowed(page)


async def test_where_it_is_allowed_nobody_is_asked() -> None:
    await private_windows(Driver(), allowed=True).require_allowed(Page())
    await private_windows(Driver(), allowed=True, incognito="split").require_allowed(Page())


@pytest.mark.parametrize(
    ("browser", "incognito", "words"),
    [
        ("chromium", "not_allowed", '"incognito": "not_allowed"$'),
        ("firefox", "not_allowed", '"incognito": "not_allowed"$'),
        ("firefox", "split", '"incognito": "split", which Firefox takes for "not_allowed"$'),
    ],
)
async def test_a_manifest_that_forbids_it(browser: str, incognito: str, words: str) -> None:
    windows = private_windows(Driver(True), allowed=True, browser=browser, incognito=incognito)
    with pytest.raises(ContextError, match=words):
        await windows.require_allowed(Page())


async def test_it_does_not_open_where_it_is_not_allowed() -> None:
    with pytest.raises(ContextError, match=r"launch\(private=True\) allows the extension in private windows"):
        await private_windows(Driver(), allowed=False).open(None, 1000)
    await asyncio.wait_for(private_windows(Driver(), allowed=False).close(), 1)
