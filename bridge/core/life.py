"""Disables, enables and uninstalls the extension under test, as the user does."""

from ..driver import Driver
from ..errors import ContextError
from .contexts import Contexts
from .loading import Loading

__all__ = ["Life"]

_DISABLED = "The extension was disabled by disable(); bridge.enable() enables it again"
_UNINSTALLED = "The extension was uninstalled by uninstall(); bridge.reload() installs it again"
_ABSENT = "The extension is not installed; bridge.reload() installs it again"


class Life:
    """See `Bridge.disable`, `Bridge.enable` and `Bridge.uninstall`."""

    def __init__(self, *, loading: Loading, contexts: Contexts, driver: Driver) -> None:
        self._loading = loading
        self._contexts = contexts
        self._driver = driver

    async def disable(self, timeout_ms: float) -> None:
        """Disable it."""
        await self._loading.change(self._disable(), timeout_ms, "The browser did not disable the extension")

    async def enable(self, timeout_ms: float) -> None:
        """Enable it, and return when its background runs."""
        await self._loading.change(self._enable(timeout_ms), timeout_ms, "The browser did not enable the extension")

    async def uninstall(self, timeout_ms: float) -> None:
        """Uninstall it."""
        await self._loading.change(self._uninstall(), timeout_ms, "The browser did not uninstall the extension")

    async def _disable(self) -> None:
        self._contexts.require_installed()
        with self._contexts.unloading(ContextError(_DISABLED)):
            await self._set_enabled(enabled=False)

    async def _enable(self, timeout_ms: float) -> None:
        self._contexts.require_installed()
        if await self._set_enabled(enabled=True):
            self._contexts.returns()
            await self._loading.background_started(timeout_ms)

    async def _uninstall(self) -> None:
        with self._contexts.unloading(ContextError(_UNINSTALLED), uninstalled=True):
            await self._driver.unload(self._loading.loaded.id)

    async def _set_enabled(self, *, enabled: bool) -> bool:
        changed = await self._driver.set_enabled(self._loading.loaded.id, enabled=enabled)
        if changed is None:
            raise ContextError(_ABSENT)
        return changed
