"""What the extension requests of its user and nobody has answered, as the page is told."""

import time
from contextlib import suppress

from ..core.bridge import Bridge
from ..core.permission_requests import PermissionRequest, PermissionRequests
from ..errors import BridgeError
from .messages import PermissionRequestState
from .numbers import Numbers

__all__ = ["OpenPermissionRequests", "require_heard"]


class OpenPermissionRequests:
    """A bridge's open permission requests, with numbers, and the listener that keeps them open for the page's user.

    Args:
        bridge: The running browser.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._requests = bridge._permission_requests
        self._numbers: Numbers[PermissionRequest] = Numbers("permission request")
        self._states: dict[int, PermissionRequestState] = {}
        self._heard = _Heard(self._requests)

    def __getitem__(self, id: int) -> PermissionRequest:
        """Return the request with that number.

        Raises:
            BridgeError: Nobody can answer it any more.
        """
        request = self._numbers[id]
        if request.answered is not None:
            raise BridgeError(f"This permission request is no longer open: {request.answered}")
        return request

    def states(self) -> list[PermissionRequestState]:
        """Return what the page is told about them, and number those that are new."""
        numbered = self._numbers.keep(self._requests.open)
        self._states = {id: self._states.get(id) or _state(id, request) for id, request in numbered}
        return list(self._states.values())

    @property
    def heard(self) -> bool:
        """Whether the browser tells the inspector of new ones, which stay open; `bridge.reset()` ends that."""
        return self._heard.has_begun and self._requests.hasListener(self._heard.hear)

    async def begin(self) -> None:
        """Keep open what the extension requests from now on, until somebody answers.

        Raises:
            UnsupportedError: The browser grants without asking.
        """
        if self.heard:
            return
        await self.stop()
        heard = self._heard = _Heard(self._requests)
        try:
            await self._requests.addListener(heard.hear)
        except BaseException:
            heard.end()
            self._requests.removeListener(heard.hear)
            raise
        heard.has_begun = True

    async def stop(self) -> None:
        """Hear no more of them, and leave to others what the inspector heard and nobody answered."""
        self._heard.end()
        await self._requests.removeListener(self._heard.hear)

    async def close(self) -> None:
        """The same, at the end."""
        with suppress(BridgeError):  # the browser is gone, and its prompts with it
            await self.stop()


class _Heard:
    """The requests that the inspector heard since it began to.

    Attributes:
        has_begun: Whether the browser has said that it tells of them.
    """

    def __init__(self, requests: PermissionRequests) -> None:
        self.has_begun = False
        self._requests = requests
        self._open: list[PermissionRequest] = []
        self._ended = False

    def hear(self, request: PermissionRequest) -> None:
        """Keep a request open, unless this ended before it could be told."""
        if self._ended:
            self._requests.decline(request)
            return
        self._open = [other for other in self._open if other.answered is None]
        self._open.append(request)

    def end(self) -> None:
        """Leave to others what is still open."""
        self._ended = True
        for request in self._open:
            self._requests.decline(request)
        self._open.clear()


def require_heard(bridge: Bridge) -> None:
    """Raise BridgeError if this launch takes no permission requests."""
    if not bridge._extension.manifest.has_optional_permissions:
        raise BridgeError("The manifest lists no optional permissions, so the extension can request none")
    bridge._permission_requests.require_heard()


def _state(id: int, request: PermissionRequest) -> PermissionRequestState:
    return PermissionRequestState(id=id, permissions=request.permissions, origins=request.origins, since=time.time())
