"""Raises in Chromium the events of an extension that its user or the browser causes."""

import json

from ..driver import Loaded
from ..errors import ExtensionError, UnsupportedError
from .chromium_keys import SPARE, Key, key_of
from .chromium_ui import ChromiumUi
from .hidden_documents import HiddenDocuments

__all__ = ["ChromiumRaising"]


class ChromiumRaising:
    """See `driver.Driver`.

    Args:
        documents: In which the extension's API is called.
        ui: Chromium's user interface.
    """

    def __init__(self, documents: HiddenDocuments, ui: ChromiumUi) -> None:
        self._documents = documents
        self._ui = ui

    async def command(self, loaded: Loaded, name: str, page_target: str) -> None:
        """Press the command's key, or one that it gets for the moment."""
        async with self._documents.of_extensions_page() as document:
            arguments = json.dumps([loaded.id, name, SPARE])
            armed = await self._documents.evaluate(document, f"({_ARM})(...{arguments})")
            if armed is None:
                raise ExtensionError(f"Chromium has ignored the command {json.dumps(name)} of the manifest")
            try:
                await self._press(_required(name, armed["key"]), page_target)
            finally:
                await self._documents.evaluate(document, f"{_UPDATE}({json.dumps(armed['undo'])})")

    async def alarm(self, loaded: Loaded, name: str) -> list[str]:
        """Put an alarm forward to now. Return the names of all alarms."""
        async with self._documents.of_extension(loaded) as document:
            names: list[str] = await self._documents.evaluate(document, _ALARM % json.dumps(name))
            return names

    async def _press(self, key: Key, page_target: str) -> None:
        bounds = await self._documents.window_bounds(page_target)
        async with self._ui.looking():
            window = await self._ui.browser_window(bounds)
            await self._ui.press(window.widget, *key)


def _required(name: str, shortcut: str) -> Key:
    key = key_of(shortcut)
    if key is None:
        raise UnsupportedError(
            f"The bridge cannot press {shortcut!r} in Chromium, the key of the command {json.dumps(name)}. To call the "
            f'extension\'s listeners without it: background.dispatch("commands.onCommand", {json.dumps(name)}, tab)'
        )
    return key


_UPDATE = "chrome.developerPrivate.updateExtensionCommand"

# For the moment, a command without a key gets one, and one for the whole system is one for this browser, since keys of
# the system are out of reach.
_ARM = f"""async (extensionId, commandName, spare) => {{
  const {{ commands }} = await chrome.developerPrivate.getExtensionInfo(extensionId);
  const command = commands.find(({{ name }}) => name === commandName);
  if (!command) return null;
  const of = {{ extensionId, commandName }};
  const free = spare.find((key) => !commands.some(({{ keybinding }}) => keybinding === key));
  const change = {{}};
  if (!command.isActive) change.keybinding = free;
  if (command.scope === "GLOBAL") change.scope = "CHROME";
  await {_UPDATE}({{ ...of, ...change }});
  const undo = {{ ...of, ...(change.keybinding && {{ keybinding: "" }}), ...(change.scope && {{ scope: "GLOBAL" }}) }};
  return {{ key: change.keybinding ?? command.keybinding, undo }};
}}"""

_ALARM = """(async (name) => {
  const alarms = (await chrome.alarms?.getAll()) ?? [];
  const alarm = alarms.find((it) => it.name === name);
  if (alarm) {
    const { periodInMinutes } = alarm;
    await chrome.alarms.create(name, { when: Date.now(), ...(periodInMinutes && { periodInMinutes }) });
  }
  return alarms.map((it) => it.name);
})(%s)"""
