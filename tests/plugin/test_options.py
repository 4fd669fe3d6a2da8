"""The options, fixtures and marks of pytest-playwright count in tests with a bridge, and pages are the bridge's."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from plugin.runs import FIND_BROWSERS, Run, lines

from support import BROWSERS_REQUIRED

# Playwright 1.65 alone opens no context in Firefox ESR 153: hence no plain one there.
BELONGING = """
import pytest

@pytest.mark.skip_browser("firefox")
def test_plain(page, context, request):
    assert page.context is context
    assert context.browser is request.getfixturevalue("browser")  # pytest-playwright's own

def test_bridge(bridge, page, context, browser_name):
    assert page.context is context is bridge.browser_context
    assert bridge.browser_name == browser_name

def test_bridge_last(page, bridge):
    assert page.context is bridge.browser_context

@pytest.fixture
def popup(bridge):
    return bridge.page()

def test_bridge_of_a_fixture(page, popup):
    assert popup.runtime.id in popup.url or popup.url.startswith("moz-extension:")
    assert page.context.browser is None or page.context.pages[0] is not page

@pytest.mark.only_browser("firefox")
def test_only(bridge):
    assert bridge.browser_name == "firefox"

@pytest.mark.skip_browser("firefox")
def test_skip(bridge):
    assert bridge.browser_name == "chromium"
"""


def test_pages_belong_to_the_bridge_where_there_is_one(run: Run, folder: Path) -> None:
    options = ("--browser", "chromium", "--browser", "firefox", "-v", "-o", "bridge_scope=session")
    result = run(BELONGING, *options, conftest=FIND_BROWSERS)
    result.assert_outcomes(passed=9, skipped=3)
    for name in ("chromium", "firefox"):
        result.stdout.fnmatch_lines([f"*test_bridge[[]{name}[]] PASSED*"])


CONFIGURED = """
import pytest

@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "de-CH", "timezone_id": "Asia/Tokyo"}
"""

PAGE_OPTIONS = """
import pytest

def test_page(bridge, page):
    page.route("**", lambda route: route.fulfill(body="<title>at " + route.request.url + "</title>",
        content_type="text/html"))
    page.goto("/path")
    assert page.title() == "at http://page.test/path"
    assert page.evaluate("navigator.language") == "de-CH"
    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Tokyo"
    assert "iPhone" in page.evaluate("navigator.userAgent")
    assert page.viewport_size["width"] < 500

@pytest.mark.browser_context_args(locale="fr-FR", viewport={"width": 333, "height": 222})
def test_mark(bridge, page):
    assert page.evaluate("navigator.language") == "fr-FR"
    assert page.viewport_size == {"width": 333, "height": 222}
"""


def test_options_of_pages(run: Run, folder: Path) -> None:
    options = ("--base-url", "http://page.test", "--device", "iPhone 13")
    run(PAGE_OPTIONS, *options, conftest=CONFIGURED).assert_outcomes(passed=2)


RECORDED = """
import pytest
from bridge import sync_api

asked = []

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "args": ["--lang=eo"]}

@pytest.fixture(autouse=True)
def launch(monkeypatch):
    def launch(browser_type, extension, **options):
        asked.append(options)
        raise sync_api.UnsupportedError("not launched: " + repr(options))
    monkeypatch.setattr(sync_api, "launch", launch)
"""


def test_options_of_the_launch(run: Run, folder: Path) -> None:
    result = run(
        "import pytest\n@pytest.mark.bridge(slow_mo=6)\ndef test_mark(bridge): pass\ndef test(bridge): pass",
        *("--browser-channel", "msedge", "--headed", "--slowmo", "5"),
        conftest=RECORDED,
    )
    result.assert_outcomes(errors=2)
    for slow_mo in (5, 6):
        options = {"headless": False, "channel": "msedge", "slow_mo": slow_mo, "args": ["--lang=eo"]}
        assert f"UnsupportedError: not launched: {options}" in lines(result)


HEADED = """
def test_headed(bridge, page):
    assert "Headless" not in page.evaluate("navigator.userAgent")
    page.set_content("<button onclick='document.title = 1'>press</button>")
    page.get_by_role("button").click()
    assert page.title() == "1"
"""


HAS_SCREEN = sys.platform in ("darwin", "win32")
XVFB = () if HAS_SCREEN else ("xvfb-run", "-a")


@pytest.mark.skipif(
    not (HAS_SCREEN or shutil.which("xvfb-run") or BROWSERS_REQUIRED),
    reason="a browser with a window needs a display: there is no xvfb-run; scripts/setup installs it",
)
def test_headed_and_slow(run: Run, folder: Path) -> None:
    run(HEADED, "--headed", "--slowmo", "1", prefix=XVFB).assert_outcomes(passed=1)


UNRELATED = """
import sys
import pytest

@pytest.fixture
def context(context):
    context.set_default_timeout(5_000)
    return context

def test_page(page, browser, context):
    page.set_content("<title>plain</title>")
    assert page.title() == "plain" and page.context is context and context.browser is browser

def test_contexts(new_context, page):
    assert len({new_context(), new_context(), page.context}) == 3

def test_nothing_heavy_is_imported():
    assert not {"aiohttp", "msgspec", "bridge.launch"} & sys.modules.keys()

def test_fails(page):
    page.set_content("<title>plain</title>")
    print("seen")
    assert page.title() == "fancy"

@pytest.mark.skip_browser("chromium")
def test_skipped(page):
    pass
"""
CHANGING = re.compile(r"plugins: .*|in \d+\.\d+s|0x[0-9a-f]+|-p no:\S+|^=+|=+$", re.MULTILINE)


def test_an_unrelated_suite_is_as_before(run: Run, pytester: pytest.Pytester) -> None:
    options = ("--tracing", "retain-on-failure", "--screenshot", "only-on-failure", "-v")
    seen = []
    for plugin in (["-p", "no:bridge.pytest_plugin", "-p", "no:portbridge"], []):
        result = run(UNRELATED, *options, *plugin, conftest=FIND_BROWSERS)
        result.assert_outcomes(passed=3, failed=1, skipped=1)
        kept = sorted(path.name for path in pytester.path.glob("test-results/*/*"))
        assert kept == ["test-failed-1.png", "trace.zip"]
        seen.append([CHANGING.sub("", line) for line in result.outlines])
    assert seen[0] == seen[1]


PARALLEL = """
import pytest

@pytest.mark.parametrize("number", range(2))
def test_ping(bridge, number):
    application = bridge.native("ping_pong")
    bridge.click_action()
    port = application.accept()
    assert port.receive() == "ping"
    bridge.background.runtime.connectNative("ping_pong").postMessage(number)
    assert application.accept().receive() == number
"""


@pytest.mark.slow("plugin")
def test_in_parallel(run: Run, folder: Path) -> None:
    options = ("-n", "2", "--browser", "chromium", "--browser", "firefox")
    run(PARALLEL, *options).assert_outcomes(passed=4)
