"""What a release needs: one version, a tag and a changelog that fit it."""

import importlib.util
from importlib.metadata import version
from types import ModuleType

import pytest

from bridge import __version__
from support import ROOT

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2030-01-01\n\n- A thing.\n"


@pytest.fixture(scope="module")
def package() -> ModuleType:
    spec = importlib.util.spec_from_file_location("package_script", ROOT / "scripts" / "package.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_one_version(package: ModuleType) -> None:
    assert package.version() == __version__ == version("portbridge")


def test_this_version_is_in_the_changelog(package: ModuleType) -> None:
    assert package.problem(f"v{__version__}", __version__, (ROOT / "CHANGELOG.md").read_text("utf-8")) is None


@pytest.mark.parametrize(
    ("tag", "changelog", "why"),
    [
        ("v1.2.3", CHANGELOG, None),
        ("v1.2.4", CHANGELOG, "tag v1.2.3, or change __version__"),
        ("1.2.3", CHANGELOG, "tag v1.2.3, or change __version__"),
        ("v1.2.3", "## [Unreleased]\n", "rename [Unreleased]"),
    ],
)
def test_a_tag_fits(package: ModuleType, tag: str, changelog: str, why: str | None) -> None:
    told = package.problem(tag, "1.2.3", changelog)
    assert told is None if why is None else why in told
