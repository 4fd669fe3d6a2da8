"""Every kind of context of an extension with a popup and a page `p.html`, for tests of what goes on in all of them."""

from collections.abc import Awaitable, Callable
from typing import Any

from bridge.async_api import Bridge, Context

__all__ = ["KINDS", "Place", "begun"]

Place = Callable[[Bridge, Any], Awaitable[Context]]
"""Returns a context; it gets the bridge, and a page with a frame of another site."""


async def begun(bridge: Bridge, cause: Callable[[], Awaitable[Any]]) -> Context:
    """Return the next extension page to begin, because of `cause`, once it has loaded."""
    with bridge._contexts.next(lambda context: context.kind == "page") as following:
        await cause()
        context = await following
    await context._wait_for_load()
    return context


async def _background(bridge: Bridge, page: Any) -> Context:
    await bridge.start_background()  # it has stopped if it was idle for long
    return bridge.background


async def _content(bridge: Bridge, page: Any) -> Context:
    return await bridge.content(page)


async def _frame(bridge: Bridge, page: Any) -> Context:
    return await bridge.content(page.frames[1])


async def _page(bridge: Bridge, page: Any) -> Context:
    return await bridge.page("p.html")


async def _popup(bridge: Bridge, page: Any) -> Context:
    return await begun(bridge, lambda: bridge.click_action(page))


KINDS: dict[str, Place] = {
    "background": _background,
    "content script": _content,
    "content script in a frame of another origin": _frame,
    "page": _page,
    "popup": _popup,
}
"""By what they are called."""
