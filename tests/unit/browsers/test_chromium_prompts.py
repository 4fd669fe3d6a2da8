"""Which button of Chromium's prompts is which, and which one is pressed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bridge.browsers import chromium_prompts
from bridge.browsers.chromium_prompts import ChromiumPrompts, cancel_and_accept
from bridge.browsers.chromium_ui import Node
from bridge.errors import RemoteError, UnsupportedError


def view(number: int, name: str, *children: Node) -> Node:
    return Node(number, "View", name, list(children))


def window(content: str, *buttons: Node) -> Node:
    row = view(4, "DialogClientView::ButtonRowContainer", *buttons)
    frame = view(2, "BubbleFrameView", view(3, "DialogClientView", view(9, content), row))
    return view(1, "", view(7, "BrowserView", view(8, "MdTextButton")), frame)


PROMPT = "ExtensionInstallDialogView"
CANCEL, ALLOW = BUTTONS = view(5, "MdTextButton"), view(6, "MdTextButton")


@pytest.mark.parametrize(("platform", "found"), [("linux", (CANCEL, ALLOW)), ("win32", (ALLOW, CANCEL))])
def test_the_buttons_of_a_prompt(monkeypatch: pytest.MonkeyPatch, platform: str, found: tuple[Node, Node]) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert cancel_and_accept(window(PROMPT, *BUTTONS)) == found


def test_other_windows_have_none() -> None:
    assert cancel_and_accept(window("SomeOtherView", *BUTTONS)) is None
    assert cancel_and_accept(window(PROMPT, CANCEL)) is None
    assert cancel_and_accept(view(1, "")) is None


class Ui:
    """Chromium's user interface, with one prompt after the other."""

    def __init__(self, *, reachable: bool = True, vanishing: int = 0) -> None:
        self.clicked: asyncio.Queue[Node] = asyncio.Queue()
        self._reachable = reachable
        self._vanishing = vanishing  # prompts that go before they are clicked

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        if not self._reachable:
            raise UnsupportedError("not connected")
        yield

    async def root(self) -> Node:
        return window(PROMPT, *BUTTONS)

    async def click(self, node: Node) -> None:
        if self._vanishing:
            self._vanishing -= 1
            raise RemoteError("Chromium says: Node not found")
        self.clicked.put_nowait(node)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium_prompts, "_PROTECTED_S", 0)
    monkeypatch.setattr(chromium_prompts, "_LOOK_S", 0.001)


@pytest.mark.parametrize("allows", [True, False])
async def test_one_button_is_pressed_and_the_other_for_a_grant(allows: bool) -> None:
    ui = Ui()
    prompts = ChromiumPrompts(cast(Any, ui))
    prompts.allows = allows
    await prompts.begin()
    assert await ui.clicked.get() is (ALLOW if allows else CANCEL)
    async with prompts.granting():
        while await ui.clicked.get() is not ALLOW:
            pass
    prompts.stop()


async def test_where_nobody_can_look_it_does_not_begin() -> None:
    with pytest.raises(UnsupportedError, match="not connected"):
        await ChromiumPrompts(cast(Any, Ui(reachable=False))).begin()


async def test_a_prompt_that_vanishes_leaves_the_next_one_to_be_pressed() -> None:
    ui = Ui(vanishing=2)
    prompts = ChromiumPrompts(cast(Any, ui))
    await prompts.begin()
    assert await asyncio.wait_for(ui.clicked.get(), 10) is ALLOW
    prompts.stop()
