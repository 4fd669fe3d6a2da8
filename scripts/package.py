"""Builds the packages, checks them, and runs the README's test with the wheel. Start it with scripts/package."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import version as installed
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.shown import write_files  # noqa: E402

DIST = ROOT / "dist"
BROWSERS = ("chromium", "firefox")


def version() -> str:
    """Return the version, from the only place that has it."""
    found = re.search(r'^__version__ = "(.+)"$', (ROOT / "bridge" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def problem(tag: str, version: str, changelog: str) -> str | None:
    """Return why a tag cannot be released, or None."""
    if tag != f"v{version}":
        return f"The tag is {tag}, but bridge/__init__.py says {version}: tag v{version}, or change __version__"
    if f"\n## [{version}] - " not in changelog:
        return f"CHANGELOG.md has no section '## [{version}] - date': rename [Unreleased]"
    return None


def build() -> None:
    """Build the source package and the wheel in dist/, and check both."""
    shutil.rmtree(DIST, ignore_errors=True)
    _python("build", "--outdir", str(DIST))
    _python("twine", "check", "--strict", *map(str, sorted(DIST.iterdir())))


def try_wheel() -> None:
    """Install the wheel into a fresh environment, and run the README's test there, in each browser."""
    (wheel,) = DIST.glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "environment"
        venv.create(environment, with_pip=True)
        python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel), *_constraints())
        tests = write_files("README.md", Path(folder) / "tests")
        for browser in BROWSERS:
            _run(python, "-m", "pytest", "--browser", browser, cwd=tests)


# The Playwright that this project's own environment has; see the extra `dev` for why it is pinned there.
def _constraints() -> list[str]:
    return [f"playwright=={installed('playwright')}"]


def _python(*arguments: str) -> None:
    _run(sys.executable, "-m", *arguments)


def _run(*command: str, cwd: Path = ROOT) -> None:
    print("+", *command, flush=True)
    subprocess.run(command, cwd=cwd, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", default="", help="the tag to release, such as v1.2.3; empty for none")
    parser.add_argument(
        "--try", action="store_true", dest="tries", help="run the README's test with the wheel in dist/"
    )
    arguments = parser.parse_args()
    if arguments.tag and (why := problem(arguments.tag, version(), (ROOT / "CHANGELOG.md").read_text("utf-8"))):
        sys.exit(f"package: error: {why}")
    try:
        try_wheel() if arguments.tries else build()
    except subprocess.CalledProcessError as error:
        sys.exit(f"package: error: this failed: {' '.join(map(str, error.cmd))}")


if __name__ == "__main__":
    main()
