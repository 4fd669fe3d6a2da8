"""The view of a report as the inspector has it: from modules, and with records that come one after the other."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Playwright, expect

from bridge.browsers.find import find_browser
from support import ROOT

SCROLL = "(list, part) => { list.scrollTop = (list.scrollHeight - list.clientHeight) * part; }"
WEB = ROOT / "bridge" / "report" / "web"
ADDRESS = "http://view.test/"
POLICY = (  # as strict as the inspector's
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
LIVE_PAGE = """<!doctype html><html lang="en"><title>live</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="view.css"><div id="view"></div>"""


@pytest.fixture(scope="module")
async def chromium(playwright_async: Playwright) -> AsyncIterator[Browser]:
    engine = playwright_async.chromium
    browser = await engine.launch(**find_browser(engine.name, engine.executable_path).options())
    yield browser
    await browser.close()


class LiveView:
    """A page with the view in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def show(self, **options: Any) -> "LiveView":
        await self.page.route(f"{ADDRESS}**", self._answer)
        await self.page.goto(ADDRESS)
        await self.page.evaluate(
            """async (options) => {
                const { createTrafficView } = await import("./view.js");
                const element = document.getElementById("view");
                element.style.height = "600px";
                globalThis.view = createTrafficView(element, options);
            }""",
            {"live": True, **options},
        )
        return self

    async def _answer(self, route: Any) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name:
            await route.fulfill(path=WEB / name)
        else:
            await route.fulfill(body=LIVE_PAGE, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    async def add(self, first: int, count: int) -> None:
        """Add messages one by one, in as many calls."""
        await self.page.evaluate(
            """([first, count]) => {
                for (let number = first; number < first + count; number++) {
                    const port = 1 + (number % 2);
                    view.add([{ type: "posted", time: number, port, place: 1, payload: { json: number } }]);
                }
            }""",
            [first, count],
        )

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def diagram(self) -> Locator:
        return self.page.get_by_role("listbox", name="Sequence diagram")

    def row(self, number: int) -> Locator:
        return self.diagram.locator(f"[data-number='{number}']")


@pytest.fixture
async def live(chromium: Browser) -> AsyncIterator[LiveView]:
    page = await chromium.new_page(viewport={"width": 1000, "height": 700})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield LiveView(page)
    await page.close()
    assert not complaints


async def test_a_live_view_stays_at_the_end_until_the_reader_scrolls_up(live: LiveView) -> None:
    await live.show()
    await live.add(0, 500)
    await expect(live.row(499)).to_be_in_viewport()
    await live.add(500, 500)
    await expect(live.row(999)).to_be_in_viewport()
    await live.diagram.evaluate(SCROLL, 0.5)
    await live.add(1000, 500)
    await expect(live.status).to_have_text("1,500 events")
    await expect(live.row(1499)).to_have_count(0)


async def test_a_live_view_keeps_the_last_and_says_that_there_were_more(live: LiveView) -> None:
    await live.show(kept=100)
    await live.add(0, 1000)
    await expect(live.status).to_contain_text("older not kept")
    await expect(live.row(999)).to_be_in_viewport()
    shown, gone = re.findall(r"\d+", (await live.status.inner_text()).replace(",", ""))
    assert int(shown) + int(gone) == 1000 and 100 <= int(shown) <= 200


async def test_more_is_known_of_a_connection_later(live: LiveView) -> None:
    await live.show()
    background = {"type": "began", "kind": "background", "place": 2}
    content = {"type": "began", "kind": "content", "place": 1, "tab": 5, "frame": 0}
    opened = {"type": "opened", "port": 1, "place": 1, "name": "later"}
    posted = {"type": "posted", "port": 1, "place": 1, "payload": {"json": "before anybody listens"}}
    await live.page.evaluate("records => view.add(records)", [background, content, opened, posted])
    await expect(live.diagram.locator(".traffic-nobody")).to_have_count(2)
    await live.page.evaluate("record => view.add([record])", {"type": "accepted", "port": 1, "place": 2})
    await expect(live.diagram.locator(".traffic-nobody")).to_have_count(0)
    for number in (2, 3):
        await expect(live.row(number)).to_have_accessible_name(re.compile("content script, tab 5 to background"))


async def test_one_port_is_selected_and_all_are_forgotten(live: LiveView) -> None:
    await live.show()
    await live.add(0, 10)
    await live.page.evaluate("view.select(2)")
    await expect(live.status).to_have_text("5 of 10 events")
    await live.page.evaluate("view.clear()")
    await expect(live.status).to_have_text("0 events")
    await live.add(0, 3)
    await expect(live.diagram.get_by_role("option")).to_have_count(3)


async def test_more_rows_than_a_browser_can_draw_are_reached(live: LiveView) -> None:
    await live.show(kept=1_000_000)
    await live.add(0, 300_000)
    await expect(live.row(299_999)).to_be_in_viewport()
    assert await live.diagram.evaluate("list => list.scrollHeight") < 9_000_000
    await live.diagram.evaluate(SCROLL, 0.5)
    await expect(live.row(150_000)).to_be_in_viewport()
    await live.diagram.focus()
    await live.page.keyboard.press("Home")
    await expect(live.row(0)).to_be_in_viewport()
    await live.page.keyboard.press("End")
    await expect(live.row(299_999)).to_be_in_viewport()
