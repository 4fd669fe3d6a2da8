"""The part of `Bridge` that routes ports: Python stands between the extension's own scripts."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..errors import ContextError
from ..waiting.waits import within
from .contexts import Contexts
from .faults import Faults
from .routes import NameMatch
from .session import Session

__all__ = ["BridgeRoutes"]


class BridgeRoutes:
    """What changes what the extension's own scripts say to each other. It needs ``launch(routes=True)``."""

    _contexts: Contexts
    _session: Session

    async def route_port(self, name: NameMatch, handler: Callable[..., Any] | Faults) -> None:
        """Call `handler` with a `PortRoute` whenever a script opens a port that fits, before another script has it.

            def late(route):
                receiver = route.connect_to_receiver()
                route.on_message(lambda message: receiver.postMessage({**message, "late": True}))

            await bridge.route_port("sync", late)

        Leave `PortRoute.connect_to_receiver` out, and Python plays the receiver. A direction without a handler passes
        its messages on as they come. What the opener posts before the handler has ended waits for it.

        The ports are those that reach the extension's own background, pages and content scripts, whoever opens them,
        also user scripts and Python. The receiving script must listen, as ever: where nobody does, the browser closes
        the port, and no handler is called. Besides, they are those that the extension's own scripts open to native
        applications and other extensions. There the browser connects at once, as the script gets the port at once; but
        no message goes over it before `PortRoute.connect_to_receiver`. Ports that are open already are not routed. If
        several routes fit, the newest has the port.

        Args:
            name: The port's name, of a port to a native application the application's; or a compiled pattern, searched
                for in the name; or a function that gets the name, and the `Sender` if it takes two arguments, and
                returns true for the right ports. Patterns and functions are asked in Python, so every new port waits
                for the answer, as long as a round trip takes.
            handler: A function of one argument, or a coroutine function; or `faults`. If it raises, the next wait does,
                and the port goes on as without a route.

        Raises:
            BridgeError: The launch was without ``routes=True``.
        """
        self._session.routes.add(name, handler)
        await self._tell_routes()

    async def unroute_port(self, name: NameMatch, handler: Callable[..., Any] | Faults | None = None) -> None:
        """Take back what `route_port` did with that `name`. Ports that are routed already stay so.

        Args:
            name: As it was given to `route_port`.
            handler: Take back only routes with this handler.
        """
        self._session.routes.remove(name, handler)
        await self._tell_routes()

    async def unroute_all(self) -> None:
        """Take back all routes, also of ports that are open. What waits in one is passed on."""
        self._session.routes.clear()
        for context in self._contexts.alive:
            context._routed.leave()
        await self._tell_routes()

    async def _tell_routes(self) -> None:
        async def tell(context: Any) -> None:
            with suppress(ContextError):  # it ended; the next one is told as it begins
                await context._routed.tell()

        async with within(self._session.timeout_ms(None), "A script did not learn of the routes"):
            await asyncio.gather(*(tell(context) for context in self._contexts.alive))
