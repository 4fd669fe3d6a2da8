"""From nothing to a running extension, and from one test to the next."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from bridge.async_api import Bridge, launch

from .. import bare
from ..extension import SUBJECT, write
from ..stage import Stage
from .bridged import options

__all__ = ["bare_playwright", "by_hand", "first_message", "launch_and_close", "reset"]

_CONNECT = """(id) => new Promise((resolve) => {
  chrome.runtime.connect(id, { name: "greet" }).onMessage.addListener(resolve);
})"""


async def first_message(stage: Stage) -> list[float]:
    """From `launch` to the first message of the genuine background."""
    subject = await stage.use(_subject)
    start = perf_counter()
    async with launch(stage.browser_type, subject, **options(stage)) as bridge:
        await bridge.external.runtime.connect(bridge.extension_id, {"name": "greet"}).receive()
        return [(perf_counter() - start) * 1000]


async def bare_playwright(stage: Stage) -> list[float]:
    """A persistent context that loads the same extension without the bridge, until its background runs."""
    return await _bare(stage, [await stage.use(_subject)])


async def by_hand(stage: Stage) -> list[float]:
    """The same with a second extension beside it, as the bridge needs its relay, until that one has a first message.

    In Firefox, where Playwright reaches no background, only until both run.
    """
    return await _bare(stage, [await stage.use(_subject), await stage.use(_second)])


async def _bare(stage: Stage, extensions: list[Path]) -> list[float]:
    port = bare.free_port()
    given = bare.options(stage.browser, extensions, options(stage), port)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        start = perf_counter()
        context = await stage.browser_type.launch_persistent_context(profile, **given)
        try:
            if stage.browser == "firefox":
                for extension in extensions:
                    await asyncio.to_thread(bare.install, extension, port)
            while stage.browser == "chromium" and len(context.service_workers) < len(extensions):
                await context.wait_for_event("serviceworker")
            if stage.browser == "chromium" and len(extensions) > 1:
                one, other = context.service_workers
                await other.evaluate(_CONNECT, urlsplit(one.url).hostname)
            return [(perf_counter() - start) * 1000]
        finally:
            await context.close()


async def reset(stage: Stage) -> list[float]:
    """`Bridge.reset`, with a page to close."""
    bridge = await stage.use(_running)
    await bridge.browser_context.pages[0].goto(stage.server.page)
    start = perf_counter()
    await bridge.reset()
    return [(perf_counter() - start) * 1000]


async def launch_and_close(stage: Stage) -> list[float]:
    """A browser of its own, with its end."""
    subject = await stage.use(_subject)
    start = perf_counter()
    async with launch(stage.browser_type, subject, **options(stage)):
        pass
    return [(perf_counter() - start) * 1000]


@asynccontextmanager
async def _subject(stage: Stage) -> AsyncIterator[Path]:
    yield write(stage.folder / "launched", SUBJECT)


@asynccontextmanager
async def _second(stage: Stage) -> AsyncIterator[Path]:
    yield write(stage.folder / "second", "second")


@asynccontextmanager
async def _running(stage: Stage) -> AsyncIterator[Bridge]:
    async with launch(stage.browser_type, await stage.use(_subject), **options(stage)) as bridge:
        yield bridge
