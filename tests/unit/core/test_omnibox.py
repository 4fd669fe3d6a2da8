"""Typing in the address bar: what is refused before, and the wait for a suggestion."""

from typing import Any, cast

import pytest

from bridge.core.omnibox import Omnibox
from bridge.driver import Loaded, Suggestion
from bridge.errors import BridgeTimeoutError, UnsupportedError
from bridge.webext.manifest import Manifest


class Browser:
    """A driver, its address bar, and what brings pages to the front; what is done is kept.

    Attributes:
        lists: What the address bar shows, one look after the other; the last one stays.
    """

    loaded = Loaded("x", "chrome-extension://x/")

    def __init__(self, *lists: list[str], manifest: dict[str, Any] | None = None) -> None:
        self.manifest = Manifest({"omnibox": {"keyword": "x"}} if manifest is None else manifest)
        self.lists = list(lists)
        self.done: list[Any] = []

    async def in_front(self, page: Any) -> Any:
        return page or "the newest"

    async def omnibox(self, loaded: Loaded, page: Any) -> "Browser":
        self.done.append(page)
        return self

    async def type(self, text: str) -> None:
        self.done.append(text)

    async def suggestions(self) -> list[Suggestion]:
        contents = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        return [{"content": content, "description": ""} for content in contents]

    async def enter(self, suggestion: str | None, disposition: str) -> None:
        self.done.append((suggestion, disposition))

    async def leave(self) -> None:
        self.done.append("left")

    @property
    def bar(self) -> Omnibox:
        all_of_it = cast("Any", self)
        return Omnibox(extension=all_of_it, loading=all_of_it, opening=all_of_it, driver=all_of_it)


async def test_nothing_is_entered_unless_asked_for() -> None:
    browser = Browser()
    assert await browser.bar.type("a", None, None, False, 0) == []
    assert await browser.bar.type("b", "page", None, True, 0) == []
    assert await browser.bar.type("c", None, None, "newBackgroundTab", 0) == []
    await browser.bar.leave(None, 0)
    entered = [(None, "currentTab"), "the newest", "c", (None, "newBackgroundTab")]
    assert browser.done == ["the newest", "a", "page", "b", *entered, "the newest", "left"]


async def test_a_suggestion_is_waited_for_and_chosen() -> None:
    browser = Browser([], ["one"], ["one", "two"])
    found = await browser.bar.type("a", None, "two", True, 5000)
    assert [it["content"] for it in found] == ["one", "two"]
    assert browser.done[-1] == ("two", "currentTab")


@pytest.mark.parametrize(("shown", "listed"), [(["one"], 'shows "one"'), ([], "shows none")])
async def test_what_is_shown_instead_is_in_the_error(shown: list[str], listed: str) -> None:
    browser = Browser(shown)
    with pytest.raises(BridgeTimeoutError, match=f'suggestion "two"; the address bar {listed}'):
        await browser.bar.type("a", None, "two", True, 20)
    assert browser.done == ["the newest", "a"]


async def test_what_is_refused_before_the_browser_is_asked() -> None:
    browser = Browser()
    with pytest.raises(TypeError, match="not 7"):
        await browser.bar.type(7, None, None, False, 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'newForegroundTab', 'newBackgroundTab', not 'window'"):
        await browser.bar.type("a", None, None, "window", 0)  # type: ignore[arg-type]
    without = Browser(manifest={})
    with pytest.raises(UnsupportedError, match="no 'omnibox' key"):
        await without.bar.type("a", None, None, False, 0)
    with pytest.raises(UnsupportedError, match="no 'omnibox' key"):
        await without.bar.leave(None, 0)
    assert browser.done == without.done == []
