"""`portbridge shell`: an interactive Python with the bridge in it."""

from contextlib import AsyncExitStack
from typing import Any

from ..async_api import Bridge, BridgeError
from .loop_thread import LoopThread
from .opening import Opening, go_to, opened, title, words
from .prompt import has_ipython, prompt, prompt_ipython
from .screen import make_screen

__all__ = ["shell"]

_BANNER = """
{title} is running. You can use await anywhere. In scope:
  bridge           the running bridge: bridge.background, await bridge.content(page), bridge.traffic
  page             Playwright's page: await page.goto("https://example.org")
  browser_context  Playwright's, for more pages: await browser_context.new_page()
For example:
  port = bridge.external.runtime.connect(bridge.extension_id)
  await port.receive()
Ctrl-C stops whatever you are awaiting; Ctrl-D closes the browser."""


def shell(opening: Opening, *, plain: bool = False) -> None:
    """Open the browser and read Python until Ctrl-D.

    Args:
        opening: What to open.
        plain: Use Python's own prompt even if IPython is installed.

    Raises:
        BridgeError: The browser or the extension does not start.
        KeyboardInterrupt: Ctrl-C came before the browser had started.
    """
    notes = make_screen(errors=True)
    with LoopThread() as loop:
        stack = AsyncExitStack()
        try:
            notes.print(f"Starting {opening.browser} ...", style="dim")
            bridge = loop.run(stack.enter_async_context(opened(opening)))
            names = loop.run(_names(bridge, opening, notes))
            read = prompt if plain or not has_ipython() else prompt_ipython
            read(names, loop.run, _BANNER.format(title=title(bridge)).lstrip())
            notes.print("Closing the browser.")
        finally:
            loop.run(_close(stack, notes))


async def _names(bridge: Bridge, opening: Opening, notes: Any) -> dict[str, Any]:
    if opening.url is not None and (problem := await go_to(bridge, opening.url)):
        notes.print(f"{opening.url} did not open: {problem}", style="bold red", soft_wrap=True)
    context = bridge.browser_context
    page = context.pages[0] if context.pages else await context.new_page()
    return {"bridge": bridge, "page": page, "browser_context": context}


async def _close(stack: AsyncExitStack, notes: Any) -> None:
    try:
        await stack.aclose()
    except BridgeError:
        raise
    except Exception as error:  # from a listener that the user typed; closing raises what no wait has raised
        notes.print(f"A listener raised {type(error).__name__}: {words(error)}", style="bold red", soft_wrap=True)
