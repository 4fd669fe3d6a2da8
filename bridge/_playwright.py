"""The only module that touches Playwright's private names.

The sync flavour of Playwright runs an event loop in a greenlet of its own, the dispatcher; each of its calls runs a
coroutine there while the caller's greenlet waits (``SyncBase._sync``). The bridge's engine is async and lives on that
same loop. So that it can use Playwright's public objects of either flavour, `call` runs a sync method in a greenlet of
its own, as Playwright does with its event listeners.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

import greenlet
from playwright.sync_api import BrowserType as SyncBrowserType

from .errors import BridgeError

__all__ = ["call", "is_sync", "run", "run_in_greenlet"]

T = TypeVar("T")


def is_sync(playwright_object: object) -> bool:
    """Whether this is an object of Playwright's sync API."""
    return type(playwright_object).__module__.startswith("playwright.sync_api")


def run(browser_type: SyncBrowserType, coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on sync Playwright's own loop; listeners and Playwright's traffic go on meanwhile.

    When Ctrl-C or the like interrupts it, the coroutine is cancelled and its cleaning up awaited.

    Raises:
        BridgeError: This release of Playwright has no such entrance.
    """
    inside = _Inside.of(browser_type, coroutine)
    task = inside.loop.create_task(coroutine)
    try:
        return inside.wait(task)
    except BaseException as error:
        if not task.done() and inside.dispatcher.dead and not isinstance(error, KeyboardInterrupt):
            return inside.wait(
                task
            )  # Playwright is gone, but that is for the coroutine to notice: it may be cleaning up
        if not task.done():
            task.cancel()
            inside.wait(asyncio.wait([task]))
        raise


class _Inside(NamedTuple):
    """Sync Playwright's loop, and how to run something on it."""

    loop: asyncio.AbstractEventLoop
    dispatcher: greenlet.greenlet
    entrance: Callable[[Coroutine[Any, Any, Any]], Any]

    @classmethod
    def of(cls, browser_type: SyncBrowserType, coroutine: Coroutine[Any, Any, Any]) -> "_Inside":
        try:
            return cls(*(getattr(browser_type, name) for name in ("_loop", "_dispatcher_fiber", "_sync")))
        except AttributeError as error:
            coroutine.close()
            raise BridgeError(
                f"bridge.sync_api runs on a part of Playwright that this release lacks ({error}). "
                "Use bridge.async_api, or a release of Playwright that the bridge was tested with."
            ) from error

    def wait(self, awaitable: Awaitable[T]) -> T:
        result: T
        if self.dispatcher.dead:  # Ctrl-C ends Playwright's driver too, and with it the greenlet that ran the loop
            asyncio._set_running_loop(None)
            result = self.loop.run_until_complete(_wait(awaitable))
        else:
            result = self.entrance(_wait(awaitable))
        return result


async def _wait(awaitable: Awaitable[T]) -> T:
    return await (asyncio.shield(awaitable) if isinstance(awaitable, asyncio.Task) else awaitable)


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
