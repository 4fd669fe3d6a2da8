"""What it costs an extension's own scripts that their ports can be routed, or are."""

from collections.abc import Awaitable, Callable

from bridge.async_api import Bridge, PortRoute

from .recording import ordered

__all__ = ["NONE", "OTHER", "PASSED", "POSTED"]


def _passes(route: PortRoute) -> None:
    route.connect_to_receiver()


def _posts_anew(route: PortRoute) -> None:
    receiver = route.connect_to_receiver()
    route.on_message(receiver.postMessage)
    receiver.on_message(route.postMessage)


def _route(name: str, handler: Callable[[PortRoute], None]) -> Callable[[Bridge], Awaitable[None]]:
    return lambda bridge: bridge.route_port(name, handler)


NONE = ordered("unrouted", record="off")
"""Without routes."""
OTHER = ordered("routed-other", _route("other", _passes), record="off", routes=True)
"""With a route that fits none of the ports."""
PASSED = ordered("routed-passed", _route("echo", _passes), record="off", routes=True)
"""With a route without handlers, so that the agent passes all on by itself."""
POSTED = ordered("routed-posted", _route("echo", _posts_anew), record="off", routes=True)
"""With a route whose handlers post each message anew."""
