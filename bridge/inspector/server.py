"""The inspector: serves the page that shows the traffic of a launch, and does there what its user wants."""

import asyncio
import logging
import secrets
from typing import Any

from aiohttp import web

from ..core.bridge import Bridge
from ..core.context import Context
from ..core.port import Port
from ..errors import BridgeError, ContextError
from ..protocol import framing
from ..traffic.limits import MAX_RECORDS_UNSENT
from ..waiting.waits import settle
from .commands import Commands
from .held import HeldPorts
from .listening import Listening
from .messages import Ended, Hello, State, Trouble
from .numbers import Numbers
from .site import Site, refusal
from .source import Latest, Source
from .state import page_paths, state_of
from .viewer import Viewer

__all__ = ["Inspector"]

_CLOSED = "The bridge was closed"
_SOCKET = "socket"
_GOODBYE_S = 2  # for a page that does not listen
_log = logging.getLogger("bridge.inspector")


class Inspector:
    """A page on 127.0.0.1 that shows the contexts, ports and traffic of a launch, and in which one can act.

    Ports that are opened there are the inspector's own: their errors are shown in the page and not raised in the test,
    and they are disconnected at the end.

    Args:
        bridge: The running browser.
        source: The records; by default `bridge.traffic`.
        limit: How many records wait for one page; what comes beyond is left out, and the page says how many.
    """

    def __init__(self, bridge: Bridge, source: Source | None = None, *, limit: int = MAX_RECORDS_UNSENT) -> None:
        self._bridge = bridge
        self._source: Source = source or bridge.traffic
        self._limit = limit
        self._secret = secrets.token_urlsafe(32)
        self._site = Site()
        self._contexts: Numbers[Context] = Numbers("context")
        self._pages: Numbers[Any] = Numbers("page")
        self._latest = Latest(self._source)
        self._ports = HeldPorts(self._latest, self._changed, self._trouble)
        self._listening = Listening(lambda port, event: self._ports.add(port, event, own=True))
        self._commands = Commands(self._bridge, self._contexts, self._pages, self._ports, self._listening, self._resume)
        self._viewers: set[Viewer] = set()
        self._waiting: list[asyncio.Future[None]] = []
        self._runner: web.AppRunner | None = None
        self._watch: asyncio.Task[None] | None = None
        self._port = 0
        self._closed = False

    @property
    def url(self) -> str:
        """The page's address. Whoever knows it can do what the page can; it ends with the inspector."""
        return f"http://127.0.0.1:{self._port}/{self._secret}/"

    async def start(self) -> None:
        """Serve the page on a free port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        self._watch = asyncio.ensure_future(self._watch_bridge())

    def add_port(self, port: Port) -> None:
        """Show a port that the test holds, so that messages can be posted on it in the page.

        It stays the test's: what arrives goes where it would have gone, and it is not disconnected at the end.
        """
        self._ports.add(port, "", own=False)

    async def resumed(self) -> None:
        """Return when somebody presses "Resume" in the page.

        Raises:
            ContextError: The browser is gone.
            BridgeError: The inspector was closed.
        """
        if self._closed:
            raise BridgeError("The inspector was closed")
        self._bridge.external.link()  # raises if the browser is gone
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._changed()
        try:
            await future
        finally:
            self._waiting.remove(future)
            self._changed()

    async def close(self) -> None:
        """Disconnect the inspector's ports, tell the pages, and serve no more. May be called more than once."""
        if self._closed or self._runner is None:
            return
        self._closed = True
        if self._watch:
            self._watch.cancel()
        self._end_waits(BridgeError("The inspector was closed"))
        await self._listening.close()
        self._ports.close()
        self._latest.stop()
        await self._say_goodbye(_CLOSED)
        await self._runner.cleanup()

    # --- requests ---------------------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        _, slash, name = request.path[1:].partition("/")
        reason = refusal(request, self._secret, self._port, socket=name == _SOCKET)
        if reason is None and name == _SOCKET:
            return await self._view(request)
        answer = None if reason or not slash else self._site.answer(name, request.host)
        if answer is None:
            _log.warning("The inspector refused a request: %s", reason or "no such file")
            return web.Response(status=403, text=f"Refused: {reason or 'no such file'}\n")
        return answer

    async def _view(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=framing.MAX_SOCKET_MESSAGE)
        await socket.prepare(request)
        viewer = Viewer(socket, self._source, self._state, self._commands, limit=self._limit)
        self._viewers.add(viewer)
        try:
            await viewer.serve(self._hello())
        finally:
            self._viewers.discard(viewer)
        return socket

    def _hello(self) -> Hello:
        manifest = self._bridge.manifest
        return Hello(
            browser=self._bridge.browser_name,
            extension=self._bridge.extension_id,
            name=str(manifest.get("name", "")),
            recording=bool(self._source.records),
            page_paths=page_paths(manifest),
        )

    def _state(self) -> State:
        ports = [held.state() for held in self._ports]
        return state_of(self._bridge, self._contexts, self._pages, self._listening, ports, waiting=bool(self._waiting))

    # --- what happens -----------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        for viewer in self._viewers:
            viewer.changed()

    def _trouble(self, port: int, text: str) -> None:
        for viewer in self._viewers:
            viewer.tell(Trouble(port=port, text=text))

    def _resume(self) -> None:
        for future in self._waiting:
            settle(future, None)

    def _end_waits(self, reason: BridgeError) -> None:
        for future in self._waiting:
            settle(future, reason)

    async def _watch_bridge(self) -> None:
        external = self._bridge.external
        await external.wait_for_close(timeout=0)
        try:
            external.link()
        except ContextError as error:
            self._end_waits(error)
            await self._say_goodbye(str(error))

    async def _say_goodbye(self, reason: str) -> None:
        farewell = Ended(reason=reason)
        goodbyes = [asyncio.ensure_future(viewer.close(farewell)) for viewer in self._viewers]
        if goodbyes:
            _, late = await asyncio.wait(goodbyes, timeout=_GOODBYE_S)
            for goodbye in late:
                goodbye.cancel()
