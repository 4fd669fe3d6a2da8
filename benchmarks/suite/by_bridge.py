"""A test with the fixture of the bridge."""

import os
from typing import Any


def test_the_extension_sees_the_page(bridge: Any, page: Any, number: int) -> None:
    page.goto(os.environ["BENCH_URL"])
    page.wait_for_selector("html[data-bench=ready]")
