"""The report as its reader sees it: opened from a file, in a browser that knows nothing of the bridge."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser.report_page import Report, start
from playwright.async_api import Browser, Playwright, expect
from unit.report.traffic import CONTENT, conversation, launched, message, places

from bridge.report.html import write_report
from bridge.traffic.records import MessagePosted, Omitted


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


# --- both views -----------------------------------------------------------------------------------------------------


async def test_each_record_is_one_row_of_the_diagram(report: Report) -> None:
    records = conversation()
    await report.show(records)
    await expect(report.diagram.get_by_role("option")).to_have_count(len(records))
    headings = report.diagram.locator(".traffic-heading-name")
    assert await headings.all_inner_texts() == [
        "Python",
        "background",
        "page",
        "content script, tab 3",
        "content script, tab 3, frame 12",
        "web page, tab 4",
        "extension ponmlkjihgfedcbaponmlkjihgfedcba",
        "native org.example.host",
        "unknown",
    ]


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ("post", {"traffic-line": 8, "traffic-tip": 8}),  # one goes to two places
        ("connect", {"traffic-line": 6, "traffic-tip-open": 6, "traffic-dot": 5}),
        ("accept", {"traffic-dot": 5}),
        ("request", {"traffic-line": 2, "traffic-tip": 1, "traffic-nobody": 1}),
        ("answer", {"traffic-line": 2, "traffic-tip-open": 2, "traffic-nobody": 1}),
        ("disconnect", {"traffic-line": 3, "traffic-cross": 7}),
        ("begin", {"traffic-dot": 7}),
        ("omitted", {"traffic-line": 0}),
    ],
)
async def test_arrows_are_drawn_for_what_happened(report: Report, kind: str, drawn: dict[str, int]) -> None:
    await report.show(conversation())
    rows = report.diagram.locator(f".traffic-row.traffic-{kind}")
    await expect(rows).not_to_have_count(0)
    assert {name: await rows.locator(f".{name}").count() for name in drawn} == drawn


async def test_an_arrow_goes_from_who_posted_to_who_got_it(report: Report) -> None:
    await report.show(conversation())
    row = report.diagram.get_by_role("option", name="content script, tab 3 to background: {greeting:")
    line = await row.locator(".traffic-line").bounding_box()
    tip = await row.locator(".traffic-tip").bounding_box()
    ends = [
        await report.diagram.locator(".traffic-heading", has_text=name).first.bounding_box()
        for name in ("background", "content script, tab 3")
    ]
    assert line and tip and all(ends)
    left, right = (box["x"] + box["width"] / 2 for box in ends if box)
    assert line["x"] == pytest.approx(left, abs=3) and line["x"] + line["width"] == pytest.approx(right, abs=3)
    assert tip["x"] == pytest.approx(left, abs=3)


async def test_python_acts_on_its_own_lifeline(report: Report) -> None:
    await report.show(conversation())
    row = report.diagram.get_by_role("option", name="Python in background to content script, tab 3").last
    await expect(row).to_contain_text("in background")


async def test_the_table_has_what_the_diagram_has(report: Report) -> None:
    records = conversation()
    await report.show(records)
    await report.to_table()
    await expect(report.rows).to_have_count(len(records))
    cells = report.rows.filter(has_text="hi there content script!").get_by_role("gridcell")
    assert await cells.all_inner_texts() == [
        "1.004",
        "background",
        "content script, tab 3",
        "port-from-cs",
        "message",
        '{greeting: "hi there content script!"}',
    ]


async def test_what_was_left_out_is_said(report: Report) -> None:
    await report.show(conversation())
    await expect(report.status).to_have_text("37 events, 1,234 records left out")
    await report.page.get_by_role("searchbox").fill("nothing has this")
    await expect(report.status).to_have_text("1 of 37 events, 1,234 records left out")
    await expect(report.diagram.get_by_role("option")).to_contain_text("1,234 records left out here: the browser sent")


async def test_a_record_of_a_later_release_is_not_hidden(report: Report) -> None:
    record = Omitted(count=1, reason="")
    write_report([record], report.path)
    report.path.write_text(report.path.read_text("utf-8").replace('"omitted"', '"fromTomorrow"', 1), "utf-8")
    await report.page.goto(report.path.as_uri())
    await expect(report.diagram.get_by_role("option")).to_contain_text("fromTomorrow")
    report.complaints.clear()


# --- filters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "option", "shown"),
    [
        ("Port name", "port-from-cs", 6),
        ("Port name", "from outside", 3),
        ("Place", "native org.example.host", 5),
        ("Place", "Python", 6),
        ("Kind", "messages on ports", 7),
        ("Kind", "requests and answers", 5),
        ("Kind", "connects and disconnects", 14),
        ("Kind", "errors", 2),
    ],
)
async def test_a_filter_acts_on_both_views(report: Report, label: str, option: str, shown: int) -> None:
    await report.show(conversation())
    await report.page.get_by_label(label, exact=True).select_option(option)
    left_out = 1
    await expect(report.status).to_contain_text(f"{shown + left_out} of 37 events")
    await expect(report.diagram.get_by_role("option")).to_have_count(shown + left_out)
    await report.to_table()
    await expect(report.rows).to_have_count(shown + left_out)


async def test_only_lifelines_of_what_is_shown_are_there(report: Report) -> None:
    await report.show(conversation())
    await report.page.get_by_label("Place", exact=True).select_option("native org.example.host")
    await expect(report.diagram.locator(".traffic-heading-name")).to_have_text(
        ["background", "native org.example.host"]
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [("HELLO FROM", 1), ("settings", 1), ("shop/basket", 1), ("went away", 2), ('greeting: "hello', 1)],
)
async def test_text_is_found_in_payloads_and_beside_them(report: Report, text: str, shown: int) -> None:
    await report.show(conversation())
    await report.page.get_by_role("searchbox").fill(text)
    await expect(report.status).to_contain_text(f"{shown + 1} of 37 events")


async def test_one_port_is_chosen_from_its_message_and_let_go(report: Report) -> None:
    await report.show(conversation())
    await report.diagram.get_by_role("option", name="only for you").click()
    await report.details.get_by_role("button", name="Only this port").click()
    await expect(report.status).to_contain_text("4 of 37 events")
    await report.page.get_by_role("button", name="Only port 4 is shown").click()
    await expect(report.status).to_contain_text("37 events")


# --- by keyboard ----------------------------------------------------------------------------------------------------


async def test_a_payload_is_opened_and_folded_by_keyboard(report: Report) -> None:
    value = {"first": {"deep": {"deeper": {"deepest": [1]}}}, "list": list(range(250))}
    await report.show([launched(), *places(), MessagePosted(port=1, place=CONTENT, payload=message(value))])
    await report.page.get_by_role("tab", name="Diagram").focus()
    await report.press("ArrowRight")
    await expect(report.page.get_by_role("tab", name="Table")).to_be_focused()
    await report.press(*["Tab"] * 5)
    await expect(report.table).to_be_focused()
    await report.press("Home", "ArrowDown", "End")
    await expect(report.table.locator("[aria-selected=true]")).to_contain_text("{first: {deep:")
    await report.press("Enter")
    items = report.tree.get_by_role("treeitem")
    await expect(items.first).to_be_focused()
    await expect(items.first).to_have_attribute("aria-expanded", "true")
    await report.press("ArrowLeft")
    await expect(items).to_have_count(1)
    await report.press("ArrowRight", "End")
    await expect(items.last).to_contain_text("list: [0, 1, 2")
    await report.press("ArrowRight")
    await expect(items).to_have_count(3 + 101)
    await report.press("End", "Enter")
    await expect(items).to_have_count(3 + 201)
    await expect(report.tree.locator(":focus")).to_have_text("100: 100")
    await report.press("Escape")
    await expect(report.details).to_be_hidden()
    await expect(report.table).to_be_focused()


async def test_details_follow_the_arrow_keys(report: Report) -> None:
    await report.show(conversation())
    await report.diagram.get_by_role("option", name="hello from content script").click()
    await report.diagram.focus()
    await report.press("ArrowDown")
    await expect(report.tree).to_contain_text("hi there content script!")


async def test_details_say_all_of_an_end(report: Report) -> None:
    await report.show(conversation())
    await report.diagram.get_by_role("option", name="the native application ended").click()
    for text in ("2.300000 s, 2026-11-25 02:34:59.089 UTC", "Native host has exited.", "org.example.host", "browser"):
        await expect(report.details).to_contain_text(text)


async def test_a_payload_that_was_cut_says_so(report: Report) -> None:
    await report.show(conversation())
    await report.diagram.get_by_role("option", name="cut, 200,002 characters").click()
    await expect(report.details).to_contain_text("the first 100,000 characters of 200,002 characters")
