"""Answers the prompts by which Chromium asks its user whether an extension may have permissions."""

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

from ..errors import LaunchError

__all__ = ["ChromiumPrompts", "cancel_and_accept", "with_prompts"]

_PORT = "UIDevToolsActivePort"  # the file in the folder of the profiles
_SWITCH = "--enable-ui-devtools=0"  # at any port of the loopback interface
_FEATURES = "--enable-features="
_FEATURE = "ui-debug-tools-enable-synthetic-events"  # lets UI DevTools press what it shows
_LOOK_S = 0.2  # between two looks at the browser's windows
_PROTECTED_S = 1  # a prompt ignores clicks so soon after it appeared, and after such a click, lest they be a mistake
_START_S = 5
_PROMPT, _ROW, _BUTTON = "ExtensionInstallDialogView", "ButtonRowContainer", "MdTextButton"


def with_prompts(args: list[str]) -> list[str]:
    """The browser's arguments, with those that let `ChromiumPrompts` reach it. Of several lists of features, the last
    counts, so the caller's is continued.
    """
    named = [arg.removeprefix(_FEATURES) for arg in args if arg.startswith(_FEATURES)]
    return [*args, _SWITCH, _FEATURES + ",".join([*named[-1:], _FEATURE])]


class ChromiumPrompts:
    """Presses a button of each prompt as it appears: the one that refuses, unless `accepting`.

    Neither the DevTools protocol nor Playwright reaches these prompts, which are no web pages. UI DevTools does:
    Chromium's debugger for its own windows (Chromium 156).
    """

    def __init__(self, user_data_dir: Path) -> None:
        self._port = user_data_dir / _PORT
        self._numbers = itertools.count(1)
        self._accepts = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look for prompts.

        Raises:
            LaunchError: This Chromium lets nobody look.
        """
        try:
            async with asyncio.timeout(_START_S):
                url = f"ws://127.0.0.1:{await self._written_port()}/0"
                session = ClientSession()
                try:
                    socket = await session.ws_connect(url, max_msg_size=0)
                except BaseException:
                    await session.close()
                    raise
        except (TimeoutError, ClientError, OSError) as error:
            raise LaunchError(
                'launch(permission_requests="refuse"): this Chromium does not let the bridge reach its prompts, which '
                "takes its switch --enable-ui-devtools. Take a newer one, or leave the option out"
            ) from error
        self._task = asyncio.ensure_future(self._watch(session, socket))

    async def _written_port(self) -> int:
        while True:
            with suppress(OSError, ValueError):  # not yet
                return int(self._port.read_text("utf-8"))
            await asyncio.sleep(_LOOK_S)

    def stop(self) -> None:
        """Leave prompts alone from now on."""
        if self._task:
            self._task.cancel()

    @asynccontextmanager
    async def accepting(self) -> AsyncIterator[None]:
        """Press the other button meanwhile."""
        self._accepts += 1
        try:
            yield
        finally:
            self._accepts -= 1

    async def _watch(self, session: ClientSession, socket: ClientWebSocketResponse) -> None:
        async with session:
            with suppress(ConnectionError, ClientError):  # the browser is gone
                while True:
                    root = (await self._ask(socket, "DOM.getDocument"))["root"]
                    if buttons := cancel_and_accept(root):
                        await asyncio.sleep(_PROTECTED_S)
                        await self._press(socket, buttons[bool(self._accepts)])
                    await asyncio.sleep(_LOOK_S)

    async def _press(self, socket: ClientWebSocketResponse, button: int) -> None:
        for type in ("mousePressed", "mouseReleased"):
            event = {"type": type, "x": 5, "y": 5, "button": "left", "wheelDirection": "none"}
            await self._ask(socket, "DOM.dispatchMouseEvent", nodeId=button, event=event)

    async def _ask(self, socket: ClientWebSocketResponse, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await socket.send_str(json.dumps({"id": number, "method": method, "params": params}))
        async for message in socket:
            if message.type is WSMsgType.TEXT and (answer := json.loads(message.data)).get("id") == number:
                result: dict[str, Any] = answer.get("result", {})
                return result
        raise ConnectionError("UI DevTools closed")


def cancel_and_accept(root: dict[str, Any]) -> tuple[int, int] | None:
    """The numbers of the two buttons of a prompt, in what UI DevTools says of the browser's windows."""
    for frame in _named(root, "BubbleFrameView"):
        if any(_named(frame, _PROMPT)):
            for row in _named(frame, _ROW):
                buttons = [button["nodeId"] for button in _named(row, _BUTTON)]
                if len(buttons) == 2:
                    left, right = buttons
                    return (right, left) if sys.platform == "win32" else (left, right)
    return None


def _named(node: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    if any(name in value for value in node.get("attributes") or []):
        yield node
    for child in node.get("children", []):
        yield from _named(child, name)
