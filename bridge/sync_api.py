"""The bridge for sync code: the names of `async_api`, for Playwright's sync API.

Everything runs on the event loop of ``sync_playwright()``. Listeners run in the caller's thread whenever a call of
Playwright or of the bridge waits, like Playwright's own event handlers, and may themselves call both.
"""

import os
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Frame, Page

from . import _playwright, async_api
from .async_api import (
    BridgeError,
    BridgeTimeoutError,
    BrowserNotFoundError,
    BrowserObject,
    ChannelError,
    ContextError,
    ExtensionError,
    History,
    LaunchError,
    PortDisconnectedError,
    PortError,
    Record,
    RecordedMessage,
    RecordedPlace,
    RecordedPort,
    RemoteError,
    Sender,
    Tab,
    UnsupportedError,
)
from .faces import FACES, Face, Run, face_of, invoke_in_greenlet
from .launch import Order, several, start
from .sync_faces import (
    Action,
    ConnectEvent,
    Context,
    Event,
    NativeApplication,
    NativePort,
    Port,
    Runtime,
    Tabs,
    Traffic,
)
from .traffic.recorder import Mode
from .traffic.redact import Redact
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
    "Context",
    "ContextError",
    "Event",
    "ExtensionError",
    "History",
    "LaunchError",
    "NativeApplication",
    "NativePort",
    "Port",
    "PortDisconnectedError",
    "PortError",
    "Record",
    "RecordedMessage",
    "RecordedPlace",
    "RecordedPort",
    "RemoteError",
    "Runtime",
    "Sender",
    "Tab",
    "Tabs",
    "Traffic",
    "UnsupportedError",
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
    bfcache: bool = False,
    background_idle_timeout: float | None = None,
    record: Mode = "python",
    record_to: str | os.PathLike[str] | None = None,
    redact: Redact | None = None,
    timeout: float = DEFAULT_TIMEOUT_MS,
    **persistent_context_options: Any,
) -> "Bridge":
    """Start a browser with an instrumented copy of an extension, and return its bridge.

        with launch(playwright.chromium, "path/to/extension") as bridge: ...

    Arguments and errors are those of `async_api.launch`. Without a ``with`` block, call `Bridge.close`.
    """
    order = Order(
        browser_type=browser_type,
        extension=extension,
        channel=channel,
        executable_path=executable_path,
        user_data_dir=user_data_dir,
        replace=several(replace),
        also=several(also),
        native=several(native),
        native_hosts=several(native_hosts),
        bfcache=bfcache,
        background_idle_timeout=background_idle_timeout,
        record=record,
        record_to=record_to,
        redact=redact,
        timeout_ms=timeout,
        options={"headless": headless, "args": list(several(args or ())), **persistent_context_options},
    )
    order.check(sync=True)
    run: Run = partial(_playwright.run, browser_type)
    bridge: Bridge = face_of(run(start(order, partial(invoke_in_greenlet, run))), run)
    return bridge


