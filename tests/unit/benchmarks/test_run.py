"""A run of the benchmark."""

import re

from benchmarks.run import Run


class Nobody:
    def step(self, browser: str, figure: str, what: str) -> None:
        raise NotImplementedError

    def skip(self, steps: int) -> None:
        raise NotImplementedError


def test_its_report_says_when_and_with_what_it_measured() -> None:
    report = Run({}, (), Nobody(), quick=False).report()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", report.date)
    assert re.match(r"1\.\d+", report.playwright)
    assert re.match(r"3\.\d+", report.python)
    assert report.system
    assert report.processors > 0
