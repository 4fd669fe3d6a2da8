"""The shape of the package: imports point down, Playwright's privates are in one place, `__all__` is true."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bridge").rglob("*.py"))

# From the bottom up. A part of the package imports only from rows below its own.
ROWS = [
    {"visible"},
    {"errors", "javascript"},
    {"_playwright", "driver", "private_folder", "protocol", "terminal"},
    {"waiting"},
    {"traffic", "wire"},
    {"report"},
    {"webext"},
    {"core", "browsers", "native"},
    {"inspector"},
    {"launch"},
    {"async_api"},
    {"faces"},
    {"sync_api"},
    {"pytest_plugin"},
    {"cli"},
    {"__init__", "__main__"},
]
HEIGHT = {part: height for height, row in enumerate(ROWS) for part in row}

PRIVATE_PLAYWRIGHT = ("playwright._impl", "._impl_obj", "._sync(")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def part(path: Path) -> str:
    return path.relative_to(ROOT / "bridge").with_suffix("").parts[0]


def imported_names(path: Path, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = relative(path.parent).split("/")
    origin = package[: len(package) + 1 - node.level] if node.level else []
    origin += node.module.split(".") if node.module else []
    return [".".join([*origin, alias.name]) for alias in node.names]


def imported_parts(path: Path) -> Iterator[tuple[int, str]]:
    """The parts of the package that a file imports, each with its line; `__init__` is the package itself."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for name in imported_names(path, node):
            first, *rest = name.split(".")
            if first == "bridge":
                yield node.lineno, rest[0] if rest and rest[0] in HEIGHT else "__init__"


def is_public(path: Path) -> bool:
    hidden = any(name.startswith("_") for name in dotted(path).split("."))
    only_a_docstring = len(ast.parse(path.read_text("utf-8")).body) <= 1
    return not hidden and not (path.name == "__init__.py" and only_a_docstring)


def test_every_part_has_its_row() -> None:
    assert {part(path) for path in MODULES} <= HEIGHT.keys(), "a new part needs a row in ROWS"


def test_imports_point_down() -> None:
    upward = [
        f"{relative(path)}:{line} imports {target}"
        for path in MODULES
        for line, target in imported_parts(path)
        if target != part(path) and HEIGHT[target] >= HEIGHT[part(path)]
    ]
    assert not upward, "imports that point up, or to a neighbour:\n" + "\n".join(upward)


def test_private_playwright_names_stay_in_one_module() -> None:
    leaks = [
        f"{relative(path)}:{number} has {name}"
        for path in MODULES
        if part(path) != "_playwright"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        for name in PRIVATE_PLAYWRIGHT
        if name in line
    ]
    assert not leaks, "only bridge/_playwright.py may use these:\n" + "\n".join(leaks)


@pytest.mark.parametrize("path", [path for path in MODULES if is_public(path)], ids=dotted)
def test_all_is_there_and_true(path: Path) -> None:
    module = importlib.import_module(dotted(path))
    assert hasattr(module, "__all__"), f"{relative(path)} has no __all__"
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert not missing, f"__all__ of {relative(path)} names what is not there: {missing}"
