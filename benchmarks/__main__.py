"""The command line of scripts/bench."""

import asyncio
import signal
import sys
from pathlib import Path

import click

from . import compare as comparison
from . import page as performance
from .figure import BROWSERS
from .figures import chosen
from .result import read, write
from .run import Run, steps_in
from .screen import progress, show_changes, show_report

_REPORT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.option("--browser", "browsers", type=click.Choice(BROWSERS), multiple=True, help="Only this one.")
@click.option("--only", default="", metavar="TEXT", help="Only figures whose names contain TEXT.")
@click.option("--quick", is_flag=True, help="Fewer rounds of less: to see that it works, not to quote.")
@click.option("--json", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write the results there too.")
@click.pass_context
def main(context: click.Context, browsers: tuple[str, ...], only: str, quick: bool, target: Path | None) -> None:
    """Measure the bridge next to what the browser itself takes, and to what users would do instead."""
    if context.invoked_subcommand:
        return
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # or what runs would outlive it
    groups, browsers = chosen(only), browsers or BROWSERS
    if not groups:
        raise click.BadParameter(f"no figure's name contains {only!r}", param_hint="--only")
    with progress(steps_in(groups, browsers, quick=quick)) as bar:
        run = Run(groups, browsers, bar, quick=quick)
        try:
            asyncio.run(run.run())
        except KeyboardInterrupt:
            run.failed = True
            click.echo("interrupted: here is what was measured before", err=True)
    report = run.report()
    show_report(report)
    if target:
        write(report, target)
    sys.exit(run.failed)


@main.command()
@click.argument("before", type=_REPORT)
@click.argument("after", type=_REPORT)
def compare(before: Path, after: Path) -> None:
    """Say what changed between two files of --json; what is within the noise of the two runs gets no verdict."""
    try:
        show_changes(comparison.changes(read(before), read(after)))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("report", type=_REPORT, default=performance.REPORT)
def page(report: Path) -> None:
    """Write the tables of docs/performance.md from a file of --json, and keep that as docs/performance.json.

    Without a file they are written again from the one that was kept.
    """
    try:
        performance.show(read(report))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--browser", "browsers", type=click.Choice(BROWSERS), multiple=True, help="Only this one.")
@click.option("--only", default="", metavar="TEXT", help="Only curves whose names contain TEXT.")
@click.option("--rounds", default=5, show_default=True, help="How often each point is measured.")
@click.option(
    "--json", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write what was found there too."
)
@click.option(
    "--pictures", default="docs/pictures", show_default=True, type=click.Path(file_okay=False, path_type=Path)
)
def curves(browsers: tuple[str, ...], only: str, rounds: int, target: Path | None, pictures: Path) -> None:
    """Measure how cost grows, and draw a picture of each curve."""
    from .curves.show import run

    run(only, browsers or BROWSERS, rounds, target, pictures)


if __name__ == "__main__":
    main(prog_name="scripts/bench")
