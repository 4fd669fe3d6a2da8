"""Opens Chromium's context menus, and goes in them to where an extension's items are."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ..driver import MenuPlace
from ..errors import RemoteError, UnsupportedError
from .chromium_ui import ChromiumUi, Node
from .hidden_documents import HiddenDocuments

__all__ = ["MENU", "ActionMenu", "Menu", "PageMenu", "TabMenu", "menu_of"]

MENU = "MenuHost"
_RETRY_S = 0.02
_ITEM, _SEPARATOR = "MenuItemView", "MenuSeparator"
_UP, _RIGHT, _DOWN = 0x26, 0x27, 0x28
_ACTION, _TAB = "ToolbarActionView", "Tab"


class Menu(ABC):
    """One of the context menus, in which the extension shows two items: the wanted one, and after it another.

    Args:
        documents: In which the extension's API is called.
        ui: Chromium's user interface.
        document: The extension's.
        page_target: The page in front.
    """

    contexts: tuple[str, ...] = ("all",)
    """What an item has to say to be in this menu, whatever is clicked."""

    def __init__(self, documents: HiddenDocuments, ui: ChromiumUi, document: str, page_target: str) -> None:
        self._documents = documents
        self._ui = ui
        self._document = document
        self._page_target = page_target

    async def has_extensions(self) -> bool:
        """Whether this Chromium adds items of extensions there."""
        return True

    @abstractmethod
    async def open(self) -> None:
        """Open it."""

    @abstractmethod
    async def reach(self) -> bool:
        """Select the first of the two. Return False if there are not two."""

    async def window(self) -> Node:
        """The open menu."""
        while True:
            if found := [node for node in (await self._ui.root()).named(MENU) if node.kind == "Window"]:
                return found[0]
            await asyncio.sleep(_RETRY_S)  # UI DevTools report what they show in no useful order

    async def _press(self, key: int) -> None:
        await self._ui.press(await self.window(), key)

    async def _browser_window(self) -> Node:
        bounds = await self._documents.window_bounds(self._page_target)
        return (await self._ui.browser_window(bounds)).widget

    async def _ask(self, function: str) -> Any:
        """Call a function in the extension's document with the number of the window."""
        window = await self._documents.window_of(self._page_target)
        return await self._documents.evaluate(self._document, f"({function})({json.dumps(window)})")

    # All items of an extension are under one, if it has several. Nothing says which item that is, or which is selected.
    async def _open_submenu(self, entries: int) -> bool:
        """Go up, at most that far, until an item opens a menu of two."""
        for _ in range(entries):
            await self._press(_UP)
            await self._press(_RIGHT)
            if any(_items(shape) == ".." for shape in (await self._shapes())[1:]):
                return True
        return False

    async def _shapes(self) -> list[str]:
        """The open menus, with a mark for each item that is to be seen, and for each separator.

        An item that can be clicked is a dot, one that cannot is a colon, and a separator is a hyphen.
        """
        while True:
            menus = [node for node in (await self._ui.root()).named(MENU) if node.kind == "Widget"]
            with suppress(RemoteError):  # a part of them was made anew meanwhile
                return ["".join([await self._mark(node) for node in menu.all()]) for menu in menus]
            await asyncio.sleep(_RETRY_S)

    async def _mark(self, node: Node) -> str:
        if node.name == _SEPARATOR:
            return "-"
        if node.name != _ITEM:
            return ""
        properties = await self._ui.properties(node)
        if properties["Visible"] != "true":
            return ""
        return "." if properties["Enabled"] == "true" else ":"


