"""A routed one-time message: Python stands between who asked and the scripts that hear it."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from ..errors import BridgeError, ContextError, RemoteError
from ..javascript import UNDEFINED
from ..protocol import values
from ..protocol.frames import RouteAsk, RoutedAsk, RoutedEnd, RouteReject
from ..protocol.shown import repr_of
from ..waiting.waits import Pending, done, within
from .objects import Sender

if TYPE_CHECKING:
    from .context import Context

__all__ = ["MessageRoute", "RoutedRequests"]

NOBODY = "Could not establish connection. Receiving end does not exist."
"""What both browsers say where nobody listens."""


class MessageRoute:
    """A one-time message that a route fits: see `Bridge.route_message`.

    The scripts that it has reached have not heard it yet, and its asker waits.
    """

    def __init__(self, context: "Context", frame: RoutedAsk, payload: str | None) -> None:
        self._context = context
        self._session = context._session
        self._id = frame.request
        self._event = frame.event
        self._sender = Sender(frame.sender)
        self._payload = payload or "null"
        self._message = values.decode(self._payload)
        self._recipient = self._session.recipients.heard(
            self._context._routed_requests, frame.event, frame.sender, self._payload, self._give_silence
        )
        self._fetched = False
        self._done = ""  # what became of it

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def message(self) -> Any:
        """What was asked."""
        return self._message

    @property
    def sender(self) -> Sender:
        """Who asked, as the receiver's scripts see it."""
        return self._sender

    @property
    def external(self) -> bool:
        """Whether a web page or another extension asked, so that the message comes to `onMessageExternal`."""
        return self._event == "runtime.onMessageExternal"

    @property
    def target(self) -> "Context":
        """The context that the message has reached. One that reaches several contexts is a route in each of them."""
        return self._context

    @property
    def asked_by(self) -> "Context | None":
        """The context of the script that asked; None where the bridge has no agent, as in a web page."""
        return cast("Context | None", self._session.opener_of(self._sender.to_dict()))

    # --- what a handler does ----------------------------------------------------------------------------------------

    def continue_(self, *, message: Any = UNDEFINED) -> Pending[None]:
        """Let the scripts hear the message, and the asker get what they answer.

        After a `fetch`, they have heard it, and only their answer goes on.

        Args:
            message: What they hear in its place.

        Returns:
            Something that may be awaited: then this has been written to the browser's socket.

        Raises:
            BridgeError: This route has been decided already.
            TypeError: The message cannot be sent; the error names the member.
        """
        payload = self._encoded(message)
        if self._fetched and payload is not None:
            raise BridgeError(f"{self!r}: its scripts have heard the message already, by fetch()")
        self._decide("continues" if payload is None else "continues with another message", payload)
        return self._send(RouteAsk(self._id), payload)

    async def fetch(self, *, message: Any = UNDEFINED, timeout: float | None = None) -> Any:
        """Let the scripts hear the message, and get what they answer. The asker waits on: see `answer` and `reject`.

            reply = await route.fetch()
            route.answer({**reply, "late": True})

        Args:
            message: What they hear in its place.
            timeout: In milliseconds; 0 means no limit. The default is the bridge's.

        Returns:
            What the scripts answer; `UNDEFINED` if they do not.

        Raises:
            BridgeError: This route has been decided already.
            RemoteError: The scripts answer with an error, whose words these are.
            BridgeTimeoutError: They took longer.
            ContextError: The context ended.
            TypeError: The message cannot be sent; the error names the member.
        """
        payload = self._encoded(message)
        self._require_undecided()
        if self._fetched:
            raise BridgeError(f"{self!r}: its scripts have heard the message already, by fetch()")
        self._fetched = True
        self._note("asks the scripts", payload)
        async with within(self._session.timeout_ms(timeout), f"The scripts of {self._context._label} did not answer"):
            given = await self._context._require_link().ask_scripts(self._id, payload)
        return given.get("answer", UNDEFINED)

    def answer(self, value: Any = UNDEFINED) -> Pending[None]:
        """Answer the asker. Unless there was a `fetch`, the scripts never hear the message.

        Args:
            value: Anything that can be sent in a message. `UNDEFINED` is silence: if nobody else answers either, the
                asker gets what the browser gives it then.

        Returns:
            Something that may be awaited: then the browser has taken the answer.

        Raises:
            BridgeError: This route has been decided already.
            TypeError: The value cannot be sent; the error names the member.
        """
        payload = self._encoded(value, "answer")
        self._decide("answers" if payload else "answers nothing", payload)
        if payload is None:
            self._recipient.silent()
            return done()
        self._answered()
        if self._context.closed:
            return done()
        taken = Pending(self._context._require_link().answer_asker(self._id, payload))
        taken.when_failed(self._refused)
        return taken

    def reject(self, message: str) -> Pending[None]:
        """Answer with an error: the asker's promise is rejected with these words.

        A callback finds them in ``runtime.lastError``.

        Raises:
            BridgeError: This route has been decided already.
            ValueError: There are no words: a browser takes such an error for silence.
        """
        if not message:
            raise ValueError("reject() needs words: Chromium takes an error without any for silence")
        self._decide(f"rejects it: {message}")
        self._answered()
        return self._send(RouteReject(self._id, message))

    def abort(self) -> Pending[None]:
        """Answer as if nobody were there: "Could not establish connection. Receiving end does not exist" is the error.

        Where the message has reached other contexts too, the first answer is the asker's, as ever.

        Raises:
            BridgeError: This route has been decided already.
        """
        self._decide("aborts it: nobody is there")
        self._answered()
        return self._send(RouteReject(self._id, NOBODY))

    def __repr__(self) -> str:
        return f"<MessageRoute {repr_of(self._message)} to {self._context._label}{self._done and ', ' + self._done}>"

    # --- for the engine ---------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        """Let it go on as without a route, unless that has been decided."""
        if not self._done:
            self._done = "left"
            self._send(RouteAsk(self._id))

    def _context_lost(self) -> None:
        self._done = self._done or "its context is gone"
        self._recipient.ended()

    def _ended(self, *, silent: bool) -> None:
        """The scripts have answered the asker, or will not."""
        if silent:
            self._recipient.silent()
        else:
            self._answered()

    def _answered(self) -> None:
        self._recipient.ended()
        self._context._routed_requests.forget(self._id)

    def _refused(self, error: BaseException, *, seen: bool) -> None:
        if isinstance(error, RemoteError) and not seen:
            text = f"The browser refused Python's answer to {self!r}: {error}"
            self._session.deferred.add(self._context, RemoteError(text, error.name))

    def _give_silence(self) -> None:
        """Nobody answers, here nor elsewhere."""
        self._context._routed_requests.forget(self._id)
        with suppress(ContextError):
            Pending(self._context._require_link().answer_asker(self._id, None)).when_failed(_is_gone)

    def _encoded(self, value: Any, what: str = "message") -> str | None:
        return None if value is UNDEFINED else values.encode(value, what)

    def _decide(self, what: str, payload: str | None = None) -> None:
        self._require_undecided()
        self._done = what
        self._note(what, payload)

    def _require_undecided(self) -> None:
        if self._done:
            raise BridgeError(f"{self!r} has been decided already")

    def _note(self, what: str, payload: str | None) -> None:
        self._session.recorder.routed_request(self._context._place, what, payload)

    def _send(self, frame: RouteAsk | RouteReject, payload: str | None = None) -> Pending[None]:
        return done() if self._context.closed else self._context._send(frame, payload)


