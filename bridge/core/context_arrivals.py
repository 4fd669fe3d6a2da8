"""The part of `Context` that waits for what others begin: connections and one-time messages."""

from collections.abc import Callable
from typing import Any

from ..waiting.expect import Expect
from .api import Runtime
from .events import ConnectEvent
from .message_event import MessageEvent
from .messages import accepting
from .port import Port
from .request import Request
from .session import Session

__all__ = ["ContextArrivals"]


class ContextArrivals:
    """What accepts and expects."""

    _kind: str
    _runtime: Runtime
    _session: Session

    async def accept(
        self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None
    ) -> Port:
        """Return a kept connection to this context if there is one; otherwise wait for the next.

        Python listens here only while this waits. A connection that is opened earlier or later reaches only the
        listeners that exist then. If nobody takes a connection that arrives while somebody waits, it is kept. To listen
        before something connects, use `expect_connection`, or add a listener to ``runtime.onConnect``.

        Args:
            name: Take only a port of this name.
            external: Whether to take `onConnectExternal` instead of `onConnect`; by default only in `external`.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.
        """
        self._session.deferred.raise_for(self)
        return await self._connect_event_for(external)._accept(name, self._session.timeout_ms(timeout))

    def expect_connection(
        self, name: str | None = None, *, external: bool | None = None, timeout: float | None = None
    ) -> Expect[Port]:
        """Wait for a connection that arrives during the block of the ``async with``, or after it in time.

        Python listens from before the block begins until the connection has arrived.

            async with bridge.background.expect_connection("port-from-cs") as info:
                await page.goto(url)
            port = await info.value

        Args: see `accept`.
        """
        return self._connect_event_for(external)._expect(name, self._session.timeout_ms(timeout))

    async def accept_message(
        self,
        predicate: Callable[..., Any] | None = None,
        *,
        external: bool | None = None,
        timeout: float | None = None,
    ) -> Request:
        """Return a kept one-time message to this context if there is one; otherwise wait for the next.

            request = await bridge.background.accept_message(lambda message: message["type"] == "save")
            await request.respond({"saved": True})

        Python listens here only while this waits, or while ``runtime.onMessage`` has listeners. Whoever asks waits
        until you answer, or a script of the extension does.

        Args:
            predicate: Gets each message, and its sender if it takes two arguments; returns true for the right one. None
                takes the first.
            external: Whether to take `onMessageExternal` instead of `onMessage`; by default only in `external`.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.
        """
        self._session.deferred.raise_for(self)
        event = self._message_event_for(external)
        return await event._accept(accepting(predicate), self._session.timeout_ms(timeout))

    def expect_message(
        self,
        predicate: Callable[..., Any] | None = None,
        *,
        external: bool | None = None,
        timeout: float | None = None,
    ) -> Expect[Request]:
        """Wait for a one-time message that arrives during the block of the ``async with``, or after it in time.

        Python listens from before the block begins until the message has arrived.

            async with bridge.background.expect_message() as info:
                await page.click("#save")
            request = await info.value
            await request.respond({"saved": True})

        Args: see `accept_message`.
        """
        event = self._message_event_for(external)
        return event._expect(accepting(predicate), self._session.timeout_ms(timeout))

    def _connect_event_for(self, external: bool | None) -> ConnectEvent:
        if external or (external is None and self._kind == "external"):
            return self._runtime.onConnectExternal
        return self._runtime.onConnect

    def _message_event_for(self, external: bool | None) -> MessageEvent:
        if external or (external is None and self._kind == "external"):
            return self._runtime.onMessageExternal
        return self._runtime.onMessage
