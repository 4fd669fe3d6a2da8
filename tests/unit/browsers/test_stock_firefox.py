"""When a launch goes through the filter, and how its errors are worded."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.browsers import stock_firefox
from bridge.browsers.bidi_filter import MEDIA, VARIABLE
from bridge.browsers.plan import Choice, LaunchPlan
from bridge.browsers.start import _write
from bridge.browsers.stock_firefox import PLAYWRIGHT, excused, filtered, is_stock, refusal

STOCK = Choice("moz-firefox", "/opt/firefox/firefox")


def plan(**options: Any) -> LaunchPlan:
    return LaunchPlan(Path("profile"), {"env": {"A": "b"}, **options})


@pytest.mark.parametrize(
    ("channel", "stock"), [("moz-firefox", True), ("moz-firefox-beta", True), ("firefox", False), (None, False)]
)
def test_who_is_stock(channel: str | None, stock: bool) -> None:
    assert is_stock(Choice(channel, "/f")) is stock


@pytest.mark.parametrize(
    ("choice", "playwright", "is_there"),
    [
        (STOCK, "1.64.1", False),
        (STOCK, "1.65.0", True),
        (STOCK, "1.100.0a1", True),
        (STOCK, "2.0", True),
        (Choice("moz-firefox"), "1.65", False),
    ],
)
def test_the_filter_is_there_only_where_playwright_needs_it(choice: Choice, playwright: str, is_there: bool) -> None:
    given = plan()
    planned = filtered(given, choice, Path("home"), playwright)
    assert (planned.excused is not None) is is_there
    assert (planned == given) is not is_there


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no scripts")
def test_the_program_knows_all_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "with space ' and quote"
    monkeypatch.setattr(stock_firefox.bidi_filter, "__file__", str(tmp_path / "told.py"))
    told = "import os, sys; print(sys.argv[1:], sys.flags.isolated, open(os.environ['%s']).read())"
    (tmp_path / "told.py").write_text(told % VARIABLE, "utf-8")
    planned = filtered(plan(color_scheme="dark", locale="de"), STOCK, home, "1.65")
    for file in planned.files:
        _write(file)
    program = planned.options["executable_path"]
    assert stat.S_IMODE(os.stat(program).st_mode) == 0o700
    said = subprocess.run([program, "--a", "b c"], capture_output=True, text=True, check=True).stdout
    arguments, _, settings = said.partition(" 1 ")
    assert arguments == "['--a', 'b c']"
    assert json.loads(settings) == {
        "program": "/opt/firefox/firefox",
        "modules": [os.path.abspath(path) for path in sys.path if path],
        "asked": ["emulation.setLocaleOverride", MEDIA],
        "excused": str(home / "filter" / "excused"),
    }


def test_windows_gets_a_program_and_finds_the_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(stock_firefox.shutil, "which", lambda name, path: f"{name}.exe")
    planned = filtered(plan(), STOCK, Path("home"), "1.65")
    (settings,) = planned.files
    assert planned.options == {
        "executable_path": "portbridge-firefox.exe",
        "env": {"A": "b", VARIABLE: str(settings.path)},
    }


def test_what_was_answered_is_in_the_file(tmp_path: Path) -> None:
    assert excused(None) == excused(tmp_path / "nothing") == []
    (tmp_path / "excused").write_text("emulation.a\nemulation.b\n", "utf-8")
    assert excused(tmp_path / "excused") == ["emulation.a", "emulation.b"]


ERROR = f"Protocol error ({MEDIA}): unknown command\nCall log: ..."


def test_an_option_that_firefox_lacks_is_named() -> None:
    said = refusal(ERROR, {"color_scheme": "dark", "reduced_motion": "reduce", "locale": "de"})
    assert said == (
        f"this Firefox does not know {MEDIA}, the command for color_scheme= and reduced_motion=: leave that out, or "
        "use Playwright's own Firefox ('playwright install firefox'). For dark pages, set "
        'firefox_user_prefs={"layout.css.prefers-color-scheme.content-override": 0} instead'
    )


def test_a_command_that_nobody_asked_for_needs_the_filter() -> None:
    said = refusal(ERROR, {"color_scheme": None, "locale": "de"})
    assert said and said.startswith(f"Playwright {PLAYWRIGHT} sends {MEDIA}, which this Firefox does not know. Name")


@pytest.mark.parametrize("text", ["Timeout", "Protocol error (browser.x): unknown command", f"({MEDIA}): no frame"])
def test_other_errors_stay_as_they_are(text: str) -> None:
    assert refusal(text, {"color_scheme": "dark"}) is None
