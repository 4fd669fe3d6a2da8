"""The frames: the one definition of what Python and the browser say to each other.

A frame is a small typed header. Frames that carry something of the user's (a message, the arguments or the result of
a call) have it beside the header as a *payload*, text that only the two ends look into (see `framing` and `values`).
`scripts/generate_frames` makes types of them, `webext/js/frames.d.ts`, by which tsc checks what the scripts send
and which frames they handle.

Ports are numbered per link. Python gives even numbers to the ports that it opens, the agent odd numbers to those that
it accepts, so that neither has to ask.
"""

from typing import Any

import msgspec

__all__ = [
    "FROM_AGENT",
    "FROM_RELAY",
    "TO_AGENT",
    "TO_RELAY",
    "TO_ROUTE",
    "VERSION",
    "Accepted",
    "Asked",
    "BeFindable",
    "Call",
    "Closed",
    "Connect",
    "Disconnect",
    "Disconnected",
    "Drop",
    "Dropped",
    "ExtensionUnloaded",
    "Failed",
    "Findable",
    "Fired",
    "Found",
    "FromAgent",
    "FromRelay",
    "Greeting",
    "Heartbeat",
    "Hello",
    "LetGo",
    "LinkClosed",
    "LinkOpened",
    "Listen",
    "Loaded",
    "Marker",
    "Message",
    "Moved",
    "NotListening",
    "Post",
    "Refused",
    "Reject",
    "Respond",
    "Result",
    "RouteClose",
    "RouteConnect",
    "RouteFree",
    "RouteHeld",
    "RouteHold",
    "RouteLeave",
    "RoutePass",
    "RoutePost",
    "RouteTake",
    "Routed",
    "RoutedClose",
    "RoutedMessage",
    "Routing",
    "ScriptError",
    "ScriptTarget",
    "SetRouting",
    "ToAgent",
    "ToRelay",
    "ToRoute",
    "Unlisten",
    "Watched",
    "WatchedAccept",
    "WatchedAnswer",
    "WatchedClose",
    "WatchedHearing",
    "WatchedOpen",
    "WatchedPost",
    "WatchedRequest",
    "Welcome",
]

VERSION = 1
"""Said in the greeting; both sides are generated together, so any difference is refused."""


class ScriptError(msgspec.Struct, frozen=True, omit_defaults=True):
    """What JavaScript threw."""

    message: str
    name: str = "Error"


def _tag(name: str) -> str:
    return name[0].lower() + name[1:]


class Frame(msgspec.Struct, omit_defaults=True, tag_field="type", tag=_tag):
    """The base of all frames; the tag is the class's name in camelCase."""


# --- from an agent to Python ----------------------------------------------------------------------------------------


class Hello(Frame):
    """An agent's first frame: which context it stands in, and since when, in milliseconds since 1970.

    `dials` says whether it may connect to Python itself. `view` says of an extension page what it is, as in
    `Context.view`, if the page can tell. `private` says of a background whether it is that of private windows. Answered
    by `Welcome`.
    """

    version: int
    kind: str
    url: str
    time: float
    dials: bool = False
    view: str | None = None
    private: bool = False


class Accepted(Frame):
    """An `onConnect` or `onConnectExternal` listener got a port; `name` is null if the port's is no string.

    `since` is when the context began to listen to `event` for Python, in milliseconds since 1970.
    """

    port: int
    event: str
    name: str | None
    sender: dict[str, Any]
    since: float


class Message(Frame):
    """A port received a message. Payload: the message."""

    port: int


class Disconnected(Frame):
    """A port's `onDisconnect` fired, or its `connect()` threw."""

    port: int
    error: ScriptError | None = None


class Closed(Frame):
    """The agent carried out a `Disconnect`; nothing more comes for this port."""

    port: int


class Failed(Frame):
    """The browser refused a `Post`; the port is as open as before."""

    port: int
    error: ScriptError


class NotListening(Frame):
    """The agent could not register its listener for an event of `Welcome`: this context has no such event."""

    event: str
    error: ScriptError


class Result(Frame):
    """The answer to a `Call`, `Listen` or `Unlisten`. Payload: what the call returned, if anything."""

    id: int
    error: ScriptError | None = None


class Asked(Frame):
    """A one-time message came. Payload: the message.

    If `open`, the asker waits for Python, as long as nobody else answers: see `Respond`, `Reject` and `LetGo`.
    """

    request: int
    event: str
    sender: dict[str, Any]
    open: bool = False


class Fired(Frame):
    """An event other than a connection or a message fired. Payload: the list of its arguments."""

    event: str


class Found(Frame):
    """The agent saw the DOM event by which Python searches for the agent of a frame."""

    token: str


class Findable(Frame):
    """The agent has added its listener for searches again, which was gone; see `BeFindable`."""


class Loaded(Frame):
    """The scripts of an extension page have run: its `DOMContentLoaded`."""


class Refused(Frame):
    """A frame failed, and why; `frame` is its type. Nothing is dropped silently.

    Either the agent or the relay could not carry out a frame of Python's, or the agent could not send one of its own.
    """

    frame: str
    reason: str


