"""Types to the extension in the address bar."""

import asyncio
import json
from typing import Any, get_args

from ..driver import Disposition, Driver, Suggestion
from ..driver import Omnibox as Bar
from ..waiting.waits import Limit, within
from .extension import Extension
from .loading import Loading
from .opening import Opening
from .requirements import require_omnibox

__all__ = ["Omnibox"]

_RETRY_S = 0.05
_DISPOSITIONS = get_args(Disposition)


class Omnibox:
    """See `Bridge.type_omnibox`."""

    def __init__(self, *, extension: Extension, loading: Loading, opening: Opening, driver: Driver) -> None:
        self._extension = extension
        self._loading = loading
        self._opening = opening
        self._driver = driver

    async def type(
        self, text: str, page: Any, suggestion: str | None, enter: bool | Disposition, timeout_ms: float
    ) -> list[Suggestion]:
        """Type the keyword and a text, wait for a suggestion, and press Enter."""
        if not isinstance(text, str):
            raise TypeError(f"What is typed is a string, not {text!r}")
        if not isinstance(enter, bool) and enter not in _DISPOSITIONS:
            raise ValueError(f"enter= is True, False or one of {', '.join(map(repr, _DISPOSITIONS))}, not {enter!r}")
        require_omnibox(self._extension.manifest)
        async with within(timeout_ms, "Waited for the address bar to take the keyword of the extension") as limit:
            bar = await self._bar(page)
            await bar.type(text)
            shown = [] if suggestion is None else await _shown(bar, suggestion, limit)
            if enter:
                await bar.enter(suggestion, "currentTab" if enter is True else enter)
            return shown

    async def leave(self, page: Any, timeout_ms: float) -> None:
        """Leave the address bar."""
        require_omnibox(self._extension.manifest)
        async with within(timeout_ms, "The browser did not leave the address bar"):
            await (await self._bar(page)).leave()

    async def _bar(self, page: Any) -> Bar:
        return await self._driver.omnibox(self._loading.loaded, await self._opening.in_front(page))


async def _shown(bar: Bar, suggestion: str, limit: Limit) -> list[Suggestion]:
    while True:
        shown = await bar.suggestions()
        contents = [it["content"] for it in shown]
        if suggestion in contents:
            return shown
        listed = ", ".join(map(json.dumps, contents)) or "none"
        limit.doing = f"Waited for the extension's suggestion {json.dumps(suggestion)}; the address bar shows {listed}"
        await asyncio.sleep(_RETRY_S)  # the browsers tell nobody when their list changes
