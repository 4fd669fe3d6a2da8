"""``runtime.onMessage`` and ``runtime.onMessageExternal``: Python hears one-time messages, and answers them."""

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from ..protocol.shown import repr_of
from ..waiting.event import Listener
from ..waiting.expect import Expect
from .events import KeptEvent
from .request import Request

__all__ = ["MessageEvent"]

_WITH_ANSWER = 3  # arguments: the message, its sender, and what sends the answer


class MessageEvent(KeptEvent[Request]):
    """``runtime.onMessage`` or ``runtime.onMessageExternal``: listeners hear one-time messages, and may answer them.

    A listener gets ``(message, sender, sendResponse)``, or the first of these that it takes. One that names all three
    answers by calling ``sendResponse(value)``, at once, or later if it returns True or a coroutine. A coroutine
    function, and one that a decorator wraps, answers with its result, and rejects by raising; an AssertionError fails
    the test too, and so does a result that cannot be sent.

    Any other listener only listens: for whoever asks, it is as if it were not there. That goes for ``*args`` and for a
    `unittest.mock.Mock`, whose ``sendResponse`` raises a TypeError. It also goes for a plain function that returns a
    coroutine, such as ``lambda message: answer(message)``: the coroutine runs, and if it has a result, the next wait
    raises a TypeError, since nobody gets it.

    The reason is that a context must say at once whether it may answer, before Python can. So if a listener that could
    answer does not, and the extension's scripts do not either, whoever asks goes on waiting, where a script's silence
    would give undefined.
    """

    def _may_answer(self) -> bool:
        return self._waits > 0 or any(map(_can_answer, self._listeners.values()))

    def _emit(self, *args: Any) -> bool:
        """Call every listener with a request. Return False if there is none."""
        (request,) = args
        listeners = list(self._listeners.values())  # as they are now: one of them may remove others
        if listeners:
            request._ask(sum(map(_can_answer, listeners)))
        for listener in listeners:
            self._hand(request, listener)
        return bool(listeners)

    def _hand(self, request: Request, listener: Listener) -> None:
        may_answer = _can_answer(listener)
        arguments = (request.message, request.sender, request.respond if may_answer else _refuse)[: listener.takes]
        if may_answer:
            on_error = partial(self._raised, request, rejects=listener.is_coroutine)
            self._invoke(listener.function, arguments, on_error, partial(self._returned, request))
        else:
            self._invoke(listener.function, arguments, self._on_error, _only_listens)

    def _returned(self, request: Request, result: Any, *, awaited: bool) -> None:
        """A listener that may answer has ended."""
        if not awaited:
            if result is not True:
                request._decline()
            return
        try:
            request.respond(result)
        except Exception as error:  # the result cannot be sent
            request.reject(str(error))
            self._on_error(error)

    def _raised(self, request: Request, error: BaseException, *, rejects: bool) -> None:
        request.reject(str(error))
        if not rejects or not isinstance(error, Exception) or isinstance(error, AssertionError):
            self._on_error(error)

    def _given_back(self, item: Request) -> None:
        item._taken = False

    async def _accept(self, accepts: Callable[[Request], Any], timeout_ms: float) -> Request:
        """See `Context.accept_message`."""
        only_now = self._wanted is None
        return await self._take(_taking(accepts), timeout_ms, lambda: self._waited_for(only_now=only_now))

    def _expect(self, accepts: Callable[[Request], Any], timeout_ms: float) -> "Expect[Request]":
        """See `Context.expect_message`."""
        return self._expected(_taking(accepts), timeout_ms, self._waited_for)

    def _waited_for(self, *, only_now: bool = False) -> str:
        too_early = self._too_early("sent", "expect_message", only_now=only_now)
        return f"Waited for a message to {self._kept}{too_early}"


def _can_answer(listener: Listener) -> bool:
    return listener.is_coroutine or listener.named >= _WITH_ANSWER


def _refuse(*_: object) -> NoReturn:
    """Stands for ``sendResponse`` where the browser has been told that no answer comes."""
    raise TypeError("sendResponse(): this listener may not answer; give it three parameters with names, not *args")


def _only_listens(result: Any, *, awaited: bool) -> None:
    """A listener that may not answer has ended."""
    if awaited and result is not None:
        raise TypeError(
            f"A listener returned a coroutine, whose result {repr_of(result)} nobody gets: the browser must know before"
            " that an answer comes. Make the listener an async def, or give it all three parameters."
        )


def _taking(accepts: Callable[[Request], Any]) -> Callable[[Request], bool]:
    """The inbox gives a request to whoever accepts it: then it stays open for that one."""

    def take(request: Request) -> bool:
        if not accepts(request):
            return False
        request._taken = True
        return True

    return take
