"""The player in Python: carries out steps through the bridge's public API, and reports what it observes.

It does what `player.js` does with the browser's API, step by step: read the two side by side.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bridge.async_api import (
    BridgeError,
    Context,
    ContextError,
    Event,
    NativeApplication,
    Port,
    PortDisconnectedError,
    RemoteError,
)

from .steps import Named, Step
from .values import SHOWN, VALUES, describe

__all__ = ["IN_PYTHON", "PythonPlayer"]

_FENCE = "fence"
IN_PYTHON = "_in_python"


class Failure(Exception):
    """What a step raises inside a listener."""


class Rejection(Exception):
    """What a coroutine function raises, to answer a one-time message."""


class PythonPlayer:
    """Python, standing in one context."""

    def __init__(self, context: Context | NativeApplication) -> None:
        self.on_entry: Callable[[list[Any]], None] = lambda entry: None
        self._context: Any = context
        self._ports: dict[str, Port] = {}
        self._listeners: dict[str, tuple[Event, Callable[..., Any]]] = {}
        self._pending: list[Any] = []
        self._posts: list[tuple[str, Awaitable[None]]] = []
        self._kept: list[Callable[..., Any]] = []
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def runtime_id(self) -> str:
        """The id of the extension that Python stands in."""
        id: str = self._context.runtime.id
        return id

    async def do(self, steps: list[Step]) -> None:
        """Do the steps without yielding to the event loop; return once the browser has the listeners."""
        self._posts = []
        self._run(steps, None)
        await asyncio.gather(*(self._taken(label, post) for label, post in self._posts))
        pending, self._pending = self._pending, []
        for added in pending:
            await added

    async def _taken(self, label: str, post: Awaitable[None]) -> None:
        """Await a post: the browser throws where Python's call has returned."""
        try:
            await post
        except RemoteError as error:
            self._log("threw", label, {"name": _name(error), "message": str(error)})
        except (ContextError, PortDisconnectedError):
            pass  # it was closed meanwhile

    def fence_port(self, path: str, arguments: list[Any]) -> "asyncio.Future[None]":
        """Open a fence, and return a future that is done when two messages have come back."""
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        port = self._function(path)(*arguments)

        def on_message(message: int) -> None:
            if message < 2:
                port.postMessage(message + 1)
            elif not answered.done():
                port.disconnect()
                answered.set_result(None)

        port.onMessage.addListener(on_message)
        port.onDisconnect.addListener(lambda port: answered.set_exception(RuntimeError(f"fence cut: {port.error}")))
        port.postMessage(1)
        return answered

    async def fence_listen(self, name: str, event: str) -> None:
        """Answer the fence with that name."""

        def on_connect(port: Port) -> None:
            if port.name == name:
                port.onMessage.addListener(lambda message: port.postMessage(message) and None)

        self._add(self._event(event), name, on_connect)
        pending, self._pending = self._pending, []
        for added in pending:
            await added

    async def fence_end(self, name: str) -> None:
        """Stop answering it."""
        event, listener = self._listeners.pop(name)
        await event.removeListener(listener)

    async def gone(self) -> None:
        """Return when the context is gone."""
        await self._context.wait_for_close()

    async def reset(self) -> None:
        """Drop all ports and listeners. The bridge's deferred errors become entries, except those of `_fail` steps."""
        for event, listener in self._listeners.values():
            with suppress(BridgeError):  # the context is gone, and its listeners with it
                await event.removeListener(listener)
        for port in self._ports.values():
            port.disconnect()
        for task in self._asking:
            task.cancel()
        self._listeners.clear()
        self._ports.clear()
        self._kept.clear()
        deferred = self._context._session.deferred
        while deferred:
            try:
                deferred.raise_all()
            except* (Failure, Rejection):
                pass
            except* BridgeError as errors:
                for error in errors.exceptions:
                    self.on_entry(["fault", str(error)])

    # --- steps ------------------------------------------------------------------------------------------------------

    def _run(self, steps: list[Step], own: str | None) -> None:
        for step in steps:
            if step.get("port") and step["op"] != "connect" and step["port"] not in self._ports:
                continue  # its connect() raised
            try:
                getattr(self, f"_{step['op']}")(step, step.get("port") or own)
            except Failure:
                raise
            except (AttributeError, TypeError, ValueError, BridgeError) as error:
                self._log("threw", step["label"], {"name": _name(error), "message": str(error)})

    def _connect(self, step: Step, handle: str) -> None:
        self._keep(handle, self._function(step["function"])(*map(_value, step["arguments"])), step)

    def _post(self, step: Step, handle: str) -> None:
        post = self._ports[handle].postMessage(*([_value(step["value"])] if "value" in step else []))
        if not post.done():
            self._posts.append((step["label"], post))

    def _disconnect(self, step: Step, handle: str) -> None:
        self._ports[handle].disconnect()

    def _listen(self, step: Step, handle: str) -> None:
        self._add(self._event(step["event"]), step["listener"] or step["event"], self._on_connect(step))

    def _ask(self, step: Step, handle: str) -> None:
        task = asyncio.ensure_future(self._asked(step, list(map(_value, step["arguments"]))))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _asked(self, step: Step, arguments: list[Any]) -> None:
        try:
            text = describe(await self._function(step["function"])(*arguments))
        except RemoteError as error:
            self._log("rejected", step["key"], {"name": "Error", "message": str(error)})
        except ContextError:
            pass  # whoever asked is gone
        except (TypeError, ValueError) as error:
            self._log("threw", step["label"], {"name": type(error).__name__, "message": str(error)})
        else:
            self._log("answered", step["key"], text if len(text) <= SHOWN else f"{_length(text)} characters")

    def _beAsked(self, step: Step, handle: str) -> None:
        self._add(self._event(step["event"]), step["listener"] or step["event"], self._on_asked(step))

    def _respond(self, step: Step, handle: str) -> None:
        if self._kept:
            respond = self._kept[0] if step["again"] else self._kept.pop(-1 if step["latest"] else 0)
            respond(*([_value(step["value"])] if "value" in step else []))

    def _hear(self, step: Step, handle: str) -> None:
        make = self._on_message if step["event"] == "onMessage" else self._on_disconnect
        event = getattr(self._ports[handle], step["event"])
        self._add(event, step["listener"], make(handle, step["listener"], step["then"]))

    def _again(self, step: Step, handle: str) -> None:
        event, listener = self._listeners[step["listener"]]
        event.addListener(listener)

    def _remove(self, step: Step, handle: str) -> None:
        event, listener = self._listeners[step["listener"]]
        self._pending.append(event.removeListener(listener))

    def _has(self, step: Step, handle: str) -> None:
        event, listener = self._listeners[step["listener"]]
        self._log("answer", step["label"], describe(event.hasListener(listener)))

    def _look(self, step: Step, handle: str | None) -> None:
        found: Any = self._context if step.get("port") is None and handle is None else self._ports[str(handle)]
        for name in step["path"].split("."):
            found = getattr(found, name, None)
        self._log("answer", step["label"], "a function" if callable(found) else describe(found))

    def _set(self, step: Step, handle: str) -> None:
        setattr(self._ports[handle], step["path"], _value(step["value"]))

    def _kill(self, step: Step, handle: str) -> None:
        port: Any = self._ports[handle]
        port.kill()

    def _raw(self, step: Step, handle: str) -> None:
        port: Any = self._ports[handle]
        port.send_raw(bytes.fromhex(step["hex"]))

    def _fail(self, step: Step, handle: str) -> None:
        raise Failure("a listener that throws")

    def _note(self, step: Step, handle: str) -> None:
        self._log("note", step["label"])

    # --- ports ------------------------------------------------------------------------------------------------------

    def _keep(self, handle: str, port: Port, step: Step) -> None:
        self._ports[handle] = port
        if step.get("hears", True):
            self._add(
                port.onMessage, f"{handle} onMessage", self._on_message(handle, None, step.get("onMessage") or [])
            )
            on_disconnect = self._on_disconnect(handle, None, step.get("onDisconnect") or [])
            self._add(port.onDisconnect, f"{handle} onDisconnect", on_disconnect)

    def _on_message(self, handle: str, name: str | None, then: list[Step]) -> Callable[..., None]:
        def on_message(message: Any, port: Port) -> None:
            text = describe(message)
            self._log("message", handle, text if len(text) <= SHOWN else f"{_length(text)} characters", name)
            if port is not self._ports[handle]:
                self._log("other port", handle)
            self._run(then, handle)

        return on_message

    def _on_disconnect(self, handle: str, name: str | None, then: list[Step]) -> Callable[..., None]:
        def on_disconnect(port: Port) -> None:
            error = port.error and {"name": "Error", "message": port.error.message}
            self._log("disconnected", handle, error, None, name)
            if port is not self._ports[handle]:
                self._log("other port", handle)
            self._run(then, handle)

        return on_disconnect

    def _on_connect(self, step: Step) -> Callable[..., None]:
        def on_connect(port: Port) -> None:
            text = port.name or ""
            if text.startswith(_FENCE):
                return
            # If Python is the native application, its name has a suffix, since each name belongs to one program.
            name = port.name and text.removesuffix(IN_PYTHON)
            handle = self._new_handle(name or "")
            sender = port.sender.to_dict() if self._context.kind != "native" else None
            self._log("connected", handle, name, sender, step["listener"])
            self._keep(handle, port, step)
            self._run(step["then"], handle)

        return on_connect

    def _on_asked(self, step: Step) -> Callable[..., Any]:
        """A listener of the step's shape, as Python programmers write one."""
        answer = _value(step["value"])

        def heard(message: Any, sender: Any) -> None:
            text = describe(message)
            shown = text if len(text) <= SHOWN else f"{_length(text)} characters"
            self._log("asked", shown, sender.to_dict(), step["listener"])
            self._run(step["then"], None)

        def in_time(message: Any, sender: Any, sendResponse: Any) -> None:
            heard(message, sender)
            sendResponse(answer)

        async def in_a_coroutine(message: Any, sender: Any, sendResponse: Any) -> None:
            heard(message, sender)
            sendResponse(answer)

        def later(message: Any, sender: Any, sendResponse: Any) -> bool:
            heard(message, sender)
            self._kept.append(sendResponse)
            return True

        def never(message: Any, sender: Any, sendResponse: Any) -> bool:
            heard(message, sender)
            return True

        async def promises(message: Any, sender: Any) -> Any:
            heard(message, sender)
            return answer

        def throws(message: Any, sender: Any, sendResponse: Any) -> None:
            heard(message, sender)
            raise Failure("a listener that throws")

        async def rejects(message: Any, sender: Any) -> None:
            heard(message, sender)
            raise Rejection("a listener that rejects")

        shapes: dict[str, Callable[..., Any]] = {
            "in time": in_time,
            "in an async function": in_a_coroutine,
            "later": later,
            "never": never,
            "promises": promises,
            "silent": heard,
            "throws": throws,
            "rejects": rejects,
        }
        return shapes[step["shape"]]

    def _new_handle(self, name: str) -> str:
        numbered = (f"{name}#{number}" for number in itertools.count(2))
        return next(handle for handle in itertools.chain([name], numbered) if handle not in self._ports)

    def _add(self, event: Event, name: str, listener: Callable[..., Any]) -> None:
        self._listeners[name] = event, listener
        self._pending.append(event.addListener(listener))

    def _event(self, path: str) -> Event:
        event: Event
        if self._context.kind == "native":
            event = self._context.onConnect
        else:
            event = getattr(self._context.runtime, path.removeprefix("runtime."))
        return event

    def _function(self, path: str) -> Callable[..., Any]:
        owner, name = path.split(".")
        function: Callable[..., Any] = getattr(getattr(self._context, owner), name)
        return function

    def _log(self, *entry: Any) -> None:
        self.on_entry(list(entry))


def _value(written: Any) -> Any:
    return VALUES[written.name].python if isinstance(written, Named) else written


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2  # as JavaScript counts


def _name(error: Exception) -> str:
    return error.name if isinstance(error, RemoteError) else type(error).__name__
