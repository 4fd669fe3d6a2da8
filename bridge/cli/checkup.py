"""Checks one browser: starts it with a small extension, and passes a message over a genuine Port."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from ..async_api import Bridge, BridgeError, BrowserNotFoundError, ExtensionError, LaunchError, launch
from .candidates import Candidate
from .opening import OWN_SIGNALS, lines, version_of

__all__ = ["Finding", "advice", "check"]

_MANIFEST = {
    "manifest_version": 3,
    "name": "portbridge doctor",
    "version": "1",
    "background": {"service_worker": "background.js", "scripts": ["background.js"]},
    "browser_specific_settings": {"gecko": {"id": "doctor@portbridge"}},
}
_BACKGROUND = """"use strict";
(globalThis.browser ?? globalThis.chrome).runtime.onConnectExternal.addListener((port) => {
  port.onMessage.addListener((message) => port.postMessage({ echo: message }));
});
"""
_QUESTION = "How are you?"
_VERSION_S = 10  # for a browser to print its version


@dataclass(kw_only=True)
class Finding:
    """What the check of one browser found; None for a step that it did not reach."""

    candidate: Candidate
    version: str | None = None
    starts: bool | None = None
    loads: bool | None = None
    passes: bool | None = None
    seconds: float = 0.0
    problem: str | None = None
    advice: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def works(self) -> bool:
        """Whether every step succeeded."""
        return bool(self.passes)


async def check(playwright: Any, candidate: Candidate, *, seconds: float) -> Finding:
    """Check a browser; the launch and the message may each take that long."""
    finding = Finding(candidate=candidate)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portbridge-doctor-", ignore_cleanup_errors=True) as folder:
        _write_extension(Path(folder))
        try:
            await _try(getattr(playwright, candidate.browser), Path(folder), finding, seconds)
        except (BridgeError, PlaywrightError, OSError, TimeoutError) as error:
            finding.problem = "\n".join(lines(error))
            finding.advice = advice(candidate, error)
    finding.seconds = round(time.monotonic() - began, 1)
    if finding.version is None and candidate.path:
        finding.version = await asyncio.to_thread(_printed_version, candidate.path)
    return finding


def _write_extension(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps(_MANIFEST), "utf-8")
    (folder / "background.js").write_text(_BACKGROUND, "utf-8")


async def _try(browser_type: Any, folder: Path, finding: Finding, seconds: float) -> None:
    candidate = finding.candidate
    launching = launch(
        browser_type,
        folder,
        channel=candidate.channel,
        executable_path=candidate.executable_path,
        timeout=seconds * 1000,
        **OWN_SIGNALS,
    )
    try:
        bridge = await launching
    except (BridgeError, PlaywrightError) as error:
        finding.starts = not _is_of_the_start(error)
        finding.loads = False if finding.starts else None
        raise
    async with bridge:
        finding.version = version_of(bridge)
        finding.starts = finding.loads = True
        finding.passes = False
        await _pass_message(bridge, seconds)
        finding.passes = True
        finding.notes = bridge._driver.notes()


def _is_of_the_start(error: Exception) -> bool:
    if isinstance(error, ExtensionError):
        return False
    return isinstance(error, BrowserNotFoundError) or (
        isinstance(error, LaunchError) and "did not start:" in str(error)
    )


async def _pass_message(bridge: Bridge, seconds: float) -> None:
    port = bridge.external.runtime.connect(bridge.extension_id, {"name": "doctor"})
    await port.postMessage(_QUESTION)
    answer = await port.receive(timeout=seconds * 1000)
    if answer != {"echo": _QUESTION}:
        raise BridgeError(f"The message came back as {answer!r}")


def _printed_version(path: str) -> str | None:
    if sys.platform == "win32":  # there, a browser opens a window instead
        return None
    try:
        told = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=_VERSION_S, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    numbers = [word for word in told.stdout.split() if word[0].isdigit()]
    return numbers[0] if numbers else None


# A part of what a browser or Playwright says, and what to do about it.
_ADVICE = (
    (
        ", which this Firefox does not know",
        "Name the program in PORTBRIDGE_FIREFOX, or run 'playwright install firefox' for a Firefox that fits your "
        "Playwright.",
    ),
    ("no such file", "Correct the path in the environment variable, or unset the variable."),
    ("error while loading shared libraries", "Run 'playwright install-deps {browser}' for the libraries it lacks."),
    ("missing dependencies", "Run 'playwright install-deps {browser}' for the libraries it lacks."),
    ("is not found at", "Install that browser, or name another one."),
    ("Executable doesn't exist", "Run 'playwright install {browser}'."),
    ("devtools.debugger.remote-enabled", "Ask whoever manages this Firefox to allow remote debugging, or use another."),
    ("Extensions.loadUnpacked' wasn't found", "This Chromium is too old for the bridge: update it."),
    ("Permission denied", "Check the permissions of the browser's program and of the temporary folder."),
)
_MORE_TIME = "On a slow machine, allow more time: portbridge doctor --timeout 120."


def advice(candidate: Candidate, error: Exception) -> str:
    """Return what to do about the error that ended a check."""
    if _is_a_snap(candidate.path):
        return (
            "This is a snap, which cannot read temporary folders. Use another browser, such as Playwright's own: "
            f"'playwright install {candidate.browser}'."
        )
    problem = "\n".join(lines(error))
    for sign, remedy in _ADVICE:
        if sign in problem:
            return remedy.format(browser=candidate.browser)
    if _is_timeout(error):
        return _MORE_TIME
    return f"See what the browser itself says: DEBUG=pw:browser portbridge doctor --browser {candidate.browser}"


def _is_timeout(error: BaseException | None) -> bool:
    while error and not isinstance(error, TimeoutError | PlaywrightTimeoutError):
        error = error.__cause__
    return error is not None


def _is_a_snap(path: str | None) -> bool:
    if path is None:
        return False
    try:
        real = Path(path).resolve()
        if real.name == "snap" or "/snap/" in str(real):
            return True
        with real.open("rb") as file:
            head = file.read(2000)
    except OSError:
        return False
    return head.startswith(b"#!") and b"/snap/bin/" in head
