"""Runs a test BENCH_TESTS times and writes how long each took, with its fixtures, into BENCH_TIMES."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from benchmarks import bare
from benchmarks.browsers import launch_options


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("number", range(int(os.environ["BENCH_TESTS"])))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    start = perf_counter()
    result = yield
    with Path(os.environ["BENCH_TIMES"]).open("a") as times:
        times.write(f"{perf_counter() - start}\n")
    return result


@pytest.fixture
def extension_context(
    pytestconfig: pytest.Config, browser_type: Any, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> Iterator[Any]:
    """The hand-written fixture: a persistent context for each test, with the extension in it."""
    extension, port = Path(pytestconfig.getoption("--bridge-extension")), bare.free_port()
    given = {**browser_type_launch_args, **launch_options(browser_type)}
    options = bare.options(browser_type.name, [extension], given, port)
    context = browser_type.launch_persistent_context(tmp_path / "profile", **options)
    if browser_type.name == "firefox":
        bare.install(extension, port)
    elif not context.service_workers:
        context.wait_for_event("serviceworker")
    yield context
    context.close()
