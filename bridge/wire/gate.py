"""The gate of the servers on 127.0.0.1: who is let in.

Every web page in every browser, and every program of every user of this machine, can send requests to 127.0.0.1. Those
that do not know the secret path stay out. Should a web page know it, its Origin gives it away; and so does the Host, if
the page's own name was made to mean 127.0.0.1 (DNS rebinding).
"""

import hmac
import secrets
from enum import Enum, auto

from aiohttp import web

__all__ = ["Peer", "is_path", "new_path", "refusal"]

_EXTENSIONS = ("chrome-extension://", "moz-extension://")


class Peer(Enum):
    """Who is expected at an address. A browser tells the truth about it in the Origin, a program sends none."""

    EXTENSION = auto()
    PROGRAM = auto()
    OWN_PAGE = auto()
    """A browser that loads what the server serves: its Origin is the server's, or it has none."""
    OWN_SCRIPT = auto()
    """A script in such a page: its Origin is the server's."""


def new_path() -> str:
    """Return a path that nobody can guess. Never show it to anybody but the peer."""
    return f"/{secrets.token_urlsafe(32)}"


def is_path(given: str, path: str) -> bool:
    """Whether they are the same. How long the answer takes tells nothing of `path`."""
    return hmac.compare_digest(given.encode(), path.encode())


def refusal(request: web.Request, peer: Peer | None, port: int, *, websocket: bool = True) -> str | None:
    """Return why a request is refused; None if it is let in.

    Args:
        request: What somebody asks.
        peer: Who is expected at the address; None if there is no such address.
        port: At which the server listens.
        websocket: Whether only a WebSocket is served there.
    """
    if peer is None:
        return "no such address"
    if request.host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return "the Host is not this server"
    if request.method != "GET":
        return "the method is not GET"
    if websocket and not web.WebSocketResponse().can_prepare(request):
        return "not a WebSocket request"
    return _wrong_origin(request, peer)


def _wrong_origin(request: web.Request, peer: Peer) -> str | None:
    origin, own = request.headers.get("Origin"), f"http://{request.host}"
    match peer:
        case Peer.EXTENSION:
            return None if (origin or "").startswith(_EXTENSIONS) else "the Origin is not an extension's"
        case Peer.PROGRAM:
            return None if origin is None else "a program has no Origin"
        case Peer.OWN_PAGE:
            return None if origin in (None, own) else "the Origin is not this server's"
        case Peer.OWN_SCRIPT:
            return None if origin == own else "the Origin is not this server's"
