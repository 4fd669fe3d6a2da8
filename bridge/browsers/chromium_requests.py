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
_LATE_S = 0.3  # for Chromium to log what it prompts for already; a prompt ignores clicks for longer than that
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
        if self._session:
            return
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(self._documents.of_extensions_page())
            await self._documents.evaluate(session, _LISTEN)
            self._stack, self._session = stack.pop_all(), session  # only now: if this is cancelled, nobody listens

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
                call = await self._prompting(words)
            except (RemoteError, TargetError, PlaywrightError):
                return _NOTHING  # nobody listens any more, or the extension has just gone
            if call is None:
                return _NOTHING  # somebody began to listen too late
            self._calls.remove(call)
        what = json.loads(call["args"])[0]
        return call["extensionId"], what.get("permissions", []), what.get("origins", [])

    async def _prompting(self, words: tuple[str, ...]) -> dict[str, Any] | None:
        """Return for which call a prompt is: that whose warnings it shows; else the latest one, if there is one."""
        for last in (False, True):
            new = json.loads(await self._documents.evaluate(self._session, _CALLS))
            self._calls = [*self._calls, *new][-_KEPT:]
            if (call := await self._with_warnings(words)) or last:
                break
            await asyncio.sleep(_LATE_S)
        return call or (self._calls[-1] if self._calls else None)

    async def _with_warnings(self, words: tuple[str, ...]) -> dict[str, Any] | None:
        for id in {call["extensionId"] for call in self._calls}:
            async with self._documents.of_extension(Loaded(id, f"chrome-extension://{id}/")) as document:
                for call in [call for call in self._calls if call["extensionId"] == id]:
                    if await self._documents.evaluate(document, f"({_WARNINGS})({call['args']})") == [*words]:
                        return call
        return None


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
