"""Answers the prompts by which Chromium asks its user whether an extension may have permissions."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import ClientError

from ..errors import BridgeError, RemoteError
from .chromium_ui import ChromiumUi, Node

__all__ = ["ChromiumPrompts", "cancel_and_accept"]

_LOOK_S = 0.2  # between two looks at the browser's windows
_PROTECTED_S = 1  # a prompt ignores clicks so soon after it appeared, and after such a click, lest they be a mistake
_BUBBLE, _PROMPT = "BubbleFrameView", "ExtensionInstallDialogView"
_ROW, _BUTTON = "ButtonRowContainer", "MdTextButton"


class ChromiumPrompts:
    """Presses a button of each prompt as it appears, from `begin` on.

    Neither the DevTools protocol nor Playwright reaches these prompts, which are no web pages.

    Args:
        ui: Chromium's user interface.

    Attributes:
        allows: Which button: the one that allows, or the one that refuses.
    """

    def __init__(self, ui: ChromiumUi) -> None:
        self.allows = True
        self._ui = ui
        self._granting = 0
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
        with suppress(BridgeError, ConnectionError, ClientError):  # the browser is gone
            while True:
                async with self._ui.looking():
                    if buttons := cancel_and_accept(await self._ui.root()):
                        await asyncio.sleep(_PROTECTED_S)
                        with suppress(RemoteError):  # the prompt has gone meanwhile
                            await self._ui.click(buttons[self.allows or bool(self._granting)])
                await asyncio.sleep(_LOOK_S)


def cancel_and_accept(root: Node) -> tuple[Node, Node] | None:
    """Return the two buttons of a prompt, if one is open."""
    for bubble in root.containing(_BUBBLE):
        if bubble.containing(_PROMPT):
            for row in bubble.containing(_ROW):
                buttons = row.containing(_BUTTON)
                if len(buttons) == 2:
                    left, right = buttons
                    return (right, left) if sys.platform == "win32" else (left, right)
    return None
