"""The command `portbridge`. Each subcommand imports what it needs only when it runs, so that `--help` is instant."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import BridgeError, ExtensionWarning
from ..visible import visible, visible_lines

__all__ = ["main"]

F = TypeVar("F", bound=Callable[..., Any])

_KINDS = ("chromium", "firefox")
_INTERRUPTED = 130  # what shells report after Ctrl-C


class _Group(click.Group):
    """Prints errors that a user can fix as one sentence; a traceback means a bug of ours."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _warnings_as_sentences():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except BrokenPipeError:
            raise
        except (BridgeError, OSError) as error:
            raise click.ClickException(_sentence(error)) from error


@contextmanager
def _warnings_as_sentences() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("always", ExtensionWarning)  # also when --watch loads the extension anew
        show = warnings.showwarning

        def say(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, ExtensionWarning):
                click.echo(f"Warning: {message}", err=True)
            else:
                show(message, category, *where, **more)

        warnings.showwarning = say
        yield


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return visible(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
    return visible_lines(str(error))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="portbridge", message="portbridge %(version)s")
def main() -> None:
    """See and use the messages between the parts of a browser extension.

    \b
    Exit codes:
      0    success, also when Ctrl-C ended `run` while the browser was running
      1    something is wrong with the extension, a file or a browser
      2    the command line is wrong
      130  Ctrl-C ended the command before it was done: while a browser started or
           closed, or during doctor or report
    """


def _read_storage(ctx: click.Context, parameter: click.Parameter, file: str | None) -> Any:
    if file is None:
        return None
    import json

    from ..core.beginning import checked_storage

    try:
        given = json.loads(Path(file).read_text("utf-8"))
        checked_storage(given, "firefox")  # which takes most; the launch says what its browser cannot take
    except (ValueError, TypeError, RecursionError) as error:  # of JSON too
        raise click.BadParameter(f"{file}: {error}") from error
    return given


def _read_route(ctx: click.Context, parameter: click.Parameter, file: str | None) -> Any:
    if file is None:
        return None
    from .routing import RouteFile

    return RouteFile(file)


def _opening(function: F) -> F:
    """Add the argument and options that say what to open; options meant for `launch` have its parameters' names."""
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
        click.option("--headless", is_flag=True, help="Run without a window."),
        click.option("--channel", metavar="NAME", help="A channel of Playwright: chrome, msedge, moz-firefox, ..."),
        click.option("--executable-path", metavar="PROGRAM", type=click.Path(), help="Run this browser program."),
        click.option(
            "--profile",
            "user_data_dir",
            metavar="FOLDER",
            type=click.Path(),
            help="Use this profile folder; by default, a new one.",
        ),
        click.option(
            "--record", "record_to", metavar="FILE", type=click.Path(), help="Write the traffic to this file, live."
        ),
        click.option(
            "--redact",
            metavar="NAME",
            multiple=True,
            help="Leave out the values of members with this name. Repeatable.",
        ),
        click.option(
            "--grant",
            metavar="PERMISSION",
            multiple=True,
            help="Grant this optional permission or match pattern of the manifest. Repeatable.",
        ),
        click.option(
            "--permission-requests",
            type=click.Choice(("allow", "refuse")),
            default="allow",
            show_default=True,
            help="What to answer when the extension itself requests permissions.",
        ),
        click.option(
            "--storage",
            metavar="FILE",
            type=click.Path(),
            callback=_read_storage,
            help='Fill the extension\'s storage from this JSON file, such as {"local": {"theme": "dark"}}.',
        ),
        click.option("--private", is_flag=True, help="Allow the extension in private windows."),
        click.option(
            "--routes",
            is_flag=True,
            help="Let ports between the extension's own scripts be routed, by Python or in the inspector.",
        ),
        click.option(
            "--copy-limit",
            metavar="BYTES",
            type=click.IntRange(min=1),
            help="How many bytes an archive may unpack to, and links may add to the copy of a folder.",
        ),
    ]
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


