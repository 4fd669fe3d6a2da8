"""The command `portbridge`. Each command imports what it needs when it runs, so that help comes at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import BridgeError

__all__ = ["main"]

F = TypeVar("F", bound=Callable[..., Any])

_KINDS = ("chromium", "firefox")
_INTERRUPTED = 130  # as shells have it


class _Group(click.Group):
    """Says in one sentence what a user can mend; a traceback is for our own mistakes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except BrokenPipeError:
            raise
        except (BridgeError, OSError) as error:
            raise click.ClickException(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="portbridge", message="portbridge %(version)s")
def main() -> None:
    """See and use the messages between the parts of a browser extension.

    \b
    Exit codes:
      0    all is well; also after Ctrl-C while something ran
      1    something is wrong with the extension, a file or a browser
      2    the command was written wrongly
      130  Ctrl-C before the browser had started
    """


def _opening(function: F) -> F:
    """Add the argument and the options that say what to open; those of `launch` have its names inside."""
    decorators = [
        click.argument("extension", type=click.Path()),
        click.option(
            "--browser",
            type=click.Choice(_KINDS),
            default="chromium",
            show_default=True,
            help="The kind of browser.",
        ),
        click.option("--url", metavar="URL", help="Open this address."),
        click.option("--headless", is_flag=True, help="Without a window."),
        click.option("--channel", metavar="NAME", help="A channel of Playwright: chrome, msedge, moz-firefox, ..."),
        click.option("--executable-path", metavar="PROGRAM", type=click.Path(), help="The browser's program."),
        click.option(
            "--profile",
            "user_data_dir",
            metavar="FOLDER",
            type=click.Path(),
            help="The browser's profile; without it a new one.",
        ),
        click.option(
            "--record", "record_to", metavar="FILE", type=click.Path(), help="Write the traffic there, as it happens."
        ),
        click.option(
            "--redact",
            metavar="NAME",
            multiple=True,
            help="Leave out the values of members with this name. Repeatable.",
        ),
    ]
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


@main.command("run", short_help="Open a browser with the extension and print its traffic.")
@_opening
@click.option("--watch", is_flag=True, help="Reload the extension when its files change.")
@click.option("--inspect", is_flag=True, help="Serve the inspector, and print its address.")
def _run(watch: bool, inspect: bool, **wanted: Any) -> None:
    """Open a browser with EXTENSION and print its traffic, until Ctrl-C or until the window closes.

    EXTENSION is the folder with the manifest.json, or a .zip, .xpi or .crx file. Nothing is written to it. A line
    has the seconds since the start, who sent to whom, the port and its number, and what.

    \b
    Examples:
      portbridge run ./extension --url https://example.org
      portbridge run ./extension --browser firefox --watch --inspect
      portbridge run ./extension --headless --record traffic.jsonl
    """
    import asyncio

    from .opening import Opening
    from .run import run

    asyncio.run(run(Opening(**wanted), watch=watch, inspect=inspect))


@main.command("doctor", short_help="Say which browsers are there and whether each works.")
@click.option(
    "--browser",
    "browsers",
    type=click.Choice(_KINDS),
    multiple=True,
    help="Only this kind. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=1),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="For each step of a browser.",
)
@click.pass_context
def _doctor(ctx: click.Context, browsers: tuple[str, ...], as_json: bool, seconds: float) -> None:
    """Say which browsers are there, and whether each starts, loads an extension and passes a message.

    Each one is really started, without a window. The exit code is 0 if of each kind the default works, which is
    the browser that is taken when nobody names one; the others may fail.

    \b
    Examples:
      portbridge doctor
      portbridge doctor --browser firefox --json
      PORTBRIDGE_CHROMIUM=/opt/chrome/chrome portbridge doctor
    """
    import asyncio

    from .doctor import doctor

    ctx.exit(0 if asyncio.run(doctor(browsers or _KINDS, as_json=as_json, seconds=seconds)) else 1)


@main.command("shell", short_help="Give an interactive Python with the bridge in it.")
@_opening
@click.option("--plain", is_flag=True, help="Take Python's own prompt even if IPython is installed.")
def _shell(plain: bool, **wanted: Any) -> None:
    """Open a browser with EXTENSION, and read Python that may await, with `bridge` and `page` in scope.

    It is IPython if that is installed (pip install ipython). Ctrl-C stops what is awaited, Ctrl-D closes the browser.

    \b
    Examples:
      portbridge shell ./extension --url https://example.org
      portbridge shell ./extension --headless --browser firefox --plain
    """
    from .opening import Opening
    from .shell import shell

    shell(Opening(**wanted), plain=plain)


@main.command("report", short_help="Make a page of recorded traffic.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="PAGE", type=click.Path(path_type=Path), help="By default FILE, with .html.")
@click.option("--open", "open_it", is_flag=True, help="Open it in your browser.")
def _report(file: Path, output: Path | None, open_it: bool) -> None:
    """Make a self-contained HTML page of FILE, which `portbridge run --record` or `bridge.traffic.save()` has written.

    \b
    Examples:
      portbridge report traffic.jsonl
      portbridge report traffic.jsonl -o report.html --open
    """
    from .report import report

    output = output or file.with_suffix(".html")
    count = report(file, output)
    click.echo(f"{output}: {count} records")
    if open_it:
        click.launch(output.resolve().as_uri())
