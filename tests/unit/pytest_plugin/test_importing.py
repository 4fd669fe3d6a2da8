"""When the plugin imports the bridge, and in which thread."""

import sys
from pathlib import Path
from threading import current_thread, main_thread
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.pytest_plugin.importing import Importing


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that says which thread imported it."""
    (tmp_path / "told.py").write_text("from threading import current_thread\nthread = current_thread()\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "told", raising=False)
    return "told"


def item(*fixtures: str) -> Any:
    return SimpleNamespace(fixturenames=fixtures)


def test_it_is_imported_in_a_thread_as_soon_as_a_test_is_set_up_that_uses_it(module: str) -> None:
    importing = Importing(module)
    for _ in range(2):
        importing.pytest_runtest_setup(item("page", "bridge"))
    thread = importing.result().thread
    assert thread not in (current_thread(), main_thread())
    assert not thread.is_alive()


def test_nothing_is_imported_for_other_tests(module: str) -> None:
    importing = Importing(module)
    importing.pytest_runtest_setup(item("page"))
    importing.pytest_runtest_setup(SimpleNamespace())  # what is no function has no fixtures
    assert module not in sys.modules
    assert importing.result().thread is current_thread()


def test_what_cannot_be_imported_is_told_to_the_test(tmp_path: Path, module: str) -> None:
    (tmp_path / "told.py").write_text("raise OSError('broken')", "utf-8")
    importing = Importing(module)
    importing.pytest_runtest_setup(item("bridge"))
    with pytest.raises(OSError, match="broken"):
        importing.result()
