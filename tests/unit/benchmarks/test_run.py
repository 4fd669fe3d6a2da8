"""A run of the benchmark."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from benchmarks import run
from benchmarks.figure import Figure
from benchmarks.run import Run
from benchmarks.stage import Stage


class Nobody:
    def step(self, browser: str, figure: str, what: str) -> None:
        pass

    def skip(self, steps: int) -> None:
        pass


def test_its_report_says_when_and_with_what_it_measured() -> None:
    report = Run({}, (), Nobody(), quick=False).report()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", report.date)
    assert re.match(r"1\.\d+", report.playwright)
    assert re.match(r"3\.\d+", report.python)
    assert report.system
    assert report.processors > 0


@asynccontextmanager
async def broken(stage: Stage) -> AsyncIterator[None]:
    yield
    raise ZeroDivisionError("at its end")


async def one(stage: Stage) -> list[float]:
    await stage.use(broken)
    return [1.0]


async def test_a_launch_that_ends_with_an_error_leaves_a_gap_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @asynccontextmanager
    async def playwright() -> AsyncIterator[Any]:
        class Playwright:
            chromium = None

        yield Playwright

    monkeypatch.setattr(run, "async_playwright", playwright)
    monkeypatch.setattr(run, "program", lambda browser_type: ("", ""))
    monkeypatch.setattr(run, "version", lambda path: "1")
    groups = {name: [Figure(name, name, one, rounds=1)] for name in ("a", "b")}
    it = Run(groups, ["chromium"], Nobody(), quick=True)
    await it.run()
    report = it.report()
    assert [result.name for result in report.results] == ["a", "b"]
    assert [(gap.name, gap.reason) for gap in report.gaps] == [
        ("the end of the group a", "at its end"),
        ("the end of the group b", "at its end"),
    ]
    assert it.failed
    assert "ZeroDivisionError" in capsys.readouterr().err
