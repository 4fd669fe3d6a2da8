"""The two extensions: the one that reports everything it can see, and one that speaks with it from outside."""

from pathlib import Path
from typing import Any

from support import write_extension

from .site import HERE, ObserverSite

_PERMISSIONS = ["alarms", "cookies", "declarativeNetRequest", "management", "scripting", "storage", "tabs"]
_PERMISSIONS += ["webNavigation", "webRequest"]
_HOSTS = ["http://127.0.0.1/*", "http://localhost/*"]
_EVERYWHERE = {"all_frames": True, "match_about_blank": True, "run_at": "document_start"}
_POLICY = "script-src 'self'; object-src 'self'"  # Firefox's default would make https of http


def write_observer(folder: Path, site: ObserverSite, engine: str, version: int) -> Path:
    """Write the reporting extension."""
    files = {path.name: site.fill(path.read_text("utf-8")) for path in (HERE / "extension").iterdir()}
    return write_extension(folder, _manifest(engine, version), files)


def write_other(folder: Path) -> Path:
    """Write the other extension."""
    manifest = {
        "name": "another",
        "browser_specific_settings": {"gecko": {"id": "another@example.org"}},
        "content_scripts": [{"matches": ["http://127.0.0.1/*"], "js": ["content.js"]}],
    }
    return write_extension(folder, manifest, {"content.js": (HERE / "other" / "content.js").read_text("utf-8")})


def _manifest(engine: str, version: int) -> dict[str, Any]:
    common = {
        "manifest_version": version,
        "name": "observer",
        "description": "Reports all it can see",
        "content_scripts": [{"matches": _HOSTS, "js": ["first.js", "observe.js", "content.js"], **_EVERYWHERE}],
    }
    background = {"scripts": ["first.js", "observe.js", "background.js"]}
    if version == 2:
        return {
            **common,
            "background": {**background, "persistent": False},
            "browser_action": {"default_popup": "popup.html"},
            "permissions": [*_PERMISSIONS, *_HOSTS],
            "content_security_policy": _POLICY,
            "web_accessible_resources": ["accessible.txt"],
        }
    return {
        **common,
        "background": {"service_worker": "worker.js"} if engine == "chromium" else background,
        "action": {"default_popup": "popup.html"},
        "permissions": _PERMISSIONS,
        "host_permissions": _HOSTS,
        "content_security_policy": {"extension_pages": _POLICY},
        "web_accessible_resources": [{"resources": ["accessible.txt"], "matches": _HOSTS}],
        **({"externally_connectable": {"ids": ["*"], "matches": _HOSTS}} if engine == "chromium" else {}),
    }
