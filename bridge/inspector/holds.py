"""The messages between the extension's own scripts that the inspector holds, until the page's user lets them go."""

from collections.abc import Callable
from typing import NamedTuple

from ..core.bridge import Bridge
from ..core.holding import HeldMessage, Holding
from ..core.port_route import PortRoute
from ..protocol import clone
from ..protocol.shown import text_of
from .held import context_of, sender_of
from .messages import HeldContext, HeldMessageState, HoldState
from .numbers import Numbers
from .requests import MESSAGE_CHARACTERS

__all__ = ["Holds"]

_SHOWN = 100  # messages: nobody decides about more at once
_JSON_CHARACTERS = 20_000  # of a message that can be changed in the page


class _Hold(NamedTuple):
    holding: Holding
    before: int
    """How many ports of that name were open already, and are not held."""


class Holds:
    """Which ports are held, by their names, and the messages that wait.

    Args:
        bridge: The running browser.
        changed: Called when there is something new to tell.
    """

    def __init__(self, bridge: Bridge, changed: Callable[[], None]) -> None:
        self._bridge = bridge
        self._changed = changed
        self._holds: dict[str, _Hold] = {}
        self._numbers: Numbers[HeldMessage] = Numbers("held message")
        self._states: dict[int, HeldMessageState] = {}

    def require(self) -> None:
        """Raise BridgeError if ports cannot be routed."""
        self._bridge._session.routes.require_enabled()

    def __getitem__(self, id: int) -> HeldMessage:
        """Return the message with that number.

        Raises:
            BridgeError: It waits no longer.
        """
        return self._numbers[id]

    async def begin(self, name: str) -> None:
        """Hold the messages of ports of that name: of those to come, and of those that a route has let pass so far.

        Raises:
            BridgeError: The launch was without routes.
        """
        if name in self._present():
            return
        self.require()
        holding = Holding(self._changed)
        passing = [port for context in self._bridge._contexts.alive for port in context._routed.passing(name)]
        self._holds[name] = _Hold(holding, max(0, self._open(name) - len(passing)))
        for port in passing:
            holding.take(port)
        await self._bridge.route_port(name, holding.take)

    async def stop(self, name: str) -> None:
        """Let what waits on ports of that name go on, and hold nothing there any more."""
        hold = self._holds.pop(name, None)
        if hold:
            await self._end(name, hold)

    def let_all_go(self) -> None:
        """Let everything that waits go on; what follows waits again."""
        for hold in self._holds.values():
            hold.holding.let_all_go()

    def states(self) -> list[HoldState]:
        """Return what the page is told of the names."""
        return [
            HoldState(name=name, ports=hold.holding.ports, before=hold.before) for name, hold in self._present().items()
        ]

    def messages(self) -> list[HeldMessageState]:
        """Return what the page is told of the oldest messages that wait, and number those that are new."""
        numbered = self._numbers.keep(self._waiting()[:_SHOWN])
        self._states = {id: self._states.get(id) or _state(id, held) for id, held in numbered}
        return list(self._states.values())

    def count(self) -> int:
        """Return how many messages wait."""
        return len(self._waiting())

    async def close(self) -> None:
        """Let all go on, and hold nothing any more."""
        holds, self._holds = self._holds, {}
        for hold in holds.values():
            hold.holding.stop()  # before the first wait, so that nothing waits whatever becomes of that
        for name, hold in holds.items():
            await self._end(name, hold)

    async def _end(self, name: str, hold: _Hold) -> None:
        hold.holding.stop()
        await self._bridge.unroute_port(name, hold.holding.take)

    def _present(self) -> dict[str, _Hold]:
        # bridge.reset() and bridge.unroute_all() take back all routes.
        has = self._bridge._session.routes.ports.has
        self._holds = {name: hold for name, hold in self._holds.items() if has(name, hold.holding.take)}
        return self._holds

    def _waiting(self) -> list[HeldMessage]:
        waiting = [held for hold in self._holds.values() for held in hold.holding.messages]
        return sorted(waiting, key=lambda held: held.since)

    def _open(self, name: str) -> int:
        return sum(port.open for port in self._bridge.traffic.ports(name))


def _state(id: int, held: HeldMessage) -> HeldMessageState:
    route, said = held.route, held.said
    opener = route.opened_by
    return HeldMessageState(
        id=id,
        name=route.name,
        context=_receiver(route),
        opener=context_of(opener) if opener else None,
        sender=sender_of(route.sender),
        by_opener=held.direction is route._opener,
        message="" if said.unreadable else text_of(said.message, MESSAGE_CHARACTERS),
        json=_json(said.payload),
        since=held.since,
    )


def _receiver(route: PortRoute) -> HeldContext:
    if route.target:
        return context_of(route.target)
    outside = ("native", route.application) if route.application else ("extension", route.extension)
    return HeldContext(kind=outside[0], url=outside[1] or "", tab=None, frame=None)


def _json(payload: str | None) -> str | None:
    changeable = payload is not None and len(payload) <= _JSON_CHARACTERS and not payload.startswith(clone.MARK)
    return payload if changeable else None
