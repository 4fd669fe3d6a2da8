"""Starts and closes a browser through Playwright."""

import asyncio
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .. import _playwright
from ..errors import LaunchError
from .plan import LaunchPlan

__all__ = ["close_browser", "open_browser"]

_SHOWN_LINES = 5  # of what the browser wrote before it died


async def open_browser(browser_type: Any, plan: LaunchPlan, *, timeout_ms: float) -> Any:
    """Launch what the plan says, and return Playwright's ``BrowserContext``.

    Raises:
        LaunchError: It does not start; the text has the browser's own words.
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
    """Playwright's error without its logs, which the cause still has."""
    if "emulation.setMediaFeaturesOverride" in text:
        return (
            "this release of Playwright sends a command that this Firefox lacks; "
            "use playwright==1.64.1, or Playwright's own Firefox ('playwright install firefox')"
        )
    if "without having a XServer" in text:
        return "headless=False needs a screen, and there is none; use xvfb-run"
    said = text.partition("\nCall log:")[0].partition("\nBrowser logs:")[0].strip()
    errors = [line.partition("[err] ")[2] for line in text.splitlines() if "[err] " in line]
    return "\n".join([said, *dict.fromkeys(errors[-_SHOWN_LINES:])])


async def close_browser(context: Any) -> None:
    """Close it, if it is not closed already."""
    # It may be closed already: by the user, by a crash, or because Ctrl-C ended Playwright's driver too, and then
    # Playwright raises a bare Exception.
    with suppress(Exception):
        await _playwright.call(context.close)
