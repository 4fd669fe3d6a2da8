"""A browser's processes are found by its profile, and no others are killed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.browsers.processes import browser_processes, end_browser
from support import ROOT

WAITS = "import sys; print('runs', flush=True); sys.stdin.read()"


@pytest.fixture
def started() -> Iterator[list["subprocess.Popen[str]"]]:
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in running:
        process.kill()
        process.communicate()


def start(started: list["subprocess.Popen[str]"], *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    started.append(process)
    assert process.stdout and process.stdout.readline() == "runs\n"
    return process


@pytest.mark.parametrize("arguments", [["--user-data-dir=PROFILE"], ["--profile", "PROFILE"], ["-profile", "PROFILE"]])
def test_a_browser_is_killed(started: list["subprocess.Popen[str]"], tmp_path: Path, arguments: list[str]) -> None:
    browser = start(started, *(argument.replace("PROFILE", str(tmp_path)) for argument in arguments))
    assert [process.pid for process in browser_processes(tmp_path)] == [browser.pid]
    assert end_browser(tmp_path)
    browser.wait(10)
    assert not end_browser(tmp_path)


@pytest.mark.parametrize("arguments", [["PROFILE"], ["--user-data-dir=PROFILE-2"], ["--profile", "PROFILE/inner"]])
def test_another_program_that_names_the_folder_is_not(
    started: list["subprocess.Popen[str]"], tmp_path: Path, arguments: list[str]
) -> None:
    other = start(started, *(argument.replace("PROFILE", str(tmp_path)) for argument in arguments))
    assert not end_browser(tmp_path)
    assert other.poll() is None


def test_whoever_started_this_process_is_not(tmp_path: Path) -> None:
    inner = (
        "import pathlib, sys; from bridge.browsers.processes import end_browser; "
        "print(end_browser(pathlib.Path(sys.argv[2])))"
    )
    outer = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[3], *sys.argv[1:3]], check=True)"
    command = [sys.executable, "-c", outer, "--profile", str(tmp_path), inner]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (run.returncode, run.stdout) == (0, "False\n"), run.stderr
