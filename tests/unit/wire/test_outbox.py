"""What waits to be written: order, batches, flow control, and the end."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from unit.core.fakes import ticks

from bridge.errors import BridgeError
from bridge.waiting.waits import Pending
from bridge.wire import outbox as module
from bridge.wire.outbox import Outbox, join_lines


def gone() -> BridgeError:
    return BridgeError("the browser closed")


class Socket:
    """Takes one message at a time, when the test lets it.

    Attributes:
        messages: What was written.
        room: Set while messages pass.
        broken: Raised by every write.
    """

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.room = asyncio.Event()
        self.room.set()
        self.broken: Exception | None = None

    async def send(self, message: str) -> None:
        if self.broken:
            raise self.broken
        self.messages.append(message)
        await self.room.wait()


@pytest.fixture
async def socket() -> Socket:
    return Socket()


@pytest.fixture
async def outbox(socket: Socket) -> AsyncIterator[Outbox[str]]:
    outbox = Outbox(socket.send, join_lines)
    yield outbox
    outbox.close(gone())
    await ticks()


async def test_the_first_line_is_written_at_once_those_that_follow_together(
    outbox: Outbox[str], socket: Socket
) -> None:
    for lines in (["1"], ["2", "3"], ["4"]):
        outbox.put(lines)
    assert socket.messages == ["1"]
    await ticks()
    outbox.put(["5"])
    assert socket.messages == ["1", "2\n3\n4", "5"]


async def test_awaiting_a_put_waits_for_the_room(outbox: Outbox[str], socket: Socket) -> None:
    socket.room.clear()
    first, second = outbox.put(["1"]), outbox.put(["2"])
    waiting = [asyncio.ensure_future(_await(pending)) for pending in (first, second)]
    await ticks()
    third = outbox.put(["3"])
    assert not any(wait.done() for wait in waiting)
    assert socket.messages == ["1"]
    socket.room.set()
    for pending in (first, second, third):
        await pending
    assert socket.messages == ["1", "2\n3"]


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([4, 4, 4], [2, 1]),
        ([10], [1]),
        ([11], [1]),
        ([11, 1, 1], [1, 2]),
        ([1, 11, 1], [1, 1, 1]),
        ([5, 5], [2]),
        ([30, 30], [1, 1]),
    ],
)
async def test_large_lines_do_not_hold_up_the_others(
    outbox: Outbox[str], socket: Socket, monkeypatch: pytest.MonkeyPatch, sizes: list[int], batches: list[int]
) -> None:
    monkeypatch.setattr(module, "_BATCH", 10)
    await outbox.put(["x" * size for size in sizes])
    assert [message.count("\n") + 1 for message in socket.messages] == batches
    assert [len(line) for message in socket.messages for line in message.split("\n")] == sizes


async def test_the_end_is_told_to_all_whose_lines_are_not_written(outbox: Outbox[str], socket: Socket) -> None:
    socket.room.clear()
    under_way = outbox.put(["1"])
    await ticks()
    queued = outbox.put(["2"])
    outbox.close(gone())
    for pending in (under_way, queued):
        with pytest.raises(BridgeError, match="the browser closed"):
            await pending
    assert socket.messages == ["1"]


async def test_the_end_comes_once_and_its_first_reason_stays(outbox: Outbox[str]) -> None:
    outbox.close(gone())
    outbox.close(BridgeError("later"))
    with pytest.raises(BridgeError, match="the browser closed"):
        outbox.put(["1"])


async def test_closing_before_what_follows_was_written(outbox: Outbox[str], socket: Socket) -> None:
    first, second = outbox.put(["1"]), outbox.put(["2"])
    outbox.close(gone())
    await first
    with pytest.raises(BridgeError, match="the browser closed"):
        await second
    assert socket.messages == ["1"]


async def test_what_a_broken_socket_did_not_take_is_not_called_written(outbox: Outbox[str], socket: Socket) -> None:
    socket.broken = ConnectionResetError("reset")
    lost = outbox.put(["1"])
    await ticks()
    later = outbox.put(["2"])
    waiting = [asyncio.ensure_future(_await(pending)) for pending in (lost, later)]
    await ticks()
    assert not any(wait.done() for wait in waiting)
    outbox.close(gone())  # the reader noticed as well, and says why
    for wait in waiting:
        with pytest.raises(BridgeError, match="the browser closed"):
            await wait


async def _await(pending: Pending[None]) -> None:
    await pending
