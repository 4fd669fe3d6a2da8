"""The part of `Bridge` that routes ports and one-time messages: Python stands between the extension's own scripts."""

from collections.abc import Callable
from typing import Any

from ..waiting.waits import within
from .contexts import Contexts
from .faults import Faults
from .routes import MessageMatch, NameMatch
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
        self._session.routes.ports.add(name, handler)
        await self._tell_routes()

    async def unroute_port(self, name: NameMatch, handler: Callable[..., Any] | Faults | None = None) -> None:
        """Take back what `route_port` did with that `name`. Ports that are routed already stay so.

        Args:
            name: As it was given to `route_port`.
            handler: Take back only routes with this handler.
        """
        self._session.routes.ports.remove(name, handler)
        await self._tell_routes()

    async def route_message(self, match: MessageMatch, handler: Callable[..., Any]) -> None:
        """Call `handler` with a `MessageRoute` whenever a one-time message that fits is sent, before a script hears it.

            def late(route):
                route.continue_(message={**route.message, "late": True})

            await bridge.route_message({"type": "save"}, late)

        The messages are those of ``runtime.sendMessage`` and ``tabs.sendMessage`` that reach the extension's own
        background, pages and content scripts, whoever sends them, also Python. A script must listen there, as ever:
        where nobody does, the asker learns that from the browser, and no handler is called. A message that reaches
        several contexts is a route in each. If several routes fit, the newest has the message.

        As with Playwright's routes, the asker waits until the handler, or somebody later, has called one of
        `MessageRoute.continue_`, `answer`, `reject` and `abort`.

        Args:
            match: What the message contains: ``{"type": "save"}`` fits each object with that member, whatever else it
                has; a string fits itself. Or a function that gets the message, and the `Sender` if it takes two
                arguments, and returns true for the right ones. Functions are asked in Python, so every message waits
                for the answer, as long as a round trip takes.
            handler: A function of one argument, or a coroutine function. If it raises, the next wait does, and the
                message goes on as without a route.

        Raises:
            BridgeError: The launch was without ``routes=True``.
        """
        self._session.routes.messages.add(match, handler)
        await self._tell_routes()

    async def unroute_message(self, match: MessageMatch, handler: Callable[..., Any] | None = None) -> None:
        """Take back what `route_message` did with that `match`. Messages that a handler has got already stay with it.

        Args:
            match: As it was given to `route_message`.
            handler: Take back only routes with this handler.
        """
        self._session.routes.messages.remove(match, handler)
        await self._tell_routes()

    async def unroute_all(self) -> None:
        """Take back all routes, of ports and messages, also of ports that are open. What waits in one is passed on."""
        self._session.routes.clear()
        for context in self._contexts.alive:
            context._routed.leave()
            context._routed_requests.leave()
        await self._tell_routes()

    async def _tell_routes(self) -> None:
        async with within(self._session.timeout_ms(None), "A script did not learn of the routes"):
            await self._contexts.tell_routes()
