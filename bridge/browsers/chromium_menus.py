"""Clicks the items that an extension adds to Chromium's context menu."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from .. import _playwright
from ..driver import Loaded
from ..errors import ContextError, RemoteError, UnsupportedError
from .chromium_ui import ChromiumUi, Node
from .extension_state import latest
from .hidden_documents import HiddenDocuments

__all__ = ["ChromiumMenus"]

_RETRY_S = 0.02
_MENU, _ITEM, _SEPARATOR = "MenuHost", "MenuItemView", "MenuSeparator"
_ENTER, _ESCAPE, _LEFT, _UP, _RIGHT = 0x0D, 0x1B, 0x25, 0x26, 0x27


class ChromiumMenus:
    """Opens the context menu and walks in it with keys.

    Nothing in Chromium's tree of views tells one item from another. So, for the moment of the click, all other items
    of the extension are made invisible, and it gets one more, which is in every menu. Chromium then shows the two in a
    menu of their own, wherever it shows the wanted one at all.

    Args:
        documents: In which the extension's API is called.
        ui: Chromium's user interface.
        profile: The folder of Chromium's profile.
    """

    def __init__(self, documents: HiddenDocuments, ui: ChromiumUi, profile: Path) -> None:
        self._documents = documents
        self._ui = ui
        self._profile = profile

    async def click(self, loaded: Loaded, item_id: str, right_click: Callable[[], Awaitable[None]]) -> list[str] | None:
        """Click an item. Return None, or the ids of all items if there is no such one."""
        async with self._documents.of_extension(loaded) as document:
            if not await self._documents.evaluate(document, "Boolean(chrome.contextMenus)"):
                return []
            probe = f"portbridge-{secrets.token_hex(8)}"
            async with self._change(document, f"({_ADD})({json.dumps(probe)})", f"({_REMOVE})({json.dumps(probe)})"):
                items = await self._items(loaded, probe)
                if item_id not in items:
                    return list(items)
                path = _path(items, item_id)
                hide, show = (_SET_VISIBLE % (json.dumps(_others(items, path)), it) for it in ("false", "true"))
                async with self._change(document, hide, show):
                    await right_click()
                    async with self._ui.looking():
                        await self._choose(item_id, len(path))
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

    async def _choose(self, item_id: str, depth: int) -> None:
        menu = await self._opened()
        try:
            for _ in range(await self._to_group(menu)):
                await self._ui.press(menu, _UP)
                await self._ui.press(menu, _RIGHT)
                if any(shape.replace("-", "") == ".." for shape in (await self._shapes())[1:]):
                    for _ in range(depth - 1):
                        await self._ui.press(menu, _RIGHT)
                    await self._ui.press(menu, _ENTER)
                    return
            raise ContextError(f"Chromium does not show the menu item {json.dumps(item_id)} in that place")
        finally:
            while windows := _windows(await self._ui.root()):
                await self._ui.press(windows[0], _ESCAPE)
                await asyncio.sleep(_RETRY_S)

    async def _opened(self) -> Node:
        while True:
            if windows := _windows(await self._ui.root()):
                return windows[0]
            await asyncio.sleep(_RETRY_S)  # UI DevTools report what they show in no useful order

    async def _to_group(self, menu: Node) -> int:
        """Go up to what extensions have added, which is above the last group. Return how much that is."""
        [shape] = await self._shapes()
        *_, extensions, last = shape.split("-")
        for _ in last:
            await self._ui.press(menu, _UP)
        return len(extensions)

    async def _shapes(self) -> list[str]:
        """The open menus: a dot for each item that is to be seen, and a hyphen for each separator."""
        while True:
            menus = [node for node in (await self._ui.root()).named(_MENU) if node.kind == "Widget"]
            with suppress(RemoteError):  # a part of them was made anew meanwhile
                return ["".join([await self._mark(node) for node in menu.all()]) for menu in menus]
            await asyncio.sleep(_RETRY_S)

    async def _mark(self, node: Node) -> str:
        if node.name == _ITEM:
            return "." if (await self._ui.properties(node))["Visible"] == "true" else ""
        return "-" if node.name == _SEPARATOR else ""


def _windows(root: Node) -> list[Node]:
    return [node for node in root.named(_MENU) if node.kind == "Window"]


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


_ADD = """(id) => new Promise((resolve, reject) => chrome.contextMenus.create(
  { id, title: "portbridge", contexts: ["all"] },
  () => chrome.runtime.lastError ? reject(new Error(chrome.runtime.lastError.message)) : resolve(),
))"""
_REMOVE = "(id) => chrome.contextMenus.remove(id)"
_SET_VISIBLE = """Promise.all(%s.map((id) => chrome.contextMenus.update(id, { visible: %s }))).then(() => true)"""
