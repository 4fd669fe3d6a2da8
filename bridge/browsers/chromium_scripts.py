"""Evaluates code in the global scopes of an extension's scripts in Chromium."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from playwright.async_api import Error as PlaywrightError

from ..driver import Code, Loaded, Said, Scope, Sought, World
from ..errors import ContextError, RemoteError
from .chromium_console import ChromiumConsole
from .target_sessions import TargetError, TargetSessions

__all__ = ["ChromiumScripts"]

_PATIENCE_S = 0.5  # for targets that do not answer a search: a page with a dialog, or one that loops
_MAX_PATIENCE_S = 4.0  # for a busy machine; it is doubled until a search finds what it looks for
_WITH_DOCUMENTS = ("page", "iframe", "background_page", "webview", "other")  # of the types of targets
_BROWSERS_OWN = ("chrome:", "devtools:")
_WORLD = "portbridge"  # a world of ours in a document, with prototypes that no script can have changed
_SAY = "!dispatchEvent(new CustomEvent(%r, { cancelable: true, detail: %r }))"
_NAMED = "\n//# sourceURL=%s\n"  # so that stacks show it
_COLLECTED = "Promise was collected"
# Of worlds of one extension in one document, false in user scripts' (which may have a small `runtime`) and in those of
# orphans, which an extension that was reloaded left behind.
_LIVES = "Boolean(globalThis.chrome?.runtime?.id && chrome.runtime.getManifest)"
_AS_EVER = {"allowUnsafeEvalBlockedByCSP": False}  # for the scripts that are called


class _World(NamedTuple):
    """A global scope in a document."""

    session: str
    id: str
    frame: str


class ChromiumScripts(TargetSessions):
    """Finds the global scopes of an extension's script contexts.

    Nothing in a target tells which agent is in it. So each document that may be the right one is searched, with an
    event that only the agent there hears. It comes from a world of ours: a script that has replaced `dispatchEvent`
    learns nothing.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
    """

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._sessions: dict[str, str] = {}  # of targets
        self._attaching = asyncio.Lock()
        self._patience_s = _PATIENCE_S
        self._listing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._listed: dict[str, list[dict[str, Any]]] = {}  # worlds, of a session that is listing them
        self._consoles: dict[str, ChromiumConsole] = {}  # each with a session of its own
        self._listen()

    async def scope(self, loaded: Loaded, sought: Sought) -> Scope | None:
        """See `driver.Driver`."""
        with suppress(PlaywrightError, TargetError):
            targets = (await self._send("Target.getTargets"))["targetInfos"]
            if sought.kind == "background":
                return await self._worker(targets, loaded, sought)
            return await self._first(
                self._in_target(target, loaded, sought) for target in targets if _has_document(target)
            )
        return None

    async def _first(self, searches: Iterable[Coroutine[Any, Any, Scope | None]]) -> Scope | None:
        """Return the first scope found. They run side by side, since a page may hang."""
        tasks = {asyncio.ensure_future(search) for search in searches}
        try:
            async with asyncio.timeout(self._patience_s):
                for done in asyncio.as_completed(tasks):
                    if scope := await done:
                        self._patience_s = _PATIENCE_S
                        return scope
        except TimeoutError:
            self._patience_s = min(2 * self._patience_s, _MAX_PATIENCE_S)
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
        return None

    async def _worker(self, targets: list[dict[str, Any]], loaded: Loaded, sought: Sought) -> Scope | None:
        own = await self._own_context()
        for target in targets:
            is_private = own is not None and target.get("browserContextId") != own  # there may be one of each
            is_worker = target["type"] == "service_worker" and target["url"].startswith(loaded.base_url)
            if is_worker and is_private == sought.private:
                session = await self._session_of(target["targetId"])
                return next((_Scope(self, world) for world in await self._worlds(session, loaded, sought.kind)), None)
        return None

    async def _in_target(self, target: dict[str, Any], loaded: Loaded, sought: Sought) -> Scope | None:
        with suppress(PlaywrightError, TargetError):  # the target, or one of its documents, is on its way out
            session = await self._session_of(target["targetId"])
            worlds = await self._worlds(session, loaded, sought.kind)
            for world in worlds:
                if await self._is_in(world, sought):
                    return _Scope(self, await self._living([other for other in worlds if other.frame == world.frame]))
        return None

    async def _living(self, worlds: list[_World]) -> _World:
        """The world of content scripts, among those that the extension has in a document."""
        for world in worlds[:-1]:
            lives = await self.ask(world.session, "Runtime.evaluate", expression=_LIVES, uniqueContextId=world.id)
            if lives["result"].get("value"):
                return world
        return worlds[-1]

    async def _is_in(self, world: _World, sought: Sought) -> bool:
        own = await self.ask(world.session, "Page.createIsolatedWorld", frameId=world.frame, worldName=_WORLD)

        async def dispatch(token: str) -> bool:
            code = _SAY % (sought.search_event, token)
            context = own["executionContextId"]
            answer = await self.ask(world.session, "Runtime.evaluate", expression=code, contextId=context)
            return answer["result"].get("value") is True

        return await sought.is_here(dispatch)

    async def _worlds(self, session: str, loaded: Loaded, kind: str) -> list[_World]:
        """The worlds in a target in which such a script may run.

        They are listed before an agent is searched: if a document is replaced meanwhile, its world is gone, and not
        taken for that of the next.
        """
        found = [context for context in await self._list(session) if _may_be_of(context, loaded, kind)]
        return [_world(session, context) for context in found]

    async def main_world(self, world: _World) -> _World:
        """The world of the web page's own scripts, in the same document."""
        with suppress(PlaywrightError, TargetError):
            worlds = [context for context in await self._list(world.session) if _frame(context) == world.frame]
            if world.id in [context["uniqueId"] for context in worlds]:  # otherwise there is another document by now
                return next(_world(world.session, it) for it in worlds if it["auxData"]["type"] == "default")
        raise ContextError("The document is gone")

    async def _list(self, session: str) -> list[dict[str, Any]]:
        async with self._listing[session]:
            await self.tell(session, "Runtime.disable")  # a listing that was cancelled may have left it enabled
            listed = self._listed[session] = []
            try:
                await self.ask(session, "Runtime.enable")
            finally:
                self._listed.pop(session, None)
            await self.ask(session, "Runtime.disable")
        return listed

    async def _session_of(self, target: str) -> str:
        async with self._attaching:
            if target not in self._sessions:
                self._sessions[target] = await self._attach_to(target)
            return self._sessions[target]

    async def watch(
        self, world: _World, hear: Callable[[Said], None], reader: str | None, *, from_start: bool
    ) -> ChromiumConsole:
        """See `driver.Scope`."""
        target = next((target for target, session in self._sessions.items() if session == world.session), None)
        if target is None:
            raise ContextError("Chromium says: the target is gone")
        try:
            session = await self._attach_to(target)
            console = self._consoles[session] = ChromiumConsole(
                self, session, world.id, hear, reader, from_start=from_start
            )
            await console.start()
        except (PlaywrightError, TargetError) as error:
            raise ContextError(f"Chromium says: {error}") from error
        return console

    async def detach(self, session: str) -> None:
        """End the session of a watch."""
        del self._consoles[session]
        with suppress(PlaywrightError):  # the target or the browser is gone
            await self._send("Target.detachFromTarget", sessionId=session)

    def stop(self) -> None:
        """End all watches."""
        for console in list(self._consoles.values()):
            console.stop()

    def _heard(self, session: str, event: dict[str, Any]) -> None:
        if session in self._consoles:
            self._consoles[session].heard(event)
        if event["method"] == "Runtime.executionContextCreated" and session in self._listed:
            self._listed[session].append(event["params"]["context"])

    def _ended(self, session: str) -> None:
        self._sessions = {target: of for target, of in self._sessions.items() if of != session}
        self._listing.pop(session, None)
        if session in self._consoles:
            self._consoles[session].ended()

    async def run(self, world: _World, code: Code) -> str:
        """See `driver.Scope`."""
        group = f"{_WORLD}-{next(self._numbers)}"
        try:
            answer = await self._run(world, code, group)
            await self.tell(world.session, "Runtime.releaseObjectGroup", objectGroup=group)
        except (PlaywrightError, TargetError) as error:
            if _COLLECTED in str(error):
                raise RemoteError(
                    "The promise was thrown away in the browser: nothing can settle it any more"
                ) from error
            raise ContextError(f"Chromium says: {error}") from error
        return answer

    async def _run(self, world: _World, code: Code, group: str) -> str:
        expression = code.expression + _NAMED % "evaluate"
        where: dict[str, Any] = {"uniqueContextId": world.id, "objectGroup": group}
        made = await self.ask(world.session, "Runtime.evaluate", expression=expression, **_AS_EVER, **where)
        thrown = made.get("exceptionDetails", {}).get("exception")
        answer = await self.ask(
            world.session,
            "Runtime.callFunctionOn",
            functionDeclaration=code.evaluator + _NAMED % _WORLD,
            arguments=[_argument(thrown or made["result"]), *_given(thrown is not None, code.argument, code.wanted)],
            awaitPromise=True,
            returnByValue=True,
            **where,
        )
        if "exceptionDetails" in answer:  # the evaluator itself failed
            raise RemoteError(answer["exceptionDetails"].get("exception", {}).get("description", "An exception"))
        return str(answer["result"]["value"])


