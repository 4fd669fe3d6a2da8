"""What the recorders of one launch share: mode, clock, places, and what waits for the sake of order."""

import time as clock
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

from .limits import REPORT_WAIT_S
from .matching import Target
from .places import NATIVE, USER_SCRIPT, Place, Places
from .posted import Posted
from .records import Record

__all__ = ["EXTERNAL", "Mode", "SharedRecording", "brings_from"]

Mode = Literal["python", "all", "off"]
"""What is recorded: only the ports that Python holds, those of the extension's scripts too, or nothing."""

EXTERNAL = ("runtime.onConnectExternal", "runtime.onMessageExternal")
"""The events of what comes from outside the extension."""

_USER_SCRIPTS = ("runtime.onUserScriptConnect", "runtime.onUserScriptMessage")


def brings_from(event: str, place: Place) -> bool:
    """Whether a listener of that event may hear of what a script at `place` opens or asks."""
    if event in _USER_SCRIPTS:
        return place.kind == USER_SCRIPT
    return place.kind != USER_SCRIPT and place.outside == (event in EXTERNAL)


class SharedRecording:
    """What the recorders of one launch share.

    Args:
        mode: What is recorded.
        emit: Gets each record.
        later: Calls a function after that many seconds.
        emit_posted: Gets the messages of ports instead, before their records are made.

    Attributes:
        began: When it began, in seconds since 1970.
        places: All places.
        extension: The id of the extension under test.
        relay: The id of the relay.
    """

    def __init__(
        self,
        mode: Mode,
        emit: Callable[[Record], None],
        later: Callable[[float, Callable[[], None]], object],
        emit_posted: Callable[[Posted], None] | None = None,
    ) -> None:
        self.mode = mode
        self.emit: Callable[[Record], None] = emit if mode != "off" else lambda record: None
        self.emit_posted = emit_posted or (lambda posted: self.emit(posted.record()))
        self.began = clock.time()
        self.extension = self.relay = ""
        self.places = Places(self.emit)
        self._later = later
        self._held_back: dict[int, Callable[[], None]] = {}
        self._holds = 0

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return clock.time()

    def at(self, time: float | None) -> float:
        """Return `time`, in seconds since 1970 or None for now, as seconds since the launch."""
        return round((clock.time() if time is None else time) - self.began, 6)

    # --- what is held back ------------------------------------------------------------------------------------------

    def hold_back(self, let_go: Callable[[], None], seconds: float = REPORT_WAIT_S) -> None:
        """Call `let_go`, which does nothing where it is no longer needed, when the wait has been long enough."""
        self._holds += 1
        self._held_back[self._holds] = let_go
        self._later(seconds, partial(self._let_go, self._holds))

    def flush(self) -> None:
        """Let go of all that is held back: the reports that it waits for will not come any more."""
        while self._held_back:
            self._let_go(next(iter(self._held_back)))

    def _let_go(self, hold: int) -> None:
        if let_go := self._held_back.pop(hold, None):
            let_go()

    # --- who is at the other end --------------------------------------------------------------------------------------

    def application(self, name: str) -> Place:
        """The place of a native application."""
        return self.places.outside(NATIVE, name, self.at(None))

    def opener(self, place: Place, event: str, sender: Mapping[str, Any], time: float | None) -> Place:
        """Return the place of whoever opened a port, or asked: `sender` is what `event` told of it at `place`."""
        if place.kind == NATIVE:
            return self.places.background
        if event in _USER_SCRIPTS:
            return self.places.outside(USER_SCRIPT, str(sender.get("url", "")), self.at(None), sender)
        id = sender.get("id")
        if id == self.extension or event not in EXTERNAL:
            return self.places.opener(sender, self.at(time), place)
        if id is None:
            url = str(sender.get("url", ""))
            return self.places.web(sender) or self.places.outside("web", url, self.at(None), sender)
        return self.places.outside("extension", str(id), self.at(None))

    def outside(self, target: Target) -> Place | None:
        """Return the place to which a call leads, if that is another extension or a native application."""
        if target.application:
            return self.application(target.application)
        if not self.leads_outside(target):
            return None
        return self.places.outside("extension", str(target.extension), self.at(None))

    def leads_outside(self, target: Target) -> bool:
        """Whether a call leads to another extension or to a native application."""
        return target.application is not None or target.extension not in (None, "", self.extension)
