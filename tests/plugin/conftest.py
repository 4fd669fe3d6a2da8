"""Runs pytest in a process of its own, in a folder with the sample extension and a suite as a user has it."""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright
from plugin.runs import Run

from bridge.async_api import BrowserNotFoundError
from bridge.browsers.find import find_browser
from support import BROWSERS_REQUIRED, REGISTERED, ROOT, SAMPLE

LIMIT_S = 110
HOME = {name: os.environ[name] for name in ("HOME", "USERPROFILE") if name in os.environ}
collect_ignore = ["example"]  # run by test_example.py


@pytest.fixture(scope="session", autouse=True)
def browsers() -> None:
    """Skip, or fail in CI, where a browser is missing."""
    with sync_playwright() as playwright:
        for browser_type in (playwright.chromium, playwright.firefox):
            try:
                find_browser(browser_type.name, browser_type.executable_path)
            except BrowserNotFoundError as error:
                if BROWSERS_REQUIRED:
                    raise
                pytest.skip(str(error))


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Path:
    """The user's folder: `pytest.ini` names the sample extension."""
    shutil.copytree(SAMPLE, pytester.path / "test-extension")
    pytester.makeini("[pytest]\nbridge_extension = test-extension\n")
    return pytester.path


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a suite: ``run("def test_...", "--option")``; all that is needed is loaded, in one browser or as said."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for name, folder in HOME.items():  # which `pytester` has changed; Playwright's builds are there
        monkeypatch.setenv(name, folder)

    def run(
        suite: str | None,
        *options: str,
        prefix: tuple[str, ...] = (),
        without: str = "playwright-asyncio",
        **files: str,
    ) -> pytest.RunResult:
        if suite is not None:
            pytester.makepyfile(test_suite=suite)
        for name, text in files.items():
            pytester.makepyfile(**{name: text})
        plugin = () if REGISTERED else ("-p", "bridge.pytest_plugin")
        command = (
            *prefix,
            sys.executable,
            "-m",
            "pytest",
            *plugin,
            "-p",
            "no:cacheprovider",
            "-p",
            f"no:{without}",
            *options,
        )
        return pytester.run(*command, timeout=LIMIT_S)

    return run


@pytest.fixture
def run_async(run: Run, folder: Path, pytester: pytest.Pytester) -> Run:
    """The same with pytest-playwright-asyncio."""
    if not find_spec("pytest_playwright_asyncio"):
        pytest.skip("pytest-playwright-asyncio is not installed")
    pytester.makeini(
        "[pytest]\nbridge_extension = test-extension\nbridge_scope = session\nasyncio_mode = auto\n"
        "asyncio_default_fixture_loop_scope = session\nasyncio_default_test_loop_scope = session\n"
    )

    def run_async(suite: str | None, *options: str, **files: Any) -> pytest.RunResult:
        return run(suite, *options, without="playwright", **files)

    return run_async
