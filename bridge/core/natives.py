"""The native applications that Python is, by name."""

from collections.abc import Callable

from ..errors import BridgeError
from .native import NativeApplication
from .session import Session

__all__ = ["NativeApplications"]


class NativeApplications:
    """Makes an application the first time that its name is asked for.

    Args:
        session: What they share.
        install: Has the browser find an application.
    """

    def __init__(self, session: Session, install: Callable[[NativeApplication], None]) -> None:
        self._session = session
        self._install = install
        self._applications: dict[str, NativeApplication] = {}

    def get(self, name: str) -> NativeApplication:
        """See `Bridge.native`."""
        if name not in self._applications:
            self._session.require_permission("nativeMessaging")
            application = NativeApplication(name, self._session)
            self._install(application)
            self._applications[name] = application
        return self._applications[name]

    def forget(self) -> None:
        """Disconnect the ports, and remove all listeners and what is kept for them."""
        for application in self._applications.values():
            application.forget()

    def end(self, reason: BridgeError) -> None:
        """The launch is over."""
        for application in self._applications.values():
            application.end(reason)
