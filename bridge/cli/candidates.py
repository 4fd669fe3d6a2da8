"""Which browsers are there: all that `launch` could take, in its order, not just the first."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..browsers.find import available_browsers

__all__ = ["NOWHERE", "Candidate", "candidates"]

NOWHERE = "nowhere"
"""What `Candidate.found` says of a browser that is not there."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A browser that may be started.

    Attributes:
        browser: ``"chromium"`` or ``"firefox"``.
        found: Where the name of it comes from.
        channel: As `launch` takes it.
        executable_path: Likewise.
        path: Its program, as far as that is known before it starts.
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
    """Return the browsers of a kind; the first one is what `launch` takes. See `browsers.find.find_browser`."""
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
