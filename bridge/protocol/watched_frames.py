"""The frames in which an agent tells what it sees the extension's own scripts do with ports and one-time messages.

Numbers of ports and requests are the agent's own here. Times are milliseconds since 1970.
"""

from typing import Any

import msgspec

from .frame import Frame

__all__ = [
    "ScriptTarget",
    "Watched",
    "WatchedAccept",
    "WatchedAnswer",
    "WatchedClose",
    "WatchedHearing",
    "WatchedOpen",
    "WatchedPost",
    "WatchedRequest",
]


class ScriptTarget(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a script's call addresses; null for what it does not name."""

    extension: str | None = None
    tab: int | None = None
    frame: int | None = None
    document: str | None = None
    application: str | None = None


class Watched(Frame):
    """The base of these frames."""

    time: float


class WatchedOpen(Watched, kw_only=True):
    """A script opened a port with `function`; `name` is null if Firefox has none."""

    port: int
    function: str
    name: str | None
    target: ScriptTarget


class WatchedAccept(Watched, kw_only=True):
    """A script's listener gets a port. `since` is when the context's scripts began to listen to `event`."""

    port: int
    event: str
    name: str | None
    sender: dict[str, Any]
    since: float


class WatchedPost(Watched, kw_only=True):
    """A script posted a message, or got one. Payload: the message; or its beginning, and `length` is that of all.

    `after`: how many messages on this port the context's scripts had got by then. Agents report on their own sockets;
    by this number the recorder puts what one end posted before what the other end answered.
    """

    port: int
    after: int = 0
    arrived: bool = False
    length: int | None = None


class WatchedClose(Watched, kw_only=True):
    """A port closed, perhaps by the script itself. `failed`: with an error, whose text Chromium may keep back.

    `after` as in `WatchedPost`.
    """

    port: int
    after: int = 0
    byScript: bool = False
    failed: bool = False
    error: str | None = None


class WatchedRequest(Watched, kw_only=True):
    """A script sent a one-time message with `function`. Payload as in `WatchedPost`."""

    request: int
    function: str
    target: ScriptTarget
    length: int | None = None


class WatchedHearing(Watched, kw_only=True):
    """A script's listener gets a one-time message. Payload as in `WatchedPost`."""

    event: str
    sender: dict[str, Any]
    length: int | None = None


class WatchedAnswer(Watched, kw_only=True):
    """A script's request was answered, or failed. Payload as in `WatchedPost`, if the answer is not undefined."""

    request: int
    error: str | None = None
    length: int | None = None
