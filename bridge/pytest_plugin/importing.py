"""Imports the bridge while Playwright's driver starts: a run would otherwise wait for one after the other."""

from contextlib import suppress
from importlib import import_module
from threading import Thread
from types import ModuleType

import pytest

__all__ = ["Importing"]


class Importing:
    """Imports a module in a thread, from the moment on when a test that uses `bridge` is set up.

    Args:
        module: Its name.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._thread: Thread | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin, unless an earlier test has done so; after this, the test's fixtures are set up."""
        if self._thread is None and "bridge" in getattr(item, "fixturenames", ()):
            self._thread = Thread(target=self._import, name=f"imports {self._module}", daemon=True)
            self._thread.start()

    def result(self) -> ModuleType:
        """Return the module, once it is there.

        Raises:
            ImportError: It cannot be imported; and whatever else that raises.
        """
        if self._thread:
            self._thread.join()
        return import_module(self._module)

    def _import(self) -> None:
        with suppress(Exception):  # `result` raises it, where the test reports it
            import_module(self._module)
