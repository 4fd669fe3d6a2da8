"""A manifest, read into types."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from .patterns import ALL_URLS, is_pattern, widen
from .shape import items, mapping, string, strings

__all__ = ["Background", "BackgroundKind", "BrowserName", "ContentScript", "Manifest", "file_at", "local_path"]

BrowserName = Literal["chromium", "firefox"]
BackgroundKind = Literal["service_worker", "scripts", "page"]

_PAGES = (
    ("action", "default_popup"),
    ("browser_action", "default_popup"),
    ("page_action", "default_popup"),
    ("options_ui", "page"),
    ("options_page",),
    ("side_panel", "default_path"),
    ("sidebar_action", "default_panel"),
    ("chrome_url_overrides", "newtab"),
    ("devtools_page",),
)
# Other schemes are fine in a host permission, but browsers refuse a content script that names one.
_CONTENT_SCHEMES = ("*://", "http://", "https://", "file://")


class Background:
    """The key ``background``.

    Attributes:
        keys: The keys that it has, whatever their values.
        service_worker: The worker's script.
        scripts: The scripts of a generated page; None if there is no such list.
        page: The HTML page.
        is_module: Whether the worker is a module.
        is_persistent: Whether the page of Manifest V2 never stops.
    """

    def __init__(self, value: Any) -> None:
        background = mapping(value)
        scripts = background.get("scripts")
        self.keys = frozenset(background)
        self.service_worker = string(background.get("service_worker"))
        self.scripts = strings(scripts) if isinstance(scripts, list) else None
        self.page = string(background.get("page"))
        self.is_module = background.get("type") == "module"
        self.is_persistent = bool(background.get("persistent", True))


@dataclass(frozen=True)
class ContentScript:
    """One of the ``content_scripts``."""

    matches: list[str]
    js: list[str]
    css: list[str]


class Manifest:
    """What the bridge needs of a manifest, in types.

    A member of another type, or an empty string, counts as absent here, because the browser itself says best what it
    refuses and what it ignores. The copy keeps such a member.

    Args:
        json: The manifest as a JSON object.

    Attributes:
        json: The same.
        version: The ``manifest_version``, which may be anything.
        name: Empty if there is none.
        extension_version: Empty if there is none.
        background: The key ``background``.
        content_scripts: One for each member of the list.
        permissions: The strings of the list, without optional ones.
        optional_permissions: The optional ones.
        host_patterns: The hosts that the extension may access, as match patterns with the path ``/*``: browsers ignore
            the path of a host permission. Optional ones are left out.
        optional_host_patterns: The optional ones, in the same form.
        policy: The content security policy of the extension's pages.
        pages: The pages that the manifest names, by the key that names each.
        sandboxed_pages: The patterns of pages without an extension API.
        connectable: The match patterns of the web pages that may connect, in Chromium.
        serialization: How Chromium serialises messages.
        has_toolbar_button: Whether there is one.
        has_popup: Whether the toolbar button has a popup from the start.
        has_page_action: Whether there is a button in the address bar, which Chromium has no more.
        options_page: The page of options.
        embeds_options: Whether the browser shows it within a page of its own, and not alone in a tab.
        commands: The names of its commands, in order.
        key: From which Chromium makes the id.
        gecko_id: The id in Firefox.
    """

    def __init__(self, json: dict[str, Any]) -> None:
        self.json = json
        self.version: Any = json.get("manifest_version")
        self.name = string(json.get("name")) or ""
        self.extension_version = string(json.get("version")) or ""
        self.background = Background(json.get("background"))
        self.content_scripts = [_content_script(mapping(entry)) for entry in items(json.get("content_scripts"))]
        self.permissions = frozenset(strings(json.get("permissions")))
        self.optional_permissions = frozenset(strings(json.get("optional_permissions")))
        self.host_patterns = _host_patterns(json)
        self.optional_host_patterns = _optional_host_patterns(json)
        self.policy = _policy(json.get("content_security_policy"))
        self.pages = _pages(json)
        self.sandboxed_pages = strings(mapping(json.get("sandbox")).get("pages"))
        self.connectable = strings(mapping(json.get("externally_connectable")).get("matches"))
        self.serialization = string(json.get("message_serialization"))
        self.has_toolbar_button = "action" in json or "browser_action" in json
        self.has_popup = bool({"action.default_popup", "browser_action.default_popup"} & set(self.pages))
        self.has_page_action = "page_action" in json
        self.options_page = self.pages.get("options_ui.page") or self.pages.get("options_page")
        self.embeds_options = "options_ui.page" in self.pages and not mapping(json["options_ui"]).get("open_in_tab")
        self.commands = list(mapping(json.get("commands")))
        self.key = string(json.get("key"))
        self.gecko_id = string(_gecko(json).get("id"))

    def background_kind(self, browser_name: BrowserName) -> BackgroundKind | None:
        """Return the key of ``background`` that this browser runs, or None if it runs none.

        In Manifest V3, Chromium runs only a service worker. Firefox prefers a page to scripts.
        """
        if browser_name == "chromium":
            return "service_worker" if self.background.service_worker else None
        if self.background.page:
            return "page"
        return "scripts" if self.background.scripts is not None else None

    def clones_messages(self, browser_name: BrowserName) -> bool:
        """Whether the browser makes a structured clone of the extension's messages. Otherwise it makes JSON."""
        return browser_name == "firefox" or self.serialization == "structured_clone"

    @property
    def has_optional_permissions(self) -> bool:
        """Whether the extension may ask its user for more permissions."""
        return bool(self.optional_permissions or self.optional_host_patterns)

    @property
    def content_patterns(self) -> list[str]:
        """Where the agent runs: the patterns of content scripts, and host permissions, for scripts registered later.

        A malformed pattern stays only in the author's entry, so that the browser complains about that entry.
        """
        named = [pattern for entry in self.content_scripts if entry.js for pattern in entry.matches]
        hosts = [pattern for pattern in self.host_patterns if _is_for_content(pattern)]
        return list(dict.fromkeys([*filter(is_pattern, named), *hosts]))


def local_path(reference: str) -> str:
    """Return the path, in the extension's folder, of the file that a manifest or a page refers to.

    As in a URL, ``..`` does not lead out of the folder.
    """
    return _inside(unquote(re.split(r"[?#]", reference, maxsplit=1)[0]))


def file_at(folder: Path, reference: str) -> str | None:
    """Return the path, relative to the extension's folder, of the file that a manifest refers to, if it is there."""
    candidates = (local_path(reference), _inside(reference))  # a name may contain # or %
    return next((path for path in candidates if path and os.path.isfile(folder / path)), None)


def _inside(path: str) -> str:
    parts: list[str] = []
    # On Windows, a backslash separates too, and a drive letter leads out of the folder.
    for part in re.split(r"[/\\]" if os.name == "nt" else "/", path):
        if part == "..":
            del parts[-1:]
        elif part not in ("", ".") and not (os.name == "nt" and ":" in part):
            parts.append(part)
    return "/".join(parts)


def _content_script(entry: dict[str, Any]) -> ContentScript:
    return ContentScript(*(strings(entry.get(key)) for key in ("matches", "js", "css")))


# In Manifest V2, host permissions are among the `permissions`.
def _host_patterns(json: dict[str, Any]) -> list[str]:
    permissions = json.get("permissions" if json.get("manifest_version") == 2 else "host_permissions")
    return _widened(strings(permissions))


# Firefox takes them among the `optional_permissions` in Manifest V3 too.
def _optional_host_patterns(json: dict[str, Any]) -> list[str]:
    return _widened([*strings(json.get("optional_permissions")), *strings(json.get("optional_host_permissions"))])


def _widened(entries: list[str]) -> list[str]:
    return list(dict.fromkeys(widen(entry) for entry in entries if is_pattern(entry)))


def _is_for_content(pattern: str) -> bool:
    return pattern == ALL_URLS or pattern.lower().startswith(_CONTENT_SCHEMES)


def _policy(value: Any) -> str | None:
    return value if isinstance(value, str) else string(mapping(value).get("extension_pages"))


def _pages(json: dict[str, Any]) -> dict[str, str]:
    found = {}
    for *parents, key in _PAGES:
        parent = mapping(json.get(parents[0])) if parents else json
        if page := string(parent.get(key)):
            found[".".join([*parents, key])] = page
    return found


# `applications` is the older name, which Manifest V2 still allows.
def _gecko(json: dict[str, Any]) -> dict[str, Any]:
    named = (mapping(json.get(key)).get("gecko") for key in ("browser_specific_settings", "applications"))
    return next((gecko for gecko in named if isinstance(gecko, dict)), {})
