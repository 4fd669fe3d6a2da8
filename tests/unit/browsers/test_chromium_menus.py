"""Which items of a menu can be clicked in Chromium, and how the bridge gets to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.browsers import chromium_menus
from bridge.browsers.chromium_menus import ChromiumMenus
from bridge.browsers.chromium_ui import Node
from bridge.driver import Loaded
from bridge.errors import ContextError, UnsupportedError

LOADED = Loaded("x", "chrome-extension://x/")
ITEMS: dict[str, dict[str, Any]] = {
    "top": {},
    "menu": {},
    "in it": {"parent_uid": "menu"},
    "hidden": {"visible": False},
    "under hidden": {"parent_uid": "hidden"},
    "grey": {"enabled": False},
}
ENTER, ESCAPE, UP, RIGHT = 0x0D, 0x1B, 0x26, 0x27


class Chromium:
    """Its documents and its user interface: a menu whose extension group has some entries, one of them with a submenu.

    Attributes:
        pressed: The keys.
        evaluated: What was evaluated in the document.
    """

    def __init__(self, *, ours: int | None) -> None:
        self.ours = ours
        self.is_open = False
        self.has_submenu = False
        self.pressed: list[int] = []
        self.evaluated: list[str] = []

    @asynccontextmanager
    async def of_extension(self, loaded: Loaded) -> AsyncIterator[str]:
        yield "document"

    async def evaluate(self, document: str, expression: str) -> bool:
        self.evaluated.append(expression)
        return True

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        yield

    async def right_click(self) -> None:
        self.is_open = True

    async def root(self) -> Node:
        shapes = [".v.-..-.."] if self.is_open else []
        shapes += ["v.v."] if self.has_submenu else []
        names = {".": "MenuItemView", "v": "MenuItemView", "-": "MenuSeparator"}
        menus = [
            Node(1, "Widget", "MenuHost", [Node(0 if mark == "v" else 1, "View", names[mark]) for mark in shape])
            for shape in shapes
        ]
        return Node(1, "Window", "", [Node(1, "Window", "MenuHost", [menu]) for menu in menus])

    async def properties(self, node: Node) -> dict[str, str]:
        return {"Visible": "true" if node.id else "false"}

    async def press(self, node: Node, key: int) -> None:
        self.pressed.append(key)
        if key == RIGHT and self.pressed.count(UP) == self.ours:
            self.has_submenu = True
        if key in (ENTER, ESCAPE):
            self.is_open = self.has_submenu = False


async def click(chromium: Chromium, item_id: str, monkeypatch: pytest.MonkeyPatch) -> list[str] | None:
    async def items(self: Any, loaded: Loaded, probe: str) -> dict[str, dict[str, Any]]:
        return ITEMS

    monkeypatch.setattr(chromium_menus.ChromiumMenus, "_items", items)
    menus = ChromiumMenus(cast("Any", chromium), cast("Any", chromium), Path())
    return await asyncio.wait_for(menus.click(LOADED, item_id, chromium.right_click), 10)


async def test_the_wanted_item_is_in_the_submenu_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(ours=4)
    assert await click(chromium, "in it", monkeypatch) is None
    assert chromium.pressed == [UP, UP, UP, RIGHT, UP, RIGHT, RIGHT, ENTER]
    hidden, shown = chromium.evaluated[2:4]
    assert '["top", "under hidden", "grey"]' in hidden and "visible: false" in hidden
    assert shown == hidden.replace("visible: false", "visible: true")
    assert chromium.evaluated[1].endswith(chromium.evaluated[4].rpartition("(")[2])  # the added one goes


async def test_a_menu_without_the_item_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(ours=None)
    with pytest.raises(ContextError, match='does not show the menu item "top" in that place'):
        await click(chromium, "top", monkeypatch)
    assert not chromium.is_open and chromium.pressed[-1] == ESCAPE
    assert len(chromium.evaluated) == 5


@pytest.mark.parametrize(
    ("item_id", "error", "words"),
    [
        ("hidden", ContextError, "invisible or disabled"),
        ("under hidden", ContextError, "invisible or disabled"),
        ("grey", ContextError, "invisible or disabled"),
        ("menu", UnsupportedError, "click one of those"),
    ],
)
async def test_what_no_user_can_click(
    item_id: str, error: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chromium = Chromium(ours=3)
    with pytest.raises(error, match=words):
        await click(chromium, item_id, monkeypatch)
    assert not chromium.pressed and len(chromium.evaluated) == 3


async def test_all_ids_are_told_if_there_is_no_such_item(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await click(Chromium(ours=3), "other", monkeypatch) == list(ITEMS)
