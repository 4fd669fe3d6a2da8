"""Which tests one process runs, one after another, and in which order.

Tests share browsers by file and by browser, so those stay together. pytest-xdist 3.8 has groups, too, but
a worker tells them by writing into pytest's private ``Item._nodeid``, at which pytest 9.2 no longer looks. Here the
workers write them into a folder that the run gives them, and the scheduler reads them there. So it is for every
``--dist`` that hands out tests.
"""

import inspect
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from .costs import seconds

_FOLDER = "groups_folder"
_ORDER = ("chromium", "firefox", "")


def pytest_configure(config: pytest.Config) -> None:
    if _distributes(config):
        folder = TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
        config.pluginmanager.register(_Distribution(Path(folder.name)))


@pytest.hookimpl(trylast=True)  # after pytest's own order, by parameters; it stays in a group
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    if worker := getattr(config, "workerinput", None):
        groups = {item.nodeid: group(item) for item in items}
        (Path(worker[_FOLDER]) / worker["workerid"]).write_text(json.dumps(groups), "utf-8")


class _Distribution:
    """What the process does that hands out the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._groups: dict[str, str] = {}

    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[_FOLDER] = str(self._folder)

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        from xdist.scheduler import LoadScopeScheduling

        config.option.loadscopereorder = False  # the order is `_turn`
        scheduler = LoadScopeScheduling(config, log)
        scheduler._split_scope = self._groups.__getitem__
        return scheduler

    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        if not ids:
            return  # a name that is wrong, of which pytest itself says so
        self._groups.update(json.loads((self._folder / node.workerinput["workerid"]).read_text("utf-8")))
        if unknown := set(ids) - set(self._groups):
            pytest.exit(f"no group is known of {min(unknown)}, so tests would not share browsers", returncode=4)


def _distributes(config: pytest.Config) -> bool:
    return bool(config.getoption("tx", None)) and not hasattr(config, "workerinput")


def group(item: pytest.Item) -> str:
    """Return the name of an item's group."""
    return f"{path_of(item)} {world_of(item)}{' sync' if is_sync(item) else ''}"


def is_sync(item: pytest.Item) -> bool:
    """Return whether a test uses Playwright's sync flavour in this process."""
    return "playwright" in getattr(item, "fixturenames", ())


# Long groups come first, so that no process has much left when the others are done. One browser comes after the other,
# so that a process launches the one that tests share once. Sync Playwright leaves its loop marked as running until it
# is stopped, at the end of the run, so no async test can run after it.
def _turn(item: pytest.Item) -> tuple[Any, ...]:
    world = world_of(item)
    browser = _ORDER.index(world.partition("-")[0])
    is_plain = not inspect.iscoroutinefunction(getattr(item, "obj", None))
    return is_sync(item), browser, -seconds(path_of(item)), group(item), is_plain


def path_of(item: pytest.Item) -> str:
    """Return the path of an item's file, from the root of the project."""
    return item.path.relative_to(item.config.rootpath).as_posix()


def world_of(item: pytest.Item) -> str:
    """Return the browser, or the world of the conformance suite, in which an item runs; empty if it says none."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return next((parameters[name] for name in ("world", "engine", "browser_name") if name in parameters), "")
