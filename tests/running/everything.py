"""What a run leaves out unless it is one of ``scripts/test --all``, as CI does each night.

Some tests are left out whole, by ``@pytest.mark.slow("what")``; some do less, and ask for the option ``all_tests``.
"""

import pytest

__all__ = ["LEFT_OUT"]

LEFT_OUT = {
    "arguments": "conformance of arguments of connect() in Firefox; Chromium plays them in each run",
    "manifest v2": "conformance with Manifest V2 in Firefox; Manifest V3 is played in each run",
    "references": "conformance plays in the browser without the bridge whose observations are in git",
    "twice": "a second run of the observer without the bridge, which shows that two such runs report the same",
}
"""By the word of the mark: what it is, for the head of a run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("portbridge's own suite").addoption(
        "--all", action="store_true", default=False, dest="all_tests", help="leave out nothing that takes long"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow(what): left out without --all; what it is stands in LEFT_OUT")


def pytest_report_header(config: pytest.Config) -> list[str]:
    if config.getoption("all_tests"):
        return ["left out: nothing"]
    return ["left out, run them with --all:", *(f"  {what}" for what in LEFT_OUT.values())]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    out = [] if config.getoption("all_tests") else [item for item in items if _is_slow(item)]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


def _is_slow(item: pytest.Item) -> bool:
    marks = list(item.iter_markers("slow"))
    for mark in marks:
        if mark.args[0] not in LEFT_OUT:
            raise pytest.UsageError(f"{item.nodeid}: LEFT_OUT in {__name__} does not say what {mark.args[0]!r} is")
    return bool(marks)