class _Scope:
    """See `driver.Scope`."""

    def __init__(self, scripts: ChromiumScripts, world: _World) -> None:
        self._scripts = scripts
        self._world = world
        self._main: _World | None = None

    async def run(self, code: Code) -> str:
        return await self._scripts.run(await self._in(code.world), code)

    async def dispatch(self, event: str, code: Code) -> str:
        return await self.run(code._replace(expression=_DISPATCH % json.dumps(event)))

    async def _in(self, world: World) -> _World:
        if world == "ISOLATED":
            return self._world
        if self._main is None:
            self._main = await self._scripts.main_world(self._world)
        return self._main

    async def watch(self, hear: Callable[[Said], None], reader: str | None, *, from_start: bool) -> ChromiumConsole:
        return await self._scripts.watch(self._world, hear, reader, from_start=from_start)


def _argument(result: dict[str, Any]) -> dict[str, Any]:
    """What stands for the result of one command in the arguments of the next."""
    return {name: result[name] for name in ("objectId", "unserializableValue", "value") if name in result}


def _given(*values: Any) -> list[dict[str, Any]]:
    return [{"value": value} for value in values]


def _world(session: str, context: dict[str, Any]) -> _World:
    return _World(session, context["uniqueId"], _frame(context))


def _frame(context: dict[str, Any]) -> str:
    frame: str = context.get("auxData", {}).get("frameId", "")
    return frame


def _has_document(target: dict[str, Any]) -> bool:
    return target["type"] in _WITH_DOCUMENTS and not target["url"].startswith(_BROWSERS_OWN)


def _may_be_of(context: dict[str, Any], loaded: Loaded, kind: str) -> bool:
    if kind == "background":
        return True  # a worker has only one
    # Playwright's world in a page of the extension has the extension's origin, too: no agent is in it.
    type = "isolated" if kind == "content" else "default"
    return bool(context["auxData"]["type"] == type and context["origin"] == loaded.base_url.rstrip("/"))


# The event objects of Chromium's extension API have two methods that it does not document.
_DISPATCH = """((them) => {
  const path = %s;
  const event = path.split(".").reduce((it, name) => it?.[name], chrome);
  if (!event?.dispatch) throw new TypeError(`There is no event ${path} here`);
  if (!event.hasListeners()) return false;
  event.dispatch(...them);
  return true;
})"""
