"""The one-time messages of a context: those that Python sends, and those that it hears."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import BridgeTimeoutError, RemoteError
from ..protocol import values
from ..protocol.frames import Asked
from ..traffic.matching import Target
from ..waiting.event import arity
from ..waiting.waits import within
from .message_event import MessageEvent
from .objects import Sender
from .recipients import Recipient
from .request import Request

if TYPE_CHECKING:
    from .context import Context

__all__ = ["Messages", "accepting"]


class Messages:
    """The one-time messages that Python sends and hears in one context.

    Attributes:
        events: ``runtime.onMessage`` and ``runtime.onMessageExternal``, as far as somebody has asked for them.
    """

    def __init__(self, context: "Context") -> None:
        self.events: dict[str, MessageEvent] = {}
        self._context = context
        self._session = context._session
        self._requests: dict[int, Request] = {}  # that Python may answer
        self._recipients: dict[int, Recipient] = {}  # of those, as one of all who have heard the message

    def event(self, name: str) -> MessageEvent:
        """Return ``runtime.onMessage`` or ``runtime.onMessageExternal`` of this context."""
        if name not in self.events:
            self.events[name] = MessageEvent(self._context, name)
        return self.events[name]

    async def ask(
        self, function: str, arguments: list[Any], message: Any, target: Target, timeout: float | None
    ) -> Any:
        """Send a message with one of the browser's functions, and return the answer."""
        timeout_ms = self._session.timeout_ms(timeout)
        try:
            async with within(timeout_ms, f"Nobody answered {function}() from {self._context._label}"):
                return await self._ask(function, arguments, message, target)
        except BridgeTimeoutError as error:
            raise BridgeTimeoutError(f"{error}{self._session.unanswered()}") from None

    async def _ask(self, function: str, arguments: list[Any], message: Any, target: Target) -> Any:
        recorder = self._session.recorder
        request = recorder.requests.asked(self._context._place, "python", function, target, values.encode(message))
        try:
            answer = await self._context._call(function, *arguments)
        except RemoteError as error:
            recorder.requests.answered(request, None, str(error))
            raise
        recorder.requests.answered(request, values.encode(answer), None)
        return answer

    def heard(self, frame: Asked, payload: str | None) -> None:
        """A message came."""
        text = payload or "null"
        recorded = self._session.recorder.requests.heard(self._context._place, frame.event, frame.sender, text)
        request = Request(
            self._context,
            frame.request,
            values.decode(text),
            Sender(frame.sender),
            is_open=frame.open,
            recorded=recorded,
            on_end=lambda: self._ended(frame.request),
        )
        if frame.open:
            self._requests[frame.request] = request
            self._session.open_requests[request] = None
            if self._session.routes.enabled:
                self._recipients[frame.request] = self._session.recipients.heard(self, frame.event, frame.sender, text)
        self.event(frame.event)._deliver(request)

    def let_go(self) -> None:
        """Python will answer none of those that are open."""
        for request in list(self._requests.values()):
            request._let_go(always=True)

    def context_closed(self, reason: str) -> None:
        """The context is gone, and Python can answer none of those that are open."""
        for request in list(self._requests.values()):
            request._context_closed(reason)

    def _ended(self, id: int) -> None:
        self._session.open_requests.pop(self._requests.pop(id, None), None)
        recipient = self._recipients.pop(id, None)
        if recipient:
            recipient.ended()


def accepting(predicate: Callable[..., Any] | None) -> Callable[[Request], Any]:
    """What tells whether a request is the right one, from what the user gave `Context.accept_message`."""
    if predicate is None:
        return lambda request: True
    takes = arity(predicate)
    return lambda request: predicate(*(request.message, request.sender)[:takes])
