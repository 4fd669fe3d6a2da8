"""The small parts: numbers, the latest record, messages as they are typed, what a manifest names."""

import asyncio
from typing import Any

import pytest
from unit.inspector.stage import Records, posted

from bridge.errors import BridgeError
from bridge.inspector.commands import parse
from bridge.inspector.numbers import Numbers
from bridge.inspector.source import Latest
from bridge.traffic.records import PortAccepted, PortOpened


def test_numbers_last_and_are_not_given_again() -> None:
    numbers: Numbers[object] = Numbers("thing")
    first, second, third = object(), object(), object()
    assert numbers.keep([first, second]) == [(1, first), (2, second)]
    assert numbers.keep([third, second]) == [(3, third), (2, second)]
    assert numbers[2] is second
    with pytest.raises(BridgeError, match="That thing is gone"):
        numbers[1]
    assert numbers.keep([first]) == [(4, first)]


async def test_the_latest_port_is_told_once() -> None:
    records = Records()
    latest = Latest(records)
    records.emit(PortOpened(port=7, place=1, by="python"))
    records.emit(posted())
    assert latest.take() == 7
    assert latest.take() is None
    records.emit(PortAccepted(port=8, place=1, by="python"))
    assert latest.take() == 8


async def test_a_port_of_a_script_is_not_pythons() -> None:
    records = Records()
    latest = Latest(records)
    records.emit(PortOpened(port=7, place=1, by="script"))
    assert latest.take() is None


async def test_a_port_of_an_earlier_turn_is_not_the_latest() -> None:
    records = Records()
    latest = Latest(records)
    records.emit(PortOpened(port=7, place=1, by="python"))
    await asyncio.sleep(0)
    assert latest.take() is None
    latest.stop()
    assert records.subscribers == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("1", 1), (' {"a": [null]} ', {"a": [None]}), ('"\\ud800"', "\ud800"), ('"</script>"', "</script>")],
)
def test_a_typed_message(text: str, message: Any) -> None:
    assert parse(text) == message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "There is no message"),
        (" \n", "There is no message"),
        ('{"a": 1', "^This is not JSON: line 1 column"),
        ("{'a': 1}", "line 1 column 2"),
        ("[1,\n2,]", "line 2 column 3"),
        ("NaN", "not JSON"),
        ("*[]", "not JSON"),
        ("1 2", "line 1 column 3"),
    ],
)
def test_what_is_no_message(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)


def test_a_deep_message() -> None:
    message = parse("[" * 10_000 + "]" * 10_000)
    for _ in range(9_999):
        (message,) = message
    assert message == []
