"""The tabs that actors stand in. A play leaves them to the next one at the same places, unless it spoiled them."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError

from .place import Place

if TYPE_CHECKING:
    from .stage import Stage

__all__ = ["Pages", "borrow_pages"]

_PATIENCE_MS = 30_000
_WITHOUT_KEY = {"srcdoc": "about:srcdoc", "blank": "about:blank", "data": "data:"}
_runs = itertools.count(1)


class Pages:
    """One tab for each number among the places.

    Attributes:
        run: By which the addresses of these pages differ from others.
        places: Those in a tab, which these pages have.
        spoiled: A document, or the extension in it, is no longer as it was: no other play gets them.
    """

    def __init__(self, stage: "Stage", places: frozenset[Place]) -> None:
        self.run = f"r{next(_runs)}"
        self.places = places
        self.spoiled = False
        self._stage = stage
        self._pages: dict[int, Any] = {}
        self._frames: dict[Place, dict[str, Any]] = {}
        self._contexts: dict[Place, Any] = {}

    @property
    def fit_for_use(self) -> bool:
        """Whether all players are still there, in the documents that were opened."""
        roles = (self._stage.role(place, self.run) for place in self.places)
        return not self.spoiled and all(map(self._stage.conductor.is_there, roles))

    def key(self, place: Place) -> str:
        """The name of a place's tab in its address."""
        return f"{self.run}t{place.tab}"

    def page(self, place: Place) -> Any:
        """The Playwright page of a place."""
        return self._pages[place.tab]

    async def open(self) -> None:
        """Open the tabs."""
        tabs = defaultdict(list)
        for place in self.places:
            tabs[place.tab].append(place)
        own = [places for places in tabs.values() if places[0].own_tab]
        # Not beside them: in a stock Firefox, Playwright 1.65 may return such a tab from new_page().
        await asyncio.gather(*(self._open_tab(places) for places in tabs.values() if places not in own))
        await asyncio.gather(*map(self._open_tab, own))

    async def close(self) -> None:
        """Leave the pages to whoever navigates them next, and close the tabs that Playwright did not open."""
        for page in self._pages.values():
            self._stage.give_back(page)
        keys = [f"page.html?run={self.key(place)}" for place in self.places if place.own_tab]
        if keys:
            tabs = await self._stage.stagehand("tabs.query", {})
            ids = [tab["id"] for tab in tabs if any(key in tab.get("url", "") for key in keys)]
            await self._stage.stagehand("tabs.remove", ids)

    async def context(self, place: Place) -> Any:
        """What Python stands in at a place in a tab."""
        if place not in self._contexts:
            self._contexts[place] = await self._context(place)
        return self._contexts[place]

    async def frame(self, place: Place) -> dict[str, Any]:
        """What the browser calls the tab, the frame and the document of a place."""
        if place not in self._frames:
            self._frames[place] = await self._frame(place)
        return self._frames[place]

    async def _open_tab(self, places: list[Place]) -> None:
        key = self.key(places[0])
        if places[0].own_tab:
            base = self._stage.bases[places[0].extension]
            await self._stage.stagehand("tabs.create", {"url": f"{base}page.html?run={key}"})
            return
        frames = sorted({place.frame for place in places if place.frame != "top"})
        base = next((self._stage.bases[place.extension] for place in places if place.kind == "page"), "")
        web = f"&web={self._stage.name}" if any(place.kind == "web" for place in places) else ""
        page = self._pages[places[0].tab] = await self._stage.borrow_page()
        url = self._stage.conductor.url(f"page?run={key}&frames={','.join(frames)}&base={base}{web}")
        try:
            await page.goto(url, wait_until="commit")
        except PlaywrightError as error:
            # Playwright 1.64 may take the navigation itself, in stock Firefox, for another one to the same address.
            if f'interrupted by another navigation to "{url}"' not in str(error):
                raise

    async def _context(self, place: Place) -> Any:
        bridge = self._stage.bridge
        assert bridge, "Python needs the bridge"
        if place.kind == "page":
            role = self._stage.role(place, self.run)
            return await bridge._contexts.wait_for(
                lambda context: context.kind == "page" and f"run={role.place}" in context.url,
                _PATIENCE_MS,
                lambda: f"Waited for the page {role.place}",
            )
        page = self.page(place)
        frame = page.main_frame
        if place.frame != "top":
            element = await page.query_selector(f"iframe[name={self.key(place)}-{place.frame}]")
            frame = await element.content_frame()
        return await (bridge.web(frame) if place.kind == "web" else bridge.content(frame))

    async def _frame(self, place: Place) -> dict[str, Any]:
        key = f"run={self.key(place)}"
        tabs = await self._stage.stagehand("tabs.query", {})
        tab_id = next(tab["id"] for tab in tabs if key in (tab.get("url") or tab.get("pendingUrl") or ""))
        if place.own_tab:
            return {"tabId": tab_id, "frameId": 0}
        frames = await self._stage.stagehand("webNavigation.getAllFrames", {"tabId": tab_id})
        wanted = _WITHOUT_KEY.get(place.frame) or (key if place.frame == "top" else f"{key}-{place.frame}")
        found = next(f for f in frames if wanted in f["url"] and (f["frameId"] == 0) == (place.frame == "top"))
        return {**found, "tabId": tab_id}


async def borrow_pages(stage: "Stage", places: Iterable[Place], python: Place | None) -> Pages:
    """Return pages with those places: the ones that the last play left, or new ones.

    Args:
        stage: The browser.
        places: Where the actors stand.
        python: Where Python stands. Pages in which Python stood serve no play in which it does not.
    """
    wanted = frozenset(place for place in places if place.in_a_tab)
    for owner, kept in list(stage.kept_pages.items()):
        if kept.places != wanted or not kept.fit_for_use:
            del stage.kept_pages[owner]
            await kept.close()
    if python not in stage.kept_pages:
        pages = stage.kept_pages[python] = Pages(stage, wanted)
        await pages.open()
    return stage.kept_pages[python]
