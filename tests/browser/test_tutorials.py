"""The tests that the tutorials show are run here, as a reader would run them."""

import re
from pathlib import Path
from typing import Any

import pytest
from browser.shown import read, run_tests, unknown, write_files

from support import ROOT

TUTORIALS = sorted(path.name for path in (ROOT / "docs" / "tutorials").glob("*.md"))
OF_OTHER_TOOLS = "puppeteer.launch("


@pytest.mark.slow("tutorials")
@pytest.mark.parametrize("tutorial", TUTORIALS)
def test_tutorial(tmp_path: Path, browser_name: str, browser_type: Any, tutorial: str) -> None:
    document = f"docs/tutorials/{tutorial}"
    output = run_tests(write_files(document, tmp_path), browser_name, "--override-ini=bridge_scope=module")
    shown = len(re.findall(r"^def test_", read(document), re.MULTILINE))
    skipped = read(document).count(f'skip_browser("{browser_name}")')
    assert f"{shown - skipped} passed" in output


@pytest.mark.parametrize("tutorial", TUTORIALS)
def test_every_block_of_a_tutorial_is_run(tutorial: str) -> None:
    assert [text for text in unknown(f"docs/tutorials/{tutorial}") if OF_OTHER_TOOLS not in text] == []
