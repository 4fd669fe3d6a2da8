"""Stops and starts the background, and disables, enables and uninstalls the extension under test."""

from ..driver import Driver
from ..errors import ContextError
from ..waiting.waits import within
from .contexts import Contexts
from .extension import Extension
from .loading import Loading
from .requirements import require_background, require_stoppable_background

__all__ = ["Life"]

_GRACE_S = 1  # for steps that have the same limit, and say better what they waited for
_DISABLED = "The extension was disabled by disable(); bridge.enable() enables it again"
_UNINSTALLED = "The extension was uninstalled by uninstall(); bridge.reload() installs it again"
_ABSENT = "The extension is not installed; bridge.reload() installs it again"


class Life:
    """See `Bridge.stop_background`, `Bridge.disable` and what stands beside them."""

    def __init__(self, *, extension: Extension, loading: Loading, contexts: Contexts, driver: Driver) -> None:
        self._extension = extension
        self._loading = loading
        self._contexts = contexts
        self._driver = driver

    async def stop_background(self, timeout_ms: float) -> None:
        """Stop the background as the browser does with an idle one, and return when it has ended."""
        require_stoppable_background(self._extension.manifest, self._extension.has_background)
        link = self._contexts.background._require_link()
        link.farewell = ContextError("The background was stopped by stop_background()")
        async with within(timeout_ms, "Waited for the background to stop"):
            try:
                await self._driver.stop_background(self._loading.loaded.id)
            except BaseException:
                link.farewell = None
                raise
            await link.wait_for_end()

    async def start_background(self, timeout_ms: float) -> None:
        """Start the background if it is stopped, and return when it runs."""
        require_background(self._extension.has_background)
        self._contexts.require_present()
        async with within(timeout_ms, "The browser did not start the background", grace_s=_GRACE_S):
            if self._contexts.background.closed:
                await self._driver.start_background(self._loading.loaded)
            await self._loading.background_started(timeout_ms)

    async def wait_for_background(self, timeout_ms: float) -> None:
        """Return when the background runs."""
        require_background(self._extension.has_background)
        await self._loading.background_started(timeout_ms)

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
