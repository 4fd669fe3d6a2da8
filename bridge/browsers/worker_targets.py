"""Follows the service workers of an extension in Chromium, each with a session of its own."""

import asyncio
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .target_sessions import TargetError, TargetSessions

__all__ = ["WorkerTargets"]


class WorkerTargets(TargetSessions):
    """Follows every service worker under `base_url` from its start to its end.

    A target outlives its worker: what is asked while that is stopped is answered when it has started again.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
        base_url: The extension's root.
    """

    def __init__(self, session: Any, base_url: str) -> None:
        super().__init__(session)
        self._base_url = base_url
        self._followed: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Follow those that run, and those to come."""
        self._listen()
        self._session.on("Target.targetCreated", self._on_created)
        self._session.on("Target.targetDestroyed", self._on_destroyed)
        await self._send("Target.setDiscoverTargets", discover=True, filter=[{"type": "service_worker"}])

    def stop(self) -> None:
        """Follow no more."""
        for task in self._followed.values():
            task.cancel()
        self._followed.clear()

    async def _follow(self, target: str, worker: str) -> None:
        """Do what is to be done with a worker; `worker` is the id of its session."""
        raise NotImplementedError

    def _is_meant(self, target: dict[str, Any]) -> bool:
        """Whether to follow that worker; the one of private windows has another browser context."""
        return True

    def _on_created(self, event: dict[str, Any]) -> None:
        target = event["targetInfo"]
        is_worker = target["type"] == "service_worker" and target["url"].startswith(self._base_url)
        if is_worker and self._is_meant(target):
            self._followed[target["targetId"]] = asyncio.ensure_future(self._attach(target["targetId"]))

    def _on_destroyed(self, event: dict[str, Any]) -> None:
        if task := self._followed.pop(event["targetId"], None):
            task.cancel()

    async def _attach(self, target: str) -> None:
        with suppress(PlaywrightError, TargetError):  # the worker or the browser has ended
            await self._follow(target, await self._attach_to(target))
