"""Carries out what the user of the page wants, by what the bridge offers to everybody."""

from collections.abc import Callable
from typing import Any

from ..core.bridge import Bridge
from ..core.context import Context
from ..core.port import Port
from ..protocol import clone, values
from .held import HeldPorts
from .listening import Listening
from .messages import (
    ClickAction,
    Command,
    Connect,
    ConnectNative,
    ConnectTab,
    Disconnect,
    Done,
    Forget,
    Listen,
    OpenPage,
    Post,
    Reload,
    Resume,
    StartBackground,
    StopBackground,
)
from .numbers import Numbers

__all__ = ["Commands", "parse"]


class Commands:
    """What a page may do.

    Args:
        bridge: The running browser.
        contexts: Those that the page knows.
        pages: Playwright's, that the page knows.
        ports: Those that Python holds by the inspector.
        listening: Where it accepts ports.
        resume: Lets the test go on.
    """

    def __init__(
        self,
        bridge: Bridge,
        contexts: Numbers[Context],
        pages: Numbers[Any],
        ports: HeldPorts,
        listening: Listening,
        resume: Callable[[], None],
    ) -> None:
        self._bridge = bridge
        self._contexts = contexts
        self._pages = pages
        self._ports = ports
        self._listening = listening
        self._resume = resume

    async def run(self, command: Command) -> Done:
        """Carry out a command, and return the answer.

        Raises:
            Exception: It could not be carried out; the text says why.
        """
        match command:
            case Connect() | ConnectTab() | ConnectNative():
                return self._open(command)
            case Listen():
                await self._listen(command)
            case Post() | Disconnect() | Forget():
                await self._on_port(command)
            case _:
                await self._on_bridge(command)
        return Done(id=command.id)

    def _open(self, command: Connect | ConnectTab | ConnectNative) -> Done:
        context = self._contexts[command.context]
        match command:
            case Connect():
                port = context.runtime.connect(command.extension or None, _info(name=command.name))
                return self._opened(command, port, "runtime.connect")
            case ConnectTab():
                info = _info(name=command.name, frameId=command.frame)
                return self._opened(command, context.tabs.connect(command.tab, info), "tabs.connect")
            case ConnectNative():
                port = context.runtime.connectNative(command.application)
                return self._opened(command, port, "runtime.connectNative")

    def _opened(self, command: Command, port: Port, function: str) -> Done:
        return Done(id=command.id, port=self._ports.add(port, function, own=True).id)

    async def _listen(self, command: Listen) -> None:
        context = self._contexts[command.context]
        if command.on:
            await self._listening.begin(context, command.event)
        else:
            await self._listening.stop(context, command.event)

    async def _on_port(self, command: Post | Disconnect | Forget) -> None:
        match command:
            case Post():
                await self._ports[command.port].post(parse(command.text))
            case Disconnect():
                self._ports[command.port].disconnect()
            case Forget():
                self._ports.forget(command.port)

    async def _on_bridge(self, command: Command) -> None:
        bridge = self._bridge
        match command:
            case StopBackground():
                await bridge.stop_background()
            case StartBackground():
                await bridge.start_background()
            case Reload():
                await bridge.reload()
            case ClickAction():
                await bridge.click_action(None if command.page is None else self._pages[command.page])
            case OpenPage():
                await bridge.page(command.path or None)
            case Resume():
                self._resume()


def parse(text: str) -> Any:
    """Return the message that somebody typed as JSON.

    Raises:
        ValueError: It is none; the text says where.
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
