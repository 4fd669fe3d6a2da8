"""The inspector's page, for tests: in a browser of its own, while the extension is in the browser under test."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Browser, BrowserContext, BrowserType, Page, expect

from bridge.async_api import Bridge, launch
from bridge.browsers.find import find_browser
from bridge.inspector.server import Inspector
from support import LAUNCH_MS, write_extension

__all__ = ["Inspect", "Inspected", "inspecting", "viewing"]

Inspect = Callable[..., Awaitable["Inspected"]]


class Inspected:
    """A bridge, its inspector, and the inspector's page.

    Attributes:
        complaints: What the page said in its console.
        records: Those that the page got.
    """

    def __init__(self, bridge: Bridge, inspector: Inspector, page: Page) -> None:
        self.bridge = bridge
        self.inspector = inspector
        self.page = page
        self.complaints: list[str] = []
        self.records: list[dict[str, Any]] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def _frame(self, frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "recordBatch":
            self.records += message["records"]

    async def show(self) -> "Inspected":
        """Open the page."""
        await self.page.goto(self.inspector.url)
        await expect(self.page.locator("#connection")).to_have_text("Connected")
        await expect(self.context("another extension")).to_be_visible()
        return self

    @property
    def ports(self) -> Any:
        return self.page.get_by_role("listbox", name=re.compile("Python.s ports"))

    @property
    def others(self) -> Any:
        return self.page.get_by_role("listbox", name="Other open ports")

    @property
    def timeline(self) -> Any:
        return self.page.get_by_role("region", name="Timeline")

    @property
    def message(self) -> Any:
        return self.field("Message, as JSON")

    def context(self, name: str) -> Any:
        tree = self.page.get_by_role("tree", name="Contexts")
        return tree.get_by_role("treeitem", name=re.compile(f"^{name}"))

    def field(self, label: str) -> Any:
        """A control of a form. The whole label, as rows of the timeline have labels, too, and those have any words."""
        return self.page.get_by_label(label, exact=True)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    async def stand_in(self, context: str) -> None:
        """Choose a context in the tree."""
        await self.context(context).click()

    async def open_port(self, context: str, name: str) -> None:
        """Open a port by runtime.connect."""
        await self.stand_in(context)
        await self.field("Name").fill(name)
        await self.button("Open port").click()
        await expect(self.page.locator("#composer-port")).to_contain_text(name)

    async def send(self, text: str) -> None:
        """Type a message and send it."""
        await self.message.fill(text)
        await self.button("Send").click()

    async def ask(self, function: str, text: str) -> None:
        """Type a one-time message and send it from the chosen context."""
        await self.field("With").select_option(function)
        await self.field("Message to ask, as JSON").fill(text)
        await self.button("Ask").click()

    async def finds(self, text: str) -> None:
        """See an event in the timeline."""
        await self.field("Find text").fill(text)
        await expect(self.timeline.get_by_role("option", name=text).last).to_be_visible()

    async def close(self) -> None:
        await self.inspector.close()
        await self.page.close()
        self.bridge.raise_listener_errors()
        assert self.complaints == []


@asynccontextmanager
async def viewing(browser_type: BrowserType) -> AsyncIterator[Browser | BrowserContext]:
    """Start a browser to look at inspectors with."""
    expect.set_options(timeout=20_000)  # it says more of the machine than of the page
    if browser_type.name == "firefox":  # Playwright 1.65 alone opens no page in a stock Firefox ESR 153
        with TemporaryDirectory() as folder:
            nothing = write_extension(Path(folder) / "e", {}, {})
            async with launch(browser_type, nothing, timeout=LAUNCH_MS) as bridge:
                yield bridge.browser_context
        return
    choice = find_browser(browser_type.name, browser_type.executable_path)
    browser = await browser_type.launch(**choice.options())
    try:
        yield browser
    finally:
        await browser.close()


@asynccontextmanager
async def inspecting(browser: Browser | BrowserContext, kind: type[Inspected] = Inspected) -> AsyncIterator[Inspect]:
    """Give a function that serves a bridge's inspector, shows its page in `browser`, and returns both."""
    async with AsyncExitStack() as stack:

        async def inspect(bridge: Bridge, **options: Any) -> Inspected:
            inspector = Inspector(bridge, **options)
            await inspector.start()
            inspected = kind(bridge, inspector, await browser.new_page())
            stack.push_async_callback(inspected.close)
            return await inspected.show()

        yield inspect
