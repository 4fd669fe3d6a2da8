"""Direct connections: the sockets that agents open to Python themselves, which save the way through the relay."""

import asyncio

from aiohttp import WSMsgType, web

from ..errors import BridgeError, ChannelError
from ..waiting.waits import Pending
from .channel import Channel
from .gate import Peer
from .link import Link
from .outbox import Outbox, join_lines
from .relay import Relay

__all__ = ["Direct", "DirectDoors"]

_LATE_S = 10  # after the end of its link, an agent's connection that was under way is taken, and closed


class Direct:
    """Python's end of an agent's own socket, which carries the bodies of one link.

    Two agents' words on two sockets have no order. Where Python, or a script, could tell, they are given the one that
    they would have had through the relay: a connection is read after the first word of the context that opened it, and
    nothing is written before the listeners are there that Python asked for earlier.
    """

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, relay: Relay) -> None:
        self._socket = socket
        self._relay = relay
        self._outbox = Outbox(self._send, join_lines)
        self._transport = request.transport

    def write(self, bodies: list[str]) -> Pending[None]:
        """Queue bodies; what this returns is done when they are written.

        Raises:
            BridgeError: The socket is gone; the reason.
        """
        return self._outbox.put(bodies)

    def close(self, reason: BridgeError) -> None:
        """End the connection; whoever waits gets `reason`."""
        self._outbox.close(reason)
        if self._transport:
            self._transport.close()

    async def carry(self, link: Link) -> None:
        """Hand on what comes, until the connection ends."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                link.break_off(ChannelError(f"A {message.type.name} message; the channel carries text only"))
                continue
            for body in message.data.split("\n"):
                if rest := link.receive_direct(body):
                    await rest

    async def _send(self, text: str) -> None:
        await self._relay.listening()
        await self._socket.send_str(text)


class DirectDoors:
    """Lets the agents of this launch in, each at an address of its own that serves once."""

    def __init__(self, channel: Channel, relay: Relay) -> None:
        self._channel = channel
        self._relay = relay

    def offer(self, link: Link) -> str:
        """Return the address at which the agent of `link` may connect, once, as long as the link is open."""
        used = False

        def refusal() -> str | None:
            return "this agent is connected already" if used else None

        async def serve(socket: web.WebSocketResponse, request: web.Request) -> None:
            nonlocal used
            used = True
            await socket.prepare(request)
            direct = Direct(socket, request, self._relay)
            link.join(direct)
            try:
                await direct.carry(link)
            finally:
                link.leave()

        path = self._channel.add_door(serve, peer=Peer.EXTENSION, refusal=refusal)

        def remove_later(_: object) -> None:
            asyncio.get_running_loop().call_later(_LATE_S, self._channel.remove_door, path)

        link.ended.add_done_callback(remove_later)
        return self._channel.url(path)
