"""What the browsers show without the bridge: kept in git, and played again if something changed.

A play without the bridge depends on the browser's version, on the player with its extensions and pages, and on the
case. If all of these are the same as when `scripts/conformance --record` ran, what was recorded then is the reference.
Of the version, the major one counts: distributions bring a patch release every week or two, which hardly ever changes
what a port does. If a play with the bridge shows something else than the record of another patch release, the case is
played without the bridge too, and that decides.
A play also depends on the options of the browser's launch, which we do not track: `scripts/test --all` plays every case
again, and so finds what they changed.
"""

import hashlib
import json
import re
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from .case import Case, Observation, Observed, play
from .stage import Stage

__all__ = ["Recorded", "References", "browser_of", "file_of", "key_of", "write"]

_HERE = Path(__file__).parent
_FOLDER = _HERE / "references"
# The files that a play without the bridge depends on, besides the file of its theme.
_SOURCES = (
    "case.py",
    "changes.py",
    "conductor.py",
    "extensions.py",
    "observation.py",
    "pages.py",
    "place.py",
    "plain.py",
    "player.js",
    "program.py",
    "program_player.py",
    "scene.py",
    "stage.py",
    "steps.py",
    "values.py",
)
_SENDER = re.compile(r"(?<=sender )(\{.*\})")
_SHORT_SENDER = re.compile(r"(?<=sender )<([0-9a-f]{8})>")
RECORD = "run scripts/conformance --record"


def file_of(world: str) -> Path:
    """The file with what a world shows."""
    return _FOLDER / f"{world}.json"


def browser_of(stage: Stage) -> str:
    """The browser's name, version and platform, as `Recorded.browser` has them."""
    return f"{stage.browser_name} {stage.browser_context.browser.version} on {sys.platform}"


@cache
def key_of(theme: str) -> str:
    """The hash of what the plays of a theme's cases depend on."""
    files = (*(_HERE / name for name in _SOURCES), _HERE / "cases" / f"{theme}.py")
    return hashlib.sha256("\0".join(file.read_text("utf-8") for file in files).encode()).hexdigest()[:16]


class Recorded:
    """What was recorded for a world.

    Attributes:
        browser: The browser in which the cases were played; see `browser_of`.
    """

    def __init__(self, world: str) -> None:
        file = file_of(world)
        self._data: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        self.browser: str = self._data.get("browser", "")

    @property
    def cases(self) -> list[str]:
        """The ids of the recorded cases, theme by theme."""
        return [id for theme in self._data.get("themes", {}).values() for id in theme["cases"]]

    @property
    def version(self) -> str:
        """The major version of that browser."""
        return self.browser.split()[1].split(".")[0]

    def of(self, case: Case) -> Observation | None:
        """What a case showed; None if it was never played, or if something that it depends on has changed since."""
        theme = self._data.get("themes", {}).get(case.theme, {})
        return self.last_seen(case) if theme.get("key") == key_of(case.theme) else None

    def last_seen(self, case: Case) -> Observation | None:
        """What a case showed, even if something changed since; None if it was never played."""
        found = self._data.get("themes", {}).get(case.theme, {}).get("cases", {}).get(case.id)
        if found is None:
            return None
        exact = {actor: [self._whole(line) for line in lines] for actor, lines in found["exact"].items()}
        common = {actor: [self._whole(line) for line in lines] for actor, lines in found.get("common", {}).items()}
        return Observation(exact, exact | common)

    def _whole(self, line: str) -> str:
        return _SHORT_SENDER.sub(lambda found: self._data["senders"][found[1]], line)


def write(world: str, browser: str, observations: list[tuple[Case, Observation]]) -> None:
    """Write what a world's cases showed."""
    senders: dict[str, str] = {}
    themes: dict[str, Any] = {}
    for case, observation in observations:
        theme = themes.setdefault(case.theme, {"key": key_of(case.theme), "cases": {}})
        theme["cases"][case.id] = _written(observation, senders)
    data = {"browser": browser, "senders": senders, "themes": themes}
    file_of(world).parent.mkdir(exist_ok=True)
    file_of(world).write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")


def _written(observation: Observation, senders: dict[str, str]) -> dict[str, Observed]:
    exact, common = observation.exact, observation.common
    differing = {actor: lines for actor, lines in common.items() if lines != exact[actor]}
    parts = {"exact": exact, "common": differing} if differing else {"exact": exact}
    return {
        name: {actor: [_short(line, senders) for line in lines] for actor, lines in part.items()}
        for name, part in parts.items()
    }


def _short(line: str, senders: dict[str, str]) -> str:
    """The line with a mark instead of the sender, which is long, and the same in most cases."""

    def mark(found: re.Match[str]) -> str:
        mark = hashlib.sha256(found[1].encode()).hexdigest()[:8]
        senders[mark] = found[1]
        return f"<{mark}>"

    return _SENDER.sub(mark, line) if line.startswith(("connected: ", "asked: ")) else line


class References:
    """What the cases of a world show without the bridge.

    Args:
        world: A key of `WORLDS`.
        browser: The browser that the tests run in, from `browser_of`.
        raw: Starts a browser without the bridge, if one is needed.
        anew: Play every case again, and compare with what was recorded.
    """

    def __init__(self, world: str, browser: str, raw: Callable[[], Awaitable[Stage]], *, anew: bool) -> None:
        self._recorded = Recorded(world)
        self._same_release = self._recorded.browser == browser
        self._same_version = _major(self._recorded.browser) == _major(browser)
        self._raw = raw
        self._anew = anew

    async def of(self, case: Case) -> Observation:
        """What a case shows."""
        recorded = self._recorded.of(case) if self._same_version else None
        if recorded and not self._anew:
            return recorded
        played = await play(case, await self._raw())
        if self._anew and self._same_release:
            assert recorded, f"{case.id} has changed since it was recorded: {RECORD}"
            assert played == recorded, f"{case.id} no longer shows what was recorded; if that is right, {RECORD}"
        return played

    async def of_this_release(self, case: Case) -> Observation | None:
        """What a case shows in just this release, if `of` took the record of another one; else None."""
        is_of_another = self._same_version and not self._same_release and not self._anew and self._recorded.of(case)
        return await play(case, await self._raw()) if is_of_another else None


def _major(browser: str) -> str:
    """The name, major version and platform of a browser."""
    return re.sub(r"(?<= \d{3})\.[\d.]+", "", browser)
