"""Stops an idle service worker in Chromium, because Chromium does not while a debugger is attached."""

import asyncio
from typing import Any

from .target_sessions import TargetError
from .worker_targets import WorkerTargets

__all__ = ["IdleWatch"]

_POLLS = 8  # in the idle time after which a worker is stopped
_MIN_POLL_S = 0.02


class IdleWatch(WorkerTargets):
    """Stops the service worker under `base_url` whenever none of its functions has run for `idle_ms`.

    V8's coverage counters (DevTools domain ``Profiler``) show what runs. Nothing in the worker can see that.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
        base_url: The extension's root.
        idle_ms: In milliseconds.
    """

    def __init__(self, session: Any, base_url: str, idle_ms: float) -> None:
        super().__init__(session, base_url)
        self._idle_s = idle_ms / 1000

    async def _follow(self, target: str, worker: str) -> None:
        while True:
            await self.ask(worker, "Profiler.enable")
            await self.ask(worker, "Profiler.startPreciseCoverage", callCount=True, detailed=False)
            if await self._idle(worker):
                await self._send("Target.closeTarget", targetId=target)

    async def _idle(self, worker: str) -> bool:
        """Return True once the worker is idle, or False if it has restarted and no longer counts what runs."""
        clock = asyncio.get_running_loop().time
        active = clock()
        while clock() - active < self._idle_s:
            await asyncio.sleep(max(self._idle_s / _POLLS, _MIN_POLL_S))
            try:
                coverage = await self.ask(worker, "Profiler.takePreciseCoverage")
            except TargetError:
                return False
            if _anything_ran(coverage):
                active = clock()
        return True


def _anything_ran(coverage: dict[str, Any]) -> bool:
    functions = (function for script in coverage["result"] for function in script["functions"])
    return any(range["count"] for function in functions for range in function["ranges"])
