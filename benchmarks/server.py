"""The benchmark's own server: a page to browse, and the two sockets that the yardstick extension opens."""

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

__all__ = ["Server", "serve"]

_PAGE = "<!doctype html><meta charset=utf-8><title>benchmark</title><h1>A page</h1>"
_MAX_MESSAGE = 64 * 1024 * 1024


class Server:
    """Serves on 127.0.0.1.

    Attributes:
        port: Where.
        echo: The sockets whose other ends send everything back, by the place where those are.
        extension: The id of the yardstick extension.
    """

    def __init__(self) -> None:
        self.port = 0
        self.echo: dict[str, web.WebSocketResponse] = {}
        self.extension = ""
        self._orders: web.WebSocketResponse
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._events: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    @property
    def page(self) -> str:
        """The address of an empty page."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def sockets(self) -> str:
        """Where the yardstick extension connects to."""
        return f"ws://127.0.0.1:{self.port}/"

    async def arrived(self, what: str) -> None:
        """Return once a socket (`orders`, `echo background`, `echo page`) or a `page` or `content` script is there."""
        await self._events[what].wait()

    async def order(self, measure: str, **order: Any) -> Any:
        """Have the yardstick extension do something, and return its result."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._orders.send_str(json.dumps({"id": number, "measure": measure, **order}))
        return await answer

    async def serve_page(self, request: web.Request) -> web.Response:
        """Answer with an empty page, or with one that has as many empty pages in frames as the query asks for."""
        frames = "<iframe src=/ width=40 height=30></iframe>" * int(request.query.get("frames", 0))
        return web.Response(text=_PAGE + frames, content_type="text/html")

    async def serve_echo(self, request: web.Request) -> web.WebSocketResponse:
        """Keep the socket on which a measure itself sends and receives."""
        place = request.match_info["place"]
        socket = self.echo[place] = web.WebSocketResponse(compress=False, max_msg_size=_MAX_MESSAGE)
        await socket.prepare(request)
        self._events[f"echo {place}"].set()
        await self._events["end"].wait()
        return socket

    async def serve_orders(self, request: web.Request) -> web.WebSocketResponse:
        """Take what the yardstick extension says."""
        self._orders = web.WebSocketResponse(compress=False, max_msg_size=_MAX_MESSAGE)
        await self._orders.prepare(request)
        async for message in self._orders:
            if message.type is WSMsgType.TEXT:
                self._hear(json.loads(message.data))
        return self._orders

    def end(self) -> None:
        """Let the sockets go."""
        self._events["end"].set()

    def _hear(self, said: dict[str, Any]) -> None:
        if "extension" in said:
            self.extension = said["extension"]
            self._events["orders"].set()
        elif "arrived" in said:
            self._events[said["arrived"]].set()
        elif "error" in said:
            self._answers.pop(said["id"]).set_exception(RuntimeError(f"In the yardstick extension: {said['error']}"))
        else:
            self._answers.pop(said["id"]).set_result(said["result"])


@asynccontextmanager
async def serve() -> AsyncIterator[Server]:
    """Run a server."""
    server = Server()
    app = web.Application()
    app.router.add_get("/", server.serve_page)
    app.router.add_get("/echo/{place}", server.serve_echo)
    app.router.add_get("/orders", server.serve_orders)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.port = runner.addresses[0][1]
        yield server
    finally:
        server.end()
        await runner.cleanup()
