"""Follows the service workers of an extension in Chromium, each with a session of its own."""

import asyncio
import itertools
import json
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .. import _playwright

__all__ = ["WorkerTargets"]


class WorkerTargets:
    """Follows every service worker under `base_url` from its start to its end.

    A target outlives its worker: what is asked while that is stopped is answered when it has started again.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
        base_url: The extension's root.
    """

    def __init__(self, session: Any, base_url: str) -> None:
        self._session = session
        self._base_url = base_url
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._followed: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Follow those that run, and those to come."""
        self._session.on("Target.targetCreated", self._on_created)
        self._session.on("Target.targetDestroyed", self._on_destroyed)
        self._session.on("Target.receivedMessageFromTarget", self._on_message)
        await self._send("Target.setDiscoverTargets", discover=True, filter=[{"type": "service_worker"}])

    def stop(self) -> None:
        """Follow no more."""
        for task in self._followed.values():
            task.cancel()
        self._followed.clear()

    async def _follow(self, target: str, worker: str) -> None:
        """Do what is to be done with a worker; `worker` is the id of its session."""
        raise NotImplementedError

    def _on_created(self, event: dict[str, Any]) -> None:
        target = event["targetInfo"]
        if target["type"] == "service_worker" and target["url"].startswith(self._base_url):
            self._followed[target["targetId"]] = asyncio.ensure_future(self._attach(target["targetId"]))

    def _on_destroyed(self, event: dict[str, Any]) -> None:
        if task := self._followed.pop(event["targetId"], None):
            task.cancel()

    async def _attach(self, target: str) -> None:
        with suppress(PlaywrightError):  # the worker or the browser has ended
            worker = (await self._send("Target.attachToTarget", targetId=target, flatten=False))["sessionId"]
            await self._follow(target, worker)

    async def _ask(self, worker: str, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            await self._post(worker, number, method, params)
            return await answer
        finally:
            del self._answers[number]

    async def _tell(self, worker: str, method: str, **params: Any) -> None:
        """Ask without waiting for the answer."""
        await self._post(worker, next(self._numbers), method, params)

    async def _post(self, worker: str, number: int, method: str, params: dict[str, Any]) -> None:
        message = json.dumps({"id": number, "method": method, "params": params})
        await self._send("Target.sendMessageToTarget", sessionId=worker, message=message)

    def _on_message(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        answer = self._answers.get(message.get("id"))
        if answer and not answer.done():
            answer.set_result(message)

    async def _send(self, method: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await _playwright.call(self._session.send, method, params)
        return answer
