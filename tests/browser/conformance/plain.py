"""Chromium as its user starts it: without a debugger, under which it would not stop an idle service worker."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bridge.browsers.find import find_browser
from bridge.browsers.processes import end_browser

__all__ = ["Unavailable", "plain_chromium"]

_ARGUMENTS = (
    "--headless=new",
    "--no-first-run",
    "--no-sandbox",
    "--disable-features=DisableLoadExtensionCommandLineSwitch",
)
_LOADS_EXTENSIONS = re.compile(r"(?:Chromium|Google Chrome for Testing) (\S+)")  # of --version
_GRACE_S = 5

Stagehand = Callable[..., Awaitable[Any]]


class Unavailable(Exception):
    """This Chromium takes no extensions on its command line."""


class PlainChromium:
    """What a stage needs of Playwright's ``BrowserContext``, done by an extension in the browser.

    Attributes:
        version: The browser's.
    """

    def __init__(self, version: str, stagehand: Stagehand) -> None:
        self.version = version
        self._stagehand = stagehand

    @property
    def browser(self) -> "PlainChromium":
        """What has the version."""
        return self

    async def new_page(self) -> "PlainPage":
        """A tab that opens with the first address."""
        return PlainPage(self._stagehand)


class PlainPage:
    """A tab, with as much of Playwright's ``Page`` as the cases need that stop a background."""

    def __init__(self, stagehand: Stagehand) -> None:
        self._stagehand = stagehand
        self._tab: int | None = None

    async def goto(self, url: str, **_: Any) -> None:
        """Have the tab go there."""
        if self._tab is None:
            self._tab = (await self._stagehand("tabs.create", {"url": url}))["id"]
        else:
            await self._stagehand("tabs.update", self._tab, {"url": url})

    def is_closed(self) -> bool:
        """Whether the tab is closed: nobody closes it."""
        return False


@asynccontextmanager
async def plain_chromium(
    engine_type: Any, extensions: list[Path], profile: Path, environment: dict[str, str], stagehand: Stagehand
) -> AsyncIterator[PlainChromium]:
    """Run Chromium with these extensions.

    Raises:
        Unavailable: It does not load extensions that its command line names.
    """
    choice = find_browser(engine_type.name, engine_type.executable_path)
    program = choice.executable_path or ("" if choice.channel else engine_type.executable_path)
    version = _LOADS_EXTENSIONS.match(program and await _output(program, "--version"))
    if not version:
        raise Unavailable(f"{program or choice.channel} takes no extensions on its command line")
    process = await asyncio.create_subprocess_exec(
        program,
        *_ARGUMENTS,
        f"--user-data-dir={profile}",
        f"--load-extension={','.join(map(str, extensions))}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        yield PlainChromium(version[1], stagehand)
    finally:
        process.terminate()
        await asyncio.to_thread(end_browser, profile, grace_s=_GRACE_S)
        await process.wait()


async def _output(program: str, *arguments: str) -> str:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(program, *arguments, stdout=pipe, stderr=nowhere)
    return (await process.communicate())[0].decode()
