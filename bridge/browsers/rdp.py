"""A client of Firefox's remote debugging protocol: packets are ``LENGTH:JSON``, and each actor answers in order.

https://firefox-source-docs.mozilla.org/devtools/backend/protocol.html
"""

import asyncio
import json
from collections import defaultdict, deque
from contextlib import suppress
from typing import Any

from ..errors import BridgeError, RemoteError

__all__ = ["DebuggerClient", "connect"]

_LIMIT = 64 * 1024 * 1024  # bytes in one packet
_PIECE = 4 * 1024 * 1024  # characters of a long text that are fetched at once
_RETRY_S = 0.02
_PREFIX = 16  # digits of the length, at most


async def connect(address: str, timeout_ms: float) -> "DebuggerClient":
    """Connect to a debugger that may not have started yet.

    Args:
        address: The path of a Unix socket, or a port of 127.0.0.1.
        timeout_ms: How long to try, in milliseconds; 0 means no limit.

    Raises:
        TimeoutError: Nothing answered there in time.
    """
    async with asyncio.timeout(timeout_ms / 1000 or None):
        while True:
            try:
                return await _greeted(*await _open(address))
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(_RETRY_S)  # Firefox opens it some time after its start, without telling anybody


async def _greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> "DebuggerClient":
    client = DebuggerClient(reader, writer)
    try:
        await client.start()
    except BaseException:
        await client.close()
        raise
    return client


async def _open(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.isdigit():
        return await asyncio.open_connection("127.0.0.1", int(address), limit=_LIMIT)
    return await asyncio.open_unix_connection(address, limit=_LIMIT)


class DebuggerClient:
    """Sends requests to the actors of a running Firefox."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._answers: dict[str, deque[asyncio.Future[dict[str, Any]]]] = defaultdict(deque)
        self._evaluations: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._gone: BridgeError | None = None

    async def start(self) -> None:
        """Read the debugger's greeting."""
        await self._packet()
        self._task = asyncio.ensure_future(self._read())

    async def ask(self, actor: str, type: str, **arguments: Any) -> dict[str, Any]:
        """Send a request to an actor and return its answer.

        Raises:
            RemoteError: The actor answered with an error.
            BridgeError: The connection is gone.
        """
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        packet = json.dumps({"to": actor, "type": type, **arguments}).encode()
        if self._gone:
            raise self._gone
        self._answers[actor].append(answer)
        self._writer.write(b"%d:%s" % (len(packet), packet))
        return await answer

    async def evaluate(self, console: str, code: str) -> Any:
        """Run JavaScript in the console actor's process and return its JSON-like result. A promise is awaited.

        Raises:
            RemoteError: The code threw or rejected.
        """
        started = await self.ask(console, "evaluateJSAsync", text=code, mapped={"await": True})
        result = await self._evaluation(started["resultID"])
        del self._evaluations[started["resultID"]]
        if result.get("hasException"):
            raise RemoteError(str(result.get("exceptionMessage")))
        if result.get("topLevelAwaitRejected"):
            raise RemoteError("The code's promise was rejected")  # Firefox tells no more
        return await self._whole(result.get("result"))

    async def _whole(self, result: Any) -> Any:
        """Fetch the rest of a long text, of which Firefox sends only the beginning."""
        if not isinstance(result, dict) or result.get("type") != "longString":
            return result
        actor, length = result["actor"], result["length"]
        pieces = [
            (await self.ask(actor, "substring", start=start, end=min(start + _PIECE, length)))["substring"]
            for start in range(0, length, _PIECE)
        ]
        await self.ask(actor, "release")
        return "".join(pieces)

    async def close(self) -> None:
        """End the connection."""
        self._writer.close()
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        with suppress(OSError):
            await self._writer.wait_closed()

    def _evaluation(self, id: str) -> "asyncio.Future[dict[str, Any]]":
        if id not in self._evaluations:
            if self._gone:
                raise self._gone
            self._evaluations[id] = asyncio.get_running_loop().create_future()
        return self._evaluations[id]

    async def _packet(self) -> dict[str, Any]:
        length = await self._reader.readuntil(b":")
        packet: dict[str, Any] = json.loads(await self._reader.readexactly(int(length[:-1][-_PREFIX:])))
        return packet

    async def _read(self) -> None:
        try:
            while True:
                self._handle(await self._packet())
        except (OSError, asyncio.IncompleteReadError):
            self._fail("the browser closed")
        except asyncio.CancelledError:
            self._fail("the browser closed")
            raise
        except Exception as error:  # reading something that is not a packet may raise anything
            self._fail(f"it sent something that is not a packet ({error!r})")

    def _handle(self, packet: dict[str, Any]) -> None:
        if packet.get("type") == "evaluationResult":
            future = self._evaluation(packet["resultID"])
            if future.done():  # whoever waited was cancelled
                del self._evaluations[packet["resultID"]]
            else:
                future.set_result(packet)
        elif "type" not in packet and self._answers[packet["from"]]:  # packets with a type are events
            self._answer(self._answers[packet["from"]].popleft(), packet)

    def _answer(self, answer: "asyncio.Future[dict[str, Any]]", packet: dict[str, Any]) -> None:
        if answer.done():
            return  # the request was cancelled
        if "error" in packet:
            answer.set_exception(RemoteError(packet.get("message") or packet["error"], packet["error"]))
        else:
            answer.set_result(packet)

    def _fail(self, why: str) -> None:
        reason = self._gone = BridgeError(f"The connection to Firefox's debugger is gone: {why}")
        waiting = [answer for queue in self._answers.values() for answer in queue]
        for future in [*waiting, *self._evaluations.values()]:
            if not future.done():
                future.set_exception(reason)
                future.exception()
