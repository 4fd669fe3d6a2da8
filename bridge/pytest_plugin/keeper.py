"""The browser that tests use one after another: one piece of code for both flavours.

Its functions are coroutine functions that wait only for what can be awaited. In the sync flavour nothing can, so
`at_once` runs them without an event loop.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from .recording import Recording, settled
from .reports import BRIDGE
from .wish import Wish, fail, is_users_to_mend

__all__ = ["Keeper", "at_once", "lent"]

T = TypeVar("T")


class Keeper:
    """Launches the browser, and keeps it for as long as the tests wish for the same one.

    Args:
        launch: That of `sync_api` or of `async_api`.
        resets: Whether the next test gets the same browser, as it was after its launch.
    """

    def __init__(self, launch: Callable[..., Any], *, resets: bool) -> None:
        self._launch = launch
        self.resets = resets
        self._bridge: Any = None
        self._wish: Wish | None = None

    async def get(self, wish: Wish) -> Any:
        """Return a bridge that is as after a launch."""
        if self._bridge is None or wish != self._wish:
            await self.close()
            try:
                self._bridge = await settled(self._launch(wish.browser_type, wish.extension, **wish.options))
            except Exception as error:
                if not is_users_to_mend(error):
                    raise
                fail(f"{type(error).__name__}: {error}")
            self._wish = wish
        return self._bridge

    async def clean(self, *, lost: bool) -> None:
        """Make the browser ready for another test, unless it is lost or for one test only."""
        if lost or not self.resets:
            await self.close()
            return
        try:
            await settled(self._bridge.reset())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the browser."""
        bridge, self._bridge = self._bridge, None
        if bridge:
            await settled(bridge.close())


@asynccontextmanager
async def lent(keeper: Keeper, wish: Wish, item: pytest.Item, recorder: Any) -> AsyncIterator[Any]:
    """Lend the browser to one test; pytest-playwright's `recorder` of artifacts watches it meanwhile."""
    bridge = await keeper.get(wish)
    recording = Recording(recorder, bridge.browser_context)
    await recording.begin()
    item.stash[BRIDGE] = bridge
    yield bridge
    try:
        await recording.end(for_good=not keeper.resets)
    finally:
        del item.stash[BRIDGE]
        await keeper.clean(lost=recording.lost or bridge.external.closed)  # which is there as long as the channel is


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that has nothing to wait for, and return its result."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("a coroutine of the sync flavour waits")
