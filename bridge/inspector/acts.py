"""What the page can do to the extension besides its buttons: it shows this table as a list."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, cast

from ..core.bridge import Bridge
from ..core.optional_permissions import listed
from ..core.requirements import (
    require_devtools_page,
    require_omnibox,
    require_open_page,
    require_options_page,
    require_permission,
    require_side_panel,
    require_toolbar_button,
)
from ..errors import BridgeError
from ..webext.manifest import Manifest
from .messages import ActOption

__all__ = ["ACTS", "Act", "options", "perform"]


class Act(NamedTuple):
    """One of them."""

    group: str
    label: str
    """The page shows group and label, one after the other."""
    done: str
    """What has happened then, as a sentence without its full stop."""
    run: Callable[[Bridge, str, Any], Awaitable[object]]
    """Gets what the user typed, and the Playwright page that the user chose; None means the newest."""
    require: Callable[[Bridge], object] = lambda bridge: None
    """Raises BridgeError if it cannot work now."""
    argument: str = ""
    """What the user has to type; empty for nothing."""
    known: Callable[[Manifest], Sequence[str]] = lambda manifest: ()
    """What can be typed, as far as the manifest says."""
    required: bool = True
    """Whether something has to be typed."""


def _manifest(bridge: Bridge) -> Manifest:
    manifest: Manifest = bridge._extension.manifest
    return manifest


def _present(bridge: Bridge) -> None:
    bridge._contexts.require_present()


def _popup(bridge: Bridge) -> None:
    _present(bridge)
    require_toolbar_button(_manifest(bridge), bridge.browser_name)
    require_open_page(bridge.browser_context.pages)


def _side_panel(bridge: Bridge) -> None:
    _present(bridge)
    require_side_panel(_manifest(bridge), bridge.browser_name)
    require_open_page(bridge.browser_context.pages, "open it beside")


def _options(bridge: Bridge) -> None:
    _present(bridge)
    require_options_page(_manifest(bridge))


def _devtools(bridge: Bridge) -> None:
    _present(bridge)
    require_devtools_page(_manifest(bridge))
    require_open_page(bridge.browser_context.pages, "inspect")


def _disabled(bridge: Bridge) -> None:
    bridge._contexts.require_installed()
    if bridge._contexts.absent is None:
        raise BridgeError("The extension is enabled")


def _uninstalled(bridge: Bridge) -> None:
    if not bridge._contexts.uninstalled:
        raise BridgeError("The extension is installed")


def _commands(bridge: Bridge) -> None:
    _present(bridge)
    require_open_page(bridge.browser_context.pages, "press the key on")
    if not _manifest(bridge).commands:
        raise BridgeError("The manifest has no commands")


def _menus(bridge: Bridge) -> None:
    _present(bridge)
    require_open_page(bridge.browser_context.pages, "click on")
    if not {"menus", "contextMenus"} & _manifest(bridge).permissions:
        raise BridgeError("The manifest lacks the permission 'contextMenus'")


def _action_menus(bridge: Bridge) -> None:
    _menus(bridge)
    require_toolbar_button(_manifest(bridge), bridge.browser_name)


def _notifications(bridge: Bridge) -> None:
    _present(bridge)
    require_permission(_manifest(bridge), "notifications")


def _omnibox(bridge: Bridge) -> None:
    _present(bridge)
    require_open_page(bridge.browser_context.pages, "type on")
    require_omnibox(_manifest(bridge))


def _alarms(bridge: Bridge) -> None:
    _present(bridge)
    require_permission(_manifest(bridge), "alarms")


def _idle(bridge: Bridge) -> None:
    _present(bridge)
    require_permission(_manifest(bridge), "idle")
    if bridge.browser_name == "chromium":
        raise BridgeError("Chromium cannot be told that its user is idle")


def _optional(bridge: Bridge) -> None:
    _present(bridge)
    if not listed(_manifest(bridge)):
        raise BridgeError("The manifest lists no optional permissions")


def _tab(bridge: Bridge) -> None:
    require_open_page(bridge.browser_context.pages, "discard")


async def _discard(bridge: Bridge, page: Any) -> None:
    await bridge.discard(page or bridge.browser_context.pages[-1])


async def _open_devtools(bridge: Bridge, page: Any) -> None:
    await bridge.open_devtools(page or bridge.browser_context.pages[-1])


_PERMISSION = "Permission or match pattern"
ACTS: dict[str, Act] = {
    "openPopup": Act("Open", "popup", "The popup is open", lambda b, _, page: b.open_popup(page), _popup),
    "openSidePanel": Act(
        "Open", "side panel", "The side panel is open", lambda b, _, page: b.open_side_panel(page), _side_panel
    ),
    "openOptions": Act("Open", "options", "The options are open", lambda b, *_: b.open_options(), _options),
    "openDevtools": Act(
        "Open", "developer tools", "The panel is open", lambda b, _, page: _open_devtools(b, page), _devtools
    ),
    "openPrivateWindow": Act(
        "Open",
        "private window",
        "The private window is open",
        lambda b, *_: b.open_private_window(),
        lambda b: b._private_windows.require_openable(),
    ),
    "pressCommand": Act(
        "Event:",
        "command",
        "The key of the command was pressed",
        lambda b, name, page: b.press_command(name, page),
        _commands,
        "Name of the command",
        lambda manifest: manifest.commands,
    ),
    "clickMenu": Act(
        "Event:",
        "context menu",
        "The menu item was clicked",
        lambda b, id, page: b.click_menu(id, page),
        _menus,
        "Id of the menu item",
    ),
    "clickActionMenu": Act(
        "Event:",
        "menu of the toolbar button",
        "The menu item was clicked",
        lambda b, id, page: b.click_menu(id, page, on="action"),
        _action_menus,
        "Id of the menu item",
    ),
    "clickTabMenu": Act(
        "Event:",
        "menu of a tab",
        "The menu item was clicked",
        lambda b, id, page: b.click_menu(id, page, on="tab"),
        _menus,
        "Id of the menu item",
    ),
    "clickNotification": Act(
        "Event:",
        "notification",
        "The notification was clicked",
        lambda b, id, _: b.click_notification(id),
        _notifications,
        "Id of the notification",
    ),
    "typeOmnibox": Act(
        "Event:",
        "address bar",
        "The text was entered after the extension's keyword",
        lambda b, text, page: b.type_omnibox(text, page, enter=True),
        _omnibox,
        "Text after the keyword",
    ),
    "fireAlarm": Act(
        "Event:",
        "alarm",
        "The alarm has gone off",
        lambda b, name, _: b.fire_alarm(name),
        _alarms,
        "Name of the alarm",
        required=False,
    ),
    "setIdleState": Act(
        "Event:",
        "idle state",
        "The browser takes its user for that",
        lambda b, state, _: b.set_idle_state(cast(Any, state)),
        _idle,
        "State",
        lambda manifest: ("idle", "active"),
    ),
    "discardTab": Act("Tab:", "discard", "The tab was discarded", lambda b, _, page: _discard(b, page), _tab),
    "install": Act("Extension:", "install", "The extension is installed", lambda b, *_: b.install(), _uninstalled),
    "disable": Act("Extension:", "disable", "The extension is disabled", lambda b, *_: b.disable(), _present),
    "enable": Act("Extension:", "enable", "The extension is enabled", lambda b, *_: b.enable(), _disabled),
    "uninstall": Act("Extension:", "uninstall", "The extension was uninstalled", lambda b, *_: b.uninstall(), _present),
    "grant": Act(
        "Permission:",
        "grant",
        "The permission is granted",
        lambda b, name, _: b.grant(name),
        _optional,
        _PERMISSION,
        listed,
    ),
    "revoke": Act(
        "Permission:",
        "revoke",
        "The permission is revoked",
        lambda b, name, _: b.revoke(name),
        _optional,
        _PERMISSION,
        listed,
    ),
}


def options(manifest: Manifest) -> list[ActOption]:
    """Return what the page shows."""
    return [
        ActOption(
            name=name,
            label=f"{act.group} {act.label}",
            done=act.done,
            argument=act.argument,
            known=list(act.known(manifest)),
        )
        for name, act in ACTS.items()
    ]


async def perform(bridge: Bridge, name: str, argument: str, page: Any) -> None:
    """Do it.

    Raises:
        Exception: It did not work; the text says why.
    """
    act = ACTS.get(name)
    if act is None:
        raise BridgeError(f"There is nothing of the name {name!r} to do")
    if act.argument and act.required and not argument:
        raise BridgeError(f"{act.argument} is missing")
    await act.run(bridge, argument, page)
