"""Evaluates code in the global scopes of an extension's scripts in Firefox."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from ..driver import Code, Loaded, Said, Scope, Sought
from ..errors import ContextError, RemoteError
from .firefox_console import FirefoxConsole
from .rdp import DebuggerClient

__all__ = ["FirefoxScripts"]

_PARENT = 0  # the parent process, in the debugger's list of processes


class _Place(NamedTuple):
    """A document, by the browser's numbers of its process and of its window."""

    process: int
    window: int | None
    """None for all windows in the process."""


class FirefoxScripts:
    """Finds the global scopes of an extension's script contexts, with code that runs in their processes.

    The parent process knows in which process a frame is, and the processes of extensions. Which of an extension's
    contexts there is the right one, its agent tells: the event that it answers comes from the browser's own code, which
    sees no function that a script has replaced.

    Args:
        client: The connection to the debugger.
        in_parent: Evaluates an expression in the parent process; `id` and `policy` are the extension's.
    """

    def __init__(self, client: DebuggerClient, in_parent: Callable[[str, str], Awaitable[Any]]) -> None:
        self._client = client
        self._in_parent = in_parent
        self._consoles: dict[int, str] = {}
        self._opening = asyncio.Lock()

    async def scope(self, loaded: Loaded, sought: Sought) -> Scope | None:
        """See `driver.Driver`."""
        numbers = (json.dumps(number) for number in (sought.kind == "content", sought.tab_id, sought.frame_id))
        where = json.loads(await self._in_parent(f"({_WHERE})({', '.join(numbers)})", loaded.id))
        for process in where["processes"]:
            for place in await self._places(process, where["window"], loaded, sought):
                if await self._is_at(place, loaded, sought):
                    return _Scope(self, place, loaded, sought.kind)
        return None

    async def _places(self, process: int, window: int | None, loaded: Loaded, sought: Sought) -> list[_Place]:
        in_frame = _Place(process, window)
        found = await self.evaluate(in_frame, loaded.id, sought.kind, "contexts.map((it) => it.innerWindowID)")
        return [_Place(process, number) for number in found or []]

    async def _is_at(self, place: _Place, loaded: Loaded, sought: Sought) -> bool:
        async def dispatch(token: str) -> bool:
            words = f"({_DISPATCH})({json.dumps(sought.search_event)}, {json.dumps(token)})"
            return await self.evaluate(place, loaded.id, sought.kind, words) is True

        return await sought.is_here(dispatch)

    async def evaluate(self, place: _Place, extension_id: str, kind: str, expression: str) -> Any:
        """Evaluate an expression in a process, with the names that `_CONTEXTS` has; None if that is not possible."""
        process = place.process
        names = zip(("id", "kind", "number"), (extension_id, kind, place.window), strict=True)
        given = " ".join(f"const {name} = {json.dumps(value)};" for name, value in names)
        code = f"(async () => {{ {given} {_CONTEXTS} return JSON.stringify(await {expression}); }})()"
        try:
            console = await self._console(process)
            answer = await self._client.evaluate(console, code) if console else None
        except RemoteError as error:  # the process is gone, or it has no such modules
            self._consoles.pop(process, None)
            raise ContextError(f"Firefox says: {error}") from error
        return json.loads(answer) if isinstance(answer, str) else None

    async def _console(self, process: int) -> str | None:
        # Each question for a console makes another one.
        async with self._opening:
            if process not in self._consoles:
                for listed in (await self._client.ask("root", "listProcesses"))["processes"]:
                    if listed["id"] == process:
                        target = await self._client.ask(listed["actor"], "getTarget")
                        self._consoles[process] = target["process"]["consoleActor"]
            return self._consoles.get(process)


class _Scope:
    """See `driver.Scope`."""

    def __init__(self, scripts: FirefoxScripts, place: _Place, loaded: Loaded, kind: str) -> None:
        self._scripts = scripts
        self._place = place
        self._loaded = loaded
        self._kind = kind

    async def watch(self, hear: Callable[[Said], None], reader: str | None, *, from_start: bool) -> FirefoxConsole:
        console = FirefoxConsole(self._evaluate, hear)
        await console.start(self._loaded.base_url, reader, from_start=from_start)
        return console

    async def _evaluate(self, expression: str) -> Any:
        return await self._scripts.evaluate(self._place, self._loaded.id, self._kind, expression)

    async def run(self, code: Code) -> str:
        return await self._run(code, None)

    async def dispatch(self, event: str, code: Code) -> str:
        return await self._run(code._replace(expression=_CALL_LISTENERS % json.dumps(event)), event)

    async def _run(self, code: Code, event: str | None) -> str:
        arguments = ", ".join(map(json.dumps, (*code, event)))
        answer = await self._evaluate(f"({_RUN})({arguments})")
        if not isinstance(answer, str):
            raise ContextError("Firefox says: the document is gone")
        return answer


