"""How long a browser is used, and that each test starts clean in it."""

from pathlib import Path

import pytest
from plugin.runs import Run

# Counts the launches.
LAUNCHES = """
import pytest
from bridge import sync_api

launches = []
launch = sync_api.launch

def counted(*args, **options):
    launches.append(args[1])
    return launch(*args, **options)

sync_api.launch = counted

def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"{len(launches)} launches")
"""

SUITE = """
import pytest

heard = []

@pytest.mark.parametrize("number", range(2))
def test_clean(bridge, page, number):
    assert len(page.context.pages) == 2 and page.context.cookies() == []
    assert bridge.background.call("storage.local.get", "left") == {}
    bridge.background.call("storage.local.set", {"left": "over"})
    page.context.add_cookies([{"name": "a", "value": "b", "url": "http://127.0.0.1/"}])
    bridge.external.runtime.onConnectExternal.addListener(heard.append)
    page.context.new_page()
    assert bridge.external.runtime.connect(bridge.extension_id).receive() == {"greeting": "hi there extension!"}
    assert not bridge.background.runtime.onConnect.hasListener(heard.append)
    bridge.background.runtime.onConnect.addListener(heard.append)

def test_lost(bridge, page):
    bridge.browser_context.close()

def test_after(bridge, page):
    page.goto("about:blank")

def test_closed(bridge, page):
    bridge.close()
"""


@pytest.mark.parametrize(
    ("scope", "engine_name", "launches"),
    [
        pytest.param("function", "chromium", 5, marks=pytest.mark.slow("plugin")),
        pytest.param("module", "firefox", 3, marks=pytest.mark.slow("plugin")),
        ("session", "chromium", 2),
    ],
)
def test_scope(run: Run, folder: Path, scope: str, engine_name: str, launches: int) -> None:
    with (folder / "tox.ini").open("a", encoding="utf-8") as ini:
        ini.write(f"\nbridge_scope = {scope}\n")
    manifest = folder / "test-extension" / "manifest.json"
    text = manifest.read_text("utf-8").replace('"nativeMessaging"', '"nativeMessaging", "storage"')
    manifest.write_text(text, "utf-8")
    files = {} if scope == "function" else {"test_first": "def test_more(bridge): pass"}
    result = run(SUITE, "--browser", engine_name, conftest=LAUNCHES, **files)
    result.assert_outcomes(passed=5 + len(files))
    result.stdout.fnmatch_lines([f"{launches} launches"])
