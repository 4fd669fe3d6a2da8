"""Holds the messages of routed ports until somebody says what becomes of each, as the handler of a route."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import BridgeError
from ..protocol import values
from .port_route import PortRoute
from .route_direction import Direction, Said

__all__ = ["HeldMessage", "Holding"]


class HeldMessage:
    """A message that waits, or the end of a port behind the messages that wait.

    Attributes:
        route: The port.
        direction: Which of its ends says it.
        said: What that end says.
        since: When it came, as `time.time`.
    """

    def __init__(self, holding: "Holding", route: PortRoute, direction: Direction, said: Said) -> None:
        self._holding = holding
        self.route = route
        self.direction = direction
        self.said = said
        self.since = time.time()

    def let_go(self) -> None:
        """Let it go on as it came."""
        self._take("lets go")
        self.direction.go_on(self.said)
        self._holding._left(self)

    def change(self, message: Any) -> None:
        """Say something else in its place.

        Raises:
            TypeError: That cannot be sent; the message waits still.
        """
        self._require_held()
        values.encode(message)  # raises before the message is gone
        self._take("changes")
        self.direction.keep_back(self.said)
        self.direction.say(message)
        self._holding._left(self)

    def drop(self) -> None:
        """Lose it."""
        self._take("loses")
        self.direction.keep_back(self.said)
        self._holding._left(self)

    def _take(self, what: str) -> None:
        self._require_held()
        self._holding._said.remove(self)
        self._note(what)

    def _note(self, what: str) -> None:
        self.route._note(f"{what} a message from the {self.direction.name}", self.said.payload)

    def _require_held(self) -> None:
        if self not in self._holding._said:
            raise BridgeError("That message waits no longer: it went on or was dropped, or its port is gone")


class Holding:
    """A handler for `Bridge.route_port`, in the method `take`: what the ends of a port say waits here.

    A port whose end closes is closed for the other end once the messages before that have gone on.

    Args:
        changed: Called when what waits here, or the number of ports, may have changed.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._said: list[HeldMessage] = []
        self._ports: dict[PortRoute, asyncio.Task[None]] = {}

    @property
    def messages(self) -> list[HeldMessage]:
        """The messages that wait, the oldest first."""
        return [held for held in self._said if held.said.number is not None]

    @property
    def ports(self) -> int:
        """How many ports there are whose messages wait."""
        return len(self._ports)

    def take(self, route: PortRoute) -> None:
        """Hold what the ends of a port say from now on."""
        route = getattr(route, "_impl", route)  # in the sync flavour, a handler gets the sync route
        route.connect_to_receiver()
        for direction in (route._opener, route._answering):
            direction.intercept(partial(self._keep, route, direction))
        task = self._ports[route] = route._begin(_for_ever())  # which ends with the route
        task.add_done_callback(partial(self._forget, route))
        self._changed()

    def let_all_go(self) -> None:
        """Let everything go on as it came; what follows waits again."""
        for held in self.messages:
            held.let_go()

    def stop(self) -> None:
        """Let everything go on, and what follows too."""
        self.let_all_go()
        for route, task in list(self._ports.items()):
            for direction in (route._opener, route._answering):
                direction.release()
            self._forget(route, task)

    def _keep(self, route: PortRoute, direction: Direction, said: Said) -> None:
        if route not in self._ports:
            return direction.go_on(said)  # which crosses with the end of the port
        held = HeldMessage(self, route, direction, said)
        self._said.append(held)
        if said.number is None:
            self._end(direction)
        else:
            held._note("holds")
        self._changed()

    def _left(self, held: HeldMessage) -> None:
        self._end(held.direction)
        self._changed()

    def _end(self, direction: Direction) -> None:
        """Close the other end, if that is what a direction says next."""
        first = next((held for held in self._said if held.direction is direction), None)
        if first is None or first.said.number is not None:
            return
        self._forget(first.route, self._ports[first.route])
        direction.go_on(first.said)

    def _forget(self, route: PortRoute, task: "asyncio.Task[None]") -> None:
        if self._ports.get(route) is not task:
            return
        del self._ports[route]
        task.cancel()
        # What waits for a port that is closed has nowhere to go, as in a browser.
        self._said = [held for held in self._said if held.route is not route]
        self._changed()


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()
