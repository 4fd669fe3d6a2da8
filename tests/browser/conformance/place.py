"""Where an actor stands."""

from dataclasses import dataclass, replace

__all__ = [
    "BACKGROUND",
    "CONTENT",
    "FRAMES",
    "NATIVE",
    "NEIGHBOUR",
    "NEIGHBOUR_CONTENT",
    "NEIGHBOUR_PAGE",
    "PAGE",
    "PAGES",
    "PAGE_2",
    "WEB",
    "Place",
]


@dataclass(frozen=True)
class Place:
    """A kind of context.

    Attributes:
        kind: ``"background"``, ``"content"``, ``"page"``, ``"web"`` or ``"native"``.
        extension: ``"tested"`` or ``"neighbour"``.
        frame: ``"top"``, or a kind of frame that the conductor's page has.
        tab: Actors with the same one share a tab.
    """

    kind: str
    extension: str = "tested"
    frame: str = "top"
    tab: int = 1

    def in_frame(self, frame: str) -> "Place":
        """The same in a frame of the page."""
        return replace(self, frame=frame)

    def in_tab(self, tab: int) -> "Place":
        """The same in another tab."""
        return replace(self, tab=tab)

    @property
    def in_a_tab(self) -> bool:
        """Whether it has a tab."""
        return self.kind in ("content", "page", "web")

    @property
    def own_tab(self) -> bool:
        """Whether an extension page fills the tab, which Playwright cannot open in Firefox."""
        return self.kind == "page" and self.frame == "top"

    @property
    def playable(self) -> bool:
        """Whether the bridge lets Python stand there."""
        return self.extension == "tested" or self.kind == "background"

    def __str__(self) -> str:
        frame = "" if self.frame == "top" else f" in a frame ({self.frame})"
        return f"{'' if self.extension == 'tested' else 'other extension, '}{self.kind}{frame}"


BACKGROUND = Place("background")
CONTENT = Place("content")
PAGE = Place("page", tab=9)
WEB = Place("web")
NATIVE = Place("native")
NEIGHBOUR = Place("background", "neighbour")
NEIGHBOUR_CONTENT = Place("content", "neighbour")
NEIGHBOUR_PAGE = Place("page", "neighbour", tab=8)
PAGE_2 = PAGE.in_tab(7)
PAGES = {"opener": CONTENT, "receiver": BACKGROUND, "second": PAGE, "third": PAGE_2}
FRAMES = {
    "opener": BACKGROUND,
    "receiver": CONTENT,
    "second": CONTENT.in_frame("same"),
    "third": CONTENT.in_frame("other"),
}
