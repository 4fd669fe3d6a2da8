"""The same test with the hand-written fixture of conftest.py."""

import os
from typing import Any


def test_the_extension_sees_the_page(extension_context: Any, number: int) -> None:
    page = extension_context.new_page()
    page.goto(os.environ["BENCH_URL"])
    page.wait_for_selector("html[data-bench=ready]")
