"""The part of `Bridge` that causes what only a user or the browser can cause: keys, menus, notifications."""

from typing import TYPE_CHECKING, Literal

from .omnibox import Omnibox
from .raising import Raising
from .session import Session

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

__all__ = ["BridgeEvents"]


class BridgeEvents:
    """What has the browser raise genuine events. See `Context.dispatch` for all others."""

    _omnibox: Omnibox
    _raising: Raising
    _session: Session

    async def press_command(self, name: str, page: "Page | None" = None, *, timeout: float | None = None) -> None:
        """Press the key of a command of the manifest. `commands.onCommand` fires in the extension.

            await bridge.press_command("toggle-feature", page)

        The browser makes the event: it wakes a stopped background, names the tab, grants ``activeTab``, and a user's
        gesture is active in the listener. ``_execute_action`` and its kin press the button. In Chromium, a command
        without a key gets one for that moment, and one that is ``global`` is pressed in the browser's window.

        Args:
            name: Of the command.
            page: The Playwright page to bring to the front first; None means the newest one.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: The manifest has no such command; the message says which it has.
            ContextError: No page is open.
            UnsupportedError: Chromium has a key for it that cannot be pressed, such as ``MediaStop``, or it has no UI
                DevTools; or the command stands for a button that this browser lacks.
        """
        await self._raising.press_command(name, page, self._session.timeout_ms(timeout))

    async def click_menu(
        self,
        item_id: str,
        target: "Page | Locator | None" = None,
        *,
        on: Literal["page", "action", "tab"] = "page",
        timeout: float | None = None,
    ) -> None:
        """Click an item that the extension has added to a context menu. `contextMenus.onClicked` fires.

            await bridge.click_menu("save-link", page.get_by_role("link"))
            await bridge.click_menu("pause", page, on="action")

        The bridge clicks the target with the right button, and the item in the browser's own menu. So `info` and `tab`
        are the browser's, and what is under the mouse decides which items there are: to have a selection, select
        something in the page before.

        Args:
            item_id: The `id` that `contextMenus.create()` got.
            target: A Playwright locator; or a page, which is clicked in its top left corner. None means the newest
                page.
            on: Whose menu it is: that of the page, of the toolbar button, or of the page's tab.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension has no such item, and the message says which it has; or the browser does not
                show it there, or it is disabled.
            UnsupportedError: The item opens a menu of its own; or the extension has no toolbar button; or the page is
                in a window that shows no such button or no tabs; or Chromium has no UI DevTools, or is too old to add
                items to the menus of tabs, or another extension's button has the same title.
            BridgeTimeoutError: No menu opened; the page may prevent it.
        """
        await self._raising.click_menu(item_id, target, on, self._session.timeout_ms(timeout))

    async def click_notification(self, id: str, button: int | None = None, *, timeout: float | None = None) -> None:
        """Click a notification of the extension's, or one of its buttons.

            await bridge.click_notification("download-done")
            await bridge.click_notification("download-done", 1)

        The bridge waits until the browser shows it. `notifications.onClicked` or `onButtonClicked` fires, as by the
        user's own click, which also wakes a stopped background. In Firefox, the notification closes then, and
        `onClosed` follows; in Chromium, it stays.

        Browsers close notifications after a while. Chromium shows three at a time, and the others once there is room.
        One that has none when the bridge looks for it loses its `contextMessage`, by which the bridge tells them apart.

        Args:
            id: That `notifications.create()` got, or returned.
            button: The number of the button, from 0. Chromium only.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension has no such notification, and the message says which it has; or it has no such
                button.
            ExtensionError: The manifest lacks the permission ``notifications``.
            UnsupportedError: The browser is Firefox, whose notifications have no buttons; or Chromium has no UI
                DevTools.
            BridgeTimeoutError: The browser did not show it.
        """
        await self._raising.click_notification(id, button, self._session.timeout_ms(timeout))

    async def type_omnibox(
        self,
        text: str,
        page: "Page | None" = None,
        *,
        suggestion: str | None = None,
        enter: bool | Literal["currentTab", "newForegroundTab", "newBackgroundTab"] = False,
        timeout: float | None = None,
    ) -> list[dict[str, str]]:
        """Type the extension's keyword and a text in the address bar, as the user does.

            await bridge.type_omnibox("cats", enter=True)
            suggestions = await bridge.type_omnibox("cats", suggestion="https://cats.example/")

        `omnibox.onInputStarted` and `onInputChanged` fire, which also wake a stopped background, and `onInputEntered`
        after Enter. Chromium tells the extension of each letter, Firefox of as many as it is in time for. What was
        typed before is gone; `leave_omnibox` cancels what nobody entered.

        Args:
            text: What the user types after the keyword and a space.
            page: The Playwright page whose window it is; it is brought to the front first. None means the newest one.
            suggestion: The `content` of a suggestion to wait for, which `enter` then chooses.
            enter: Whether to press Enter; or the disposition with which to do so, which the extension hears. Firefox
                makes ``"currentTab"`` of all in an empty tab.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            All suggestions of the extension's that the address bar shows together with that one, each as a dict with
            `content` and `description`. None without `suggestion`, for then nobody waits for the extension's answer.

        Raises:
            UnsupportedError: The manifest has no `omnibox`; the page is in a window without an address bar; or this
                Chromium has no UI DevTools, or does not say what it suggests.
            BridgeTimeoutError: The suggestion did not appear; the message says which ones did.
            ContextError: No page is open.
        """
        return await self._omnibox.type(text, page, suggestion, enter, self._session.timeout_ms(timeout))

    async def leave_omnibox(self, page: "Page | None" = None, *, timeout: float | None = None) -> None:
        """Take back what was typed in the address bar. `omnibox.onInputCancelled` fires if nobody entered it.

        Args:
            page: As in `type_omnibox`.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: As in `type_omnibox`.
            ContextError: No page is open.
        """
        await self._omnibox.leave(page, self._session.timeout_ms(timeout))

    async def fire_alarm(self, name: str = "", *, timeout: float | None = None) -> None:
        """Have an alarm of the extension's go off now, however far away it is. `alarms.onAlarm` fires.

        The browser makes the event, which also wakes a stopped background. An alarm with a period goes off again one
        period from now; any other is gone. `scheduledTime` in the event is now in Chromium, where the alarm is put
        forward, and the alarm's own time in Firefox.

        Args:
            name: As in `alarms.create()`, where it may be left out.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension has no such alarm; the message says which it has.
        """
        await self._raising.fire_alarm(name, self._session.timeout_ms(timeout))

    async def set_idle_state(self, state: Literal["active", "idle", "locked"], *, timeout: float | None = None) -> None:
        """Have the browser take its user for idle or active. `idle.onStateChanged` fires if that is a change.

        `idle.queryState()` says the same from then on, whatever interval it is asked for, until the extension is
        uninstalled, as `reset` does, or the browser closes.

        Firefox only.

        Args:
            state: As in `idle.onStateChanged`. Firefox does not know ``"locked"``.
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: The browser is Chromium, or the state is ``"locked"``.
            ExtensionError: The manifest lacks the permission ``idle``.
        """
        await self._raising.set_idle_state(state, self._session.timeout_ms(timeout))
