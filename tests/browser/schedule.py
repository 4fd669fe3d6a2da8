"""A random schedule of what happens to ports, against a model of what must come of it."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bridge.async_api import Bridge, Context, Port, PortDisconnectedError
from support import background, content

__all__ = ["FILES", "MANIFEST", "Schedule"]

BYE = "bye"
MANIFEST = {**background("b.js"), **content("c.js")}
FILES = {
    "b.js": """
        const echo = (port) => {
          port.onMessage.addListener((message) => (message === "bye" ? port.disconnect() : port.postMessage(message)));
        };
        chrome.runtime.onConnect.addListener(echo);
        chrome.runtime.onConnectExternal.addListener(echo);
    """,
    "c.js": "",
    "p.html": "<!doctype html><title>p</title>",
}
MOST_OPEN = 12
MOST_POSTED = 20


@dataclass
class Held:
    """An open port of Python's to the background, which sends back what it is sent.

    Attributes:
        port: It.
        opener: The kind of context that opened it.
        sent: How many messages were posted; they are numbers, from 0 on.
        received: How many have come back.
    """

    port: Port
    opener: str
    sent: int = 0
    received: int = 0


class Schedule:
    """Does at random what users, browsers and tests do to ports. What the model forbids is an AssertionError.

    Args:
        bridge: With the extension of this module.
        url: Of a page where its content script runs.
        seed: The same seed makes the same schedule.
    """

    def __init__(self, bridge: Bridge, url: str, seed: int) -> None:
        self._bridge = bridge
        self._url = url
        self._random = random.Random(seed)
        self._seed = seed
        self._page: Any = None
        self._contexts: dict[str, Context] = {}
        self._held: list[Held] = []
        self.done: list[str] = []
        self._steps: dict[Callable[[], Awaitable[None]], int] = {
            self._connect: 6,
            self._post: 8,
            self._receive: 4,
            self._disconnect: 2,
            self._have_it_disconnected: 2,
            self._navigate: 1,
            self._stop_the_background: 1,
            self._reload_the_extension: 1,
        }

    async def begin(self) -> None:
        """Open the contexts."""
        self._page = await self._bridge.browser_context.new_page()
        await self._open_contexts()

    async def run(self, steps: int) -> None:
        """Do so many steps, and require that each open port still works afterwards."""
        try:
            for _ in range(steps):
                await self._step()
            for held in self._held:
                await self._drain(held)
            self._bridge.raise_listener_errors()
        except Exception as error:
            error.add_note(f"seed {self._seed}, after {len(self.done)} steps: {' '.join(self.done[-30:])}")
            raise

    async def end(self) -> None:
        """Close what was opened."""
        for held in self._held:
            held.port.disconnect()
        await self._contexts["page"].close()
        await self._page.close()

    async def _step(self) -> None:
        (step,) = self._random.choices(list(self._steps), list(self._steps.values()))
        self.done.append(step.__name__)
        await step()

    def _one(self) -> Held | None:
        return self._random.choice(self._held) if self._held else None

    async def _connect(self) -> None:
        if len(self._held) < MOST_OPEN:
            opener = self._random.choice(["content", "external", "page"])
            context = self._contexts[opener]
            target = [self._bridge.extension_id] if opener == "external" else []
            self._held.append(Held(context.runtime.connect(*target, {"name": "echo"}), opener))

    async def _post(self) -> None:
        if held := self._one():
            for _ in range(self._random.randint(1, MOST_POSTED)):
                held.port.postMessage(held.sent)
                held.sent += 1

    async def _receive(self) -> None:
        if held := self._one():
            await self._drain(held)

    async def _drain(self, held: Held) -> None:
        held.port.postMessage(held.sent)  # so that it must be alive
        held.sent += 1
        await self._receive_the_rest(held)

    async def _receive_the_rest(self, held: Held) -> None:
        while held.received < held.sent:
            assert await held.port.receive() == held.received
            held.received += 1

    async def _disconnect(self) -> None:
        if held := self._one():
            held.port.disconnect()
            self._held.remove(held)
            with pytest.raises(PortDisconnectedError):
                held.port.postMessage("too late")

    async def _have_it_disconnected(self) -> None:
        if held := self._one():
            held.port.postMessage(BYE)
            await self._receive_the_rest(held)  # what was posted before comes back before
            await self._require_end([held])

    async def _settle(self) -> None:
        """Make sure that each port has arrived: the browser would start a background that is being stopped for one."""
        for held in self._held:
            await self._drain(held)
        await self._post()

    async def _navigate(self) -> None:
        await self._settle()
        gone = [held for held in self._held if held.opener == "content"]
        await self._page.goto(self._url)
        await self._require_end(gone)
        self._contexts["content"] = await self._bridge.content(self._page)

    async def _stop_the_background(self) -> None:
        await self._settle()
        if not self._bridge.background.closed:
            await self._bridge.stop_background()
            await self._require_end(list(self._held))

    async def _reload_the_extension(self) -> None:
        await self._settle()
        await self._bridge.reload()
        await self._require_end(list(self._held))
        await self._open_contexts()

    async def _open_contexts(self) -> None:
        await self._page.goto(self._url)
        self._contexts = {
            "content": await self._bridge.content(self._page),
            "external": self._bridge.external,
            "page": await self._bridge.page("p.html"),
        }

    async def _require_end(self, ended: list[Held]) -> None:
        """Require that these ports end, and that what they still bring is the beginning of what has to come back."""
        for held in ended:
            await held.port.wait_for_disconnect()
            with pytest.raises(PortDisconnectedError):
                while True:
                    assert await held.port.receive() == held.received < held.sent
                    held.received += 1
            self._held.remove(held)
