"""What arrives goes to whoever wants it, in order, and is kept until then."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from unit.core.fakes import ticks

from bridge.errors import BridgeError, BridgeTimeoutError
from bridge.waiting.event import Event, invoke_here
from bridge.waiting.inbox import Inbox


class Box(Inbox[Any]):
    """An inbox with an event of its own, as a port has it."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.event = Event(invoke_here, self.errors.append)
        super().__init__(self.event, lambda item: (item,))

    def listen(self, listener: Callable[[Any], object]) -> None:
        self.event.addListener(listener)
        self.release()

    def bring(self, *items: Any) -> None:
        for item in items:
            self.deliver(item)

    def start(self, accepts: Callable[[Any], Any] = lambda _: True, timeout: float = 0) -> "asyncio.Task[Any]":
        return asyncio.ensure_future(self.take(timeout, lambda: "Waited", accepts))


@pytest.fixture
def box() -> Box:
    return Box()


def even(item: int) -> bool:
    return item % 2 == 0


def refuse(item: Any) -> bool:
    pytest.fail(f"no {item}")


def divide(item: int) -> bool:
    return 1 / item > 0


# --- taking ---------------------------------------------------------------------------------------------------------


async def test_what_came_before_is_taken_in_order(box: Box) -> None:
    box.bring(1, 2, 3)
    assert len(box) == 3
    assert [await box.take(0, str) for _ in range(3)] == [1, 2, 3]


async def test_whoever_waits_longest_gets_the_next(box: Box) -> None:
    first, second = box.start(), box.start()
    await ticks()
    box.bring(1, 2, 3)
    assert [await first, await second, len(box)] == [1, 2, 1]


async def test_the_first_kept_item_that_is_accepted_is_taken_and_the_others_stay(box: Box) -> None:
    box.bring(1, 3, 4, 6)
    assert [await box.take(0, str, even), await box.take(0, str), await box.take(0, str)] == [4, 1, 3]


async def test_an_item_goes_past_those_who_do_not_accept_it(box: Box) -> None:
    wants_even, wants_any = box.start(even), box.start()
    await ticks()
    box.bring(1, 3, 2)
    assert [await wants_even, await wants_any, len(box)] == [2, 1, 1]


@pytest.mark.parametrize("falsy", [None, 0, "", [], False])
async def test_falsy_items_are_items(box: Box, falsy: Any) -> None:
    waiting = box.start()
    await ticks()
    box.bring(falsy, falsy)
    assert await waiting == falsy
    assert len(box) == 1
    assert await box.take(0, str) == falsy


# --- listeners ------------------------------------------------------------------------------------------------------


async def test_the_first_listener_gets_what_was_kept_then_the_new(box: Box) -> None:
    seen: list[int] = []
    box.bring(1, 2)
    box.listen(seen.append)
    assert seen == []  # not from inside the call that adds it
    box.bring(3)  # arrives before the kept ones are out
    await ticks()
    box.bring(4)
    assert seen == [1, 2, 3, 4] and len(box) == 0


async def test_what_arrives_while_kept_items_go_out_comes_after_them(box: Box) -> None:
    seen: list[int] = []

    def listener(item: int) -> None:
        seen.append(item)
        if item == 1:
            box.bring(3)

    box.bring(1, 2)
    box.listen(listener)
    await ticks()
    assert seen == [1, 2, 3]


async def test_a_listener_that_removes_itself_leaves_the_rest_kept(box: Box) -> None:
    seen: list[int] = []

    def once(item: int) -> None:
        seen.append(item)
        box.event.removeListener(once)

    box.bring(1, 2)
    box.listen(once)
    await ticks()
    assert seen == [1]
    assert await box.take(0, str) == 2


async def test_a_waiter_and_every_listener_get_the_item(box: Box) -> None:
    seen: list[Any] = []
    box.listen(seen.append)
    box.listen(lambda item: seen.append(str(item)))
    waiting = box.start()
    await ticks()
    box.bring(7)
    assert await waiting == 7
    assert seen == [7, "7"] and len(box) == 0


async def test_a_listener_that_raises_loses_no_item(box: Box) -> None:
    seen: list[int] = []
    box.bring(0, 1)
    box.listen(divide)
    box.event.addListener(seen.append)
    await ticks()
    assert seen == [0, 1]
    assert [type(error) for error in box.errors] == [ZeroDivisionError]


# --- cancelling and timeouts ----------------------------------------------------------------------------------------


async def test_a_timeout_loses_nothing(box: Box) -> None:
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 1 ms exceeded. Waited$"):
        await box.take(1, lambda: "Waited")
    assert not box.waited_for
    box.bring(1)
    assert await box.take(0, str) == 1


async def test_a_cancelled_wait_takes_nothing(box: Box) -> None:
    waiting = box.start()
    await ticks()
    assert box.waited_for
    waiting.cancel()
    await ticks()
    assert not box.waited_for
    box.bring(1)
    assert await box.take(0, str) == 1


async def test_an_item_that_arrives_in_the_tick_of_the_cancellation_is_kept_in_its_place(box: Box) -> None:
    waiting = box.start()
    await ticks()
    box.bring(1)
    waiting.cancel()
    box.bring(2)
    await ticks()
    assert waiting.cancelled()
    assert [await box.take(0, str), await box.take(0, str)] == [1, 2]


