"""How the bridge finds the popup of a notification in Chromium, and leaves it as it was."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bridge.browsers.chromium_notifications import ChromiumNotifications
from bridge.browsers.chromium_ui import Node
from bridge.driver import Loaded
from bridge.errors import ContextError, RemoteError

LOADED = Loaded("x", "chrome-extension://x/")
NAME = "Herald"


class Chromium:
    """Its documents, its notifications, and the popups that it shows of them.

    Attributes:
        texts: The context message of each notification.
        shown: The ids of those that have a popup.
        late: The ids of those that get one later, one with each look.
        slow: For how many looks at a text a changed one is not yet shown.
        vanishing: How often a popup goes while the bridge looks at it.
        clicked: The id of each notification that was clicked, and the number of the button.
    """

    def __init__(
        self, texts: dict[str, str], *, shown: str = "", late: str = "", vanishing: int = 0, slow: int = 0
    ) -> None:
        self.texts = texts
        self.slow = slow
        self.displayed = dict(texts)
        self.shown = list(shown or texts)
        self.late = list(late)
        self.vanishing = vanishing
        self.clicked: list[tuple[str, int | None]] = []
        self.nodes: dict[int, tuple[str, int | None]] = {}

    @asynccontextmanager
    async def of_extension(self, loaded: Loaded) -> AsyncIterator[str]:
        yield "document"

    async def evaluate(self, document: str, expression: str) -> Any:
        if "getAll" in expression:
            return [NAME, list(self.texts)]
        found = re.fullmatch(r"chrome\.notifications\.update\((.*?), \{ contextMessage: (.*) \}\)", expression)
        assert found
        self.texts[json.loads(found[1])] = json.loads(found[2])
        return True

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        if self.late:
            self.shown.append(self.late.pop(0))
        yield

    async def root(self) -> Node:
        self.nodes.clear()
        return Node(0, "root", "", [Node(0, "Window", "MessagePopupView", [self._popup(id)]) for id in self.shown])

    def _popup(self, id: str) -> Node:
        settings = self._node(id, None, "NotificationTextButton")  # "Done", which is not the extension's
        row = Node(0, "View", "View", [self._node(id, number, "NotificationTextButton") for number in (0, 1)])
        answers = Node(0, "View", "View", [row, Node(0, "View", "NotificationInputContainer")])
        label = self._node(id, None, "Label")
        body = self._node(id, None, "NotificationView", label, settings, answers)
        return self._node(id, None, "MessagePopupView", body)

    def _node(self, id: str, button: int | None, name: str, *children: Node) -> Node:
        number = len(self.nodes) + 1
        self.nodes[number] = (id, button)
        return Node(number, "View", name, list(children))

    async def properties(self, node: Node) -> dict[str, str]:
        if self.vanishing:
            self.vanishing -= 1
            raise RemoteError("Chromium says: Node not found")
        id = self.nodes[node.id][0]
        if self.displayed[id] != self.texts[id]:
            if self.slow:
                self.slow -= 1
            else:
                self.displayed[id] = self.texts[id]
        return {"Text": self.displayed[id] or NAME}

    async def click(self, node: Node) -> None:
        self.clicked.append(self.nodes[node.id])


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("bridge.browsers.chromium_notifications._RETRY_S", 0)
    yield


async def click(chromium: Chromium, id: str, button: int | None = None) -> list[str] | None:
    notifications = ChromiumNotifications(cast("Any", chromium), cast("Any", chromium))
    return await asyncio.wait_for(notifications.click(LOADED, id, button), 10)


TEXTS = {"a": "", "b": "of b", "c": ""}


@pytest.mark.parametrize("button", [None, 0, 1])
@pytest.mark.parametrize("id", TEXTS)
async def test_the_wanted_one_is_clicked_and_looks_as_before(id: str, button: int | None) -> None:
    chromium = Chromium(dict(TEXTS))
    assert await click(chromium, id, button) is None
    assert chromium.clicked == [(id, button)]
    assert chromium.texts == TEXTS


async def test_the_popup_comes_later() -> None:
    chromium = Chromium(dict(TEXTS), shown="a", late="cb", vanishing=1)
    assert await click(chromium, "b") is None
    assert chromium.clicked == [("b", None)] and chromium.texts == TEXTS


async def test_three_popups_are_all_that_there_is_room_for() -> None:
    chromium = Chromium(dict.fromkeys("abcde", ""), shown="abc")
    assert await click(chromium, "c") is None
    assert chromium.clicked == [("c", None)]


async def test_a_text_that_is_shown_a_moment_later_is_not_lost() -> None:
    chromium = Chromium(dict(TEXTS), slow=3)
    assert await click(chromium, "b") is None
    assert chromium.clicked == [("b", None)] and chromium.texts == TEXTS


async def test_an_unknown_id_or_button() -> None:
    chromium = Chromium(dict(TEXTS))
    assert await click(chromium, "x") == ["a", "b", "c"]
    with pytest.raises(ContextError, match='notification "b" has no button 2: it has 2'):
        await click(chromium, "b", 2)
    assert chromium.clicked == [] and chromium.texts == TEXTS
