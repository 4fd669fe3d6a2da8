"""Firefox's browser console names no script of the bridge."""

import json
from typing import Any

import pytest

from bridge.browsers.firefox import FirefoxDriver
from support import Site, background, content

STOPPED = """JSON.stringify(Services.console.getMessageArray().map(String)
  .filter((text) => text.includes("terminated") && text.includes("portbridge-")))"""


async def test_firefox_stops_no_script_of_the_bridge_in_a_tab_that_closes(load: Any, engine: str, site: Site) -> None:
    """It says "Script terminated by timeout" of any script that runs then, such as a listener to pagehide."""
    if engine == "chromium":
        pytest.skip("Chromium says nothing of the kind")
    bridge = await load({**background("b.js"), **content("c.js", run_at="document_start")}, {"b.js": "", "c.js": ""})
    for number in range(16):
        page = await bridge.browser_context.new_page()
        await page.goto(site.url, wait_until="load" if number % 2 else "commit")
        await page.close()
    driver = bridge._driver
    assert isinstance(driver, FirefoxDriver)
    assert json.loads(await driver._evaluate(STOPPED, bridge.extension_id)) == []
