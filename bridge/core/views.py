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

    def __init__(self, session: Session, then: Callable[[Context], object]) -> None:
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
        if said is None and context.tab_id is not None:  # in Firefox, and a background page that was opened in a tab
            said = "frame" if context.frame_id else "tab"
        if said is None:
            self._ask(context, self._listed(context))
        elif said == "tab" and (embedded := self._session.is_embedded(context.url, context.tab_id)):
            self._ask(context, _options_or_tab(embedded))
        else:
            context._view = said
            self._then(context)

    def _ask(self, context: Context, question: Awaitable[str]) -> None:
        async def ask() -> None:
            try:
                context._view = await question
            except BridgeError:  # it is gone, or the browser is too old to say
                context._view = "page"
            if not context.closed:
                self._then(context)

        asking = asyncio.ensure_future(ask())
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _listed(self, context: Context) -> str:
        """Return as what the browser lists a page; Chromium lists all but embedded options."""
        panel = "sidebar" if context.url.startswith("moz-extension:") else "side panel"
        views = {"POPUP": "popup", "SIDE_PANEL": panel}
        for listed in await context._call("runtime.getContexts", {"contextTypes": list(views)}):
            same_document = context.document_id is not None and listed.get("documentId") == context.document_id
            same_address = _document(listed.get("documentUrl") or "") == _document(context.url)
            if same_document or (context.document_id is None and same_address):
                return views.get(listed.get("contextType"), "page")
        return "options"


async def _options_or_tab(embedded: Awaitable[bool]) -> str:
    return "options" if await embedded else "tab"


def _document(url: str) -> str:
    return url.partition("#")[0]
