"""Starts and closes a browser through Playwright."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .. import _playwright
from ..errors import BridgeTimeoutError, LaunchError
from ..waiting.waits import settle
from .plan import File, LaunchPlan
from .processes import end_browser
from .stock_firefox import refusal

__all__ = ["close_browser", "open_browser"]

_CLOSE_S = 5  # for a browser that was asked to close
_LAUNCH_S = 30  # for a launch that nobody waits for any more
_NOTICE_S = 1  # for Playwright to see that the browser is gone
_SHOWN_LINES = 5  # of the browser's output before it died


async def open_browser(browser_type: Any, plan: LaunchPlan, *, timeout_ms: float) -> Any:
    """Launch what the plan says, and return Playwright's ``BrowserContext``.

    Raises:
        LaunchError: It does not start; the message has the browser's own output.
    """
    for file in plan.files:
        _write(file)
    launch = browser_type.launch_persistent_context
    launching = asyncio.ensure_future(_playwright.call(launch, plan.user_data_dir, timeout=timeout_ms, **plan.options))
    try:
        return await asyncio.shield(launching)
    except PlaywrightError as error:
        raise LaunchError(f"{browser_type.name} did not start: {_reason(str(error), plan)}") from error
    except BaseException:
        await _give_up(browser_type, launching, plan.user_data_dir)
        raise


async def _give_up(browser_type: Any, launching: "asyncio.Future[Any]", profile: Path) -> None:
    """Undo a launch that nobody waits for any more. Playwright cannot stop one halfway, so this waits for its end."""
    await _unless_driver_ends(browser_type, launching, _LAUNCH_S)
    if launching.done() and not launching.exception():
        await close_browser(launching.result(), profile)
    else:
        launching.cancel()
        await asyncio.to_thread(end_browser, profile)


def _write(file: File) -> None:
    file.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.path.write_text(file.text, "utf-8")
    if file.executable:
        file.path.chmod(0o700)


def _reason(text: str, plan: LaunchPlan) -> str:
    """Playwright's error without its logs, which `__cause__` still has."""
    if refused := refusal(text, plan.options):
        return refused
    if "Socket path too long" in text:
        return "the folder for temporary files has too long a path for Chromium's socket; set TMPDIR to a shorter one"
    if "without having a XServer" in text:
        return "headless=False needs a screen, and there is none; use xvfb-run"
    said = text.partition("\nCall log:")[0].partition("\nBrowser logs:")[0].strip()
    errors = [line.partition("[err] ")[2] for line in text.splitlines() if "[err] " in line]
    return "\n".join([said, *dict.fromkeys(errors[-_SHOWN_LINES:])])


async def close_browser(context: Any, profile: Path) -> None:
    """Close the browser, unless it is closed already.

    Raises:
        BridgeTimeoutError: It did not close by itself, and its processes were killed.
    """
    closing = asyncio.ensure_future(_playwright.call(context.close))
    has_driver = await _unless_driver_ends(context, closing, _CLOSE_S)
    if closing.done():
        # The user, a crash, or Ctrl-C may have closed it. Ctrl-C also ends Playwright's driver, and then Playwright
        # raises a bare Exception.
        closing.exception()
    if closing.done() and has_driver:
        # Playwright may have lost sight of a browser that runs: a Firefox whose filter was killed.
        await asyncio.to_thread(end_browser, profile, grace_s=_CLOSE_S)
        return
    killed = await asyncio.to_thread(end_browser, profile)
    if killed and has_driver:
        await asyncio.wait([closing], timeout=_NOTICE_S)
    closing.cancel()
    if killed and has_driver:
        raise BridgeTimeoutError(
            f"Timeout {_CLOSE_S * 1000} ms exceeded. The browser did not close, so its processes were killed"
        )


async def _unless_driver_ends(playwright_object: Any, future: "asyncio.Future[Any]", limit_s: float) -> bool:
    """Wait for the future, at most that long. Return whether Playwright's driver lives; without it, nobody answers."""
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    undo = _playwright.on_driver_end(playwright_object, partial(settle, ended, None))
    try:
        await asyncio.wait([future, ended], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        undo()
    return not ended.done()
