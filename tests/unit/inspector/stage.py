"""An inspector whose browser is played by the test, and a page that is a WebSocket client."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from unit.core.fakes import Agent, session

from bridge.core.bridge import Bridge
from bridge.core.contexts import Contexts
from bridge.driver import Loaded
from bridge.errors import BridgeError
from bridge.inspector.server import Inspector
from bridge.traffic.limits import MAX_RECORDS_UNSENT
from bridge.traffic.records import Launched, MessagePosted, Payload, Record
from bridge.webext.manifest import Manifest

MANIFEST = {
    "manifest_version": 3,
    "name": "tested",
    "action": {"default_popup": "popup.html"},
    "background": {"service_worker": "worker.js"},
}


class Records:
    """A source of records that the test fills."""

    def __init__(self, *records: Record) -> None:
        self.records: list[Record] = [Launched(), *records]
        self.subscribers: list[Callable[[Record], None]] = []

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        self.subscribers.append(callback)
        return lambda: self.subscribers.remove(callback)

    def emit(self, record: Record) -> None:
        self.records.append(record)
        for callback in list(self.subscribers):
            callback(record)


def posted(text: str = "1") -> MessagePosted:
    return MessagePosted(port=1, place=1, payload=Payload(text=text))


class Page:
    """The inspector's page, as far as Python sees it."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._id = 0
        self.state: dict[str, Any] = {}

    async def says(self, type: str, **members: Any) -> None:
        """Send a message."""
        await self.socket.send_str(json.dumps({"type": type, **members}))

    async def hears(self, *types: str) -> dict[str, Any]:
        """Return the next message of one of these types; states of before are kept in `state`."""
        while True:
            message = await self.socket.receive(timeout=10)
            assert message.type is WSMsgType.TEXT, message
            content: dict[str, Any] = json.loads(message.data)
            if content["type"] == "bridgeState":
                self.state = content
            if content["type"] in types:
                return content

    async def hears_state(self, accepts: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return a state that `accepts` says yes to: the last, or one to come."""
        while not self.state or not accepts(self.state):
            await self.hears("bridgeState")
        return self.state

    async def asks(self, type: str, **members: Any) -> dict[str, Any]:
        """Send a command and return its answer."""
        self._id += 1
        await self.says(type, id=self._id, **members)
        answer = await self.hears("commandDone", "commandFailed")
        assert answer["id"] == self._id
        return answer

    async def opens(self, kind: str, **members: Any) -> int:
        """Open a port from a context of that kind, and return its number."""
        answer = await self.asks(
            "connect", context=await self.context(kind), **{"name": "", "extension": "", **members}
        )
        assert answer["type"] == "commandDone", answer
        port: int = answer["port"]
        return port

    async def context(self, kind: str) -> int:
        """Return the number of the context of that kind."""
        state = await self.hears_state(lambda state: any(c["kind"] == kind for c in state["contexts"]))
        number: int = next(c["id"] for c in state["contexts"] if c["kind"] == kind)
        return number


class Driver:
    """What a bridge asks of its browser about permission requests.

    Attributes:
        decide: Who answers them, while somebody does.
        refuses: Why nobody can.
    """

    def __init__(self) -> None:
        self.decide: Callable[[str, list[str], list[str]], Awaitable[bool]] | None = None
        self.refuses: BridgeError | None = None

    def require_requests_heard(self) -> None:
        if self.refuses:
            raise self.refuses

    async def hear_requests(self, decide: Any) -> None:
        self.decide = decide


class Stage:
    """What `running` gives.

    Attributes:
        agents: Those of the contexts, by kind.
        driver: The browser's.
    """

    def __init__(
        self, manifest: dict[str, Any], browser: str, records: Records, limit: int, http: ClientSession
    ) -> None:
        self.records = records
        self.contexts = Contexts(session(), frozenset())
        self.agents: dict[str, Agent] = {}
        self.pages: list[Any] = [SimpleNamespace(url="https://example.org/")]
        self.driver = Driver()
        self.bridge = bridge_of(manifest, browser, self.contexts, self.pages, self.driver)
        self.inspector = Inspector(self.bridge, records, limit=limit)
        self._http = http
        self._sockets: list[ClientWebSocketResponse] = []
        for number, (kind, url) in enumerate((("external", "relay.js"), ("background", "worker.js")), start=1):
            self.begin(kind, url, number)

    def begin(self, kind: str, url: str, number: int, **sender: Any) -> Agent:
        """An agent says hello."""
        agent = self.agents[kind] = Agent(self.contexts, number, sender=sender)
        agent.hello(kind, url)
        agent.heard()
        return agent

    async def page(self) -> Page:
        """Connect as the page does."""
        url = self.inspector.url
        origin = url[: url.index("/", 8)]
        socket = await self._http.ws_connect(f"{url}socket", headers={"Origin": origin})
        self._sockets.append(socket)
        return Page(socket)

    async def close(self) -> None:
        """End the inspector, and then the pages."""
        await asyncio.wait_for(self.inspector.close(), 10)
        for socket in self._sockets:
            await socket.close()


def bridge_of(
    manifest: dict[str, Any], browser: str, contexts: Contexts, pages: list[Any], driver: Any = None
) -> Bridge:
    nothing: Any = None
    extension: Any = SimpleNamespace(manifest=Manifest(manifest), has_background="background" in manifest)
    return Bridge(
        extension=extension,
        loaded=Loaded("tested-id", "base/"),
        browser_name=browser,
        browser_context=SimpleNamespace(pages=pages),
        driver=driver,
        contexts=contexts,
        natives=nothing,
        session=contexts.external._session,
        make_inspector=Inspector,
        clean_up=AsyncExitStack(),
    )


@asynccontextmanager
async def running(
    manifest: dict[str, Any] = MANIFEST,
    records: Records | None = None,
    *,
    browser: str = "chromium",
    limit: int = MAX_RECORDS_UNSENT,
    starts: bool = True,
) -> AsyncIterator[Stage]:
    """Make an inspector, and start it unless told otherwise."""
    async with ClientSession() as http:
        stage = Stage(manifest, browser, records or Records(), limit, http)
        if starts:
            await stage.inspector.start()
        try:
            yield stage
        finally:
            await stage.close()
