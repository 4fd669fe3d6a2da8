"""Opens an extension's sidebar, options and developer tools in Firefox."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import ContextError

__all__ = ["FirefoxOpening"]

_RETRY_S = 0.05


class FirefoxOpening:
    """Calls in the parent process what Firefox itself calls when its user asks for these.

    Args:
        in_parent: Evaluates an expression in the parent process; `id` and `policy` are the extension's.
    """

    def __init__(self, in_parent: Callable[[str, str], Awaitable[Any]]) -> None:
        self._in_parent = in_parent

    async def sidebar(self, extension_id: str) -> int | None:
        """Open the sidebar in the front window. Return the number of the window, or None if it has no sidebar."""
        window: int = await self._in_parent(_OPEN_SIDEBAR, extension_id)
        return window or None

    async def options(self, extension_id: str) -> None:
        """Open the options page."""
        await self._in_parent(_OPEN_OPTIONS, extension_id)

    async def devtools(self, extension_id: str) -> int:
        """Open the developer tools of the active tab, with the extension's first panel. Return the id of the tab."""
        tab: int = await self._in_parent(_OPEN_TOOLS, extension_id)
        while (state := await self._in_parent(_SHOW_PANEL % tab, extension_id)) != "shown":
            if state == "closed":
                raise ContextError("The developer tools closed")
            await asyncio.sleep(_RETRY_S)  # the extension's page in the tools has not made a panel yet
        return tab

    async def close_devtools(self, extension_id: str, tab_id: int) -> None:
        """Close the developer tools of a tab."""
        await self._in_parent(_CLOSE_TOOLS % tab_id, extension_id)


# Code for Firefox's parent process. `id` is the extension's, `policy` its WebExtensionPolicy.
_NAMES = """
  const window = Services.wm.getMostRecentWindow("navigator:browser");
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  const { global } = ExtensionParent.apiManager;
"""

_OPEN_SIDEBAR = f"""(async () => {{
  {_NAMES}
  if (!window.toolbar.visible) return 0;
  await global.sidebarActionFor(policy.extension).open(window);
  return global.windowTracker.getId(window);
}})()"""

_OPEN_OPTIONS = f"""(async () => {{
  {_NAMES}
  await global.openOptionsPage(policy.extension);
  return true;
}})()"""

_TOOLS = """
  const { require } = ChromeUtils.importESModule("resource://devtools/shared/loader/Loader.sys.mjs");
  const { gDevTools } = require("devtools/client/framework/devtools");
"""

# Tools that are open stay so.
_OPEN_TOOLS = f"""(async () => {{
  {_NAMES} {_TOOLS}
  const tab = window.gBrowser.selectedTab;
  await gDevTools.showToolboxForTab(tab);
  return global.tabTracker.getId(tab);
}})()"""

# `devtools.panels.create()` makes the ids of panels.
_SHOW_PANEL = f"""(async () => {{
  {_NAMES} {_TOOLS}
  const tab = global.tabTracker.getTab(%d, null);
  const toolbox = tab && gDevTools.getToolboxForTab(tab);
  if (!toolbox) return "closed";
  const prefix = `webext-devtools-panel-${{global.makeWidgetId(id)}}-`;
  const panel = toolbox.getAdditionalTools().find((tool) => tool.id.startsWith(prefix));
  if (panel) await toolbox.selectTool(panel.id);
  return panel ? "shown" : "none";
}})()"""

_CLOSE_TOOLS = f"""(async () => {{
  {_NAMES} {_TOOLS}
  const tab = global.tabTracker.getTab(%d, null);
  if (tab) await gDevTools.closeToolboxForTab(tab);
}})()"""
