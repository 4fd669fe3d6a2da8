"""What a test's report says of its bridge: errors of listeners and the channel, and the traffic of Python's ports."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ..errors import BridgeError, ChannelError
from .failing import fail

__all__ = ["BRIDGE"]

BRIDGE = pytest.StashKey[Any]()
"""Where a test keeps its bridge while it has one."""

_CHANNEL_BROKEN = """\
During this test, {name}: {error}
The two ends of the bridge did not understand each other. The test is not to blame: please report it, with this text."""
_SECTION_TITLE = "recorded traffic"
_FILES = ("traffic.jsonl", "traffic.html")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test during which a listener raised, a frame was refused, or a link was dropped."""
    try:
        result = yield
    except BaseException as error:
        _note_listener_errors(item, error)
        raise
    try:
        _raise_listener_errors(item)
    except BridgeError as error:
        if type(error) not in (BridgeError, ChannelError):
            raise  # of a listener, whose traceback says where
        fail(_CHANNEL_BROKEN.format(name=type(error).__name__, error=error))
    return result


def _raise_listener_errors(item: pytest.Item) -> None:
    if bridge := item.stash.get(BRIDGE, None):
        bridge.raise_listener_errors()


def _note_listener_errors(item: pytest.Item, error: BaseException) -> None:
    try:
        _raise_listener_errors(item)
    except BaseException as another:  # pytest.fail() raises no Exception
        from ..waiting.deferred import note

        for fault in another.exceptions if isinstance(another, BaseExceptionGroup) else [another]:
            if fault is not error:
                error.add_note(note(fault))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the recorded traffic of a test that failed, and keep it where pytest-playwright keeps a trace."""
    report = yield
    if report.failed and (bridge := item.stash.get(BRIDGE, None)):
        lines = bridge.recent_traffic() or ["(none)"]
        lines += [f"Not answered: {request!r}" for request in [*bridge.open_requests, *bridge.open_permission_requests]]
        if bridge.traffic.records:
            lines.append(f"As a page: {_written(item, bridge.traffic)}")
        report.sections.append((_SECTION_TITLE, "\n".join(lines)))
    return report


def _written(item: pytest.Item, traffic: Any) -> Path:
    from ..report.html import write_report

    # "_request" is where pytest itself takes a test's fixtures from.
    folder = Path(item._request.getfixturevalue("output_path"))  # type: ignore[attr-defined]
    folder.mkdir(parents=True, exist_ok=True)
    data, page = (folder / name for name in _FILES)
    traffic.save(data)
    write_report(traffic.records, page, title=item.nodeid)
    return page
