"""Waiting with a limit."""

import asyncio
from collections.abc import Callable

import pytest
from unit.core.fakes import ticks

from bridge.errors import BridgeError, BridgeTimeoutError
from bridge.waiting.waits import Pending, settle, wait


def future() -> "asyncio.Future[str]":
    return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("timeout", [0, 60_000])
async def test_a_wait_returns_what_was_settled(timeout: float) -> None:
    awaited = future()
    waiting = asyncio.ensure_future(wait(awaited, timeout, str))
    await ticks()
    assert not waiting.done()
    assert settle(awaited, "it")
    assert await waiting == "it"


@pytest.mark.parametrize("timeout", [0, 60_000])
async def test_a_wait_raises_what_was_settled(timeout: float) -> None:
    awaited = future()
    settle(awaited, BridgeError("gone"))
    with pytest.raises(BridgeError, match=r"^gone$"):
        await wait(awaited, timeout, str)


async def test_a_timeout_says_how_long_and_what_was_waited_for() -> None:
    with pytest.raises(TimeoutError) as caught:
        await wait(future(), 1.5, lambda: "Waited for a bus")
    assert isinstance(caught.value, BridgeTimeoutError)
    assert str(caught.value) == "Timeout 1.5 ms exceeded. Waited for a bus"


async def test_a_timeout_describes_what_was_seen_by_then_and_not_before() -> None:
    seen: list[str] = []
    waiting = asyncio.ensure_future(wait(future(), 1, lambda: f"Saw {seen}"))
    await ticks()
    seen.append("a car")
    with pytest.raises(BridgeTimeoutError, match=r"Saw \['a car'\]"):
        await waiting


async def test_a_timeout_comes_even_if_it_cannot_be_described() -> None:
    def describe() -> str:
        raise RecursionError("too deep")

    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded"):
        await asyncio.wait_for(wait(future(), 1, describe), 1)


async def test_no_timer_is_left_behind() -> None:
    fired: list[str] = []

    def describe() -> str:
        fired.append("described")
        return ""

    awaited = future()
    waiting = asyncio.ensure_future(wait(awaited, 1, describe))
    await ticks()
    settle(awaited, "in time")
    assert await waiting == "in time"
    with pytest.raises(BridgeTimeoutError):
        await wait(future(), 3, str)  # longer than the first one's limit
    assert fired == []


@pytest.mark.parametrize("second", ["again", ValueError("again")])
async def test_only_the_first_settling_counts(second: str | ValueError) -> None:
    awaited = future()
    assert settle(awaited, "first") is True
    assert settle(awaited, second) is False
    assert await awaited == "first"


async def test_a_cancelled_wait_cannot_be_settled() -> None:
    awaited = future()
    awaited.cancel()
    assert settle(awaited, "late") is False


async def test_stop_iteration_is_told_in_words() -> None:
    # A future cannot hold one.
    awaited = future()
    settle(awaited, StopIteration("from next()"))
    with pytest.raises(RuntimeError, match="StopIteration"):
        await awaited


async def test_an_error_for_nobody_is_no_warning() -> None:
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    try:
        awaited = future()
        settle(awaited, ValueError("unseen"))
        del awaited
        await ticks()
    finally:
        loop.set_exception_handler(None)
    assert complaints == []


@pytest.mark.parametrize("result", ["written", ValueError("not written")])
async def test_what_is_pending_may_be_awaited_often_or_never(result: str | ValueError) -> None:
    awaited = future()
    pending = Pending(awaited)
    settle(awaited, result)
    for _ in range(2):
        if isinstance(result, str):
            assert await pending == result
        else:
            with pytest.raises(ValueError, match="not written"):
                await pending


async def test_cancelling_whoever_awaits_it_cancels_not_the_thing_itself() -> None:
    awaited = future()
    pending = Pending(awaited)
    await _cancelled(lambda: pending)
    settle(awaited, "written")
    assert await pending == "written"


async def _cancelled(start: Callable[[], "Pending[str]"]) -> None:
    async def run() -> str:
        return await start()

    task = asyncio.ensure_future(run())
    await ticks()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
