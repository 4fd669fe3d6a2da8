"""Which browsers are there, what to do about those that do not work, and how it is told."""

import json
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from bridge.browsers.find import find_browser
from bridge.cli import doctor as module
from bridge.cli.candidates import Candidate, candidates
from bridge.cli.checkup import Finding, advice
from bridge.cli.doctor import doctor
from bridge.cli.machine import machine
from bridge.errors import BridgeTimeoutError, BrowserNotFoundError, LaunchError
from support import ROOT

FILES = ("own", "chromium", "google-chrome", "firefox", "firefox-esr", "named")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_text("")
    return tmp_path


def found(browser: str, own: str, there: Mapping[str, Path], environ: Mapping[str, str]) -> list[tuple[Any, ...]]:
    which: Callable[[str], str | None] = lambda name: str(there[name]) if name in there else None  # noqa: E731
    return [(it.found, it.channel, it.executable_path) for it in candidates(browser, own, which=which, environ=environ)]


def test_all_that_are_there_in_order(folder: Path) -> None:
    there = {name: folder / name for name in ("chromium", "google-chrome")}
    environ = {"PORTBRIDGE_CHROMIUM": str(folder / "named")}
    assert found("chromium", str(folder / "own"), there, environ) == [
        ("PORTBRIDGE_CHROMIUM", None, str(folder / "named")),
        ("Playwright's own", "chromium", None),
        ("PATH", None, str(folder / "chromium")),
        ("PATH", None, str(folder / "google-chrome")),
    ]
    assert found("firefox", str(folder / "own"), {}, {"PORTBRIDGE_FIREFOX": "moz-firefox"}) == [
        ("PORTBRIDGE_FIREFOX", "moz-firefox", None),
        ("Playwright's own", None, None),
    ]
    assert found("firefox", "/nowhere", {}, {}) == []


def test_one_browser_under_two_names(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "firefox")
    there = {"firefox": folder / "link", "firefox-esr": folder / "firefox"}
    assert found("firefox", "/nowhere", there, {}) == [("PATH", None, str(folder / "link"))]


@pytest.mark.parametrize("engine_name", ["chromium", "firefox"])
@pytest.mark.parametrize("own", ["own", "missing"])
@pytest.mark.parametrize("named", [None, "named", "channel"])
@pytest.mark.parametrize("there", [(), ("google-chrome", "firefox-esr"), FILES])
def test_the_first_is_what_launch_takes(
    folder: Path, engine_name: str, own: str, named: str | None, there: tuple[str, ...]
) -> None:
    environ = (
        {}
        if named is None
        else {f"PORTBRIDGE_{engine_name.upper()}": named if named == "channel" else str(folder / named)}
    )
    which: Callable[[str], str | None] = lambda name: str(folder / name) if name in there else None  # noqa: E731
    own = str(folder / own)
    ours = candidates(engine_name, own, which=which, environ=environ)
    try:
        choice = find_browser(engine_name, own, which=which, environ=environ)
    except BrowserNotFoundError:
        assert ours == []
        return
    first = ours[0]
    assert choice == find_browser(
        engine_name, own, channel=first.channel, executable_path=first.executable_path, environ={}
    )


CANDIDATE = Candidate(browser="firefox", found="PATH", executable_path="/usr/bin/firefox", path="/usr/bin/firefox")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            LaunchError("firefox did not start: Playwright 1 sends x, which this Firefox does not know."),
            "PORTBRIDGE_FIREFOX",
        ),
        (LaunchError("[err] error while loading shared libraries: libx.so"), "playwright install-deps firefox"),
        (PlaywrightTimeoutError("exceeded"), "--timeout 120"),
        (BridgeTimeoutError("The relay extension did not connect"), "--timeout 120"),
        (caused(LaunchError("firefox did not start"), PlaywrightTimeoutError("exceeded")), "--timeout 120"),
        (caused(LaunchError("The debugger did not answer"), TimeoutError()), "--timeout 120"),
        (LaunchError("The file lies within a folder of Timeouts"), "DEBUG=pw:browser"),
        (caused(LaunchError("something else"), OSError()), "DEBUG=pw:browser portbridge doctor --browser firefox"),
    ],
)
def test_advice(error: Exception, words: str) -> None:
    assert words in advice(CANDIDATE, error)


def test_advice_about_snaps(tmp_path: Path) -> None:
    script = tmp_path / "firefox"
    script.write_text('#!/bin/sh\nexec /snap/bin/firefox "$@"\n')
    snap = Candidate(browser="firefox", found="PATH", path=str(script))
    assert "This is a snap" in advice(snap, TimeoutError("x"))
    script.write_text('#!/bin/sh\nexec /usr/lib/firefox/firefox "$@"\n')
    assert "snap" not in advice(snap, TimeoutError("x"))


