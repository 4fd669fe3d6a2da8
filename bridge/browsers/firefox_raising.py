"""Raises in Firefox the events of an extension that its user or the browser causes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import ExtensionError

__all__ = ["FirefoxRaising"]


class FirefoxRaising:
    """Calls in the parent process what Firefox itself calls when such a thing happens.

    Args:
        in_parent: Evaluates an expression in the parent process; `id` and `policy` are the extension's.
    """

    def __init__(self, in_parent: Callable[[str, str], Awaitable[Any]]) -> None:
        self._in_parent = in_parent

    async def command(self, extension_id: str, name: str) -> None:
        """Do what the key of a command does, in the front window."""
        if not await self._in_parent(_COMMAND % json.dumps(name), extension_id):
            raise ExtensionError(f"Firefox has ignored the command {json.dumps(name)} of the manifest")

    async def alarm(self, extension_id: str, name: str) -> list[str]:
        """Have the timer of an alarm go off. Return the names of all alarms."""
        names: list[str] = json.loads(await self._in_parent(_ALARM % json.dumps(name), extension_id))
        return names


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
