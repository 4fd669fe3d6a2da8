"""The `expect_*` context managers, which work like Playwright's."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from .inbox import Wanted
from .waits import expire

__all__ = ["Expect", "ExpectInfo"]

T = TypeVar("T")


class Arrivals(Protocol[T]):
    """Where the expected item arrives: an inbox or a lookout."""

    def expect(self, accepts: Callable[[T], Any]) -> Wanted[T]:
        """Reserve the next item for which `accepts` returns true."""

    def forget(self, wanted: Wanted[T]) -> None:
        """Drop that reservation."""


class ExpectInfo(Generic[T]):
    """What the block of an `expect_*` gets. `value` is the expected item, once it has arrived."""

    def __init__(self, wanted: Wanted[T]) -> None:
        self._wanted = wanted

    @property
    def value(self) -> Awaitable[T]:
        """The expected item; await it.

        Raises:
            BridgeTimeoutError: It did not arrive in time.
        """
        return self._value()

    async def _value(self) -> T:
        result = await asyncio.shield(self._wanted.future)
        self._wanted.heard = True
        return result

    def __repr__(self) -> str:
        return f"<ExpectInfo, {'settled' if self._wanted.future.done() else 'waiting'}>"


class Expect(Generic[T]):
    """Expects something while the block of an ``async with`` runs, and waits for it at the block's end.

    Args:
        arrivals: Where it will arrive.
        accepts: Says whether it is the one.
        timeout_ms: From the entry of the block on.
        describe: What is waited for, for the timeout's text.
        begin: Is called, and what it returns awaited, before the block begins.
        end: Is called when the wait is over, however that ends; not if `begin` raised.
    """

    def __init__(
        self,
        arrivals: Arrivals[T],
        accepts: Callable[[T], Any],
        timeout_ms: float,
        describe: Callable[[], str],
        *,
        begin: Callable[[], Awaitable[object]] | None = None,
        end: Callable[[], object] = lambda: None,
    ) -> None:
        self._arrivals = arrivals
        self._accepts = accepts
        self._timeout_ms = timeout_ms
        self._describe = describe
        self._begin = begin
        self._end = end
        self._wanted: Wanted[T] | None = None
        self._stop: Callable[[], None] = lambda: None

    async def __aenter__(self) -> ExpectInfo[T]:
        begun = self._begin() if self._begin else None
        self._wanted = wanted = self._arrivals.expect(self._accepts)
        self._stop = expire(wanted.future, self._timeout_ms, self._describe)
        try:
            if begun:
                await _unless_failed(_awaited(begun), wanted.future)
        except BaseException:
            self._give_up()
            raise
        return ExpectInfo(wanted)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._wanted
        if error:
            self._give_up()
            return
        try:
            await self._wanted.future
        except BaseException:
            self._give_up()
            raise
        self._stop()
        self._end()

    def _give_up(self) -> None:
        self._stop()
        self._end()
        if self._wanted:
            self._arrivals.forget(self._wanted)


async def _awaited(awaitable: Awaitable[object]) -> object:
    return await awaitable


async def _unless_failed(begun: Coroutine[Any, Any, object], wanted: "asyncio.Future[Any]") -> None:
    """Return when `begun` is done; raise what `wanted` raises if that fails first."""
    ready = asyncio.ensure_future(begun)
    try:
        first: list[asyncio.Future[Any]] = [ready, wanted]
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await asyncio.shield(wanted)
        await ready
    finally:
        ready.cancel()
