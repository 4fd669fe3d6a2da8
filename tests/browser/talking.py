"""Pages and ports that several files of tests begin with."""

from typing import Any

from bridge.async_api import Bridge, Port

__all__ = ["conversation", "new_page", "open_page"]


async def new_page(bridge: Bridge, url: str) -> Any:
    """Open a tab at an address, which the test may close."""
    page = await bridge.browser_context.new_page()
    await page.goto(url)
    return page


async def open_page(bridge: Bridge, url: str) -> Any:
    """Go to an address, in the empty tab that a browser begins with, or else in a new one, which costs more."""
    empty = [page for page in bridge.browser_context.pages if page.url == "about:blank"]
    page = empty[0] if empty else await bridge.browser_context.new_page()
    await page.goto(url)
    return page


async def conversation(bridge: Bridge, page: Any) -> tuple[Port, Port]:
    """A port from a page's content world to the background, held by Python at both ends."""
    world = await bridge.content(page)
    async with bridge.background.expect_connection("held") as info:
        opened = world.runtime.connect({"name": "held"})
    return opened, await info.value
