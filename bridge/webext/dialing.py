"""Decides whether agents in an extension's own contexts may connect to Python themselves, without the relay.

They may if nobody could notice: the extension's policy allows it unchanged, and the extension asks for no permission
with which it could see or redirect its own requests.
"""

from typing import Any

from .csp import allows_sockets
from .manifest import BrowserName
from .shape import mapping, strings

__all__ = ["may_dial"]

_SEES_REQUESTS = ("webRequest", "declarativeNetRequest", "debugger", "proxy")
"""The beginnings of the names of those permissions."""


def may_dial(manifest: dict[str, Any], browser_name: BrowserName) -> bool:
    """Whether agents in the background and in pages may open sockets to Python."""
    permissions = [*strings(manifest.get("permissions")), *strings(manifest.get("optional_permissions"))]
    if any(permission.startswith(_SEES_REQUESTS) for permission in permissions):
        return False
    policy = _policy(manifest)
    if policy is None:
        # Firefox's default policy for Manifest V3 has upgrade-insecure-requests, which turns ws: into wss:.
        return browser_name == "chromium" or manifest.get("manifest_version") == 2
    return allows_sockets(policy)


def _policy(manifest: dict[str, Any]) -> str | None:
    policy = manifest.get("content_security_policy")
    if isinstance(policy, str):
        return policy
    policy = mapping(policy).get("extension_pages")
    return policy if isinstance(policy, str) else None
