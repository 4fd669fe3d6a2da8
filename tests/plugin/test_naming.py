"""How a suite names the extension under test: the nearest way wins."""

import os

import pytest
from plugin.runs import Run

from support import GECKO, write_extension

NAMES = ("configured", "given", "of the module", "of the class", "of the test")

SUITE = """
import pytest

def test_plain(bridge):
    assert bridge.manifest["name"] == "configured"
"""

MARKED = """
import pytest

pytestmark = pytest.mark.bridge(extension="of the module", bfcache=True)

def test_module(bridge):
    assert bridge.manifest["name"] == "of the module"

@pytest.mark.bridge(extension="of the class")
class TestMarked:
    def test_class(self, bridge):
        assert bridge.manifest["name"] == "of the class"

    @pytest.mark.bridge(extension="of the test", replace=["background"])
    def test_test(self, bridge):
        assert bridge.manifest["name"] == "of the test"
        port = bridge.page().runtime.connect({"name": "x"})
        assert bridge.background.accept("x").name == "x"  # kept from the start, since Python plays the background
"""


@pytest.fixture
def extensions(pytester: pytest.Pytester) -> None:
    """One extension of each name; the configuration names the first."""
    for name in NAMES:
        manifest = {"name": name, "background": {"service_worker": "b.js", "scripts": ["b.js"]}, **GECKO}
        write_extension(pytester.path / name, manifest, {"b.js": ""})
    pytester.makeini("[pytest]\nbridge_extension = configured\n")


def test_marks(run: Run, extensions: None) -> None:
    run(MARKED).assert_outcomes(passed=3)


def test_the_configuration_counts_from_its_file_and_the_command_line_from_here(
    run: Run, extensions: None, pytester: pytest.Pytester
) -> None:
    elsewhere = pytester.mkdir("elsewhere")
    (elsewhere / "test_suite.py").write_text(SUITE, "utf-8")
    os.chdir(elsewhere)
    run(None, "-c", "../tox.ini").assert_outcomes(passed=1)
    (elsewhere / "test_suite.py").write_text(SUITE.replace("configured", "given"), "utf-8")
    run(None, "-c", "../tox.ini", "--bridge-extension", "../given").assert_outcomes(passed=1)
