"""`async with expect_*(...) as info`: what it waits for, how long, and what it gives back."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from unit.core.fakes import ticks

from bridge.errors import BridgeError, BridgeTimeoutError
from bridge.waiting.event import Event, invoke_here
from bridge.waiting.expect import Expect
from bridge.waiting.inbox import Inbox


@pytest.fixture
def box() -> Inbox[Any]:
    return Inbox(Event(invoke_here, lambda error: None), lambda item: (item,))


def expect(
    box: Inbox[Any],
    accepts: Callable[[Any], Any] = lambda _: True,
    timeout: float = 60_000,
    begin: Callable[[], Awaitable[object]] | None = None,
    end: Callable[[], object] = lambda: None,
) -> Expect[Any]:
    return Expect(box, accepts, timeout, lambda: "Waited for it", begin=begin, end=end)


async def test_what_comes_in_the_block_is_the_value(box: Inbox[Any]) -> None:
    async with expect(box) as info:
        box.deliver("it")
        assert await info.value == "it"
    assert [await info.value, await info.value] == ["it", "it"]


async def test_the_end_of_the_block_waits(box: Inbox[Any]) -> None:
    async with expect(box) as info:
        asyncio.get_running_loop().call_soon(box.deliver, "late")
    assert await info.value == "late"


async def test_what_came_earlier_does_not_count_and_stays(box: Inbox[Any]) -> None:
    box.deliver("early")
    async with expect(box) as info:
        box.deliver("now")
    assert await info.value == "now"
    assert await box.take(0, str) == "early"


async def test_what_is_not_expected_goes_where_it_would_have_gone(box: Inbox[Any]) -> None:
    async with expect(box, lambda item: item > 1) as info:
        for item in (1, 2, 3):
            box.deliver(item)
    assert [await info.value, await box.take(0, str), await box.take(0, str)] == [2, 1, 3]


async def test_two_may_expect_at_once(box: Inbox[Any]) -> None:
    async with expect(box) as first, expect(box) as second:
        box.deliver(1)
        box.deliver(2)
    assert [await first.value, await second.value] == [1, 2]


async def test_it_waits_until_the_browser_is_ready(box: Inbox[Any]) -> None:
    ready = asyncio.get_running_loop().create_future()
    entering = asyncio.ensure_future(expect(box, begin=lambda: ready).__aenter__())
    await ticks()
    assert not entering.done()
    ready.set_result(None)
    info = await entering
    box.deliver("it")
    assert await info.value == "it"


async def test_if_the_browser_never_is_nothing_stays_reserved(box: Inbox[Any]) -> None:
    async def ready() -> None:
        raise BridgeError("the context is gone")

    with pytest.raises(BridgeError, match="the context is gone"):
        async with expect(box, begin=ready):
            pytest.fail("not entered")
    assert not box.waited_for
    box.deliver("it")
    assert await box.take(0, str) == "it"


async def test_a_timeout_says_what_was_waited_for(box: Inbox[Any]) -> None:
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded. Waited for it$"):
        async with expect(box, timeout=1):
            pass
    box.deliver("later")
    assert await box.take(0, str) == "later"


async def test_the_time_runs_from_the_entry_of_the_block_on(box: Inbox[Any]) -> None:
    passed = asyncio.Event()
    loop = asyncio.get_running_loop()
    with pytest.raises(BridgeTimeoutError):
        async with expect(box, timeout=1):
            loop.call_later(0.01, passed.set)
            await passed.wait()
            loop.call_soon(box.deliver, "too late")


async def test_an_error_in_the_block_is_the_error_and_nothing_is_lost(box: Inbox[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        async with expect(box):
            box.deliver("it")
            raise ZeroDivisionError
    assert await box.take(0, str) == "it"


async def test_what_was_seen_in_the_block_does_not_come_again_after_an_error(box: Inbox[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        async with expect(box) as info:
            box.deliver("it")
            assert await info.value == "it"
            raise ZeroDivisionError
    assert len(box) == 0


async def test_an_error_in_the_block_ends_the_reservation(box: Inbox[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        async with expect(box):
            raise ZeroDivisionError
    box.deliver("it")
    assert await box.take(0, str) == "it"


async def test_the_end_of_what_is_waited_for_is_the_error(box: Inbox[Any]) -> None:
    with pytest.raises(BridgeError, match="gone"):
        async with expect(box):
            box.end(lambda: BridgeError("gone"))


async def test_a_predicate_that_raises_is_the_error(box: Inbox[Any]) -> None:
    with pytest.raises(TypeError):
        async with expect(box, lambda item: item["kind"] == "saved"):
            box.deliver(None)


async def test_giving_up_on_the_value_inside_the_block_does_not_end_the_wait(box: Inbox[Any]) -> None:
    async with expect(box) as info:
        value = asyncio.ensure_future(_await(info.value))
        await ticks()
        value.cancel()
        await ticks()
        box.deliver("it")
    assert await info.value == "it"


async def _await(value: Awaitable[Any]) -> Any:
    return await value
