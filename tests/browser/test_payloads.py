"""Messages that JSON carries arrive unchanged, whatever their size and number."""

import datetime
from typing import Any

import pytest

from bridge.async_api import Bridge, Port, RemoteError
from support import Site

MIB = 1024 * 1024

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**53,
    -(2**53),
    0.1,
    -1.5e-300,
    1e300,
    "",
    "plain",
    'zwölf Boxkämpfer 東京 😀 \x00\x7f\u2028\u2029 "quoted" \\ / \t\n\r',
    "a lone \ud83d surrogate and another \udc00",
    [],
    {},
    [[]],
    [{}],
    {"": [{"a": [None, [], {}]}]},
    {"__proto__": 1, "toString": 2, "constructor": {"a": 1}, "10": "ten", "2": "two"},
    [1, "two", [3.5, [None, [True]]]],
    {"tab\tkey": "+pieces=", "=": "+"},
]


@pytest.fixture
async def pair(sample: Bridge, sample_page: Any, site: Site) -> tuple[Port, Port]:
    """Both ends of a connection from a content script to the background, in Python's hands."""
    await sample_page.goto(site.url)
    content = await sample.content(sample_page)
    async with sample.background.expect_connection("values") as info:
        opened = content.runtime.connect({"name": "values"})
    assert await opened.receive() == {"greeting": "hi there content script!"}
    return opened, await info.value


async def test_values_arrive_unchanged_in_both_directions(pair: tuple[Port, Port]) -> None:
    for sender, receiver in (pair, pair[::-1]):
        for value in VALUES:
            sender.postMessage(value)
        for value in VALUES:
            received = await receiver.receive()
            assert received == value
            assert type(received) is type(value)
            if isinstance(value, dict) and "10" not in value:
                assert list(received) == list(value)


async def test_a_genuine_script_echoes_every_value(sample: Bridge) -> None:
    port = sample.external.runtime.connect(sample.extension_id, {"name": "values"})
    await port.receive()
    for value in VALUES:
        port.postMessage(value)
    for value in VALUES:
        assert await port.receive() == {"echo": value}


@pytest.mark.parametrize("depth", [100, 500, 1500])
async def test_deep_nesting(pair: tuple[Port, Port], depth: int) -> None:
    value: Any = "bottom"
    for level in range(depth):
        value = [value] if level % 2 else {"in": value}
    await pair[0].postMessage(value)
    received = await pair[1].receive()
    for level in reversed(range(depth)):
        received = received[0] if level % 2 else received["in"]
    assert received == "bottom"


@pytest.mark.parametrize("text", ["x", "😀", '"\\', "+=\t"], ids=["ascii", "astral", "escaped", "marks"])
async def test_large_messages(pair: tuple[Port, Port], text: str) -> None:
    large = {"large": text * (2 * MIB // len(text))}
    for sender, receiver in (pair, pair[::-1]):
        sender.postMessage("before")
        sender.postMessage(large)
        sender.postMessage("after")
        assert await receiver.receive() == "before"
        assert await receiver.receive() == large
        assert await receiver.receive() == "after"


@pytest.mark.slow("loads")
async def test_32_mib_in_one_message(pair: tuple[Port, Port]) -> None:
    large = {"large": "x" * (32 * MIB)}
    for sender, receiver in (pair, pair[::-1]):
        await sender.postMessage(large)
        assert await receiver.receive() == large


async def test_a_message_beyond_the_browsers_limit(pair: tuple[Port, Port], engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox has no such limit")
    sender, receiver = pair
    with pytest.raises(RemoteError, match=r"^Message exceeded maximum allowed size of 64MiB\.$"):
        await sender.postMessage("x" * (65 * MIB))
    await sender.postMessage("the port is as usable as before")
    assert await receiver.receive() == "the port is as usable as before"


async def test_what_cannot_be_sent_is_named_before_anything_is_sent(pair: tuple[Port, Port]) -> None:
    sender, receiver = pair
    with pytest.raises(TypeError, match=r"^message\.a\[3\]\.when: date cannot be sent"):
        sender.postMessage({"a": [0, 1, 2, {"when": datetime.date(2020, 1, 1)}]})
    with pytest.raises(TypeError, match=r"^message: the key 1 is int"):
        sender.postMessage({1: 2})
    await sender.postMessage("the first that was sent")
    assert await receiver.receive() == "the first that was sent"


async def test_order_of_a_thousand(pair: tuple[Port, Port]) -> None:
    for sender, receiver in (pair, pair[::-1]):
        for number in range(1000):
            sender.postMessage({"number": number})
        assert [(await receiver.receive())["number"] for _ in range(1000)] == list(range(1000))
