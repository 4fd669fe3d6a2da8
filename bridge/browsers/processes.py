"""The browser's own processes, for when nobody can talk with it any more."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import psutil

__all__ = ["browser_processes", "end_browser"]


def browser_processes(profile: Path) -> list[psutil.Process]:
    """Return the browser's process, and all that it started."""
    return list(_with_children(_browsers(profile)))


def end_browser(profile: Path, *, grace_s: float = 0) -> bool:
    """Kill the browser that runs with that profile, and all that it started, unless it ends within `grace_s` by itself.

    Return whether there was one to kill.

    A browser takes a profile for itself alone, so the profile tells which processes are meant, at every moment of a
    launch too.
    """
    found = browser_processes(profile)
    if grace_s:
        _, found = psutil.wait_procs(found, timeout=grace_s)
    for process in found:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(found, timeout=1)
    return bool(found)


def _browsers(profile: Path) -> Iterator[psutil.Process]:
    this = psutil.Process()
    above = {this, *this.parents()}  # `portbridge run --profile PROFILE`, and what started that
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process not in above and _runs_with(process.cmdline(), os.fspath(profile)):
                yield process


def _runs_with(arguments: list[str], profile: str) -> bool:
    # So Playwright starts Chromium and Firefox. Others may name the folder too: a test that got it as an argument.
    given = {name for name, value in pairwise(arguments) if value == profile}
    return f"--user-data-dir={profile}" in arguments or not given.isdisjoint(("--profile", "-profile"))


def _with_children(processes: Iterator[psutil.Process]) -> Iterator[psutil.Process]:
    for process in processes:
        with suppress(psutil.Error):
            yield from process.children(recursive=True)
        yield process
