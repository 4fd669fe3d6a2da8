"""Raises in Firefox the events of an extension that its user or the browser causes."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from .. import _playwright
from ..driver import MenuPlace
from ..errors import ContextError, ExtensionError, UnsupportedError

__all__ = ["FirefoxRaising"]

_RETRY_S = 0.05


class FirefoxRaising:
    """Calls in the parent process what Firefox itself calls when such a thing happens.

    Args:
        in_parent: Evaluates an expression in the parent process; `id` and `policy` are the extension's.
    """

    def __init__(self, in_parent: Callable[[str, str], Awaitable[Any]]) -> None:
        self._in_parent = in_parent
        self._has_idle_state = False
        self._clicks = itertools.count(1)

    async def command(self, extension_id: str, name: str) -> None:
        """Do what the key of a command does, in the front window."""
        if not await self._in_parent(_COMMAND % json.dumps(name), extension_id):
            raise ExtensionError(f"Firefox has ignored the command {json.dumps(name)} of the manifest")

    async def alarm(self, extension_id: str, name: str) -> list[str]:
        """Have the timer of an alarm go off. Return the names of all alarms."""
        names: list[str] = json.loads(await self._in_parent(_ALARM % json.dumps(name), extension_id))
        return names

    async def idle(self, extension_id: str, state: str) -> None:
        """Have the user be active or idle from now on."""
        self._has_idle_state = True
        await self._in_parent(_IDLE % json.dumps(state), extension_id)

    async def end_idle(self) -> None:
        """Have Firefox itself say again whether the user is idle."""
        if self._has_idle_state:
            self._has_idle_state = False
            await self._in_parent(_END_IDLE, "")

    async def notification(self, extension_id: str, id: str, button: int | None) -> list[str] | None:
        """Do what a click on a notification does, once Firefox shows it. Return None, or all ids if there is none."""
        if button is not None:
            raise UnsupportedError("In Firefox, notifications have no buttons")
        while True:
            answer = json.loads(await self._in_parent(_CLICK_NOTIFICATION % json.dumps(id), extension_id))
            if answer["clicked"]:
                return None
            if id not in answer["ids"]:
                ids: list[str] = answer["ids"]
                return ids
            await asyncio.sleep(_RETRY_S)  # Firefox still loads its icon

    async def menu(
        self, extension_id: str, item_id: str, on: MenuPlace, right_click: Callable[[], Awaitable[None]]
    ) -> list[str] | None:
        """Click an item of a context menu. Return None, or the ids of all items if there is no such one."""
        if ids := await self._in_parent(_MISSING_ITEM % json.dumps(item_id), extension_id):
            missing: list[str] = json.loads(ids)
            return missing
        named = f"the menu item {json.dumps(item_id)}"
        match await self._click_item(extension_id, item_id, on, right_click):
            case "hidden":
                raise ContextError(f"Firefox does not show {named} in that place")
            case "disabled":
                raise ContextError(f"Firefox does not click {named}: it, or one above it, is disabled")
            case "menu":
                raise UnsupportedError(
                    f"In Firefox, {named} has items of its own, so it opens a menu: click one of those"
                )
        return None

    async def _click_item(
        self, extension_id: str, item_id: str, on: MenuPlace, right_click: Callable[[], Awaitable[None]]
    ) -> Any:
        click = _CLICK_ITEM % (json.dumps(item_id), json.dumps(on), next(self._clicks))
        try:
            if on == "page":
                await right_click()
            return await self._in_parent(click, extension_id)
        except BaseException:
            # The code in Firefox still waits for a menu, and would click in the next one that opens.
            await _playwright.clean_up(partial(self._in_parent, _GIVE_UP, extension_id))
            raise


# Code for Firefox's parent process. `id` is the extension's, `policy` its WebExtensionPolicy.
_NAMES = """
  const window = Services.wm.getMostRecentWindow("navigator:browser");
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  const { global } = ExtensionParent.apiManager;
"""

_COMMAND = f"""(async (name) => {{
  {_NAMES}
  const {{ shortcuts }} = policy.extension;
  if (!(await shortcuts?.commands)?.has(name)) return false;
  if (name === "_execute_sidebar_action") global.sidebarActionFor(policy.extension).triggerAction(window);
  else shortcuts.onCommand(name);
  return true;
}})(%s)"""

# What `nsITimer` does at the alarm's time.
_ALARM = f"""(async (name) => {{
  {_NAMES}
  if (!policy.extension.hasPermission("alarms")) return "[]";
  const {{ alarms }} = await ExtensionParent.apiManager.asyncGetAPI("alarms", policy.extension);
  const names = JSON.stringify([...alarms.keys()]);
  alarms.get(name)?.timer.cancel();
  alarms.get(name)?.observe();
  return names;
}})(%s)"""

# What the alerts service does after a click. Its own windows do not say of which notification they are; but from the
# title and the text Firefox is seen to show it.
_CLICK_NOTIFICATION = f"""(async (id) => {{
  {_NAMES}
  if (!policy.extension.hasPermission("notifications")) return '{{ "ids": [] }}';
  const {{ notificationsMap }} = await ExtensionParent.apiManager.asyncGetAPI("notifications", policy.extension);
  const notification = notificationsMap.get(id);
  const isIt = ({{ gIsActive, arguments: [, title, text] }}) =>
    gIsActive && title === notification.options.title && text === notification.options.message;
  const isShown = () => Services.prefs.getBoolPref("alerts.useSystemBackend")
    || [...Services.wm.getEnumerator("alert:alert")].some(isIt);
  const clicked = Boolean(notification) && isShown();
  if (clicked) {{
    notification.observe(null, "alertclickcallback");
    Cc["@mozilla.org/alerts-service;1"].getService(Ci.nsIAlertsService).closeAlert(id);
  }}
  return JSON.stringify({{ clicked, ids: [...notificationsMap.keys()] }});
}})(%s)"""

# `global` is a sandbox, whose scripts have the observers in a constant. Firefox's own service would go on to tell them
# what it thinks, so it is taken from them.
_IDLE = f"""(async (state) => {{
  {_NAMES}
  await ExtensionParent.apiManager.asyncGetAPI("idle", policy.extension);
  const {{ observer, detectionInterval }} = Cu.evalInSandbox("idleObserversMap", global).get(policy.extension);
  const before = global.idleService;
  global.portbridgeOwnIdleService ??= before;
  const was = before.idleTime < detectionInterval * 1000 ? "active" : "idle";
  if (observer) before.removeIdleObserver(observer, detectionInterval);
  const value = {{
    idleTime: state === "idle" ? Number.MAX_SAFE_INTEGER : 0,
    addIdleObserver() {{}},
    removeIdleObserver() {{}},
  }};
  Object.defineProperty(global, "idleService", {{ configurable: true, value }});
  if (was !== state) observer?.observe(null, state);
  return true;
}})(%s)"""

_END_IDLE = f"""(() => {{
  {_NAMES}
  Object.defineProperty(global, "idleService", {{ configurable: true, value: global.portbridgeOwnIdleService }});
  return true;
}})()"""

_MISSING_ITEM = f"""(async (itemId) => {{
  {_NAMES}
  const items = global.gMenuMap?.get(policy.extension) ?? new Map();
  return items.has(itemId) ? "" : JSON.stringify([...items.keys()].map(String));
}})(%s)"""

# A menu is opened before an item in it is clicked, as by the user: that of a page by Playwright, the others here. A
# button that is not pinned to the toolbar is in the panel of extensions.
_CLICK_ITEM = f"""(async (itemId, on, number) => {{
  {_NAMES}
  global.portbridgeClick = number; // of the click that somebody awaits
  const find = (id) => window.document.getElementById(id);
  const event = (popup, type) => new Promise((resolve) => popup.addEventListener(type, resolve, {{ once: true }}));
  const opened = async (popup) => popup.state === "open" || await event(popup, "popupshown");
  const rightClick = (element) => {{
    const {{ left, top, width, height }} = element.getBoundingClientRect();
    for (const type of ["mousedown", "mouseup", "contextmenu"])
      window.synthesizeMouseEvent(type, left + width / 2, top + height / 2, {{ button: 2, clickCount: 1 }}, {{}});
  }};
  const openers = {{
    page: () => find("contentAreaContextMenu"),
    tab() {{
      rightClick(window.gBrowser.selectedTab);
      return find("tabContextMenu");
    }},
    async action() {{
      const {{ widget }} = global.browserActionFor(policy.extension);
      const isPinned = widget.areaType === "toolbar";
      if (!isPinned) {{
        await window.gUnifiedExtensions.togglePanel(new window.CustomEvent("command"));
        await opened(window.gUnifiedExtensions.panel);
      }}
      rightClick(widget.forWindow(window).node.querySelector(".unified-extensions-item-action-button"));
      return find(isPinned ? "toolbar-context-menu" : "unified-extensions-context-menu");
    }},
  }};
  const menu = await openers[on]();
  await opened(menu);
  if (global.portbridgeClick !== number) return "given up";
  const hidden = event(menu, "popuphidden");
  const click = async () => {{
    const element = find(global.gMenuMap.get(policy.extension).get(itemId)?.elementId);
    if (!element) return "hidden";
    if (element.localName === "menu") return "menu";
    const path = [];
    for (let it = element.parentElement; it !== menu; it = it.parentElement)
      if (it.localName === "menu") path.unshift(it);
    if ([element, ...path].some((it) => it.hasAttribute("disabled"))) return "disabled";
    for (const above of path) {{
      above.openMenu(true);
      await opened(above.menupopup);
    }}
    element.parentElement.activateItem(element);
    return "clicked";
  }};
  const result = await click();
  if (result !== "clicked") menu.hidePopup();
  await hidden;
  if (on === "action") window.gUnifiedExtensions.panel?.hidePopup();
  return result;
}})(%s, %s, %d)"""

_GIVE_UP = f"(() => {{ {_NAMES} global.portbridgeClick = 0; return true; }})()"
