"""Clicks the items that an extension adds to Chromium's context menus."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from .. import _playwright
from ..driver import Loaded, MenuPlace
from ..errors import ContextError, UnsupportedError
from .chromium_menu_places import MENU, Menu, menu_of
from .chromium_ui import ChromiumUi
from .extension_state import latest
from .hidden_documents import HiddenDocuments

__all__ = ["ChromiumMenus"]

_RETRY_S = 0.02
_CLOSING_S = 5  # for a menu
_ENTER, _ESCAPE, _RIGHT = 0x0D, 0x1B, 0x27


class ChromiumMenus:
    """Opens a context menu and walks in it with keys.

    Nothing in Chromium's tree of views tells one item from another. So, for the moment of the click, all other items
    of the extension are made invisible, and it gets one more, which is in the menu whatever was clicked. Chromium then
    shows the two, and nothing else of the extension's, wherever it shows the wanted one at all.

    Args:
        documents: In which the extension's API is called.
        ui: Chromium's user interface.
        profile: The folder of Chromium's profile.
    """

    def __init__(self, documents: HiddenDocuments, ui: ChromiumUi, profile: Path) -> None:
        self._documents = documents
        self._ui = ui
        self._profile = profile

    async def click(
        self,
        loaded: Loaded,
        item_id: str,
        on: MenuPlace,
        page_target: str,
        right_click: Callable[[], Awaitable[None]],
    ) -> list[str] | None:
        """Click an item. Return None, or the ids of all items if there is no such one."""
        async with self._documents.of_extension(loaded) as document:
            if not await self._documents.evaluate(document, "Boolean(chrome.contextMenus)"):
                return []
            menu = menu_of(on, self._documents, self._ui, document, page_target, right_click)
            if not await menu.has_extensions():
                raise UnsupportedError("This Chromium is too old: it adds no items of extensions to the menus of tabs")
            probe = f"portbridge-{secrets.token_hex(8)}"
            add = f"({_ADD})({json.dumps(probe)}, {json.dumps(menu.contexts)})"
            async with self._change(document, add, f"({_REMOVE})({json.dumps(probe)})"):
                items = await self._items(loaded, probe)
                if item_id not in items:
                    return list(items)
                path = _path(items, item_id)
                hide, show = (_SET_VISIBLE % (json.dumps(_others(items, path)), it) for it in ("false", "true"))
                async with self._change(document, hide, show):
                    await menu.open()
                    async with self._ui.looking():
                        await self._choose(menu, item_id, len(path))
                return None

    @asynccontextmanager
    async def _change(self, document: str, do: str, undo: str) -> AsyncIterator[None]:
        try:
            await self._documents.evaluate(document, do)
            yield
        finally:
            await _playwright.clean_up(partial(self._documents.evaluate, document, undo))

    async def _items(self, loaded: Loaded, probe: str) -> dict[str, dict[str, Any]]:
        """All items but the one that was added. When that one is on the disk, all before it are."""
        while True:
            text = await asyncio.to_thread(latest, self._profile, f"{loaded.id}.context_menus")
            items = {item.get("string_uid", ""): item for item in json.loads(text or "[]")}
            if items.pop(probe, None):
                return items
            await asyncio.sleep(_RETRY_S)  # Chromium writes it when it has time

    async def _choose(self, menu: Menu, item_id: str, depth: int) -> None:
        window = await menu.window()
        try:
            if not await menu.reach():
                raise ContextError(f"Chromium does not show the menu item {json.dumps(item_id)} in that place")
            for _ in range(depth - 1):
                await self._ui.press(window, _RIGHT)
            await self._ui.press(window, _ENTER)
        finally:
            with suppress(TimeoutError):  # a browser that hangs does not answer
                async with asyncio.timeout(_CLOSING_S):
                    await self._close()

    async def _close(self) -> None:
        while windows := [node for node in (await self._ui.root()).named(MENU) if node.kind == "Window"]:
            await self._ui.press(windows[0], _ESCAPE)
            await asyncio.sleep(_RETRY_S)


def _path(items: dict[str, dict[str, Any]], item_id: str) -> list[str]:
    """The ids from the top down to an item that a user can click."""
    path = [item_id]
    while parent := items[path[0]].get("parent_uid"):
        path.insert(0, parent)
    named = f"The menu item {json.dumps(item_id)}"
    if any(not items[it].get("visible", True) or not items[it].get("enabled", True) for it in path):
        raise ContextError(f"{named} cannot be clicked: it, or one above it, is invisible or disabled")
    if any(item.get("parent_uid") == item_id for item in items.values()):
        raise UnsupportedError(f"{named} has items of its own, so it opens a menu: click one of those")
    return path


def _others(items: dict[str, dict[str, Any]], path: list[str]) -> list[str]:
    return [id for id, item in items.items() if item.get("visible", True) and id not in path]


_ADD = """(id, contexts) => new Promise((resolve, reject) => chrome.contextMenus.create(
  { id, title: "portbridge", contexts },
  () => chrome.runtime.lastError ? reject(new Error(chrome.runtime.lastError.message)) : resolve(),
))"""
_REMOVE = "(id) => chrome.contextMenus.remove(id)"
_SET_VISIBLE = """Promise.all(%s.map((id) => chrome.contextMenus.update(id, { visible: %s }))).then(() => true)"""
