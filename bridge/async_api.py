"""The bridge for async code: `launch`, and what it gives."""

import os
from collections.abc import Generator, Iterable, Mapping
from types import TracebackType
from typing import Any

from playwright.async_api import BrowserType

from .core.api import Action, Runtime, Tabs
from .core.bridge import Bridge
from .core.console import ConsoleLine
from .core.context import Context
from .core.events import ConnectEvent
from .core.faults import Faults, faults
from .core.message_event import MessageEvent
from .core.message_route import MessageRoute
from .core.native import NativeApplication
from .core.native_port import NativePort
from .core.objects import BrowserObject, PortError, Sender, Tab
from .core.other_extension import OtherContext, OtherExtension
from .core.permission_requests import PermissionRequest
from .core.port import Port
from .core.port_route import PortRoute, RouteReceiver
from .core.request import Request
from .core.unread import MAX_UNREAD_BYTES
from .driver import PermissionAnswer
from .errors import (
    BridgeError,
    BridgeTimeoutError,
    BrowserNotFoundError,
    ChannelError,
    ContextError,
    ExtensionError,
    ExtensionWarning,
    LaunchError,
    PortDisconnectedError,
    RemoteError,
    UnsupportedError,
)
from .launch import Order, start
from .traffic.history import History, RecordedMessage, RecordedPlace, RecordedPort
from .traffic.recorder import Mode
from .traffic.records import Record
from .traffic.redact import Redact
from .traffic.traffic import Traffic
from .waiting.event import Event, invoke_here
from .waiting.waits import DEFAULT_TIMEOUT_MS

__all__ = [
    "Action",
    "Bridge",
    "BridgeError",
    "BridgeTimeoutError",
    "BrowserNotFoundError",
    "BrowserObject",
    "ChannelError",
    "ConnectEvent",
    "ConsoleLine",
    "Context",
    "ContextError",
    "Event",
    "ExtensionError",
    "ExtensionWarning",
    "Faults",
    "History",
    "Launch",
    "LaunchError",
    "MessageEvent",
    "MessageRoute",
    "NativeApplication",
    "NativePort",
    "OtherContext",
    "OtherExtension",
    "PermissionRequest",
    "Port",
    "PortDisconnectedError",
    "PortError",
    "PortRoute",
    "Record",
    "RecordedMessage",
    "RecordedPlace",
    "RecordedPort",
    "RemoteError",
    "Request",
    "RouteReceiver",
    "Runtime",
    "Sender",
    "Tab",
    "Tabs",
    "Traffic",
    "UnsupportedError",
    "faults",
    "launch",
]


