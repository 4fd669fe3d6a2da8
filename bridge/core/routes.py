"""Which ports and one-time messages of the extension's own scripts Python routes, and by which handlers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import BridgeError, ChannelError
from ..protocol import values
from ..protocol.frames import Routed, RoutedClose, RoutedMessage, RouteHeld, Routing
from ..waiting.event import arity
from .faults import Faults
from .objects import Sender
from .port_route import PortRoute

if TYPE_CHECKING:
    from .context import Context
    from .session import Session

__all__ = ["MessageMatch", "NameMatch", "RoutedPorts", "Routes", "contains"]

NameMatch = str | re.Pattern[str] | Callable[..., Any]
MessageMatch = dict[str, Any] | list[Any] | str | float | bool | None | Callable[..., Any]

_NOT_ENABLED = (
    "Ports and messages can be routed only in a launch with routes=True: the agent has to stand in front of the "
    "extension's own listeners from their first line on"
)

Handler = Callable[..., Any] | Faults


H = TypeVar("H")


@dataclass(frozen=True)
class _Route(Generic[H]):
    match: Any
    fits: Callable[[Any, Sender], bool]
    handler: H


class _Table(Generic[H]):
    """Some routes; the newest that fits has what comes."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.routes: list[_Route[H]] = []

    def remove(self, match: Any, handler: H | None) -> None:
        """Take back the routes with that `match`, and that handler if it is given."""
        self.routes = [route for route in self.routes if route.match != match or handler not in (None, route.handler)]

    def of(self, what: Any, sender: Sender) -> H | None:
        """Return the handler of what has come from `sender`, a port's name or a message; None if no route fits."""
        for route in reversed(self.routes):
            try:
                if route.fits(what, sender):
                    return route.handler
            except Exception as error:  # of the user's predicate
                self._session.deferred.add(None, error)
        return None

    def has(self, match: Any, handler: H) -> bool:
        """Whether there is such a route."""
        return any((route.match, route.handler) == (match, handler) for route in self.routes)

    def _add(self, match: Any, fits: Callable[[Any, Sender], bool], handler: H) -> None:
        self._session.routes.require_enabled()
        self.routes.append(_Route(match, fits, handler))


class PortTable(_Table[Handler]):
    """The routes of ports."""

    def add(self, match: NameMatch, handler: Handler) -> None:
        """Route the ports whose name `match` fits.

        Raises:
            BridgeError: The launch was without routes.
            TypeError: `match` or `handler` is of no such kind.
        """
        if not callable(handler) and not isinstance(handler, Faults):
            raise TypeError(f"route_port() takes a function as its handler, not {type(handler).__name__}")
        self._add(match, _fits_name(match), handler)


class MessageTable(_Table[Callable[..., Any]]):
    """The routes of one-time messages."""

    def add(self, match: MessageMatch, handler: Callable[..., Any]) -> None:
        """Route the messages that contain `match`, or for which it returns true.

        Raises:
            BridgeError: The launch was without routes.
            TypeError: `match` or `handler` is of no such kind.
        """
        if isinstance(handler, Faults):
            raise TypeError("faults() disturbs ports; route_message() takes a function as its handler")
        if not callable(handler):
            raise TypeError(f"route_message() takes a function as its handler, not {type(handler).__name__}")
        self._add(match, _fits_message(match), handler)


class Routes:
    """The routes of a launch.

    Args:
        session: Of the launch.

    Attributes:
        enabled: Whether the agents can route.
        ports: Those of ports.
        messages: Those of one-time messages.
    """

    def __init__(self, session: "Session") -> None:
        self.ports = PortTable(session)
        self.messages = MessageTable(session)
        self.enabled = False

    @property
    def routing(self) -> Routing:
        """What the agents need to know of them."""
        ports = [route.match for route in self.ports.routes]
        messages = [route.match for route in self.messages.routes]
        return Routing(
            sorted({match for match in ports if isinstance(match, str)}),
            asks=any(not isinstance(match, str) for match in ports),
            messages=[match for match in messages if not callable(match)],
            asksMessages=any(callable(match) for match in messages),
        )

    def require_enabled(self) -> None:
        """Raise BridgeError if the launch was without routes."""
        if not self.enabled:
            raise BridgeError(_NOT_ENABLED)

    def clear(self) -> None:
        """Take back all."""
        self.ports.routes.clear()
        self.messages.routes.clear()


