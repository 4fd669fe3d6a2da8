"""What the extension itself requests of its user, by `permissions.request()`: Python answers in the user's place."""

import asyncio
from collections.abc import Callable
from typing import Any

from ..driver import Driver
from ..errors import BridgeError
from ..waiting.event import Event
from ..waiting.expect import Expect
from ..waiting.lookout import Lookout
from ..waiting.waits import Pending, done, limited, settle
from .session import Session

__all__ = ["PermissionRequest", "PermissionRequests"]


class PermissionRequest:
    """What the extension requests of its user. Its `permissions.request()` waits until somebody answers."""

    def __init__(self, permissions: list[str], origins: list[str]) -> None:
        self._permissions = permissions
        self._origins = origins
        self._answered: str | None = None
        self._hearers = 0  # waits and listeners that got it and may answer
        self._allowed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def permissions(self) -> list[str]:
        """The names of permissions in it; Firefox leaves out those that the extension has already."""
        return self._permissions

    @property
    def origins(self) -> list[str]:
        """The match patterns of hosts in it; Firefox leaves out those that the extension has already."""
        return self._origins

    @property
    def answered(self) -> str | None:
        """``"allowed"``, ``"refused"``, or why nobody can answer any more; None while somebody can."""
        return self._answered

    def allow(self) -> None:
        """Grant all of it. After the first answer, this does nothing."""
        self._end("allowed", allowed=True)

    def refuse(self) -> None:
        """Grant nothing of it. After the first answer, this does nothing."""
        self._end("refused", allowed=False)

    def __repr__(self) -> str:
        return f"<PermissionRequest for {[*self._permissions, *self._origins]}, {self._answered or 'open'}>"

    def _end(self, how: str, *, allowed: bool) -> None:
        if settle(self._allowed, allowed):
            self._answered = how


class PermissionRequests(Event):
    """See `Bridge.permission_requests`.

    Args:
        session: The launch's.
        driver: Who hears the requests.
        extension_id: Returns the id of the extension under test.
    """

    def __init__(self, session: Session, driver: Driver, extension_id: Callable[[], str]) -> None:
        super().__init__(session.invoke, self._raised)
        self._session = session
        self._driver = driver
        self._extension_id = extension_id
        self._lookout: Lookout[PermissionRequest] = Lookout()
        self._waits = 0
        self._hearing = False
        self._turn = asyncio.Lock()

    def expect(self, predicate: Callable[[PermissionRequest], Any] | None, timeout_ms: float) -> Expect[Any]:
        """See `Bridge.expect_permission_request`."""
        self._session.deferred.raise_for(self)
        accepts = predicate or (lambda request: True)
        return Expect(self._lookout, accepts, timeout_ms, self._waited_for, begin=self._begin_wait, end=self._end_wait)

    @property
    def open(self) -> list[PermissionRequest]:
        """Those that nobody has answered, the oldest first."""
        return list(self._session.permission_requests)

    def forget(self) -> None:
        """Remove all listeners. What is open gets the answer of the launch."""
        self._clear()
        for request in self.open:
            self._answer_for_nobody(request)

    def end(self, reason: BridgeError) -> None:
        """The browser is gone, and with it the prompts."""
        self._lookout.end(lambda: reason)
        for request in self.open:
            request._end(str(reason), allowed=False)

    def require_heard(self) -> None:
        """Raise UnsupportedError if the browser grants without asking anybody, so that there is nothing to answer."""
        self._driver.require_requests_heard()

    def decline(self, request: PermissionRequest) -> None:
        """One who got a request will not answer it. If all have said so, it gets the answer of the launch."""
        request._hearers -= 1
        if not request._hearers:
            self._answer_for_nobody(request)

    async def decide(self, extension_id: str, permissions: list[str], origins: list[str]) -> bool:
        """Return whether the user allows a request. Cancelled if the browser no longer asks."""
        if extension_id != self._extension_id():
            return self._session.allows_requests
        request = PermissionRequest(permissions, origins)
        self._session.permission_requests[request] = None
        try:
            self._show(request)
            return await request._allowed
        except asyncio.CancelledError:
            request._answered = request._answered or "the browser no longer asks"
            raise
        finally:
            del self._session.permission_requests[request]

    def _show(self, request: PermissionRequest) -> None:
        listeners = list(self._listeners.values())
        request._hearers = self._lookout.see(request) + len(listeners)
        if not request._hearers:
            self._answer_for_nobody(request)
        for listener in listeners:
            self._invoke(listener.function, (request,)[: listener.takes], lambda error: self._failed(request, error))

    # Whoever raised will hardly answer, and the prompt must not stay. Another listener may have answered.
    def _failed(self, request: PermissionRequest, error: BaseException) -> None:
        self._raised(error)
        self._answer_for_nobody(request)

    def _answer_for_nobody(self, request: PermissionRequest) -> None:
        (request.allow if self._session.allows_requests else request.refuse)()

    def _unheard(self, error: BaseException, *, seen: bool) -> None:
        if not seen:
            self._raised(error)

    def _raised(self, error: BaseException) -> None:
        self._session.deferred.add(None, error)

    def _added(self) -> Pending[None]:
        return self._change()

    def _removed(self) -> Pending[None]:
        return self._change()

    def _limited(self, pending: Pending[None]) -> Pending[None]:
        return limited(pending, self._session.timeout_ms(None), lambda: "The browser does not show what is requested")

    def _begin_wait(self) -> Pending[None]:
        self._waits += 1
        try:
            return self._change()
        except BaseException:
            self._waits -= 1
            raise

    def _end_wait(self) -> None:
        self._waits -= 1
        self._change()

    def _change(self) -> Pending[None]:
        if self._is_wanted == self._hearing:
            return done()
        if self._is_wanted:
            self.require_heard()
        self._hearing = self._is_wanted
        pending = Pending(asyncio.ensure_future(self._hear()))
        pending.when_failed(self._unheard)
        return pending

    @property
    def _is_wanted(self) -> bool:
        return bool(self._listeners or self._waits)

    async def _hear(self) -> None:
        async with self._turn:
            await self._driver.hear_requests(self.decide if self._hearing else None)

    def _waited_for(self) -> str:
        return "Waited for the extension to request permissions, and for the browser to ask its user"
