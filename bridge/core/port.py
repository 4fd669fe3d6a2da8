"""The Port, as Python holds it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, cast

from ..errors import BridgeError, PortDisconnectedError, RemoteError
from ..protocol import values
from ..protocol.frames import Disconnect, Post, ScriptError
from ..protocol.shown import repr_of
from ..traffic.ends import End
from ..waiting.event import Event
from ..waiting.expect import Expect
from ..waiting.inbox import Inbox
from ..waiting.waits import Pending, done, limited, settle, wait
from .objects import PortError, Sender
from .session import Owner

if TYPE_CHECKING:
    from .context import Context
    from .native import NativeApplication

__all__ = ["Port"]


class Port:
    """One end of a genuine connection, which Python holds in a context of the browser.

    A message that arrives is kept until somebody takes it: a listener of `onMessage`, `receive`, `expect_message` or a
    loop over the port.
    """

    def __init__(self, context: Owner, id: int, name: str | None, sender: Sender | None, end: End) -> None:
        self._context = context
        self._end = end
        self._id = id
        self._name = name
        self._sender = sender
        self._error: PortError | None = None
        self._closed: str | None = None
        self._gone: list[asyncio.Future[None]] = []
        self._sent = self._received = 0
        self._last: Any = None
        self._on_message = _MessageEvent(context._session.invoke, self._listener_raised)
        self._on_disconnect = Event(context._session.invoke, self._listener_raised)
        self._inbox: Inbox[Any] = Inbox(self._on_message, lambda message: (message, self), self._unread_by)
        self._on_message.release = self._inbox.release

    # --- as in the browser ------------------------------------------------------------------------------------------

    @property
    def name(self) -> Any:
        """The name given to ``connect()``, or an empty str; for a native application, the application's name.

        In Firefox it is None at both ends if ``tabs.connect()`` got options without a name.
        """
        return self._name

    @property
    def sender(self) -> Any:
        """Who connected, as a `Sender`; None on a port that Python opened."""
        return self._sender

    @property
    def error(self) -> PortError | None:
        """Why the port closed, if because of an error: an object whose ``message`` is the browser's.

        Chromium gives the message only in ``runtime.lastError`` during `onDisconnect`; the bridge reads it there. If
        the port's own context ended (the page went away, the background stopped), no script is left that could read it,
        and the message is the bridge's.
        """
        return self._error

    @property
    def onMessage(self) -> Event:
        """Fires with each message as ``(message, port)``; a listener with one parameter gets only the message."""
        return self._on_message

    @property
    def onDisconnect(self) -> Event:
        """Fires once, with the port, when the other end is gone; not after `disconnect` at this end."""
        return self._on_disconnect

    def postMessage(self, message: Any) -> Pending[None]:
        """Send one message to the other end.

        Args:
            message: Anything that JSON can express, and what `bridge.javascript` lists. The other end gets what the
                browser makes of it.

        Returns:
            Something that may be awaited: then the message has been written to the browser's socket, and if it has
            values that JSON lacks, or is longer than 4 MiB, the browser has accepted it.

        Raises:
            TypeError: A member of the message cannot be sent; the error names its path. Nothing is sent.
            RemoteError: The browser refused the message; the text is the browser's, and the port stays usable. Awaiting
                raises this; if nobody awaits, the next wait on this port does.
            PortDisconnectedError: The port is closed; the text begins with the browser's own. Awaiting also raises it
                for a message that the browser has to accept (see above) and that found the port closed there.
            BridgeTimeoutError: Awaiting took longer than the bridge's default timeout; the message may still arrive.
        """
        return self._post(values.encode(message))

    def disconnect(self) -> Pending[None]:
        """Close the port. You may call this more than once.

        `onDisconnect` fires at the other end, but not at this one. Messages that arrive afterwards are dropped.

        Returns:
            Something that may be awaited: then this end is closed.
        """
        if self._closed is None:
            self._end.closed("python", "disconnect()")
            self._context._send(Disconnect(self._id))
            self._close("this side called disconnect()")
        return done()

    # --- what Python adds -------------------------------------------------------------------------------------------

    @property
    def context(self) -> "Context | NativeApplication":
        """Where Python holds this port."""
        return cast("Context | NativeApplication", self._context)

    @property
    def closed(self) -> bool:
        """Whether the port can no longer carry messages."""
        return self._closed is not None

    async def receive(self, *, timeout: float | None = None) -> Any:
        """Return the next message that the other end posted on this port.

        Messages come in the order in which they were posted. Those that arrived before the call are kept for it, unless
        a listener has taken them.

        Args:
            timeout: How long to wait, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            PortDisconnectedError: The port is closed, and all its messages have been taken.
            BridgeTimeoutError: Nothing arrived in time; the port stays usable.
        """
        self._context._session.deferred.raise_for(self)
        return await self._inbox.take(self._context._session.timeout_ms(timeout), lambda: self._waited_for("a message"))

    def expect_message(
        self, predicate: Callable[[Any], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[Any]:
        """Wait for a message that arrives during the block of the ``async with``, or after it in time.

            async with port.expect_message(lambda m: m["kind"] == "saved") as info:
                await page.click("#save")
            message = await info.value

        Messages that arrived earlier do not count. All other messages stay available, as if nobody had waited.

        Args:
            predicate: Gets each message, and returns true for the right one. None takes the first.
            timeout: In milliseconds from the start of the block; 0 means no limit, None the bridge's default.
        """
        return Expect(
            self._inbox,
            predicate or (lambda _: True),
            self._context._session.timeout_ms(timeout),
            lambda: self._waited_for("a message that the predicate accepts" if predicate else "a message"),
        )

    async def wait_for_disconnect(self, *, timeout: float | None = None) -> None:
        """Return once the port is closed, whoever closed it and why. `error` then says more.

        Raises:
            BridgeTimeoutError: It is still open.
        """
        self._context._session.deferred.raise_for(self)
        if self._closed is not None:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gone.append(future)
        try:
            await wait(future, self._context._session.timeout_ms(timeout), lambda: self._waited_for("the disconnect"))
        finally:
            self._gone.remove(future)

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Yield each message until the port closes. The bridge's default timeout applies to each of them."""
        while True:
            try:
                message = await self.receive()
            except PortDisconnectedError:
                return
            yield message

    def __repr__(self) -> str:
        state = "open" if self._closed is None else f"closed ({self._closed})"
        return f"<Port {self._name!r} in {self._context._label}, {state}>"

    @property
    def _words(self) -> str:
        """What a script's call on the closed port throws."""
        return self._context._session.disconnected

    def _post(self, payload: str) -> Pending[None]:
        self._require_open()
        self._sent += 1
        self._end.posted(payload)
        pending = self._context._send(Post(self._id), payload)
        if values.may_be_refused(payload):
            pending = pending.translated(self._post_failed)
        return self._limited(pending)

    def _limited(self, pending: Pending[None]) -> Pending[None]:
        timeout_ms = self._context._session.timeout_ms(None)
        return limited(pending, timeout_ms, lambda: f"The browser did not take a message on {self!r}")

    def _require_open(self) -> None:
        """Raise what the browser throws when a closed port is used, in its words."""
        if self._closed is not None:
            raise self._disconnected(self._words)

    # --- what the context tells it ----------------------------------------------------------------------------------

    def _deliver(self, payload: str | None) -> None:
        if self._closed is not None:
            return  # it was under way when this side disconnected
        self._end.arrived(payload or "null")
        self._last = values.decode(payload)
        self._received += 1
        self._inbox.deliver(self._last, len(payload or ""))

    def _unread_by(self, difference: int) -> None:
        """Its unread messages take more bytes, or less."""
        if self._closed is None:
            self._context._session.unread.changed(self, difference)

    def _overflow(self, limit: int) -> None:
        """Close, because the unread messages of the launch take too much, and those of this port most of it."""
        reason = (
            f"its unread messages, with those of other ports, took more than {limit:,} bytes; "
            "receive them sooner, add a listener, or raise launch(unread_limit=...)"
        )
        self._end.closed("python", reason)
        self._context._send(Disconnect(self._id))
        self._close(reason)
        self._listener_raised(BridgeError(f"The bridge disconnected the port {self._name!r}: {reason}"))

    def _other_end_closed(self, error: ScriptError | None) -> None:
        if self._close(error.message if error else "the other end disconnected"):
            self._error = PortError({"message": error.message}) if error else None
            self._end.closed("browser", self._closed or "", error.message if error else None)
            self._on_disconnect._emit(self)

    def _context_closed(self, reason: str) -> None:
        if self._close(reason):
            self._error = PortError({"message": reason})
            self._end.closed("browser", reason)

    def _post_failed(self, error: BaseException, *, seen: bool = False) -> BaseException:
        # The browser threw in postMessage(); Python's call has returned, unless it is awaited and raises the result.
        if not isinstance(error, RemoteError):
            return error  # the context is gone, and so is the port
        if "disconnected port" in str(error).lower():
            self._close("another script of its context had disconnected it")
            return self._disconnected(self._words)
        if not seen:
            text = f"The browser refused a message that Python posted on {self!r}: {error}"
            self._listener_raised(RemoteError(text, error.name))
        return error

    def _close(self, reason: str) -> bool:
        if self._closed is not None:
            return False
        self._closed = reason
        self._context._session.unread.forget(self)
        self._inbox.end(lambda: self._disconnected(f"The port {self._name!r} is closed: {reason}"))
        for future in self._gone:
            settle(future, None)
        return True

    def _listener_raised(self, error: BaseException) -> None:
        self._context._session.deferred.add(self, error)
        waiting = [future for future in self._gone if not future.done()]
        if waiting or self._inbox.waited_for:
            self._context._session.deferred.take(self, error)
            self._inbox.interrupt(lambda: error)
            for future in waiting:
                settle(future, error)

    def _disconnected(self, text: str) -> PortDisconnectedError:
        reason = "" if self._closed is None or self._closed in text else f" ({self._name!r}: {self._closed})"
        return PortDisconnectedError(text + reason)

    def _waited_for(self, what: str) -> str:
        seen = f"{self._sent} sent, {self._received} received"
        last = f", the last {repr_of(self._last)}" if self._received else ""
        return f"Waited for {what} on {self!r}: {seen}{last}{self._context._session.unanswered()}"


class _MessageEvent(Event):
    """`onMessage`: its first listener gets what was kept."""

    release: Callable[[], None]

    def _added(self) -> Pending[None]:
        self.release()
        return super()._added()
