"""The inspector of a sync bridge, where listeners get other objects and the loop runs only while something waits."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from bridge.browsers.find import find_browser
from bridge.sync_api import launch
from support import LAUNCH_MS, Site, background, content, write_extension


def test_the_sync_flavour(sync_sample: Any, playwright: Any, site: Site) -> None:
    url = sync_sample.start_inspector()
    assert sync_sample.start_inspector() == url
    chromium = playwright.chromium
    browser = chromium.launch(**find_browser("chromium", chromium.executable_path).options())
    try:
        page = browser.new_page()
        page.goto(url)
        page.get_by_role("treeitem", name=re.compile("^background")).click()
        page.get_by_role("checkbox", name="onConnect", exact=True).click()
        expect(page.get_by_role("checkbox", name="onConnect", exact=True)).to_be_checked()
        sync_sample.browser_context.pages[-1].goto(site.url)
        page.get_by_role("listbox", name=re.compile("Python.s ports")).get_by_role("option").click()
        expect(page.locator("#last")).to_contain_text("hello from content script")
        page.get_by_label("Message, as JSON", exact=True).fill('"typed"')
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("region", name="Timeline")).to_contain_text("typed")
        page.get_by_label("On which page", exact=True).select_option(label=site.url)
        page.get_by_role("button", name="Press toolbar button", exact=True).click()
        expect(page.locator("#status")).to_have_text("The toolbar button was pressed")
    finally:
        browser.close()
    sync_sample.raise_listener_errors()


def test_messages_are_held_in_the_sync_flavour(browser_type: Any, playwright: Any, site: Site, tmp_path: Path) -> None:
    files = {
        "b.js": "chrome.runtime.onConnect.addListener((port) => port.onMessage.addListener((heard) => (said = heard)));"
        "var said;",
        "c.js": "chrome.runtime.connect({ name: 'sync' }).postMessage('hello');",
    }
    extension = write_extension(tmp_path / "e", {**background("b.js"), **content("c.js")}, files)
    chromium = playwright.chromium
    browser = chromium.launch(**find_browser("chromium", chromium.executable_path).options())
    with launch(browser_type, extension, routes=True, timeout=LAUNCH_MS) as bridge:
        page = browser.new_page()
        page.goto(bridge.start_inspector())
        page.get_by_label("Hold ports", exact=True).fill("sync")
        page.get_by_role("button", name="Hold", exact=True).click()
        expect(page.get_by_role("list", name="Names whose ports are held")).to_contain_text("sync")
        bridge.browser_context.new_page().goto(site.url)
        page.get_by_role("listbox", name="Held messages").get_by_role("option").click()
        page.get_by_label("Another message, as JSON", exact=True).fill('"changed"')
        page.get_by_role("button", name="Change", exact=True).click()
        bridge.background.wait_for_function("said === 'changed'")
    browser.close()
