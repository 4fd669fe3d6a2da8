"""The channel: a WebSocket server on the loopback interface, which lets in only what this launch has started."""

import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from ..protocol import framing
from .gate import Peer, is_path, new_path, refusal
from .http import listen

__all__ = ["Channel", "Door"]

_log = logging.getLogger("bridge.channel")


class Door(NamedTuple):
    """An address at which one kind of peer is let in.

    Attributes:
        path: The address's path, with the secret in it.
        peer: Who.
        refusal: Why a further connection is refused now, if it is.
        serve: Prepares the socket and carries the connection until it ends.
    """

    path: str
    peer: Peer
    refusal: Callable[[], str | None]
    serve: Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]


class Channel:
    """Serves WebSockets on 127.0.0.1. Whoever `gate` does not let in gets 403."""

    def __init__(self) -> None:
        self._doors: list[Door] = []
        self._runner: web.AppRunner | None = None
        self.port = 0

    def add_door(
        self,
        serve: Callable[[web.WebSocketResponse, web.Request], Awaitable[None]],
        *,
        peer: Peer,
        refusal: Callable[[], str | None] = lambda: None,
    ) -> str:
        """Let peers in that know a new secret address; return its path. Never show it."""
        path = new_path()
        self._doors.append(Door(path, peer, refusal, serve))
        return path

    def remove_door(self, path: str) -> None:
        """Let nobody in at that address any more."""
        self._doors = [door for door in self._doors if door.path != path]

    def url(self, path: str) -> str:
        """The address of a path. Never show it."""
        return f"ws://127.0.0.1:{self.port}{path}"

    async def start(self) -> None:
        """Listen on a free port."""
        self._runner, self.port = await listen(self._serve, shutdown_s=1)

    async def close(self) -> None:
        """Stop serving."""
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        door = self._door(request.path)
        reason = refusal(request, door.peer if door else None, self.port) or (door and door.refusal())
        if reason or door is None:
            _log.warning("The channel refused a connection: %s", reason)
            return web.Response(status=403, text=f"Refused: {reason}\n")
        socket = web.WebSocketResponse(max_msg_size=framing.MAX_SOCKET_MESSAGE, compress=False)
        await door.serve(socket, request)
        return socket

    def _door(self, path: str) -> Door | None:
        # Compares with every door, so that the answer's delay does not tell which one it was.
        fits = [door for door in self._doors if is_path(path, door.path)]
        return fits[0] if fits else None
