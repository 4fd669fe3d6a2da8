"""Writes the tables of docs/fidelity.md from the differences that the tests allow. Start it with scripts/fidelity.

With ``--check`` it writes nothing, and its exit status is 1 if a table is out of date.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser.observer.allowed import ALLOWED, RECORDED, ROUTED, table  # noqa: E402

DOCUMENT = ROOT / "docs" / "fidelity.md"
END = "<!-- end -->\n"
PARTS = {
    "<!-- made by scripts/fidelity -->\n": ALLOWED,
    "<!-- made by scripts/fidelity: with routes=True -->\n": ROUTED,
    '<!-- made by scripts/fidelity: with record="all" -->\n': RECORDED,
}


def written(text: str) -> str:
    """Return the document with the tables as they should be."""
    for begin, entries in PARTS.items():
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(END)
        text = before + begin + "\n" + table(entries) + "\n" + END + after
    return text


def main() -> int:
    text = DOCUMENT.read_text("utf-8")
    fresh = written(text)
    if "--check" in sys.argv[1:]:
        return int(fresh != text)
    DOCUMENT.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
