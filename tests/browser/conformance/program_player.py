"""The conductor's end of the player that is a native application."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from bridge.javascript import UNDEFINED

from .program import NAME
from .values import SHOWN, describe

__all__ = ["ProgramPlayer"]


class ProgramPlayer:
    """Plays the program of a stage that the browser started last; it exists before any program does."""

    def __init__(self) -> None:
        self.on_entry: Callable[[list[Any]], None] = lambda entry: None
        self.gone = asyncio.Event()  # never set: the next connection brings it back
        self._writer: asyncio.StreamWriter | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._left = False

    async def order(self, order: str, steps: Any = ()) -> None:
        """Have the program do steps."""
        if order == "reset":
            self.on_entry = lambda entry: None
        if order != "do" or not self._writer:
            return  # what it would listen to needs no listener
        self._left = any(step["op"] == "disconnect" for step in steps)  # no port hears of its own disconnect
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps({"id": number, "steps": steps}).encode() + b"\n")
        await answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Listen to a program until it ends."""
        self._writer = writer
        say = self.on_entry  # of the scene that it was started in
        died = True
        while line := await _line(reader):
            message = json.loads(line)
            if "done" in message:
                self._answers.pop(message["done"]).set_result(None)
            else:
                died = died and "closed" not in message
                say(_entry(message))
        writer.close()
        if died and not self._left:
            say(_entry({"closed": NAME}))
        self._left = False
        for answer in self._answers.values():
            answer.set_result(None)
        self._answers.clear()
        if self._writer is writer:
            self._writer = None


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ConnectionError:  # it was killed, or ended without reading the last order
        return b""


def _entry(message: dict[str, Any]) -> list[Any]:
    if "message" in message:
        text = describe(*message["message"] or [UNDEFINED])
        return ["message", NAME, text if len(text) <= SHOWN else f"{len(text)} characters", None]
    if "connected" in message:
        return ["connected", NAME, NAME, None, None]
    return ["disconnected", NAME, None, None, None]
