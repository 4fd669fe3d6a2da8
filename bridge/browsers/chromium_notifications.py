"""Clicks the notifications of an extension that Chromium shows."""

import asyncio
import json
import secrets
from contextlib import suppress
from functools import partial

from .. import _playwright
from ..driver import Loaded
from ..errors import ContextError, RemoteError
from .chromium_ui import ChromiumUi, Node
from .hidden_documents import HiddenDocuments

__all__ = ["ChromiumNotifications"]

_RETRY_S = 0.05
_LOOKS = 5  # before a popup counts as another notification's
_MOST = 3  # that Chromium 156 shows at a time
_POPUP, _BODY, _LABEL = "MessagePopupView", "NotificationView", "Label"
_REPLY, _BUTTON = "NotificationInputContainer", "NotificationTextButton"


class ChromiumNotifications:
    """Finds the popup of a notification.

    Nothing in Chromium's tree of views says which popup belongs to which id. So, for a moment, the wanted notification
    gets a context message that no other one has, and its popup shows it.

    Args:
        documents: In which the extension's API is called.
        ui: Chromium's user interface.
    """

    def __init__(self, documents: HiddenDocuments, ui: ChromiumUi) -> None:
        self._documents = documents
        self._ui = ui

    async def click(self, loaded: Loaded, id: str, button: int | None) -> list[str] | None:
        """Click a notification, or one of its buttons. Return None, or the ids of all if there is no such one."""
        async with self._documents.of_extension(loaded) as document:
            while True:
                name, ids = await self._documents.evaluate(document, _NAME_AND_IDS)
                if id not in ids:
                    return list(ids)
                with suppress(RemoteError):  # a popup has gone meanwhile
                    async with self._ui.looking():
                        if popup := await self._popup(document, id, name, len(ids)):
                            await self._ui.click(_target(popup, id, button))
                            return None
                await asyncio.sleep(_RETRY_S)  # it has no room yet, or Chromium is still about to show it

    async def _popup(self, document: str, id: str, name: str, number: int) -> Node | None:
        popups = [node for node in (await self._ui.root()).named(_POPUP) if node.kind == "View"]
        if len(popups) < min(number, _MOST):
            return None
        before = {popup.id: await self._texts(popup) for popup in popups}
        mark = f"portbridge-{secrets.token_hex(8)}"
        original = ""
        try:
            await self._set_context_message(document, id, mark)
            for _ in range(_LOOKS):
                for popup in popups:
                    texts = await self._texts(popup)
                    if mark in texts:
                        original = before[popup.id][texts.index(mark)]
                        return popup
                await asyncio.sleep(_RETRY_S)  # Chromium may show it a moment later
            return None  # it has no room, so what it had in that place is nowhere to be read, and is lost
        finally:
            # A notification without a context message shows the extension's name in its place.
            undo = partial(self._set_context_message, document, id, "" if original == name else original)
            await _playwright.clean_up(undo)

    async def _texts(self, popup: Node) -> list[str]:
        return [(await self._ui.properties(label))["Text"] for label in popup.named(_LABEL)]

    async def _set_context_message(self, document: str, id: str, text: str) -> None:
        await self._documents.evaluate(document, _UPDATE % (json.dumps(id), json.dumps(text)))


def _target(popup: Node, id: str, button: int | None) -> Node:
    if button is None:
        return popup.named(_BODY)[0]
    buttons = [
        it for row in popup.all() if any(child.name == _REPLY for child in row.children) for it in row.named(_BUTTON)
    ]
    if button >= len(buttons):
        raise ContextError(f"The notification {json.dumps(id)} has no button {button}: it has {len(buttons) or 'none'}")
    return buttons[button]


_NAME_AND_IDS = """(async () => [
  chrome.runtime.getManifest().name,
  Object.keys((await chrome.notifications?.getAll()) ?? {}),
])()"""
_UPDATE = "chrome.notifications.update(%s, { contextMessage: %s })"
