"""The command without a browser: help, wrong usage, exit codes, and what is typed."""

import io
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import bridge
from bridge.cli import main
from bridge.cli.opening import Opening, address, lines, words
from bridge.cli.screen import arrow, make_screen
from bridge.errors import ExtensionWarning
from bridge.traffic.records import Launched, PlaceBegan, PortOpened, Record, encode_line

HEAVY = ("playwright", "aiohttp", "rich", "msgspec", "watchfiles", "IPython", "asyncio")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom bridge.cli import main\n"
        "try: main(['run', '--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["run", "doctor", "shell", "report"])
def test_help_has_examples(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0
    assert f"Examples:\n    portbridge {command}" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_help_has_the_exit_codes() -> None:
    result = call("-h")
    assert result.exit_code == 0
    assert "130  Ctrl-C ended the command before it was done" in result.output


@pytest.mark.parametrize(
    ("arguments", "interrupted"),
    [
        (["run", "x"], "bridge.cli.run.run"),
        (["doctor"], "bridge.cli.doctor.doctor"),
        (["shell", "x"], "bridge.cli.shell.shell"),
        (["report", "x"], "bridge.cli.report.report"),
    ],
)
def test_ctrl_c_before_the_end_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], interrupted: str
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupted, interrupt)
    assert call(*arguments).exit_code == 130


def test_a_warning_of_the_extension_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(*_: Any, **__: Any) -> None:
        for _ in range(2):  # as with --watch
            warnings.warn("e: manifest.json: \x1b[2J", ExtensionWarning, stacklevel=1)
        warnings.warn("another", UserWarning, stacklevel=1)

    monkeypatch.setattr("bridge.cli.run.run", run)
    with pytest.warns(UserWarning, match="another"):
        assert call("run", "x").output == "Warning: e: manifest.json: \\x1b[2J\n" * 2


def test_permissions_to_grant_reach_the_launch(monkeypatch: pytest.MonkeyPatch) -> None:
    openings: list[Opening] = []

    async def run(opening: Opening, **_: Any) -> None:
        openings.append(opening)

    monkeypatch.setattr("bridge.cli.run.run", run)
    assert call("run", "x", "--grant", "tabs", "--grant", "https://example.org/*").exit_code == 0
    assert openings[0].options["grant"] == ("tabs", "https://example.org/*")


def test_what_the_extension_begins_with_reaches_the_launch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    openings: list[Opening] = []

    async def run(opening: Opening, **_: Any) -> None:
        openings.append(opening)

    monkeypatch.setattr("bridge.cli.run.run", run)
    storage = tmp_path / "storage.json"
    storage.write_text('{"managed": {"theme": "dark"}}', "utf-8")
    options = ("--private", "--permission-requests", "refuse", "--storage", storage)
    assert call("run", "x", *options, "--browser", "firefox").exit_code == 0
    given = openings[0].options
    assert (given["private"], given["permission_requests"]) == (True, "refuse")
    assert given["storage"] == {"managed": {"theme": "dark"}}
    assert call("run", "x").exit_code == 0
    given = openings[1].options
    assert (given["private"], given["permission_requests"], given["storage"]) == (False, "allow", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "storage.json: Expecting"), ("[]", "takes dicts"), ('{"other": {}}', "there is no area 'other'")],
)
def test_a_storage_file_that_cannot_be_used(tmp_path: Path, text: str, words: str) -> None:
    storage = tmp_path / "storage.json"
    storage.write_text(text, "utf-8")
    result = call("run", "x", "--storage", storage)
    assert result.exit_code == 2 and words in result.output


def test_a_storage_file_that_is_not_there(tmp_path: Path) -> None:
    result = call("run", "x", "--storage", tmp_path / "none.json")
    assert result.exit_code == 1 and "none.json: No such file" in result.output


def test_version() -> None:
    assert call("--version").output == f"portbridge {bridge.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["run"], ["run", "x", "--browser", "webkit"], ["walk"], ["doctor", "--timeout", "0"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    assert call(*arguments).exit_code == 2


# --- report ---------------------------------------------------------------------------------------------------------

RECORDS: list[Record] = [
    Launched(browser="firefox", name="Mine"),
    PlaceBegan(place=1, kind="background"),
    PortOpened(port=1, place=1, name="my-port"),
]


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    file = tmp_path / "traffic.jsonl"
    file.write_text("".join(f"{encode_line(record)}\n" for record in RECORDS), "utf-8")
    return file


def test_report(traffic: Path) -> None:
    page = traffic.with_suffix(".html")
    result = call("report", traffic)
    assert (result.exit_code, result.output) == (0, f"{page}: 3 records\n")
    assert "my-port" in page.read_text("utf-8")
    assert call("report", traffic, "-o", traffic.parent / "other.html").exit_code == 0
    assert "my-port" in (traffic.parent / "other.html").read_text("utf-8")


