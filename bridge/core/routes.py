"""Which ports of the extension's own scripts Python routes, and by which handlers."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import BridgeError, ChannelError
from ..protocol.frames import Routed, RoutedClose, RoutedMessage, RouteHeld, Routing
from ..waiting.event import arity
from .faults import Faults
from .objects import Sender
from .port_route import PortRoute

if TYPE_CHECKING:
    from .context import Context
    from .session import Session

__all__ = ["NameMatch", "RoutedPorts", "Routes"]

NameMatch = str | re.Pattern[str] | Callable[..., Any]

_NOT_ROUTED = (
    "Ports can be routed only in a launch with routes=True: the agent has to stand in front of the extension's own "
    "listeners from their first line on"
)


Handler = Callable[..., Any] | Faults


class _Route(NamedTuple):
    match: NameMatch
    handler: Handler

    def fits(self, name: str | None, sender: Sender) -> bool:
        """Whether it is for a port of that name, by that sender."""
        if isinstance(self.match, str):
            return self.match == name
        if isinstance(self.match, re.Pattern):
            return name is not None and bool(self.match.search(name))
        return bool(self.match(*(name, sender)[: arity(self.match)]))


class Routes:
    """The routes of a launch.

    Args:
        session: Of the launch.

    Attributes:
        enabled: Whether the agents can route ports.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._routes: list[_Route] = []
        self.enabled = False

    @property
    def routing(self) -> Routing:
        """What the agents need to know of them."""
        names = {route.match for route in self._routes if isinstance(route.match, str)}
        return Routing(sorted(names), asks=any(not isinstance(route.match, str) for route in self._routes))

    def add(self, match: NameMatch, handler: Handler) -> None:
        """Route the ports that `match` fits.

        Raises:
            BridgeError: The launch was without routes.
            TypeError: `match` or `handler` is of no such kind.
        """
        self.require_enabled()
        if not isinstance(match, str | re.Pattern) and not callable(match):
            raise TypeError(f"route_port() takes a name, a pattern or a function, not {type(match).__name__}")
        if not callable(handler) and not isinstance(handler, Faults):
            raise TypeError(f"route_port() takes a function as its handler, not {type(handler).__name__}")
        self._routes.append(_Route(match, handler))

    def require_enabled(self) -> None:
        """Raise BridgeError if the launch was without routes."""
        if not self.enabled:
            raise BridgeError(_NOT_ROUTED)

    def has(self, match: NameMatch, handler: Handler) -> bool:
        """Whether there is such a route."""
        return _Route(match, handler) in self._routes

    def remove(self, match: NameMatch, handler: Handler | None) -> None:
        """Take back the routes with that `match`, and that handler if it is given."""
        self._routes = [route for route in self._routes if route.match != match or handler not in (None, route.handler)]

    def clear(self) -> None:
        """Take back all."""
        self._routes.clear()

    def of(self, name: str | None, sender: Sender) -> Handler | None:
        """Return the handler of such a port, that of the newest route; None if no route fits."""
        for route in reversed(self._routes):
            try:
                if route.fits(name, sender):
                    return route.handler
            except Exception as error:  # of the user's predicate
                self._session.deferred.add(None, error)
        return None


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
        return [
            port for port in self._ports.values() if port._name == name and port._opener.passes and port._scripts.passes
        ]

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
        handler = self._session.routes.of(frame.name, port.sender)
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
