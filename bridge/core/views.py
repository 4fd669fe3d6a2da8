"""Says what the pages of the extension are that cannot tell themselves: side panels and embedded options."""

import asyncio
from collections.abc import Awaitable, Callable

from ..errors import BridgeError, ChannelError
from .context import Context
from .session import Session

__all__ = ["PAGE_VIEWS", "Views"]

PAGE_VIEWS = (
    "tab",
    "frame",
    "popup",
    "side panel",
    "sidebar",
    "options",
    "offscreen",
    "devtools page",
    "devtools panel",
)
"""What `Context.view` may be for a page of the extension."""


class Views:
    """Gives each new context its `Context.view`.

    Args:
        session: What the contexts share.
        then: Called with the context when it has one, or when nobody says more.
    """

    def __init__(self, session: Session, then: Callable[[Context], None]) -> None:
        self._session = session
        self._then = then
        self._asking: set[asyncio.Future[None]] = set()

    def identify(self, context: Context, said: str | None) -> None:
        """Give a context that has just begun its view; `said` is what its agent has said of it.

        Raises:
            ChannelError: The agent said what there is not.
        """
        if said not in (None, *PAGE_VIEWS):
            raise ChannelError(f"An agent in a page that is a {said!r}")
        if context.kind != "page":
            self._then(context)
            return
        if said is None and context.tab_id is not None:  # a background page that was opened in a tab
            said = "frame" if context.frame_id else "tab"
        if said is None:
            self._ask(context, self._has_side_panel(context), "side panel", "options")
        elif said == "tab" and (embedded := self._session.is_embedded(context.url, context.tab_id)):
            self._ask(context, embedded, "options", "tab")
        else:
            context._view = said
            self._then(context)

    def _ask(self, context: Context, question: Awaitable[bool], yes: str, no: str) -> None:
        async def ask() -> None:
            try:
                context._view = yes if await question else no
            except BridgeError:  # it is gone, or the browser is too old to say
                context._view = "page"
            if not context.closed:
                self._then(context)

        asking = asyncio.ensure_future(ask())
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _has_side_panel(self, context: Context) -> bool:
        """Whether Chromium has a side panel with this page. It lists those, but no embedded options."""
        panels = await context._call("runtime.getContexts", {"contextTypes": ["SIDE_PANEL"]})
        return any(_document(panel.get("documentUrl") or "") == _document(context.url) for panel in panels)


def _document(url: str) -> str:
    return url.partition("#")[0]