def test_report_opens_the_page(traffic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    call("report", traffic, "--open")
    assert opened == [traffic.with_suffix(".html").resolve().as_uri()]


def test_report_of_what_a_crash_left(traffic: Path) -> None:
    with traffic.open("a") as file:
        file.write('{"type":"posted","po')
    assert call("report", traffic).output.endswith("3 records\n")


def _fails(result: Result, words: str) -> None:
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert words in result.output


def test_report_of_what_is_no_record(traffic: Path) -> None:
    with traffic.open("a") as file:
        file.write("hello\n")
    _fails(call("report", traffic), f"{traffic}: line 4 is not a record of traffic")
    traffic.write_bytes(b"\xff\xfe")
    _fails(call("report", traffic), "not UTF-8 text")
    traffic.write_bytes(b"")
    _fails(call("report", traffic), "has no records of traffic")
    _fails(call("report", traffic.parent), "Is a directory")
    _fails(call("report", traffic.parent / "nothing"), "No such file or directory")


def test_a_name_that_a_terminal_would_obey(traffic: Path) -> None:
    odd = traffic.with_name("a\x9b2J\x1b[2J.jsonl")
    odd.write_text("hello\n")
    _fails(call("report", odd), "a\\x9b2J\\x1b[2J.jsonl: line 1 is not a record of traffic")
    traffic.rename(odd)
    assert call("report", odd).output == f"{odd.parent}/a\\x9b2J\\x1b[2J.html: 3 records\n"
    _fails(call("report", odd.with_name("b\x9b")), "b\\x9b: No such file")


def test_report_that_cannot_be_written(traffic: Path) -> None:
    _fails(call("report", traffic, "-o", traffic.parent / "no" / "page.html"), "No such file or directory")


def test_report_does_not_overwrite_the_record(traffic: Path) -> None:
    before = traffic.read_bytes()
    _fails(call("report", traffic, "-o", traffic), "is the record itself")
    assert traffic.read_bytes() == before


# --- what is typed, and what is said ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("example.org/a?b", "https://example.org/a?b"),
        ("example.org:8443", "https://example.org:8443"),
        ("http://example.org", "http://example.org"),
        ("localhost:3000/x", "http://localhost:3000/x"),
        ("app.localhost", "http://app.localhost"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:80", "http://[::1]:80"),
        ("about:blank", "about:blank"),
        ("data:text/html,hello", "data:text/html,hello"),
        ("file:///tmp/a.html", "file:///tmp/a.html"),
    ],
)
def test_address(typed: str, whole: str) -> None:
    assert address(typed) == whole


def test_words_of_an_error() -> None:
    error = Exception("Page.goto: net::ERR_X\n  at here\x1b[2J\nCall log:\n  - much more")
    assert words(error) == "Page.goto: net::ERR_X at here\\x1b[2J"
    assert lines(error) == ["Page.goto: net::ERR_X", "at here\\x1b[2J"]
    assert words(ValueError()) == "ValueError"


def test_options_of_launch() -> None:
    options = Opening(extension="x", headless=True).options
    assert options["no_viewport"] is False
    assert options["record"] == "all"
    assert options["redact"] is None
    assert options["handle_sigint"] is False
    assert Opening(extension="x").options["no_viewport"] is True


def test_no_color_means_no_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert _written(monkeypatch, "\u2192") != "\u2192\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert _written(monkeypatch, "\u2192") == "\u2192\n"


def test_terminal_that_lacks_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        _written(monkeypatch, "\u2192 [bold]x[/bold] :smile:", encoding="latin-1") == "\\u2192 [bold]x[/bold] :smile:\n"
    )


def _written(monkeypatch: pytest.MonkeyPatch, text: str, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    screen: Any = make_screen()
    assert arrow(screen) == ("->" if encoding == "latin-1" else "\u2192")
    screen.print(text, style="bold red")
    sys.stdout.flush()
    return raw.getvalue().decode(encoding)


def test_pipe_that_does_not_block(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)  # as Playwright's driver makes it
    read: list[bytes] = []
    thread = threading.Thread(target=lambda: read.extend(iter(lambda: os.read(reader, 4096), b"")))
    with open(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        screen = make_screen()
        screen.print("x" * 1000)  # which fits
        thread.start()
        for _ in range(2000):
            screen.print("x" * 1000, soft_wrap=True)
    thread.join()
    os.close(reader)
    assert len(b"".join(read).replace(b"\n", b"")) == 2001 * 1000
