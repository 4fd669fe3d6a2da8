"""A recorder for tests, and what it is told."""

from collections.abc import Callable
from typing import Any

from bridge.traffic.history import History
from bridge.traffic.matching import Target
from bridge.traffic.recorder import Mode, Recorder
from bridge.traffic.records import Record

ME, RELAY, OTHER = "me", "relay", "another-extension"
BACKGROUND = {"id": ME, "url": "chrome-extension://me/b.js"}


def content(tab: int = 3, frame: int = 0, document: str = "", **more: Any) -> dict[str, Any]:
    return {
        "id": ME,
        "url": "http://a/",
        "tab": {"id": tab},
        "frameId": frame,
        "documentId": document or f"d{tab}.{frame}",
        **more,
    }


class Desk:
    """A recorder, and what it has recorded so far."""

    def __init__(self, mode: Mode = "all") -> None:
        self.records: list[Record] = []
        self.timers: list[Callable[[], None]] = []
        self.recorder = Recorder(mode, self.records.append, lambda seconds, call: self.timers.append(call))
        self.recorder.launched("chromium", ME, RELAY, name="tested", version="1")
        self.background = self.recorder.began("background", "chrome-extension://me/b.js", BACKGROUND)
        self.external = self.recorder.began("external", "chrome-extension://relay/r.js", {"id": RELAY})

    def content(self, *place: Any) -> Any:
        return self.recorder.began("content", "http://a/", content(*place))

    def open(self, place: Any, name: str = "p", by: Any = "script", **target: Any) -> Any:
        return self.recorder.ports.opened(place, by, "runtime.connect", name, Target(**target))

    def accept(self, sender: dict[str, Any], name: str = "p", place: Any = None, by: Any = "script") -> Any:
        return self.recorder.ports.accepted(place or self.background, by, "runtime.onConnect", name, sender)

    @property
    def history(self) -> History:
        return History(self.records)

    def told(self) -> list[tuple[Any, ...]]:
        """The messages: payload, who posted it and where it went."""
        return [
            (
                message.payload,
                ("python in " if message.by == "python" else "") + message.sender.kind,
                [to.kind for to in message.to],
            )
            for message in self.history.messages
        ]
