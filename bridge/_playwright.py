"""The only module that touches Playwright's private names.

The sync flavour of Playwright runs an event loop in a greenlet of its own, the dispatcher; each of its calls runs a
coroutine there while the caller's greenlet waits (``SyncBase._sync``). The bridge's engine is async and lives on that
same loop. So that it can use Playwright's public objects of either flavour, `call` runs a sync method in a greenlet of
its own, as Playwright does with its event listeners.
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

import greenlet

from .errors import BridgeError

__all__ = [
    "add_selector_engine",
    "call",
    "clean_up",
    "is_sync",
    "on_driver_end",
    "run",
    "run_in_greenlet",
    "url_matcher",
]

T = TypeVar("T")
_CLEAN_UP_S = 1


def is_sync(playwright_object: object) -> bool:
    """Whether this is an object of Playwright's sync API."""
    return type(playwright_object).__module__.startswith("playwright.sync_api")


def on_driver_end(playwright_object: Any, react: Callable[[], object]) -> Callable[[], None]:
    """Call `react` if the process of Playwright's driver, which talks with the browser, ends unbidden.

    Return how to undo it. Playwright itself tells only those whose calls are under way; what is called later may wait
    for ever.
    """
    connection = getattr(getattr(playwright_object, "_impl_obj", None), "_connection", None)
    failed = getattr(_transport(connection), "on_error_future", None)
    if failed is None:
        return lambda: None

    def ended(_: object) -> None:
        react()

    def undo() -> None:
        failed.remove_done_callback(ended)

    failed.add_done_callback(_see)  # for good: the driver may also end when nobody looks any more
    failed.add_done_callback(ended)
    return undo


def _see(failed: "asyncio.Future[Any]") -> None:
    """If nobody waits for this future, it needs no warning at exit."""
    if not failed.cancelled():
        failed.exception()


def _transport(connection: Any) -> Any:
    if until_1_64 := getattr(connection, "_transport", None):
        return until_1_64
    # Since 1.65, only the function that sends knows the transport.
    cells = getattr(getattr(connection, "onmessage", None), "__closure__", None) or ()
    known = (cell.cell_contents for cell in cells)
    return next((it for it in known if hasattr(it, "on_error_future")), None)


