"""The HTTP server under the channel and the inspector: aiohttp's, without its words about the faults of others."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

__all__ = ["listen"]

_FAULTS_OF_PEERS = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


def _is_ours(record: logging.LogRecord) -> bool:
    # aiohttp logs a traceback when a page goes during the handshake, and when a port scanner speaks no HTTP.
    return not (record.exc_info and isinstance(record.exc_info[1], _FAULTS_OF_PEERS))


_log = logging.getLogger("bridge.http")
_log.addFilter(_is_ours)


async def listen(
    serve: Callable[[web.Request], Awaitable[web.StreamResponse]], *, shutdown_s: float
) -> tuple[web.AppRunner, int]:
    """Serve on a free port of the loopback interface; return the server and its port.

    Args:
        serve: Answers each request.
        shutdown_s: How long the server's end waits for a request, and as long again when it has cancelled it.
    """
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_s, logger=_log)
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    except BaseException:
        await runner.cleanup()
        raise
    return runner, runner.addresses[0][1]
