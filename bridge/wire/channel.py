"""The channel: a WebSocket server on the loopback interface, which lets in only what this launch has started."""

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from ..protocol import framing

__all__ = ["Channel", "Door"]

_ORIGINS = ("chrome-extension://", "moz-extension://")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_log = logging.getLogger("bridge.channel")


class Door(NamedTuple):
    """An address at which one kind of peer is let in.

    Attributes:
        path: The address's path, with the secret in it.
        from_extension: Whether the peer is an extension, whose Origin a browser vouches for; else it must have none.
        refusal: Why a further connection is refused now, if it is.
        serve: Prepares the socket and carries the connection until it ends.
    """

    path: str
    from_extension: bool
    refusal: Callable[[], str | None]
    serve: Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]


class Channel:
    """Serves WebSockets on 127.0.0.1. Whoever has not the secret, the right Origin and a loopback Host gets 403."""

    def __init__(self) -> None:
        self._doors: list[Door] = []
        self._runner: web.AppRunner | None = None
        self.port = 0

    def add_door(
        self,
        serve: Callable[[web.WebSocketResponse, web.Request], Awaitable[None]],
        *,
        from_extension: bool,
        refusal: Callable[[], str | None] = lambda: None,
    ) -> str:
        """Let peers in that know a new secret address; return its path. Never show it."""
        path = f"/{secrets.token_urlsafe(32)}"
        self._doors.append(Door(path, from_extension, refusal, serve))
        return path

    def remove_door(self, path: str) -> None:
        """Let nobody in at that address any more."""
        self._doors = [door for door in self._doors if door.path != path]

    def url(self, path: str) -> str:
        """The address of a path. Never show it."""
        return f"ws://127.0.0.1:{self.port}{path}"

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop serving."""
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        door = self._door(request.path)
        refusal = _refusal(request, door)
        if refusal or door is None:
            _log.warning("The channel refused a connection: %s", refusal)
            return web.Response(status=403, text=f"Refused: {refusal}\n")
        socket = web.WebSocketResponse(max_msg_size=framing.MAX_SOCKET_MESSAGE, compress=False)
        await door.serve(socket, request)
        return socket

    def _door(self, path: str) -> Door | None:
        # Compares with every door, and each in constant time, so that the answer's delay tells nothing.
        fits = [door for door in self._doors if hmac.compare_digest(door.path.encode(), path.encode())]
        return fits[0] if fits else None


def _refusal(request: web.Request, door: Door | None) -> str | None:
    if door is None:
        return "no such address"
    if _has_fitting_origin(request, door.from_extension) is False:
        return "the Origin is not an extension's" if door.from_extension else "a program has no Origin"
    if request.host.rpartition(":")[0] not in _LOOPBACK:
        return "the Host is not a loopback address"
    if not web.WebSocketResponse().can_prepare(request):
        return "not a WebSocket request"
    return door.refusal()


def _has_fitting_origin(request: web.Request, from_extension: bool) -> bool:
    origin = request.headers.get("Origin")
    return (origin or "").startswith(_ORIGINS) if from_extension else origin is None