@main.command("run", short_help="Open a browser with the extension and print its traffic.")
@_opening
@click.option("--watch", is_flag=True, help="Reload the extension when its files change.")
@click.option("--inspect", is_flag=True, help="Serve the inspector, and print its address.")
@click.option(
    "--route",
    metavar="FILE",
    type=click.Path(),
    callback=_read_route,
    help="Route as this Python file says, in its function 'async def route(bridge)'. Implies --routes.",
)
def _run(watch: bool, inspect: bool, **wanted: Any) -> None:
    """Open a browser with EXTENSION and print its traffic, until Ctrl-C or until the window closes.

    EXTENSION is the folder with the manifest.json, or a .zip, .xpi or .crx file. Nothing is written to it. Each line
    shows the seconds since the start, who sent to whom, the port with its number, and the message.

    \b
    Examples:
      portbridge run ./extension --url https://example.org
      portbridge run ./extension --browser firefox --watch --inspect
      portbridge run ./extension --headless --record traffic.jsonl
      portbridge run ./extension --route faults.py

    \b
    A file for --route:
      from bridge.async_api import faults
    \b
      async def route(bridge):
          await bridge.route_port("sync", faults(drop=0.1))
    """
    import asyncio

    from .opening import Opening
    from .run import run

    asyncio.run(run(Opening(**wanted), watch=watch, inspect=inspect))


@main.command("doctor", short_help="List the browsers and check that each works.")
@click.option(
    "--browser",
    "browsers",
    type=click.Choice(_KINDS),
    multiple=True,
    help="Only this kind. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=1),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="Limit for each step of a check.",
)
@click.pass_context
def _doctor(ctx: click.Context, browsers: tuple[str, ...], as_json: bool, seconds: float) -> None:
    """List the browsers, and check that each starts, loads an extension and passes a message.

    Each one is really started, without a window. The exit code is 0 if the default browser of each kind works,
    which is the one that you get when you name none; the others may fail.

    \b
    Examples:
      portbridge doctor
      portbridge doctor --browser firefox --json
      PORTBRIDGE_CHROMIUM=/opt/chrome/chrome portbridge doctor
    """
    import asyncio

    from .doctor import doctor

    ctx.exit(0 if asyncio.run(doctor(browsers or _KINDS, as_json=as_json, seconds=seconds)) else 1)


@main.command("shell", short_help="Start an interactive Python with the bridge in it.")
@_opening
@click.option("--plain", is_flag=True, help="Use Python's own prompt even if IPython is installed.")
def _shell(plain: bool, **wanted: Any) -> None:
    """Open a browser with EXTENSION, and a Python prompt with `bridge` and `page` in scope, where you can await.

    The prompt is IPython's if that is installed (pip install ipython). Ctrl-C stops whatever you are awaiting;
    Ctrl-D closes the browser.

    \b
    Examples:
      portbridge shell ./extension --url https://example.org
      portbridge shell ./extension --headless --browser firefox --plain
    """
    from .opening import Opening
    from .shell import shell

    shell(Opening(**wanted), plain=plain)


@main.command("report", short_help="Turn recorded traffic into a web page.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="PAGE", type=click.Path(path_type=Path), help="By default FILE as .html.")
@click.option("--open", "open_it", is_flag=True, help="Open it in your browser.")
def _report(file: Path, output: Path | None, open_it: bool) -> None:
    """Turn FILE, as `portbridge run --record` or `bridge.traffic.save()` wrote it, into a self-contained HTML page.

    \b
    Examples:
      portbridge report traffic.jsonl
      portbridge report traffic.jsonl -o report.html --open
    """
    from .report import report

    output = output or file.with_suffix(".html")
    count = report(file, output)
    click.echo(f"{visible(str(output))}: {count} records")
    if open_it:
        click.launch(output.resolve().as_uri())
