"""A thousand native connections one after another; then no program of theirs runs. See scripts/soak-native."""

import asyncio
import json
import os
import select
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from bridge.async_api import Bridge, launch

CONNECTIONS = 1000
MANIFEST = {
    "manifest_version": 3,
    "name": "soak",
    "version": "1",
    "permissions": ["nativeMessaging"],
    "background": {"service_worker": "b.js", "scripts": ["b.js"]},
    "browser_specific_settings": {"gecko": {"id": "soak@example.org"}},
}


async def soak(bridge: Bridge) -> list[int]:
    """Connect again and again, and return the pids of the programs; their own word, for want of a better."""
    application = bridge.native("soak")
    pids = []
    for number in range(CONNECTIONS):
        port = bridge.background.runtime.connectNative("soak")
        other = await application.accept()
        pids.append(application._program(other._id).pid)
        await port.postMessage(number)
        assert await other.receive() == number
        (port if number % 2 else other).disconnect()
        await (other if number % 2 else port).wait_for_disconnect()
    return pids


def still_running(pids: list[int]) -> list[int]:
    """Give each ten seconds to end, and return those that did not."""
    running = []
    for pid in pids:
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        if not select.select([process], [], [], 10)[0]:
            running.append(pid)
        os.close(process)
    return running


async def main() -> int:
    left = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "manifest.json").write_text(json.dumps(MANIFEST))
        (Path(folder) / "b.js").write_text("")
        async with async_playwright() as playwright:
            for browser_name in sys.argv[1:] or ["chromium", "firefox"]:
                async with launch(getattr(playwright, browser_name), folder) as bridge:
                    pids = await soak(bridge)
                left += still_running(pids)
                print(f"{browser_name}: {len(set(pids))} programs, {len(left)} of them still run")
    return bool(left)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
