"""Runs groups of figures in browsers."""

import os
import traceback
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from playwright.async_api import async_playwright

from bridge.cli.machine import machine

from .browsers import BrowserMissingError, program, version
from .figure import Figure
from .result import Gap, Report, Result, Yardstick, results, yardsticks
from .rounds import rounds_of, steps_of, take
from .stage import FULL, QUICK, Stage, UnavailableError

__all__ = ["Observer", "Run", "steps_in"]

Groups = Mapping[str, Sequence[Figure]]


class Observer(Protocol):
    """Whoever wants to see how far a run is."""

    def step(self, browser: str, figure: str, what: str) -> None:
        """Something was measured once."""

    def skip(self, steps: int) -> None:
        """That many measurements will not take place."""


def steps_in(groups: Groups, browsers: Sequence[str], *, quick: bool) -> int:
    """How often something will be measured."""
    return sum(
        steps_of(figure, browser, quick=quick)
        for browser in browsers
        for figures in groups.values()
        for figure in figures
    )


class Run:
    """A run of some figures in some browsers; `report()` says what it found, also when it was interrupted."""

    def __init__(self, groups: Groups, browsers: Sequence[str], observer: Observer, *, quick: bool) -> None:
        self._groups = groups
        self._browsers = browsers
        self._observer = observer
        self._quick = quick
        self._results: list[Result] = []
        self._yardsticks: list[Yardstick] = []
        self._gaps: list[Gap] = []
        self._versions: dict[str, str] = {}
        self._began = date.today().isoformat()
        self.failed = False

    def report(self) -> Report:
        """What was found so far."""
        here = machine()
        return Report(
            results=self._results,
            yardsticks=self._yardsticks,
            gaps=self._gaps,
            browsers=self._versions,
            quick=self._quick,
            date=self._began,
            playwright=here["playwright"],
            python=here["python"],
            system=here["system"],
            processors=os.cpu_count() or 1,
        )

    async def run(self) -> None:
        """Measure everything. A figure that fails leaves a gap and a traceback, and the others go on."""
        async with async_playwright() as playwright:
            for browser in self._browsers:
                try:
                    path, _ = program(getattr(playwright, browser))
                except BrowserMissingError as error:
                    self._missing(browser, self._groups, error)
                    continue
                self._versions[browser] = version(path)
                for name in self._groups:
                    await self._group(playwright, browser, name)

    async def _group(self, playwright: object, browser: str, name: str) -> None:
        try:
            async with Stage(playwright, browser, QUICK if self._quick else FULL) as stage:
                for figure in self._groups[name]:
                    await self._figure(figure, stage)
        except Exception as error:  # of the end of a launch that a figure has broken
            self._fail(f"the end of the group {name}", browser, error)

    async def _figure(self, figure: Figure, stage: Stage) -> None:
        done = 0

        def step(what: str) -> None:
            nonlocal done
            done += 1
            self._observer.step(stage.browser, figure.name, what)

        try:
            taken = await take(figure, stage, rounds_of(figure, quick=self._quick), step)
        except Exception as error:
            self._fail(figure.name, stage.browser, error)
        else:
            self._results += results(figure, stage.browser, taken.rounds)
            self._yardsticks += yardsticks(figure, stage.browser, taken.rounds)
            for name, reason in taken.unavailable.items():
                self._gaps.append(Gap(name=f"{figure.name} / {name}", browser=stage.browser, reason=reason))
        self._observer.skip(steps_of(figure, stage.browser, quick=self._quick) - done)

    def _fail(self, name: str, browser: str, error: Exception) -> None:
        if not isinstance(error, UnavailableError):
            self.failed = True
            traceback.print_exception(error)
        self._gaps.append(Gap(name=name, browser=browser, reason=_first_line(error)))

    def _missing(self, browser: str, groups: Groups, error: Exception) -> None:
        self._fail("all", browser, error)
        self._observer.skip(steps_in(groups, [browser], quick=self._quick))


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
