"""Hidden documents of Chromium, in which an extension's API is called, or one of the browser's own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any

from .. import _playwright
from ..driver import Loaded
from ..errors import RemoteError
from .target_sessions import TargetError, TargetSessions

__all__ = ["HiddenDocuments"]

_RETRY_S = 0.05
_EXTENSIONS = "chrome://extensions/"
_HAS_ARRIVED = "location.href === %s && document.readyState === 'complete'"


class HiddenDocuments(TargetSessions):
    """Opens documents that have no script, are in no tab, and are closed afterwards.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
    """

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._listen()

    def of_extension(self, loaded: Loaded) -> AbstractAsyncContextManager[str]:
        """A document of the extension. Its session may call the extension's API, with a user's gesture too."""
        return self._hidden(f"{loaded.base_url}manifest.json")

    def of_extensions_page(self) -> AbstractAsyncContextManager[str]:
        """The browser's page of extensions, which may call `developerPrivate`."""
        return self._hidden(_EXTENSIONS)

    @asynccontextmanager
    async def _hidden(self, url: str) -> AsyncIterator[str]:
        target = (await self._send("Target.createTarget", url=url, background=True, hidden=True))["targetId"]
        try:
            session = await self._attach_to(target)
            await self._arrived(session, url)
            yield session
        finally:
            await _playwright.clean_up(partial(self._send, "Target.closeTarget", targetId=target))

    async def targets(self, url: str) -> list[str]:
        """The documents that there are at an address, also those that are a part of the browser's windows."""
        found = (await self._send("Target.getTargets"))["targetInfos"]
        return [target["targetId"] for target in found if target["url"] == url]

    @asynccontextmanager
    async def attached(self, target: str) -> AsyncIterator[str]:
        """A session with a document, within the block."""
        session = await self._attach_to(target)
        try:
            yield session
        finally:
            await _playwright.clean_up(partial(self._send, "Target.detachFromTarget", sessionId=session))

    async def _arrived(self, session: str, url: str) -> None:
        has_arrived = _HAS_ARRIVED % json.dumps(url)
        while True:
            with suppress(RemoteError):  # the empty document of before is on its way out
                if await self.evaluate(session, has_arrived):
                    return
            await asyncio.sleep(_RETRY_S)

    async def evaluate(self, session: str, expression: str, **more: Any) -> Any:
        """Return what an expression comes to in a document.

        Raises:
            RemoteError: It threw; the message is the browser's.
        """
        how = {"awaitPromise": True, "returnByValue": True, **more}
        try:
            answer = await self.ask(session, "Runtime.evaluate", expression=expression, **how)
        except TargetError as error:
            raise RemoteError(f"Chromium says: {error}") from error
        if thrown := answer.get("exceptionDetails"):
            words = thrown.get("exception", {}).get("description") or thrown["text"]
            raise RemoteError(words.partition("\n")[0].removeprefix("Error: "))
        return answer["result"].get("value")

    async def window_bounds(self, page_target: str) -> str:
        """Return where the window of a page is, as UI DevTools write it."""
        it = (await self._window_for(page_target))["bounds"]
        return f"{it['left']},{it['top']} {it['width']}x{it['height']}"

    async def window_of(self, page_target: str) -> int:
        """Return the number of a page's window, which is the extension API's too."""
        window: int = (await self._window_for(page_target))["windowId"]
        return window

    async def _window_for(self, page_target: str) -> dict[str, Any]:
        return await self._send("Browser.getWindowForTarget", targetId=page_target)
