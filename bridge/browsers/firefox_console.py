"""Watches the console of one script context in Firefox."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ..driver import Said
from ..errors import BridgeError, ContextError
from ..waiting.waits import settle

__all__ = ["FirefoxConsole"]

_TYPES = {
    "warn": "warning",
    "group": "startGroup",
    "groupCollapsed": "startGroupCollapsed",
    "groupEnd": "endGroup",
    "exception": "error",
}
"""Playwright's words for Firefox's."""


class FirefoxConsole:
    """See `driver.Watch`. Code in the context's process hears its console, and Python asks that code again and again.

    Args:
        evaluate: Evaluates an expression in that process, with the names of `firefox_scripts`.
        hear: See `driver.Scope.watch`.
    """

    def __init__(self, evaluate: Callable[[str], Awaitable[Any]], hear: Callable[[Said], None]) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._evaluate = evaluate
        self._hear = hear
        self._watch = 0
        self._asking: asyncio.Future[None] | None = None
        self._ending: asyncio.Future[None] | None = None

    async def start(self, base_url: str, reader: str | None, *, from_start: bool) -> None:
        """Begin to hear.

        Raises:
            ContextError: The document is gone.
        """
        given = ", ".join(map(json.dumps, (base_url, reader, from_start)))
        watch = await self._evaluate(f"({_WATCH})({given})")
        if watch is None:
            raise ContextError("Firefox says: the document is gone")
        self._watch = watch
        self._asking = asyncio.ensure_future(self._ask())

    def stop(self) -> None:
        """See `driver.Watch`."""
        if not self.over.done():
            self._end()
            self._ending = asyncio.ensure_future(self._stop())

    async def _ask(self) -> None:
        try:
            while (lines := await self._evaluate(f"{_WATCHES}.get({self._watch})?.next() ?? null")) is not None:
                for line in lines:
                    self._hear(Said(**{**line, "type": _TYPES.get(line["type"], line["type"])}))
        except BridgeError:  # the process or the browser is gone
            pass
        except Exception as error:  # that nobody foresaw
            settle(self.over, error)
        self._end()

    async def _stop(self) -> None:
        with suppress(BridgeError):
            await self._evaluate(f"({_WATCHES}.get({self._watch})?.end(), {_WATCHES}.delete({self._watch}), null)")

    def _end(self) -> None:
        if self._asking:
            self._asking.cancel()
        settle(self.over, None)


_WATCHES = "(globalThis.portbridgeWatches ??= new Map())"

# For the process of the context. Firefox tells of a content script's lines with the number of its document, and not
# whose they are; so the file of the call tells. `sandbox eval code` is the file of a function that
# `scripting.executeScript()` injects, `evaluate` that of `Context.evaluate()`. Firefox says what was thrown in a
# document, and not what was thrown in a sandbox, so that errors without a file can be told from the page's.
_WATCH = (
    """((base, reader, fromStart) => {
  const context = contexts.find((it) => it.innerWindowID === number);
  if (!context) return null;
  const { addDebuggerToGlobal } = ChromeUtils.importESModule("resource://gre/modules/jsdebugger.sys.mjs");
  if (!globalThis.Debugger) addDebuggerToGlobal(globalThis);
  const global = kind === "content" ? context.cloneScope : context.contentWindow;
  const scope = new Debugger().makeGlobalObjectReference(global);
  const read = reader && scope.executeInGlobal(reader, { url: "portbridge" }).return;
  const storage = Cc["@mozilla.org/consoleAPI-storage;1"].getService(Ci.nsIConsoleAPIStorage);
  const OWN = ["sandbox eval code", "evaluate"];
  const isOwn = (url) => kind !== "content" || url.startsWith(base) || OWN.includes(url);

  const named = (object) => {
    if (object.callable) return `function ${object.name ?? ""}()`;
    const length = object.class === "Array" && object.getOwnPropertyDescriptor("length").value;
    return length === false ? object.class : `Array(${length})`;
  };
  const member = (descriptor) => {
    if (!descriptor || !("value" in descriptor)) return "…"; // a getter is not called
    const { value } = descriptor;
    if (typeof value === "string") return JSON.stringify(value);
    return value instanceof Debugger.Object ? (value.isProxy ? "Proxy" : named(value)) : primitive(value);
  };
  const primitive = (value) => (typeof value === "bigint" ? `${value}n` : Object.is(value, -0) ? "-0" : String(value));
  const members = (object, names, limit, show) => {
    const shown = names.slice(0, limit).map((name) => show(name, member(object.getOwnPropertyDescriptor(name))));
    return [...shown, ...(names.length > limit ? ["…"] : [])].join(", ");
  };
  const shown = (value) => {
    if (Object(value) !== value) return primitive(value);
    try {
      const object = scope.makeDebuggeeValue(value);
      if (object.isProxy) return "Proxy";
      if (/(Error|Exception)$/.test(object.class)) return String(value); // past what a script has made of it
      if (object.class === "Array") {
        const length = object.getOwnPropertyDescriptor("length").value;
        const places = Array.from({ length: Math.min(length, 101) }, (_, place) => String(place));
        return `[${members(object, places, 100, (_, it) => it)}]`;
      }
      if (object.class !== "Object") return named(object);
      return `{${members(object, object.getOwnPropertyNames(), 5, (name, it) => `${name}: ${it}`)}}`;
    } catch {
      return "object"; // of a window that is gone
    }
  };
  const value = async (it) => {
    try {
      const answer = read.call(undefined, scope.makeDebuggeeValue(it));
      return answer?.return ? await answer.return.unsafeDereference() : "";
    } catch {
      return "";
    }
  };
  const values = (list) => (read ? Promise.all(list.map(value)) : []);

  const frames = (list) =>
    list
      .filter(({ url }) => !/^(portbridge|evaluate|debugger eval code|(resource|chrome):.*)$/.test(url))
      .map(({ url, line, column, name }) => (name ? `${name} (${url}:${line}:${column})` : `${url}:${line}:${column}`))
      .join("\\n");
  const stackOf = (first) => {
    const list = [];
    for (let it = first; it; it = it.parent) {
      list.push({ url: it.source, line: it.line, column: it.column, name: it.functionDisplayName });
    }
    return frames(list);
  };

  const said = [];
  let over = false;
  let wake = () => {};
  const add = (line) => {
    said.push(line);
    wake();
  };
  const place = (it, url) => ({ url, line: it.lineNumber, column: url ? it.columnNumber : 0 });

  const logged = (event, early) => {
    const it = event.wrappedJSObject ?? event;
    if (it.innerID !== number || !isOwn(it.filename)) return null;
    const made = it.counter ? [`${it.counter.label}: ${it.counter.count}`] : it.timer ? [timed(it)] : null;
    const list = made ?? it.arguments ?? [];
    const text = list.map(shown).join(" ");
    const asserted = it.level === "assert";
    const stack = (it.stacktrace ?? []).map((frame) => ({
      url: frame.filename,
      line: frame.lineNumber,
      column: frame.columnNumber,
      name: frame.functionName,
    }));
    return {
      type: it.level,
      text: asserted ? `Assertion failed${text && ": "}${text}` : text,
      values: values(list),
      uncaught: false,
      ...place(it, it.filename),
      time: it.microSecondTimeStamp / 1e6,
      stack: frames(stack),
      early,
    };
  };
  const timed = ({ timer, level }) => {
    const duration = timer.duration === undefined ? "" : `: ${timer.duration} ms`;
    return level === "time" ? `${timer.name}: timer started` : `${timer.name}${duration}`;
  };

  const thrown = (message, early) => {
    if (!(message instanceof Ci.nsIScriptError) || message.innerWindowID !== number) return null;
    if (message.flags & (Ci.nsIScriptError.warningFlag | Ci.nsIScriptError.infoFlag)) return null;
    if (!message.category.endsWith("javascript")) return null;
    const fromSandbox = !message.sourceName && !message.hasException;
    if (!isOwn(message.sourceName) && !fromSandbox) return null;
    const list = message.hasException ? [message.exception] : [];
    const text = message.errorMessage.replace(/^uncaught exception: /, "");
    return {
      type: "error",
      text: message.errorMessage === text ? text : (list.map(shown)[0] ?? text),
      values: values(list),
      uncaught: true,
      ...place(message, message.sourceName),
      time: message.microSecondTimeStamp / 1e6,
      stack: stackOf(message.stack),
      early,
    };
  };

  const known = [...Services.console.getMessageArray()];
  const before = fromStart
    ? [
        ...storage.getEvents(number).map((event) => logged(event, true)),
        ...known.map((message) => thrown(message, true)),
      ]
    : [];
  said.push(...before.filter(Boolean).sort((a, b) => a.time - b.time));

  const onLogged = (event) => {
    const line = logged(event, false);
    if (line) Services.tm.dispatchToMainThread(() => add(line)); // errors come that way, too: so all keep their order
  };
  const onThrown = {
    observe: (message) => {
      const line = !known.includes(message) && thrown(message, false);
      if (line) add(line);
    },
  };
  const onGone = {
    observe: (subject) => {
      if (subject.QueryInterface(Ci.nsISupportsPRUint64).data === number) Services.tm.dispatchToMainThread(end);
    },
  };
  const end = () => {
    if (over) return;
    over = true;
    storage.removeLogEventListener(onLogged);
    Services.console.unregisterListener(onThrown);
    Services.obs.removeObserver(onGone, "inner-window-destroyed");
    wake();
  };
  storage.addLogEventListener(onLogged, Services.scriptSecurityManager.getSystemPrincipal());
  Services.console.registerListener(onThrown);
  Services.obs.addObserver(onGone, "inner-window-destroyed");
  Services.tm.dispatchToMainThread(() => (known.length = 0)); // until then listeners are told of the last ones again

  const watches = WATCHES;
  const id = Math.max(0, ...watches.keys()) + 1;
  const next = async () => {
    if (!said.length && !over) await new Promise((resolve) => (wake = resolve));
    const lines = said.splice(0);
    if (!lines.length) {
      if (over) watches.delete(id);
      return over ? null : [];
    }
    return Promise.all(lines.map(async (line) => ({ ...line, values: await line.values })));
  };
  watches.set(id, { next, end });
  return id;
})"""
).replace("WATCHES", _WATCHES)
