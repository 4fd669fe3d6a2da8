"""What all contexts and ports of one launch share, and what they need of each other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from ..driver import Scope
from ..errors import BridgeError, ExtensionError
from ..protocol.disconnected import DISCONNECTED
from ..protocol.frames import Disconnect, Post
from ..traffic.places import Place
from ..traffic.recorder import Mode, Recorder
from ..traffic.traffic import Traffic
from ..waiting.deferred import DeferredErrors
from ..waiting.event import Invoke
from ..waiting.waits import DEFAULT_TIMEOUT_MS, Pending, done
from .beginning import Beginning
from .recipients import Recipients
from .routes import Routes
from .unread import MAX_UNREAD_BYTES, Unread

__all__ = ["Owner", "Session"]


async def _no_scope(context: object) -> Scope | None:
    return None


class Session:
    """Settings and state of one launch.

    Attributes:
        invoke: How listeners are called.
        deferred: Exceptions of listeners that no wait has raised yet.
        traffic: What went over ports.
        recorder: Makes the records of the traffic.
        records_console: Whether what scripts say on their consoles is recorded, too.
        on_listening: Called with the events that Python listens to in the background, and of these, whose messages it
            may answer, whenever they change; returns what may be awaited.
        start_background: Starts a stopped background, for a browser that cannot tell one reliably, before it starts,
            what Python has begun to listen to meanwhile; else None.
        scope_of: Finds the global scope of a context; None if the browser does not show it now.
        is_embedded: Given the address of a page and the id of its tab, asks the browser whether it shows the page as
            options within a page of its own; None if that cannot be.
        frame_of: Given a context and a limit in milliseconds, finds Playwright's frame that shows it.
        close_devtools: Given a context in developer tools, closes them.
        open_requests: The one-time messages that Python may still answer, the oldest first.
        routes: Which ports of the extension's own scripts Python routes.
        stop_background: Stops the background, as the browser does when it is idle.
        recipients: Who has heard the one-time messages that are routed.
        opener_of: Given a sender, finds the context that it describes; None if the bridge has none.
        permission_requests: Likewise, what the extension requests of its user.
        forget_requests: Removes the listeners for such requests.
        end_requests: Called when there will be no more of them, with the reason.
        unread: What messages take that nobody has taken yet.
        permissions: What the manifest asks for, also if optional; from the launch on.
        extension_id: The id of the extension under test; empty before it is loaded.
        relay_id: The id of the relay extension; empty before it is known.
        unnamed: The name of a port of `tabs.connect` whose options have none.
        disconnected: What the browser throws when a script posts on a closed port.
        leaves_orphans: Whether content scripts run on in open pages when their extension is unloaded.
        beginning: What the extension begins with whenever it is new to the browser.
        allows_private: Whether the extension and the relay may run in private windows.
        allows_requests: Whether the user allows what the extension requests, if nobody hears it.
        installs: Whether the launch, and each reset, installs the extension.
        default_timeout_ms: How long a wait lasts that names no timeout of its own.
    """

    def __init__(self, invoke: Invoke, record: Mode = "python", unread_limit: int = MAX_UNREAD_BYTES) -> None:
        self.invoke = invoke
        self.deferred = DeferredErrors()
        self.traffic = Traffic(self.timeout_ms, self.deferred)
        self.recorder = Recorder(
            record,
            self.traffic._add,
            lambda seconds, call: asyncio.get_running_loop().call_later(seconds, call),
            self.traffic._add_posted,
        )
        self.records_console = record == "all"
        self.on_listening: Callable[[frozenset[str], frozenset[str]], Pending[None]] = lambda events, answers: done()
        self.start_background: Callable[[], Awaitable[None]] | None = None
        self.scope_of: Callable[[Any], Awaitable[Scope | None]] = _no_scope
        self.is_embedded: Callable[[str, Any], Awaitable[bool] | None] = lambda url, tab_id: None
        self.frame_of: Callable[[Any, float], Awaitable[Any]]  # from the launch on
        self.close_devtools: Callable[[Any], Awaitable[None]]  # from the launch on
        self.open_requests: dict[object, None] = {}
        self.routes = Routes(self)
        self.recipients: Recipients  # from the contexts on
        self.opener_of: Callable[[dict[str, Any]], Any] = lambda sender: None
        self.stop_background: Callable[[], Awaitable[None]]  # from the launch on
        self.permission_requests: dict[Any, None] = {}
        self.forget_requests: Callable[[], None] = lambda: None
        self.end_requests: Callable[[BridgeError], None] = lambda reason: None
        self.unread = Unread(unread_limit)
        self.permissions: frozenset[str] = frozenset()
        self.extension_id = ""
        self.relay_id = ""
        self.unnamed: str | None
        self.disconnected: str
        self.leaves_orphans: bool
        self.runs_in("chromium")
        self.beginning = Beginning({}, private=False)
        self.allows_private = False
        self.allows_requests = True
        self.installs = True
        self.default_timeout_ms = DEFAULT_TIMEOUT_MS

    def end_record(self, reason: BridgeError) -> None:
        """Record what the recorder still holds back; nothing more will come."""
        self.recorder.flush()
        self.traffic._end(reason)

    def runs_in(self, browser_name: str) -> None:
        """The launch is in that browser: take its ways and words."""
        is_firefox = browser_name == "firefox"
        self.unnamed = None if is_firefox else ""
        self.disconnected = DISCONNECTED[browser_name]
        self.leaves_orphans = not is_firefox

    def timeout_ms(self, timeout: float | None) -> float:
        """Return `timeout`, or the default for None."""
        return self.default_timeout_ms if timeout is None else timeout

    def unanswered(self) -> str:
        """What to add to the error of a wait, if Python has not answered all messages."""
        waiting = [*self.open_requests, *self.permission_requests]
        return f". Python has not answered {', '.join(map(repr, waiting))}" if waiting else ""

    def require_permission(self, permission: str) -> None:
        """Raise ExtensionError if the manifest does not ask for `permission`."""
        if permission not in self.permissions:
            raise ExtensionError(
                f"The extension may not do this: its manifest lacks the permission {permission!r}. "
                f'Add "{permission}" to "permissions".'
            )


class Owner(Protocol):
    """What ports and events need of the context or native application in which Python holds them."""

    _session: "Session"
    _place: Place

    @property
    def _label(self) -> str:
        """How errors name the owner."""

    @property
    def _state(self) -> str:
        """What to add to the error of a wait, if the owner does not run."""

    def _send(self, frame: Post | Disconnect, payload: str | None = None) -> Pending[None]:
        """Carry out what a port does."""

    def _listens(self, event: str) -> bool:
        """Whether `event` is reported here."""

    def _want(self, event: str, *, answers: bool = False) -> Pending[None]:
        """Have `event` reported here from now on, perhaps for Python to answer; done when it is."""

    def _unwant(self, event: str) -> Pending[None] | None:
        """Take that back; None if nothing had to be done."""
