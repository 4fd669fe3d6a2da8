"""A link without a socket: the test plays the agent at its other end."""

import asyncio
import json
from typing import Any, NamedTuple

from bridge.core.agent import Agent as PythonsEnd
from bridge.core.context import Context
from bridge.core.contexts import Contexts
from bridge.core.session import Session
from bridge.errors import ChannelError
from bridge.protocol import frames, framing, values
from bridge.protocol.frames import Frame
from bridge.waiting.event import invoke_here
from bridge.waiting.waits import Pending, settle
from bridge.wire.link import Link

TICKS = 5
"""Turns of the loop in which everything that is ready has happened."""


async def ticks(count: int = TICKS) -> None:
    """Let everything that is ready happen."""
    for _ in range(count):
        await asyncio.sleep(0)


def session() -> Session:
    session = Session(invoke_here)
    session.permissions = frozenset(["nativeMessaging"])
    return session


class Sent(NamedTuple):
    """A frame that Python sent."""

    frame: dict[str, Any]
    payload: Any = None


class Agent:
    """The agent of one context.

    Attributes:
        sent: What Python wrote and the test has not looked at, in order.
        dropped: Whether Python told the relay to cut the link.
        answering: Whether the agent answers questions on its own.
    """

    def __init__(
        self, contexts: Contexts, number: int = 1, sender: dict[str, Any] | None = None, *, answering: bool = True
    ) -> None:
        self.sent: list[Sent] = []
        self.dropped = False
        self.answering = answering
        self._number = number
        self.link = Link(number, sender or {}, self._write, self._drop, lambda link: PythonsEnd(link, contexts))

    def says(self, frame: Frame, payload: Any = ...) -> None:
        """The agent sends a frame, with `payload` as JSON if there is one."""
        self.says_raw(framing.encode_line(self._number, frame, None if payload is ... else json.dumps(payload)))

    def says_raw(self, lines: str) -> None:
        """The agent sends lines."""
        for line in framing.split_lines(lines):
            self.link.receive(line)

    def hello(self, kind: str, url: str = "", view: str | None = "tab", *, private: bool = False) -> None:
        """The agent says which context it stands in, and if that is a page, what it is."""
        its_view = view if kind == "page" else None
        self.says(frames.Hello(frames.VERSION, kind, url, 0.0, view=its_view, private=private))

    def accepts(self, port: int, name: str = "", event: str = "runtime.onConnect", **sender: Any) -> None:
        """A connection came to the agent's context."""
        self.says(frames.Accepted(port, event, name, sender, 0.0))

    def heard(self) -> list[Sent]:
        """Return what Python sent since the last look."""
        sent, self.sent = self.sent, []
        return sent

    def heard_types(self) -> list[str]:
        """Return the types of the frames that Python sent since the last look."""
        return [sent.frame["type"] for sent in self.heard()]

    def _write(self, lines: list[str]) -> Pending[None]:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        settle(written, None)
        for line in framing.split_lines("\n".join(lines)):
            frame = json.loads(line.header)
            self.sent.append(Sent(frame, values.decode(line.payload)))
            if self.answering and "id" in frame:
                asyncio.get_running_loop().call_soon(self.says, frames.Result(frame["id"]))
        return Pending(written)

    def _drop(self, link: Link, reason: ChannelError) -> None:
        assert link is self.link
        self.dropped = True


class Stage(NamedTuple):
    """Python in one context, and the agent there."""

    context: Context
    agent: Agent
    contexts: Contexts


def stand(kind: str, url: str = "", *, replace: tuple[str, ...] = (), answering: bool = True, **sender: Any) -> Stage:
    """Let an agent say hello, and Python stand in its context."""
    contexts = Contexts(session(), frozenset(replace))
    agent = Agent(contexts, sender=sender, answering=answering)
    agent.hello(kind, url)
    agent.heard()
    (context,) = contexts.alive
    return Stage(context, agent, contexts)