def launch(
    browser_type: BrowserType,
    extension: str | os.PathLike[str],
    *,
    headless: bool = True,
    channel: str | None = None,
    executable_path: str | os.PathLike[str] | None = None,
    args: Iterable[str] | None = None,
    user_data_dir: str | os.PathLike[str] | None = None,
    replace: Iterable[str] = (),
    also: Iterable[str | os.PathLike[str]] = (),
    native: Iterable[str] = (),
    native_hosts: Iterable[str | os.PathLike[str]] = (),
    grant: Iterable[str] = (),
    permission_requests: PermissionAnswer = "allow",
    storage: Mapping[str, Mapping[str, Any]] | None = None,
    private: bool = False,
    install: bool = True,
    routes: bool = False,
    bfcache: bool = False,
    background_idle_timeout: float | None = None,
    copy_limit: int | None = None,
    unread_limit: int = MAX_UNREAD_BYTES,
    record: Mode = "python",
    record_to: str | os.PathLike[str] | None = None,
    redact: Redact | None = None,
    timeout: float = DEFAULT_TIMEOUT_MS,
    **persistent_context_options: Any,
) -> "Launch":
    """Start a browser with an instrumented copy of an extension.

        async with launch(playwright.chromium, "path/to/extension") as bridge: ...
        bridge = await launch(playwright.firefox, "extension.xpi")

    It is complete when the extension's background, if it has one, runs.

    Args:
        browser_type: ``playwright.chromium`` or ``playwright.firefox``.
        extension: The extension's folder, or its ``.zip``, ``.xpi`` or ``.crx`` file. It is never written to.
        headless: As in Playwright.
        channel: As in Playwright: ``"chrome"``, ``"msedge"``, ``"moz-firefox"`` ...
        executable_path: The browser to start. Without it and without `channel`, the bridge takes the program or channel
            in the environment variable ``PORTBRIDGE_CHROMIUM`` or ``PORTBRIDGE_FIREFOX``, or else Playwright's own
            build if it is installed, or else a browser on the PATH.
        args: More arguments for the browser.
        user_data_dir: The browser's profile. Without it, the browser gets a new one, which is removed at the end.
        replace: Parts of the extension to leave out, so that Python plays them alone: ``"background"``, ``"content"``.
        also: Other extensions to load, unchanged.
        native: Names of native applications that Python plays from the start, for an extension that connects as soon as
            it runs. `Bridge.native` can add others later.
        native_hosts: Host manifests of real native applications that the extension may use during this launch.
        grant: Optional permissions, and match patterns of optional hosts, that the extension has from its first line;
            see `Bridge.grant`.
        permission_requests: What the user answers when the extension itself calls `permissions.request()`, while nobody
            listens to `Bridge.permission_requests`: ``"allow"`` or ``"refuse"``.
        storage: What the extension has in its storage before its first line runs, each time that it is installed:
            ``{"local": {"theme": "dark"}}``. The areas are ``"local"``, ``"sync"`` and, in Firefox, ``"session"`` and
            ``"managed"``; each has a dict of JSON values. `storage.onChanged` does not fire for it. Firefox needs an id
            in the manifest for ``"sync"`` and ``"managed"``.
        private: Whether the extension may run in private windows, too, and those of `also`; see
            `Bridge.open_private_window`. Firefox needs an id in the manifest for this, and leaves out those of `also`
            that have none.
        install: Whether the launch installs the extension. If not, it is complete when the browser runs, and
            `Bridge.install` installs the extension.
        routes: Whether `Bridge.route_port` can change what the extension's own scripts say to each other. The scripts'
            listeners and ports are then behind a proxy from the start; see Fidelity for what they can see of it.
        bfcache: Leave the browser's back/forward cache on. Playwright switches it off in Chromium, and the bridge does
            so in Firefox, because a page that the user has left may live on in it, with its ports. Playwright's own
            Firefox has none.
        background_idle_timeout: Stop the background whenever it has been idle for that long, in milliseconds, at least
            100. With None, the browser decides: Firefox stops an event page after 30 s; Chromium never stops a worker,
            because Playwright is attached. The guide says what counts as activity.
        copy_limit: How many bytes an archive may unpack to, and how many the symbolic links in a folder may add to its
            copy; each file counts 4 KiB more. With None, that is 1 GiB, and for an archive no more than a hundred times
            its own size, but at least 64 MiB.
        unread_limit: How many bytes the messages may take that have arrived on open ports and that nobody has received.
            At more, the port that has most of them is disconnected, and the next wait on it, or else `Bridge.close`,
            raises BridgeError; its messages can still be received. (Browsers have no flow control for ports. A native
            application has: there, Python reads on when some have been received.)
        record: What `Bridge.traffic` records: ``"python"`` the ports that Python holds, ``"all"`` also those of the
            extension's own scripts and its one-time messages, ``"off"`` nothing.
        record_to: A file to which each record is written as it comes, as JSON Lines.
        redact: What to leave out of the records: names of members of messages, or a function that gets a message and
            returns what to record instead. Without it, records have whole messages, including any secrets in them.
        timeout: How long each step of the launch may take, in milliseconds; 0 means no limit.
        persistent_context_options: Any option of Playwright's ``launch_persistent_context``.

    Raises:
        ExtensionError: The extension cannot be used, or the browser rejects it; the message says why.
        BrowserNotFoundError: There is no such browser.
        LaunchError: The browser or the extension's service worker does not start.
        UnsupportedError: `browser_type` is WebKit, `bfcache` is for Playwright's own Firefox, or the browser cannot
            begin with that in its `storage`.
        TypeError: Neither the bridge nor Playwright knows an option, or a value for `storage` is not JSON.

    Warns:
        ExtensionWarning: The browser loads the extension, but cannot run all of it; the message says what to do.
    """
    return Launch(Order(locals(), sync=False))


class Launch:
    """What `launch` returns: await it, or enter it with ``async with``."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._bridge: Bridge | None = None

    def __await__(self) -> Generator[Any, None, Bridge]:
        return start(self._order, invoke_here).__await__()

    async def __aenter__(self) -> Bridge:
        self._bridge = await self
        return self._bridge

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._bridge
        await self._bridge.__aexit__(kind, error, trace)
