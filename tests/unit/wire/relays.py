"""A running channel, and the relay's end of its socket, played by the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, ClientWSTimeout, WSMsgType

from bridge.errors import BridgeError
from bridge.protocol import frames, framing
from bridge.protocol.frames import Frame
from bridge.wire.channel import Channel
from bridge.wire.direct import DirectDoors
from bridge.wire.gate import Peer
from bridge.wire.link import Link
from bridge.wire.relay import Relay as PythonsEnd

ORIGIN = "chrome-extension://abcdefghijklmnop"


class Receiver:
    """Takes what comes over a link.

    Attributes:
        link: It.
        heard: Each frame that is not the link's own, with its payload.
        ends: Why the link closed.
        react: Is called with each of those frames.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.heard: list[tuple[Frame, str | None]] = []
        self.ends: list[BridgeError] = []
        self.react: Callable[[Frame], object] = lambda frame: None

    def receive(self, frame: frames.FromAgent, payload: str | None) -> None:
        match frame:
            case frames.Result():
                self.link.answered(frame, payload)
            case frames.Moved():
                self.link.moved()
            case frames.Marker():
                self.link.marked(frame.port)
            case _:
                self.heard.append((frame, payload))
                self.react(frame)

    def closed(self, reason: BridgeError) -> None:
        self.ends.append(reason)


class Stage:
    """A channel that runs.

    Attributes:
        channel: It.
        python: Python's end of the relay's connection.
        path: The relay's secret address.
        session: Connects to it.
        receivers: Of the links that it reported.
        lost: The reasons that it gave for the end of the relay's connection.
        faults: What it said of broken rules.
    """

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.receivers: list[Receiver] = []
        self.lost: list[BridgeError] = []
        self.faults: list[BridgeError] = []
        self.channel = Channel()
        self.python = PythonsEnd(self._receiver, self.lost.append, self.faults.append)
        self.path = self.channel.add_door(self.python.serve, peer=Peer.EXTENSION, refusal=self.python.refusal)
        self._sockets: list[ClientWebSocketResponse] = []

    @property
    def links(self) -> list[Link]:
        """The links that it reported."""
        return [receiver.link for receiver in self.receivers]

    def _receiver(self, link: Link) -> Receiver:
        self.receivers.append(Receiver(link))
        return self.receivers[-1]

    async def connect(self, url: str | None = None, **headers: str) -> "Relay":
        """Connect as the relay does, or as an agent does that was given an address."""
        socket = await self.session.ws_connect(
            url or self.channel.url(self.path),
            headers={"Origin": ORIGIN, **headers},
            max_msg_size=0,
            timeout=ClientWSTimeout(ws_close=0.1),
        )
        self._sockets.append(socket)
        return Relay(socket)

    async def close(self) -> None:
        """Close the relay's ends, then the channel."""
        for socket in self._sockets:
            await socket.close()
        self.python.close(BridgeError("The bridge was closed"))
        await self.channel.close()

    async def relay(self) -> "Relay":
        """Connect and greet."""
        relay = await self.connect()
        await relay.says(frames.Greeting(frames.VERSION))
        await self.python.greeted(10_000)
        return relay

    async def conversation(self) -> "Conversation":
        """Have a relay forward for one agent."""
        relay = await self.relay()
        await relay.says(frames.LinkOpened(1, {"id": "x"}))
        return Conversation(relay, await relay.until(lambda: self.receivers[-1] if self.receivers else None))


class Relay:
    """The relay's end of a socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._lines: list[str] = []

    async def says(self, frame: Frame, *, link: int = framing.RELAY, payload: str | None = None) -> None:
        """Send a frame."""
        await self.socket.send_str(framing.encode_line(link, frame, payload))

    async def drops(self, link: int) -> None:
        """Require that it hears next of a link that Python drops, and forwards to the agent that it is dropped."""
        assert await self.heard() == (link, {"type": "dropped"}, None)
        assert await self.heard() == (framing.RELAY, {"type": "drop", "link": link}, None)

    async def heard(self) -> tuple[int, dict[str, Any], str | None]:
        """Return the next line: its link, header and payload."""
        if not self._lines:
            self._lines = (await self.socket.receive_str(timeout=10)).split("\n")
        line = framing.split_lines(self._lines.pop(0))[0]
        return line.link, json.loads(line.header) if line.header.startswith("{") else {}, line.payload

    async def closing(self) -> tuple[int | None, str]:
        """Return the code and text with which Python closes the socket."""
        message = await self.socket.receive(timeout=10)
        assert message.type is WSMsgType.CLOSE, message
        return message.data, message.extra or ""

    async def until(self, condition: Any) -> Any:
        """Return what `condition` gives, once that is true."""
        async with asyncio.timeout(10):
            while not (result := condition()):  # noqa: ASYNC110 - of what other tasks do, nobody is told
                await asyncio.sleep(0)  # the socket has its turn
        return result


class Conversation:
    """A relay that forwards, and Python's link."""

    def __init__(self, relay: Relay, receiver: Receiver) -> None:
        self.relay = relay
        self.receiver = receiver
        self.link = receiver.link

    async def dial(self, stage: Stage) -> "Direct":
        """Let the agent connect to Python itself."""
        url = DirectDoors(stage.channel, stage.python).offer(self.link)
        return Direct((await stage.connect(url)).socket)

    async def goes_on(self) -> None:
        """Ask the agent something and let it answer."""
        call = asyncio.ensure_future(self.link.call("a.b", []))
        link, header, _ = await self.relay.heard()
        assert (link, header["type"]) == (self.link.number, "call")
        await self.relay.says(frames.Result(header["id"]), link=link, payload='"fine"')
        assert await call == "fine"


class Direct:
    """An agent's own socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def says(self, *frames: Frame) -> None:
        """Send frames in one message."""
        await self.socket.send_str("\n".join(map(framing.encode_body, frames)))

    async def heard(self) -> dict[str, Any]:
        """Return the header of the next message, which holds one body."""
        header: dict[str, Any] = json.loads((await self.socket.receive_str(timeout=10)).partition("\t")[0])
        return header

    async def is_closed(self) -> None:
        """Return once Python has closed the socket."""
        message = await self.socket.receive(timeout=10)
        assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR), message


@asynccontextmanager
async def running() -> AsyncIterator[Stage]:
    async with ClientSession() as session:
        stage = Stage(session)
        await stage.channel.start()
        try:
            yield stage
        finally:
            await stage.close()
