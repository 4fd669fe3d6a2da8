"""Brings the agent into worlds of the extension in web pages that began without it."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from ..driver import Code, Driver
from ..errors import ContextError, RemoteError
from .extension import Extension
from .frame_context import hearing
from .loading import Loading

__all__ = ["Injected"]

_WORD = "brought"
# The world of user scripts may have a `runtime` without getManifest(), which reaches no other extension; that of an
# orphan, which an extension that was reloaded left behind, has no id any more. An agent in either could only do harm.
_AGENT = 'if (globalThis.chrome?.runtime?.id && chrome.runtime.getManifest) { %s\n"' + _WORD + '" }'
_DONE = "(made, thrown) => String(thrown || made)"


class Injected:
    """The worlds of scripts that the copy's manifest does not name, because the extension injects them at run time."""

    def __init__(self, driver: Driver, extension: Extension, loading: Loading) -> None:
        self._driver = driver
        self._extension = extension
        self._loading = loading

    async def bring_agent(self, frame: Any) -> bool:
        """Run the agent in the extension's world of a frame of Playwright's. An agent that is there already stays.

        Returns:
            Whether the browser shows such a world.
        """
        name = f"portbridge-{secrets.token_hex(16)}"
        async with hearing(frame, name):
            scope = await self._driver.scope(self._loading.loaded, _Sought(name))
        if scope is None:
            return False
        try:
            code = Code(_AGENT % self._extension.content_agent, _DONE, "", wanted=False)
            return await scope.run(code) == _WORD
        except (ContextError, RemoteError):  # the document was replaced meanwhile
            return False


class _Sought:
    """See `driver.Sought`. No agent can answer there: Playwright's world in the frame hears the event instead."""

    kind = "content"
    private = False
    tab_id: int | None = None
    frame_id: int | None = None

    def __init__(self, search_event: str) -> None:
        self.search_event = search_event

    async def is_here(self, dispatch: Callable[[str], Awaitable[bool]]) -> bool:
        return await dispatch("")
