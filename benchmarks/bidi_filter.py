"""What the filter between Playwright and a stock Firefox costs, with and without it in turns.

Run it with a Playwright that needs no filter, such as that of ``scripts/test-oldest``:
``.venv/oldest/bin/python -m benchmarks.bidi_filter [ROUNDS]``.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import async_playwright

from bridge.browsers import firefox
from bridge.browsers.find import find_browser
from bridge.browsers.start import close_browser, open_browser

_EVALUATIONS = 200
_LARGE = "'x'.repeat(8 * 1024 * 1024)"
_PLAYWRIGHTS = {"without": "1.64", "with": "1.65"}  # the filter is planned for the second


async def _measure(browser_type: Any, playwright: str) -> dict[str, float]:
    """Return milliseconds by what took them."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        choice = find_browser("firefox", browser_type.executable_path)
        plan = firefox.plan(choice, home / "profile", home, {"env": dict(os.environ)}, playwright=playwright)
        began = time.perf_counter()
        context = await open_browser(browser_type, plan, timeout_ms=100_000)
        launched = time.perf_counter()
        page = await context.new_page()
        await page.evaluate("1")
        first = time.perf_counter()
        for _ in range(_EVALUATIONS):
            await page.evaluate("1")
        evaluated = time.perf_counter()
        await page.evaluate(_LARGE)
        large = time.perf_counter()
        await close_browser(context, plan.user_data_dir)
        closed = time.perf_counter()
    return {
        "launch": (launched - began) * 1000,
        "round trip of evaluate()": (evaluated - first) / _EVALUATIONS * 1000,
        "message of 8 MiB": (large - evaluated) * 1000,
        "close": (closed - large) * 1000,
    }


async def main(rounds: int) -> None:
    """Print the medians."""
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    async with async_playwright() as playwright:
        for _ in range(rounds):
            for name, release in _PLAYWRIGHTS.items():
                for what, ms in (await _measure(playwright.firefox, release)).items():
                    taken[what, name].append(ms)
    for what in dict.fromkeys(what for what, _ in taken):
        without, filtered = median(taken[what, "without"]), median(taken[what, "with"])
        ratio = median(b / a for a, b in zip(taken[what, "without"], taken[what, "with"], strict=True))
        print(f"{what}: {without:.2f} ms without, {filtered:.2f} ms with the filter, ratio {ratio:.2f}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7))
