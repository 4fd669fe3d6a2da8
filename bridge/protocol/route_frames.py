"""The frames of routes: Python has a say in the ports and messages that reach the extension's own scripts.

A route is numbered by the agent of the context that the port or the one-time message has reached, and each message of a
direction of a port, too. The agent keeps what came until Python says what becomes of it.
"""

from typing import Any

import msgspec

from .frame import Frame, ScriptError
from .watched_frames import ScriptTarget

__all__ = [
    "TO_MESSAGE_ROUTE",
    "TO_ROUTE",
    "RouteAnswer",
    "RouteAsk",
    "RouteClose",
    "RouteConnect",
    "RouteFree",
    "RouteHeld",
    "RouteHold",
    "RouteLeave",
    "RoutePass",
    "RoutePost",
    "RouteReject",
    "RouteTake",
    "Routed",
    "RoutedAsk",
    "RoutedClose",
    "RoutedEnd",
    "RoutedMessage",
    "Routing",
    "ToMessageRoute",
    "ToRoute",
]


class Routing(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes to Python first: ports of these `names`, and one-time messages that contain one of `messages`.

    All ports do if `asks`, and all messages if `asksMessages`.
    """

    names: list[str]
    asks: bool = False
    messages: list[Any] = []
    asksMessages: bool = False


# --- ports, from an agent -------------------------------------------------------------------------------------------


class Routed(Frame):
    """A port came, and no script has it yet; or a script has opened one to where no agent is. Answered by `Route...`.

    Of one that came, `event`, `name` and `sender` are as in `Accepted`. Of one that was opened, `event` and `sender`
    are null, `target` says whom the call addressed, and `name` is the application's if that is a native one.
    """

    route: int
    event: str | None
    name: str | None
    sender: dict[str, Any] | None
    target: ScriptTarget | None = None


class RoutedMessage(Frame):
    """A message of the port's opener, or of the receiver's scripts. Payload: the message, unless it is unreadable."""

    route: int
    message: int
    byOpener: bool
    unreadable: bool = False


class RoutedClose(Frame):
    """The scripts here called `disconnect()`, or the other end is gone; `error` is the browser's reason."""

    route: int
    byOpener: bool
    error: ScriptError | None = None


class RouteHeld(Frame):
    """The answer to `RouteHold`: messages of before needed no answer, those that follow do."""

    route: int
    byOpener: bool


# --- ports, from Python ---------------------------------------------------------------------------------------------


class RouteConnect(Frame):
    """Let the scripts have the port, if they are its receiver."""

    route: int


class RoutePass(Frame):
    """Let a message go on as it came."""

    route: int
    message: int
    byOpener: bool


class RouteTake(Frame):
    """Forget a message: Python has it, and posts what is to be posted in its place."""

    route: int
    message: int
    byOpener: bool


class RouteFree(Frame):
    """Let the messages of a direction go on without Python, those first that wait for it."""

    route: int
    byOpener: bool


class RouteHold(Frame):
    """Python wants the messages of a direction again. Answered by `RouteHeld`."""

    route: int
    byOpener: bool


class RoutePost(Frame):
    """Give a message to that end: it is posted, or given to the scripts here. Payload: the message."""

    route: int
    toOpener: bool


class RouteClose(Frame):
    """Close that end: the port is disconnected, or the scripts here are told that it is gone, and why: `error`."""

    route: int
    toOpener: bool
    error: str | None = None


class RouteLeave(Frame):
    """Python has no say in that port any more: all goes on as without it."""

    route: int


ToRoute = RouteConnect | RoutePass | RouteTake | RouteFree | RouteHold | RoutePost | RouteClose | RouteLeave
TO_ROUTE: tuple[type[Frame], ...] = ToRoute.__args__


# --- one-time messages ----------------------------------------------------------------------------------------------


class RoutedAsk(Frame):
    """A one-time message came, and no script has heard it yet. Payload: the message."""

    request: int
    event: str
    sender: dict[str, Any]


class RoutedEnd(Frame):
    """The scripts have answered the asker; or, if `silent`, they will not, and the asker waits for a `RouteAnswer`."""

    request: int
    silent: bool = False


class RouteAsk(Frame):
    """Let the scripts hear the message. Payload: what they hear in its place, if anything.

    If it has an id, their answer goes to Python, in a `Result`, and the asker waits for Python's. Otherwise the asker
    gets it at once, and Python a `RoutedEnd`.
    """

    request: int
    id: int = 0


class RouteAnswer(Frame):
    """Answer the asker. Payload: the answer; none says that nobody answered. Answered by `Result`."""

    id: int
    request: int


class RouteReject(Frame):
    """Answer the asker with an error."""

    request: int
    message: str


ToMessageRoute = RouteAsk | RouteAnswer | RouteReject
TO_MESSAGE_ROUTE: tuple[type[Frame], ...] = ToMessageRoute.__args__
