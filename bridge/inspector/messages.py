"""What the inspector's page and Python say to each other: one JSON object in each message of their WebSocket.

`scripts/generate_messages` writes the same types for the page's JavaScript: `web/messages.d.ts`.
"""

import json
from typing import Literal, get_args

import msgspec

from ..protocol import deep

__all__ = [
    "COMMANDS",
    "FROM_PAGE",
    "TO_PAGE",
    "ActCommand",
    "ActOption",
    "AllowCommand",
    "AnswerCommand",
    "AskCommand",
    "AskTabCommand",
    "BackgroundState",
    "BatchShown",
    "BridgeCommand",
    "BridgeEnded",
    "BridgeState",
    "ChangeMessageCommand",
    "ClickActionCommand",
    "Command",
    "CommandDone",
    "CommandFailed",
    "ConnectCommand",
    "ConnectNativeCommand",
    "ConnectTabCommand",
    "ContextState",
    "DisconnectCommand",
    "DropMessageCommand",
    "EventName",
    "ForgetCommand",
    "FromPage",
    "HearPermissionRequestsCommand",
    "HeldContext",
    "HeldMessageState",
    "HoldCommand",
    "HoldState",
    "HoldingCommand",
    "InspectorMessage",
    "LaunchInfo",
    "LetGoCommand",
    "ListenCommand",
    "MessageCommand",
    "OpenCommand",
    "OpenPageCommand",
    "PageState",
    "PassAllCommand",
    "PassMessageCommand",
    "PermissionCommand",
    "PermissionRequestState",
    "PortCommand",
    "PortState",
    "PostCommand",
    "PostRefused",
    "RecordBatch",
    "RefuseCommand",
    "RejectCommand",
    "ReloadCommand",
    "RequestState",
    "RespondCommand",
    "ResumeCommand",
    "StartBackgroundCommand",
    "StopBackgroundCommand",
    "ToPage",
    "decode",
    "encode",
    "id_of",
]

BackgroundState = Literal["running", "stopped", "none"]
EventName = Literal["runtime.onConnect", "runtime.onConnectExternal", "runtime.onMessage", "runtime.onMessageExternal"]


def _tag(name: str) -> str:
    name = name.removesuffix("Command")
    return name[:1].lower() + name[1:]


