"""Loads the extension under test anew, one load after the other."""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from .. import _playwright
from ..driver import Driver, Loaded
from ..errors import BridgeTimeoutError, ContextError, ExtensionError
from ..waiting.waits import within
from .contexts import Contexts
from .extension import Extension
from .native import NativeApplications
from .private_windows import PrivateWindows
from .session import Session

__all__ = ["Loading"]

_CLOSE_S = 5  # for a page to close
_GRACE_S = 1  # for steps that have the same limit, and say better what they waited for
_STATE_S = 0.5  # for the browser to say how the background is, for an error


class Loading:
    """See `Bridge.install`, `Bridge.reload`, `Bridge.upgrade` and `Bridge.reset`.

    Attributes:
        loaded: What the browser says of the extension as it is loaded now.
    """

    def __init__(
        self,
        *,
        extension: Extension,
        loaded: Loaded,
        browser_context: Any,
        driver: Driver,
        contexts: Contexts,
        natives: NativeApplications,
        private_windows: PrivateWindows,
        session: Session,
    ) -> None:
        self._extension = extension
        self.loaded = loaded
        self._browser_context = browser_context
        self._driver = driver
        self._contexts = contexts
        self._natives = natives
        self._private_windows = private_windows
        self._session = session
        self._changing = asyncio.Lock()

    async def install(self, timeout_ms: float) -> None:
        """Load it, unless it is installed."""
        await self.change(self._install(timeout_ms), timeout_ms, "The browser did not install the extension")

    async def reload(self, timeout_ms: float) -> None:
        """Load it with its files as they are now."""
        await self.change(self._reload(timeout_ms), timeout_ms)

    async def upgrade(self, extension: str | os.PathLike[str], timeout_ms: float) -> None:
        """Load another one in its place."""
        await self.change(self._reload(timeout_ms, extension), timeout_ms)

    async def reset(self, timeout_ms: float) -> None:
        """Load it as if for the first time, in a browser as after the launch."""
        await self.change(self._reset(timeout_ms), timeout_ms)

    async def background_started(self, timeout_ms: float) -> None:
        """Return when the background, if the manifest has one, has said hello."""
        if not self._extension.has_background:
            return
        try:
            await self._contexts.background_started(timeout_ms, lambda: "The background did not start")
        except BridgeTimeoutError as error:
            raise BridgeTimeoutError(f"{error}. {await self._background_state()}") from None

    async def _install(self, timeout_ms: float) -> None:
        self._contexts.require_enabled()
        if self._contexts.uninstalled:
            await self._reload(timeout_ms)

    async def _reload(self, timeout_ms: float, extension: str | os.PathLike[str] | None = None) -> None:
        self._contexts.require_enabled()  # Chromium would load it, but leave it disabled
        is_new = self._contexts.uninstalled
        self._extension.write_copy(extension)
        done = "reloaded" if extension is None else "upgraded"
        try:
            with self._contexts.reloading(ContextError(f"The extension was {done}")):
                await self._load(timeout_ms, is_new=is_new)
        except ExtensionError:
            self._extension.restore_copy()
            raise
        manifest = self._extension.manifest
        self._session.permissions = manifest.permissions | manifest.optional_permissions
        await self._begun(timeout_ms, is_new=is_new)

    async def _reset(self, timeout_ms: float) -> None:
        await self._private_windows.close()  # first: in Firefox, a new page would be in the one that is in front
        fresh = await _playwright.call(self._browser_context.new_page)  # without any page a browser may end
        self._forget()  # so that no listener runs meanwhile
        with self._contexts.reloading(ContextError("The bridge was reset"), closes_pages=True):
            await self._driver.unload(self.loaded.id)  # which closes the extension's own pages
            await self._clear(fresh)
        self._forget()  # what came meanwhile
        if self._session.installs:
            await self._load(timeout_ms, is_new=True)
            await self._begun(timeout_ms, is_new=True)
        else:
            self._contexts.leave_out()
        self._session.recorder.flush()
        self._session.traffic._clear()

    async def _load(self, timeout_ms: float, *, is_new: bool) -> None:
        if is_new:
            await self._session.beginning.prepare(self._driver, self._extension.copy, self.loaded.id)
        self.loaded = await self._driver.load(self._extension.copy, timeout_ms=timeout_ms)
        self._session.extension_id = self.loaded.id

    async def _begun(self, timeout_ms: float, *, is_new: bool) -> None:
        await self.background_started(timeout_ms)
        if is_new:
            await self._session.beginning.complete(self._driver, self.loaded)

    async def change(
        self,
        change: Coroutine[Any, Any, None],
        timeout_ms: float,
        doing: str = "The browser did not load the extension anew",
    ) -> None:
        """Carry out what loads the extension anew, or unloads it, one after the other.

        A browser does not stop a load halfway: what is cancelled goes on to its end, and the next one waits for that.

        Args:
            change: What to do.
            timeout_ms: How long it may take, the changes before it included.
            doing: What the browser did not do, if that is too long.
        """
        waiting = "Waited for an earlier reload(), disable() or the like to end"
        async with within(timeout_ms, waiting, grace_s=_GRACE_S) as limit:
            try:
                async with within(timeout_ms, waiting):
                    await self._changing.acquire()
            except BaseException:
                change.close()
                raise
            task = asyncio.ensure_future(change)
            task.add_done_callback(self._changed)
            limit.doing = doing
            await asyncio.shield(task)

    def _changed(self, task: "asyncio.Future[None]") -> None:
        self._changing.release()
        if not task.cancelled():
            task.exception()  # whoever waits gets it; if the call was cancelled, nobody does

    def _forget(self) -> None:
        self._contexts.forget()
        self._natives.forget()
        self._session.forget_requests()

    # The pages as they are listed now: Playwright may be late to list one that was opened before.
    async def _clear(self, fresh: Any) -> None:
        for page in [page for page in self._browser_context.pages if page is not fresh]:
            # Firefox has closed these. Over BiDi, Playwright does not notice, and its close() would wait for ever. It
            # may learn the address of a page late, so the others are not waited for without a limit either. Over
            # Juggler, these are no pages of Playwright's.
            if not page.url.startswith("moz-extension:"):
                with suppress(TimeoutError):
                    async with asyncio.timeout(_CLOSE_S):
                        await _playwright.call(page.close)
        await _playwright.call(self._browser_context.clear_cookies)
        await _playwright.call(self._browser_context.clear_permissions)
        await _playwright.call(self._browser_context.unroute_all)

    async def _background_state(self) -> str:
        try:
            async with asyncio.timeout(_STATE_S):
                return await self._driver.background_state(self.loaded)
        except Exception:  # of the debugging protocol, or the browser is too busy to answer
            return "The browser does not say in what state it is"
