"""A thread for what is not async: everything that an object of it does must happen in the thread that made it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Generic, TypeVar

__all__ = ["InThread", "in_thread"]

T = TypeVar("T")
R = TypeVar("R")


class InThread(Generic[T]):
    """Something that lives in a thread of its own."""

    def __init__(self, executor: ThreadPoolExecutor, thing: T) -> None:
        self._executor = executor
        self._thing = thing

    async def do(self, action: Callable[[T], R]) -> R:
        """Call `action` with it in its thread, and return the result."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, action, self._thing)


@asynccontextmanager
async def in_thread(open: Callable[[], AbstractContextManager[T]]) -> AsyncIterator[InThread[T]]:
    """Enter what `open` returns in a thread of its own, and leave it there at the end."""
    with ThreadPoolExecutor(1) as executor:
        run = asyncio.get_running_loop().run_in_executor
        manager = await run(executor, open)
        thing = await run(executor, manager.__enter__)
        try:
            yield InThread(executor, thing)
        finally:
            await run(executor, manager.__exit__, None, None, None)
