"""What documents show: blocks of text, and files by their names."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from support import REGISTERED, ROOT

__all__ = ["BLOCK", "KNOWN_COMMANDS", "NAMED_FILE", "read", "run", "run_tests", "shown_in", "unknown", "write_files"]

NAMED_FILE = re.compile(r"^`(?P<path>[\w./-]+)`\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

# Run by the tests, in test_cli.py, by CI as they stand, or by scripts/setup.
KNOWN_COMMANDS = {
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
    """Run Python with these arguments, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_tests(folder: Path, browser: str, *options: str) -> str:
    """Run the tests of a folder as its reader would, in one browser, and return what pytest prints."""
    plugin = () if REGISTERED else ("-p", "bridge.pytest_plugin")
    return run("-m", "pytest", *plugin, "-p", "no:playwright-asyncio", "--browser", browser, *options, cwd=folder)


def write_files(document: str, folder: Path) -> Path:
    """Write the files that a document shows, and return the folder."""
    for found in NAMED_FILE.finditer(read(document)):
        file = folder / found["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found["text"], "utf-8")
    return folder


def shown_in(document: str, path: str) -> str:
    """Return the text of one file that a document shows."""
    return next(found["text"] for found in NAMED_FILE.finditer(read(document)) if found["path"] == path)


def unknown(document: str) -> Iterator[str]:
    """Yield what a document shows and no test runs: commands, and blocks without a file's name."""
    text = read(document)
    files = {found["text"] for found in NAMED_FILE.finditer(text)}
    for found in BLOCK.finditer(text):
        if found["language"] == "console":
            yield from set(found["text"].splitlines()) - KNOWN_COMMANDS
        elif found["language"] != "text" and found["text"] not in files:
            yield found["text"]
