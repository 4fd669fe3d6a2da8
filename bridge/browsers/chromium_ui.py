"""Chromium's own windows and menus, through its UI DevTools: keys and clicks there reach the browser, not a page."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from .. import _playwright
from ..errors import ContextError, RemoteError, UnsupportedError

__all__ = ["FEATURE", "PORT_FILE", "SWITCH", "BrowserWindow", "ChromiumUi", "Node"]

SWITCH = "--enable-ui-devtools=0"  # a free port, whose number Chromium writes into the file below
FEATURE = "ui-debug-tools-enable-synthetic-events"
PORT_FILE = "UIDevToolsActivePort"

_RETRY_S = 0.02
_OPENING_S = 30  # for Chromium to open them after its start
_PATIENCE_S = 5  # likewise, once they are needed
_BROWSER_WINDOW = "BrowserWidget"
_LIMIT = 64 * 1024 * 1024  # bytes of one answer
_FAREWELL_S = 0.1  # for Chromium to answer the close, which a browser that hangs does not


@dataclass(frozen=True)
class Node:
    """An element of Chromium's user interface: an aura window, a widget, or a view."""

    id: int
    kind: str
    name: str
    children: list["Node"] = field(default_factory=list)

    def all(self) -> Iterator["Node"]:
        """It, and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.all()

    def named(self, name: str) -> list["Node"]:
        """All of that name below it, and it."""
        return [node for node in self.all() if node.name == name]

    def containing(self, part: str) -> list["Node"]:
        """All below it, and it, in whose names that is."""
        return [node for node in self.all() if part in node.name]


class BrowserWindow(NamedTuple):
    """A window with tabs."""

    window: Node
    """The system's window: a character that is typed there goes where the focus is."""
    widget: Node
    """All that is in it: a key that is pressed there may be a shortcut of the browser's."""


class ChromiumUi:
    """The connection to UI DevTools.

    They ask for no secret, but they take one client at a time. So the bridge connects as soon as Chromium listens, and
    stays connected until the end.

    Args:
        profile: The folder of Chromium's profile.
    """

    def __init__(self, profile: Path) -> None:
        self._port_file = profile / PORT_FILE
        self._numbers = itertools.count(1)
        self._turn = asyncio.Lock()
        self._connecting = asyncio.ensure_future(self._connect())
        # Where nobody needs the user interface, nobody awaits this, and that it failed is no news.
        self._connecting.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _connect(self) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
        async with asyncio.timeout(_OPENING_S):
            port = await self._port()
        http = aiohttp.ClientSession()
        try:
            return http, await http.ws_connect(f"http://127.0.0.1:{port}/0", max_msg_size=_LIMIT)
        except BaseException:
            await http.close()
            raise

    async def _port(self) -> str:
        while True:
            with suppress(OSError):
                if port := await asyncio.to_thread(self._port_file.read_text, "utf-8"):
                    return port.strip()
            await asyncio.sleep(_RETRY_S)  # Chromium tells nobody else when it listens

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Have Chromium show its user interface within the block, to one caller at a time.

        Raises:
            UnsupportedError: This Chromium has no UI DevTools, or another program is connected to them.
        """
        async with self._turn:
            await self._socket()
            await self._ask("DOM.enable")
            try:
                yield
            finally:
                await _playwright.clean_up(partial(self._ask, "DOM.disable"))  # a browser that hangs does not answer

    async def root(self) -> Node:
        """All that there is now."""
        return _node((await self._ask("DOM.getDocument"))["root"])

    async def browser_window(self, bounds: str) -> BrowserWindow:
        """The browser's window that is in that place, as its properties say it; if none is, any.

        Raises:
            ContextError: There is none.
        """
        root = await self.root()
        widgets = [node for node in root.named(_BROWSER_WINDOW) if node.kind == "Widget"]
        if not widgets:
            raise ContextError("Chromium shows no window in which a key could be pressed")
        found = widgets[0]
        if len(widgets) > 1:
            for widget in widgets:
                if (await self.properties(widget))["WindowBoundsInScreen"] == bounds:
                    found = widget
        window = next(it for it in root.all() if it.kind == "Window" and any(node is found for node in it.all()))
        return BrowserWindow(window, found)

    async def properties(self, node: Node) -> dict[str, str]:
        """What is known of an element, by name."""
        rules = (await self._ask("CSS.getMatchedStylesForNode", nodeId=node.id))["matchedCSSRules"]
        return {it["name"]: it["value"] for rule in rules for it in rule["rule"]["style"]["cssProperties"]}

    async def press(self, node: Node, key: int, flags: int = 0) -> None:
        """Press a key, by its Windows code, in a window or widget."""
        event = {"type": "keyPressed", "keyCode": key, "code": 0, "flags": flags, "isChar": False, "key": 0}
        await self._ask("DOM.dispatchKeyEvent", nodeId=node.id, event=event)

    async def write(self, window: Node, text: str) -> None:
        """Type characters where the focus is in a window."""
        units = text.encode("utf-16-le")  # a character of Chromium's events has 16 bits
        for unit in (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2)):
            event = {"type": "keyPressed", "keyCode": 0, "code": 0, "flags": 0, "isChar": True, "key": unit}
            await self._ask("DOM.dispatchKeyEvent", nodeId=window.id, event=event)

    async def click(self, node: Node) -> None:
        """Click a view, near its top left corner."""
        await self._click(node, "left", 5, 5)

    async def right_click(self, node: Node) -> None:
        """Click a view in its middle with the right button; its corners may belong to what is beside it."""
        properties = await self.properties(node)
        await self._click(node, "right", int(properties["Width"]) // 2, int(properties["Height"]) // 2)

    async def _click(self, node: Node, button: str, x: int, y: int) -> None:
        for type in ("mousePressed", "mouseReleased"):
            event = {"type": type, "x": x, "y": y, "button": button, "wheelDirection": "none"}
            await self._ask("DOM.dispatchMouseEvent", nodeId=node.id, event=event)

    async def close(self) -> None:
        """End the connection."""
        self._connecting.cancel()
        await asyncio.wait([self._connecting])
        if not self._connecting.cancelled() and not self._connecting.exception():
            http, socket = self._connecting.result()
            # A session does not close its sockets. The garbage collector would find this one, and warn in a later test.
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_FAREWELL_S):
                        await socket.close()
            finally:
                await http.close()

    async def _socket(self) -> aiohttp.ClientWebSocketResponse:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                _, socket = await asyncio.shield(self._connecting)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise UnsupportedError(
                "The bridge is not connected to Chromium's UI DevTools, through which it presses keys and menus: this "
                f"Chromium has none, or was not launched with {SWITCH}, or another program is connected to them"
            ) from error
        return socket

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        socket = await self._socket()
        number = next(self._numbers)
        await socket.send_json({"id": number, "method": method, "params": params})
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ContextError("Chromium has closed its UI DevTools")
            answer = json.loads(message.data)
            if answer.get("id") == number:
                break
        if "error" in answer:
            raise RemoteError(f"Chromium says: {answer['error'].get('message', 'an unknown error')}")
        result: dict[str, Any] = answer.get("result", {})
        return result


def _node(json: dict[str, Any]) -> Node:
    given = json.get("attributes") or []
    attributes = dict(zip(given[::2], given[1::2], strict=True))
    children = [_node(child) for child in json.get("children") or []]
    return Node(json["nodeId"], json["nodeName"], attributes.get("name", ""), children)
