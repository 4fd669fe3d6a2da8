"""Tells the recorder what an agent sees the extension's own scripts do."""

from ..protocol.frames import (
    ScriptTarget,
    Watched,
    WatchedAccept,
    WatchedAnswer,
    WatchedClose,
    WatchedHearing,
    WatchedOpen,
    WatchedPost,
    WatchedRequest,
)
from .ends import End
from .matching import Target
from .places import Place
from .recorder import Recorder
from .request_recorder import RecordedRequest

__all__ = ["Scripts"]

_UNREAD = "null"
_KEPT_BACK = "with an error, which Chromium shows only to the script"


class Scripts:
    """The scripts of one context.

    Args:
        recorder: The launch's.
        place: Where the scripts run.
    """

    def __init__(self, recorder: Recorder, place: Place) -> None:
        self._recorder = recorder
        self._place = place
        self._ends: dict[int, End] = {}
        self._requests: dict[int, RecordedRequest] = {}

    def take(self, frame: Watched, payload: str | None) -> None:
        """Tell the recorder what a frame reports."""
        time = frame.time / 1000
        match frame:
            case WatchedOpen():
                name = frame.target.application or frame.name  # Chromium's port to an application has no name
                self._ends[frame.port] = self._recorder.ports.opened(
                    self._place, "script", frame.function, name, _target(frame.target), time
                )
            case WatchedAccept():
                self._ends[frame.port] = self._recorder.ports.accepted(
                    self._place, "script", frame.event, frame.name, frame.sender, time, frame.since / 1000
                )
            case WatchedPost():
                self._post(frame, payload, time)
            case WatchedClose():
                self._close(frame, time)
            case WatchedRequest():
                self._requests[frame.request] = self._recorder.requests.asked(
                    self._place, "script", frame.function, _target(frame.target), payload or _UNREAD, time, frame.length
                )
            case WatchedHearing():
                self._recorder.requests.heard(
                    self._place, frame.event, frame.sender, payload or _UNREAD, time, frame.length
                )
            case WatchedAnswer():
                if request := self._requests.pop(frame.request, None):
                    self._recorder.requests.answered(request, payload, frame.error, time, frame.length)
            case _:
                raise TypeError(f"Nothing is recorded of a {type(frame).__name__}")

    def _post(self, frame: WatchedPost, payload: str | None, time: float) -> None:
        end = self._ends.get(frame.port)
        if end is None:
            self._recorder.omitted(1, "a message on a port that was opened before the page came back from a cache")
        elif frame.arrived:
            end.arrived(payload or _UNREAD, time, frame.length)
        else:
            end.posted(payload or _UNREAD, time, frame.length, frame.after)

    def _close(self, frame: WatchedClose, time: float) -> None:
        end = self._ends.pop(frame.port, None)
        if end is None:
            return
        if frame.byScript:
            end.closed("script", "disconnect()", None, time, frame.after)
        elif frame.failed:
            end.closed("browser", frame.error or _KEPT_BACK, frame.error or "", time, frame.after)
        else:
            end.closed("browser", "the other end disconnected or is gone", None, time, frame.after)


def _target(target: ScriptTarget) -> Target:
    return Target(target.extension or None, target.tab, target.frame, target.document, target.application)
