"""Types to an extension in Firefox's address bar."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from ..driver import Disposition, Suggestion
from ..errors import ContextError

__all__ = ["FirefoxOmnibox"]

_RETRY_S = 0.05
_WITH = {"currentTab": [], "newForegroundTab": ["Alt"], "newBackgroundTab": ["Alt", "Shift"]}


class FirefoxOmnibox:
    """See `driver.Omnibox`.

    Args:
        in_parent: Evaluates an expression in the parent process; `id` and `policy` are the extension's.
        extension_id: The extension's.
    """

    def __init__(self, in_parent: Callable[[str, str], Awaitable[Any]], extension_id: str) -> None:
        self._in_parent = in_parent
        self._extension_id = extension_id

    async def type(self, text: str) -> None:
        """Type the keyword and a text."""
        await self._evaluate(_TYPE % json.dumps(text))
        while True:
            if await self._evaluate(_IS_HEARD):
                return
            await asyncio.sleep(_RETRY_S)  # the address bar tells nobody of its own list

    async def suggestions(self) -> list[Suggestion]:
        """What the list under the address bar shows of the extension's suggestions."""
        found: list[Suggestion] = json.loads(await self._evaluate(_SHOWN))
        return found

    async def enter(self, suggestion: str | None, disposition: Disposition) -> None:
        """Choose a suggestion, and press Enter."""
        if suggestion is not None and not await self._evaluate(_CHOOSE % json.dumps(suggestion)):
            raise ContextError(f"Firefox does not let the user choose the suggestion {json.dumps(suggestion)}")
        await self._evaluate(_ENTER % json.dumps(_WITH[disposition]))

    async def leave(self) -> None:
        """Delete what was typed, which ends the extension's turn, and press Escape."""
        await self._evaluate(_LEAVE)

    async def _evaluate(self, code: str) -> Any:
        return await self._in_parent(f"(async () => {{ {_NAMES} {code} }})()", self._extension_id)


# Code for Firefox's parent process. `policy` is the extension's WebExtensionPolicy. The keys go to whatever has the
# focus in the window, as the user's do.
_NAMES = """
  const window = Services.wm.getMostRecentWindow("navigator:browser");
  const bar = window.gURLBar;
  const keyword = policy.extension.manifest.omnibox.keyword + " ";
  const press = (key, ...modifiers) => {
    const keyboard = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
    keyboard.beginInputTransactionForTests(window);
    const keys = [...modifiers, key].map((key) => new window.KeyboardEvent("", { key }));
    for (const key of keys) keyboard.keydown(key);
    for (const key of keys.reverse()) keyboard.keyup(key);
  };
  const clear = async () => {
    bar.focus();
    bar.select();
    press("Delete");
    await bar.lastQueryContextPromise;
  };
  const listed = () => (bar.view.visibleResults ?? []).filter((it) => it.providerName === "UrlbarProviderOmnibox");
"""

_TYPE = """
  await clear();
  for (const character of keyword + %s) press(character);
  return true;
"""

# Firefox lists what was typed, as the first one, when it has told the extension.
_IS_HEARD = "return listed().some((it) => it.heuristic && it.payload.content === bar.value);"

_SHOWN = """
  return JSON.stringify(listed().filter((it) => !it.heuristic).map(({ payload }) => (
    { content: payload.content.slice(keyword.length), description: payload.title }
  )));
"""

_CHOOSE = """
  const content = keyword + %s;
  for (const _ of bar.view.visibleResults) {
    press("ArrowDown");
    if (bar.view.selectedResult?.payload.content === content) return true;
  }
  return false;
"""

_ENTER = """
  press("Enter", ...%s);
  return true;
"""

_LEAVE = """
  await clear();
  press("Escape");
  press("Escape");
  window.gBrowser.selectedBrowser.focus();
  return true;
"""
