"""What the README and the guide show is run here, and so is the demo."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.sync_api import Bridge
from support import REGISTERED, ROOT, Site

_NAMED_FILE = re.compile(r"^`(?P<path>[\w./-]+)`\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

# Run below, in test_cli.py, by CI as they stand, or by scripts/setup.
_KNOWN_COMMANDS = {
    "portbridge run my-extension --url https://example.org --watch",
    "portbridge run my-extension --browser firefox --inspect",
    "portbridge doctor",
    "scripts/demo",
    "scripts/test",
    "pip install .",
    "playwright install chromium firefox",
    "pytest --browser chromium --browser firefox",
}


def read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def run(*command: str, cwd: Path = ROOT) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def readme_files(tmp_path: Path) -> Path:
    """A folder with the files that the README shows."""
    for found in _NAMED_FILE.finditer(read("README.md")):
        file = tmp_path / found["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found["text"], "utf-8")
    return tmp_path


@pytest.fixture
def available(browser_type: Any) -> None:
    """Skip, or fail in CI, where the browser is missing."""


def test_first_test(readme_files: Path, browser_name: str, available: None) -> None:
    plugin = () if REGISTERED else ("-p", "bridge.pytest_plugin")
    output = run("-m", "pytest", *plugin, "-p", "no:playwright-asyncio", "--browser", browser_name, cwd=readme_files)
    assert "2 passed" in output


def test_async_example(readme_files: Path, browser_name: str, available: None) -> None:
    script = readme_files / "async_title.py"
    script.write_text(script.read_text("utf-8").replace("playwright.firefox", f"playwright.{browser_name}"), "utf-8")
    run(script.name, cwd=readme_files)


def test_every_block_of_the_readme_is_run() -> None:
    text = read("README.md")
    files = {found["text"] for found in _NAMED_FILE.finditer(text)}
    for found in _BLOCK.finditer(text):
        if found["language"] == "console":
            assert set(found["text"].splitlines()) <= _KNOWN_COMMANDS
        elif found["language"] != "text":
            assert found["text"] in files, f"shown without a file's name, so nothing runs it:\n{found['text']}"


@pytest.mark.parametrize("document", ["docs/guide.md", "docs/traffic.md"])
def test_examples_of_the_documents(sync_sample: Bridge, sync_page: Any, site: Site, document: str) -> None:
    sync_page.goto(site.url)
    names = {"bridge": sync_sample, "page": sync_page, "url": site.url}
    blocks = [found for found in _BLOCK.finditer(read(document)) if found["language"] == "python"]
    for found in blocks:
        exec(compile(found["text"], document, "exec"), names)
    assert blocks


def test_demo(browser_name: str, available: None) -> None:
    transcript = run("scripts/demo.py", browser_name)
    shown = next(found["text"] for found in _BLOCK.finditer(read("README.md")) if found["language"] == "text")
    assert shown in re.sub(r"from tab \d+", "from tab 3", transcript)
    assert '-> Python                {"greeting": "they clicked the page!"}' in transcript
    assert '{"echo": {"question": "anybody there?"}}' in transcript
    assert "\x1b" not in transcript


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_of_the_documents() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for path, heading in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", document.read_text("utf-8")):
            target = document.parent / path if path else document
            assert target.exists(), f"{document.name} links to {path}"
            assert not heading or heading in anchors(target), f"{document.name} links to {path}#{heading}"
