"""What is recorded of a test with a bridge: traces, screenshots and videos, by pytest-playwright's own recorder.

The recorder expects a context that is closed when the test ends, in a browser that lives on. Here it is the other way
round: the context is the browser, which is either closed with it or used for the next test.
"""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from .. import _playwright
from ..errors import BridgeTimeoutError

__all__ = ["Recording", "maybe_await"]

_NO_VIDEO = "moz-extension:"  # over BiDi, Playwright does not notice when Firefox closes such a page, and would wait
_BEGIN_S = 30
_TOO_LONG = (
    f"Playwright did not begin to record this test within {_BEGIN_S} s. With Playwright's own Firefox, a trace cannot "
    "begin while a page of an extension is open in a tab: Playwright waits for that page, and cannot see it. Let no "
    "such tab be open when the test begins, run it without --tracing, or use Chromium or a stock Firefox, named in "
    "PORTBRIDGE_FIREFOX."
)


class Recording:
    """What is recorded of one test.

    Args:
        recorder: The value of pytest-playwright's fixture `_artifacts_recorder`.
        context: The bridge's browser context.

    Attributes:
        lost: Whether the test closed the context.
    """

    def __init__(self, recorder: Any, context: Any) -> None:
        self._recorder = recorder
        self._context = context
        self._recorded = _RecordedContext(context)
        self._initial_pages = list(context.pages)
        self._pages: list[Any] = []
        self.lost = False

    async def begin(self) -> None:
        """Record the context from now on.

        Raises:
            BridgeTimeoutError: Playwright does not answer.
        """
        self._context.on("page", self._on_page_opened)
        self._context.on("close", self._on_close)
        beginning = _in_time(self._recorder.on_did_create_browser_context, self._recorded)
        if _playwright.is_sync(self._context):
            _playwright.run(self._context, beginning)
        else:
            await beginning

    async def end(self, *, closing: bool) -> None:
        """Save what was recorded, and stop; `closing` says that the browser is closed next."""
        if self.lost:
            return
        self._context.remove_listener("page", self._on_page_opened)
        self._context.remove_listener("close", self._on_close)
        await self._close_blank()
        recorded_pages = [page for page in self._pages if not page.url.startswith(_NO_VIDEO)]
        for page in recorded_pages:
            self._recorded.announce(page)
        await maybe_await(self._recorder.on_will_close_browser_context(self._recorded))
        if closing and hasattr(self._recorder, "collect_videos"):  # since pytest-playwright 0.10
            for page in recorded_pages:
                if page.video:  # it is complete once the page has closed, and out of reach once the browser has
                    await maybe_await(page.close())
            await maybe_await(self._recorder.collect_videos())

    async def _close_blank(self) -> None:
        for page in self._initial_pages:  # an empty page is not worth a screenshot
            if page in self._context.pages and page.url == "about:blank" and len(self._context.pages) > 1:
                await maybe_await(page.close())

    def _on_page_opened(self, page: Any) -> None:
        self._pages.append(page)

    def _on_close(self, context: Any) -> None:
        self.lost = True


async def _in_time(function: Callable[..., Any], *arguments: Any) -> None:
    try:
        async with asyncio.timeout(_BEGIN_S):
            await _playwright.call(function, *arguments)
    except TimeoutError:
        raise BridgeTimeoutError(_TOO_LONG) from None


class _RecordedContext:
    """The context as the recorder sees it: with this test's pages only, which come when the test is over."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._on_page: list[Callable[[Any], Any]] = []

    def on(self, event: str, listener: Callable[[Any], Any]) -> None:
        if event == "page":
            self._on_page.append(listener)
        else:
            self._context.on(event, listener)

    def announce(self, page: Any) -> None:
        for listener in self._on_page:
            listener(page)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


async def maybe_await(result: Any) -> Any:
    """Return what a call of either flavour returns, and await it if need be."""
    return await result if inspect.isawaitable(result) else result
