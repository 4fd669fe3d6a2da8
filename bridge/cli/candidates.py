"""Which browsers are there: all that `launch` could take, in its order, not just the first."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..browsers.find import NAMES, VARIABLES

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
    found = []
    variable = VARIABLES[browser]
    if named := environ.get(variable):
        path = named if os.path.dirname(named) else None
        channel = None if path else named
        found.append(Candidate(browser=browser, found=variable, channel=channel, executable_path=path, path=path))
    if Path(playwrights_own).is_file():
        channel = "chromium" if browser == "chromium" else None
        found.append(Candidate(browser=browser, found="Playwright's own", channel=channel, path=playwrights_own))
    for name in NAMES[browser]:
        if path := which(name):
            found.append(Candidate(browser=browser, found="PATH", executable_path=path, path=path))
    return _distinct(found)


def _distinct(found: list[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for candidate in found:
        first.setdefault(os.path.realpath(candidate.path) if candidate.path else candidate.found, candidate)
    return list(first.values())
