"""What a run shows: progress while it measures, tables afterwards."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .compare import Change
from .result import Report
from .table import COMPARISON, HEADINGS, comparison_row, result_row, yardstick_row

__all__ = ["ProgressBar", "progress", "show_changes", "show_report"]

_STYLES = {"missed": "red", "worse": "red", "met": "green", "better": "green"}
_WIDTH = 150  # where there is no terminal
_LEFT = 1  # columns of text; the others are numbers


class ProgressBar:
    """A `run.Observer`. It draws only between measurements: a thread that draws would be measured too."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=steps)
        self._line = ""

    def step(self, browser: str, figure: str, what: str) -> None:
        """Something was measured once."""
        line = f"{browser}: {figure}"
        self._progress.update(self._task, advance=1, description=f"{line} {what}".strip())
        if self._progress.console.is_terminal:
            self._progress.refresh()
        elif line != self._line:
            print(line, file=sys.stderr, flush=True)
        self._line = line

    def skip(self, steps: int) -> None:
        """That many measurements will not take place."""
        self._progress.update(self._task, advance=steps)


@contextmanager
def progress(steps: int) -> Iterator[ProgressBar]:
    """Show a progress bar on standard error."""
    columns = TextColumn("{task.description:50}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        yield ProgressBar(bar, steps)


def show_report(report: Report) -> None:
    """Print a run: a table for each browser, then what was not measured."""
    console = _console()
    for browser, version in report.browsers.items():
        table = _table(f"{browser}: {version}{', quick' if report.quick else ''}", HEADINGS)
        shown: set[str] = set()
        for result in report.results:
            if result.browser != browser:
                continue
            _add(table, result_row(result))
            figure = result.name.partition(" / ")[0]
            if figure in shown:
                continue
            shown.add(figure)
            for yardstick in report.yardsticks:
                if (yardstick.figure, yardstick.browser) == (figure, browser):
                    table.add_row(*yardstick_row(yardstick), style="dim")
        console.print(table)
    for gap in report.gaps:
        console.print(f"not measured: {gap.name} in {gap.browser}: {gap.reason}", markup=False)


def show_changes(changes: list[Change]) -> None:
    """Print what changed between two runs."""
    table = _table("ratios, or values where there are none", COMPARISON)
    for change in changes:
        _add(table, comparison_row(change))
    _console().print(table)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < _LEFT else "right", no_wrap=True)
    return table


def _add(table: Table, cells: Sequence[str]) -> None:
    style = _STYLES.get(cells[-1], "")
    table.add_row(*cells[:-1], f"[{style}]{cells[-1]}[/]" if style else cells[-1])
