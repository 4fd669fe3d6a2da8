"""`portbridge run`: the browser with the extension, and its traffic as it happens."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, TypeVar

from playwright.async_api import Error as PlaywrightError

from ..async_api import Bridge, BridgeError
from .opening import Opening, closed, go_to, opened, title, words
from .screen import make_screen
from .signals import interruption
from .tape import Tape
from .watch import Watch

__all__ = ["run"]

T = TypeVar("T")


async def run(opening: Opening, *, watch: bool = False, inspect: bool = False) -> None:
    """Open the browser and print its traffic until Ctrl-C, or until its window closes.

    Raises:
        BridgeError: The browser or the extension does not start.
        KeyboardInterrupt: Ctrl-C came before the browser had started.
    """
    files = Watch(opening.extension, opening.record_to) if watch else None
    notes = make_screen(errors=True)
    with interruption() as interrupted:
        async with AsyncExitStack() as stack:
            notes.print(f"Starting {opening.browser} ...", style="dim")
            bridge = await _unless(interrupted, stack.enter_async_context(opened(opening)))
            tape = Tape(make_screen(), notes)
            with suppress(BrokenPipeError):  # whoever reads our output has seen enough, such as `head`
                await _show(bridge, tape, interrupted, opening, files, inspect=inspect)


async def _unless(interrupted: asyncio.Event, starting: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(starting)
    interruption = asyncio.ensure_future(interrupted.wait())
    await asyncio.wait({task, interruption}, return_when=asyncio.FIRST_COMPLETED)
    interruption.cancel()
    if not interrupted.is_set():
        return await task
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # mark it as seen, or asyncio logs it
    raise KeyboardInterrupt


async def _show(
    bridge: Bridge, tape: Tape, interrupted: asyncio.Event, opening: Opening, files: Watch | None, *, inspect: bool
) -> None:
    tape.note(f"{title(bridge)} is running; Ctrl-C ends it.", "bold")
    for record in bridge.traffic.records:
        tape.add(record)
    bridge.traffic.subscribe(tape.add)
    bridge._session.deferred.tell(lambda error: tape.note(_fault(error, opening), "bold red"))
    writing = asyncio.ensure_future(tape.write())
    work = [writing, asyncio.ensure_future(_begin(bridge, tape, opening, inspect=inspect))]
    if files:
        work.append(asyncio.ensure_future(_reload(bridge, files, tape)))
    over = asyncio.ensure_future(closed(bridge))
    await _first([asyncio.ensure_future(interrupted.wait()), over], work)
    tape.note("Closing the browser." if interrupted.is_set() else "The browser was closed.", "bold")
    if opening.record_to:
        tape.note(f"The traffic is in {opening.record_to}; 'portbridge report' turns it into a page.")
    tape.end()
    await writing


def _fault(error: BaseException, opening: Opening) -> str:
    return opening.route.raised(error) if opening.route else f"{type(error).__name__}: {error}"


async def _first(ends: Sequence["asyncio.Future[Any]"], work: Sequence["asyncio.Future[None]"]) -> None:
    """Return once one of `ends` is done, or raise what one of `work` raises; the first of `work` runs on after that."""
    try:
        going = {*ends, *work}
        while not any(end.done() for end in ends):
            done, going = await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        stopped = [*ends, *work[1:]]
        for task in stopped:
            if not task.done():
                task.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)


async def _begin(bridge: Bridge, tape: Tape, opening: Opening, *, inspect: bool) -> None:
    if inspect:
        tape.note(f"The inspector is at {await bridge.start_inspector()}", "bold")
    if opening.url is not None and (problem := await go_to(bridge, opening.url)):
        tape.note(f"{opening.url} did not open: {problem}", "bold red")


async def _reload(bridge: Bridge, files: Watch, tape: Tape) -> None:
    async for changed in files.changes():
        tape.note(f"Changed: {changed}", "bold")
        try:
            await bridge.reload()
        except (BridgeError, PlaywrightError) as error:
            tape.note(f"Not reloaded: {words(error)}", "bold red")
            continue
        # Firefox runs the new content scripts in open pages, too.
        stale = bridge.browser_name == "chromium" and bridge.manifest.get("content_scripts")
        advice = "; open pages keep the old content scripts until you reload them" if stale else ""
        tape.note(f"Reloaded{advice}.", "bold")
