"""Starts and closes a browser through Playwright."""

import asyncio
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .. import _playwright
from ..errors import LaunchError
from .plan import LaunchPlan

__all__ = ["close_browser", "open_browser"]

_SHOWN_LINES = 5  # of the browser's output before it died


async def open_browser(browser_type: Any, plan: LaunchPlan, *, timeout_ms: float) -> Any:
    """Launch what the plan says, and return Playwright's ``BrowserContext``.

    Raises:
        LaunchError: It does not start; the message has the browser's own output.
    """
    launch = browser_type.launch_persistent_context
    launching = asyncio.ensure_future(_playwright.call(launch, plan.user_data_dir, timeout=timeout_ms, **plan.options))
    try:
        return await asyncio.shield(launching)
    except PlaywrightError as error:
        raise LaunchError(f"{browser_type.name} did not start: {_reason(str(error))}") from error
    except asyncio.CancelledError:
        with suppress(PlaywrightError):  # Playwright cannot stop a launch halfway
            await close_browser(await launching)
        raise


def _reason(text: str) -> str:
    """Playwright's error without its logs, which `__cause__` still has."""
    if "emulation.setMediaFeaturesOverride" in text:  # Playwright 1.65 with a stock Firefox ESR 153
        return (
            "this release of Playwright sends a command that this Firefox does not know; "
            "use playwright==1.64.1, or Playwright's own Firefox ('playwright install firefox')"
        )
    if "Socket path too long" in text:
        return "the folder for temporary files has too long a path for Chromium's socket; set TMPDIR to a shorter one"
    if "without having a XServer" in text:
        return "headless=False needs a screen, and there is none; use xvfb-run"
    said = text.partition("\nCall log:")[0].partition("\nBrowser logs:")[0].strip()
    errors = [line.partition("[err] ")[2] for line in text.splitlines() if "[err] " in line]
    return "\n".join([said, *dict.fromkeys(errors[-_SHOWN_LINES:])])


async def close_browser(context: Any) -> None:
    """Close the browser, unless it is closed already."""
    # The user, a crash, or Ctrl-C may have closed it. Ctrl-C also ends Playwright's driver, and then Playwright raises
    # a bare Exception.
    with suppress(Exception):
        await _playwright.call(context.close)
