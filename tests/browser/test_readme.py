"""What the README and the guide show is run here, and so is the demo."""

import re
from pathlib import Path
from typing import Any

import pytest
from browser.shown import BLOCK, NAMED_FILE, read, run, run_tests, unknown, write_files

from bridge.sync_api import Bridge
from support import ROOT, Site


@pytest.fixture
def available(browser_type: Any) -> None:
    """Skip, or fail in CI, where the browser is missing."""


def test_first_test(tmp_path: Path, browser_name: str, available: None) -> None:
    assert "2 passed" in run_tests(write_files("README.md", tmp_path), browser_name)


def test_async_example(tmp_path: Path, browser_name: str, available: None) -> None:
    write_files("README.md", tmp_path)
    script = write_files("docs/guide.md", tmp_path) / "async_title.py"
    script.write_text(script.read_text("utf-8").replace("playwright.firefox", f"playwright.{browser_name}"), "utf-8")
    run(script.name, cwd=tmp_path)


@pytest.mark.timeout(300)  # it launches a browser for each
def test_examples_with_extensions_of_their_own(tmp_path: Path, browser_name: str, available: None) -> None:
    assert "18 passed" in run_tests(write_files("docs/guide.md", tmp_path), browser_name)


def test_every_block_of_the_readme_is_run() -> None:
    assert list(unknown("README.md")) == []


@pytest.mark.parametrize("document", ["docs/guide.md", "docs/traffic.md"])
def test_examples_of_the_documents(sync_sample: Bridge, sync_page: Any, site: Site, document: str) -> None:
    sync_page.goto(site.url)
    names = {"bridge": sync_sample, "page": sync_page, "url": site.url}
    files = {found["text"] for found in NAMED_FILE.finditer(read(document))}
    blocks = [
        found
        for found in BLOCK.finditer(read(document))
        if found["language"] == "python" and found["text"] not in files
    ]
    for found in blocks:
        exec(compile(found["text"], document, "exec"), names)
    assert blocks


def test_demo(browser_name: str, available: None) -> None:
    transcript = run("scripts/demo.py", browser_name)
    shown = next(found["text"] for found in BLOCK.finditer(read("README.md")) if found["language"] == "text")
    assert shown in re.sub(r"from tab \d+", "from tab 3", transcript)
    assert '-> Python                {"greeting": "they clicked the page!"}' in transcript
    assert '{"echo": {"question": "anybody there?"}}' in transcript
    assert "\x1b" not in transcript


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_of_the_documents() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for path, heading in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", document.read_text("utf-8")):
            target = document.parent / path if path else document
            assert target.exists(), f"{document.name} links to {path}"
            assert not heading or heading in anchors(target), f"{document.name} links to {path}#{heading}"