class Marker(Frame):
    """Sent through the relay by an agent that sends `Accepted` for `port` over its own socket.

    Python reads on from the socket once the marker is there. By then it knows the context that opened the connection:
    that one said hello through the relay before it opened it, and the relay keeps the order.
    """

    port: int


# --- what an agent sees the extension's own scripts do ---------------------------------------------------------------
#
# Numbers of ports and requests are the agent's own here. Times are milliseconds since 1970.


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


# --- routes: Python has a say in ports that reach the extension's own scripts ----------------------------------------
#
# A route is numbered by the agent of the context that the port reached, and each message of a direction of it, too. The
# agent keeps a message until Python says what becomes of it.


class Routing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which ports of scripts go to Python first: those of these names, and if `asks`, all."""

    names: list[str]
    asks: bool = False


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


# --- both ways ------------------------------------------------------------------------------------------------------


class Moved(Frame):
    """The last frame that comes through the relay, but for markers: all others go over the agent's own socket.

    The agent says it when its socket is open, and Python then answers with its own. Each end holds what the socket
    brings until it has read the other's, so that the order of frames stays.
    """


# --- from Python to an agent ----------------------------------------------------------------------------------------


class Welcome(Frame):
    """The answer to `Hello`: the events that Python listens to in this context, and of which it may answer messages.

    `direct` is the address at which the agent, and nobody else, may connect to Python itself, once; see `Moved`.
    """

    events: list[str]
    answers: list[str] = []
    direct: str | None = None
    routing: Routing | None = None


class Dropped(Frame):
    """Python has broken off this link, so the agent opens no other. (It does when the relay was stopped.)"""


class Connect(Frame):
    """Open a port with `function`, such as ``runtime.connect``. Payload: the list of its arguments."""

    port: int
    function: str


class Post(Frame):
    """Post a message. Payload: the message. Answered by `Result` if it has an id, else by `Failed` if that fails."""

    port: int
    id: int = 0


class Disconnect(Frame):
    """Disconnect a port. Answered by `Closed`."""

    port: int


class Listen(Frame):
    """Register a listener for an event such as ``runtime.onConnect``. Answered by `Result`.

    `answers` says of ``runtime.onMessage`` whether Python may answer; said again, it changes that.
    """

    id: int
    event: str
    answers: bool = False


class Unlisten(Frame):
    """Remove that listener again. Answered by `Result`."""

    id: int
    event: str


class Call(Frame):
    """Call an extension API such as ``storage.local.get``. Payload: the list of its arguments."""

    id: int
    function: str


class Respond(Frame):
    """Answer a message. Payload: the answer; none is undefined. Answered by `Result`."""

    id: int
    request: int


class Reject(Frame):
    """Answer a message with an error."""

    request: int
    message: str


class LetGo(Frame):
    """Python does not answer this message; others may."""

    request: int


class BeFindable(Frame):
    """Add the listener for searches if ``document.open()`` has removed it. Answered by `Findable` if it had."""


class SetRouting(Frame):
    """Which ports of scripts go to Python first from now on. Answered by `Result`."""

    id: int
    routing: Routing


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


# --- between the relay and Python (link 0) --------------------------------------------------------------------------


class Greeting(Frame):
    """The first frame on a socket."""

    version: int


class LinkOpened(Frame):
    """An agent connected to the relay; `sender` is what the browser says of it."""

    link: int
    sender: dict[str, Any]


class LinkClosed(Frame):
    """An agent's context is gone."""

    link: int


class ExtensionUnloaded(Frame):
    """The browser disabled an extension, perhaps only to reload it, or uninstalled it. Chromium says both then."""

    extension: str
    uninstalled: bool = False


class Heartbeat(Frame):
    """Keeps the relay's service worker from being stopped; nothing else comes of it."""


class Drop(Frame):
    """Close the link of an agent that broke the protocol."""

    link: int


FromAgent = (
    Hello
    | Accepted
    | Message
    | Disconnected
    | Closed
    | Failed
    | Result
    | NotListening
    | Asked
    | Fired
    | Found
    | Findable
    | Loaded
    | Refused
    | Moved
    | Marker
    | WatchedOpen
    | WatchedAccept
    | WatchedPost
    | WatchedClose
    | WatchedRequest
    | WatchedHearing
    | WatchedAnswer
    | Routed
    | RoutedMessage
    | RoutedClose
    | RouteHeld
)
ToRoute = RouteConnect | RoutePass | RouteTake | RouteFree | RouteHold | RoutePost | RouteClose | RouteLeave
ToAgent = (
    Welcome
    | Dropped
    | Connect
    | Post
    | Disconnect
    | Listen
    | Unlisten
    | Call
    | Respond
    | Reject
    | LetGo
    | BeFindable
    | Moved
    | SetRouting
    | ToRoute
)
FromRelay = Greeting | LinkOpened | LinkClosed | ExtensionUnloaded | Heartbeat | Refused
ToRelay = Drop

FROM_AGENT: tuple[type[Frame], ...] = FromAgent.__args__
TO_AGENT: tuple[type[Frame], ...] = ToAgent.__args__
TO_ROUTE: tuple[type[Frame], ...] = ToRoute.__args__
FROM_RELAY: tuple[type[Frame], ...] = FromRelay.__args__
TO_RELAY: tuple[type[Frame], ...] = (ToRelay,)
