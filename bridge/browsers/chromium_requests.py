"""Finds out what an extension requests when Chromium prompts its user: the prompt has it only in words."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

from playwright.async_api import Error as PlaywrightError

from ..driver import Decide, Loaded
from ..errors import RemoteError
from .hidden_documents import HiddenDocuments
from .target_sessions import TargetError

__all__ = ["ChromiumRequests"]

_KEPT = 20  # calls: those without a prompt would stay for ever
_NOTHING: tuple[str, list[str], list[str]] = ("", [], [])


class ChromiumRequests:
    """Hears which extension calls `permissions.request()`, and with what.

    Chromium logs the calls of extensions if it was launched so, and its page of extensions may listen to that. A hidden
    one does, as long as somebody decides.

    Args:
        documents: Opens hidden documents.
    """

    def __init__(self, documents: HiddenDocuments) -> None:
        self._documents = documents
        self._decide: Decide | None = None
        self._stack = AsyncExitStack()
        self._session = ""
        self._calls: list[dict[str, Any]] = []
        self._turn = asyncio.Lock()

    async def begin(self, decide: Decide) -> None:
        """Listen from now on."""
        self._decide = decide
        if not self._session:
            self._session = await self._stack.enter_async_context(self._documents.of_extensions_page())
            await self._documents.evaluate(self._session, _LISTEN)

    async def end(self) -> None:
        """Listen no more."""
        self._session = ""
        self._calls.clear()
        await self._stack.aclose()

    async def decide(self, words: tuple[str, ...]) -> bool:
        """Return whether to allow what a prompt says."""
        assert self._decide
        return await self._decide(*await self._requested(words))

    async def _requested(self, words: tuple[str, ...]) -> tuple[str, list[str], list[str]]:
        async with self._turn:  # several prompts may be open
            try:
                new = json.loads(await self._documents.evaluate(self._session, _CALLS))
                self._calls = [*self._calls, *new][-_KEPT:]
                call = await self._prompting(words) if len(self._calls) > 1 else self._calls[0]
            except (RemoteError, TargetError, PlaywrightError, IndexError):
                return _NOTHING  # nobody listens any more, or began too late, or the extension has just gone
            self._calls.remove(call)
        what = json.loads(call["args"])[0]
        return call["extensionId"], what.get("permissions", []), what.get("origins", [])

    async def _prompting(self, words: tuple[str, ...]) -> dict[str, Any]:
        """Return for which of several calls a prompt is: that whose warnings it shows, or the latest."""
        for id in {call["extensionId"] for call in self._calls}:
            async with self._documents.of_extension(Loaded(id, f"chrome-extension://{id}/")) as document:
                for call in [call for call in self._calls if call["extensionId"] == id]:
                    if await self._documents.evaluate(document, f"({_WARNINGS})({call['args']})") == [*words]:
                        return call
        return self._calls[-1]


_LISTEN = """(() => {
  globalThis.calls = [];
  chrome.activityLogPrivate.onExtensionActivity.addListener(({ apiCall, args, extensionId }) => {
    if (apiCall === "permissions.request") calls.push({ args, extensionId });
  });
})()"""

_CALLS = "JSON.stringify(calls.splice(0))"

# What the extension has already is not in the prompt.
_WARNINGS = """async ([{ permissions = [], origins = [] }]) => {
  const had = await chrome.permissions.getAll();
  const fresh = (list, those) => list.filter((it) => !those.includes(it));
  const manifest = {
    manifest_version: 3,
    name: "requested",
    version: "1",
    permissions: fresh(permissions, had.permissions),
    host_permissions: fresh(origins, had.origins),
  };
  return await chrome.management.getPermissionWarningsByManifest(JSON.stringify(manifest));
}"""
