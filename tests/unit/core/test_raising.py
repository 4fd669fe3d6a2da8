"""Raising events: what is refused before the browser is asked, and what the errors list."""

import re
from typing import Any, cast

import pytest

from bridge.core.raising import Raising
from bridge.driver import Loaded
from bridge.errors import ContextError, ExtensionError, UnsupportedError
from bridge.webext.manifest import Manifest

COMMANDS = {"commands": {"go": {}, "_execute_action": {}, "_execute_page_action": {}, "_execute_sidebar_action": {}}}


class Browser:
    """A driver, and what brings pages to the front or presses buttons; each call is kept."""

    loaded = Loaded("x", "chrome-extension://x/")

    def __init__(self, manifest: dict[str, Any], names: list[str] | None = None) -> None:
        self.manifest = Manifest(manifest)
        self.names = names
        self.calls: list[Any] = []

    async def in_front(self, page: Any) -> Any:
        return page or "the newest"

    async def click_action(self, page: Any, timeout_ms: float) -> None:
        self.calls.append("the button")

    async def click_page_action(self, page: Any, timeout_ms: float) -> None:
        self.calls.append("the page action")

    async def press_command(self, loaded: Loaded, name: str, page: Any) -> None:
        self.calls.append((name, page))

    async def fire_alarm(self, loaded: Loaded, name: str) -> list[str] | None:
        return self.names

    async def click_menu(self, loaded: Loaded, item_id: str, on: str, page: Any, right_click: Any) -> list[str] | None:
        return self.names

    async def click_notification(self, loaded: Loaded, id: str, button: int | None) -> list[str] | None:
        self.calls.append((id, button))
        return self.names

    async def set_idle_state(self, loaded: Loaded, state: str) -> None:
        self.calls.append(state)

    def raising(self, browser_name: str = "firefox") -> Raising:
        all_of_it = cast("Any", self)
        return Raising(
            extension=all_of_it, loading=all_of_it, opening=all_of_it, browser_name=browser_name, driver=all_of_it
        )


async def test_a_command_is_pressed_or_is_a_button() -> None:
    browser = Browser(COMMANDS)
    for name in COMMANDS["commands"]:
        await browser.raising().press_command(name, None, 0)
    sidebar = ("_execute_sidebar_action", "the newest")
    assert browser.calls == [("go", "the newest"), "the button", "the page action", sidebar]
    with pytest.raises(UnsupportedError, match="Chromium has no sidebars"):
        await browser.raising("chromium").press_command("_execute_sidebar_action", None, 0)


@pytest.mark.parametrize(
    ("manifest", "listed"), [({"commands": {"a": {}, "b": {}}}, 'lists "a", "b"'), ({}, "lists none in 'commands'")]
)
async def test_an_unknown_command_lists_those_of_the_manifest(manifest: dict[str, Any], listed: str) -> None:
    browser = Browser(manifest)
    with pytest.raises(ExtensionError, match=f'no command "go": its manifest {listed}'):
        await browser.raising().press_command("go", None, 0)
    assert browser.calls == []


@pytest.mark.parametrize(("names", "listed"), [(["a", "b"], 'it has "a", "b"'), ([], "it has none")])
async def test_an_unknown_alarm_or_item_lists_those_that_there_are(names: list[str], listed: str) -> None:
    raising = Browser({}, names).raising()
    with pytest.raises(ContextError, match=f'no alarm "x": {listed}'):
        await raising.fire_alarm("x", 0)
    with pytest.raises(ContextError, match=f'no menu item "x": {listed}'):
        await raising.click_menu("x", None, "page", 0)


async def test_a_name_is_a_string() -> None:
    raising = Browser({}).raising()
    with pytest.raises(TypeError, match="not 7"):
        await raising.fire_alarm(7, 0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not 7"):
        await raising.click_menu(7, None, "page", 0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not 7"):
        await raising.click_notification(7, None, 0)  # type: ignore[arg-type]


async def test_whose_menu_it_is_is_checked_before_the_browser_is_asked() -> None:
    with pytest.raises(ValueError, match="'page' or 'action' or 'tab', not 'window'"):
        await Browser({}).raising().click_menu("x", None, "window", 0)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="no toolbar button"):
        await Browser({}).raising().click_menu("x", None, "action", 0)


async def test_a_notification_is_checked_before_the_browser_is_asked() -> None:
    browser = Browser({"permissions": ["notifications"]})
    await browser.raising().click_notification("x", 1, 0)
    for button in (-1, "yes"):
        with pytest.raises(ValueError, match=f"none of the number {button!r}"):
            await browser.raising().click_notification("x", button, 0)  # type: ignore[arg-type]
    assert browser.calls == [("x", 1)]
    with pytest.raises(ExtensionError, match="lacks the permission 'notifications'"):
        await Browser({}).raising().click_notification("x", None, 0)
    with pytest.raises(ContextError, match='no notification "x": it has "y"'):
        await Browser({"permissions": ["notifications"]}, ["y"]).raising().click_notification("x", None, 0)


async def test_an_idle_state_is_checked_before_the_browser_is_asked() -> None:
    browser = Browser({"permissions": ["idle"]})
    await browser.raising().set_idle_state("idle", 0)
    with pytest.raises(ValueError, match=re.escape("'active' or 'idle' or 'locked', not 'away'")):
        await browser.raising().set_idle_state("away", 0)
    assert browser.calls == ["idle"]
    with pytest.raises(ExtensionError, match="lacks the permission 'idle'"):
        await Browser({}).raising().set_idle_state("idle", 0)
