"""Finds the Playwright frame that shows a context, and the tab that is a Playwright page."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from ..errors import BridgeError, ContextError
from ..protocol.frames import BeFindable
from ..waiting.waits import settle, wait
from .context import Context
from .contexts import Contexts
from .frame_context import Searched, answering

__all__ = ["FramesOf"]

_NEW_DOCUMENT = ("frameattached", "framenavigated")
_WITHOUT_FRAME = ("background", "external")
_IN_NO_FRAME = ("options",)
"""What is in a tab, and yet in no frame of Playwright's: Firefox's own page has it in a browser of its own."""


class FramesOf:
    """Asks the frames of Playwright's pages which contexts they hold: only the agent of a frame hears that.

    Args:
        contexts: All contexts.
        extension: The extension under test.
        browser_context: Playwright's, with its pages.
    """

    def __init__(self, contexts: Contexts, extension: Searched, browser_context: Any) -> None:
        self._contexts = contexts
        self._extension = extension
        self._browser_context = browser_context
        self._tabs: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    async def find(self, context: Context, timeout_ms: float) -> Any:
        """Return the Playwright frame that shows a context, or None if it is not in a tab.

        Raises:
            ContextError: The context is gone.
            BridgeTimeoutError: No frame of Playwright's answered in time.
        """
        if context.kind in _WITHOUT_FRAME:
            return None
        link = context._require_link()
        if context._frame is None and context.tab_id is not None and context.view not in _IN_NO_FRAME:
            with self._asking(self._browser_context.pages, lambda other: other is context) as asking:
                found = asking.found
                gone = f"{context._label} ended while Playwright's frame was searched for"
                link.ended.add_done_callback(lambda _: settle(found, ContextError(gone)))
                if context.kind == "content":
                    context._send(BeFindable())  # document.open() may have made it deaf
                with self._contexts.next(lambda other: other is context) as findable:
                    findable.add_done_callback(lambda _: asking.again())
                    await wait(found, timeout_ms, lambda: _not_found(context))
        return context._frame

    async def is_in(self, context: Context, page: Any) -> bool:
        """Whether a context is in a Playwright page. It waits until a script of the extension in the page answers."""
        if context.tab_id is None:
            return False
        if page not in self._tabs:
            with self._asking([page], lambda other: other.tab_id is not None) as asking:
                self._tabs[page] = (await asking.found).tab_id
        return bool(self._tabs[page] == context.tab_id)

    @contextmanager
    def _asking(self, pages: list[Any], accepts: Callable[[Context], bool]) -> Iterator["_Asking"]:
        asking = _Asking(partial(answering, self._contexts, self._extension), accepts)
        self._browser_context.on("page", asking.watch)
        for page in pages:
            asking.watch(page)
        try:
            yield asking
        finally:
            self._browser_context.remove_listener("page", asking.watch)
            asking.stop()


class _Asking:
    """Asks the frames of pages, and asks again when one navigates.

    Args:
        answer: Asks a frame.
        accepts: Says whether the context that answered is the one.

    Attributes:
        found: A future of the first one that is.
    """

    def __init__(self, answer: Callable[[Any], Awaitable[Context | None]], accepts: Callable[[Context], bool]) -> None:
        self.found: asyncio.Future[Context] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._accepts = accepts
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pages: list[Any] = []

    def watch(self, page: Any) -> None:
        """Ask the frames of one more page."""
        self._pages.append(page)
        for event in _NEW_DOCUMENT:
            page.on(event, self._begin)
        for frame in page.frames:
            self._begin(frame)

    def again(self) -> None:
        """Ask all frames once more."""
        for page in self._pages:
            for frame in page.frames:
                self._begin(frame)

    def stop(self) -> None:
        """Ask no more."""
        for page in self._pages:
            for event in _NEW_DOCUMENT:
                page.remove_listener(event, self._begin)
        for task in self._tasks:
            task.cancel()

    def _begin(self, frame: Any) -> None:
        task = self._loop.create_task(self._ask(frame))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, frame: Any) -> None:
        with suppress(BridgeError):  # everything ends
            context = await self._answer(frame)
            if context and self._accepts(context):
                settle(self.found, context)


def _not_found(context: Context) -> str:
    return (
        f"No frame of Playwright's answered for {context._label}. In Firefox, Playwright cannot reach into some "
        "extension pages, without the bridge either: use the context itself"
    )
