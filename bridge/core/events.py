"""The events of a context: ``onConnect``, whose connections are kept until taken, and all others."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import BridgeError, ChannelError, ContextError
from ..waiting.event import Event
from ..waiting.expect import Expect
from ..waiting.inbox import Inbox
from ..waiting.waits import Pending, done, limited
from .objects import BrowserObject, Tab
from .session import Owner

if TYPE_CHECKING:
    from .port import Port

__all__ = ["ConnectEvent", "ForwardedEvent", "KeptEvent"]

T = TypeVar("T")


class ForwardedEvent(Event):
    """An event of the extension API that the agent reports while Python listens."""

    def __init__(self, context: Owner, name: str) -> None:
        super().__init__(context._session.invoke, lambda error: context._session.deferred.add(context, error))
        self._context = context
        self._name = name

    def _fire(self, arguments: Any) -> None:
        """The event fired in the browser. The one event so far that comes here is a click, with a tab and details."""
        if not isinstance(arguments, list) or not all(isinstance(item, dict) for item in arguments) or not arguments:
            raise ChannelError(f"{self._name} fired with {arguments!r}")
        tab, *details = arguments
        self._emit(Tab(tab), *(BrowserObject(detail) for detail in details))

    def _limited(self, pending: Pending[None]) -> Pending[None]:
        timeout_ms = self._context._session.timeout_ms(None)
        return limited(pending, timeout_ms, lambda: f"{self._context._label} did not answer about {self._name}")

    def _added(self) -> Pending[None]:
        return self._context._want(self._name) if len(self._listeners) == 1 else super()._added()

    def _removed(self) -> Pending[None]:
        return super()._removed() if self._listeners else self._context._unwant(self._name) or done()


class KeptEvent(ForwardedEvent, Generic[T]):
    """An event whose items are kept, while Python listens, until somebody takes them.

    While anybody listens or waits here, the browser has one listener for all of them. It is removed with the last.
    """

    def __init__(self, context: Owner, name: str) -> None:
        super().__init__(context, name)
        self._inbox: Inbox[T] = Inbox(self, lambda item: (item,), on_back=self._given_back)
        self._waits = 0  # under way
        self._wanted: bool | None = None  # what the browser was told: whether Python may answer; None: nothing
        self._since: float | None = None  # when Python began to listen; None: it always did
        self._deaf_from = 0.0  # when it last stopped
        self._registered: Pending[None] = done()

    def _deliver(self, item: T) -> None:
        """One came."""
        self._inbox.deliver(item)

    def _given_back(self, item: T) -> None:
        """Whoever waited got this one, and ended without having seen it."""

    def _end(self, reason: Callable[[], BridgeError]) -> None:
        """The context is gone for good."""
        self._inbox.end(reason)

    def _stopped(self) -> None:
        """The context may start again, and is then told what it was asked last."""
        self._registered = done()

    def _interrupt(self, reason: Callable[[], BridgeError]) -> None:
        """End the waits that are under way."""
        self._inbox.interrupt(reason)

    def _clear(self) -> None:
        """Remove all listeners, and forget what is kept."""
        super()._clear()
        self._inbox.clear()

    async def _take(self, accepts: Callable[[T], Any], timeout_ms: float, describe: Callable[[], str]) -> T:
        """Return what is kept and `accepts` says yes to, or else the next to come."""
        kept = self._inbox.take_kept(accepts)
        if kept is not None:
            return kept
        async with self._expected(accepts, timeout_ms, describe) as info:
            pass
        return await info.value

    def _expected(self, accepts: Callable[[T], Any], timeout_ms: float, describe: Callable[[], str]) -> Expect[T]:
        """Wait for the next that `accepts` says yes to."""
        return Expect(self._inbox, accepts, timeout_ms, describe, begin=self._begin_wait, end=self._end_wait)

    @property
    def _kept(self) -> str:
        """Where one was waited for, and what is there instead."""
        unanswered = self._context._session.unanswered()
        return f"{self._context._label}; {len(self._inbox)} others are kept{self._context._state}{unanswered}"

    def _too_early(self, came: str, expect: str, name: str | None = None, *, only_now: bool = False) -> str:
        """Return what to add to the error of a wait: that something came before Python listened, if that is known.

        Args:
            came: What happened to it, such as ``opened``.
            expect: The function that would have caught it.
            name: Of a connection; None for any.
            only_now: Whether Python did not listen before this wait. Then that is said, if no more is known.
        """
        if self._since is None:
            return ""
        recorder = self._context._session.recorder
        at = recorder.last_for(self._context._place, self._name, self._deaf_from, self._since, name)
        if at is not None:
            how_long = f"{self._since - at:.1f} s before Python listened there"
            return f". One was {came} {how_long}: use {expect}() around what does it"
        if not only_now or self._context._state or len(self._inbox):
            return ""
        return f". Python listened there only during this call: use {expect}() around what causes it"

    def _may_answer(self) -> bool:
        """Whether Python may answer what comes."""
        return False

    def _added(self) -> Pending[None]:
        self._inbox.release()
        return self._update()

    def _removed(self) -> Pending[None]:
        return self._want_less()

    def _begin_wait(self) -> Pending[None]:
        self._waits += 1
        return self._update()

    def _end_wait(self) -> Pending[None]:
        self._waits -= 1
        return self._want_less()

    def _want_less(self) -> Pending[None]:
        try:
            return self._update()
        except ContextError:  # the context is gone, and with it the browser's listener
            return done()

    def _update(self) -> Pending[None]:
        """Have the browser listen as is wanted now."""
        wanted = self._may_answer() if self._listeners or self._waits else None
        if wanted == self._wanted:
            return self._registered if wanted is not None else done()
        if wanted is None:
            self._wanted = None
            self._deaf_from = time.time()
            return self._context._unwant(self._name) or done()
        if self._wanted is None:
            self._since = None if self._context._listens(self._name) else time.time()
        self._registered = self._context._want(self._name, answers=wanted)
        self._wanted = wanted
        return self._registered


class ConnectEvent(KeptEvent["Port"]):
    """``runtime.onConnect`` or ``runtime.onConnectExternal``: listeners get the `Port` of each connection.

    While anybody listens or waits here, the browser has one listener for all of them. It is removed with the last.
    """

    async def _accept(self, name: str | None, timeout_ms: float) -> "Port":
        """See `Context.accept`."""
        only_now = self._wanted is None
        return await self._take(_named(name), timeout_ms, lambda: self._waited_for(name, only_now=only_now))

    def _expect(self, name: str | None, timeout_ms: float) -> "Expect[Port]":
        """See `Context.expect_connection`."""
        return self._expected(_named(name), timeout_ms, lambda: self._waited_for(name))

    def _waited_for(self, name: str | None, *, only_now: bool = False) -> str:
        wanted = "a connection" if name is None else f"a connection named {name!r}"
        too_early = self._too_early("opened", "expect_connection", name, only_now=only_now)
        return f"Waited for {wanted} to {self._kept}{too_early}"


def _named(name: str | None) -> "Callable[[Port], bool]":
    return lambda port: name is None or port.name == name
