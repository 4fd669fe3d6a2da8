"""Which button of Chromium's prompts is which, and which one is pressed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bridge.browsers import chromium_prompts
from bridge.browsers.chromium_prompts import ChromiumPrompts, prompts_in
from bridge.browsers.chromium_ui import Node
from bridge.errors import RemoteError, UnsupportedError


def view(number: int, name: str, *children: Node) -> Node:
    return Node(number, "View", name, list(children))


PROMPT = "ExtensionInstallDialogView"


def bubble(content: str, *buttons: Node, labels: tuple[Node, ...] = ()) -> Node:
    row = view(4, "DialogClientView::ButtonRowContainer", *buttons)
    shown = view(9, content, view(10, "Label"), view(11, "ExtensionPermissionsView", *labels))
    return view(2, "BubbleFrameView", view(3, "DialogClientView", shown, row))


def window(*bubbles: Node) -> Node:
    return view(1, "", view(7, "BrowserView", view(8, "MdTextButton")), *bubbles)


CANCEL, ALLOW = BUTTONS = view(5, "MdTextButton"), view(6, "MdTextButton")
LABELS = view(12, "Label"), view(13, "Label")


@pytest.mark.parametrize(("platform", "found"), [("linux", (CANCEL, ALLOW)), ("win32", (ALLOW, CANCEL))])
def test_the_parts_of_a_prompt(monkeypatch: pytest.MonkeyPatch, platform: str, found: tuple[Node, Node]) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    (prompt,) = prompts_in(window(bubble(PROMPT, *BUTTONS, labels=LABELS)))
    assert (prompt.refuse, prompt.allow) == found
    assert prompt.labels == [*LABELS]


def test_other_windows_are_none() -> None:
    assert prompts_in(window(bubble("SomeOtherView", *BUTTONS))) == []
    assert prompts_in(window(bubble(PROMPT, CANCEL))) == []
    assert prompts_in(view(1, "")) == []


class Ui:
    """Chromium's user interface. A prompt has one label; the tens of its number stand for the text."""

    def __init__(self, *, reachable: bool = True, deaf: int = 0) -> None:
        self.open: list[int] = []
        self.fails = 0
        self.clicked: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self._reachable = reachable
        self._deaf = deaf

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        if not self._reachable:
            raise UnsupportedError("not connected")
        yield

    async def root(self) -> Node:
        if self.fails:
            self.fails -= 1
            raise RemoteError("No node with given id")
        return window(
            *(
                bubble(
                    PROMPT, view(100 + it, "MdTextButton"), view(200 + it, "MdTextButton"), labels=(view(it, "Label"),)
                )
                for it in self.open
            )
        )

    async def properties(self, node: Node) -> dict[str, str]:
        if node.id % 100 not in self.open:
            raise RemoteError("No node with given id")
        return {"Text": str(node.id // 10)}

    async def click(self, node: Node) -> None:
        button, prompt = divmod(node.id, 100)
        if prompt not in self.open:
            raise RemoteError("No node with given id")
        self.clicked.put_nowait((prompt // 10, {1: "refuse", 2: "allow"}[button]))
        if self._deaf:
            self._deaf -= 1
        else:
            self.open.remove(prompt)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium_prompts, "_PROTECTED_S", 0.01)
    monkeypatch.setattr(chromium_prompts, "_LOOK_S", 0.001)


@asynccontextmanager
async def watching(ui: Ui, *, allows: bool = False) -> AsyncIterator[ChromiumPrompts]:
    prompts = ChromiumPrompts(cast(Any, ui))
    prompts.allows = allows
    await prompts.begin()
    yield prompts
    prompts.stop()


@pytest.mark.parametrize(("allows", "pressed"), [(True, "allow"), (False, "refuse")])
async def test_one_button_is_pressed_and_the_other_for_a_grant(allows: bool, pressed: str) -> None:
    ui = Ui()
    async with watching(ui, allows=allows) as prompts:
        ui.open = [11, 12, 21]
        assert {await ui.clicked.get() for _ in range(3)} == {(1, pressed), (2, pressed)}
        async with prompts.granting():
            ui.open = [31]
            assert await ui.clicked.get() == (3, "allow")


async def test_somebody_decides_each_prompt_once() -> None:
    ui = Ui(deaf=1)
    asked: list[tuple[str, ...]] = []
    decisions: asyncio.Queue[bool] = asyncio.Queue()

    async def decide(words: tuple[str, ...]) -> bool:
        asked.append(words)
        return words == ("2",) or await decisions.get()

    async with watching(ui) as prompts:
        prompts.decide = decide
        ui.open = [11, 21, 12]
        assert [await ui.clicked.get() for _ in range(2)] == [(2, "allow"), (2, "allow")]  # the first did not count
        decisions.put_nowait(True)
        assert await ui.clicked.get() == (1, "allow")
        decisions.put_nowait(False)
        assert await ui.clicked.get() == (1, "refuse")
        assert sorted(asked) == [("1",), ("1",), ("2",)]


async def test_a_prompt_that_goes_away_needs_no_decision() -> None:
    ui = Ui()
    asked: asyncio.Queue[None] = asyncio.Queue()
    gone = asyncio.Event()

    async def decide(words: tuple[str, ...]) -> bool:
        asked.put_nowait(None)
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return True

    async with watching(ui) as prompts:
        prompts.decide = decide
        ui.open = [11]
        await asked.get()
        ui.open = []
        await gone.wait()
        prompts.decide = None
        ui.open = [11]
        assert await ui.clicked.get() == (1, "refuse")


async def test_a_look_that_fails_is_not_the_last() -> None:
    ui = Ui()
    async with watching(ui, allows=True):
        ui.fails = 1
        ui.open = [11]
        assert await asyncio.wait_for(ui.clicked.get(), 10) == (1, "allow")


async def test_where_nobody_can_look_it_does_not_begin() -> None:
    with pytest.raises(UnsupportedError, match="not connected"):
        await ChromiumPrompts(cast(Any, Ui(reachable=False))).begin()
