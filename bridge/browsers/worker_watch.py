"""Watches service workers start in Chromium, to tell a slow worker from one that threw."""

import asyncio
from typing import Any

from .. import _playwright
from ..errors import LaunchError

__all__ = ["WorkerWatch"]

_RUNS = ("activating", "activated")


class WorkerWatch:
    """Follows the DevTools domain ``ServiceWorker``, which only the session of a page has.

    Args:
        session: Playwright's CDPSession of any page.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._errors: dict[str, str] = {}
        self._located: set[str] = set()
        self._versions: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Begin to watch."""
        self._session.on("ServiceWorker.workerErrorReported", self._on_error)
        self._session.on("ServiceWorker.workerVersionUpdated", self._on_versions)
        await _playwright.call(self._session.send, "ServiceWorker.enable")

    async def reported(self) -> None:
        """Return once Chromium has reported the workers that already exist, even if there are none."""
        await self._changed.wait()

    def known(self) -> set[str]:
        """Return the versions seen so far."""
        return set(self._versions)

    def states(self, base_url: str) -> list[str]:
        """Return of each version under `base_url` its status, and whether it runs, in Chromium's words."""
        versions = [version for version in self._versions.values() if version["scriptURL"].startswith(base_url)]
        errors = [self._errors.get(version["versionId"], "") for version in versions]
        states = [f"{version['status']}, {version['runningStatus']}" for version in versions]
        return [f"{state} ({error})" if error else state for state, error in zip(states, errors, strict=True)]

    async def unregister(self, base_url: str) -> None:
        """Unregister the workers under `base_url`, if there are any; return once they are gone."""
        versions = [id for id, version in self._versions.items() if version["scriptURL"].startswith(base_url)]
        if versions:
            await _playwright.call(self._session.send, "ServiceWorker.unregister", {"scopeURL": base_url})
        while any(self._versions[id]["status"] != "redundant" for id in versions):
            self._changed.clear()
            await self._changed.wait()

    async def started(self, base_url: str, known: set[str]) -> None:
        """Return once a worker under `base_url` runs whose version is not in `known`.

        Raises:
            LaunchError: It threw while it started, or has a syntax error; the message has the worker's own error.
        """
        while True:
            for id, version in self._versions.items():
                if id not in known and version["scriptURL"].startswith(base_url) and self._runs(version):
                    return
            self._changed.clear()
            await self._changed.wait()

    def _runs(self, version: dict[str, Any]) -> bool:
        if version["status"] == "redundant":
            error = self._errors.get(version["versionId"], "Chromium does not say why")
            raise LaunchError(f"The extension's service worker did not start: {error}")
        return version["status"] in _RUNS

    def _on_versions(self, event: dict[str, Any]) -> None:
        self._versions |= {version["versionId"]: version for version in event["versions"]}
        self._changed.set()

    def _on_error(self, event: dict[str, Any]) -> None:
        error, id = event["errorMessage"], event["errorMessage"]["versionId"]
        located = error["lineNumber"] >= 0  # otherwise it only says that the registration failed
        if located and id not in self._located:
            self._located.add(id)
            self._errors[id] = f"{error['errorMessage']} ({error['sourceURL']}:{error['lineNumber']})"
        self._errors.setdefault(id, error["errorMessage"])
