"""Types to an extension in Chromium's address bar."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from ..driver import Disposition, Loaded, Suggestion
from ..errors import ContextError, UnsupportedError
from .chromium_ui import BrowserWindow, ChromiumUi, Node
from .hidden_documents import HiddenDocuments

__all__ = ["ChromiumOmnibox"]

_RETRY_S = 0.05
_FIELD = "OmniboxViewViews"
_POPUP = "chrome://omnibox-popup.top-chrome/"
_MOST = 20  # suggestions that Chromium might show; 156 shows nine
_A, _ENTER, _ESCAPE, _DOWN, _DELETE = 0x41, 0x0D, 0x1B, 0x28, 0x2E
_CTRL = 4
_WITH = {"currentTab": 0, "newForegroundTab": 8, "newBackgroundTab": 16}  # no key, Alt, and Command, on every system
_ESCAPES = 3  # for the list of suggestions, for what was typed, and for the keyword


class _Bar(NamedTuple):
    window: BrowserWindow
    field: Node


class ChromiumOmnibox:
    """See `driver.Omnibox`.

    Args:
        documents: In which Chromium's own pages are asked.
        ui: Chromium's user interface.
        loaded: The extension.
        page_target: A page in the window whose address bar it is.
    """

    def __init__(self, documents: HiddenDocuments, ui: ChromiumUi, loaded: Loaded, page_target: str) -> None:
        self._documents = documents
        self._ui = ui
        self._loaded = loaded
        self._page_target = page_target
        self._keyword = self._text = ""

    async def type(self, text: str) -> None:
        """Type the keyword and a text."""
        async with self._documents.of_extension(self._loaded) as document:
            self._keyword = await self._documents.evaluate(document, _KEYWORD)
        self._text = text
        async with self._bar() as bar:
            while True:
                if await self._has_keyword(bar):
                    break
                await asyncio.sleep(_RETRY_S)  # Chromium learns it only after it has loaded the extension
            await self._ui.write(bar.window.window, text)

    async def suggestions(self) -> list[Suggestion]:
        """What the list under the address bar shows of the extension's suggestions.

        Raises:
            UnsupportedError: That list is no page of Chromium's.
        """
        lists = await self._documents.targets(_POPUP)
        if not lists:
            raise UnsupportedError("This Chromium does not say which suggestions its address bar shows")
        arguments = json.dumps([self._text, f"{self._keyword} ", self._loaded.base_url])
        for target in lists:
            async with self._documents.attached(target) as session:
                if found := await self._documents.evaluate(session, f"({_SHOWN})(...{arguments})"):
                    return [{"content": content, "description": words} for content, words in found]
        return []

    async def enter(self, suggestion: str | None, disposition: Disposition) -> None:
        """Choose a suggestion, and press Enter."""
        async with self._bar() as bar:
            if suggestion is not None:
                await self._choose(bar, suggestion)
            await self._ui.press(bar.field, _ENTER, _WITH[disposition])

    async def leave(self) -> None:
        """Press Escape until the address bar is as before."""
        async with self._bar() as bar:
            await self._revert(bar)

    @asynccontextmanager
    async def _bar(self) -> AsyncIterator[_Bar]:
        bounds = await self._documents.window_bounds(self._page_target)
        async with self._ui.looking():
            window = await self._ui.browser_window(bounds)
            fields = window.widget.named(_FIELD)
            if not fields:
                raise UnsupportedError("The page is in a window that has no address bar to type in")
            yield _Bar(window, fields[0])

    async def _revert(self, bar: _Bar) -> None:
        await self._ui.click(bar.field)
        for _ in range(_ESCAPES):
            await self._ui.press(bar.field, _ESCAPE)

    async def _has_keyword(self, bar: _Bar) -> bool:
        await self._revert(bar)
        await self._ui.click(bar.field)  # Escape has taken the focus away
        await self._ui.press(bar.field, _A, _CTRL)
        await self._ui.press(bar.field, _DELETE)
        await self._ui.write(bar.window.window, self._keyword)
        is_typed = (await self._content(bar)).startswith(self._keyword)  # Chromium may complete it
        await self._ui.write(bar.window.window, " ")
        return is_typed and not await self._content(bar)  # it has become a button in front of the text

    async def _choose(self, bar: _Bar, suggestion: str) -> None:
        for _ in range(_MOST):
            await self._ui.press(bar.field, _DOWN)
            if await self._content(bar) == suggestion:
                return
        raise ContextError(f"Chromium does not let the user choose the suggestion {json.dumps(suggestion)}")

    async def _content(self, bar: _Bar) -> str:
        return (await self._ui.properties(bar.field))["Text"]


_KEYWORD = "chrome.runtime.getManifest().omnibox?.keyword ?? ''"

# The first one is no suggestion, but what was typed.
_SHOWN = """(text, keyword, origin) => {
  const list = document.querySelector("omnibox-popup-app")?.shadowRoot?.querySelector("cr-searchbox-dropdown");
  const { input, matches } = list?.result ?? {};
  if (input !== text) return [];
  return matches
    .filter((it) => !it.allowedToBeDefaultMatch && it.destinationUrl.startsWith(origin))
    .filter((it) => it.fillIntoEdit.startsWith(keyword))
    .map((it) => [it.fillIntoEdit.slice(keyword.length), it.contents]);
}"""