def run(playwright_object: Any, coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop of an object of sync Playwright; listeners and Playwright's traffic go on meanwhile.

    When Ctrl-C or the like interrupts it, the coroutine is cancelled and its cleaning up awaited.

    Raises:
        BridgeError: This release of Playwright has no such entrance.
    """
    inside = _Inside.of(playwright_object, coroutine)
    task = inside.loop.create_task(coroutine)
    try:
        return inside.wait(task)
    except BaseException:
        if not task.done():
            if not task.cancelling():  # else Playwright has done it
                task.cancel()
            inside.wait(inside.loop.create_task(_end_of(task)))
        task.cancelled() or task.exception()  # marks it as seen: Ctrl-C may have come inside of it
        raise


class _Inside(NamedTuple):
    """Sync Playwright's loop, and how to run something on it."""

    loop: asyncio.AbstractEventLoop
    dispatcher: greenlet.greenlet
    result_of: Callable[["asyncio.Task[Any]"], Any]

    @classmethod
    def of(cls, playwright_object: Any, coroutine: Coroutine[Any, Any, Any]) -> "_Inside":
        try:
            loop, dispatcher, entrance = (
                getattr(playwright_object, name) for name in ("_loop", "_dispatcher_fiber", "_sync")
            )
            return cls(loop, dispatcher, _way_to_wait(dispatcher, loop, entrance))
        except AttributeError as error:
            coroutine.close()
            raise BridgeError(
                f"bridge.sync_api runs on a part of Playwright that this release lacks ({error}). "
                "Use bridge.async_api, or a release of Playwright that the bridge was tested with."
            ) from error

    def wait(self, task: "asyncio.Task[T]") -> T:
        result: T
        if not self.dispatcher.dead:
            try:
                result = self.result_of(task)
                return result
            except Exception:
                if task.done() or not self.dispatcher.dead:
                    raise
        # Ctrl-C, or the end of Playwright's driver, has ended the greenlet that ran the loop. What that means is for
        # the coroutine to notice: it may be cleaning up.
        asyncio._set_running_loop(None)
        return self.loop.run_until_complete(_result_of(task))


class _Until164:
    """What `_sync` needs of its object until Playwright 1.64, where it would ask a dead dispatcher again and again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, dispatcher: "_Mortal") -> None:
        self._loop = loop
        self._dispatcher_fiber = dispatcher


class _Mortal:
    """Sync Playwright's dispatcher, which raises once it is dead."""

    def __init__(self, dispatcher: greenlet.greenlet) -> None:
        self._dispatcher = dispatcher

    def switch(self) -> None:
        if self._dispatcher.dead:
            raise BridgeError("The greenlet that runs Playwright's loop has ended")
        self._dispatcher.switch()


def _way_to_wait(
    dispatcher: greenlet.greenlet, loop: asyncio.AbstractEventLoop, entrance: Callable[..., Any]
) -> Callable[["asyncio.Task[T]"], T]:
    """Return Playwright's way to wait for a task, which ends when its dispatcher does."""
    function: Any = getattr(entrance, "__func__", None)
    known = getattr(function, "__globals__", {})
    if "wait_for_future" in known:  # since 1.65
        wait_for_future = known["wait_for_future"]  # `_sync` would make another task, which awaits this one

        def result_of(task: "asyncio.Task[T]") -> T:
            wait_for_future(loop, dispatcher, task)
            return task.result()

        return result_of
    enter = partial(function, _Until164(loop, _Mortal(dispatcher))) if function else entrance
    return lambda task: enter(_result_of(task))


async def _result_of(task: "asyncio.Task[T]") -> T:
    return await asyncio.shield(task)


async def _end_of(task: "asyncio.Task[Any]") -> None:
    await asyncio.wait([task])


async def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a public Playwright function of either flavour, from the loop, and return its result."""
    if inspect.iscoroutinefunction(function):
        return await function(*args, **kwargs)
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def settle(error: BaseException | None, result: Any) -> None:
        if done.done():
            return
        if error:
            done.set_exception(error)
            done.exception()  # whoever waited may have been cancelled meanwhile
        else:
            done.set_result(result)

    run_in_greenlet(lambda: function(*args, **kwargs), settle)
    return await done


async def add_selector_engine(context: Any, name: str, source: str) -> None:
    """Add a selector engine to one BrowserContext, in the world that scripts of pages cannot touch.

    It is what ``playwright.selectors.register(name, source, content_script=True)`` does for all later contexts.
    """
    engine = {"name": name, "source": source, "contentScript": True}
    channel = context._impl_obj._channel
    if hasattr(channel, "send"):  # until Playwright 1.64
        await channel.send("registerSelectorEngine", None, {"selectorEngine": engine})
    else:
        await channel.registerSelectorEngine(selectorEngine=engine)


def url_matcher(context: Any, url: Any) -> Callable[[str], bool]:
    """Return the function that compares an address with `url` as ``page.wait_for_url(url)`` does.

    Args:
        context: A BrowserContext, whose ``base_url`` counts.
        url: A glob, a compiled regular expression, or a predicate.
    """
    matches = _url_matches()
    base_url = (getattr(context._impl_obj, "_options", None) or {}).get("baseURL")
    return lambda address: bool(matches(base_url, address, url))


def _url_matches() -> Any:
    try:
        return import_module("playwright._impl.isomorphic.url_match").url_matches
    except ImportError:  # until Playwright 1.64
        return import_module("playwright._impl._helper").url_matches


async def clean_up(function: Callable[..., Any]) -> None:
    """Call a function of Playwright's that undoes something, for at most a second, and ignore what it raises.

    What it undoes may be gone already, and a browser that hangs does not answer. Without its driver, which Ctrl-C ends
    too, Playwright raises a bare Exception, which must not hide the KeyboardInterrupt.
    """
    with suppress(Exception):
        async with asyncio.timeout(_CLEAN_UP_S):
            await call(function)


def run_in_greenlet(
    function: Callable[[], Any], on_end: Callable[[BaseException | None, Any], None] = lambda error, result: None
) -> None:
    """Start `function` in a greenlet in which it may call the sync API; return when it ends or first waits."""

    def body() -> None:
        try:
            result = function()
        except (KeyboardInterrupt, SystemExit, greenlet.GreenletExit):
            raise
        except BaseException as error:
            on_end(error, None)
        else:
            on_end(None, result)

    greenlet.greenlet(body).switch()
