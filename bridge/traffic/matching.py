"""Which ends are the two ends of one port: browsers give scripts no number by which to tell.

An accepted end has the sender that the browser reports, and the port's name. Ports of one name from one place are
accepted in the order in which they were opened, by each place that accepts them. So each place has its own position in
the list of what was opened under that name; what does not lead there is passed over.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from .limits import MAX_PORTS_PER_NAME
from .places import Place

__all__ = ["Opening", "Openings", "Target", "target_of"]


class Target(NamedTuple):
    """What a connect function names besides the port's name."""

    extension: str | None = None
    tab: int | None = None
    frame: int | None = None
    document: str | None = None
    application: str | None = None

    @property
    def text(self) -> str:
        """For the record."""
        if self.tab is not None:
            frame = "" if self.frame is None else f", frame {self.frame}"
            return f"tab {self.tab}{frame}"
        return self.application or self.extension or ""

    def leads_to(self, place: Place) -> bool:
        """Whether it may lead to that place of the extension's own."""
        if self.tab is None:
            return place.kind != "content"
        fits_frame = self.frame is None or self.frame == place.frame
        fits_document = self.document is None or place.document is None or self.document == place.document
        return place.tab == self.tab and fits_frame and fits_document


def target_of(function: str, arguments: Sequence[Any]) -> Target:
    """Return what a call names that Python makes, from its arguments as the browser gets them."""
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
    """Something that was opened and may be accepted, perhaps at several places.

    Attributes:
        target: Where it leads.
        over: Nobody will accept it any more: the browser said that nobody is there.
    """

    __slots__ = ("over", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        self.over = False


T = TypeVar("T", bound=Opening)


class Openings(Generic[T]):
    """What was opened, by place and name."""

    def __init__(self) -> None:
        self._lists: dict[Hashable, list[T]] = {}
        self._positions: dict[Hashable, dict[Hashable, int]] = {}

    def add(self, key: Hashable, opening: T) -> None:
        """Something was opened."""
        openings = self._lists.setdefault(key, [])
        openings.append(opening)
        if len(openings) > 2 * MAX_PORTS_PER_NAME:
            self._forget(key, len(openings) - MAX_PORTS_PER_NAME)

    def take(
        self, key: Hashable, taker: Hashable, place: Place, accepts: Callable[[T], bool] = lambda _: True
    ) -> T | None:
        """Return the first that `taker` at `place` has not passed, that may lead there and that `accepts` allows."""
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
