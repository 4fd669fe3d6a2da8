"""When tests share a browser, and when it is closed between them; the launch is played by the test."""

from pathlib import Path
from typing import Any

import pytest

from bridge.pytest_plugin.launch_arguments import LaunchArguments
from bridge.pytest_plugin.shared_browser import SharedBrowser

ARGUMENTS = LaunchArguments("chromium", Path("extension"), {})


class Bridge:
    """A launch that can be reset, or fails to be."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.fault: Exception | None = None

    def reset(self) -> None:
        self.did.append("reset")
        if self.fault:
            raise self.fault

    def close(self) -> None:
        self.did.append("close")


def sharing(*, resets: bool = True) -> SharedBrowser:
    return SharedBrowser(lambda *_, **__: Bridge(), resets=resets)


@pytest.mark.parametrize(
    ("resets", "lost", "did"), [(True, False, ["reset"]), (True, True, ["close"]), (False, False, ["close"])]
)
async def test_what_happens_to_the_browser_after_a_test(resets: bool, lost: bool, did: list[str]) -> None:
    shared = sharing(resets=resets)
    bridge: Any = await shared.get(ARGUMENTS)
    await shared.release(lost=lost)
    assert bridge.did == did
    assert (await shared.get(ARGUMENTS) is bridge) is (did == ["reset"])


async def test_a_browser_that_cannot_be_reset_is_not_used_again() -> None:
    shared = sharing()
    bridge: Any = await shared.get(ARGUMENTS)
    bridge.fault = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await shared.release(lost=False)
    assert bridge.did == ["reset", "close"]
    assert await shared.get(ARGUMENTS) is not bridge


async def test_another_launch_ends_the_one_before() -> None:
    shared = sharing()
    bridge: Any = await shared.get(ARGUMENTS)
    assert await shared.get(LaunchArguments("chromium", Path("another"), {})) is not bridge
    assert bridge.did == ["close"]
