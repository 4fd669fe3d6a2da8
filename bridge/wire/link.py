"""A link: the connection to one agent, that is, to one script context in the browser."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from ..errors import BridgeError, ChannelError, ContextError, RemoteError
from ..protocol import framing, values
from ..protocol.frames import (
    Accepted,
    Call,
    FromAgent,
    Listen,
    Moved,
    Post,
    Respond,
    Result,
    RouteAnswer,
    RouteAsk,
    Routing,
    SetRouting,
    ToAgent,
    Unlisten,
)
from ..protocol.shown import shown
from ..waiting.waits import Pending, settle, wait

__all__ = ["Link", "OwnSocket", "Receiver"]

_PIECES = (framing.PIECE, framing.LAST_PIECE)
_PATIENCE_S = 1  # with an agent that says nothing, though it has to
_LAST_FRAMES_S = 1  # that the agent's own socket has, once the relay says that the context is gone


class Receiver(Protocol):
    """Who takes what comes over a link."""

    def receive(self, frame: FromAgent, payload: str | None) -> None:
        """Take a frame. What this raises breaks off the link."""

    def closed(self, reason: BridgeError) -> None:
        """The link is closed; called once."""


class OwnSocket(Protocol):
    """The socket that an agent opened to Python itself."""

    def write(self, bodies: list[str]) -> Pending[None]: ...

    def close(self, reason: BridgeError) -> None: ...


class _Arrived(NamedTuple):
    """A whole frame, decoded.

    Attributes:
        header: Its text, which errors show.
    """

    frame: FromAgent
    payload: str | None
    header: str


class Link:
    """Sends frames to one agent and matches its answers to the questions.

    A link begins as one of the relay's. If the agent also opens a socket of its own (see `join`), the frames of both
    directions move there, and the relay's part says no more than that the context lives.

    Args:
        number: The relay's number for it.
        sender: Who the browser says the agent is.
        write: Queues lines for the socket; what it returns is done when they are written.
        drop: Tells the relay to cut the link.
        receiver: Makes who takes what comes.
        listens: Holds the questions about listeners that went through the relay, as long as they have no answer.

    Attributes:
        farewell: The reason whenever it closes from now on, if that is known before.
        ending: What a close without a reason means.
        ended: Done when the link is closed.
    """

    def __init__(
        self,
        number: int,
        sender: dict[str, Any],
        write: Callable[[list[str]], Pending[None]],
        drop: Callable[["Link", ChannelError], None],
        receiver: Callable[["Link"], Receiver],
        listens: set["asyncio.Future[Any]"] | None = None,
    ) -> None:
        self.number = number
        self.sender = sender
        self._write = write
        self._drop = drop
        self._listens = set() if listens is None else listens
        self._socket: OwnSocket | None = None
        self._agent_moved = self._said_moved = False
        self._socket_left = False  # perhaps before the relay, which may be late, brought `Moved`
        self._marked = 0  # the port of the last `Marker`
        self._marker_came = asyncio.Event()
        self._held: list[_Arrived] = []  # what the agent's socket brought before the relay brought its `Moved`
        self._pieces: list[str] = []
        self._pieces_length = 0
        self._last_header: str | None = None
        self._last_frame: FromAgent
        self._questions = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._closed: BridgeError | None = None
        self.farewell: BridgeError | None = None
        self.ending = "The context is gone: its page, frame, background or extension ended"
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._receiver = receiver(self)

    @property
    def closed(self) -> BridgeError | None:
        """Why the link is closed, or None."""
        return self._closed

    def send(self, frame: ToAgent, payload: str | None = None) -> Pending[None]:
        """Queue a frame; what this returns may be awaited until it is written.

        Raises:
            ContextError: The link is closed.
        """
        if self._closed:
            raise self._closed
        if self._has_moved and self._socket:
            return self._socket.write([framing.encode_body(frame, payload)])
        line = framing.encode_line(self.number, frame, payload)
        return self._write([line] if len(line) <= framing.MAX_PIECE else framing.split_line(line, framing.MAX_PIECE))

    async def call(self, function: str, arguments: list[Any]) -> Any:
        """Call an extension API in the agent's context and return its result."""
        payload = values.encode(arguments, "arguments")
        return await self._ask(lambda id: Call(id, function), payload)

    def confirm(self, post: Post, payload: str) -> "asyncio.Future[Any]":
        """Post a message that the browser may refuse; done when it has taken it."""
        return self._ask(lambda id: Post(post.port, id), payload)

    def listen(self, event: str, *, answers: bool = False) -> "asyncio.Future[Any]":
        """Register a listener with the browser, perhaps one that may answer; done when it is."""
        return self._about_listeners(lambda id: Listen(id, event, answers))

    def route(self, routing: Routing) -> "asyncio.Future[Any]":
        """Say which ports of scripts go to Python first; done when the agent knows."""
        return self._ask(lambda id: SetRouting(id, routing))

    def respond(self, request: int, payload: str | None) -> "asyncio.Future[Any]":
        """Answer a message; done when the browser has taken the answer."""
        return self._ask(lambda id: Respond(id, request), payload)

    def ask_scripts(self, request: int, payload: str | None) -> "asyncio.Future[Any]":
        """Let the scripts hear a routed message; they answer ``{"answer": ...}``, or ``{}`` if they are silent."""
        return self._ask(lambda id: RouteAsk(request, id), payload)

    def answer_asker(self, request: int, payload: str | None) -> "asyncio.Future[Any]":
        """Answer a routed message in the scripts' place; done when the browser has taken the answer."""
        return self._ask(lambda id: RouteAnswer(id, request), payload)

    def unlisten(self, event: str) -> "asyncio.Future[Any]":
        """Remove that listener from the browser; done when it is."""
        return self._about_listeners(lambda id: Unlisten(id, event))

    def receive(self, line: framing.Line) -> None:
        """Take a line from the relay's socket. One that cannot be handled breaks off the link."""
        if arrived := self._decoded(line.header, line.payload):
            self._take(*arrived)

    def break_off(self, reason: ChannelError) -> None:
        """Close the link because its agent broke the protocol, and say so to all who wait."""
        self._drop(self, reason)
        self.close(reason)

    def join(self, socket: OwnSocket) -> None:
        """The agent has opened a socket of its own."""
        self._socket = socket
        if self._closed:
            socket.close(self._closed)
        elif self._agent_moved:
            self._move()

    def receive_direct(self, body: str) -> Awaitable[None] | None:
        """Take a body from the agent's own socket, as `receive` does.

        Returns:
            What to await before the next body, if there is something: a connection waits for its `Marker`.
        """
        arrived = self._decoded(*framing.split_body(body))
        if arrived is None:
            return None
        if type(arrived.frame) is Accepted:
            return self._take_marked(arrived, arrived.frame.port)
        self._take_direct(arrived)
        return None

    def answered(self, frame: Result, payload: str | None) -> None:
        """The agent answered a question."""
        error, result = frame.error, values.decode(payload)
        if frame.id in self._answers:  # else whoever asked was cancelled
            settle(self._answers.pop(frame.id), RemoteError(error.message, error.name) if error else result)

    def moved(self) -> None:
        """The agent says no more through the relay."""
        if self._agent_moved:
            raise ChannelError("A second Moved")
        self._agent_moved = True
        if self._socket:
            self._move()
        elif self._socket_left:
            self._take_held()
            self.close()

    def marked(self, port: int) -> None:
        """The relay brought the `Marker` of that port."""
        self._marked = port
        self._marker_came.set()

    def leave(self) -> None:
        """The agent's own socket is gone: so is its context, or the frames under way are lost."""
        moved, socket, self._socket = self._has_moved, self._socket, None
        self._socket_left = True
        if moved:
            self.close()  # the agent, if it lives, notices too, and begins anew
        if socket:
            socket.close(self._closed or ContextError(self.ending))

    def end(self) -> None:
        """The relay says that the context is gone. What its own socket brought is read to the end before."""
        if self._has_moved and self._socket:
            asyncio.get_running_loop().call_later(_LAST_FRAMES_S, self.close)
        else:
            self.close()

    def close(self, reason: BridgeError | None = None) -> None:
        """End the link: everybody who waits for an answer gets `reason`."""
        if self._closed:
            return
        reason = self.farewell or reason
        self._closed = reason or ContextError(self.ending)
        for future in self._answers.values():
            settle(future, self._closed)
        self._answers.clear()
        if self._socket:
            self._socket.close(self._closed)
        settle(self.ended, None)
        self._tell_closed(self._closed)

    async def wait_for_end(self, timeout_ms: float = 0, describe: Callable[[], str] = str) -> None:
        """Return when the link is closed."""
        await wait(asyncio.shield(self.ended), timeout_ms, describe)

    def _about_listeners(self, question: Callable[[int], ToAgent]) -> "asyncio.Future[Any]":
        answer = self._ask(question)
        if not self._has_moved:
            self._listens.add(answer)
            answer.add_done_callback(self._listens.discard)
        return answer

    def _ask(self, question: Callable[[int], ToAgent], payload: str | None = None) -> "asyncio.Future[Any]":
        id = next(self._questions)
        self.send(question(id), payload)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[id] = answer
        answer.add_done_callback(lambda _: self._answers.pop(id, None))
        return answer

    def _decoded(self, header: str, payload: str | None) -> _Arrived | None:
        if self._closed:
            return None  # what was under way when it closed
        try:
            if header[:1] in _PIECES:
                whole = self._join(framing.join_body(header, payload))
                if whole is None:
                    return None
                header, payload = framing.split_body(whole)
            if header != self._last_header:  # the messages of one port have one header: it is decoded once
                self._last_frame, self._last_header = framing.decode_from_agent(header), header
        except Exception as error:
            self.break_off(_broken(header, payload, error))
            return None
        return _Arrived(self._last_frame, payload, header)

    def _take(self, frame: FromAgent, payload: str | None, header: str) -> None:
        if self._closed:
            return
        try:
            self._receiver.receive(frame, payload)
        except Exception as error:  # also one that nobody foresaw: other links must not suffer from this one
            self.break_off(_broken(header, payload, error))

    async def _take_marked(self, arrived: _Arrived, port: int) -> None:
        await self._marker(port)
        self._take_direct(arrived)

    def _take_direct(self, arrived: _Arrived) -> None:
        if self._has_moved:
            self._take(*arrived)
        else:
            self._held.append(arrived)

    def _join(self, piece: str) -> str | None:
        """Return the body whose last piece has come."""
        self._pieces_length += len(piece) - 1
        if self._pieces_length > framing.MAX_BODY:
            raise ChannelError(f"A frame in pieces that has more than {framing.MAX_BODY} characters")
        self._pieces.append(piece[1:])
        if piece.startswith(framing.PIECE):
            return None
        pieces, self._pieces, self._pieces_length = self._pieces, [], 0
        return "".join(pieces)

    @property
    def _has_moved(self) -> bool:
        return self._agent_moved and self._said_moved

    def _move(self) -> None:
        self.send(Moved())
        self._said_moved = True
        self._take_held()

    def _take_held(self) -> None:
        held, self._held = self._held, []
        for arrived in held:
            self._take(*arrived)

    async def _marker(self, port: int) -> None:
        # Returns when the relay has brought that of the port or a later one, or that takes too long.
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                while self._marked < port:
                    self._marker_came.clear()
                    await self._marker_came.wait()

    def _tell_closed(self, reason: BridgeError) -> None:
        try:
            self._receiver.closed(reason)
        except Exception as error:  # as in `_take`: other links are closed after this one
            self._drop(self, _unforeseen(error, "The end of a context"))


def _broken(header: str, payload: str | None, error: Exception) -> ChannelError:
    """Why a link is broken off over a line, with the cause."""
    if isinstance(error, ChannelError):
        return error
    body = framing.join_body(header, payload)
    if isinstance(error, values.UndecodableError):
        broken = ChannelError(f"The payload of a frame does not decode ({error}): {shown(body)}")
        broken.__cause__ = error
        return broken
    return _unforeseen(error, f"The frame {shown(body)}")


def _unforeseen(error: Exception, what: str) -> ChannelError:
    fault = ChannelError(f"{what} could not be handled: {error!r}. This is a fault of the bridge; please report it")
    fault.__cause__ = error
    return fault
