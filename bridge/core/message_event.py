"""``runtime.onMessage`` and ``runtime.onMessageExternal``: Python hears one-time messages, and answers them."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from ..waiting.expect import Expect
from .events import KeptEvent
from .request import Request

__all__ = ["MessageEvent"]

_WITH_ANSWER = 3  # arguments: the message, its sender, and what sends the answer


class MessageEvent(KeptEvent[Request]):
    """``runtime.onMessage`` or ``runtime.onMessageExternal``: listeners hear one-time messages, and may answer them.

    A listener gets ``(message, sender, sendResponse)``, or the first of these that it takes. It answers by calling
    ``sendResponse(value)``, at once, or later if it returns True. A coroutine function answers with its result, and
    rejects by raising; an AssertionError fails the test too. A listener that takes no ``sendResponse`` and is no
    coroutine function only listens: for whoever asks, it is as if it were not there.

    A context must say at once whether it may answer, before Python can. So if a listener that could answer does not,
    and the extension's scripts do not either, whoever asks goes on waiting, where a script's silence would give
    undefined.
    """

    def _may_answer(self) -> bool:
        return self._waits > 0 or any(map(self._can_answer, self._listeners))

    def _can_answer(self, listener: Callable[..., Any]) -> bool:
        return inspect.iscoroutinefunction(listener) or (self._listeners[listener] or 0) >= _WITH_ANSWER

    def _emit(self, *args: Any) -> bool:
        """Call every listener with a request. Return False if there is none."""
        (request,) = args
        listeners = list(self._listeners.items())  # as they are now: one of them may remove others
        answering = [listener for listener, _ in listeners if self._can_answer(listener)]
        if listeners:
            request._ask(len(answering))
        for listener, takes in listeners:
            self._hand(request, listener, takes, may_answer=listener in answering)
        return bool(listeners)

    def _hand(self, request: Request, listener: Callable[..., Any], takes: int | None, *, may_answer: bool) -> None:
        arguments = (request.message, request.sender, request.respond)[:takes]
        if may_answer:
            rejects = inspect.iscoroutinefunction(listener)
            self._invoke(
                listener, arguments, partial(self._raised, request, rejects=rejects), partial(_returned, request)
            )
        else:
            self._invoke(listener, arguments, self._on_error)

    def _raised(self, request: Request, error: BaseException, *, rejects: bool) -> None:
        request.reject(str(error))
        if not rejects or not isinstance(error, Exception) or isinstance(error, AssertionError):
            self._on_error(error)

    def _given_back(self, item: Request) -> None:
        item._taken = False

    async def _accept(self, accepts: Callable[[Request], Any], timeout_ms: float) -> Request:
        """See `Context.accept_message`."""
        return await self._take(_taking(accepts), timeout_ms, self._waited_for)

    def _expect(self, accepts: Callable[[Request], Any], timeout_ms: float) -> "Expect[Request]":
        """See `Context.expect_message`."""
        return self._expected(_taking(accepts), timeout_ms, self._waited_for)

    def _waited_for(self) -> str:
        return f"Waited for a message to {self._kept}"


def _returned(request: Request, result: Any, *, awaited: bool) -> None:
    """A listener that may answer has ended."""
    if awaited:
        request.respond(result)
    elif result is not True:
        request._decline()


def _taking(accepts: Callable[[Request], Any]) -> Callable[[Request], bool]:
    """The inbox gives a request to whoever accepts it: then it stays open for that one."""

    def take(request: Request) -> bool:
        if not accepts(request):
            return False
        request._taken = True
        return True

    return take
