"""The search for a context of another extension, which has no agent to announce it."""

from typing import Any

import pytest

from bridge.core.other_extension import OtherExtension
from bridge.errors import ContextError


class Relay:
    """One whose browser closes, or whose extension is disabled, after it was asked that often."""

    def __init__(self, rounds: int, then: Any) -> None:
        self.rounds = rounds
        self.then = then

    async def _call(self, function: str, *arguments: Any) -> Any:
        self.rounds -= 1
        if self.rounds >= 0:
            return {"name": "helper", "enabled": True}
        if isinstance(self.then, Exception):
            raise self.then
        return self.then


class Driver:
    """One that finds nothing."""

    async def scope(self, loaded: Any, sought: Any) -> None:
        return None


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (ContextError("the browser closed"), "the browser closed"),
        ({"name": "helper", "enabled": False}, "'helper' is disabled"),
    ],
)
async def test_a_search_without_a_limit_ends_with_the_browser_or_the_extension(then: Any, said: str) -> None:
    relay: Any = Relay(2, then)
    driver: Any = Driver()
    other = OtherExtension("id", driver=driver, relay=relay, timeout_ms=lambda _: 0, own_frame=None)
    with pytest.raises(ContextError, match=said):
        await other.background.evaluate("1", timeout=0)