async def test_an_item_that_arrives_in_the_tick_of_the_cancellation_goes_to_the_next_who_waits(box: Box) -> None:
    first, second = box.start(), box.start()
    await ticks()
    box.bring(1)
    first.cancel()
    await ticks()
    assert second.done() and await second == 1


async def test_an_item_that_listeners_had_is_not_brought_back_by_a_cancellation(box: Box) -> None:
    seen: list[int] = []
    box.listen(seen.append)
    waiting = box.start()
    await ticks()
    box.bring(1)
    waiting.cancel()
    await ticks()
    box.bring(2)  # and it does not stop the items to come
    await ticks()
    assert seen == [1, 2] and len(box) == 0


async def test_an_item_brought_back_goes_to_a_listener_added_meanwhile(box: Box) -> None:
    seen: list[int] = []
    waiting = box.start()
    await ticks()
    box.bring(1)
    waiting.cancel()
    box.listen(seen.append)
    await ticks()
    box.bring(2)
    await ticks()
    assert seen == [1, 2]


@pytest.mark.parametrize("order", [[2, 4], [4, 2]])
async def test_items_brought_back_stand_where_they_would_have_stood(box: Box, order: list[int]) -> None:
    reserved = {number: box.expect(lambda item, number=number: item == number) for number in (2, 4)}
    box.bring(1, 2, 3, 4, 5)
    for number in order:
        box.forget(reserved[number])
    assert [await box.take(0, str) for _ in range(5)] == [1, 2, 3, 4, 5]


async def test_an_item_that_another_gave_up_keeps_its_place_when_it_is_given_up_again(box: Box) -> None:
    first, second = box.expect(even), box.expect(even)
    box.bring(1, 2, 3)
    box.forget(first)  # now it is the second one's
    box.forget(second)
    assert [await box.take(0, str) for _ in range(3)] == [1, 2, 3]


async def test_a_reservation_given_up_lets_the_item_stay(box: Box) -> None:
    reserved = box.expect()
    box.bring(1)
    box.forget(reserved)
    assert await box.take(0, str) == 1


# --- predicates that raise ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("predicate", "error"), [(divide, ZeroDivisionError), (refuse, pytest.fail.Exception)])
async def test_a_predicate_that_raises_fails_its_own_wait_only(
    box: Box, predicate: Callable[[Any], Any], error: type[BaseException]
) -> None:
    seen: list[int] = []
    box.listen(seen.append)
    wrong, right = box.start(predicate), box.start()
    await ticks()
    box.bring(0)
    assert await right == 0
    with pytest.raises(error):
        await wrong
    assert seen == [0]


async def test_a_predicate_that_raises_for_a_kept_item_takes_nothing(box: Box) -> None:
    box.bring(0)
    with pytest.raises(ZeroDivisionError):
        await box.take(0, str, divide)
    assert await box.take(0, str) == 0


# --- the end --------------------------------------------------------------------------------------------------------


async def test_the_end_wakes_all_who_wait_with_the_reason(box: Box) -> None:
    waiting = [box.start(), box.start(even, 60_000), box.start(timeout=60_000)]
    await ticks()
    box.end(lambda: BridgeError("the page went"))
    for wait in waiting:
        with pytest.raises(BridgeError, match=r"^the page went$"):
            await wait


async def test_what_was_kept_is_taken_before_the_end_is_told(box: Box) -> None:
    box.bring(1, 2)
    box.end(lambda: BridgeError("over"))
    assert [await box.take(0, str), await box.take(0, str)] == [1, 2]
    for _ in range(2):
        with pytest.raises(BridgeError, match="over"):
            await box.take(0, str)


async def test_after_the_end_the_first_listener_still_gets_what_was_kept(box: Box) -> None:
    seen: list[int] = []
    box.bring(1, 2)
    box.end(lambda: BridgeError("over"))
    box.listen(seen.append)
    await ticks()
    assert seen == [1, 2]


async def test_an_interruption_ends_the_waits_under_way_only(box: Box) -> None:
    waiting = box.start()
    await ticks()
    box.interrupt(lambda: BridgeError("a listener raised"))
    with pytest.raises(BridgeError, match="a listener raised"):
        await waiting
    box.bring(1)
    assert await box.take(0, str) == 1


async def test_what_is_kept_may_be_forgotten(box: Box) -> None:
    box.bring(1, 2)
    box.clear()
    assert len(box) == 0
    taking = box.start()
    await ticks()
    box.bring(3)
    assert await taking == 3


async def test_what_is_kept_is_measured() -> None:
    sizes: list[int] = []
    event = Event(invoke_here, lambda error: None)
    box: Inbox[str] = Inbox(event, lambda item: (item,), sizes.append)
    box.deliver("a", 5)
    box.deliver("b", 7)
    assert await box.take(0, str) == "a"
    box.clear()
    assert sizes == [5, 7, -5, -7]
    with pytest.raises(BridgeTimeoutError):
        await box.take(1, str, lambda item: False)
    wanted = box.expect()
    box.deliver("c", 9)  # taken at once, and given back
    box.forget(wanted)
    event.addListener(lambda item: None)
    box.release()
    await ticks()
    box.deliver("d", 3)
    assert sizes == [5, 7, -5, -7, 9, -9]
