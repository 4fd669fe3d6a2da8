"""Stops an idle service worker in Chromium, because Chromium does not while a debugger is attached."""

import asyncio
import itertools
import json
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .. import _playwright

__all__ = ["IdleWatch"]

_POLLS = 8  # in the idle time after which a worker is stopped
_MIN_POLL_S = 0.02


class IdleWatch:
    """Stops the service worker under `base_url` whenever none of its functions has run for `idle_ms`.

    V8's coverage counters (DevTools domain ``Profiler``) show what runs. Nothing in the worker can see that.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
        base_url: The extension's root.
        idle_ms: In milliseconds.
    """

    def __init__(self, session: Any, base_url: str, idle_ms: float) -> None:
        self._session = session
        self._base_url = base_url
        self._idle_s = idle_ms / 1000
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._watches: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Watch every worker from its start."""
        self._session.on("Target.targetCreated", self._on_created)
        self._session.on("Target.targetDestroyed", self._on_destroyed)
        self._session.on("Target.receivedMessageFromTarget", self._on_message)
        await self._send("Target.setDiscoverTargets", discover=True, filter=[{"type": "service_worker"}])

    def stop(self) -> None:
        """Watch no more."""
        for watch in self._watches.values():
            watch.cancel()
        self._watches.clear()

    def _on_created(self, event: dict[str, Any]) -> None:
        target = event["targetInfo"]
        if target["type"] == "service_worker" and target["url"].startswith(self._base_url):
            self._watches[target["targetId"]] = asyncio.ensure_future(self._watch(target["targetId"]))

    def _on_destroyed(self, event: dict[str, Any]) -> None:
        if watch := self._watches.pop(event["targetId"], None):
            watch.cancel()

    async def _watch(self, target: str) -> None:
        with suppress(PlaywrightError):  # the worker or the browser has ended
            worker = (await self._send("Target.attachToTarget", targetId=target, flatten=False))["sessionId"]
            while True:
                # The target outlives the worker: if that has stopped, this is answered once it has started again.
                await self._ask(worker, "Profiler.enable")
                await self._ask(worker, "Profiler.startPreciseCoverage", callCount=True, detailed=False)
                if await self._idle(worker):
                    await self._send("Target.closeTarget", targetId=target)

    async def _idle(self, worker: str) -> bool:
        """Return True once the worker is idle, or False if it has restarted and no longer counts what runs."""
        clock = asyncio.get_running_loop().time
        active = clock()
        while clock() - active < self._idle_s:
            await asyncio.sleep(max(self._idle_s / _POLLS, _MIN_POLL_S))
            coverage = await self._ask(worker, "Profiler.takePreciseCoverage")
            if "error" in coverage:
                return False
            if _anything_ran(coverage["result"]):
                active = clock()
        return True

    async def _ask(self, worker: str, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        message = json.dumps({"id": number, "method": method, "params": params})
        try:
            await self._send("Target.sendMessageToTarget", sessionId=worker, message=message)
            return await answer
        finally:
            del self._answers[number]

    def _on_message(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        answer = self._answers.get(message.get("id"))
        if answer and not answer.done():
            answer.set_result(message)

    async def _send(self, method: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await _playwright.call(self._session.send, method, params)
        return answer


def _anything_ran(coverage: dict[str, Any]) -> bool:
    functions = (function for script in coverage["result"] for function in script["functions"])
    return any(range["count"] for function in functions for range in function["ranges"])
