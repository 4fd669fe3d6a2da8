"""`portbridge doctor`: lists the browsers and checks that each works."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..browsers.find import NAMES, VARIABLES
from ..visible import visible
from .candidates import NOWHERE, Candidate, candidates
from .checkup import Finding, check
from .machine import machine
from .opening import started_playwright
from .screen import make_screen

__all__ = ["doctor"]

_NARROW = 90  # columns; with fewer, each browser gets a few lines instead of a row in the table
_FILE = 120  # columns in a file or a pipe
_TO_REPORT = "If you think that the bridge is at fault, add the output of 'portbridge doctor --json' to your report."
_PLAIN = {True: "yes", False: "NO", None: "-"}
_STYLES = {True: "green", False: "bold red", None: "dim"}


async def doctor(browsers: Sequence[str], *, as_json: bool, seconds: float) -> bool:
    """Print what was found; return whether the first browser of each kind in `browsers` works."""
    notes = make_screen(errors=True)
    findings: list[Finding] = []
    async with started_playwright() as playwright:
        for browser in browsers:
            own = getattr(playwright, browser).executable_path
            found = [await _examine(playwright, it, notes, seconds) for it in candidates(browser, own)]
            findings += found or [_missing(browser)]
    well = all(finding.works for finding in _wanted(findings))
    screen = make_screen()
    if as_json:
        screen.print(json.dumps(_document(findings, well=well), indent=2), soft_wrap=True)
    else:
        _show(screen, findings, well=well)
    return well


async def _examine(playwright: Any, candidate: Candidate, notes: Console, seconds: float) -> Finding:
    with notes.status(f"Trying {candidate.browser}: {_where(candidate)}"):
        return await check(playwright, candidate, seconds=seconds)


def _missing(browser: str) -> Finding:
    package = {"chromium": "chromium", "firefox": "firefox-esr"}[browser]
    return Finding(
        candidate=Candidate(browser=browser, found=NOWHERE),
        starts=False,
        problem=f"There is no {browser}: neither Playwright's own build, nor {', '.join(NAMES[browser])} on the PATH",
        advice=f"Run 'playwright install {browser}', or install one with your system's packages (Debian: {package}), "
        f"or name one in {VARIABLES[browser]}.",
    )


def _wanted(findings: Sequence[Finding]) -> list[Finding]:
    """The first one of each kind, which is the one that `launch` would use."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.candidate.browser, finding)
    return list(first.values())


def _where(candidate: Candidate) -> str:
    return visible(candidate.path or candidate.channel or "")


# --- JSON -----------------------------------------------------------------------------------------------------------


def _document(findings: Sequence[Finding], *, well: bool) -> dict[str, Any]:
    wanted = _wanted(findings)
    return {
        **machine(),
        "ok": well,
        "browsers": [
            {
                "browser": finding.candidate.browser,
                "found": finding.candidate.found,
                "default": finding in wanted,
                "channel": finding.candidate.channel,
                "path": finding.candidate.path,
                "version": finding.version,
                "starts": finding.starts,
                "loads_extension": finding.loads,
                "passes_message": finding.passes,
                "seconds": finding.seconds,
                "problem": finding.problem,
                "advice": finding.advice,
                "notes": finding.notes,
            }
            for finding in findings
        ],
    }


# --- text -----------------------------------------------------------------------------------------------------------


def _show(screen: Console, findings: Sequence[Finding], *, well: bool) -> None:
    if not screen.is_terminal:
        screen.width = max(screen.width, _FILE)
    words = "portbridge {portbridge}, Playwright {playwright}, Python {python}, {platform}"
    screen.print(words.format(**machine()), soft_wrap=True)
    screen.print()
    if screen.width >= _NARROW:
        screen.print(_table(findings))
    else:
        for finding in findings:
            _show_alone(screen, finding, _found(finding, findings))
    for finding in findings:
        if finding.problem:
            _show_problem(screen, finding)
        for note in finding.notes:
            _show_note(screen, finding, note)
    screen.print()
    screen.print(_verdict(findings, well=well))
    if not well:
        screen.print(_TO_REPORT, soft_wrap=True)


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("browser")
    table.add_column("version")
    for name in ("starts", "loads", "message", "time"):
        table.add_column(name)
    table.add_column("program", overflow="fold")
    table.add_column("found by", overflow="fold")
    for finding in findings:
        candidate = finding.candidate
        table.add_row(
            candidate.browser,
            visible(finding.version or "-"),
            *(_mark(step) for step in (finding.starts, finding.loads, finding.passes)),
            f"{finding.seconds:.1f} s" if finding.seconds else "-",
            _where(candidate) or "-",
            _found(finding, findings),
        )
    return table


def _found(finding: Finding, findings: Sequence[Finding]) -> str:
    default = finding.candidate.found != NOWHERE and finding in _wanted(findings)
    return f"{finding.candidate.found} (default)" if default else finding.candidate.found


def _mark(step: bool | None) -> Text:
    return Text(_PLAIN[step], _STYLES[step])


def _show_alone(screen: Console, finding: Finding, found: str) -> None:
    candidate = finding.candidate
    screen.print(Text(f"{candidate.browser} {visible(finding.version or '')}".strip(), "bold"))
    screen.print(f"  program: {_where(candidate) or '-'}", soft_wrap=True)
    screen.print(f"  found by: {found}")
    steps = {"starts": finding.starts, "loads an extension": finding.loads, "passes a message": finding.passes}
    for name, step in steps.items():
        screen.print(Text.assemble(f"  {name}: ", _mark(step)))


def _show_problem(screen: Console, finding: Finding) -> None:
    candidate = finding.candidate
    screen.print()
    screen.print(Text.assemble((candidate.browser, "bold red"), f" {_where(candidate)}".rstrip()), soft_wrap=True)
    for line in (finding.problem or "").splitlines():
        screen.print(f"  {line}", soft_wrap=True)
    screen.print(Text(f"  What to do: {finding.advice}", "yellow"), soft_wrap=True)


def _show_note(screen: Console, finding: Finding, note: str) -> None:
    screen.print()
    screen.print(Text.assemble((finding.candidate.browser, "bold"), f" {_where(finding.candidate)}"), soft_wrap=True)
    screen.print(f"  {note}", soft_wrap=True)


def _verdict(findings: Sequence[Finding], *, well: bool) -> Text:
    if well:
        names = " and ".join(finding.candidate.browser for finding in _wanted(findings))
        return Text(f"All is well with {names}.", "bold green")
    failing = [finding.candidate.browser for finding in _wanted(findings) if not finding.works]
    return Text(f"Not usable: {', '.join(failing)}.", "bold red")
