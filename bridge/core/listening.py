"""What a context's agent is to report: the events that Python listens to there."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from ..errors import BridgeError, ContextError, RemoteError
from ..protocol.played import answerable
from ..waiting.waits import Pending, done, settle

if TYPE_CHECKING:
    from .context import Context

__all__ = ["Listening"]


class Listening:
    """What Python listens to in one context.

    Args:
        context: The context.
        played: Events that Python hears from the context's start on, since it plays the context alone.

    Attributes:
        events: What the agent is to report.
        answers: Of these, the events whose messages Python may answer.
    """

    def __init__(self, context: "Context", played: tuple[str, ...]) -> None:
        self.events = set(played)
        self.answers = set(answerable(played))
        self._played = frozenset(played)
        self._context = context
        self._session = context._session

    def begin(self, event: str, *, answers: bool = False) -> Pending[None]:
        """Have the browser report `event`, perhaps for Python to answer, now and after each start of the context.

        Raises:
            ContextError: The context is gone for good.
        """
        link = self._context._link
        if link is None and self._context._may_start:
            new = event not in self.events or (answers and event not in self.answers)
            told = self._set(event, wanted=True, answers=answers)  # its agent is told when it starts
            if not new:
                return told
            return Pending(asyncio.ensure_future(self._start_background(told, event, answers=answers)))
        listening = self._context._require_link().listen(event, answers=answers)
        self._set(event, wanted=True, answers=answers)
        pending = Pending(self._unless_it_stops(listening))
        pending.when_failed(partial(self._failed, event))
        return pending

    def _unless_it_stops(self, listening: "asyncio.Future[None]") -> "asyncio.Future[None]":
        """Return the same, but a context that stops meanwhile and may start again is told then, which is no failure."""
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def ended(own: "asyncio.Future[None]") -> None:
            error = None if own.cancelled() else own.exception()
            stopped = isinstance(error, ContextError) and self._context._may_start
            settle(told, None if stopped else error)

        listening.add_done_callback(ended)
        return told

    def end(self, event: str) -> Pending[None] | None:
        """Take that back, unless Python plays this context."""
        if event in self._played:
            answers = bool(answerable([event]))
            if self._context._link is None:
                return self._set(event, wanted=True, answers=answers)
            return self.begin(event, answers=answers)
        told = self._set(event, wanted=False, answers=False)
        link = self._context._link
        return told if link is None else Pending(link.unlisten(event))

    def lacks(self, event: str, error: RemoteError) -> None:
        """The context does not have an event that its agent was told of when it started."""
        self._failed(event, error, seen=event in self._played)  # nobody asked for those

    async def renew(self) -> None:
        """Have the browser report what it lacked until now, of what Python hears where it plays alone."""
        for event in sorted(self._played):
            with suppress(BridgeError):  # it is still lacking, or the context is going: it is told at its next start
                if self._context._link:
                    await self._context._link.listen(event, answers=event in self.answers)

    async def _start_background(self, told: Pending[None], event: str, *, answers: bool) -> None:
        """Have a stopped background listen, which its browser may have to start for that."""
        await told
        if not self._is_in_background or self._session.start_background is None:
            return
        await self._session.start_background()
        with suppress(BridgeError):  # it stopped again, and is told at its next start
            if self._context._link and event in self.events:
                await self._context._link.listen(event, answers=answers)

    @property
    def _is_in_background(self) -> bool:
        """Whether it is the ordinary one; that of private windows is told when it has started."""
        return self._context.kind == "background" and not self._context._private

    def _set(self, event: str, *, wanted: bool, answers: bool) -> Pending[None]:
        """Note what Python listens to. A background is to know this at its start."""
        for events, member in ((self.events, wanted), (self.answers, answers)):
            if member:
                events.add(event)
            else:
                events.discard(event)
        if not self._is_in_background or not self._context._may_start:
            return done()
        return self._session.on_listening(frozenset(self.events), frozenset(self.answers))

    def _failed(self, event: str, error: BaseException, *, seen: bool) -> None:
        if isinstance(error, RemoteError):
            if event not in self._played:  # the next start of a played context may have it
                self._set(event, wanted=False, answers=False)  # the browser has no such event here
            if not seen:
                self._session.deferred.add(self._context, error)
