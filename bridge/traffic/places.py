"""The places of a launch, and which of them a browser's `sender` describes."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .limits import MAX_PLACES_ENDED
from .records import PlaceBegan, PlaceEnded, Record, printable

__all__ = ["NATIVE", "NOWHERE", "PRIVATE", "USER_SCRIPT", "Place", "Places"]

NATIVE = "native"
"""The kind of place that a native application is."""

USER_SCRIPT = "user script"
"""The kind of place that the world of user scripts in a document is."""

PRIVATE = "private background"
"""The kind of place that the other background of an extension with ``"incognito": "split"`` is."""

_BACKGROUNDS = ("background", PRIVATE)


class Place:
    """Where scripts run, or what stands in for one; see `records.PlaceBegan`.

    Attributes:
        began: Seconds since the launch; of a background that started again, its last start.
        private: Whether it is in a private window, or the background of those.
        supposed: Whether its agent has not said hello: a port or message from there came first.
    """

    __slots__ = ("began", "document", "ended", "frame", "id", "kind", "private", "supposed", "tab", "url")

    def __init__(self, id: int, kind: str, url: str, sender: Mapping[str, Any], began: float = 0.0) -> None:
        tab = sender.get("tab")
        self.id = id
        self.kind = kind
        self.url = url
        self.tab = _number(tab.get("id")) if isinstance(tab, Mapping) else None
        self.frame = _number(sender.get("frameId")) if self.tab is not None else None
        self.document = _text(sender.get("documentId"))
        self.private = kind == PRIVATE or (isinstance(tab, Mapping) and tab.get("incognito") is True)
        self.ended = False
        self.began = began
        self.supposed = False

    @property
    def outside(self) -> bool:
        """Whether the bridge does not see what scripts do there."""
        return self.kind in ("extension", NATIVE, "web", USER_SCRIPT)


# A script can write anything into the sender of a port before its listener is seen to have it.
def _number(value: object) -> int | None:
    return value if type(value) is int else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


_EXTENSION_PAGE = re.compile(r"(?:chrome|moz)-extension:")

NOWHERE = Place(0, "unknown", "", {})
"""Stands for a place that the bridge does not know."""


class Places:
    """All places; `emit` gets a record when one begins or ends."""

    def __init__(self, emit: Callable[[Record], None]) -> None:
        self._emit = emit
        self._count = 0
        self._places: list[Place] = []
        self._outside: dict[tuple[str, str, int | None, int | None], Place] = {}
        self._backgrounds: dict[str, Place] = {}

    def begin(self, kind: str, url: str, sender: Mapping[str, Any], time: float) -> Place:
        """A context began. A background that starts again is still the same place."""
        document = _text(sender.get("documentId"))
        if kind in self._backgrounds:
            place = self._backgrounds[kind]
        else:
            supposed = document and self._latest(lambda place: place.supposed and place.document == document)
            place = supposed or self._add(kind, url, sender, time)
        place.kind, place.url, place.document, place.ended = kind, url, document, False
        place.began, place.supposed = time, False
        if kind in _BACKGROUNDS:
            self._backgrounds[kind] = place
        self._say(place, time)
        return place

    def end(self, place: Place, reason: str, time: float) -> None:
        """A context is gone."""
        if not place.ended:
            place.ended = True
            self._emit(PlaceEnded(time=time, place=place.id, reason=printable(reason)))

    @property
    def background(self) -> Place:
        """The background; made up if its agent has not said hello."""
        if "background" not in self._backgrounds:
            place = self._backgrounds["background"] = self._add("background", "", {}, 0.0)
            self._say(place, 0.0)
        return self._backgrounds["background"]

    def background_of(self, place: Place) -> Place:
        """The background that a place talks to: private windows may have their own."""
        return (place.private and self._backgrounds.get(PRIVATE)) or self.background

    def outside(self, kind: str, url: str, time: float, sender: Mapping[str, Any] | None = None) -> Place:
        """Return a place that the bridge does not see into.

        ``native`` goes by name, ``extension`` by id; ``web`` and ``user script`` by URL, tab and frame.
        """
        asked = Place(0, kind, url, sender or {})
        key = kind, url, asked.tab, asked.frame
        if key not in self._outside:
            place = self._outside[key] = self._add(kind, url, sender or {}, time)
            self._say(place, time)
        return self._outside[key]

    def web(self, sender: Mapping[str, Any]) -> Place | None:
        """Return the web page that the sender describes, the latest of several; None if there is none."""
        return self._described(Place(0, "", str(sender.get("url", "")), sender), lambda place: place.kind == "web")

    def opener(self, sender: Mapping[str, Any], time: float, at: Place) -> Place:
        """Return the extension's own place that the sender, as told at another, describes. It may not have begun."""
        found = self.of_sender(sender, at)
        document, url = _text(sender.get("documentId")), str(sender.get("url", ""))
        if document is None:
            return found or self.background_of(at)
        if found and (url == found.url if found.kind in _BACKGROUNDS else found.document in (None, document)):
            return found
        # Its agent's hello is still on the way: do not take the document for the one that was there before.
        place = self._add("page" if _EXTENSION_PAGE.match(url) else "content", url, sender, time)
        place.supposed = True
        self._say(place, time)
        return place

    def of_sender(self, sender: Mapping[str, Any], at: Place = NOWHERE) -> Place | None:
        """Return the extension's own place that the sender describes, the latest of several; None if there is none.

        Args:
            sender: What the browser says.
            at: Where it says so. The two backgrounds look alike, and private windows have one to themselves.
        """
        asked = Place(0, "", str(sender.get("url", "")), sender)
        own = [place for place in self._backgrounds.values() if place.private == at.private]
        found = self._described(asked, lambda p: not p.outside and (p.kind not in _BACKGROUNDS or p in own))
        return found or (self._backgrounds.get("background") if asked.tab is None else None)

    def in_tab(self, tab: int, frame: int | None) -> Place | None:
        """Return the latest content script or page in a tab's frame; frame None is the top one."""
        return self._latest(lambda place: not place.outside and (place.tab, place.frame) == (tab, frame or 0))

    def _described(self, asked: Place, accepts: Callable[[Place], bool]) -> Place | None:
        if asked.document and (found := self._latest(lambda p: accepts(p) and p.document == asked.document)):
            return found
        if asked.tab is not None:
            return self._latest(lambda p: accepts(p) and (p.tab, p.frame) == (asked.tab, asked.frame))
        return self._latest(lambda p: accepts(p) and p.tab is None and p.url == asked.url)

    def _add(self, kind: str, url: str, sender: Mapping[str, Any], began: float) -> Place:
        self._count += 1
        place = Place(self._count, kind, url, sender, began)
        self._places.append(place)
        if len(self._places) > 2 * MAX_PLACES_ENDED:
            late = self._places[-MAX_PLACES_ENDED:]
            self._places = [p for p in self._places[:-MAX_PLACES_ENDED] if not p.ended] + late
        return place

    def _say(self, place: Place, time: float) -> None:
        self._emit(
            PlaceBegan(
                time=time,
                place=place.id,
                kind=place.kind,
                url=printable(place.url),
                tab=place.tab,
                frame=place.frame,
            )
        )

    def _latest(self, accepts: Callable[[Place], bool]) -> Place | None:
        return next((place for place in reversed(self._places) if accepts(place)), None)
