"""Whatever an observer does stays with the observer: the record says what it lacks, and the next wait what happened."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import BridgeError
from bridge.protocol import values
from bridge.traffic.history import History
from bridge.traffic.records import (
    Launched,
    MessagePosted,
    Omitted,
    PlaceBegan,
    PortOpened,
    Record,
    encode_line,
    payload,
)
from bridge.traffic.redact import REDACTED
from bridge.traffic.traffic import Traffic
from bridge.waiting.deferred import DeferredErrors

SECRET = "s3cret"


def posted(value: Any = SECRET, time: float = 1.0) -> MessagePosted:
    return MessagePosted(time=time, port=1, place=1, payload=payload(values.encode(value)))


class Desk:
    def __init__(self, redact: Any = None, path: Any = None) -> None:
        self.deferred = DeferredErrors()
        self.traffic = Traffic(lambda timeout: 1_000 if timeout is None else timeout, self.deferred)
        self.traffic._begin(path, redact)
        for record in (Launched(), PlaceBegan(place=1, kind="background"), PortOpened(port=1, place=1, name="p")):
            self.traffic._add(record)

    def raised(self) -> BaseException:
        """What the next wait of some port raises: one error, and no other after it."""
        with pytest.raises(BaseException) as caught:
            self.deferred.raise_for(object())
        assert not self.deferred
        return caught.value

    def omitted(self) -> list[Omitted]:
        return [record for record in self.traffic.records if isinstance(record, Omitted)]


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk() -> Iterator[MakeDesk]:
    made: list[Desk] = []

    def make(*given: Any, **named: Any) -> Desk:
        made.append(Desk(*given, **named))
        return made[-1]

    yield make
    for desk in made:
        desk.traffic._end(BridgeError("closed"))


class HostileDict(dict[str, Any]):
    def items(self) -> Any:
        raise LookupError("items")

    def __repr__(self) -> str:
        raise LookupError("repr")


class HostileKey:
    def __hash__(self) -> int:
        raise LookupError("hash")

    def __repr__(self) -> str:
        raise LookupError("repr")

    __str__ = __repr__


class HostileError(Exception):
    def __str__(self) -> str:
        raise LookupError("str")


def endless(message: Any) -> Any:
    return endless(message)


def fails(error: BaseException) -> Callable[[Any], Any]:
    def redact(message: Any) -> Any:
        raise error

    return redact


FUNCTIONS: list[Any] = [
    pytest.param(lambda message: message["token"], TypeError, id="a member of a text"),
    pytest.param(fails(KeyError("token")), KeyError, id="KeyError"),
    pytest.param(fails(ValueError("no")), ValueError, id="ValueError"),
    pytest.param(fails(StopIteration()), StopIteration, id="StopIteration"),
    pytest.param(fails(HostileError()), HostileError, id="an error without a text"),
    pytest.param(lambda message: pytest.fail("no"), pytest.fail.Exception, id="pytest.fail"),
    pytest.param(endless, RecursionError, id="RecursionError"),
    pytest.param(lambda message: object(), TypeError, id="what is no message"),
    pytest.param(lambda message: HostileKey(), BaseException, id="what has no text"),
    pytest.param(lambda message: HostileDict(a=1), BaseException, id="a dict that raises"),
    pytest.param(lambda message: {HostileKey: 1}, TypeError, id="a key that is no text"),
]


@pytest.mark.parametrize(("redact", "kind"), FUNCTIONS)
def test_a_redact_function_that_fails(
    make_desk: MakeDesk, redact: Any, kind: type[BaseException], tmp_path: Path
) -> None:
    desk = make_desk(redact, tmp_path / "file")
    seen: list[Record] = []
    desk.traffic.subscribe(seen.append)
    for _ in range(3):
        desk.traffic._add(posted())
    (first, *others) = desk.traffic.messages("p")
    assert first.payload.startswith(REDACTED) and len(others) == 2
    assert [(each.count, each.reason.startswith("a message")) for each in desk.omitted()] == [(1, True)] * 3
    told = "".join([(tmp_path / "file").read_text(), *map(encode_line, [*seen, *desk.traffic.records])])
    assert SECRET not in told and len(seen) == 6
    assert isinstance(desk.raised(), kind)


def test_its_error_may_tell_the_secret_and_the_record_does_not(make_desk: MakeDesk) -> None:
    desk = make_desk(fails(KeyError(SECRET)))
    desk.traffic._add(posted())
    assert SECRET not in "".join(map(encode_line, desk.traffic.records))
    assert SECRET in str(desk.raised())


def test_names_are_left_out_where_a_function_would_have_been_too_deep(make_desk: MakeDesk) -> None:
    desk = make_desk(["token"])
    value: Any = {"token": SECRET}
    for _ in range(20_000):
        value = {"a": value}
    desk.traffic._add(posted(value))
    assert SECRET not in encode_line(desk.traffic.records[-1]) and not desk.deferred and not desk.omitted()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
def test_a_full_disk(make_desk: MakeDesk) -> None:
    desk = make_desk(path="/dev/full")
    for _ in range(3):
        desk.traffic._add(posted())
    desk.traffic._end(BridgeError("closed"))
    assert len(desk.traffic.messages("p")) == 3
    (omitted,) = desk.omitted()
    assert "/dev/full" in omitted.reason and "No space left" in omitted.reason
    error = desk.raised()
    assert isinstance(error, BridgeError) and isinstance(error.__cause__, OSError)
    assert "record_to='/dev/full' cannot be written: No space left on device" in str(error)


def test_a_file_that_somebody_closed(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(path=tmp_path / "file")
    assert desk.traffic._file
    os.close(desk.traffic._file._file.fileno())
    for _ in range(3):
        desk.traffic._add(posted())
    assert len(desk.traffic.messages("p")) == 3 and len(desk.omitted()) == 1
    assert "Bad file descriptor" in str(desk.raised())
    desk.traffic._end(BridgeError("closed"))
    assert not desk.deferred


def test_a_file_that_does_not_close(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(path=tmp_path / "file")
    assert desk.traffic._file
    os.close(desk.traffic._file._file.fileno())
    desk.traffic._end(BridgeError("closed"))
    assert "Bad file descriptor" in str(desk.raised())


def test_a_record_that_no_line_can_hold_is_omitted_from_the_file(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(path=tmp_path / "file")
    desk.traffic._add(PlaceBegan(place=2, kind="page", tab={"\ud800": 1}))  # type: ignore[arg-type]
    desk.traffic._add(posted())
    desk.traffic.save(tmp_path / "saved")
    for name in ("file", "saved"):
        history = Traffic.load(tmp_path / name)
        assert [each.reason[:29] for each in history.omitted] == ["a PlaceBegan that cannot be w"]
        assert [message.payload for message in history.messages] == [SECRET]


def test_a_subscriber_that_raises_disturbs_nobody_and_is_said_once(make_desk: MakeDesk) -> None:
    desk = make_desk()
    seen: list[Record] = []

    def broken(record: Record) -> None:
        seen.append(record)
        raise LookupError(f"record {len(seen)}")

    off = desk.traffic.subscribe(broken)
    desk.traffic.subscribe(lambda record: pytest.fail("another"))
    after: list[Record] = []
    desk.traffic.subscribe(after.append)
    for _ in range(3):
        desk.traffic._add(posted())
    assert len(seen) == len(after) == 3
    with pytest.raises(LookupError, match="record 1") as caught:
        desk.deferred.raise_for(object())
    assert caught.value.__notes__ == ["A subscriber of the bridge's traffic raised this"]
    assert isinstance(desk.raised(), pytest.fail.Exception)
    off()
    off()
    desk.traffic._add(posted())
    assert len(seen) == 3


def test_the_next_test_is_told_again(make_desk: MakeDesk) -> None:
    desk = make_desk(fails(KeyError("token")))
    for _ in range(2):
        desk.traffic._add(posted())
        assert isinstance(desk.raised(), KeyError)
        desk.traffic._clear()


def test_a_predicate_that_raises_is_its_callers(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.traffic._add(posted())
    with pytest.raises(LookupError, match="mine"):
        desk.traffic.messages(None, fails(LookupError("mine")))
    desk.traffic._add(posted())
    assert len(desk.traffic.messages()) == 2 and not desk.deferred


@pytest.mark.parametrize("error", [LookupError("mine"), pytest.fail.Exception("mine"), StopIteration("mine")])
async def test_so_is_one_that_waits(make_desk: MakeDesk, error: BaseException) -> None:
    desk = make_desk()
    with pytest.raises(RuntimeError if isinstance(error, StopIteration) else type(error), match="mine"):
        async with desk.traffic.expect_message(None, fails(error)):
            desk.traffic._add(posted())
    desk.traffic._add(posted())
    assert len(desk.traffic.messages()) == 2 and not desk.deferred


async def test_the_waits_of_the_traffic_raise_it(make_desk: MakeDesk) -> None:
    desk = make_desk(fails(KeyError("token")))
    desk.traffic._add(posted())
    with pytest.raises(KeyError, match="token"):
        desk.traffic.expect_message()
    async with desk.traffic.expect_message():
        desk.traffic._add(posted())


def test_of_what_save_is_given_the_caller_hears(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk()
    desk.traffic._add(posted())
    desk.traffic.save(tmp_path / "file")
    with pytest.raises(KeyError, match="token"):
        desk.traffic.save(tmp_path / "file", redact=fails(KeyError("token")))
    assert len(Traffic.load(tmp_path / "file").messages) == 1  # the earlier one is whole


# --- waits that meet other things -----------------------------------------------------------------------------------


@pytest.mark.parametrize("between", ["a record", "clear", "nothing"])
async def test_what_comes_before_the_entry_of_the_block_ends_no_wait(make_desk: MakeDesk, between: str) -> None:
    desk = make_desk()
    expect = desk.traffic.expect_message("p")
    if between == "a record":
        desk.traffic._add(posted("early"))
    elif between == "clear":
        desk.traffic._clear()
        desk.traffic._add(PortOpened(port=1, place=1, name="p"))
    async with asyncio.timeout(5), expect as info:
        desk.traffic._add(posted("late"))
    message = await info.value
    assert (message.payload, message.port and message.port.name) == ("late", "p")


async def test_a_wait_outlives_clear(make_desk: MakeDesk) -> None:
    desk = make_desk()
    async with asyncio.timeout(5), desk.traffic.expect_message("q") as info:
        desk.traffic._clear()
        desk.traffic._add(PortOpened(port=2, place=1, name="q"))
        desk.traffic._add(MessagePosted(port=2, place=1, payload=payload("1")))
    message = await info.value
    assert message.payload == 1 and message.sender.kind == "background"


async def test_what_nobody_waits_for_is_not_followed(make_desk: MakeDesk) -> None:
    desk = make_desk()
    async with desk.traffic.expect_message("p"):
        desk.traffic._add(posted())
    desk.traffic._add(posted())
    assert desk.traffic._followed is None and isinstance(desk.traffic._put_together(), History)
