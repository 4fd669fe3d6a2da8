"""Which context is looked for, and the waits for it: `Bridge.wait_for_context` and `Bridge.expect_context`."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ..errors import BridgeError, UnsupportedError
from ..waiting.event import Invoke
from ..waiting.expect import Expect
from ..waiting.lookout import Lookout
from ..waiting.waits import done, wait
from .context import Context
from .contexts import Contexts
from .views import PAGE_VIEWS

__all__ = ["Sought", "expect", "wait_for"]

_KINDS = ("background", "content", "page", "external", "web", "user script", *PAGE_VIEWS)
_USER_SCRIPT = (
    "Python cannot stand in the world of a user script, which cannot reach other extensions. It hears them in the "
    "background: listen to runtime.onUserScriptConnect and runtime.onUserScriptMessage"
)
_LACKS = {
    ("chromium", "user script"): _USER_SCRIPT,
    ("firefox", "user script"): _USER_SCRIPT,
    ("chromium", "sidebar"): "Chromium has no sidebars of extensions: its kind is 'side panel'",
    ("firefox", "side panel"): "Firefox has no side panels: its kind is 'sidebar'",
    ("firefox", "offscreen"): "Firefox has no offscreen documents: there, a background has a document of its own",
    ("firefox", "web"): "Firefox does not support externally_connectable, so Python cannot stand in its web pages",
}


class Sought:
    """What a context must be.

    Args:
        browser_name: Of the browser that runs.
        invoke: How to call the predicate.
        kind: Its `Context.kind` or `Context.view`; None takes any.
        url: What its address must match, for errors.
        fits_url: Whether an address does; None takes any.
        tab: The id of its tab, or a Playwright page; None takes any.
        is_in: If `tab` is such a page, whether a context is in it.
        predicate: Whether a context that is all of this is the one.

    Raises:
        ValueError: There is no such kind.
        UnsupportedError: There is none in this browser.
    """

    def __init__(
        self,
        browser_name: str,
        invoke: Invoke,
        *,
        kind: str | None,
        url: object,
        fits_url: Callable[[str], bool] | None,
        tab: object,
        is_in: Callable[[Context], Awaitable[bool]] | None,
        predicate: Callable[[Context], Any] | None,
    ) -> None:
        if kind is not None and kind not in _KINDS:
            raise ValueError(f"There is no context of kind {kind!r}, but of {', '.join(map(repr, _KINDS))}")
        if lacks := _LACKS.get((browser_name, kind or "")):
            raise UnsupportedError(lacks)
        self._invoke = invoke
        self._kind = kind
        self._url = url
        self._fits_url = fits_url
        self._tab = tab
        self.is_in = is_in
        self._predicate = predicate

    def looks_like(self, context: Context) -> bool:
        """Whether the context is what is sought, as far as it says itself."""
        return (
            not context.closed
            and context.view is not None  # else it comes when it has one
            and self._kind in (None, context.kind, context.view)
            and (self.is_in is not None or self._tab in (None, context.tab_id))
            and (self._fits_url is None or self._fits_url(context.url))
        )

    def accepts(self, context: Context) -> bool:
        """Whether the user's predicate, if there is one, accepts it too."""
        return self._predicate is None or bool(_answer(self._invoke, self._predicate, context))

    def __str__(self) -> str:
        given = {"kind": self._kind, "url": self._url, "tab": self._tab, "predicate": self._predicate}
        named = ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)
        return f"a context ({named})" if named else "any context"


def _answer(invoke: Invoke, predicate: Callable[[Context], Any], context: Context) -> Any:
    """Return what the user's predicate says, which gets the object of its flavour; raise what it raises."""
    answers: list[Any] = []
    errors: list[BaseException] = []

    def on_result(result: Any, *, awaited: bool) -> None:
        answers.append(result)

    invoke(predicate, (context,), errors.append, on_result)
    if errors:
        raise errors[0]
    if not answers:
        raise TypeError(
            "A predicate says at once whether it is the one: it is no coroutine function, and waits for nothing"
        )
    return answers[0]


def expect(contexts: Contexts, sought: Sought, timeout_ms: float) -> Expect[Context]:
    """See `Bridge.expect_context`."""
    seen: Lookout[Context] = Lookout()
    watch = _Watch(contexts, sought, seen)

    def begin() -> Awaitable[object]:
        watch.start()
        return done()

    return Expect(seen, sought.accepts, timeout_ms, lambda: _describe(contexts, sought), begin=begin, end=watch.stop)


async def wait_for(contexts: Contexts, sought: Sought, timeout_ms: float) -> Context:
    """See `Bridge.wait_for_context`."""
    seen: Lookout[Context] = Lookout()
    watch = _Watch(contexts, sought, seen)
    wanted = seen.expect(sought.accepts)
    watch.start()
    try:
        for context in contexts.alive:
            watch.look(context)
        return await wait(wanted.future, timeout_ms, lambda: _describe(contexts, sought))
    finally:
        watch.stop()
        seen.forget(wanted)


def _describe(contexts: Contexts, sought: Sought) -> str:
    alive = "".join(f"\n  {context.view or context.kind} {context.url}" + _tab(context) for context in contexts.alive)
    return f"Waited for {sought}. The contexts that are alive:{alive or ' none'}"


def _tab(context: Context) -> str:
    return "" if context.tab_id is None else f" (tab {context.tab_id}, frame {context.frame_id})"


class _Watch:
    """Shows a lookout the contexts that begin, and that look like what is sought."""

    def __init__(self, contexts: Contexts, sought: Sought, seen: Lookout[Context]) -> None:
        self._contexts = contexts
        self._sought = sought
        self._seen = seen
        self._asking: set[asyncio.Future[None]] = set()
        self._stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        begun = self._contexts.begun
        wanted = begun.expect(self.look)  # which accepts none, and so sees all
        wanted.future.add_done_callback(self._ended)
        self._stop = lambda: begun.forget(wanted)

    def stop(self) -> None:
        self._stop()
        for asking in self._asking:
            asking.cancel()

    def look(self, context: Context) -> None:
        """Show a context, if it looks like what is sought: at once, or when Playwright has said in which page it is."""
        if not self._sought.looks_like(context):
            return
        if self._sought.is_in is None:
            self._seen.see(context)
            return
        asking = asyncio.ensure_future(self._ask(context, self._sought.is_in))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _ask(self, context: Context, is_in: Callable[[Context], Awaitable[bool]]) -> None:
        with suppress(BridgeError):  # it is gone
            if await is_in(context) and not context.closed:
                self._seen.see(context)

    def _ended(self, future: "asyncio.Future[Context]") -> None:
        if not future.cancelled() and (reason := future.exception()):
            self._seen.end(lambda: reason)
