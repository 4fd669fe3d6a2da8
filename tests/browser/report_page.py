"""A report that is looked at in a browser."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from bridge.browsers.find import find_browser
from bridge.report.html import write_report
from bridge.traffic.records import Record


async def start(engine: Any) -> Browser:
    """The browser of that type, with nothing of the bridge in it."""
    browser: Browser = await engine.launch(**find_browser(engine.name, engine.executable_path).options())
    return browser


class Report:
    """A report that is looked at.

    Attributes:
        complaints: What the page said in its console, and what it asked for besides itself.
    """

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.path = path
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: request.url == path.as_uri() or self.complaints.append(request.url))

    async def show(self, records: Iterable[Record]) -> "Report":
        write_report(records, self.path)
        await self.page.goto(self.path.as_uri())
        await expect(self.status).to_contain_text("event")
        return self

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def diagram(self) -> Locator:
        return self.page.get_by_role("listbox", name="Sequence diagram")

    @property
    def table(self) -> Locator:
        return self.page.get_by_role("grid", name="Events")

    @property
    def rows(self) -> Locator:
        return self.table.locator("[data-number]")

    @property
    def details(self) -> Locator:
        return self.page.get_by_role("complementary", name="Details")

    @property
    def tree(self) -> Locator:
        return self.page.get_by_role("tree", name="Payload")

    async def to_table(self) -> None:
        await self.page.get_by_role("tab", name="Table").click()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)
