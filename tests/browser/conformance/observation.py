"""What was observed, as text that can be compared: without what differs from run to run."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .values import describe

__all__ = ["Normaliser", "common", "exact"]

_ANY_NUMBER = {"windowId", "index", "width", "height", "openerTabId", "contextId", "lastAccessed", "groupId"}
_IN_FRONT = {"active", "highlighted", "selected"}  # that is no matter of ports
_STILL_LOADING = {"favIconUrl", "isArticle"}  # not there before the page has loaded
_OPENER = "openerTabId"  # there or not by what became of other tabs since, unless the case sets it
_ANY = {"status", "title", "documentId", "successorTabId"}
_RUN = re.compile(r"r\d+t\d+")
_STAGE = re.compile(r"stage\d+")
# What a browser throws and Python raises in the same words; Python says why the port is closed behind them.
_IN_THE_BROWSERS_WORDS = re.compile("disconnected port|exceeded maximum")
_REASON = re.compile(r" \(.*\)$", re.DOTALL)
_NEEDS_PERMISSION = {"url", "title", "isInReaderMode"}


class Normaliser:
    """Takes ids and addresses out of what was observed.

    Args:
        texts: What to replace in texts: extension ids, addresses of extensions and sites.
        shows_tabs: Whether the context may see what the permission ``tabs`` shows.
        shows_opener: Whether the case set which tab opened another.
    """

    def __init__(self, texts: Mapping[str, str], *, shows_tabs: bool = True, shows_opener: bool = False) -> None:
        # The longest first: an address contains the id.
        self._texts = sorted(texts.items(), key=lambda item: -len(item[0]))
        self._hidden = set(_STILL_LOADING)
        if not shows_tabs:
            self._hidden |= _NEEDS_PERMISSION
        if not shows_opener:
            self._hidden.add(_OPENER)

    def text(self, text: str) -> str:
        """A text without ids."""
        for found, replacement in self._texts:
            text = text.replace(found, replacement)
        return _STAGE.sub("STAGE", _RUN.sub("RUN", text))

    def sender(self, sender: Any) -> Any:
        """A sender: every member is there, and what is an id says only that it is one."""
        if sender is None:
            return None
        return {name: self._member(name, sender[name]) for name in sorted(sender)}

    def _member(self, name: str, value: Any) -> Any:
        if name == "tab":
            return {name: self._member(f"tab.{name}", value[name]) for name in sorted(value.keys() - self._hidden)}
        name = name.removeprefix("tab.") if name != "tab.id" else name
        if name in _ANY_NUMBER and isinstance(value, int | float):
            return "<number>"
        if name in _IN_FRONT and isinstance(value, bool):
            return "<boolean>"
        if name == "tab.id" and isinstance(value, int):
            return "<tab>"
        if name == "frameId" and isinstance(value, int) and value > 0:
            return "<frame>"
        if name in _ANY and isinstance(value, str):
            return f"<{name}>"
        return self.text(value) if isinstance(value, str) else value


def exact(entry: list[Any], normaliser: Normaliser) -> str:
    """An entry as it was, for the comparison of JavaScript with JavaScript."""
    match entry:
        case ["connected", handle, name, sender, listener]:
            return _line("connected", handle, f"name {describe(name)}", _sender(sender, normaliser), listener)
        case ["disconnected", handle, error, last_error, listener]:
            return _line(
                "disconnected",
                handle,
                error and f"error {normaliser.text(error['message'])!r}",
                last_error and f"lastError {normaliser.text(last_error['message'])!r}",
                listener,
            )
        case ["threw", label, error]:
            return normaliser.text(f"threw: {label}: {error['name']}: {error['message']}")
        case ["asked", message, sender, listener]:
            return normaliser.text(_line("asked", message, _sender(sender, normaliser), listener))
        case ["rejected", key, error]:
            return normaliser.text(_line("rejected", key, error["message"]))
        case ["called back", key, answer, last_error]:
            return _line("called back", key, answer, last_error and f"lastError {last_error['message']!r}")
    return normaliser.text(_line(*entry))


def common(entry: list[Any], normaliser: Normaliser) -> str:
    """An entry as both JavaScript and Python can have it.

    Python has one None for null and undefined; `port.error` for what is `runtime.lastError` in Chromium; and its own
    words for arguments that are refused.
    """
    match entry:
        case ["disconnected", handle, error, last_error, listener]:
            return exact(["disconnected", handle, error or last_error, None, listener], normaliser)
        case ["threw", label, error]:
            text = error["message"] if _IN_THE_BROWSERS_WORDS.search(error["message"]) else "the arguments"
            return normaliser.text(f"threw: {label}: {_REASON.sub('', text)}")
        case ["answer" | "answered", label, "undefined" | "null"]:
            return exact([entry[0], label, "null or undefined"], normaliser)
        case ["asked", "undefined" | "null", sender, listener]:
            return exact(["asked", "null or undefined", sender, listener], normaliser)
    return exact(entry, normaliser)


def _sender(sender: Any, normaliser: Normaliser) -> str:
    return f"sender {json.dumps(normaliser.sender(sender))}"


def _line(*parts: Any) -> str:
    what, *rest = parts
    return f"{what}: {', '.join(str(part) for part in rest if part)}"


Render = Callable[[list[Any], Normaliser], str]
