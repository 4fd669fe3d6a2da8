"""CONTRIBUTING.md says where each thing is: it names every file of the package, and no file that is gone."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## Where things are$(.*?)^## ", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^(?:### `(?P<folder>[^`]+)`|### (?P<rest>.*)|\| `(?P<name>[^`]+)` \| \S.* \|)$")
CODE = {".py", ".js", ".ts", ".html", ".css"}


def rows() -> Iterator[PurePosixPath]:
    """What the rows name, as paths from the root of the project; a folder stands for all that is in it."""
    found = SECTION.search((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert found
    folder = PurePosixPath()
    for line in map(LINE.match, found[1].splitlines()):
        if line and line["name"]:
            yield folder / line["name"]
        elif line:
            folder = PurePosixPath(line["folder"] or "")


def files() -> Iterator[PurePosixPath]:
    for file in (ROOT / "bridge").rglob("*"):
        is_a_docstring = file.name == "__init__.py" and file.read_text("utf-8").count('"""') == 2
        if file.suffix in CODE and not (is_a_docstring and "__all__" not in file.read_text("utf-8")):
            yield PurePosixPath(file.relative_to(ROOT).as_posix())


def test_every_file_has_its_row() -> None:
    named = set(rows())
    missing = sorted(str(file) for file in files() if named.isdisjoint([file, *file.parents]))
    assert not missing, "the tables of CONTRIBUTING.md do not name:\n" + "\n".join(missing)


def test_every_row_names_what_is_there() -> None:
    gone = sorted(str(path) for path in rows() if not (ROOT / path).exists())
    assert not gone, "the tables of CONTRIBUTING.md name what is gone:\n" + "\n".join(gone)


def test_nothing_has_two_rows() -> None:
    named = list(rows())
    twice = sorted({str(path) for path in named if named.count(path) > 1})
    assert not twice, "CONTRIBUTING.md names these twice:\n" + "\n".join(twice)
