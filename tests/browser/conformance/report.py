"""The table of docs/conformance.md."""

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .case import WORLDS, Case, Observation, all_cases
from .references import Recorded

__all__ = ["document"]

_SENDER = re.compile(r", sender (\{.*\}|null)")
_LINES = 8
_CHARACTERS, _CHARACTERS_SHOWN = 1000, 60

HEAD = """\
# Conformance: what the browsers do, and what Python sees

Made by `scripts/conformance`; do not edit. Chromium {chromium}, Firefox {firefox}.

Does a Port in Python behave like a Port in the browser? Each row is a case of
[tests/browser/conformance](../tests/browser/conformance): a few steps that *actors* take in the contexts of a small
extension.
We play each case in three ways: in the browser without the bridge, which is what the row shows; in the browser with the
bridge, by JavaScript alone, with recording on (`record="all"`); and with Python in place of each actor in turn.

The last column compares them. "same" means that every actor observed the same, entry by entry, senders included. Three
things do not count as differences: Python has one `None` for `null` and `undefined`, one `port.error` for Firefox's
`port.error` and Chromium's `runtime.lastError`, and its own error texts for arguments that it refuses.

Where a background stops, nobody stops it in the browser without the bridge: Chromium, with no debugger attached, and
Firefox do it by themselves, because it is idle. With the bridge, `bridge.stop_background()` does it.

{count} cases. We also play them with Manifest V2 (MV2) in Firefox, and say so where a case shows something else there.
"""
COLUMNS = "| case | Chromium | Firefox | through the bridge |\n| --- | --- | --- | --- |\n"


@dataclass(frozen=True)
class Row:
    """A case in one world: what it showed without the bridge, and how the bridge differs."""

    case: Case
    world: str
    reference: Observation
    verdicts: dict[str | None, str]

    @property
    def shown(self) -> str:
        """What the actors observed, as a cell of the table."""
        return "<br>".join(
            f"*{actor}*: {_lines(lines, senders=self.case.shows_sender)}"
            for actor, lines in self.reference.exact.items()
            if lines
        )


def document() -> str:
    """The whole text, from the references in git and the differences that the cases name."""
    recorded = {world: Recorded(world) for world in WORLDS}
    versions = {world: kept.version for world, kept in recorded.items()}
    parts = [HEAD.format(count=len(all_cases()), **versions)]
    cases = sorted(all_cases(), key=lambda case: case.theme)
    for theme, group in groupby(cases, key=lambda case: case.theme):
        parts.append(f"\n## {theme.capitalize()}\n\n{COLUMNS}")
        parts.extend(_row(case, _rows(case, recorded)) for case in group)
    return "".join(parts)


def _rows(case: Case, recorded: dict[str, Recorded]) -> dict[str, Row]:
    seen = {world: recorded[world].last_seen(case) for world in case.worlds}
    return {
        world: Row(case, world, reference, _verdicts(case, world)) for world, reference in seen.items() if reference
    }


def _verdicts(case: Case, world: str) -> dict[str | None, str]:
    known = {python: case.difference(world.partition("-")[0], python) for python in case.plays}
    return {python: difference.why for python, difference in known.items() if difference}


def _row(case: Case, by_world: dict[str, Row]) -> str:
    cells: dict[str, Any] = {"chromium": "(not there)", "firefox": "(not there)"}
    for world, row in by_world.items():
        if world != "firefox-mv2":
            cells[world.partition("-")[0]] = row.shown
    if cells["firefox"] == cells["chromium"]:
        cells["firefox"] = "the same"
    mv2 = by_world.get("firefox-mv2")
    if mv2 and mv2.shown != by_world["firefox"].shown:
        cells["firefox"] += f"<br>MV2: {mv2.shown}"
    shown = [f"`{case.id}` {case.title}", cells["chromium"], cells["firefox"], _verdict(by_world)]
    return f"| {' | '.join(map(_cell, shown))} |\n"


def _verdict(by_world: dict[str, Row]) -> str:
    said: dict[str, list[str]] = {}
    for world, row in by_world.items():
        for python, why in row.verdicts.items():
            said.setdefault(why, []).append(f"{world}, {f'Python is the {python}' if python else 'JavaScript alone'}")
    return "<br>".join(f"{why} ({'; '.join(runs)})" for why, runs in said.items()) or "same"


def _lines(lines: list[str], *, senders: bool) -> str:
    shown = [line if senders else _SENDER.sub("", line) for line in lines]
    if len(shown) > _LINES:
        half = _LINES // 2
        shown = [*shown[:half], f"... {len(shown) - 2 * half} more ...", *shown[-half:]]
    return "; ".join(f"`{line}`" if "`" not in line else f"`` {line} ``" for line in map(_cut, shown))


def _cut(line: str) -> str:
    return line if len(line) <= _CHARACTERS else f"{line[:_CHARACTERS_SHOWN]}... ({len(line)} characters)"


def _cell(text: str) -> str:
    text = text.replace("|", "\\|").replace("\n", " ").replace("\0", "\\0")
    return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate
