"""The one-time messages that Python may still answer, whoever in Python heard them, as the page is told."""

import time

from ..core.bridge import Bridge
from ..core.request import Request
from ..errors import BridgeError
from ..protocol.shown import text_of
from .held import context_of, sender_of
from .messages import RequestState
from .numbers import Numbers

__all__ = ["MESSAGE_CHARACTERS", "OpenRequests"]

MESSAGE_CHARACTERS = 2_000
"""How much of a one-time message, or of its answer, a page is told; the timeline shows the rest."""


class OpenRequests:
    """The open requests of a bridge, with numbers.

    Args:
        bridge: The running browser.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._numbers: Numbers[Request] = Numbers("one-time message")
        self._states: dict[int, RequestState] = {}

    def __getitem__(self, id: int) -> Request:
        """Return the request with that number.

        Raises:
            BridgeError: Python can no longer answer it.
        """
        request = self._numbers[id]
        if request.answered is not None:
            raise BridgeError(f"This message to {request.context._label} is no longer open: {request.answered}")
        return request

    def states(self) -> list[RequestState]:
        """Return what the page is told about them, and number those that are new."""
        numbered = self._numbers.keep(self._bridge.open_requests)
        # Made once for each, so that no state differs from the one before only by the difference of two clocks.
        self._states = {id: self._states.get(id) or _state(id, request) for id, request in numbered}
        return list(self._states.values())


def _state(id: int, request: Request) -> RequestState:
    return RequestState(
        id=id,
        context=context_of(request.context),
        sender=sender_of(request.sender),
        message=text_of(request.message, MESSAGE_CHARACTERS),
        since=time.time() - (time.monotonic() - request._since),
    )
