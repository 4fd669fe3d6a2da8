"""Raises genuine events of the extension, as its user or the browser does: a key, a menu, a notification, an alarm."""

import json
from typing import Any, get_args

from .. import _playwright
from ..driver import Driver, MenuPlace
from ..errors import ContextError, UnsupportedError
from ..waiting.waits import within
from .extension import Extension
from .loading import Loading
from .opening import Opening
from .requirements import require_command, require_permission, require_toolbar_button

__all__ = ["Raising"]

_TOOLBAR_BUTTON = ("_execute_action", "_execute_browser_action")
_PAGE_ACTION = "_execute_page_action"
_CORNER = (2, 2)  # of the page, where nothing but the page is
_IDLE_STATES = ("active", "idle", "locked")
_MENU_PLACES = get_args(MenuPlace)
_SIDEBAR = "_execute_sidebar_action"


class Raising:
    """See `Bridge.press_command` and the methods after it."""

    def __init__(
        self, *, extension: Extension, loading: Loading, opening: Opening, browser_name: str, driver: Driver
    ) -> None:
        self._extension = extension
        self._loading = loading
        self._opening = opening
        self._browser_name = browser_name
        self._driver = driver

    async def press_command(self, name: str, page: Any, timeout_ms: float) -> None:
        """Press the key of a command."""
        require_command(self._extension.manifest, name)
        if name in _TOOLBAR_BUTTON:
            await self._opening.click_action(page, timeout_ms)
        elif name == _PAGE_ACTION:
            await self._opening.click_page_action(page, timeout_ms)
        elif name == _SIDEBAR and self._browser_name != "firefox":
            raise UnsupportedError("Chromium has no sidebars, and ignores the command '_execute_sidebar_action'")
        else:
            async with within(timeout_ms, f"The browser did not press the key of the command {name!r}"):
                page = await self._opening.in_front(page)
                await self._driver.press_command(self._loading.loaded, name, page)

    async def click_menu(self, item_id: str, target: Any, on: MenuPlace, timeout_ms: float) -> None:
        """Right-click a page or locator, the toolbar button or a tab, and click an item of the menu."""
        if not isinstance(item_id, str):
            raise TypeError(f"The id of a menu item is a string, not {item_id!r}")
        if on not in _MENU_PLACES:
            raise ValueError(f"on= is {' or '.join(map(repr, _MENU_PLACES))}, not {on!r}")
        if on == "action":
            require_toolbar_button(self._extension.manifest, self._browser_name)
        hint = "; does the page prevent it?" if on == "page" else ""
        async with within(timeout_ms, f"Waited for the context menu{hint}"):
            locator = None if target is None or hasattr(target, "main_frame") else target
            page = await self._opening.in_front(locator.page if locator else target)

            async def right_click() -> None:
                if locator:
                    await _playwright.call(locator.click, button="right", timeout=0)
                else:
                    await _playwright.call(page.mouse.click, *_CORNER, button="right")

            ids = await self._driver.click_menu(self._loading.loaded, item_id, on, page, right_click)
        if ids is not None:
            raise ContextError(f"The extension has no menu item {json.dumps(item_id)}: {_listed(ids)}")

    async def click_notification(self, id: str, button: int | None, timeout_ms: float) -> None:
        """Click a notification, or one of its buttons."""
        if not isinstance(id, str):
            raise TypeError(f"The id of a notification is a string, not {id!r}")
        if button is not None and (not isinstance(button, int) or button < 0):
            raise ValueError(f"Buttons count from 0, so there is none of the number {button!r}")
        require_permission(self._extension.manifest, "notifications")
        async with within(timeout_ms, f"Waited for the browser to show the notification {json.dumps(id)}"):
            ids = await self._driver.click_notification(self._loading.loaded, id, button)
        if ids is not None:
            raise ContextError(f"The extension has no notification {json.dumps(id)}: {_listed(ids)}")

    async def set_idle_state(self, state: str, timeout_ms: float) -> None:
        """Have the user be active or idle."""
        if state not in _IDLE_STATES:
            raise ValueError(f"An idle state is {' or '.join(map(repr, _IDLE_STATES))}, not {state!r}")
        require_permission(self._extension.manifest, "idle")
        async with within(timeout_ms, f"The browser did not take the user for {state}"):
            await self._driver.set_idle_state(self._loading.loaded, state)

    async def fire_alarm(self, name: str, timeout_ms: float) -> None:
        """Have an alarm go off."""
        if not isinstance(name, str):
            raise TypeError(f"The name of an alarm is a string, not {name!r}")
        async with within(timeout_ms, f"The browser did not let the alarm {name!r} go off"):
            names = await self._driver.fire_alarm(self._loading.loaded, name)
        if name not in names:
            raise ContextError(f"The extension has no alarm {json.dumps(name)}: {_listed(names)}")


def _listed(names: list[str]) -> str:
    return f"it has {', '.join(map(json.dumps, names))}" if names else "it has none"