class InspectorMessage(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", tag=_tag):
    """The base of all messages."""


# --- from Python to the page ----------------------------------------------------------------------------------------


class ActOption(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that the user can choose to do; see `acts.Act`."""

    name: str
    label: str
    done: str
    argument: str
    """What to type; empty for nothing."""
    known: list[str]
    """What can be typed, as far as that is known."""


class LaunchInfo(InspectorMessage, frozen=True, kw_only=True):
    """The first message: which browser and extension."""

    browser: str
    extension: str
    """The extension's id."""
    name: str
    recording: bool
    """Whether the launch records anything."""
    page_paths: list[str]
    """The pages that the manifest names."""
    acts: list[ActOption]


class RecordBatch(InspectorMessage, frozen=True, kw_only=True):
    """Records of traffic, in order. The page answers with `BatchShown`; until then it gets no more."""

    records: list[msgspec.Raw]
    left_out: int
    """How many records this page has missed so far because it did not keep up; `records` says where."""


class ContextState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A context that Python can stand in."""

    id: int
    kind: str
    url: str
    tab: int | None
    frame: int | None
    running: bool
    listening: list[EventName]
    """The events through which the inspector accepts ports and hears one-time messages there."""
    refused: dict[str, str]
    """Commands that cannot work there (`ListenCommand` by the event's name), each with the reason."""


class HeldContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The context in which Python holds a port or heard a one-time message, as it was when Python got it.

    Of a native application or another extension, `url` is its name or id.
    """

    kind: str
    url: str
    tab: int | None
    frame: int | None


class PortState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A port in the inspector's list."""

    id: int
    name: str | None
    function: str
    """The function that opened it, or the event that brought it; empty for a port that a test handed over."""
    context: HeldContext
    sender: str
    """Who opened it, in words; empty if Python did."""
    record: int | None
    """The port's number in the records, if known."""
    closed: str | None
    """Why it is closed; null while it is open."""
    sent: int
    received: int
    last: str
    """The last message that arrived: the beginning of its text."""


class RequestState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A one-time message that Python may still answer."""

    id: int
    context: HeldContext
    sender: str
    """Who asked, in words."""
    message: str
    """The beginning of its text."""
    since: float
    """When Python heard it, in seconds since 1970."""


class PermissionRequestState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that the extension requests of its user, and that nobody has answered."""

    id: int
    permissions: list[str]
    origins: list[str]
    since: float
    """When the inspector first saw it, in seconds since 1970."""


class HoldState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A name of ports whose messages the inspector holds."""

    name: str
    ports: int
    """How many ports are held."""
    before: int
    """How many were open before, as far as is recorded, and go on as they are."""


class HeldMessageState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A message that the inspector holds."""

    id: int
    name: str | None
    """Of the port."""
    context: HeldContext
    """Where the port's receiver is."""
    opener: HeldContext | None
    """Where it was opened, if that is known."""
    sender: str
    """Who opened it, in words."""
    by_opener: bool
    """Whether the opener says it, or else the receiver."""
    message: str
    """The beginning of its text; empty if it cannot be shown."""
    json: str | None
    """All of it; null if it is too long to be changed, or no JSON."""
    since: float
    """When it came, in seconds since 1970."""


class PageState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page in the browser, on which the toolbar button can be pressed."""

    id: int
    url: str


class BridgeState(InspectorMessage, frozen=True, kw_only=True):
    """The current state; sent again whenever it has changed."""

    contexts: list[ContextState]
    ports: list[PortState]
    requests: list[RequestState]
    permission_requests: list[PermissionRequestState]
    hears_permission_requests: bool
    """Whether they stay open for the page's user."""
    holds: list[HoldState]
    held: list[HeldMessageState]
    """The oldest of the messages that wait."""
    held_count: int
    """How many wait."""
    pages: list[PageState]
    background: BackgroundState
    waiting: bool
    """Whether a test waits in `bridge.inspect()`."""
    refused: dict[str, str]
    """Commands that cannot work now, each with the reason."""
    refused_acts: dict[str, str]
    """Likewise those of `LaunchInfo.acts`, by their names."""


class CommandDone(InspectorMessage, frozen=True, kw_only=True):
    """Command `id` was carried out."""

    id: int
    port: int | None
    """The port that it opened."""
    answer: str | None
    """The answer to the one-time message that it sent: the beginning of its text."""


class CommandFailed(InspectorMessage, frozen=True, kw_only=True):
    """Command `id` was not carried out; `text` says why."""

    id: int
    text: str


class PostRefused(InspectorMessage, frozen=True, kw_only=True):
    """The browser refused a message that had been posted on a port, some time after the command was answered."""

    port: int
    text: str


class BridgeEnded(InspectorMessage, frozen=True, kw_only=True):
    """The last message: the bridge is closed, or its browser is gone."""

    reason: str


# --- from the page to Python ----------------------------------------------------------------------------------------


class BatchShown(InspectorMessage, frozen=True, kw_only=True):
    """The page shows the last `RecordBatch`."""


class _Command(InspectorMessage, frozen=True, kw_only=True):
    """Something that the user wants; answered by `CommandDone` or `CommandFailed`."""

    id: int


class ConnectCommand(_Command, frozen=True, kw_only=True):
    """Open a port with ``runtime.connect``."""

    context: int
    name: str
    extension: str
    """Which to connect to; empty for the context's own."""


class ConnectTabCommand(_Command, frozen=True, kw_only=True):
    """Open a port with ``tabs.connect``."""

    context: int
    tab: int
    frame: int | None
    name: str


class ConnectNativeCommand(_Command, frozen=True, kw_only=True):
    """Open a port with ``runtime.connectNative``."""

    context: int
    application: str


class AskCommand(_Command, frozen=True, kw_only=True):
    """Send a one-time message with ``runtime.sendMessage``; `text` is JSON. Done when the answer is there."""

    context: int
    extension: str
    """Which to ask; empty for the context's own."""
    text: str


class AskTabCommand(_Command, frozen=True, kw_only=True):
    """Send a one-time message with ``tabs.sendMessage``; `text` is JSON. Done when the answer is there."""

    context: int
    tab: int
    frame: int | None
    text: str


class ListenCommand(_Command, frozen=True, kw_only=True):
    """Start or stop accepting connections to a context, or hearing one-time messages there."""

    context: int
    event: EventName
    on: bool


class PostCommand(_Command, frozen=True, kw_only=True):
    """Post a message; `text` is JSON."""

    port: int
    text: str


class DisconnectCommand(_Command, frozen=True, kw_only=True):
    """Close a port."""

    port: int


class ForgetCommand(_Command, frozen=True, kw_only=True):
    """Take a closed port off the list."""

    port: int


class RespondCommand(_Command, frozen=True, kw_only=True):
    """Answer a one-time message; `text` is JSON."""

    request: int
    text: str


class RejectCommand(_Command, frozen=True, kw_only=True):
    """Answer a one-time message with an error; `text` is what the asker reads."""

    request: int
    text: str


class LetGoCommand(_Command, frozen=True, kw_only=True):
    """Leave a one-time message to the extension's own scripts."""

    request: int


class HearPermissionRequestsCommand(_Command, frozen=True, kw_only=True):
    """Start or stop keeping what the extension requests of its user open for the page's user."""

    on: bool


class AllowCommand(_Command, frozen=True, kw_only=True):
    """Grant the extension what it requests."""

    request: int


class RefuseCommand(_Command, frozen=True, kw_only=True):
    """Refuse the extension what it requests."""

    request: int


class HoldCommand(_Command, frozen=True, kw_only=True):
    """Start or stop holding what goes over the ports of a name."""

    name: str
    on: bool


class PassMessageCommand(_Command, frozen=True, kw_only=True):
    """Let a held message go on as it came."""

    message: int


class ChangeMessageCommand(_Command, frozen=True, kw_only=True):
    """Let another message go on in the place of a held one; `text` is JSON."""

    message: int
    text: str


class DropMessageCommand(_Command, frozen=True, kw_only=True):
    """Lose a held message."""

    message: int


class PassAllCommand(_Command, frozen=True, kw_only=True):
    """Let all held messages go on; those that follow are held."""


class StopBackgroundCommand(_Command, frozen=True, kw_only=True):
    """Stop the background."""


class StartBackgroundCommand(_Command, frozen=True, kw_only=True):
    """Start the background."""


class ReloadCommand(_Command, frozen=True, kw_only=True):
    """Reload the extension."""


class ClickActionCommand(_Command, frozen=True, kw_only=True):
    """Press the toolbar button on a page; null for the newest."""

    page: int | None


class OpenPageCommand(_Command, frozen=True, kw_only=True):
    """Open an extension page; an empty path means an empty page."""

    path: str


class ActCommand(_Command, frozen=True, kw_only=True):
    """Do one of `LaunchInfo.acts`, perhaps on a page; null for the newest."""

    act: str
    argument: str
    page: int | None


class ResumeCommand(_Command, frozen=True, kw_only=True):
    """Let the test that waits in `bridge.inspect()` go on."""


OpenCommand = ConnectCommand | ConnectTabCommand | ConnectNativeCommand
"""Those that open a port."""
MessageCommand = AskCommand | AskTabCommand
"""Those that send a one-time message."""
AnswerCommand = RespondCommand | RejectCommand | LetGoCommand
"""Those that say what becomes of a one-time message that Python heard."""
PermissionCommand = HearPermissionRequestsCommand | AllowCommand | RefuseCommand
"""Those about what the extension requests of its user."""
HoldingCommand = HoldCommand | PassMessageCommand | ChangeMessageCommand | DropMessageCommand | PassAllCommand
"""Those about messages between the extension's own scripts."""
PortCommand = PostCommand | DisconnectCommand | ForgetCommand
"""Those that name a port."""
BridgeCommand = (
    StopBackgroundCommand
    | StartBackgroundCommand
    | ReloadCommand
    | ClickActionCommand
    | OpenPageCommand
    | ActCommand
    | ResumeCommand
)
"""Those for the extension as a whole."""
Command = (
    OpenCommand
    | MessageCommand
    | ListenCommand
    | PortCommand
    | AnswerCommand
    | PermissionCommand
    | HoldingCommand
    | BridgeCommand
)
FromPage = BatchShown | Command
ToPage = LaunchInfo | RecordBatch | BridgeState | CommandDone | CommandFailed | PostRefused | BridgeEnded

COMMANDS: tuple[type[InspectorMessage], ...] = get_args(Command)
FROM_PAGE: tuple[type[InspectorMessage], ...] = get_args(FromPage)
TO_PAGE: tuple[type[InspectorMessage], ...] = get_args(ToPage)


class _Numbered(msgspec.Struct, frozen=True):
    id: int


def encode(message: InspectorMessage) -> str:
    """Return the text of a message."""
    try:
        return msgspec.json.encode(message).decode()
    except UnicodeEncodeError:  # a name or an address may have a lone surrogate
        return json.dumps(msgspec.to_builtins(message))


def decode(text: str) -> FromPage:
    """Return a message from the page.

    Raises:
        ValueError: The text is not one.
    """
    try:
        message: FromPage = msgspec.convert(deep.decode(text), type=FromPage)
    except RecursionError as error:
        raise ValueError("It is nested too deep") from error
    return message


def id_of(text: str) -> int | None:
    """Return the number of a command that `decode` refused, if it has one, so that we can answer it."""
    try:
        return msgspec.convert(deep.decode(text), type=_Numbered).id
    except (ValueError, RecursionError):
        return None
