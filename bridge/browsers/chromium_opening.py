"""Does in Chromium what only its user may: opens an extension's side panel and the like, and turns it off and on."""

import asyncio
import json
from contextlib import suppress

from playwright.async_api import Error as PlaywrightError

from ..driver import Loaded
from ..errors import ContextError, RemoteError, UnsupportedError
from .hidden_documents import HiddenDocuments

__all__ = ["ChromiumOpening"]

_RETRY_S = 0.05
_UNKNOWN = "wasn't found"  # of a command


class ChromiumOpening(HiddenDocuments):
    """Does for the user what no extension may do without a click.

    A click counts for the document that gets it, and Chromium does not believe in clicks on a service worker. So the
    extension's API is called in a hidden document of the extension: one that has no script, is in no tab, and is
    closed afterwards.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
    """

    async def side_panel(self, loaded: Loaded, page_target: str) -> int | None:
        """Open the side panel beside a page that is in front. Return the number of its window, or None if it has none.

        The window has the same number here and in the extension's API, and of its tabs the page's is the active one.
        """
        window: int = (await self._send("Browser.getWindowForTarget", targetId=page_target))["windowId"]
        async with self.of_extension(loaded) as document:
            is_open = await self.evaluate(document, _SIDE_PANEL % window, userGesture=True)
        return window if is_open else None

    async def options(self, loaded: Loaded) -> None:
        """Open the options page."""
        async with self.of_extension(loaded) as document:
            await self.evaluate(document, "chrome.runtime.openOptionsPage()", userGesture=True)

    async def request(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Have the extension request permissions, with a user's gesture.

        Raises:
            RemoteError: Chromium refuses.
        """
        await self._change(loaded, "request", permissions, origins)

    async def remove(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Have the extension give permissions back."""
        await self._change(loaded, "remove", permissions, origins)

    async def _change(self, loaded: Loaded, method: str, permissions: list[str], origins: list[str]) -> None:
        what = json.dumps({"permissions": permissions, "origins": origins})
        async with self.of_extension(loaded) as document:
            if not await self.evaluate(document, f"chrome.permissions.{method}({what})", userGesture=True):
                raise RemoteError(f"Chromium refuses: permissions.{method}({what}) came to false")

    async def devtools(self, loaded: Loaded, page_target: str) -> int:
        """Open the developer tools of a page, with the extension's first panel selected. Return the id of its tab.

        Raises:
            UnsupportedError: This Chromium opens them only by a switch.
            ContextError: They closed before the extension made a panel.
        """
        try:
            tools: str = (await self._send("Target.openDevTools", targetId=page_target))["targetId"]
        except PlaywrightError as error:
            if _UNKNOWN not in str(error):
                raise
            raise UnsupportedError(
                "This Chromium is too old to open the developer tools of a page when asked. Launch it with "
                'args=["--auto-open-devtools-for-tabs"], which opens them with each page, or take a newer one'
            ) from error
        show = _SHOW_PANEL % json.dumps(loaded.base_url.rstrip("/"))
        try:
            async with self.attached(tools) as session:
                while True:
                    with suppress(RemoteError):  # they are still loading
                        if await self.evaluate(session, show):
                            for window, tab in await self._inspecting(loaded):
                                if window == tools:
                                    return tab
                    await asyncio.sleep(_RETRY_S)
        except PlaywrightError as error:
            raise ContextError(f"The developer tools closed: {error}") from error

    async def close_devtools(self, loaded: Loaded, tab_id: int) -> None:
        """Close the developer tools of a tab."""
        for window in {window for window, tab in await self._inspecting(loaded) if tab == tab_id}:
            await self._send("Target.closeTarget", targetId=window)

    async def set_enabled(self, extension_id: str, *, enabled: bool) -> bool | None:
        """Turn an extension on or off, as the page of extensions does. Return whether that was a change."""
        async with self.of_extensions_page() as document:
            code = _SET_ENABLED % (json.dumps(extension_id), json.dumps(enabled))
            changed: bool | None = await self.evaluate(document, code)
            return changed

    async def _inspecting(self, loaded: Loaded) -> list[tuple[str, int]]:
        """The developer tools with a page of the extension, and the tab that they inspect, as they tell that page."""
        found = []
        for target in (await self._send("Target.getTargets"))["targetInfos"]:
            if target["type"] == "iframe" and target["url"].startswith(loaded.base_url):
                with suppress(PlaywrightError, RemoteError):  # it is on its way out
                    async with self.attached(target["targetId"]) as session:
                        tab = await self.evaluate(session, "chrome.devtools?.inspectedWindow?.tabId")
                    if tab is not None:
                        found.append((target["parentFrameId"], tab))
        return found


_SET_ENABLED = """(async (id, enabled) => {
  const found = (await chrome.management.getAll()).find((extension) => extension.id === id);
  if (!found) return null;
  if (found.enabled === enabled) return false;
  await chrome.management.setEnabled(id, enabled);
  return true;
})(%s, %s)"""

_SIDE_PANEL = """(async (windowId) => {
  const { type } = await chrome.windows.get(windowId);
  if (type !== "normal") return false;
  const [tab] = await chrome.tabs.query({ active: true, windowId });
  await chrome.sidePanel.open({ tabId: tab.id });
  return true;
})(%d)"""

# In the developer tools, which are a page, too. The name of an extension's panel begins with the extension's origin.
_SHOW_PANEL = """(async () => {
  const { ViewManager } = await import("./ui/legacy/legacy.js");
  const manager = ViewManager.ViewManager.instance();
  const name = [...manager.views.keys()].find((name) => name.startsWith(%s));
  if (name) await manager.showView(name);
  return Boolean(name);
})()"""
