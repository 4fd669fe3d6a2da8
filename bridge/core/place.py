"""What ports and events need of the place in which Python holds them."""

from typing import Protocol

from ..protocol.frames import Disconnect, Post
from .session import Session
from .waits import Pending

__all__ = ["Place"]


class Place(Protocol):
    """A context of the browser, or a native application."""

    session: Session

    @property
    def label(self) -> str:
        """How errors name the place."""

    def send(self, frame: Post | Disconnect, payload: str | None = None) -> Pending[None]:
        """Carry out what a port does."""

    def want(self, event: str) -> Pending[None]:
        """Have `event` reported here from now on; done when it is."""

    def unwant(self, event: str) -> Pending[None] | None:
        """Take that back; None if nothing had to be done."""
