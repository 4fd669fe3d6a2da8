"""The table of docs/fidelity.md says what the tests allow."""

import subprocess
import sys
from pathlib import Path

from browser.observer.allowed import ALLOWED, RECORDED, table

ROOT = Path(__file__).parents[2]


def test_the_table_is_up_to_date() -> None:
    checked = subprocess.run([sys.executable, ROOT / "scripts" / "fidelity.py", "--check"], timeout=60)
    assert checked.returncode == 0, "run scripts/fidelity"


def test_each_difference_is_one_row() -> None:
    for entries in (ALLOWED, RECORDED):
        assert table(entries).count("\n") == len(entries) + 2
    assert all(
        cell and "|" not in cell for entry in [*ALLOWED, *RECORDED] for cell in (entry.seen, entry.why, entry.means)
    )
