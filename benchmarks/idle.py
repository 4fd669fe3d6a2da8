"""A Python process that does nothing but hold a browser: ``python -m benchmarks.idle BROWSER SECONDS EXTENSION``.

It prints the milliseconds of CPU that the process took meanwhile. Without an extension there is no bridge either.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack

from playwright.async_api import async_playwright

from bridge.async_api import launch

from .browsers import launch_options

__all__: list[str] = []

SETTLE_S = 2


async def main(browser: str, seconds: float, extension: str | None = None) -> None:
    """Launch, let everything settle, and measure."""
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        browser_type = getattr(playwright, browser)
        if extension:
            bridge = await stack.enter_async_context(launch(browser_type, extension, **launch_options(browser_type)))
            port = bridge.external.runtime.connect(bridge.extension_id, {"name": "greet"})
            await port.receive()
        else:
            profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            context = await browser_type.launch_persistent_context(profile, **launch_options(browser_type))
            stack.push_async_callback(context.close)
        await asyncio.sleep(SETTLE_S)
        start = time.process_time()
        await asyncio.sleep(seconds)
        print((time.process_time() - start) * 1000)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:]))
