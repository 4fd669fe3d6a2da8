"""A one-time message that came to Python, and its answer."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from ..errors import RemoteError
from ..javascript import UNDEFINED
from ..protocol import values
from ..protocol.frames import LetGo, Reject
from ..protocol.shown import repr_of
from ..traffic.request_recorder import RecordedRequest
from ..waiting.waits import Pending, done, limited
from .objects import Sender

if TYPE_CHECKING:
    from .context import Context

__all__ = ["Request"]


class Request:
    """A one-time message of ``runtime.sendMessage`` or ``tabs.sendMessage`` that Python hears in a context.

    Its asker waits until somebody answers: Python, by `respond` or `reject`, or a script of the extension. The first
    answer wins, whoever gives it, and the browser tells nobody else which one that was.
    """

    def __init__(
        self,
        context: Any,
        id: int,
        message: Any,
        sender: Sender,
        *,
        is_open: bool,
        on_end: Callable[[], object],
        recorded: RecordedRequest | None = None,
    ) -> None:
        self._context = context
        self._id = id
        self._message = message
        self._sender = sender
        self._answered: str | None = None if is_open else "Python only listened"
        self._since = time.monotonic()
        self._on_end = on_end
        self._recorded = recorded  # if nobody else reports the answer
        self._taken = False  # by somebody who waited for it
        self._asked = 0  # listeners that may still answer

    @property
    def message(self) -> Any:
        """What was asked."""
        return self._message

    @property
    def sender(self) -> Any:
        """Who asked, as a `Sender`."""
        return self._sender

    @property
    def context(self) -> "Context":
        """Where Python heard it."""
        return cast("Context", self._context)

    @property
    def answered(self) -> str | None:
        """What Python did, ``"responded"`` or ``"rejected"``, or why it no longer can answer; None while it can."""
        return self._answered

    def respond(self, value: Any = UNDEFINED) -> Pending[None]:
        """Answer. After the first answer of Python's, this does nothing, as ``sendResponse`` in the browser.

        Args:
            value: Anything that can be sent in a message; undefined by default.

        Returns:
            Something that may be awaited: then the browser has taken the answer.

        Raises:
            TypeError: The value cannot be sent; the error names the member. The request stays open.
            RemoteError: The browser refused the value. Awaiting raises this; if nobody awaits, the next wait does.
            BridgeTimeoutError: Awaiting took longer than the bridge's default timeout.
        """
        payload = None if value is UNDEFINED else values.encode(value)
        if self._answered is not None:
            return done()
        pending = Pending(self._context._require_link().respond(self._id, payload))
        pending.when_failed(self._refused)
        self._record(payload, None)
        self._end("responded")
        timeout_ms = self._context._session.timeout_ms(None)
        return limited(pending, timeout_ms, lambda: f"The browser did not take the answer to {self!r}")

    def reject(self, message: str) -> Pending[None]:
        """Answer with an error: the asker's promise is rejected with these words. After an answer this does nothing.

        Returns:
            Something that may be awaited: then the request is answered.
        """
        if self._answered is None:
            self._context._send(Reject(self._id, message))
            self._record(None, message)
            self._end("rejected")
        return done()

    def __repr__(self) -> str:
        state = self._answered or f"open for {time.monotonic() - self._since:.1f} s"
        return f"<Request {repr_of(self._message)} to {self._context._label}, {state}>"

    def _ask(self, listeners: int) -> None:
        """So many listeners are called that may answer."""
        self._asked += listeners
        self._let_go()

    def _decline(self) -> None:
        """One of them will not."""
        self._asked -= 1
        self._let_go()

    def _let_go(self, *, always: bool = False) -> None:
        """If nobody in Python is left who may answer, leave it to others."""
        if self._answered is None and (always or not (self._asked or self._taken)):
            self._context._send(LetGo(self._id))
            self._end("Python gave no answer")

    def _context_closed(self, reason: str) -> None:
        self._end(reason)

    def _record(self, payload: str | None, error: str | None) -> None:
        if self._recorded:
            self._context._session.recorder.requests.answered(self._recorded, payload, error)

    def _end(self, how: str) -> None:
        self._answered = how
        self._on_end()

    def _refused(self, error: BaseException, *, seen: bool) -> None:
        if isinstance(error, RemoteError) and not seen:
            text = f"The browser refused Python's answer to {self!r}: {error}"
            self._context._session.deferred.add(self._context, RemoteError(text, error.name))
