"""What the inspector's page and Python say to each other, one object of JSON in each message of their WebSocket.

`web/messages.js` has the same for the JavaScript.
"""

import json
from typing import Literal

import msgspec

__all__ = [
    "COMMANDS",
    "FROM_PAGE",
    "TO_PAGE",
    "VERSION",
    "BackgroundState",
    "ClickAction",
    "Command",
    "Connect",
    "ConnectEventName",
    "ConnectNative",
    "ConnectTab",
    "ContextState",
    "Disconnect",
    "Done",
    "Ended",
    "Failed",
    "Forget",
    "Hello",
    "Listen",
    "Message",
    "OpenPage",
    "PageState",
    "PortState",
    "Post",
    "Records",
    "Reload",
    "Resume",
    "Seen",
    "Standing",
    "StartBackground",
    "State",
    "StopBackground",
    "Trouble",
    "decode",
    "encode",
    "id_of",
]

VERSION = 1
"""Raised when an old page would misread what Python says. A page is served by the Python that it talks to."""

BackgroundState = Literal["running", "stopped", "none"]
ConnectEventName = Literal["runtime.onConnect", "runtime.onConnectExternal"]


def _tag(name: str) -> str:
    return name[0].lower() + name[1:]


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", tag=_tag):
    """What all messages are."""


# --- from Python to the page ----------------------------------------------------------------------------------------


class Hello(Message, frozen=True, kw_only=True):
    """The first message: which browser and extension."""

    version: int = VERSION
    browser: str
    extension: str
    """The extension's id."""
    name: str
    recording: bool
    """Whether there will be records at all."""
    page_paths: list[str]
    """Pages that the manifest names."""


class Records(Message, frozen=True, kw_only=True):
    """Records of traffic, in their order. The page answers with `Seen`; until then it gets no more."""

    records: list[msgspec.Raw]
    left_out: int
    """Records that this page was not sent so far, because it did not keep up; they are also among `records`."""


class ContextState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A context that Python can stand in."""

    id: int
    kind: str
    url: str
    tab: int | None
    frame: int | None
    running: bool
    listening: list[ConnectEventName]
    """The events by which the inspector accepts ports there."""
    refused: dict[str, str]
    """Commands that cannot work there (`Listen` by the event's name), each with the reason."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where Python stands with a port: what was known when it got it."""

    kind: str
    url: str
    tab: int | None
    frame: int | None


class PortState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A port that Python holds by the inspector."""

    id: int
    name: str | None
    function: str
    """By which it was opened, or the event by which it was accepted; empty for one that a test handed over."""
    context: Standing
    sender: str
    """Who opened it, in words; empty if Python did."""
    record: int | None
    """The port's number in the records, if known."""
    closed: str | None
    """Why it is closed."""
    sent: int
    received: int
    last: str
    """The last message that arrived: the beginning of its text."""


class PageState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page in the browser, on which the toolbar button can be pressed."""

    id: int
    url: str


class State(Message, frozen=True, kw_only=True):
    """How things stand; sent again whenever that has changed."""

    contexts: list[ContextState]
    ports: list[PortState]
    pages: list[PageState]
    background: BackgroundState
    waiting: bool
    """Whether a test waits in `bridge.inspect()`."""
    refused: dict[str, str]
    """Commands that cannot work now, each with the reason."""


class Done(Message, frozen=True, kw_only=True):
    """Command `id` was carried out."""

    id: int
    port: int | None = None
    """The port that it opened."""


class Failed(Message, frozen=True, kw_only=True):
    """Command `id` was not carried out; `text` says why."""

    id: int
    text: str


class Trouble(Message, frozen=True, kw_only=True):
    """The browser refused, some time after the command, what was posted on a port."""

    port: int
    text: str


class Ended(Message, frozen=True, kw_only=True):
    """The last message: the bridge is closed, or its browser is gone."""

    reason: str


# --- from the page to Python ----------------------------------------------------------------------------------------


class Seen(Message, frozen=True, kw_only=True):
    """The page shows the last `Records`."""


class Command(Message, frozen=True, kw_only=True):
    """What the user wants; answered by `Done` or `Failed`."""

    id: int


class Connect(Command, frozen=True, kw_only=True):
    """Open a port with ``runtime.connect``."""

    context: int
    name: str
    extension: str
    """Which to connect to; empty for the context's own."""


class ConnectTab(Command, frozen=True, kw_only=True):
    """Open a port with ``tabs.connect``."""

    context: int
    tab: int
    frame: int | None
    name: str


class ConnectNative(Command, frozen=True, kw_only=True):
    """Open a port with ``runtime.connectNative``."""

    context: int
    application: str


class Listen(Command, frozen=True, kw_only=True):
    """Accept what connects to a context, or stop that."""

    context: int
    event: ConnectEventName
    on: bool


class Post(Command, frozen=True, kw_only=True):
    """Post a message; `text` is JSON."""

    port: int
    text: str


class Disconnect(Command, frozen=True, kw_only=True):
    """Close a port."""

    port: int


class Forget(Command, frozen=True, kw_only=True):
    """Take a closed port off the list."""

    port: int


class StopBackground(Command, frozen=True, kw_only=True):
    """Stop the background."""


class StartBackground(Command, frozen=True, kw_only=True):
    """Start the background."""


class Reload(Command, frozen=True, kw_only=True):
    """Load the extension anew."""


class ClickAction(Command, frozen=True, kw_only=True):
    """Press the toolbar button on a page, None for the newest."""

    page: int | None


class OpenPage(Command, frozen=True, kw_only=True):
    """Open an extension page; an empty path means an empty page."""

    path: str


class Resume(Command, frozen=True, kw_only=True):
    """Let the test that waits in `bridge.inspect()` go on."""


TO_PAGE: tuple[type[Message], ...] = (Hello, Records, State, Done, Failed, Trouble, Ended)
COMMANDS: tuple[type[Command], ...] = (
    Connect,
    ConnectTab,
    ConnectNative,
    Listen,
    Post,
    Disconnect,
    Forget,
    StopBackground,
    StartBackground,
    Reload,
    ClickAction,
    OpenPage,
    Resume,
)
FROM_PAGE: tuple[type[Message], ...] = (Seen, *COMMANDS)

_FromPage = (
    Seen
    | Connect
    | ConnectTab
    | ConnectNative
    | Listen
    | Post
    | Disconnect
    | Forget
    | StopBackground
    | StartBackground
    | Reload
    | ClickAction
    | OpenPage
    | Resume
)


class _Numbered(msgspec.Struct, frozen=True):
    id: int


def encode(message: Message) -> str:
    """Return the text of a message to the page."""
    try:
        return msgspec.json.encode(message).decode()
    except UnicodeEncodeError:  # a name or an address may have a lone surrogate
        return json.dumps(msgspec.to_builtins(message))


def decode(text: str) -> Seen | Command:
    """Return a message of the page.

    Raises:
        ValueError: It is none.
    """
    message: Seen | Command = msgspec.convert(json.loads(text), type=_FromPage)
    return message


def id_of(text: str) -> int | None:
    """Return the number of a command that `decode` refused, if it has one, so that it can be answered."""
    try:
        return msgspec.convert(json.loads(text), type=_Numbered).id
    except ValueError:
        return None
