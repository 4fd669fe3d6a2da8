"""Lists every browser that `launch` could use here, in its order of preference."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..browsers.find import available_browsers

__all__ = ["NOWHERE", "Candidate", "candidates"]

NOWHERE = "nowhere"
"""The value of `Candidate.found` if there is no such browser."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A browser that could be launched.

    Attributes:
        browser: ``"chromium"`` or ``"firefox"``.
        found: How it was found: the name of an environment variable, ``"Playwright's own"``, ``"PATH"`` or `NOWHERE`.
        channel: The argument for `launch`.
        executable_path: The argument for `launch`.
        path: Its program, if that is known before it starts.
    """

    browser: str
    found: str
    channel: str | None = None
    executable_path: str | None = None
    path: str | None = None


def candidates(
    browser: str,
    playwrights_own: str,
    *,
    which: Callable[[str], str | None] = shutil.which,
    environ: Mapping[str, str] = os.environ,
) -> list[Candidate]:
    """Return the browsers of a kind; `launch` would use the first. See `browsers.find.find_browser`."""
    return _distinct(
        Candidate(
            browser=browser,
            found=each.name,
            channel=each.channel,
            executable_path=each.executable_path,
            path=each.path,
        )
        for each in available_browsers(browser, playwrights_own, which=which, environ=environ)
    )


def _distinct(found: Iterable[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for candidate in found:
        first.setdefault(os.path.realpath(candidate.path) if candidate.path else candidate.found, candidate)
    return list(first.values())
