"""The inspector as its user sees it: its page is in a browser of its own, the extension in the browser under test."""

import asyncio
import json
import re
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from browser.inspected import Inspect, Inspected, inspecting, viewing
from browser.talking import open_page
from playwright.async_api import Browser, Playwright, expect

from bridge.async_api import Bridge, RemoteError, launch
from bridge.inspector.redirect import opened
from support import LAUNCH_MS, SAMPLE, Site, background, content

ASKING = """
    const answers = [];
    chrome.action.onClicked.addListener(() => {
      chrome.permissions.request({ permissions: ["bookmarks"], origins: ["http://b.test/*"] })
        .then((answer) => answers.push(answer));
    });
"""
HOSTILE = '</script><img src=x onerror="document.title=1"><b>bold</b>\u202e'


@pytest.fixture(scope="module")
async def viewer(playwright_async: Playwright) -> AsyncIterator[Browser]:
    async with viewing(playwright_async.chromium) as browser:
        yield browser


@pytest.fixture
async def inspect(viewer: Browser) -> AsyncIterator[Inspect]:
    async with inspecting(viewer) as inspect:
        yield inspect


@pytest.fixture(scope="module")
async def recorded(engine_type: Any) -> AsyncIterator[Bridge]:
    """The sample extension with all its traffic recorded; one browser for the tests of this module."""
    async with launch(engine_type, SAMPLE, record="all", timeout=LAUNCH_MS) as bridge:
        yield bridge


@pytest.fixture
async def it(recorded: Bridge, inspect: Inspect, site: Site) -> AsyncIterator[Inspected]:
    """The sample extension, inspected, with a page in its browser."""
    await recorded.reset()
    await open_page(recorded, site.url)
    inspected: Inspected = await inspect(recorded)
    yield inspected


