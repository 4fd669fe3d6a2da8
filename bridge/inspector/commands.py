"""Carries out the page's commands, through the bridge's ordinary API."""

from collections.abc import Callable
from typing import Any, assert_never

from ..core.bridge import Bridge
from ..core.context import Context
from ..core.port import Port
from ..protocol import clone, values
from ..protocol.shown import text_of
from .acts import perform
from .held import HeldPorts
from .holds import Holds
from .listening import Listening
from .messages import (
    ActCommand,
    AllowCommand,
    AnswerCommand,
    AskCommand,
    AskTabCommand,
    BridgeCommand,
    ChangeMessageCommand,
    ClickActionCommand,
    Command,
    CommandDone,
    ConnectCommand,
    ConnectNativeCommand,
    ConnectTabCommand,
    DisconnectCommand,
    DropMessageCommand,
    ForgetCommand,
    HearPermissionRequestsCommand,
    HoldCommand,
    HoldingCommand,
    LetGoCommand,
    ListenCommand,
    MessageCommand,
    OpenCommand,
    OpenPageCommand,
    PassAllCommand,
    PassMessageCommand,
    PermissionCommand,
    PortCommand,
    PostCommand,
    RefuseCommand,
    RejectCommand,
    ReloadCommand,
    RespondCommand,
    ResumeCommand,
    StartBackgroundCommand,
    StopBackgroundCommand,
)
from .numbers import Numbers
from .permission_requests import OpenPermissionRequests
from .requests import MESSAGE_CHARACTERS, OpenRequests

__all__ = ["Commands", "parse"]