class PageMenu(Menu):
    """That of a page: extensions have the group above the last one.

    Args:
        right_click: Opens it.
    """

    def __init__(
        self,
        documents: HiddenDocuments,
        ui: ChromiumUi,
        document: str,
        page_target: str,
        right_click: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(documents, ui, document, page_target)
        self._right_click = right_click

    async def open(self) -> None:
        """Right-click."""
        await self._right_click()

    async def reach(self) -> bool:
        """Pass the last group, and open what extensions have there."""
        [shape] = await self._shapes()
        *_, extensions, last = shape.split("-")
        for _ in range(last.count(".")):
            await self._press(_UP)
        return await self._open_submenu(len(extensions))


class TabMenu(Menu):
    """That of a tab: extensions are at the top of the last group."""

    contexts = ("tab",)

    async def has_extensions(self) -> bool:
        """Whether this Chromium is new enough for that; 156 is."""
        return bool(await self._documents.evaluate(self._document, _KNOWS_TABS))

    async def open(self) -> None:
        """Right-click the active tab."""
        async with self._ui.looking():
            await self._ui.right_click(await self._active_tab())

    async def reach(self) -> bool:
        """Open what extensions have there."""
        [shape] = await self._shapes()
        return await self._open_submenu(len(shape.rpartition("-")[2]))

    async def _active_tab(self) -> Node:
        while True:
            tabs = (await self._browser_window()).named(_TAB)  # from the left, also after one was moved
            active, number = await self._ask(_ACTIVE)
            if len(tabs) == number:  # the views of closed tabs stay for a moment
                tab = tabs[int(active)]
                if (await self._ui.properties(tab))["IsDrawn"] != "true":
                    raise UnsupportedError("The page is in a window that shows no tabs, so their menu cannot be opened")
                return tab
            await asyncio.sleep(_RETRY_S)


class ActionMenu(Menu):
    """That of the toolbar button: extensions have the second group, without a menu of their own.

    Chromium has the view of a button even if it is not pinned to the toolbar. Its arrow key down opens the same menu.
    """

    async def open(self) -> None:
        """Press the arrow key down on the button."""
        async with self._ui.looking():
            await self._ui.press(await self._button(), _DOWN)

    async def reach(self) -> bool:
        """Go down to it."""
        [shape] = await self._shapes()
        name, extension, *_ = shape.split("-")
        if extension != "..":
            return False
        for _ in range(name.count(".") + 1):
            await self._press(_DOWN)
        return True

    async def _button(self) -> Node:
        while True:
            buttons = (await self._browser_window()).named(_ACTION)
            if not buttons:
                raise UnsupportedError("The page is in a window that has no toolbar buttons")
            title = await self._ask(_TITLE)
            tips = [(await self._ui.properties(button))["TooltipText"] for button in buttons]
            # Below the title, Chromium writes whether the extension has access to the page.
            found = [it for it, tip in zip(buttons, tips, strict=True) if f"{tip}\n".startswith(f"{title}\n")]
            if len(found) == 1:
                return found[0]
            if found:
                raise UnsupportedError(
                    f"Chromium shows {len(found)} toolbar buttons with the title {json.dumps(title)}, and does not say "
                    "whose each is: give that of the extension another title, with action.setTitle()"
                )
            await asyncio.sleep(_RETRY_S)  # the title has just changed


def menu_of(
    place: MenuPlace,
    documents: HiddenDocuments,
    ui: ChromiumUi,
    document: str,
    page_target: str,
    right_click: Callable[[], Awaitable[None]],
) -> Menu:
    """Return the menu of a place; `right_click` opens that of a page."""
    if place == "page":
        return PageMenu(documents, ui, document, page_target, right_click)
    return (TabMenu if place == "tab" else ActionMenu)(documents, ui, document, page_target)


def _items(shape: str) -> str:
    return shape.replace("-", "")


_KNOWS_TABS = "Object.values(chrome.contextMenus.ContextType).includes('tab')"

_ACTIVE = """(windowId) => chrome.tabs.query({ windowId }).then((tabs) => (
  [tabs.findIndex((tab) => tab.active), tabs.length]
))"""

# A title that is empty is none.
_TITLE = """async (windowId) => {
  const [tab] = await chrome.tabs.query({ windowId, active: true });
  return (await chrome.action.getTitle({ tabId: tab?.id })) || (await chrome.management.getSelf()).name;
}"""
