"""The browser that tests use one after another, for both flavours.

Its functions are coroutine functions. In the sync flavour they have nothing to await, so `run_sync` runs them without
an event loop.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from .failing import fail, is_usage_error
from .launch_arguments import LaunchArguments
from .recording import Recording, maybe_await
from .reports import BRIDGE

__all__ = ["SharedBrowser", "run_sync", "use_browser"]

T = TypeVar("T")


class SharedBrowser:
    """Launches a browser, and uses it again as long as tests ask for the same launch.

    Args:
        launch: That of `sync_api` or of `async_api`.
        resets: Whether the next test gets the same browser, reset to how it was after its launch.
    """

    def __init__(self, launch: Callable[..., Any], *, resets: bool) -> None:
        self._launch = launch
        self.resets = resets
        self._bridge: Any = None
        self._arguments: LaunchArguments | None = None

    async def get(self, arguments: LaunchArguments) -> Any:
        """Return a bridge that is as it was after its launch."""
        if self._bridge is None or arguments != self._arguments:
            await self.close()
            try:
                self._bridge = await maybe_await(
                    self._launch(arguments.browser_type, arguments.extension, **arguments.options)
                )
            except Exception as error:
                if not is_usage_error(error):
                    raise
                fail(f"{type(error).__name__}: {error}")
            self._arguments = arguments
        return self._bridge

    async def release(self, *, lost: bool) -> None:
        """Reset the browser for the next test; close it if it is lost, or serves one test only."""
        if lost or not self.resets:
            await self.close()
            return
        try:
            await maybe_await(self._bridge.reset())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the browser."""
        bridge, self._bridge = self._bridge, None
        if bridge:
            await maybe_await(bridge.close())


@asynccontextmanager
async def use_browser(
    shared: SharedBrowser, arguments: LaunchArguments, item: pytest.Item, recorder: Any
) -> AsyncIterator[Any]:
    """Give one test its bridge; pytest-playwright's `recorder` of artifacts records the test."""
    bridge = await shared.get(arguments)
    recording = Recording(recorder, bridge.browser_context)
    await recording.begin()
    item.stash[BRIDGE] = bridge
    yield bridge
    try:
        await recording.end(closing=not shared.resets)
    finally:
        del item.stash[BRIDGE]
        await shared.release(lost=recording.lost or bridge.external.closed)  # which lives as long as the channel


def run_sync(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that awaits nothing, and return its result."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("a coroutine of the sync flavour awaited something")