class Commands:
    """What a page may do.

    Args:
        bridge: The running browser.
        contexts: The contexts that the page knows.
        pages: Playwright's pages that the inspector's page knows.
        ports: The inspector's list of ports.
        requests: The one-time messages that Python may still answer.
        permissions: What the extension requests of its user.
        holds: The messages between scripts that the inspector holds.
        listening: Where the inspector accepts ports and hears one-time messages.
        resume: Lets the test go on.
    """

    def __init__(
        self,
        bridge: Bridge,
        contexts: Numbers[Context],
        pages: Numbers[Any],
        ports: HeldPorts,
        requests: OpenRequests,
        permissions: OpenPermissionRequests,
        holds: Holds,
        listening: Listening,
        resume: Callable[[], None],
    ) -> None:
        self._bridge = bridge
        self._contexts = contexts
        self._pages = pages
        self._ports = ports
        self._requests = requests
        self._permissions = permissions
        self._holds = holds
        self._listening = listening
        self._resume = resume

    async def run(self, command: Command) -> CommandDone:
        """Carry out a command, and return the answer.

        Raises:
            Exception: It could not be carried out; the text says why.
        """
        match command:
            case ConnectCommand() | ConnectTabCommand() | ConnectNativeCommand():
                return self._open(command)
            case AskCommand() | AskTabCommand():
                return await self._ask(command)
            case ListenCommand():
                await self._listen(command)
            case PostCommand() | DisconnectCommand() | ForgetCommand():
                await self._on_port(command)
            case RespondCommand() | RejectCommand() | LetGoCommand():
                await self._on_request(command)
            case HearPermissionRequestsCommand() | AllowCommand() | RefuseCommand():
                await self._on_permissions(command)
            case (
                HoldCommand() | PassMessageCommand() | ChangeMessageCommand() | DropMessageCommand() | PassAllCommand()
            ):
                await self._on_hold(command)
            case _:  # mypy complains here about a command that has no case
                await self._on_bridge(command)
        return CommandDone(id=command.id, port=None, answer=None)

    def _open(self, command: OpenCommand) -> CommandDone:
        context = self._contexts[command.context]
        match command:
            case ConnectCommand():
                port = context.runtime.connect(command.extension or None, _info(name=command.name))
                return self._opened(command, port, "runtime.connect")
            case ConnectTabCommand():
                info = _info(name=command.name, frameId=command.frame)
                return self._opened(command, context.tabs.connect(command.tab, info), "tabs.connect")
            case ConnectNativeCommand():
                port = context.runtime.connectNative(command.application)
                return self._opened(command, port, "runtime.connectNative")
            case _:
                assert_never(command)

    def _opened(self, command: OpenCommand, port: Port, function: str) -> CommandDone:
        return CommandDone(id=command.id, port=self._ports.add(port, function, own=True).id, answer=None)

    async def _ask(self, command: MessageCommand) -> CommandDone:
        context, message = self._contexts[command.context], parse(command.text)
        match command:
            case AskCommand():
                answer = await context.runtime.sendMessage(command.extension or None, message)
            case AskTabCommand():
                answer = await context.tabs.sendMessage(command.tab, message, _info(frameId=command.frame))
            case _:
                assert_never(command)
        return CommandDone(id=command.id, port=None, answer=text_of(answer, MESSAGE_CHARACTERS))

    async def _listen(self, command: ListenCommand) -> None:
        context = self._contexts[command.context]
        if command.on:
            await self._listening.begin(context, command.event)
        else:
            await self._listening.stop(context, command.event)

    async def _on_port(self, command: PortCommand) -> None:
        match command:
            case PostCommand():
                await self._ports[command.port].post(parse(command.text))
            case DisconnectCommand():
                self._ports[command.port].disconnect()
            case ForgetCommand():
                self._ports.forget(command.port)
            case _:
                assert_never(command)

    async def _on_request(self, command: AnswerCommand) -> None:
        request = self._requests[command.request]
        match command:
            case RespondCommand():
                await request.respond(parse(command.text))
            case RejectCommand():
                request.reject(command.text)
            case LetGoCommand():
                request._let_go(always=True)
            case _:
                assert_never(command)

    async def _on_permissions(self, command: PermissionCommand) -> None:
        match command:
            case HearPermissionRequestsCommand():
                await (self._permissions.begin if command.on else self._permissions.stop)()
            case AllowCommand():
                self._permissions[command.request].allow()
            case RefuseCommand():
                self._permissions[command.request].refuse()

    async def _on_hold(self, command: HoldingCommand) -> None:
        match command:
            case HoldCommand(on=True):
                await self._holds.begin(command.name)
            case HoldCommand():
                await self._holds.stop(command.name)
            case PassMessageCommand():
                self._holds[command.message].let_go()
            case ChangeMessageCommand():
                self._holds[command.message].change(parse(command.text))
            case DropMessageCommand():
                self._holds[command.message].drop()
            case PassAllCommand():
                self._holds.let_all_go()
            case _:
                assert_never(command)

    async def _on_bridge(self, command: BridgeCommand) -> None:
        bridge = self._bridge
        match command:
            case StopBackgroundCommand():
                await bridge.stop_background()
            case StartBackgroundCommand():
                await bridge.start_background()
            case ReloadCommand():
                await bridge.reload()
            case ClickActionCommand():
                await bridge.click_action(self._page(command.page))
            case OpenPageCommand():
                await bridge.page(command.path or None)
            case ActCommand():
                await perform(bridge, command.act, command.argument.strip(), self._page(command.page))
            case ResumeCommand():
                self._resume()
            case _:
                assert_never(command)

    def _page(self, number: int | None) -> Any:
        return None if number is None else self._pages[number]


def parse(text: str) -> Any:
    """Return the message that somebody typed as JSON.

    Raises:
        ValueError: It is not JSON; the text says where.
    """
    if not text.strip():
        raise ValueError('There is no message: type JSON, such as {"greeting": "hello"} or "text"')
    if text.startswith(clone.MARK):
        raise ValueError(f"This is not JSON: {clone.MARK!r} at the beginning")
    try:
        return values.decode(text)
    except ValueError as error:
        raise ValueError(f"This is not JSON: {str(error).removeprefix('Not JSON: ')}") from error


def _info(**members: Any) -> dict[str, Any] | None:
    given = {name: value for name, value in members.items() if value not in (None, "")}
    return given or None
