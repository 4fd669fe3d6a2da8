"""Grants and revokes optional permissions."""

from collections.abc import Sequence

from ..driver import Driver
from ..waiting.waits import within
from .contexts import Contexts
from .extension import Extension
from .loading import Loading
from .optional_permissions import optional

__all__ = ["Granting"]


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
            await self._contexts.background._listening.renew()  # a permission may bring events

    async def revoke(self, names: Sequence[str], timeout_ms: float) -> None:
        """Have the browser take them away."""
        wanted = optional(self._extension.manifest, names)
        self._contexts.require_present()
        async with within(timeout_ms, f"The browser did not revoke {', '.join(names)}"):
            await self._driver.revoke(self._loading.loaded, wanted.permissions, wanted.origins)
