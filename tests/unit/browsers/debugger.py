"""Firefox's debugger, played by the test."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

GREETING = {"from": "root", "applicationType": "browser"}


class Firefox:
    """A debugger with one connection at a time.

    Attributes:
        address: Where it listens.
        asked: The requests that nobody has looked at.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.greets = True
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.address)

    def says(self, *packets: dict[str, Any]) -> None:
        assert self._writer
        for packet in packets:
            text = json.dumps(packet, ensure_ascii=False).encode()
            self._writer.write(b"%d:%s" % (len(text), text))

    def says_raw(self, data: bytes) -> None:
        assert self._writer
        self._writer.write(data)

    def hangs_up(self) -> None:
        assert self._writer
        self._writer.close()

    async def close(self) -> None:
        if self._writer:
            self._writer.close()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        if self.greets:
            self.says(GREETING)
        try:
            while True:
                length = await reader.readuntil(b":")
                self.asked.put_nowait(json.loads(await reader.readexactly(int(length[:-1]))))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()


def soon(awaitable: Awaitable[Any]) -> "asyncio.Future[Any]":
    async def run() -> Any:
        return await awaitable

    return asyncio.ensure_future(asyncio.wait_for(run(), 10))
