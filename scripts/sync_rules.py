"""What scripts/generate_sync has to know about the two flavours, and what differs in the sync one by nature."""

from bridge import async_api

HEADER = '''
# Made by scripts/generate_sync from bridge/async_api.py and what it imports. Change those, and run it again.
# mypy: no-warn-return-any
"""The bridge for sync code: the names of `async_api`, for Playwright's sync API.

Everything runs on the event loop of ``sync_playwright()``. Listeners run in the caller's thread whenever a call of
Playwright or of the bridge waits, like Playwright's own event handlers, and may themselves call both.
"""

from __future__ import annotations
'''

TWINS = (
    async_api.Action,
    async_api.Bridge,
    async_api.Context,
    async_api.Event,
    async_api.NativeApplication,
    async_api.Port,
    async_api.Runtime,
    async_api.Tabs,
    async_api.Traffic,
    async_api.ConnectEvent,
    async_api.MessageEvent,
    async_api.NativePort,
    async_api.Request,
    async_api.PortRoute,
    async_api.RouteReceiver,
    async_api.MessageRoute,
    async_api.OtherContext,
    async_api.OtherExtension,
)
"""The classes that get a sync one, bases first. The others of `async_api` have nothing to wait for, and serve both."""

ASYNC_ONLY = {"Launch"}

NO_TWIN = {"__init__", "__repr__", "__bool__"}
DUNDERS = {"__aenter__": "__enter__", "__aexit__": "__exit__", "__aiter__": "__iter__"}
TAKEN_OVER = {"__aenter__", "__aiter__"}
"""Word by word, without their awaits: they are made of public members."""

TYPES = {"AsyncIterator": "Iterator", "AsyncIterable": "Iterable"}

MODULES = {"playwright.async_api": "playwright.sync_api", "bridge.waiting.expect": "bridge.faces"}

OTHER_NAMES = {
    "DEFAULT_TIMEOUT_MS",
    "Expect",
    "MAX_UNREAD_BYTES",
    "Mode",
    "MessageMatch",
    "NameMatch",
    "PermissionAnswer",
    "Redact",
    "UNDEFINED",
}
"""What signatures may name of the bridge besides what `async_api` exports."""

BASES = {"Event": "EventFace"}
"""Of a sync class, where it is not `Face`."""

HERE = {"Bridge.set_default_timeout", "Bridge.raise_listener_errors", "Traffic.save"}
"""Functions that return None and yet need no loop: they work after Playwright has ended, too."""

WRITERS = {"postMessage"}
"""Functions whose `Pending` is done as soon as all is written: then the loop has nothing to do for them."""

FIRST = {"Event.addListener": "require_plain(listener)"}
"""What a sync function does before anything else."""

WORDS = {
    "launch": [
        ("of an extension.", "of an extension, and return its bridge."),
        ("has one, runs.", "has one, runs. Without a ``with`` block, call `Bridge.close` at the end."),
    ],
    "Bridge.route_port": [(", or a coroutine function", "")],
    "Bridge.route_message": [(", or a coroutine function", "")],
    "PortRoute.on_message": [
        (
            " A coroutine function gets the next message when it has returned, so the order stays.",
            " It gets the next message when it has returned, so the order stays.",
        )
    ],
    "Event.addListener": [
        (
            "`listener` is not callable.",
            "`listener` is not callable, or a coroutine function: listeners are plain functions here.",
        )
    ],
    "Port.postMessage": [
        (" Awaiting raises this; if nobody awaits, the next wait on this port does.", ""),
        (
            " Awaiting also raises it for a message that the browser has to accept (see above)"
            " and that found the port closed there.",
            "",
        ),
    ],
    "Request.respond": [(" Awaiting raises this; if nobody awaits, the next wait does.", "")],
    "Traffic.subscribe": [
        (" on the event loop with", " at once with"),
        ("`callback` must be quick.", "`callback` must be quick, and may not call Playwright or the bridge."),
    ],
    "Bridge.start_inspector": [
        (
            "same address.",
            "same address. The page lives only while a call of Playwright or of the bridge waits; see `inspect`.",
        )
    ],
}
"""Docstrings that say something else in the sync flavour, beside what `in_sync_words` changes in all of them."""
