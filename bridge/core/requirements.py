"""What must be so for the extension to be clicked, opened, stopped or started: each function raises what is missing."""

import json
from collections.abc import Sequence
from typing import Any

from ..errors import ContextError, ExtensionError, UnsupportedError
from ..webext.manifest import Manifest

__all__ = [
    "require_background",
    "require_command",
    "require_devtools_page",
    "require_omnibox",
    "require_open_page",
    "require_options_page",
    "require_page_action",
    "require_permission",
    "require_side_panel",
    "require_stoppable_background",
    "require_toolbar_button",
]


def require_background(has_background: bool) -> None:
    """Raise ContextError if this browser runs no background of the extension."""
    if not has_background:
        raise ContextError("The manifest has no background that this browser runs")


def require_stoppable_background(manifest: Manifest, has_background: bool) -> None:
    """Raise ContextError if there is no background, UnsupportedError if it is a persistent background page."""
    require_background(has_background)
    if manifest.version == 2 and manifest.background.is_persistent:
        raise UnsupportedError("The extension has a persistent background page, which never stops")


def require_toolbar_button(manifest: Manifest, browser_name: str) -> None:
    """Raise UnsupportedError if the manifest gives the extension no toolbar button."""
    if manifest.has_toolbar_button:
        return
    if manifest.has_page_action and browser_name == "firefox":
        raise UnsupportedError(
            "The extension has no toolbar button, only a 'page_action', whose button is in the address bar: "
            "use click_page_action()"
        )
    raise UnsupportedError("The extension has no toolbar button: its manifest has no 'action' key")


def require_command(manifest: Manifest, name: str) -> None:
    """Raise ExtensionError if the manifest has no such command."""
    if name not in manifest.commands:
        names = ", ".join(json.dumps(it) for it in manifest.commands)
        listed = f"its manifest lists {names}" if names else "its manifest lists none in 'commands'"
        raise ExtensionError(f"The extension has no command {json.dumps(name)}: {listed}")


def require_omnibox(manifest: Manifest) -> None:
    """Raise UnsupportedError if the extension has no keyword for the address bar."""
    if "omnibox" not in manifest.json:
        raise UnsupportedError("The extension has no keyword for the address bar: its manifest has no 'omnibox' key")


def require_page_action(manifest: Manifest) -> None:
    """Raise UnsupportedError if the manifest gives the extension no button in the address bar."""
    if not manifest.has_page_action:
        instead = ", but it has a toolbar button: use click_action()" if manifest.has_toolbar_button else ""
        raise UnsupportedError(f"The manifest has no 'page_action' key{instead}")


def require_permission(manifest: Manifest, name: str) -> None:
    """Raise ExtensionError if the manifest does not name a permission."""
    if name not in manifest.permissions | manifest.optional_permissions:
        raise ExtensionError(f"The manifest lacks the permission {name!r}")


def require_side_panel(manifest: Manifest, browser_name: str) -> None:
    """Raise UnsupportedError if the extension has no side panel in Chromium, or no sidebar in Firefox."""
    if browser_name == "firefox":
        if "sidebar_action" not in manifest.json:
            raise UnsupportedError("The extension has no sidebar: its manifest has no 'sidebar_action' key")
    elif "sidePanel" not in manifest.permissions | manifest.optional_permissions:
        raise UnsupportedError("The extension has no side panel: its manifest lacks the permission 'sidePanel'")
    elif "side_panel" not in manifest.json:
        raise UnsupportedError("The extension has no side panel: its manifest has no 'side_panel' key")


def require_options_page(manifest: Manifest) -> str:
    """Return the path of the options page. Raise UnsupportedError if the manifest names none."""
    if manifest.options_page is None:
        raise UnsupportedError("The extension has no options: its manifest names no page in 'options_ui'")
    return manifest.options_page


def require_devtools_page(manifest: Manifest) -> None:
    """Raise UnsupportedError if the extension adds nothing to the developer tools."""
    if "devtools_page" not in manifest.pages:
        raise UnsupportedError("The extension has no panel: its manifest has no 'devtools_page' key")


def require_open_page(pages: Sequence[Any], purpose: str = "press the button on") -> None:
    """Raise ContextError if no page is open in front of which that could be done."""
    if not pages:
        raise ContextError(f"There is no page to {purpose}: open one in bridge.browser_context")