async def test_the_users_browser_is_led_to_the_page(
    it: Inspected, viewer: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(webbrowser, "open", given.append)
    page = await viewer.new_page()
    async with opened(it.inspector.url, tmp_path):
        assert given[0].startswith("file:")
        await page.goto(given[0])
        await page.wait_for_url(it.inspector.url)
        await expect(page.locator("#connection")).to_have_text("Connected")
    await page.close()


async def test_a_conversation(it: Inspected) -> None:
    await it.open_port("another extension", "by hand")
    await expect(it.message).to_be_focused()
    await it.send('{"typed": [1, 2]}')
    await expect(it.page.locator("#last")).to_have_text('Last received: {"echo": {"typed": [1, 2]}}')
    await it.finds("{echo: {typed: [1, 2]}}")
    await it.button("Show alone").click()
    await expect(it.timeline.get_by_role("button", name="show all")).to_contain_text("by hand")
    await it.button("Close port").click()
    await expect(it.page.locator("#port-facts")).to_contain_text("closed: the inspector disconnected it")
    await expect(it.button("Send")).to_be_disabled()
    await it.finds("disconnect")
    await it.button("Take off the list").click()
    await expect(it.ports.get_by_role("option")).to_have_count(0)
    await expect(it.page.locator("#composer")).to_be_hidden()


async def test_the_extensions_own_ports_are_listed(it: Inspected) -> None:
    port = it.others.get_by_role("option", name="port-from-cs")
    await expect(port.last).to_contain_text("content script, tab")
    await port.last.click()
    await expect(it.timeline.get_by_role("button", name="show all")).to_contain_text("port-from-cs")
    await it.finds("hi there content script!")


async def test_a_long_list_of_ports_says_how_many_it_lacks(it: Inspected) -> None:
    bridge = it.bridge
    older = it.page.locator("#older-others")
    await expect(older).to_be_hidden()
    ports = [bridge.external.runtime.connect(bridge.extension_id, {"name": "one of many"}) for _ in range(201)]
    lacking = sum(port.open for port in bridge.traffic.ports()) - 200
    await expect(older).to_be_visible()
    await expect(older).to_have_text(f"and {lacking} older, which only the timeline shows")
    await expect(it.others.get_by_role("option")).to_have_count(200)
    for port in ports[:lacking]:
        port.disconnect()
    await expect(older).to_be_hidden()


async def test_errors_are_shown_where_they_are(it: Inspected) -> None:
    await it.open_port("another extension", "wrong")
    error = it.page.locator("#message-error")
    for text, words in (('{"a": ', "This is not JSON"), ("", "Type a message"), ("NaN", "This is not JSON")):
        await it.send(text)
        await expect(error).to_contain_text(words)
        await expect(it.message).to_have_attribute("aria-invalid", "true")
    await it.send("1")
    await expect(error).to_be_hidden()
    await it.field("With").select_option("connectTab")
    await it.field("Tab id").fill("x")
    await it.button("Open port").click()
    await expect(it.page.locator("#connect-error")).to_contain_text("This is not a tab id: x")
    await it.stand_in("content script http")
    await expect(it.button("Open port")).to_be_disabled()
    await it.button("Open port").click(force=True)
    await expect(it.page.locator("#connect-error")).to_contain_text("Browsers give content scripts no tabs")
    await it.stand_in("background")
    await it.field("Tab id").fill("987654321")
    await it.button("Open port").click()
    await expect(it.page.locator("#port-facts")).to_contain_text("Receiving end does not exist")


async def test_python_as_the_receiver(it: Inspected, site: Site) -> None:
    await it.stand_in("background")
    await it.page.get_by_role("checkbox", name="onConnect", exact=True).click()
    await expect(it.page.get_by_role("checkbox", name="onConnect", exact=True)).to_be_checked()
    await it.bridge.browser_context.pages[-1].goto(site.url + "again")
    await it.ports.get_by_role("option", name="port-from-cs").click()
    await expect(it.page.locator("#port-facts")).to_contain_text("by runtime.onConnect in background")
    await expect(it.page.locator("#last")).to_have_text('Last received: {"greeting": "hello from content script"}')
    await it.send('"to the page"')
    await it.finds("to the page")
    await it.page.get_by_role("checkbox", name="onConnect", exact=True).click()
    await expect(it.page.get_by_role("checkbox", name="onConnect", exact=True)).not_to_be_checked()


async def test_the_page_asks(it: Inspected) -> None:
    outcome = it.page.locator("#outcome")
    world = await it.bridge.content(it.bridge.browser_context.pages[-1])
    await it.stand_in("content script http")
    await it.ask("ask", '{"question": "Are you there?"}')
    await expect(outcome).to_contain_text("Answer to content script, tab")
    await expect(outcome).to_contain_text('{"answer": "Yes, I am"}')
    await it.finds('{answer: "Yes, I am"}')
    await it.stand_in("background")
    await it.ask("ask", '"anybody?"')
    error = it.page.locator("#connect-error")
    await expect(error).to_contain_text("No answer to background: Could not establish connection. Receiving end does")
    await expect(outcome).to_be_hidden()
    await it.field("With").select_option("askTab")
    await it.field("Tab id").fill(str(world.tab_id))
    async with world.expect_message() as info:
        await it.ask("askTab", '"your title?"')
    await expect(outcome).to_have_text("Waiting for the answer to background …")
    await expect(error).to_be_hidden()
    await (await info.value).respond("A page")
    await expect(outcome).to_have_text('Answer to background: "A page"')
    await it.ask("askTab", "{a")
    await expect(error).to_contain_text("This is not JSON")


async def test_the_page_answers(it: Inspected) -> None:
    asker = await it.bridge.content(it.bridge.browser_context.pages[-1])
    requests = it.page.get_by_role("listbox", name="Open requests").get_by_role("option")
    hears = it.page.get_by_role("checkbox", name="onMessage", exact=True)
    await it.stand_in("background")
    await hears.click()
    await expect(hears).to_be_checked()
    await expect(it.context("background")).to_contain_text("listening")

    asking = asyncio.ensure_future(asker.runtime.sendMessage({"order": 17}))
    await requests.filter(has_text='{"order": 17}').click()
    await expect(requests).to_contain_text(re.compile(r"\d s$"))
    await expect(it.page.locator("#request-facts")).to_contain_text(f"{asker.url} asked at ")
    await it.field("Answer, as JSON").fill('{"shipped": ')
    await it.button("Respond").click()
    await expect(it.page.locator("#answer-error")).to_contain_text("This is not JSON")
    await it.field("Answer, as JSON").fill('{"shipped": true}')
    await it.page.keyboard.press("Control+Enter")
    assert await asking == {"shipped": True}
    await expect(requests).to_have_count(0)
    await it.finds("{shipped: true}")

    asking = asyncio.ensure_future(asker.runtime.sendMessage("refund?"))
    await requests.click()
    await it.button("Reject").click()
    await expect(it.page.locator("#answer-error")).to_have_text("Type the text of the error.")
    await it.field("Or an error").fill("not today")
    await it.page.keyboard.press("Enter")
    with pytest.raises(RemoteError, match="not today"):
        await asking
    await expect(requests).to_have_count(0)
    await expect(it.page.locator("#request-error")).to_be_hidden()


async def test_requests_leave_the_list(it: Inspected) -> None:
    asker = await it.bridge.content(it.bridge.browser_context.pages[-1])
    requests = it.page.get_by_role("listbox", name="Open requests").get_by_role("option")
    hears = it.page.get_by_role("checkbox", name="onMessage", exact=True)
    await it.stand_in("background")
    await hears.click()
    await expect(hears).to_be_checked()
    asking = [asyncio.ensure_future(asker.runtime.sendMessage(text, timeout=0)) for text in ("a", "b", "c")]
    await requests.filter(has_text='"a"').click()
    await it.button("Let go").click()
    await expect(requests).to_have_count(2)
    await expect(it.page.locator("#request-error")).to_be_hidden()
    await requests.filter(has_text='"b"').click()
    await it.bridge.open_requests[0].respond("elsewhere")
    await expect(it.page.locator("#request-error")).to_contain_text("answered or let go elsewhere")
    await expect(it.page.locator("#answering")).to_be_hidden()
    assert await asking[1] == "elsewhere"
    await hears.click()
    await expect(requests).to_have_count(0)
    await expect(it.page.locator("#no-requests")).to_be_visible()
    for asked in asking:
        asked.cancel()


async def test_the_page_answers_what_the_extension_requests(start: Any, inspect: Inspect) -> None:
    manifest = {
        **background("b.js"),
        "action": {},
        "optional_permissions": ["bookmarks"],
        "optional_host_permissions": ["http://b.test/*"],
        "browser_specific_settings": {"gecko": {"id": "asking@example.org"}},
    }
    bridge: Bridge = await start(manifest, {"b.js": ASKING}, permission_requests="refuse")
    it = await inspect(bridge)
    await bridge.browser_context.new_page()
    requests = it.page.get_by_role("listbox", name="Permission requests").get_by_role("option")
    waits = it.page.get_by_role("checkbox", name="Wait for my answer")
    problem = it.page.locator("#permission-error")

    async def answers(count: int) -> Any:
        return await bridge.background.wait_for_function("(count) => answers.length === count && answers", count)

    await waits.click()
    await expect(waits).to_be_checked()
    await bridge.click_action()
    await requests.filter(has_text="bookmarks, http://b.test/*").click()
    await expect(requests).to_contain_text(re.compile(r"\d s$"))
    await it.button("Refuse").click()
    assert await answers(1) == [False]
    await expect(requests).to_have_count(0)
    await expect(it.page.locator("#deciding")).to_be_hidden()
    await expect(problem).to_be_hidden()

    await bridge.click_action()
    await requests.click()
    bridge.open_permission_requests[0].refuse()
    await expect(problem).to_contain_text("answered elsewhere")
    await answers(2)

    await bridge.click_action()
    await expect(requests).to_have_count(1)
    await waits.click()
    await expect(waits).not_to_be_checked()
    assert await answers(3) == [False] * 3  # the answer of the launch
    await expect(it.page.locator("#no-permissions")).to_be_visible()

    await waits.click()
    await expect(waits).to_be_checked()
    await bridge.click_action()
    await requests.click()
    await it.button("Allow").click()
    assert await answers(4) == [False] * 3 + [True]


async def test_to_a_tab_and_to_a_native_application(it: Inspected) -> None:
    page = it.bridge.browser_context.pages[-1]
    world = await it.bridge.content(page)
    await it.stand_in("background")
    await it.field("With").select_option("connectTab")
    await it.field("Name").fill("to a tab")
    await it.field("Tab id").fill(str(world.tab_id))
    await it.field("Frame id").fill("0")
    async with world.expect_connection("to a tab") as info:
        await it.button("Open port").click()
    accepted = await info.value
    await it.send('{"to": "tab"}')
    assert await accepted.receive() == {"to": "tab"}
    await it.field("With").select_option("connectNative")
    await it.field("Application").fill("by_hand")
    async with it.bridge.native("by_hand").expect_connection() as native:
        await it.button("Open port").click()
    program = await native.value
    await expect(it.page.locator("#composer-port")).to_contain_text("by_hand")
    program.postMessage("from the program")
    await expect(it.page.locator("#last")).to_have_text('Last received: "from the program"')


async def test_the_background_stops_and_starts(it: Inspected) -> None:
    await expect(it.button("Start background")).to_be_disabled()
    await it.button("Stop background").click()
    await expect(it.context("background")).to_contain_text("stopped")
    await expect(it.button("Stop background")).to_be_disabled()
    await expect(it.button("Stop background")).to_have_attribute("title", re.compile("The background was stopped"))
    assert it.bridge.background.closed
    await it.button("Stop background").click(force=True)
    await expect(it.page.locator("#problem")).to_contain_text("The background was stopped")
    await it.button("Start background").click()
    await expect(it.button("Stop background")).to_be_enabled()
    assert not it.bridge.background.closed
    await expect(it.page.locator("#problem")).to_be_hidden()


async def test_the_extension_is_reloaded(it: Inspected) -> None:
    await it.open_port("content script http", "before")
    await it.button("Reload extension").click()
    await expect(it.page.locator("#status")).to_have_text("The extension was reloaded")
    await expect(it.page.locator("#port-facts")).to_contain_text("closed: ")
    await expect(it.context("background")).not_to_contain_text("stopped")
    await it.open_port("another extension", "after")
    await expect(it.page.locator("#last")).to_contain_text("hi there extension!")


async def test_the_toolbar_button(it: Inspected) -> None:
    url = it.bridge.browser_context.pages[-1].url
    await it.field("On which page").select_option(label=url)
    await it.button("Press toolbar button").click()
    await expect(it.page.locator("#status")).to_have_text("The toolbar button was pressed")
    await it.finds("they clicked the button!")


async def test_an_extension_page(load: Any, inspect: Inspect) -> None:
    manifest = {"options_ui": {"page": "options.html"}}
    bridge = await load(manifest, {"options.html": "<!doctype html><title>options</title>"})
    it = await inspect(bridge)
    await expect(it.field("Path of an extension page; empty for an empty page")).to_have_value("options.html")
    await it.button("Open page").click()
    await expect(it.context("extension page")).to_contain_text("options.html")
    await expect(it.button("Open page")).to_have_attribute("aria-busy", "false")
    await it.field("Path of an extension page; empty for an empty page").fill("nothing.html")
    await it.page.keyboard.press("Enter")
    await expect(it.page.locator("#problem")).to_contain_text("The extension has no file 'nothing.html'")
    await expect(it.button("Stop background")).to_have_attribute("title", re.compile("no background"))
    await expect(it.button("Press toolbar button")).to_have_attribute("title", re.compile("no toolbar button"))


async def test_what_else_there_is_to_do(start: Any, inspect: Inspect, engine: str) -> None:
    manifest = {
        **background("b.js"),
        "options_ui": {"page": "options.html"},
        "optional_permissions": ["bookmarks"],
        "commands": {"go": {"suggested_key": {"default": "Ctrl+Shift+Y"}, "description": "go"}},
    }
    heard = "let heard; chrome.commands.onCommand.addListener((name) => (heard = name));"
    it = await inspect(await start(manifest, {"b.js": heard, "options.html": "<!doctype html><title>options</title>"}))
    # Chromium was launched to grant without asking.
    await expect(it.page.get_by_role("checkbox", name="Wait for my answer")).to_be_visible(visible=engine == "firefox")
    acts, argument = it.field("Something else to do"), it.page.locator("#argument")

    async def do(label: str, done: str) -> None:
        await acts.select_option(label=label)
        await it.button("Do it").click()
        await expect(it.page.locator("#status")).to_have_text(done)

    await acts.select_option(label="Open popup")
    await expect(it.button("Do it")).to_have_attribute("title", re.compile("no toolbar button"))
    await expect(argument).to_be_hidden()
    await do("Open options", "The options are open")
    await expect(it.context("extension page")).to_contain_text("options.html")
    await acts.select_option(label="Permission: grant")
    await expect(argument).to_have_value("bookmarks")
    await do("Permission: grant", "The permission is granted")
    assert await it.bridge.background.call("permissions.contains", {"permissions": ["bookmarks"]})
    await acts.select_option(label="Event: command")
    await expect(argument).to_have_value("go")
    await do("Event: command", "The key of the command was pressed")
    assert await it.bridge.background.wait_for_function("heard") == "go"
    await do("Extension: disable", "The extension is disabled")
    assert it.bridge.background.closed
    await expect(it.button("Do it")).to_have_attribute("title", re.compile(r"bridge\.enable\(\) enables it again"))
    await do("Extension: enable", "The extension is enabled")
    assert not it.bridge.background.closed


async def test_by_keyboard_alone(it: Inspected) -> None:
    press = it.page.keyboard.press
    await it.page.focus("body")
    await press("?")
    await expect(it.page.get_by_role("dialog", name="Keys")).to_be_visible()
    await press("Escape")
    await press("c")
    await press("Home")
    await expect(it.page.locator("#connect-from")).to_have_text("background")
    await press("ArrowDown")
    await expect(it.page.locator("#connect-from")).to_have_text("another extension")
    await press("o")
    await expect(it.field("Name")).to_be_focused()
    await it.page.keyboard.type("cmp?")  # keys are letters here
    await press("Enter")
    await expect(it.message).to_be_focused()
    await it.page.keyboard.type('{"typed": "by keyboard"}')
    await press("Control+Enter")
    await expect(it.page.locator("#last")).to_contain_text('"echo": {"typed": "by keyboard"}')
    await press("Tab")
    await expect(it.button("Send")).to_be_focused()
    outline = await it.button("Send").evaluate("button => getComputedStyle(button).outlineStyle")
    assert outline == "solid"
    await press("Tab")
    await press("Enter")
    await expect(it.page.locator("#port-facts")).to_contain_text("closed")
    await press("Tab")
    await press("Enter")
    await expect(it.ports.get_by_role("option")).to_have_count(0)
    await press("t")
    await expect(it.timeline).to_be_focused()


async def test_every_control_is_reached_with_tab(it: Inspected) -> None:
    await it.open_port("another extension", "tab")
    await it.page.focus(".skip")
    reached: set[str] = set()
    for _ in range(80):
        reached.add(await it.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        if "view" in await it.page.evaluate("document.activeElement.closest('#view')?.id ?? ''"):
            break
        await it.page.keyboard.press("Tab")
    assert {"Stop background", "Reload extension", "page", "path", "help-button", "function", "port-name"} <= reached
    assert {"Open port", "message", "Send", "disconnect", "forget", "alone"} <= reached


async def test_hostile_text_stays_text(load: Any, inspect: Inspect, site: Site) -> None:
    script = "chrome.runtime.onConnect.addListener((port) => port.onMessage.addListener((m) => port.postMessage(m)));"
    manifest = {**background("b.js"), **content("c.js"), "name": "<b>name</b>"}
    bridge = await load(manifest, {"b.js": script, "c.js": ""})
    await open_page(bridge, f"{site.url}#{HOSTILE}")
    it = await inspect(bridge)
    await expect(it.page.get_by_role("heading", level=1)).to_have_text("<b>name</b>")
    await it.stand_in("content script http")
    await it.field("Name").fill(HOSTILE)
    await it.button("Open port").click()
    await expect(it.page.locator("#composer-port")).to_contain_text("<img src=x")
    await it.send(json.dumps({HOSTILE: HOSTILE}))
    await expect(it.page.locator("#last")).to_contain_text("<b>bold</b>")
    await it.finds("<b>bold</b>")
    await it.send(json.dumps(HOSTILE) + "<img src=x>")
    await expect(it.page.locator("#message-error")).to_contain_text("not JSON")
    await it.button("Close port").click()
    assert await it.page.locator("img, main b, header b").count() == 0
    assert "inspector" in await it.page.title()


async def test_a_test_that_waits_is_resumed(it: Inspected) -> None:
    await expect(it.button("Resume the test")).to_be_hidden()
    waiting = asyncio.ensure_future(it.inspector.resumed())
    await it.button("Resume the test").click()
    await waiting
    await expect(it.button("Resume the test")).to_be_hidden()


async def test_the_end_of_the_bridge_is_said(start: Any, inspect: Inspect) -> None:
    bridge = await start(SAMPLE)
    it = await inspect(bridge)
    await it.open_port("another extension", "to the end")
    await bridge.browser_context.close()
    await expect(it.page.locator("#ended")).to_contain_text("You can still read what came before")
    await expect(it.page.locator("#connection")).to_have_text("Ended")
    for name in ("Stop background", "Reload extension", "Open port", "Send"):
        await expect(it.button(name)).to_be_disabled()
    await it.finds("to the end")


async def test_a_launch_that_records_nothing_says_so(start: Any, inspect: Inspect) -> None:
    it = await inspect(await start(SAMPLE, record="off"))
    await expect(it.page.locator("#quiet")).to_be_visible()
    await it.open_port("another extension", "unseen")
    await it.send("1")
    await expect(it.page.locator("#last")).to_have_text('Last received: {"echo": 1}')
    await expect(it.button("Show alone")).to_be_disabled()


async def test_the_page_in_firefox(playwright_async: Playwright, recorded: Bridge) -> None:
    async with viewing(playwright_async.firefox) as browser, inspecting(browser) as inspect:
        it = await inspect(recorded)
        await it.open_port("another extension", "from Firefox")
        await it.page.keyboard.type('{"typed": 1}')
        await it.page.keyboard.press("Control+Enter")
        await it.finds("{echo: {typed: 1}}")
