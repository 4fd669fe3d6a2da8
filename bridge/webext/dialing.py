"""Decides whether agents in an extension's own contexts may connect to Python themselves, without the relay.

They may if nobody could notice: the extension's policy allows it unchanged, and the extension asks for no permission
with which it could see or redirect its own requests.
"""

from .csp import allows_sockets
from .manifest import BrowserName, Manifest

__all__ = ["may_dial"]

_SEES_REQUESTS = ("webRequest", "declarativeNetRequest", "debugger", "proxy")
"""The beginnings of the names of those permissions."""


def may_dial(manifest: Manifest, browser_name: BrowserName) -> bool:
    """Whether agents in the background and in pages may open sockets to Python."""
    permissions = manifest.permissions | manifest.optional_permissions
    if any(permission.startswith(_SEES_REQUESTS) for permission in permissions):
        return False
    if manifest.policy is None:
        # Firefox's default policy for Manifest V3 has upgrade-insecure-requests, which turns ws: into wss:.
        return browser_name == "chromium" or manifest.version == 2
    return allows_sockets(manifest.policy)
