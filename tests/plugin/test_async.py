"""The same with pytest-playwright-asyncio: `bridge` is that of the async flavour."""

import re
from pathlib import Path

from plugin.runs import FIND_BROWSERS, Run, lines

SUITE = """
def test_sync_part():
    pass

async def test_plain(page, browser):
    assert page.context.browser is browser

async def test_bridge(bridge, page, context):
    assert page.context is context is bridge.browser_context
    port = bridge.external.runtime.connect(bridge.extension_id)
    assert await port.receive() == {"greeting": "hi there extension!"}
    await context.add_cookies([{"name": "a", "value": "b", "url": "http://127.0.0.1/"}])

async def test_clean(bridge, page):
    assert await page.context.cookies() == [] and len(page.context.pages) == 2

async def test_listener(bridge):
    port = bridge.external.runtime.connect(bridge.extension_id, {"name": "talk"})
    port.onMessage.addListener(lambda message: 1 / 0)
    await bridge.page()

async def test_lost(bridge):
    await bridge.browser_context.close()

async def test_after(bridge, page):
    await page.goto("about:blank")
"""


def test_async_fixtures(run_async: Run, folder: Path) -> None:
    result = run_async(SUITE, "--tracing", "retain-on-failure", conftest=FIND_BROWSERS)
    result.assert_outcomes(passed=6, failed=1)
    text = lines(result)
    assert "ZeroDivisionError: division by zero" in text
    assert re.search(r"opened port \d+ 'talk'", text)
    assert len(list(folder.glob("test-results/*listener*/traffic.html"))) == 1


ERRORS = """
import unittest
import pytest

async def test_path(bridge):
    pass

class Case(unittest.IsolatedAsyncioTestCase):
    @pytest.fixture(autouse=True)
    def in_the_browser(self, bridge):
        pass

    async def test(self):
        pass
"""


def test_errors(run_async: Run, folder: Path) -> None:
    result = run_async(ERRORS, "--bridge-extension", "no/such/folder")
    result.assert_outcomes(errors=2)
    text = lines(result)
    assert "ExtensionError: " in text and "no/such/folder" in text
    assert "cannot serve a unittest.TestCase" in text
    assert "async_fixtures.py" not in text
