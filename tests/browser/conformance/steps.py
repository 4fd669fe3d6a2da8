"""The steps of a case: what an actor does, as data that both players understand.

Steps given to one ``actor.do(...)`` are done in one tick. `port` is a handle: the name by which the case speaks of a
port. A port that an actor opens has the handle that ``connect`` gives it; one that it accepts has its own name. Within
``then``, which is done inside the callback, the handle of the callback's port may be left out.
"""

import json
from typing import Any

__all__ = [
    "Step",
    "Tab",
    "again",
    "ask",
    "asks",
    "asks_with_callback",
    "be_asked",
    "connect",
    "connect_native",
    "disconnect",
    "fail",
    "fetches",
    "has",
    "has_ticked",
    "hear",
    "hear_suspend",
    "kill",
    "listen",
    "look",
    "named",
    "note",
    "opens",
    "post",
    "post_nothing",
    "raw",
    "remove",
    "respond",
    "respond_nothing",
    "set_member",
    "tabs_connect",
    "tick",
]

Step = dict[str, Any]


class Named:
    """A value of the table in `values.py`, by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


class Tab:
    """The tab of an actor, or what the browser calls its frame or document; the scene puts the real one in."""

    def __init__(self, actor: str, member: str = "tabId") -> None:
        self.actor = actor
        self.member = member

    def __repr__(self) -> str:
        return f"<{self.member} of {self.actor}>"


def named(name: str) -> Named:
    """A value that JSON cannot write."""
    return Named(name)


def connect(port: str, *arguments: Any, hears: bool = True, **then: Any) -> Step:
    """``runtime.connect(...arguments)``.

    Args:
        port: The handle.
        arguments: As in JavaScript; None is null.
        hears: Record messages and the disconnect.
        then: `onMessage`, `onDisconnect`: steps to be done inside the recording listener.
    """
    return _connect("runtime.connect", port, arguments, hears, then)


def opens(port: str, *, hears: bool = True, **then: Any) -> Step:
    """Connect to the other actor of the case, under the name `port`, with the function that reaches it."""
    return _connect("", port, (), hears, then)


def tabs_connect(port: str, *arguments: Any, hears: bool = True, **then: Any) -> Step:
    """``tabs.connect(...arguments)``."""
    return _connect("tabs.connect", port, arguments, hears, then)


def connect_native(port: str, *arguments: Any, hears: bool = True, **then: Any) -> Step:
    """``runtime.connectNative(...arguments)``."""
    return _connect("runtime.connectNative", port, arguments, hears, then)


def _connect(function: str, port: str, arguments: Any, hears: bool, then: Any) -> Step:
    label = f"{function}({', '.join(map(_shown, arguments))})"
    return {"op": "connect", "port": port, "function": function, "arguments": list(arguments), "hears": hears} | {
        "label": label,
        **then,
    }


def post(port: str | None, value: Any = None) -> Step:
    """``port.postMessage(value)``."""
    return {"op": "post", "port": port, "value": value, "label": "postMessage"}


def post_nothing(port: str) -> Step:
    """``port.postMessage()``."""
    return {"op": "post", "port": port, "label": "postMessage()"}


def disconnect(port: str | None = None) -> Step:
    """``port.disconnect()``."""
    return {"op": "disconnect", "port": port, "label": "disconnect"}


def listen(*then: Step, event: str = "", listener: str | None = None, hears: bool = True, **more: Any) -> Step:
    """Accept connections, recording what comes; `then` is done inside ``onConnect``."""
    step = {"op": "listen", "event": event, "listener": listener, "hears": hears, "then": list(then), "label": "listen"}
    return step | more


def ask(key: str, function: str, *arguments: Any) -> Step:
    """``runtime.sendMessage(...arguments)`` or ``tabs.sendMessage(...arguments)``; `key` names it in the record."""
    label = f"{function}({', '.join(map(_shown, arguments))})"
    return {"op": "ask", "key": key, "function": function, "arguments": list(arguments), "label": label}


def asks(key: str, message: Any = None) -> Step:
    """Ask the other actor of the case, with the function that reaches it."""
    return {"op": "ask", "key": key, "function": "", "arguments": [], "message": message, "label": "sendMessage"}


def asks_with_callback(key: str, message: Any = None) -> Step:
    """The same, with a callback in place of a promise."""
    return asks(key, message) | {"op": "askWithCallback"}


def be_asked(shape: str, *then: Step, answer: Any = "an answer", event: str = "", listener: str | None = None) -> Step:
    """Listen to one-time messages, with a listener of that shape; see `SHAPES` in `player.js`. It does `then` first."""
    step = {"op": "beAsked", "shape": shape, "event": event, "listener": listener, "label": "listen"}
    return step | {"value": answer, "then": list(then)}


def respond(value: Any = None, *, again: bool = False, latest: bool = False) -> Step:
    """Answer the oldest message to be answered later, or the latest; `again`: and keep it for another answer."""
    return {"op": "respond", "value": value, "again": again, "latest": latest, "label": "sendResponse"}


def respond_nothing() -> Step:
    """``sendResponse()``."""
    return {"op": "respond", "again": False, "latest": False, "label": "sendResponse()"}


def hear(port: str | None, event: str, listener: str, *then: Step) -> Step:
    """Add one more listener, called `listener`, to ``port.onMessage`` or ``port.onDisconnect``."""
    return {"op": "hear", "port": port, "event": event, "listener": listener, "then": list(then), "label": "hear"}


def again(listener: str) -> Step:
    """Add the listener of that name once more."""
    return {"op": "again", "listener": listener, "label": "again"}


def remove(listener: str) -> Step:
    """Remove the listener of that name."""
    return {"op": "remove", "listener": listener, "label": "remove"}


def has(listener: str) -> Step:
    """Ask ``hasListener`` for the listener of that name."""
    return {"op": "has", "listener": listener, "label": f"has {listener}"}


def look(port: str | None, path: str) -> Step:
    """Read a member of the port, or of the API if `port` is None."""
    return {"op": "look", "port": port, "path": path, "label": path}


def set_member(port: str, path: str, value: Any) -> Step:
    """Assign to a member of the port."""
    return {"op": "set", "port": port, "path": path, "value": value, "label": f"set {path}"}


def fail() -> Step:
    """Throw, inside a callback."""
    return {"op": "fail", "label": "fail"}


def kill(port: str) -> Step:
    """Die, as a native application that crashes."""
    return {"op": "kill", "port": port, "label": "kill"}


def raw(port: str, data: bytes) -> Step:
    """Write bytes to a native application's stdout."""
    return {"op": "raw", "port": port, "hex": data.hex(), "label": "raw"}


def note(text: str) -> Step:
    """Write a mark into the record."""
    return {"op": "note", "label": text}


def fetches(url: str) -> Step:
    """``fetch(url)``."""
    return {"op": "fetch", "url": url, "label": "fetch"}


def tick() -> Step:
    """Begin to count with ``setInterval()``."""
    return {"op": "tick", "label": "setInterval"}


def has_ticked() -> Step:
    """Say whether this context has counted."""
    return {"op": "hasTicked", "label": "has ticked"}


def hear_suspend() -> Step:
    """Listen to ``runtime.onSuspend``."""
    return {"op": "hearSuspend", "label": "listen"}


def _shown(argument: Any) -> str:
    return repr(argument) if isinstance(argument, Named | Tab) else json.dumps(argument, default=repr)