class Bridge(Face[async_api.Bridge]):
    """A running browser with the extension under test. See `async_api.Bridge`."""

    @property
    def browser_context(self) -> BrowserContext:
        """Playwright's own ``BrowserContext``."""
        context: BrowserContext = self._impl.browser_context
        return context

    @property
    def browser_name(self) -> str:
        """``"chromium"`` or ``"firefox"``."""
        return self._impl.browser_name

    @property
    def extension_id(self) -> str:
        """The id that the browser gave the extension under test."""
        return self._impl.extension_id

    @property
    def manifest(self) -> dict[str, Any]:
        """The extension's manifest as its author wrote it."""
        return self._impl.manifest

    def set_default_timeout(self, timeout: float) -> None:
        """Set how long waits last that name no timeout: milliseconds, 0 for ever. It begins as 30 000."""
        self._impl.set_default_timeout(timeout)

    @property
    def contexts(self) -> list[Context]:
        """All contexts alive: background, content scripts, pages, web pages that Python stands in, and `external`."""
        return [face_of(context, self._run) for context in self._impl.contexts]

    @property
    def background(self) -> Context:
        """The service worker, event page or background page. It stays the same object when the background restarts."""
        context: Context = face_of(self._impl.background, self._run)
        return context

    @property
    def external(self) -> Context:
        """Another extension (the bridge's relay): a connection opened here comes to `onConnectExternal`."""
        context: Context = face_of(self._impl.external, self._run)
        return context

    def content(self, page_or_frame: Page | Frame, *, timeout: float | None = None) -> Context:
        """Return the content-script world of a page or frame."""
        context: Context = self._call(self._impl.content, page_or_frame, timeout=timeout)
        return context

    def page(self, path: str | None = None, *, timeout: float | None = None) -> Context:
        """Open an extension page in a new tab, and return its context."""
        context: Context = self._call(self._impl.page, path, timeout=timeout)
        return context

    def native(self, name: str) -> NativeApplication:
        """Be the native application `name`: the other end of the extension's ``connectNative(name)``."""
        application: NativeApplication = self._call(self._impl.native, name)
        return application

    def web(self, page_or_frame: Page | Frame, *, timeout: float | None = None) -> Context:
        """Return the world of a web page's own scripts, from where it may connect to the extension. Chromium only."""
        context: Context = self._call(self._impl.web, page_or_frame, timeout=timeout)
        return context

    def click_action(self, page: Page | None = None) -> None:
        """Press the extension's toolbar button, with `page` in front."""
        self._call(self._impl.click_action, page)

    def stop_background(self, *, timeout: float | None = None) -> None:
        """Stop the background as the browser does when it was idle for long; the next event starts it again."""
        self._call(self._impl.stop_background, timeout=timeout)

    def start_background(self, *, timeout: float | None = None) -> None:
        """Start the background if it is stopped, without an event. See `async_api.Bridge.start_background`."""
        self._call(self._impl.start_background, timeout=timeout)

    def wait_for_background(self, *, timeout: float | None = None) -> None:
        """Return once the background runs. See `async_api.Bridge.wait_for_background`."""
        self._call(self._impl.wait_for_background, timeout=timeout)

    def reload(self, *, timeout: float | None = None) -> None:
        """Load the extension anew, with the user's files as they are now."""
        self._call(self._impl.reload, timeout=timeout)

    def reset(self, *, timeout: float | None = None) -> None:
        """Make everything as it was after the launch, in the same browser. See `async_api.Bridge.reset`."""
        self._call(self._impl.reset, timeout=timeout)

    @property
    def traffic(self) -> Traffic:
        """What went over ports: of Python's, and with ``launch(record="all")`` of the extension's own scripts too."""
        traffic: Traffic = face_of(self._impl.traffic, self._run)
        return traffic

    def start_inspector(self) -> str:
        """Serve the inspector until the bridge is closed, and return the page's address.

        The page lives only while a call of Playwright or of the bridge waits; see `inspect`.
        """
        url: str = self._call(self._impl.start_inspector)
        return url

    def inspect(self, *, open_browser: bool = True) -> None:
        """Stop here until somebody presses "Resume" in the inspector. See `async_api.Bridge.inspect`."""
        self._call(self._impl.inspect, open_browser=open_browser)

    def recent_traffic(self) -> list[str]:
        """Return the last of the recorded traffic as lines of text, the oldest first."""
        return self._impl.recent_traffic()

    def raise_listener_errors(self) -> None:
        """Raise what listeners raised and no wait has raised yet; several come as an exception group."""
        self._impl.raise_listener_errors()

    def close(self) -> None:
        """Close the browser and remove all that the launch made. May be called more than once.

        Raises:
            Exception: What a listener raised and no wait has raised yet; several come as an exception group.
        """
        self._call(self._impl.close)

    def __enter__(self) -> "Bridge":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._impl.__aexit__, kind, error, trace)


FACES[async_api.Bridge] = Bridge
