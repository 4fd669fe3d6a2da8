"""The inspector: serves a page that shows the traffic of a launch, and does what its user asks for."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from aiohttp import web

from ..core.bridge import Bridge
from ..core.context import Context
from ..core.port import Port
from ..errors import BridgeError, ContextError
from ..protocol import framing
from ..traffic.limits import MAX_RECORDS_UNSENT
from ..waiting.waits import settle
from ..wire.gate import Peer, is_path, new_path, refusal
from ..wire.http import listen
from .acts import options
from .commands import Commands
from .ending import end_all, run_all
from .held import HeldPorts
from .holds import Holds
from .listening import Listening
from .messages import BridgeEnded, BridgeState, LaunchInfo, PostRefused
from .numbers import Numbers
from .permission_requests import OpenPermissionRequests
from .redirect import opened
from .requests import OpenRequests
from .site import Site
from .source import Latest, Source
from .state import state_of
from .viewer import Viewer

__all__ = ["Inspector"]

_CLOSED = "The inspector was closed"
_SOCKET = "socket"
_SHUTDOWN_S = 0.5  # aiohttp waits this long for a request, then cancels it and waits as long again
_log = logging.getLogger("bridge.inspector")


class Inspector:
    """A page on 127.0.0.1 that shows the contexts, ports and traffic of a launch, and lets you act on them.

    Ports opened there belong to the inspector: their errors show in the page instead of being raised in the test, and
    they are disconnected at the end. One-time messages that only the inspector heard are then left to others, and
    messages that it holds go on.

    Args:
        bridge: The running browser.
        source: The records; by default `bridge.traffic`.
        limit: How many records may wait for one page; more are left out, and the page says how many.
        folder: The launch's private folder, for the file that leads the user's browser to the page.
    """

    def __init__(
        self,
        bridge: Bridge,
        source: Source | None = None,
        *,
        limit: int = MAX_RECORDS_UNSENT,
        folder: Path | None = None,
    ) -> None:
        self._bridge = bridge
        self._source: Source = source or bridge.traffic
        self._limit = limit
        self._folder = folder
        self._path = new_path()
        self._site = Site()
        self._contexts: Numbers[Context] = Numbers("context")
        self._pages: Numbers[Any] = Numbers("page")
        self._latest = Latest(self._source)
        self._ports = HeldPorts(self._latest, self._changed, self._post_refused)
        self._requests = OpenRequests(self._bridge)
        self._permissions = OpenPermissionRequests(self._bridge)
        self._holds = Holds(self._bridge, self._changed)
        self._listening = Listening(lambda port, event: self._ports.add(port, event, own=True))
        self._commands = Commands(
            self._bridge,
            self._contexts,
            self._pages,
            self._ports,
            self._requests,
            self._permissions,
            self._holds,
            self._listening,
            self._resume,
        )
        self._viewers: set[Viewer] = set()
        self._waiting: list[asyncio.Future[None]] = []
        self._runner: web.AppRunner | None = None
        self._watch: asyncio.Task[None] | None = None
        self._port = 0
        self._starting = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The page's address. Whoever knows it can do what the page can, until the inspector is closed."""
        return f"http://127.0.0.1:{self._port}{self._path}/"

    async def start(self) -> None:
        """Serve the page on a free port. May be called more than once.

        Raises:
            BridgeError: The inspector was closed.
        """
        async with self._starting:
            if self._closing:
                raise BridgeError(_CLOSED)
            if self._runner is None:
                self._runner, self._port = await listen(self._serve, shutdown_s=_SHUTDOWN_S)
                self._watch = asyncio.ensure_future(self._watch_bridge())

    def add_port(self, port: Port) -> None:
        """Show a port that the test holds, so that the page's user can post messages on it.

        It still belongs to the test, which gets its messages as before, and it is not disconnected at the end.
        """
        self._ports.add(port, "", own=False)

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Open the page in the user's own browser when the block begins."""
        return opened(self.url, self._folder)

    async def resumed(self) -> None:
        """Return when somebody presses "Resume" in the page.

        Raises:
            ContextError: The browser is gone.
            BridgeError: The inspector was closed.
        """
        if self._closing:
            raise BridgeError(_CLOSED)
        self._bridge.external._require_link()  # raises if the browser is gone
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._changed()
        try:
            await future
        finally:
            self._waiting.remove(future)
            self._changed()

    async def close(self) -> None:
        """Disconnect the inspector's ports, tell the pages, and stop serving. May be called more than once.

        It raises nothing and ends within seconds, whatever agents, pages and commands do. If a call is cancelled, the
        closing goes on in the background, and the next call waits for the rest of it.
        """
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        async with self._starting:  # a start that is under way ends first; later ones raise
            if self._watch:
                self._watch.cancel()
            self._end_waits(BridgeError(_CLOSED))
            run_all(self._ports.close, self._latest.stop)
            farewell = self._say_goodbye("The bridge was closed")
            ends = end_all(self._permissions.close(), self._holds.close())
            await asyncio.gather(self._listening.close(), ends, farewell)
            if self._runner:
                await end_all(self._runner.cleanup())

    # --- requests ---------------------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        secret, slash, name = request.path[1:].partition("/")
        is_socket = name == _SOCKET
        peer = Peer.OWN_SCRIPT if is_socket else Peer.OWN_PAGE
        is_known = is_path(f"/{secret}", self._path) and slash
        reason = refusal(request, peer if is_known else None, self._port, websocket=is_socket)
        if reason or self._closing:
            return self._refuse(reason or "the inspector was closed")
        if is_socket:
            return await self._view(request)
        return self._site.answer(name, request.host) or self._refuse("no such file")

    def _refuse(self, reason: str) -> web.Response:
        _log.warning("The inspector refused a request: %s", reason)
        return web.Response(status=403, text=f"Refused: {reason}\n")

    async def _view(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=framing.MAX_SOCKET_MESSAGE)
        await socket.prepare(request)
        viewer = Viewer(socket, self._source, self._state, self._commands, limit=self._limit)
        self._viewers.add(viewer)
        try:
            await viewer.serve(self._launch_info())
        finally:
            self._viewers.discard(viewer)
        return socket

    def _launch_info(self) -> LaunchInfo:
        manifest = self._bridge._extension.manifest
        return LaunchInfo(
            browser=self._bridge.browser_name,
            extension=self._bridge.extension_id,
            name=manifest.name,
            recording=bool(self._source.records),
            page_paths=list(dict.fromkeys(manifest.pages.values())),
            acts=options(manifest),
        )

    def _state(self) -> BridgeState:
        ports = [held.state() for held in self._ports]
        requests = self._requests.states()
        waiting = bool(self._waiting)
        return state_of(
            self._bridge,
            self._contexts,
            self._pages,
            self._listening,
            ports,
            requests,
            self._permissions,
            self._holds,
            waiting=waiting,
        )

    # --- what happens -----------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        for viewer in self._viewers:
            viewer.changed()

    def _post_refused(self, port: int, text: str) -> None:
        for viewer in self._viewers:
            viewer.tell(PostRefused(port=port, text=text))

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
            external._require_link()
        except ContextError as error:
            self._end_waits(error)
            await self._say_goodbye(str(error))

    async def _say_goodbye(self, reason: str) -> None:
        farewell = BridgeEnded(reason=reason)
        await end_all(*(viewer.close(farewell) for viewer in self._viewers))
