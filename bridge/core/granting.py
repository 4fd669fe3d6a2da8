"""Optional permissions: which the manifest has, and how they are granted and revoked."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..driver import Driver
from ..errors import ExtensionError
from ..waiting.waits import within
from ..webext.manifest import Manifest
from ..webext.patterns import covers, is_pattern, widen
from .contexts import Contexts
from .extension import Extension
from .loading import Loading

__all__ = ["Grant", "Granting", "optional"]


class Grant(NamedTuple):
    """Optional permissions, as `permissions.request()` takes them."""

    permissions: list[str]
    origins: list[str]


def optional(manifest: Manifest, names: Iterable[str]) -> Grant:
    """Sort names of permissions and match patterns, which the manifest must list as optional.

    Raises:
        TypeError: One is no string.
        ExtensionError: One is not optional in the manifest.
    """
    grant = Grant([], [])
    for name in dict.fromkeys(names):
        if not isinstance(name, str):
            raise TypeError(f"A permission is a string, not {name!r}")
        if is_pattern(name):
            allowed, into, given = any(covers(it, name) for it in manifest.optional_host_patterns), 1, widen(name)
        else:
            allowed, into, given = name in manifest.optional_permissions, 0, name
        if not allowed:
            raise ExtensionError(f"{json.dumps(name)} is no optional permission of the extension: {_listed(manifest)}")
        grant[into].append(given)
    return grant


def _listed(manifest: Manifest) -> str:
    names = [name for name in sorted(manifest.optional_permissions) if not is_pattern(name)]
    every = [json.dumps(name) for name in [*names, *manifest.optional_host_patterns]]
    return f"its manifest lists {', '.join(every)}" if every else "its manifest lists none"


class Granting:
    """See `Bridge.grant` and `Bridge.revoke`."""

    def __init__(self, *, extension: Extension, loading: Loading, contexts: Contexts, driver: Driver) -> None:
        self._extension = extension
        self._loading = loading
        self._contexts = contexts
        self._driver = driver

    async def grant(self, names: Sequence[str], timeout_ms: float) -> None:
        """Have the browser grant them."""
        wanted = optional(self._extension.manifest, names)
        self._contexts.require_present()
        async with within(timeout_ms, f"The browser did not grant {', '.join(names)}"):
            await self._driver.grant(self._loading.loaded, wanted.permissions, wanted.origins)

    async def revoke(self, names: Sequence[str], timeout_ms: float) -> None:
        """Have the browser take them away."""
        wanted = optional(self._extension.manifest, names)
        self._contexts.require_present()
        async with within(timeout_ms, f"The browser did not revoke {', '.join(names)}"):
            await self._driver.revoke(self._loading.loaded, wanted.permissions, wanted.origins)
