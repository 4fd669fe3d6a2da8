"""Tests that share a browser run in one process, whatever pytest and pytest-xdist are installed."""

from collections import defaultdict

import pytest

from support import ROOT

SUITE = """
    import os
    import pytest

    @pytest.fixture(scope="session", params=["firefox", "chromium"])
    def engine(request):
        return request.param

    @pytest.mark.parametrize("number", range(4))
    def test_shares(engine, number):
        with open("ran", "a") as file:
            print(__file__, engine, os.environ["PYTEST_XDIST_WORKER"], file=file)

    @pytest.mark.parametrize("number", range(2))
    def test_is_alone(number):
        with open("ran", "a") as file:
            print(__file__, "none", os.environ["PYTEST_XDIST_WORKER"], file=file)
"""
OPTIONS = ("-p", "xdist.plugin", "-p", "running.costs", "-p", "running.groups", "-n", "2")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.RunResult:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # it would take seconds
    pytester.makepyfile(**{f"test_{letter}": SUITE for letter in "abc"})
    return pytester.runpytest_subprocess(*OPTIONS)


def test_a_file_and_browser_is_one_group(pytester: pytest.Pytester, run: pytest.RunResult) -> None:
    run.assert_outcomes(passed=3 * (8 + 2))
    workers = defaultdict(set)
    for line in (pytester.path / "ran").read_text().splitlines():
        file, engine, worker = line.split()
        workers[file, engine].add(worker)
    assert len(workers) == 9
    assert {len(group) for group in workers.values()} == {1}
    assert set.union(*workers.values()) == {"gw0", "gw1"}
