"""The report with what is hostile, deep, long or much, on paper, and in the other browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from browser.report_page import Report, start
from playwright.async_api import Browser, Locator, Playwright, expect
from unit.report.traffic import BACKGROUND, CONTENT, conversation, launched, many, message

from bridge.async_api import launch
from bridge.errors import BrowserNotFoundError
from bridge.traffic.records import MessagePosted, Omitted, PortOpened, payload
from support import BROWSERS_REQUIRED, LAUNCH_MS, SAMPLE

SIZE: Any = {"width": 1500, "height": 1900}

SCROLL = "(list, part) => { list.scrollTop = (list.scrollHeight - list.clientHeight) * part; }"
COUNT_PRINTED = """() => addEventListener("beforeprint", () => {
    document.title = document.querySelectorAll("[data-number]").length;
})"""
HOSTILE = '</script><img src=x onerror="document.title=1"><b>bold</b>\u202e'


@pytest.fixture(scope="module")
async def chromium(playwright_async: Playwright) -> AsyncIterator[Browser]:
    browser = await start(playwright_async.chromium)
    yield browser
    await browser.close()


@pytest.fixture
async def report(chromium: Browser, tmp_path: Path) -> AsyncIterator[Report]:
    page = await chromium.new_page(viewport={"width": 1500, "height": 1900})
    report = Report(page, tmp_path / "report.html")
    yield report
    await page.close()
    assert not report.complaints


# --- hostile payloads -----------------------------------------------------------------------------------------------


async def test_nothing_becomes_markup(report: Report) -> None:
    payload = message({HOSTILE: [HOSTILE]})
    opened = PortOpened(port=1, place=CONTENT, name=HOSTILE, function=HOSTILE, target=HOSTILE)
    await report.show([opened, MessagePosted(port=1, place=CONTENT, payload=payload), Omitted(count=1, reason=HOSTILE)])
    await report.diagram.get_by_role("option", name="message").click()
    await expect(report.tree).to_contain_text('</script><img src=x onerror="document.title=1"><b>bold</b>\\u202e')
    await report.to_table()
    await expect(report.rows).to_have_count(3)
    assert await report.page.locator("img, b").count() == 0
    assert await report.page.title() == "Recorded traffic"


async def test_great_depth_is_unfolded_step_by_step(report: Report) -> None:
    text = '{"a":' * 10_000 + "1" + "}" * 10_000
    await report.show([launched(), MessagePosted(port=1, place=BACKGROUND, payload=payload(text))])
    await report.diagram.get_by_role("option", name="message").click()
    await report.tree.get_by_role("treeitem").last.focus()
    await report.press(*["ArrowRight"] * 60)
    await expect(report.tree.get_by_role("treeitem").last).to_have_attribute("aria-level", "34")


async def test_a_long_string_comes_in_pieces(report: Report) -> None:
    await report.show([launched(), MessagePosted(port=1, place=BACKGROUND, payload=message("x" * 1_000_000))])
    # Longer than what the recorder keeps: as another program may have written it.
    whole = f'"payload":{{"json":"{"x" * 1_000_000}"}}'
    page = report.path.read_text("utf-8")
    begin = page.index('"payload":')
    report.path.write_text(page[:begin] + whole + page[page.index("}", begin) + 1 :], "utf-8")
    await report.page.reload()
    await report.diagram.get_by_role("option", name="message").click()
    items = report.tree.get_by_role("treeitem")
    await items.first.click()
    await expect(items).to_have_count(3)
    await expect(items.first).to_contain_text("text of 1,000,000 characters")
    await items.last.click()
    await expect(items).to_have_count(4)
    assert len(await report.tree.inner_text()) < 20_000


# --- much -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["diagram", "table"])
async def test_ten_thousand_messages_have_few_elements(report: Report, view: str) -> None:
    await report.show(many(10_000))
    if view == "table":
        await report.to_table()
    scrolled: Locator = getattr(report, view)
    for step in range(11):
        await scrolled.evaluate(SCROLL, step / 10)
        assert await report.page.locator("*").count() < 2_500
    last = scrolled.locator("[data-number='10047']")
    await expect(last).to_contain_text("number: 9999")
    await expect(last).to_be_in_viewport()


# --- on paper, and elsewhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["diagram", "table"])
async def test_all_rows_are_printed(report: Report, view: str) -> None:
    await report.page.set_viewport_size({"width": 1000, "height": 400})
    await report.show(many(100))
    if view == "table":
        await report.to_table()
    counted = (
        "addEventListener('beforeprint', () => { document.title = document.querySelectorAll('[data-number]').length; })"
    )
    await report.page.evaluate(counted)
    await report.page.pdf()
    assert int(await report.page.title()) >= 148
    await expect(report.page.locator("[data-number]")).not_to_have_count(148)


async def test_firefox_shows_it_too(playwright_async: Playwright, tmp_path: Path) -> None:
    try:
        bridge = await launch(playwright_async.firefox, SAMPLE, timeout=LAUNCH_MS, viewport=SIZE)
    except BrowserNotFoundError as error:
        if BROWSERS_REQUIRED:
            raise
        pytest.skip(str(error))
    page = await bridge.browser_context.new_page()
    records = [*conversation(), MessagePosted(port=1, place=CONTENT, payload=message({HOSTILE: {"deep": [1]}}))]
    report = await Report(page, tmp_path / "report.html").show(records)
    await expect(report.diagram.get_by_role("option")).to_have_count(len(records))
    await report.page.get_by_role("searchbox").fill("onerror")
    await expect(report.status).to_contain_text("2 of 38 events")
    await report.diagram.get_by_role("option", name="message").click()
    await expect(report.tree.get_by_role("treeitem")).to_have_count(4)
    assert await page.locator("img, b").count() == 0
    await bridge.close()
    assert not report.complaints
