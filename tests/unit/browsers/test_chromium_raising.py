"""In which of Chromium's windows a key is pressed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bridge.browsers.chromium_raising import ChromiumRaising
from bridge.browsers.chromium_ui import Node
from bridge.driver import Loaded
from bridge.errors import ContextError

LOADED = Loaded("x", "chrome-extension://x/")


class Chromium:
    """Its documents, and its user interface with some windows: where each one is."""

    def __init__(self, *windows: str) -> None:
        self.windows = windows
        self.pressed: list[int] = []

    @asynccontextmanager
    async def of_extensions_page(self) -> AsyncIterator[str]:
        yield "document"

    async def evaluate(self, document: str, expression: str) -> Any:
        return {"key": "Ctrl+Shift+Y", "undo": {}}

    async def window_bounds(self, page_target: str) -> str:
        return page_target

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        yield

    async def root(self) -> Node:
        nodes = [Node(number, "Widget", "BrowserWidget") for number in range(len(self.windows))]
        return Node(-1, "Window", "", [Node(-1, "Window", "BrowserWidget", [node]) for node in nodes])

    async def properties(self, node: Node) -> dict[str, str]:
        return {"WindowBoundsInScreen": self.windows[node.id]}

    async def press(self, node: Node, *key: int) -> None:
        self.pressed.append(node.id)


async def press(chromium: Chromium, page: str) -> list[int]:
    await ChromiumRaising(cast("Any", chromium), cast("Any", chromium)).command(LOADED, "go", page)
    return chromium.pressed


async def test_a_key_is_pressed_in_the_window_of_the_page() -> None:
    assert await press(Chromium("0,0 9x9", "1,1 9x9"), "1,1 9x9") == [1]


async def test_without_a_window_no_key_can_be_pressed() -> None:
    with pytest.raises(ContextError, match="Chromium shows no window"):
        await press(Chromium(), "0,0 9x9")
