"""What is kept of a test: traces, screenshots, videos, and the traffic."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from plugin.runs import Run, lines

from bridge.async_api import Traffic
from support import PAGE

SUITE = f"""
def break_over(bridge, port):
    heard = []
    port.onMessage.addListener(lambda message: heard.append(message) or 1 / 0)
    while not heard:  # the listener runs while a call waits
        bridge.external.call("runtime.getPlatformInfo")

def test_passes(bridge, page):
    page.set_content("{PAGE}")

def test_fails(bridge, page):
    page.set_content("{PAGE}")
    port = bridge.external.runtime.connect(bridge.extension_id, {{"name": "talk"}})
    assert port.receive() == {{"greeting": "hi there extension!"}}
    port.postMessage({{"the": "last word"}})
    assert not "on purpose"

def test_listener(bridge):
    port = bridge.external.runtime.connect(bridge.extension_id)
    break_over(bridge, port)

def test_listener_too(bridge):
    port = bridge.external.runtime.connect(bridge.extension_id)
    break_over(bridge, port)
    assert not "on purpose either"
"""
FOLDERS = {f"test-suite-py-test-{name}-BROWSER" for name in ("fails", "listener", "listener-too")}


def kept(folder: Path, name: str) -> set[str]:
    return {path.parent.name for path in folder.glob(f"*/{name}")}


@pytest.mark.parametrize(
    ("engine_name", "scope"),
    [("chromium", "function"), pytest.param("firefox", "session", marks=pytest.mark.slow("plugin"))],
)
def test_of_tests_that_fail(run: Run, folder: Path, engine_name: str, scope: str) -> None:
    with (folder / "tox.ini").open("a", encoding="utf-8") as ini:
        ini.write(f"\nbridge_scope = {scope}\n")
    options = ("--tracing", "retain-on-failure", "--screenshot", "only-on-failure", "--output", "kept")
    result = run(SUITE, "--browser", engine_name, *options)
    result.assert_outcomes(passed=1, failed=3)
    folders = {name.replace("BROWSER", engine_name) for name in FOLDERS}
    assert kept(folder / "kept", "trace.zip") == folders
    assert kept(folder / "kept", "traffic.html") == kept(folder / "kept", "traffic.jsonl") == folders
    assert kept(folder / "kept", "test-failed-1.png") == folders
    (port,) = Traffic.load(folder / "kept" / f"test-suite-py-test-fails-{engine_name}" / "traffic.jsonl").ports.values()
    said = [(message.by, message.payload) for message in port.messages]
    assert said[:2] == [("script", {"greeting": "hi there extension!"}), ("python", {"the": "last word"})]
    text = lines(result)
    assert "recorded traffic" in text and """posted on port 1 'talk': {"the": "last word"}""" in text
    assert re.search(r"As a page: .*kept.test-suite-py-test-fails-\w+.traffic\.html", text)
    assert text.count("ZeroDivisionError: division by zero") >= 2
    assert "Before that, a listener raised ZeroDivisionError: division by zero" in text


RECORDED = f"""
def test_scripts(bridge, page):
    page.route("**", lambda route: route.fulfill(body="{PAGE}", content_type="text/html"))
    with bridge.traffic.expect_message("port-from-cs", lambda message: message.sender.kind == "background"):
        page.goto("http://page.test/")
    assert not "on purpose"
"""


def test_of_the_extensions_own_scripts(run: Run, folder: Path) -> None:
    with (folder / "tox.ini").open("a", encoding="utf-8") as ini:
        ini.write("\nbridge_record = all\nbridge_redact = greeting\n")
    run(RECORDED, "--browser", "chromium").assert_outcomes(failed=1)
    (file,) = folder.glob("test-results/*/traffic.jsonl")
    said = {message.sender.kind: message.payload for message in Traffic.load(file).messages if message.port.name}
    assert said == {kind: {"greeting": "[redacted]"} for kind in ("content", "background")}
    assert "hello from content script" not in file.with_name("traffic.html").read_text("utf-8")


# It keeps the length of what it is given: Playwright pipes pictures to it.
FFMPEG = f"""#!{sys.executable}
import pathlib, sys

pathlib.Path(sys.argv[-1]).write_text(str(len(sys.stdin.buffer.read())))
"""


@pytest.fixture
def ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright's ffmpeg; where it is not installed, a program in its place."""
    command = [sys.executable, "-m", "playwright", "install", "--dry-run", "ffmpeg"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    place = Path(re.findall(r"Install location: +(.*)", said)[0])
    if place.exists():
        return
    if sys.platform != "linux":
        pytest.skip("Playwright's ffmpeg is not installed: playwright install ffmpeg")
    program = tmp_path / place.name / "ffmpeg-linux"
    program.parent.mkdir()
    program.write_text(FFMPEG, "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))


ALL = f"""
def test_one(bridge, page):
    page.set_content("{PAGE}")

def test_two(bridge, page):
    page.set_content("{PAGE}")
    with page.context.expect_page():
        bridge.page()
"""


@pytest.mark.slow("plugin")
@pytest.mark.parametrize("scope", ["function", "session"])
def test_of_all_tests(run: Run, folder: Path, ffmpeg: None, scope: str) -> None:
    result = run(ALL, "--tracing", "on", "--screenshot", "on", "--video", "on", "-o", f"bridge_scope={scope}")
    result.assert_outcomes(passed=2)
    files = {
        name: {path.name for path in folder.glob(f"test-results/test-suite-py-test-{name}-*/*")}
        for name in ("one", "two")
    }
    assert files == {
        "one": {"trace.zip", "test-finished-1.png", "video.webm"},
        "two": {"trace.zip", "test-finished-1.png", "test-finished-2.png", "video-1.webm", "video-2.webm"},
    }
