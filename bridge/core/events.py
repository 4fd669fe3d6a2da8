"""The events of a context: ``onConnect``, whose connections are kept until taken, and all others."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import BridgeError, ChannelError
from ..waiting.event import Event
from ..waiting.expect import Expect
from ..waiting.inbox import Inbox
from ..waiting.waits import Pending, done, limited
from .objects import BrowserObject, Tab
from .session import Owner

if TYPE_CHECKING:
    from .port import Port

__all__ = ["ConnectEvent", "ForwardedEvent"]


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

    def _added(self, first: bool) -> Pending[None]:
        return self._context._want(self._name) if first else super()._added(first)

    def _emptied(self) -> Pending[None]:
        return self._context._unwant(self._name) or super()._emptied()


class ConnectEvent(ForwardedEvent):
    """``runtime.onConnect`` or ``runtime.onConnectExternal``: listeners get the `Port` of each connection.

    While anybody listens or waits here, the browser has one listener for all of them. It is removed with the last.
    """

    def __init__(self, context: Owner, name: str) -> None:
        super().__init__(context, name)
        self._inbox: Inbox[Port] = Inbox(self, lambda port: (port,))
        self._users = 0  # waits under way, and one for all listeners
        self._registered: Pending[None] = done()

    def _deliver(self, port: "Port") -> None:
        """A connection came."""
        self._inbox.deliver(port)

    def _end(self, reason: Callable[[], BridgeError]) -> None:
        """The context is gone for good."""
        self._inbox.end(reason)

    def _interrupt(self, reason: Callable[[], BridgeError]) -> None:
        """End the waits that are under way."""
        self._inbox.interrupt(reason)

    def _clear(self) -> None:
        """Remove all listeners, and forget the connections that are kept."""
        super()._clear()
        self._inbox.clear()

    async def _accept(self, name: str | None, timeout_ms: float) -> "Port":
        """See `Context.accept`."""
        kept = self._inbox.take_kept(_named(name))
        if kept is not None:
            return kept
        async with self._expect(name, timeout_ms) as info:
            pass
        return await info.value

    def _expect(self, name: str | None, timeout_ms: float) -> "Expect[Port]":
        """See `Context.expect_connection`."""
        return Expect(
            self._inbox, _named(name), timeout_ms, lambda: self._waited_for(name), begin=self._use, end=self._leave
        )

    def _added(self, first: bool) -> Pending[None]:
        self._inbox.release()
        return self._use() if first else done()

    def _emptied(self) -> Pending[None]:
        return self._leave()

    def _use(self) -> Pending[None]:
        if not self._users:
            self._registered = self._context._want(self._name)
        self._users += 1
        return self._registered

    def _leave(self) -> Pending[None]:
        self._users -= 1
        return done() if self._users else self._context._unwant(self._name) or done()

    def _waited_for(self, name: str | None) -> str:
        wanted = "a connection" if name is None else f"a connection named {name!r}"
        return (
            f"Waited for {wanted} to {self._context._label}; {len(self._inbox)} others are kept{self._context._state}"
        )


def _named(name: str | None) -> "Callable[[Port], bool]":
    return lambda port: name is None or port.name == name
