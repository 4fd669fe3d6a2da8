"""Finds the two ends of one port. Browsers give scripts no number by which to tell, so this goes by order.

Whoever accepts a port sees its name, and who opened it (the sender). If one place opens several ports under one name,
every other place accepts them in the order in which they were opened. So there is a list of openings for each place and
name, each place that accepts has its own position in it, and skips the openings that do not lead there.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from .limits import MAX_PORTS_PER_NAME
from .places import Place

__all__ = ["Opening", "Openings", "Target", "target_of"]


class Target(NamedTuple):
    """Whom a call such as `tabs.connect()` or `runtime.sendMessage()` addresses; None for what it does not name."""

    extension: str | None = None
    tab: int | None = None
    frame: int | None = None
    document: str | None = None
    application: str | None = None

    @property
    def text(self) -> str:
        """It in words, for the record; empty for the extension itself."""
        if self.tab is not None:
            frame = "" if self.frame is None else f", frame {self.frame}"
            return f"tab {self.tab}{frame}"
        return self.application or self.extension or ""

    def leads_to(self, place: Place) -> bool:
        """Whether it may lead to that place, which is one of the extension's own."""
        if self.tab is None:
            return place.kind != "content"
        fits_frame = self.frame is None or self.frame == place.frame
        fits_document = self.document is None or place.document is None or self.document == place.document
        return place.tab == self.tab and fits_frame and fits_document


def target_of(function: str, arguments: Sequence[Any]) -> Target:
    """Return whom a call of Python's addresses; `arguments` are those that the browser gets."""
    first = arguments[0] if arguments else None
    infos = [argument for argument in arguments if isinstance(argument, Mapping)]
    info: Mapping[str, Any] = infos[-1] if infos else {}
    match function.rpartition(".")[2]:
        case "connectNative" | "sendNativeMessage":
            return Target(application=first)
        case _ if function.startswith("tabs."):
            return Target(tab=first, frame=info.get("frameId"), document=info.get("documentId"))
    return Target(extension=first if isinstance(first, str) else None)


class Opening:
    """A port or one-time message that may be accepted, perhaps at several places.

    Attributes:
        origin: The place that opened it, or asked.
        target: Where it leads.
        time: When that was, in seconds since the launch.
        over: Whether nobody will accept it any more: the browser said that nobody listens.
    """

    __slots__ = ("origin", "over", "target", "time")

    def __init__(self, origin: Place, target: Target, time: float) -> None:
        self.origin = origin
        self.target = target
        self.time = time
        self.over = False


T = TypeVar("T", bound=Opening)


class Openings(Generic[T]):
    """Lists of what was opened, by any key; the recorders' keys name the place, and the port's name."""

    def __init__(self) -> None:
        self._lists: dict[Hashable, list[T]] = {}
        self._positions: dict[Hashable, dict[Hashable, int]] = {}

    def __iter__(self) -> Iterator[T]:
        for openings in self._lists.values():
            yield from openings

    def add(self, key: Hashable, opening: T) -> None:
        """Take in something that was opened."""
        openings = self._lists.setdefault(key, [])
        openings.append(opening)
        if len(openings) > 2 * MAX_PORTS_PER_NAME:
            self._forget(key, len(openings) - MAX_PORTS_PER_NAME)

    def take(
        self, key: Hashable, taker: Hashable, place: Place, accepts: Callable[[T], bool] = lambda _: True
    ) -> T | None:
        """Return the next opening for `taker`, and advance its position behind it; None if there is none.

        Args:
            key: The list.
            taker: Whose position in it counts.
            place: Where the opening has to lead.
            accepts: Returns whether it may be a given one.
        """
        positions = self._positions.setdefault(key, {})
        openings = self._lists.get(key, [])
        for position in range(positions.get(taker, 0), len(openings)):
            opening = openings[position]
            if not opening.over and opening.target.leads_to(place) and accepts(opening):
                positions[taker] = position + 1
                return opening
        return None

    def _forget(self, key: Hashable, count: int) -> None:
        del self._lists[key][:count]
        positions = self._positions.get(key, {})
        for taker, position in positions.items():
            positions[taker] = max(0, position - count)
