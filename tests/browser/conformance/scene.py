"""One run of a case: its actors on a stage."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from .conductor import JavaScriptPlayer
from .observation import Normaliser
from .pages import Pages, borrow_pages
from .place import Place
from .program import NAME as NATIVE_NAME
from .program_player import ProgramPlayer
from .python_player import IN_PYTHON, PythonPlayer
from .stage import Stage
from .steps import Named, Step, Tab

__all__ = ["Actor", "Scene"]

_PATIENCE_S = 30
_ENDS = ("answered", "rejected", "called back")
NATIVE_FOR_PYTHON = NATIVE_NAME + IN_PYTHON
Player = JavaScriptPlayer | PythonPlayer | ProgramPlayer
_fences = itertools.count(1)


class Actor:
    """Does steps at its place, and keeps what it observes there in `log`."""

    def __init__(self, name: str, place: Place, scene: "Scene", player: Player) -> None:
        self.name = name
        self.place = place
        self.log: list[list[Any]] = []
        self._scene = scene
        self._changed = asyncio.Event()
        self.player: Player
        self.take(player)

    def take(self, player: Player) -> None:
        """Be played by `player` from now on."""
        self.player = player
        player.on_entry = self._record

    @property
    def in_python(self) -> bool:
        """Whether Python plays it."""
        return isinstance(self.player, PythonPlayer)

    @property
    def partner(self) -> "Actor":
        """The first other actor."""
        return next(actor for actor in self._scene.actors.values() if actor is not self)

    async def do(self, *steps: Step) -> None:
        """Do steps in one tick."""
        self._scene.is_unsettled()
        resolved = [await self._scene.resolve(step, self) for step in steps]
        if isinstance(self.player, PythonPlayer):
            await self.player.do(resolved)
        else:
            await self.player.order("do", steps=[_written(step) for step in resolved])

    def notes(self, text: str) -> None:
        """Write down what no player can see itself."""
        self._record(["note", text])

    async def sees(self, what: str, *details: Any, times: int = 1) -> None:
        """Return when the log has so many entries that begin so."""
        begin = [what, *details]
        await self._until(lambda: sum(entry[: len(begin)] == begin for entry in self.log) >= times, begin)

    async def _until(self, is_so: Callable[[], bool], what: object) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while not is_so():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            logs = "".join(f"\n  {name}: {actor.log}" for name, actor in self._scene.actors.items())
            raise AssertionError(f"{self.name} never saw {what}; what was seen:{logs}") from None

    async def hears_back(self, *keys: str) -> None:
        """Return when the questions of these keys have been answered or rejected."""
        await self._until(lambda: set(keys) <= {entry[1] for entry in self.log if entry[0] in _ENDS}, f"ends of {keys}")

    async def says_all(self) -> None:
        """Return when its log has what a player in JavaScript has observed so far: each has a socket of its own."""
        if isinstance(self.player, JavaScriptPlayer) and not self.player.gone.is_set():
            await self.player.order("do", steps=[])

    async def gone(self) -> None:
        """Return when its document is gone, which a command that ends it may not wait for."""
        if isinstance(self.player, PythonPlayer):
            await self.player.gone()
        elif isinstance(self.player, JavaScriptPlayer):
            await self.player.gone.wait()

    def _record(self, entry: list[Any]) -> None:
        self.log.append(entry)
        self._changed.set()


class Scene:
    """The actors of a case, on a stage.

    Args:
        stage: The browser.
        places: Where each actor stands.
        python: The actor that Python plays, if any.
    """

    def __init__(self, stage: Stage, places: dict[str, Place], python: str | None) -> None:
        self.stage = stage
        self.actors: dict[str, Actor] = {}
        self._places = places
        self._python = python
        self._settled = False
        self._shows_opener = False
        self._pages: Pages | None = None

    # --- what cases use ---------------------------------------------------------------------------------------------

    @property
    def chromium(self) -> bool:
        """Whether the browser is Chromium."""
        return self.stage.browser_name == "chromium"

    @property
    def pages(self) -> Pages:
        """The tabs that the actors stand in."""
        assert self._pages, "the scene has begun"
        return self._pages

    def page(self, actor: Actor) -> Any:
        """The Playwright page that an actor stands in, to do with it what one likes: no other play gets it."""
        self.pages.spoiled = True
        return self.pages.page(actor.place)

    def url(self, rest: str = "") -> str:
        """The address of an ordinary page."""
        return self.stage.conductor.url(f"page?run={self.pages.run}t7{rest}")

    async def settle(self, *actors: Actor) -> None:
        """Return when everything has arrived that is under way between these actors, or all if none is named."""
        for one, other in itertools.combinations(actors or self.actors.values(), 2):
            await self._fence(one, other)
        self._settled = not actors

    async def tab_of(self, actor: Actor, member: str = "tabId") -> Any:
        """The id of an actor's tab, frame or document."""
        return (await self.pages.frame(actor.place))[member]

    async def close_tab(self, actor: Actor) -> None:
        """Close an actor's tab."""
        self.pages.spoiled = True
        if actor.place.own_tab:
            await self.stage.stagehand("tabs.remove", await self.tab_of(actor))
        else:
            await self.page(actor).close()

    async def set_opener_tab(self, actor: Actor, other: Actor) -> None:
        """Make the other actor's tab the opener of this one's."""
        self.pages.spoiled = self._shows_opener = True
        change = {"openerTabId": await self.tab_of(other)}
        await self.stage.stagehand("tabs.update", await self.tab_of(actor), change)

    async def reload_tab(self, actor: Actor) -> None:
        """Reload an actor's tab."""
        self.pages.spoiled = True
        await self.stage.stagehand("tabs.reload", await self.tab_of(actor))

    def is_unsettled(self) -> None:
        """Somebody does something: what comes of it may be under way when the play ends."""
        self._settled = False

    # --- beginning and end ------------------------------------------------------------------------------------------

    async def __aenter__(self) -> "Scene":
        await self.stage.wake()
        await self.stage.hold_awake("tested")
        python = self._places[self._python] if self._python else None
        self._pages = await borrow_pages(self.stage, self._places.values(), python)
        for name, place in self._places.items():
            player = await self._player(name, place)
            if self.stage.stands and isinstance(player, JavaScriptPlayer):
                await player.order("reset")  # it always listens: it has heard the plays in which Python stood here
                player.forget()
            self.actors[name] = Actor(name, place, self, player)
        return self

    async def __aexit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure or not self.stage.shares_pages:
            self.pages.spoiled = True
        elif not self.pages.spoiled and not self._settled:
            try:
                await self.settle()  # what is still under way must not arrive in the next play
            except Exception:  # two of them cannot talk: then nobody knows what is under way
                self.pages.spoiled = True
        await asyncio.gather(*(self._reset(actor) for actor in self.actors.values()))

    async def _reset(self, actor: Actor) -> None:
        if isinstance(actor.player, PythonPlayer):
            await actor.player.reset()
        elif not actor.player.gone.is_set() and not (self.pages.spoiled and actor.place.kind in ("content", "web")):
            await actor.player.order("reset")  # those answer no more if their extension went, and end with the page

    def normaliser(self, actor: Actor) -> Normaliser:
        """Takes the ids of this scene out of what an actor observed."""
        stage, port = self.stage, self.stage.conductor.port
        texts = {f"127.0.0.1:{port}": "site", f"localhost:{port}": "other-site"}
        for extension, base in stage.bases.items():
            shown = extension.upper()
            texts[f"{base}player-background.js"] = texts[f"{base}_generated_background_page.html"] = (
                f"{shown} background"
            )
            texts |= {stage.id_of(extension): shown, base.split("/")[2]: shown}
        if stage.bridge:
            external = stage.bridge.external
            texts |= {external.url: "NEIGHBOUR background", external.runtime.id: "NEIGHBOUR"}
            texts[external.url.split("/")[2]] = "NEIGHBOUR"
        texts[NATIVE_FOR_PYTHON] = NATIVE_NAME
        texts["moz-extension:"] = texts["chrome-extension:"] = "extension:"
        # The relay, in which Python plays the neighbour, has no permissions.
        return Normaliser(texts, shows_tabs=actor.place.extension == "tested", shows_opener=self._shows_opener)

    async def _player(self, name: str, place: Place) -> Player:
        if place.kind == "native":
            program = self.stage.conductor.program_players[self.stage.name]
            return PythonPlayer(await self._context(place)) if name == self._python else program
        player = await self.stage.player(place, self.pages.run)
        return PythonPlayer(await self._context(place)) if name == self._python else player

    async def _context(self, place: Place) -> Any:
        bridge = self.stage.bridge
        assert bridge, "Python needs the bridge"
        if place.kind == "background":
            return bridge.background if place.extension == "tested" else bridge.external
        return bridge.native(NATIVE_FOR_PYTHON) if place.kind == "native" else await self.pages.context(place)

    # --- steps ------------------------------------------------------------------------------------------------------

    async def resolve(self, step: Any, actor: Actor) -> Any:
        """Put in what only the scene knows: tabs, and which function reaches the partner."""
        if isinstance(step, Tab):
            return await self.tab_of(self.actors[step.actor], step.member)
        if isinstance(step, list):
            return [await self.resolve(item, actor) for item in step]
        if not isinstance(step, dict):
            return step
        step = {name: await self.resolve(value, actor) for name, value in step.items()}
        if step.get("op") == "connect" and not step["function"]:
            path, arguments = await self._way(actor, actor.partner, step["port"])
            step |= {"function": path, "arguments": arguments}
        if step.get("op") in ("ask", "askWithCallback") and not step["function"]:
            path, arguments = await self._way_to_ask(actor, actor.partner, step.pop("message"))
            step |= {"function": path, "arguments": arguments}
        if step.get("op") == "listen" and not step["event"]:
            step["event"] = self._event(actor.partner, actor)
        if step.get("op") == "beAsked" and not step["event"]:
            step["event"] = self._event(actor.partner, actor).replace("onConnect", "onMessage")
        return step

    async def _way(self, opener: Actor, receiver: Actor, name: str) -> tuple[str, list[Any]]:
        if receiver.place.kind == "native":
            python = isinstance(receiver.player, PythonPlayer)
            return "runtime.connectNative", [NATIVE_FOR_PYTHON if python else NATIVE_NAME]
        if _outside(opener, receiver):
            return "runtime.connect", [self._id(receiver), {"name": name}]
        if receiver.place.kind != "content":
            return "runtime.connect", [{"name": name}]
        frame = await self.pages.frame(receiver.place)
        one = {} if receiver.place.frame == "top" else {"frameId": frame["frameId"]}
        return "tabs.connect", [frame["tabId"], {"name": name, **one}]

    async def _way_to_ask(self, asker: Actor, asked: Actor, message: Any) -> tuple[str, list[Any]]:
        if _outside(asker, asked):
            return "runtime.sendMessage", [self._id(asked), message]
        if asked.place.kind != "content":
            return "runtime.sendMessage", [message]
        frame = await self.pages.frame(asked.place)
        one = [] if asked.place.frame == "top" else [{"frameId": frame["frameId"]}]
        return "tabs.sendMessage", [frame["tabId"], message, *one]

    def _event(self, opener: Actor, receiver: Actor) -> str:
        return "runtime.onConnectExternal" if _outside(opener, receiver) else "runtime.onConnect"

    def _id(self, actor: Actor) -> str:
        if isinstance(actor.player, PythonPlayer) and actor.place.extension == "neighbour":
            id: str = actor.player.runtime_id
            return id
        return self.stage.id_of(actor.place.extension)

    # --- fences -----------------------------------------------------------------------------------------------------

    async def _fence(self, one: Actor, other: Actor) -> None:
        # A content script can be the opener only: tabs.connect would have to be told its tab.
        opener, receiver = (other, one) if other.place.kind in ("content", "web") else (one, other)
        if receiver.place.kind in ("content", "web", "native") or opener.place.kind == "native":
            return
        if any(isinstance(a.player, JavaScriptPlayer) and a.player.gone.is_set() for a in (one, other)):
            return
        name = f"fence{next(_fences)}"
        event = self._event(opener, receiver)
        path, arguments = await self._way(opener, receiver, name)
        if isinstance(receiver.player, PythonPlayer):
            await receiver.player.fence_listen(name, event)
        else:
            await receiver.player.order("fenceListen", name=name, event=event)
        if isinstance(opener.player, PythonPlayer):
            await asyncio.wait_for(opener.player.fence_port(path, arguments), _PATIENCE_S)
        else:
            await opener.player.order("fenceOpen", name=name, path=path, args=arguments)
        if isinstance(receiver.player, PythonPlayer):
            await receiver.player.fence_end(name)


def _outside(opener: Actor, receiver: Actor) -> bool:
    """Whether the receiver is another extension to the opener."""
    return opener.place.extension != receiver.place.extension or opener.place.kind == "web"


def _written(step: Any) -> Any:
    """A step as the JavaScript player reads it."""
    step = dict(step)
    if "arguments" in step:
        step["arguments"] = [_value(argument) for argument in step["arguments"]]
    if "value" in step:
        step["value"] = _value(step["value"])
    for name in ("then", "onMessage", "onDisconnect"):
        if name in step:
            step[name] = [_written(inner) for inner in step[name]]
    return step


def _value(value: Any) -> dict[str, str]:
    return {"named": value.name} if isinstance(value, Named) else {"json": json.dumps(value)}
