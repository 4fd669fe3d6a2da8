"""Discards tabs, as a browser that is short of memory does."""

import asyncio
from typing import Any

from ..driver import Driver
from ..errors import ContextError
from ..waiting.waits import within
from .context import Context
from .opening import Opening

__all__ = ["Discarding"]


class Discarding:
    """See `Bridge.discard`.

    Args:
        opening: Brings pages to the front.
        relay: The context of the relay, which calls `tabs`.
        driver: The browser's.
    """

    def __init__(self, *, opening: Opening, relay: Context, driver: Driver) -> None:
        self._opening = opening
        self._relay = relay
        self._driver = driver

    async def discard(self, page: Any, timeout_ms: float) -> int:
        """Discard the tab of a page, and return its number after that."""
        async with within(timeout_ms, "The browser did not discard the tab") as limit:
            tab = await self._tab_of(page)
            closed = asyncio.Event()
            page.on("close", lambda *_: closed.set())
            await self._put_another_in_front(tab)
            discarded = await self._relay._call("tabs.discard", tab["id"])
            number: int = discarded["id"] if discarded else tab["id"]  # Chromium gives it another one
            if not (await self._relay._call("tabs.get", number))["discarded"]:
                raise ContextError(f"The browser keeps {page.url} as it is: it does not discard such a page")
            limit.doing = "Waited for Playwright to notice that the tab was discarded"
            await closed.wait()
        return number

    async def _tab_of(self, page: Any) -> Any:
        await self._opening.in_front(page)
        window = await self._driver.window_of(page)
        where = {"lastFocusedWindow": True} if window is None else {"windowId": window}
        (tab,) = await self._relay._call("tabs.query", {"active": True, **where})
        return tab

    # Firefox leaves the tab alone that is in front, and says nothing.
    async def _put_another_in_front(self, tab: Any) -> None:
        others = await self._relay._call(
            "tabs.query", {"windowId": tab["windowId"], "active": False, "discarded": False}
        )
        if others:
            await self._relay._call("tabs.update", others[-1]["id"], {"active": True})
        else:
            await self._relay._call("tabs.create", {"windowId": tab["windowId"], "url": "about:blank"})
