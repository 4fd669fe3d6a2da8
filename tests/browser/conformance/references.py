"""What the browsers show without the bridge: kept in git, and played anew where something changed.

A play there depends on the browser's version, on the player with its extensions and pages, and on the case. Where all
of it is as it was when `scripts/conformance --record` played, what was seen then is the reference. A play depends on
the options of the browser's launch, too: `scripts/test --all` plays all anew, and finds what those changed.
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
# On these a play without the bridge depends, besides the file of its theme.
_SOURCES = (
    "case.py",
    "conductor.py",
    "extensions.py",
    "observation.py",
    "pages.py",
    "place.py",
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
    """Where what a world shows is kept."""
    return _FOLDER / f"{world}.json"


def browser_of(stage: Stage) -> str:
    """The browser as the key has it."""
    return f"{stage.browser_name} {stage.browser_context.browser.version} on {sys.platform}"


@cache
def key_of(theme: str) -> str:
    """The hash of what the plays of a theme's cases depend on."""
    files = (*(_HERE / name for name in _SOURCES), _HERE / "cases" / f"{theme}.py")
    return hashlib.sha256("\0".join(file.read_text("utf-8") for file in files).encode()).hexdigest()[:16]


class Recorded:
    """What the file of a world has.

    Attributes:
        browser: The browser in which it was played.
    """

    def __init__(self, world: str) -> None:
        file = file_of(world)
        self._data: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        self.browser: str = self._data.get("browser", "")

    @property
    def cases(self) -> list[str]:
        """The ids of the cases that the file has, theme by theme."""
        return [id for theme in self._data.get("themes", {}).values() for id in theme["cases"]]

    @property
    def version(self) -> str:
        """The major version of that browser."""
        return self.browser.split()[1].split(".")[0]

    def of(self, case: Case) -> Observation | None:
        """What a case showed; None if it was never played, or depends on something that changed since."""
        theme = self._data.get("themes", {}).get(case.theme, {})
        return self.last_seen(case) if theme.get("key") == key_of(case.theme) else None

    def last_seen(self, case: Case) -> Observation | None:
        """What a case showed, whatever changed since; None if it was never played."""
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
    """A line with a mark in place of the sender, which is long, and the same in most cases."""

    def mark(found: re.Match[str]) -> str:
        mark = hashlib.sha256(found[1].encode()).hexdigest()[:8]
        senders[mark] = found[1]
        return f"<{mark}>"

    return _SENDER.sub(mark, line) if line.startswith("connected: ") else line


class References:
    """What the cases of a world show without the bridge.

    Args:
        world: Which one.
        browser: What `browser_of` says of the one that the tests run in.
        raw: Starts a browser without the bridge, where one is needed.
        anew: Play all, and compare with what was recorded.
    """

    def __init__(self, world: str, browser: str, raw: Callable[[], Awaitable[Stage]], *, anew: bool) -> None:
        self._recorded = Recorded(world)
        self._same_browser = self._recorded.browser == browser
        self._raw = raw
        self._anew = anew

    async def of(self, case: Case) -> Observation:
        """What a case shows."""
        recorded = self._recorded.of(case) if self._same_browser else None
        if recorded and not self._anew:
            return recorded
        played = await play(case, await self._raw())
        if self._anew and self._same_browser:
            assert recorded, f"{case.id} changed since it was recorded: {RECORD}"
            assert played == recorded, f"{case.id} is no longer what was recorded: {RECORD}, if that is right"
        return played
