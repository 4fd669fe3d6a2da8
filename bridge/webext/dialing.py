"""Whether the agents in an extension's own contexts may connect to Python themselves, instead of through the relay.

They may where nobody could tell: the policy allows it as it is, and the extension asks for no permission by which it
could see or redirect what its own contexts load.
"""

from typing import Any

from .csp import allows_sockets
from .manifest import BrowserName
from .shape import mapping, strings

__all__ = ["may_dial"]

_SEES_REQUESTS = ("webRequest", "declarativeNetRequest", "debugger", "proxy")
"""How the names of those permissions begin."""


def may_dial(manifest: dict[str, Any], browser_name: BrowserName) -> bool:
    """Whether agents in the background and in pages may open sockets to Python."""
    permissions = [*strings(manifest.get("permissions")), *strings(manifest.get("optional_permissions"))]
    if any(permission.startswith(_SEES_REQUESTS) for permission in permissions):
        return False
    policy = _policy(manifest)
    if policy is None:
        # Firefox's default policy for Manifest V3 has upgrade-insecure-requests, which makes wss: of ws:.
        return browser_name == "chromium" or manifest.get("manifest_version") == 2
    return allows_sockets(policy)


def _policy(manifest: dict[str, Any]) -> str | None:
    policy = manifest.get("content_security_policy")
    if isinstance(policy, str):
        return policy
    policy = mapping(policy).get("extension_pages")
    return policy if isinstance(policy, str) else None
