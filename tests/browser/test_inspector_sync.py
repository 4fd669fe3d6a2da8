"""The inspector of a sync bridge, where listeners get other objects and the loop runs only while something waits."""

import re
from typing import Any

from playwright.sync_api import expect

from bridge.browsers.find import find_browser
from support import Site


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
