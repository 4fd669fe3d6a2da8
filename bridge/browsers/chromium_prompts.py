"""Answers the prompts by which Chromium asks its user whether an extension may have permissions."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from aiohttp import ClientError

from ..errors import BridgeError, RemoteError
from .chromium_ui import ChromiumUi, Node

__all__ = ["ChromiumPrompts", "Prompt", "prompts_in"]

_LOOK_S = 0.2  # between two looks at the browser's windows
_RETRY_S = 0.02
_PROTECTED_S = 1  # a prompt ignores clicks so soon after it appeared, and after such a click, lest they be a mistake
_BUBBLE, _PROMPT, _LIST = "BubbleFrameView", "ExtensionInstallDialogView", "ExtensionPermissionsView"
_ROW, _BUTTON, _LABEL = "ButtonRowContainer", "MdTextButton", "Label"


class Prompt(NamedTuple):
    """A prompt that is open."""

    refuse: Node
    """The button."""
    allow: Node
    labels: list[Node]
    """What the extension could do, in words, one after the other."""


class _Open:
    """A prompt that is being answered, or several that say the same, one after the other."""

    def __init__(self, answer: Awaitable[bool]) -> None:
        self.answer = asyncio.ensure_future(answer)
        self.ready_at = time.monotonic() + _PROTECTED_S


class ChromiumPrompts:
    """Presses a button of each prompt as it appears, from `begin` on.

    Neither the DevTools protocol nor Playwright reaches these prompts, which are no web pages. Several may be open, and
    they stay when the page that asked goes away.

    Args:
        ui: Chromium's user interface.

    Attributes:
        allows: Which button: the one that allows, or the one that refuses.
        decide: Gets what a prompt says; returns whether to allow it. None for the same answer each time.
    """

    def __init__(self, ui: ChromiumUi) -> None:
        self.allows = True
        self.decide: Callable[[tuple[str, ...]], Awaitable[bool]] | None = None
        self._ui = ui
        self._granting = 0
        self._open: dict[tuple[str, ...], _Open] = {}
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Begin to press.

        Raises:
            UnsupportedError: This Chromium lets nobody do so.
        """
        if self._task is None:
            async with self._ui.looking():
                self._task = asyncio.ensure_future(self._watch())

    def stop(self) -> None:
        """Leave prompts alone from now on."""
        if self._task:
            self._task.cancel()

    @asynccontextmanager
    async def granting(self) -> AsyncIterator[None]:
        """Press the button that allows meanwhile."""
        self._granting += 1
        try:
            yield
        finally:
            self._granting -= 1

    async def _watch(self) -> None:
        try:
            with suppress(BridgeError, ConnectionError, ClientError):  # the browser is gone
                while True:
                    with suppress(RemoteError):  # a window has gone meanwhile; the next look is another
                        async with self._ui.looking():
                            await self._look()
                    await asyncio.sleep(_LOOK_S)
        finally:
            self._forget(set())

    async def _look(self) -> None:
        shown: dict[tuple[str, ...], Prompt] = {}
        for prompt in prompts_in(await self._ui.root()):
            with suppress(RemoteError):  # it has gone meanwhile
                shown.setdefault(await self._words(prompt), prompt)
        self._forget(shown.keys())
        for words, prompt in shown.items():
            await self._answer(words, prompt)

    async def _words(self, prompt: Prompt) -> tuple[str, ...]:
        return tuple([(await self._ui.properties(label)).get("Text", "") for label in prompt.labels])

    async def _answer(self, words: tuple[str, ...], prompt: Prompt) -> None:
        one = self._open.get(words)
        if one is None:
            one = self._open[words] = _Open(self._decided(words))
        if one.answer.done() and time.monotonic() >= one.ready_at:
            if await self._closes(prompt.allow if one.answer.result() else prompt.refuse):
                del self._open[words]  # the next one with these words is another
            one.ready_at = time.monotonic() + _PROTECTED_S

    async def _closes(self, button: Node) -> bool:
        try:
            await self._ui.click(button)
            async with asyncio.timeout(_PROTECTED_S):
                while True:
                    await self._ui.properties(button)
                    await asyncio.sleep(_RETRY_S)
        except RemoteError:  # there is no such button any more
            return True
        except TimeoutError:  # Chromium took the click for a mistake
            return False

    async def _decided(self, words: tuple[str, ...]) -> bool:
        if self._granting or self.decide is None:
            return self.allows or bool(self._granting)
        return await self.decide(words)

    def _forget(self, shown: Set[tuple[str, ...]]) -> None:
        for words in self._open.keys() - shown:
            self._open.pop(words).answer.cancel()


def prompts_in(root: Node) -> list[Prompt]:
    """Return the prompts that are open."""
    found = []
    for bubble in root.containing(_BUBBLE):
        if bubble.containing(_PROMPT):
            labels = [label for part in bubble.containing(_LIST) for label in part.children if label.name == _LABEL]
            for row in bubble.containing(_ROW):
                buttons = row.containing(_BUTTON)
                if len(buttons) == 2:
                    left, right = reversed(buttons) if sys.platform == "win32" else buttons
                    found.append(Prompt(left, right, labels))
    return found