# --- how it is told: the checks are made up -------------------------------------------------------------------------

GOOD = Finding(
    candidate=Candidate(browser="chromium", found="PATH", path="/usr/bin/chromium"),
    version="156.0",
    starts=True,
    loads=True,
    passes=True,
    seconds=1.5,
)
BAD = Finding(
    candidate=CANDIDATE, version="153.0", starts=True, loads=False, problem="rejects\n\x1b[2Jit", advice="Do something"
)


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    async def tell(*findings: Finding, **options: Any) -> tuple[bool, str]:
        async def check(playwright: Any, candidate: Candidate, *, seconds: float) -> Finding:
            return next(finding for finding in findings if finding.candidate is candidate)

        monkeypatch.setattr(module, "check", check)
        monkeypatch.setattr(
            module,
            "candidates",
            lambda browser, own: [it.candidate for it in findings if it.candidate.browser == browser],
        )
        well = await doctor(["chromium", "firefox"], **{"as_json": False, "seconds": 30, **options})
        return well, capsys.readouterr().out

    yield tell


async def test_one_works_and_one_does_not(tell: Any) -> None:
    well, text = await tell(GOOD, BAD)
    assert not well
    lines = [line.split() for line in text.splitlines()]
    assert ["chromium", "156.0", "yes", "yes", "yes", "1.5", "s", "/usr/bin/chromium", "PATH", "(default)"] in lines
    assert ["firefox", "153.0", "yes", "NO", "-", "-", "/usr/bin/firefox", "PATH", "(default)"] in lines
    assert "What to do: Do something" in text
    assert "Not usable: firefox." in text
    assert "add the output of 'portbridge doctor --json' to your report" in text


async def test_notes_are_told(tell: Any) -> None:
    noted = replace(GOOD, notes=["Nobody asked for it."])
    _, text = await tell(noted, BAD)
    assert "\nchromium /usr/bin/chromium\n  Nobody asked for it.\n" in text
    _, text = await tell(noted, BAD, as_json=True)
    assert [it["notes"] for it in json.loads(text)["browsers"]] == [["Nobody asked for it."], []]


async def test_only_the_first_of_a_kind_counts(tell: Any) -> None:
    other = Finding(candidate=Candidate(browser="firefox", found="PATH", path="/usr/bin/firefox-esr"), passes=True)
    well, text = await tell(GOOD, other, BAD)
    assert well and "report" not in text
    assert not (await tell(GOOD, BAD, other))[0]


async def test_none_is_there(tell: Any) -> None:
    well, text = await tell(GOOD)
    assert not well
    assert "There is no firefox" in text
    assert "playwright install firefox" in text


async def test_json(tell: Any) -> None:
    well, text = await tell(GOOD, BAD, as_json=True)
    told = json.loads(text)
    assert told["ok"] is well is False
    assert {"portbridge", "playwright", "python", "platform", "system", "display", "packages"} < told.keys()
    assert [it["browser"] for it in told["browsers"]] == ["chromium", "firefox"]
    assert told["browsers"][1]["loads_extension"] is False
    assert told["browsers"][1]["passes_message"] is None
    assert told["browsers"][0]["default"] is True


async def test_narrow_terminal(tell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    _, text = await tell(GOOD, BAD)
    assert "  loads an extension: NO\n" in text
    assert "\x1b[1" not in text
    assert "  found by: PATH (default)\n" in text


# --- The machine ----------------------------------------------------------------------------------------------------


def of(environ: Mapping[str, str]) -> dict[str, Any]:
    """What is told of a machine whose packages are all 1.0, without pytest-xdist."""

    def installed(name: str) -> str:
        if name == "pytest-xdist":
            raise PackageNotFoundError(name)
        return "1.0"

    return machine(environ=environ, installed=installed)


def test_versions_are_told() -> None:
    told = of({})
    assert (told["portbridge"], told["playwright"], told["packages"]["pytest"]) == ("1.0", "1.0", "1.0")
    assert told["packages"]["pytest-xdist"] is None
    assert told["python"] == platform.python_version() and told["system"]


@pytest.mark.parametrize(
    ("environ", "display"),
    [({}, None), ({"DISPLAY": ":99"}, ":99"), ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "wayland-0")],
)
def test_the_display_is_told(environ: dict[str, str], display: str | None) -> None:
    assert of(environ)["display"] == display


def test_only_what_decides_is_told_of_the_environment() -> None:
    environ = {"PORTBRIDGE_FIREFOX": "/opt/firefox", "CI": "true", "TOKEN": "secret"}
    assert of(environ)["environment"] == {"PORTBRIDGE_FIREFOX": "/opt/firefox", "CI": "true"}
    assert "secret" not in json.dumps(of(environ))


def test_the_issue_form_asks_for_it() -> None:
    assert "portbridge doctor --json" in (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text("utf-8")
