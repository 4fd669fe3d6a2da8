"""Pictures of the report and of the inspector, from a conversation with the sample extension. See scripts/pictures.

One Chromium has the extension, and another one shows what was recorded there, in light colours and in dark ones.
"""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

from bridge.async_api import Bridge, launch
from bridge.browsers.find import find_browser
from bridge.report.html import write_report

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
URL = "http://shop.example/"
HTML = "<!doctype html><title>A shop</title><h1>A shop</h1>"
COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")

Pose = Callable[[Page], Awaitable[object]]

# --- What is seen ---------------------------------------------------------------------------------------------------


async def converse(bridge: Bridge) -> None:
    """Have the extension's scripts talk to each other, and Python to them."""
    page = await bridge.browser_context.new_page()
    await page.route("**", lambda route: route.fulfill(body=HTML, content_type="text/html"))
    async with bridge.traffic.expect_message("port-from-cs", lambda message: message.to):
        await page.goto(URL)
    async with bridge.traffic.expect_message("port-from-cs", lambda message: "page" in str(message.payload)):
        await page.click("h1")
    async with bridge.traffic.expect_message("port-from-cs", lambda message: "button" in str(message.payload)):
        await bridge.click_action(page)
    application = await bridge.native("ping_pong").accept()
    await application.receive()
    await application.postMessage("pong")
    other = bridge.external.runtime.connect(bridge.extension_id, {"name": "orders"})
    await other.receive()
    async with bridge.traffic.expect_message("orders", lambda message: "echo" in str(message.payload)):
        await other.postMessage({"order": 17, "lines": [{"article": "tea", "pieces": 2}]})


async def pose_report(page: Page) -> None:
    """Choose the answer to the order, so that the details show it."""
    diagram = page.get_by_role("listbox", name="Sequence diagram")
    await diagram.focus()
    await page.keyboard.press("End")
    await diagram.get_by_role("option", name="order: 17").first.click()
    await expect(page.get_by_role("tree", name="Payload")).to_be_visible()


async def pose_inspector(page: Page) -> None:
    """Stand in another extension with a port open, and type a message."""
    contexts = page.get_by_role("tree", name="Contexts")
    await contexts.get_by_role("treeitem", name="another extension").click()
    await page.get_by_label("Name", exact=True).fill("refunds")
    await page.get_by_role("button", name="Open port", exact=True).click()
    await expect(page.locator("#composer-port")).to_contain_text("refunds")
    message = page.get_by_label("Message, as JSON", exact=True)
    await message.fill('{"refund": 17}')
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#last")).to_contain_text("echo")
    await message.fill('{"refund": 17, "reason": "the cup is broken"}')


# --- How it is taken ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def showing(playwright: Playwright) -> AsyncIterator[Browser]:
    """Start a Chromium to look at pages with."""
    chromium = playwright.chromium
    browser = await chromium.launch(**find_browser("chromium", chromium.executable_path).options())
    try:
        yield browser
    finally:
        await browser.close()


async def take(browser: Browser, name: str, url: str, pose: Pose, height: int) -> None:
    """Take a picture of a page in both colours."""
    page = await browser.new_page(viewport={"width": 1120, "height": height}, device_scale_factor=1.5)
    await page.goto(url)
    await pose(page)
    await page.evaluate("document.activeElement.blur()")  # no frame around what was used last
    for colours in COLOURS:
        await page.emulate_media(color_scheme=colours)
        save(await page.screenshot(animations="disabled"), PICTURES / f"{name}-{colours}.png")
    await page.close()


def save(shot: bytes, path: Path) -> None:
    """Write a picture with a palette of 256 colours, which makes it a third as large."""
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            path, optimize=True
        )


async def main() -> None:
    options: dict[str, Any] = {"record": "all", "native": ["ping_pong"]}
    async with (
        async_playwright() as playwright,
        showing(playwright) as browser,
        launch(playwright.chromium, ROOT / "test-extension", **options) as bridge,
    ):
        await converse(bridge)
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "traffic.html"
            write_report(bridge.traffic.records, report)
            await take(browser, "report", report.as_uri(), pose_report, 640)
        await take(browser, "inspector", await bridge.start_inspector(), pose_inspector, 720)
    for picture in sorted(PICTURES.glob("*.png")):
        print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    asyncio.run(main())
