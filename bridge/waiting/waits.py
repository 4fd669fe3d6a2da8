"""Waits with timeouts. A wait ends at once when what it waits for can no longer happen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from ..errors import BridgeTimeoutError

__all__ = ["DEFAULT_TIMEOUT_MS", "Limit", "Pending", "begin", "done", "expire", "limited", "settle", "wait", "within"]

DEFAULT_TIMEOUT_MS = 30_000.0
"""As in Playwright."""

T = TypeVar("T")


async def wait(future: "asyncio.Future[T]", timeout_ms: float, describe: Callable[[], str]) -> T:
    """Return the future's result.

    Args:
        future: Whoever settles it decides what the wait returns or raises.
        timeout_ms: In milliseconds; 0 means no limit, as in Playwright.
        describe: Returns, for the error, what the wait was for and what was seen instead.

    Raises:
        BridgeTimeoutError: Nobody settled the future in time.
    """
    stop = expire(future, timeout_ms, describe)
    try:
        return await future
    finally:
        stop()


def expire(future: "asyncio.Future[Any]", timeout_ms: float, describe: Callable[[], str]) -> Callable[[], None]:
    """Make the future raise BridgeTimeoutError after that time; 0 means never. Call the returned function to cancel."""
    if not timeout_ms:
        return lambda: None
    return asyncio.get_running_loop().call_later(timeout_ms / 1000, _expire, future, timeout_ms, describe).cancel


def _expire(future: "asyncio.Future[Any]", timeout_ms: float, describe: Callable[[], str]) -> None:
    try:
        description = describe()
    except Exception as error:
        description = f"The bridge cannot say what it waited for: {error!r}"
    settle(future, BridgeTimeoutError(f"Timeout {timeout_ms:g} ms exceeded. {description}"))


class Limit:
    """What a block of `within` is doing, for its error.

    Attributes:
        doing: What did not happen, as a sentence without its full stop.
    """

    def __init__(self, doing: str) -> None:
        self.doing = doing


@asynccontextmanager
async def within(timeout_ms: float, doing: str, *, grace_s: float = 0) -> AsyncIterator[Limit]:
    """Cancel the block if it takes longer, whatever it waits for: a browser that hangs answers nobody.

    Args:
        timeout_ms: In milliseconds; 0 means no limit.
        doing: See `Limit.doing`; the block may change it as it goes on.
        grace_s: How much longer it may take, if something in it has the same limit, and better words.

    Raises:
        BridgeTimeoutError: It took longer.
    """
    limit = Limit(doing)
    scope = asyncio.timeout(timeout_ms / 1000 + grace_s if timeout_ms else None)
    try:
        async with scope:
            yield limit
    except TimeoutError as error:
        if isinstance(error, BridgeTimeoutError) or not scope.expired():
            raise
        raise BridgeTimeoutError(f"Timeout {timeout_ms:g} ms exceeded. {limit.doing}") from None


def settle(future: "asyncio.Future[T]", result: T | BaseException) -> bool:
    """Give the future its result or exception. Return False if it is done already."""
    if future.done():
        return False
    if isinstance(result, StopIteration):
        result = RuntimeError(f"A listener or predicate raised {result!r}")  # futures cannot hold it as it is
    if isinstance(result, BaseException):
        future.set_exception(result)
        future.exception()  # marks it as seen: if nobody waits for it, that needs no warning at exit
    else:
        future.set_result(result)
    return True


class Pending(Generic[T]):
    """What a call returns that does not block. You may await it or ignore it.

    Attributes:
        awaited: Whether somebody awaits it, and so sees its exception.
    """

    def __init__(self, future: "asyncio.Future[T]") -> None:
        self._future = future
        self.awaited = False

    def done(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self._future.done()

    def result(self) -> T:
        """Return or raise what awaiting it does; only once it is done."""
        self.awaited = True
        return self._future.result()

    def when_failed(self, react: Callable[..., None]) -> None:
        """Call ``react(error, seen=whether somebody awaits it)`` if it fails."""

        def ended(future: "asyncio.Future[T]") -> None:
            error = None if future.cancelled() else future.exception()
            if error:
                react(error, seen=self.awaited)

        self._future.add_done_callback(ended)

    def translated(self, translate: Callable[..., BaseException]) -> "Pending[T]":
        """Return the same, but if this fails, it raises ``translate(error, seen=whether somebody awaits it)``."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        other = Pending(future)

        def ended(own: "asyncio.Future[T]") -> None:
            if own.cancelled():
                future.cancel()
                return
            error = own.exception()
            settle(future, translate(error, seen=other.awaited) if error else own.result())

        self._future.add_done_callback(ended)
        return other

    def __await__(self) -> Generator[Any, None, T]:
        self.awaited = True
        return asyncio.shield(self._future).__await__()


class _Done(Pending[None]):
    """Nothing to wait for, without the cost of a future. Most posts return it."""

    def __init__(self) -> None:
        self.awaited = False

    def done(self) -> bool:
        return True

    def result(self) -> None:
        return None

    def when_failed(self, react: Callable[..., None]) -> None:
        pass

    def translated(self, translate: Callable[..., BaseException]) -> Pending[None]:
        return self

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()


class _Limited(Pending[T]):
    """Another `Pending`, which whoever awaits it awaits only so long."""

    def __init__(self, pending: Pending[T], timeout_ms: float, describe: Callable[[], str]) -> None:
        self._pending = pending
        self._timeout_ms = timeout_ms
        self._describe = describe

    def done(self) -> bool:
        return self._pending.done()

    def result(self) -> T:
        return self._pending.result()

    def when_failed(self, react: Callable[..., None]) -> None:
        self._pending.when_failed(react)

    def translated(self, translate: Callable[..., BaseException]) -> Pending[T]:
        return self._pending.translated(translate)

    def __await__(self) -> Generator[Any, None, T]:
        return self._bounded().__await__()

    async def _bounded(self) -> T:
        async with within(self._timeout_ms, self._describe()):
            return await self._pending


def limited(pending: Pending[T], timeout_ms: float, describe: Callable[[], str]) -> Pending[T]:
    """Return what raises BridgeTimeoutError, with the description, to whoever awaits it longer; 0 means no limit."""
    return pending if pending.done() or not timeout_ms else _Limited(pending, timeout_ms, describe)


def done() -> Pending[None]:
    """Return a `Pending` that is done already."""
    return _Done()


def begin(coroutine: Coroutine[Any, Any, None]) -> Awaitable[None] | None:
    """Run a coroutine at once up to its first wait. Return the rest, to be awaited, or None if it is finished.

    If that part raises an OSError, awaiting the rest raises it. (A task would begin only at the loop's next turn.)
    """
    try:
        return _Rest(coroutine, coroutine.send(None))
    except StopIteration:
        return None
    except OSError as error:
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        settle(failed, error)
        return failed


class _Rest:
    """The rest of a coroutine that was begun outside a task."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    sent = yield waits_for
                except BaseException as error:
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(sent)
        except StopIteration:
            pass