class RoutedRequests:
    """The routed one-time messages of one context whose askers wait."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._session = context._session
        self._routes: dict[int, MessageRoute] = {}

    def take(self, frame: RoutedAsk, payload: str | None) -> None:
        """A message has come."""
        route = MessageRoute(self._context, frame, payload)
        self._routes[frame.request] = route
        handler = self._session.routes.messages.of(route.message, route.sender)
        if handler is None:
            return route._leave()

        def raised(error: BaseException) -> None:
            if isinstance(error, ContextError) and self._context.closed:
                return  # it waited for scripts that are gone, and the asker has got the browser's own error
            self._session.deferred.add(None, error)
            route._leave()

        self._session.invoke(handler, (route,), raised, _ended)

    def ended(self, frame: RoutedEnd) -> None:
        """The scripts have answered a message, or will not."""
        if route := self._routes.get(frame.request):
            route._ended(silent=frame.silent)

    def forget(self, request: int) -> None:
        """Its asker has got what it gets."""
        self._routes.pop(request, None)

    def leave(self) -> None:
        """Let all go on as without routes."""
        for route in self._routes.values():
            route._leave()

    def context_closed(self) -> None:
        """The context is gone."""
        for route in self._routes.values():
            route._context_lost()
        self._routes.clear()


def _is_gone(error: BaseException, *, seen: bool) -> None:
    """The context ended before the asker was told, and the browser tells it."""


def _ended(result: Any = None, *, awaited: bool = False) -> None:
    """A handler has ended. It may decide later, as with Playwright's routes."""