def _fits_name(match: NameMatch) -> Callable[[Any, Sender], bool]:
    match match:
        case str():
            return lambda name, sender: name == match
        case re.Pattern():
            return lambda name, sender: name is not None and bool(match.search(name))
    return _predicate("route_port() takes a name, a pattern or a function", match)


def _fits_message(match: MessageMatch) -> Callable[[Any, Sender], bool]:
    if not callable(match):
        values.encode_json(match, "route")
        return lambda message, sender: contains(message, match)
    return _predicate("", match)


def _predicate(takes: str, match: Any) -> Callable[[Any, Sender], bool]:
    if not callable(match):
        raise TypeError(f"{takes}, not {type(match).__name__}")
    given = arity(match)
    return lambda what, sender: bool(match(*(what, sender)[:given]))


def contains(value: Any, pattern: Any) -> bool:
    """Whether a message has all that a pattern has: an object its members, an array its items, in their places."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and contains(value[key], pattern[key]) for key in pattern)
    if isinstance(pattern, list | tuple):
        fits = isinstance(value, list) and len(value) == len(pattern)
        return fits and all(map(contains, value, pattern))
    return isinstance(value, bool) == isinstance(pattern, bool) and bool(value == pattern)


class RoutedPorts:
    """The routed ports of one context."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._session = context._session
        self._ports: dict[int, PortRoute] = {}

    def take(self, frame: Routed | RoutedMessage | RoutedClose | RouteHeld, payload: str | None) -> None:
        """Hand on what the agent says of a routed port.

        Raises:
            ChannelError: The agent broke the protocol.
        """
        if isinstance(frame, Routed):
            return self._arrived(frame)
        port = self._ports.get(frame.route)
        if port is None:
            return None  # Python has left it
        match frame:
            case RoutedMessage():
                port._message(frame, payload)
            case RoutedClose():
                port._closed_by(frame)
            case RouteHeld():
                port._held(by_opener=frame.byOpener)

    async def tell(self) -> None:
        """Have the agent know the routes as they are now."""
        if self._context._link and self._context._kind in ("background", "page", "content"):
            await self._context._link.route(self._session.routes.routing)

    def passing(self, name: str) -> list[PortRoute]:
        """Return the open ports of that name on which all goes on by itself."""
        named = [port for port in self._ports.values() if port._name == name]
        return [port for port in named if port._opener.passes and port._answering.passes]

    def leave(self) -> None:
        """Let all go on as without routes."""
        for port in self._ports.values():
            port._leave()
        self._ports.clear()

    def context_closed(self) -> None:
        """The context is gone."""
        for port in self._ports.values():
            port._context_lost()
        self._ports.clear()

    def _arrived(self, frame: Routed) -> None:
        if frame.route in self._ports:
            raise ChannelError(f"A second Routed with the number {frame.route}")
        port = PortRoute(self._context, frame)
        handler = self._session.routes.ports.of(frame.name, port.sender)
        if handler is None:
            return port._leave()
        self._ports[frame.route] = port

        def ended(result: Any = None, *, awaited: bool = False) -> None:
            port._decide()

        def raised(error: BaseException) -> None:
            port._raised(error)
            self._ports.pop(frame.route, None)
            port._leave()

        if isinstance(handler, Faults):
            handler._attach(port)
            ended()
        else:
            self._session.invoke(handler, (port,), raised, ended)
