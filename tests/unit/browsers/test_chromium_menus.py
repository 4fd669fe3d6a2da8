"""Which items of a menu can be clicked in Chromium, and how the bridge gets to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.browsers import chromium_menu_places, chromium_menus
from bridge.browsers.chromium_menus import ChromiumMenus
from bridge.browsers.chromium_ui import BrowserWindow, Node
from bridge.driver import Loaded, MenuPlace
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
ENTER, ESCAPE, UP, RIGHT, DOWN = 0x0D, 0x1B, 0x26, 0x27, 0x28
# An item that can be clicked, one that cannot, one that cannot be seen, and a separator.
NODES = {".": "MenuItemView", ":": "MenuItemView", "v": "MenuItemView", "-": "MenuSeparator"}


class Chromium:
    """Its documents and its user interface: a window with two tabs and three toolbar buttons, and a menu.

    Attributes:
        shape: The menu's, once it is open.
        ours: After how many keys up an item with a submenu is selected.
        tabs: The views of tabs at each look; the second tab of two is active.
        titles: Of the extension's toolbar button, at each look.
        knows_tabs: Whether extensions have items in the menus of tabs.
        is_drawn: Whether the window shows tabs.
        pressed: The keys that the menu got.
        clicked: The views that were clicked with the right button, or got a key.
        evaluated: What was evaluated in the document.
    """

    def __init__(self, *, ours: int | None = None, shape: str = ".v.-..-..") -> None:
        self.shape = shape
        self.ours = ours
        self.tabs = [["100", "200"]]
        self.titles = ["Ours"]
        self.knows_tabs = True
        self.is_drawn = "true"
        self.is_open = False
        self.has_submenu = False
        self.pressed: list[int] = []
        self.clicked: list[str] = []
        self.evaluated: list[str] = []

    @asynccontextmanager
    async def of_extension(self, loaded: Loaded) -> AsyncIterator[str]:
        yield "document"

    async def evaluate(self, document: str, expression: str) -> Any:
        if expression == chromium_menu_places._KNOWS_TABS:
            return self.knows_tabs
        if expression == f"({chromium_menu_places._ACTIVE})(7)":
            return [1, 2]
        if expression == f"({chromium_menu_places._TITLE})(7)":
            return self.titles.pop(0)
        self.evaluated.append(expression)
        return True

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        yield

    async def right_click_the_page(self) -> None:
        self.is_open = True

    async def right_click(self, node: Node) -> None:
        self.clicked.append(f"{node.name} {node.id}")
        self.is_open = True

    async def window_bounds(self, page_target: str) -> str:
        return f"the bounds of {page_target}"

    async def window_of(self, page_target: str) -> int:
        return 7

    async def browser_window(self, bounds: str) -> BrowserWindow:
        assert bounds == "the bounds of page"
        at = self.tabs.pop(0) if len(self.tabs) > 1 else self.tabs[0]
        tabs = [Node(int(x), "View", "Tab") for x in at]
        buttons = [Node(number, "View", "ToolbarActionView") for number in range(3)]
        return BrowserWindow(Node(1, "Window", "", []), Node(1, "Widget", "", [*tabs, *buttons]))

    async def root(self) -> Node:
        shapes = [self.shape] if self.is_open else []
        shapes += ["v.v."] if self.has_submenu else []
        menus = [
            Node(1, "Widget", "MenuHost", [Node(".:v".find(mark), "View", NODES[mark]) for mark in shape])
            for shape in shapes
        ]
        return Node(1, "Window", "", [Node(1, "Window", "MenuHost", [menu]) for menu in menus])

    async def properties(self, node: Node) -> dict[str, str]:
        if node.name == "Tab":
            return {"IsDrawn": self.is_drawn}
        if node.name == "ToolbarActionView":
            return {"TooltipText": ["Ours too", "Ours\nHas access to this site", "Theirs"][node.id]}
        return {"Visible": "false" if node.id == 2 else "true", "Enabled": "false" if node.id == 1 else "true"}

    async def press(self, node: Node, key: int) -> None:
        if node.name == "ToolbarActionView":
            self.clicked.append(f"{node.name} {node.id}")
            self.is_open = key == DOWN
            return
        self.pressed.append(key)
        if key == RIGHT and self.pressed.count(UP) == self.ours:
            self.has_submenu = True
        if key in (ENTER, ESCAPE):
            self.is_open = self.has_submenu = False


async def click(
    chromium: Chromium, item_id: str, monkeypatch: pytest.MonkeyPatch, on: MenuPlace = "page"
) -> list[str] | None:
    async def items(self: Any, loaded: Loaded, probe: str) -> dict[str, dict[str, Any]]:
        return ITEMS

    monkeypatch.setattr(chromium_menus.ChromiumMenus, "_items", items)
    menus = ChromiumMenus(cast("Any", chromium), cast("Any", chromium), Path())
    return await asyncio.wait_for(menus.click(LOADED, item_id, on, "page", chromium.right_click_the_page), 10)


async def test_the_wanted_item_is_in_the_submenu_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(ours=4)
    assert await click(chromium, "in it", monkeypatch) is None
    assert chromium.pressed == [UP, UP, UP, RIGHT, UP, RIGHT, RIGHT, ENTER]
    hidden, shown = chromium.evaluated[2:4]
    assert '["top", "under hidden", "grey"]' in hidden and "visible: false" in hidden
    assert shown == hidden.replace("visible: false", "visible: true")
    added = chromium.evaluated[4].rpartition("(")[2].removesuffix(")")
    assert f"{added}, " in chromium.evaluated[1]  # it goes again


async def test_a_browser_that_hangs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium_menus, "_CLOSING_S", 0.01)
    chromium = Chromium()
    looked = asyncio.Event()

    async def hang() -> Node:
        looked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def press(node: Node, key: int) -> None:
        monkeypatch.setattr(chromium, "root", hang)

    monkeypatch.setattr(chromium, "press", press)
    clicking = asyncio.ensure_future(click(chromium, "top", monkeypatch))
    await looked.wait()
    clicking.cancel()
    assert await asyncio.wait([clicking], timeout=5) and clicking.cancelled()


async def test_what_cannot_be_clicked_is_passed_over_by_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(ours=2, shape="..-.-:.")
    assert await click(chromium, "top", monkeypatch) is None
    assert chromium.pressed == [UP, UP, RIGHT, ENTER]


@pytest.mark.parametrize("name", [".", ":", ""])
async def test_the_menu_of_the_button_has_no_submenu_for_the_extension(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chromium = Chromium(shape=f"{name}-v..-..-..")
    assert await click(chromium, "in it", monkeypatch, "action") is None
    assert chromium.clicked == ["ToolbarActionView 1"]
    assert chromium.pressed == [*[DOWN] * (1 + name.count(".")), RIGHT, ENTER]


async def test_the_menu_of_the_button_without_the_item(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(shape=":-.-..-..")
    with pytest.raises(ContextError, match='does not show the menu item "top" in that place'):
        await click(chromium, "top", monkeypatch, "action")
    assert not chromium.is_open and chromium.pressed == [ESCAPE]


async def test_two_buttons_of_the_same_title(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium()
    chromium.properties = same_tip  # type: ignore[method-assign, assignment]
    with pytest.raises(UnsupportedError, match=r'3 toolbar buttons with the title "Ours".*action\.setTitle'):
        await click(chromium, "top", monkeypatch, "action")
    assert len(chromium.evaluated) == 5 and not chromium.is_open  # all is undone


async def same_tip(node: Node) -> dict[str, str]:
    return {"TooltipText": "Ours"}


async def test_a_title_that_has_just_changed_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(shape=":-..-..")
    chromium.titles = ["nobody's", "Theirs"]
    assert await click(chromium, "top", monkeypatch, "action") is None
    assert chromium.clicked == ["ToolbarActionView 2"]


async def test_the_menu_of_the_active_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(ours=2, shape=".-:-.-.::.")
    chromium.tabs = [["100", "150", "200"], ["100", "200"]]  # a closed one stays for a moment
    assert await click(chromium, "in it", monkeypatch, "tab") is None
    assert chromium.clicked == ["Tab 200"]
    assert chromium.pressed == [UP, RIGHT, UP, RIGHT, RIGHT, ENTER]
    assert '["tab"]' in chromium.evaluated[1]


async def test_the_menu_of_a_tab_without_the_item(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium(shape=".-..")
    with pytest.raises(ContextError, match='does not show the menu item "top" in that place'):
        await click(chromium, "top", monkeypatch, "tab")
    assert chromium.pressed == [UP, RIGHT, UP, RIGHT, ESCAPE]


async def test_a_window_that_shows_no_tabs(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = Chromium()
    chromium.is_drawn = "false"
    with pytest.raises(UnsupportedError, match="shows no tabs"):
        await click(chromium, "top", monkeypatch, "tab")
    chromium.knows_tabs = False
    with pytest.raises(UnsupportedError, match="too old"):
        await click(chromium, "top", monkeypatch, "tab")


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
