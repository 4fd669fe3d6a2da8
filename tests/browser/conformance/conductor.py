"""The server that the players in the browsers obey, and that serves the pages they stand in."""

import asyncio
import html
import itertools
import json
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple

from aiohttp import WSMsgType, web

from .program_player import ProgramPlayer

__all__ = ["Conductor", "Held", "JavaScriptPlayer", "Role"]

_REQUESTS = 60  # that an error shows
_PATIENCE_S = 30  # Chromium may hold a WebSocket back for seconds where many were cut off


class Role(NamedTuple):
    """Where a player stands: by this the conductor knows it when it says hello."""

    stage: str
    extension: str
    kind: str
    place: str
    """The name of the page's frame, or what follows ``?run=`` in its address; empty for a background."""


class JavaScriptPlayer:
    """A player in a browser, as long as its context lives."""

    def __init__(self, socket: web.WebSocketResponse, url: str) -> None:
        self.url = url
        self._on_entry: Callable[[list[Any]], None] | None = None
        self._early: list[list[Any]] = []
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.gone = asyncio.Event()

    @property
    def on_entry(self) -> Callable[[list[Any]], None] | None:
        """Gets what it observes; the first one gets what came before it, too."""
        return self._on_entry

    @on_entry.setter
    def on_entry(self, on_entry: Callable[[list[Any]], None]) -> None:
        self._on_entry = on_entry
        early, self._early = self._early, []
        for entry in early:
            on_entry(entry)

    def forget(self) -> None:
        """Forget what it observed before anybody listened."""
        self._early.clear()

    async def order(self, order: str, **details: Any) -> Any:
        """Have it carry something out, and return the result; None if its context ends over that."""
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        if self.gone.is_set():
            raise ConnectionError(f"The player at {self.url} is gone")
        await self._socket.send_str(json.dumps({"order": order, "id": number, **details}))
        return await asyncio.wait_for(answer, _PATIENCE_S)

    def receive(self, message: dict[str, Any]) -> None:
        """Take what it says."""
        if "entry" in message:
            (self._on_entry or self._early.append)(message["entry"])
            return
        answer = self._answers.pop(message["done"])
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(RuntimeError(f"The player at {self.url}: {message['error']}"))
        else:
            answer.set_result(message.get("result"))

    def end(self) -> None:
        """Its context ended."""
        self.gone.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(None)


