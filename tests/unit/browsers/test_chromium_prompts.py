"""Which button of Chromium's prompts is which, and how the bridge comes to reach them."""

import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.browsers import chromium_prompts
from bridge.browsers.chromium_prompts import ChromiumPrompts, cancel_and_accept, with_prompts
from bridge.errors import LaunchError


def view(number: int, name: str, *children: Any) -> dict[str, Any]:
    return {"nodeId": number, "nodeName": "View", "attributes": ["class", name, "name", name], "children": children}


def window(content: str, *buttons: dict[str, Any]) -> dict[str, Any]:
    row = view(4, "DialogClientView::ButtonRowContainer", *buttons)
    frame = view(2, "BubbleFrameView", view(3, "DialogClientView", view(9, content), row))
    return {"nodeId": 1, "children": [view(7, "BrowserView", view(8, "MdTextButton")), frame]}


BUTTONS = view(5, "MdTextButton"), view(6, "MdTextButton")


@pytest.mark.parametrize(("platform", "found"), [("linux", (5, 6)), ("win32", (6, 5))])
def test_the_buttons_of_a_prompt(monkeypatch: pytest.MonkeyPatch, platform: str, found: tuple[int, int]) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert cancel_and_accept(window("ExtensionInstallDialogView", *BUTTONS)) == found


def test_other_windows_have_none() -> None:
    assert cancel_and_accept(window("SomeOtherView", *BUTTONS)) is None
    assert cancel_and_accept(window("ExtensionInstallDialogView", BUTTONS[0])) is None
    assert cancel_and_accept({"nodeId": 1}) is None


def test_the_callers_features_stay() -> None:
    last = with_prompts(["--enable-features=A", "--x", "--enable-features=B,C"])[-1]
    assert last == "--enable-features=B,C,ui-debug-tools-enable-synthetic-events"


async def test_a_chromium_that_does_not_open_the_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium_prompts, "_START_S", 0.05)
    with pytest.raises(LaunchError, match="does not let the bridge reach its prompts"):
        await ChromiumPrompts(tmp_path).start()
