"""Finds the global scope of a context, through the browser's own debugging protocol."""

import asyncio
from collections.abc import Awaitable, Callable

from ..driver import Driver, Scope
from .context import Context
from .contexts import Contexts
from .extension import Extension
from .loading import Loading

__all__ = ["Scopes"]

_REPORT_S = 2  # for an agent that has heard a search, to say so


class Scopes:
    """The global scopes of the extension's contexts."""

    def __init__(self, driver: Driver, contexts: Contexts, extension: Extension, loading: Loading) -> None:
        self._driver = driver
        self._contexts = contexts
        self._extension = extension
        self._loading = loading

    async def of(self, context: Context) -> Scope | None:
        """Return the scope of a context, or None if the browser does not show it now."""
        sought = _Sought(context, self._contexts, self._extension.search_event)
        return await self._driver.scope(self._loading.loaded, sought)


class _Sought:
    """See `driver.Sought`.

    Several documents may have the same address, and the debugging protocols do not know, or not all, the numbers that
    extensions get of tabs and frames. So the context's own agent tells where it is, as in `frame_context`.
    """

    def __init__(self, context: Context, contexts: Contexts, search_event: str) -> None:
        self._context = context
        self._contexts = contexts
        self.search_event = search_event
        self.kind = context.kind
        self.private = context._private
        self.tab_id: int | None = context.tab_id
        self.frame_id: int | None = context.frame_id

    async def is_here(self, dispatch: Callable[[str], Awaitable[bool]]) -> bool:
        with self._contexts.search() as (token, found):
            if not await dispatch(token):
                return False
            try:
                async with asyncio.timeout(_REPORT_S):
                    return await found is self._context
            except TimeoutError:  # the document of another context is on its way out
                return False