class Held:
    """A request that the conductor does not answer.

    Attributes:
        url: Its address.
        came: Set when it has come.
        cut: Set when whoever asked is gone.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.came = asyncio.Event()
        self.cut = asyncio.Event()


class Conductor:
    """Serves players and pages at two host names of the loopback interface."""

    def __init__(self) -> None:
        self._players: dict[Role, JavaScriptPlayer] = {}
        self._arrivals: dict[Role, list[asyncio.Future[JavaScriptPlayer]]] = defaultdict(list)
        self._scripts: dict[str, str] = {}
        self._requests: deque[str] = deque(maxlen=_REQUESTS)
        app = web.Application()
        app.router.add_get("/player/{stage}", self._serve_player)
        app.router.add_get("/page", self._serve_page)
        app.router.add_get("/web-player/{stage}", self._serve_script)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        self._programs: asyncio.Server | None = None
        self._held: dict[str, Held] = {}
        self._holder: asyncio.Server | None = None
        self.program_players: dict[str, ProgramPlayer] = defaultdict(ProgramPlayer)
        self.port = self.program_port = 0

    async def start(self) -> None:
        """Begin to serve."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        self._programs = await asyncio.start_server(self._serve_program, "127.0.0.1", 0, limit=1 << 27)
        self.program_port = self._programs.sockets[0].getsockname()[1]
        self._holder = await asyncio.start_server(self._hold, "127.0.0.1", 0)

    async def close(self) -> None:
        """Stop."""
        assert self._programs and self._holder
        self._programs.close()
        self._holder.close()
        await self._runner.cleanup()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path."""
        return f"http://{host}:{self.port}/{path}"

    def hold(self) -> Held:
        """A request that gets no answer."""
        assert self._holder
        path = f"/{len(self._held)}"
        held = self._held[path] = Held(f"http://127.0.0.1:{self._holder.sockets[0].getsockname()[1]}{path}")
        return held

    def set_web_player(self, stage: str, script: str) -> None:
        """What pages load that ask for a player of their own."""
        self._scripts[stage] = script

    def is_there(self, role: Role) -> bool:
        """Whether that player is there now."""
        return role in self._players and not self._players[role].gone.is_set()

    async def player(self, role: Role) -> JavaScriptPlayer:
        """Return the player of that role, once it is there."""
        player = self._players.get(role)
        return player if player and not player.gone.is_set() else await self.next_player(role)

    def next_player(self, role: Role) -> "asyncio.Future[JavaScriptPlayer]":
        """The player that says hello next in that role."""
        arrival: asyncio.Future[JavaScriptPlayer] = asyncio.get_running_loop().create_future()
        self._arrivals[role].append(arrival)
        return asyncio.ensure_future(self._within(arrival, role))

    async def _within(self, arrival: "asyncio.Future[JavaScriptPlayer]", role: Role) -> JavaScriptPlayer:
        try:
            return await asyncio.wait_for(arrival, _PATIENCE_S)
        except TimeoutError:
            there = [known for known, player in self._players.items() if not player.gone.is_set()]
            asked = "\n  ".join(self._requests)
            raise TimeoutError(f"No player came as {role}; there are {there}; the last requests:\n  {asked}") from None

    async def _serve_player(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        socket = web.WebSocketResponse(max_msg_size=0)
        try:
            await socket.prepare(request)
            hello = (await socket.receive_json())["hello"]
        except (ConnectionError, TypeError):
            self._note(request, "gone before it could speak")
            return socket if socket.prepared else web.Response()  # its document went before it could speak
        place = hello["frame"] or hello["url"].partition("run=")[2].partition("&")[0]
        role = Role(request.match_info["stage"], hello["extension"], hello["kind"], place)
        self._note(request, f"is {role}")
        player = self._players[role] = JavaScriptPlayer(socket, hello["url"])
        for arrival in self._arrivals.pop(role, []):
            if not arrival.done():
                arrival.set_result(player)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    player.receive(json.loads(message.data))
        finally:
            player.end()
            if self._players.get(role) is player:
                del self._players[role]
        return socket

    async def _serve_program(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stage = json.loads(await reader.readline())["hello"]
        await self.program_players[stage].serve(reader, writer)

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = self._held[(await reader.readline()).decode().split()[1]]
        held.came.set()
        with suppress(ConnectionError):
            await reader.read()  # to the end
        held.cut.set()
        writer.close()

    def _note(self, request: web.Request, what: str = "") -> None:
        self._requests.append(f"{monotonic():.3f} {request.path_qs} {what}")

    async def _serve_page(self, request: web.Request) -> web.Response:
        self._note(request)
        query = request.query
        run = query.get("run", "")
        frames = "".join(_frame(kind, run, self, query) for kind in query.get("frames", "").split(",") if kind)
        script = f"<script src=/web-player/{query['web']}></script>" if "web" in query else ""
        text = f"<!doctype html><title>a page</title><body><h1 id=top>A page</h1>{script}{frames}"
        return web.Response(text=text, content_type="text/html")

    async def _serve_script(self, request: web.Request) -> web.Response:
        return web.Response(text=self._scripts[request.match_info["stage"]], content_type="text/javascript")


def _frame(kind: str, run: str, conductor: Conductor, query: Any) -> str:
    source = {
        "same": f"src=/page?run={run}-same",
        "other": f"src={conductor.url(f'page?run={run}-other', 'localhost')}",
        "srcdoc": 'srcdoc="<p>srcdoc"',
        "blank": "",
        "sandboxed": f"sandbox=allow-scripts src=/page?run={run}-sandboxed",
        "data": 'src="data:text/html,<p>data"',
        "extension": f"src={html.escape(query.get('base', ''))}page.html?run={run}-extension",
    }[kind]
    return f"<iframe name={run}-{kind} {source}></iframe>"