# For the parent process: the processes in which the context may be, and the number of its window if it is known.
_WHERE = """((isContent, tab, frame) => {
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  const { tabTracker } = ExtensionParent.apiManager.global;
  const top = tab === null ? undefined : tabTracker.getTab(tab, null)?.linkedBrowser?.browsingContext;
  const frames = top?.getAllBrowsingContextsInSubtree() ?? [];
  const window = frames.find((it) => (frame ? it.id === frame : it === top))?.currentWindowGlobal;
  const its = window ? [Math.max(window.osPid, 0)] : []; // that of the parent process is -1
  const fits = isContent ? () => tab === null : ({ remoteType }) => remoteType === "extension";
  const others = ChromeUtils.getAllDOMProcesses().filter(fits).map(({ osPid }) => osPid);
  return JSON.stringify({ processes: [...new Set([...its, ...others])], window: window?.innerWindowId ?? null });
})"""

# For the other processes: `contexts` are the extension's, of that kind. A page of the extension in a frame of a web
# page is in that page's process, and in neither list there.
_CONTEXTS = """
const { ExtensionContent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionContent.sys.mjs");
const { ExtensionPageChild } = ChromeUtils.importESModule("resource://gre/modules/ExtensionPageChild.sys.mjs");
const { WindowGlobalChild } = Cu.getGlobalForObject(Services);
const inWindow = (number) => {
  const window = WindowGlobalChild.getByInnerWindowId(number)?.browsingContext.window;
  return window && ExtensionContent.getContextByExtensionId(id, window);
};
const scripts = ExtensionContent.getAllContentScriptGlobals().map((sandbox) => Cu.getSandboxMetadata(sandbox));
const listed =
  kind === "content"
    ? scripts.filter((it) => it?.addonId === id).map((it) => inWindow(it["inner-window-id"]))
    : [...ExtensionPageChild.extensionContexts.values()].filter(({ extension }) => extension.id === id);
const contexts = [...new Set([number === null ? undefined : inWindow(number), ...listed])].filter(Boolean);
"""

_DISPATCH = """((name, detail) => {
  const window = contexts.find((it) => it.innerWindowID === number)?.contentWindow;
  return Boolean(window) && !window.dispatchEvent(new window.CustomEvent(name, { cancelable: true, detail }));
})"""

# A Debugger runs code past any policy. The global does not have to become its debuggee, which would make it slower.
# With an event, `listeners` in the expression are the scripts' listeners of it, which the parent process would call.
_RUN = """(async (expression, evaluator, argument, wanted, world, event) => {
  const context = contexts.find((it) => it.innerWindowID === number);
  if (!context) return null;
  const { addDebuggerToGlobal } = ChromeUtils.importESModule("resource://gre/modules/jsdebugger.sys.mjs");
  if (!globalThis.Debugger) addDebuggerToGlobal(globalThis);
  const global = kind === "content" && world === "ISOLATED" ? context.cloneScope : context.contentWindow;
  const scope = new Debugger().makeGlobalObjectReference(global);
  const listeners = event && scope.executeInGlobal("[]").return;
  if (event && context.childManager.listeners.has(event)) {
    [...context.childManager.listeners.get(event).ids.values()].forEach((listener, place) =>
      listeners.setProperty(place, scope.makeDebuggeeValue(Cu.waiveXrays(listener))),
    );
  }
  const made = scope.executeInGlobalWithBindings(expression, event ? { listeners } : {}, { url: "evaluate" });
  if (!made) return null;
  const thrown = "throw" in made;
  const evaluate = scope.executeInGlobal(evaluator, { url: "portbridge" }).return;
  const answer = evaluate.call(undefined, thrown ? made.throw : made.return, thrown, argument, wanted);
  return answer ? await answer.return.unsafeDereference() : null;
})"""

# One that throws does not keep the others from being called, as with a genuine event.
_CALL_LISTENERS = """((them) => {
  const event = %s;
  if (!event.split(".").reduce((it, name) => it?.[name], browser)?.addListener) {
    throw new TypeError(`There is no event ${event} here`);
  }
  for (const listener of listeners) {
    try {
      listener(...them);
    } catch (error) {
      reportError(error);
    }
  }
  return listeners.length > 0;
})"""
