"""What messages survive the way to JavaScript as JSON and back, and what is refused with which words."""

import json
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.protocol import deep, values

EXACT = 2**53
NESTED = 10_000  # levels; JSON of the standard library ends at some hundreds

text = st.text(st.characters())  # with lone surrogates
scalars = (
    st.none() | st.booleans() | st.integers(-EXACT, EXACT) | st.floats(allow_nan=False, allow_infinity=False) | text
)
messages = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(text, inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4).map(OrderedDict)
    ),
    max_leaves=12,
)


def twin(value: Any) -> Any:
    """What must come back: arrays as lists, and a pair of surrogates as the one character that it stands for."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, dict):
        return {twin(key): twin(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [twin(member) for member in value]
    return value


def exactly(value: Any) -> str:
    """Text that tells 1 from 1.0 and True, and -0.0 from 0.0."""
    return json.dumps(value)


class Colour(str, Enum):  # noqa: UP042 - what people wrote before StrEnum; its str() is not its value
    RED = "red"


class Size(StrEnum):
    BIG = "big"


class Odd(Enum):
    ONE = object()


class Level(IntEnum):
    HIGH = 3


class Name(str):
    def __str__(self) -> str:
        return "not the text"


class Whole(int):
    pass


class Real(float):
    pass


class Items(list[Any]):
    pass


# --- what comes back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encode", [values.encode, values.encode_json])
@given(message=messages)
def test_a_message_comes_back_as_it_was(encode: Callable[[Any], str], message: Any) -> None:
    assert exactly(values.decode(encode(message))) == exactly(twin(message))


@given(messages)
def test_what_is_sent_is_json(message: Any) -> None:
    assert exactly(twin(json.loads(values.encode_json(message)))) == exactly(twin(message))


@given(messages)
def test_the_fast_and_the_deep_writer_agree(message: Any) -> None:
    fast, slow = values.encode_json(message), deep.encode(message, "message")
    assert exactly(json.loads(fast)) == exactly(json.loads(slow))


@given(messages, st.booleans(), st.sampled_from([None, 1]))
def test_the_fast_and_the_deep_reader_agree(message: Any, ascii_only: bool, indent: int | None) -> None:
    half = re.search("[\ud800-\udfff]", json.dumps(message, ensure_ascii=False))  # JSON.stringify() escapes these
    sent = json.dumps(message, ensure_ascii=ascii_only or half is not None, indent=indent)
    assert exactly(values.decode(sent)) == exactly(deep.decode(sent)) == exactly(json.loads(sent))


@pytest.mark.parametrize(
    ("message", "received"),
    [
        ((1, (2, ()), []), [1, [2, []], []]),
        ({}, {}),
        ("", ""),
        ({"": {"": []}}, {"": {"": []}}),
        (EXACT, EXACT),
        (-EXACT, -EXACT),
        (1.5e308, 1.5e308),
        (5e-324, 5e-324),
        (1e22, 1e22),
        ("😀\ud800\udc00 \ud800 \udfff \x00\x7f\u2028", "😀\U00010000 \ud800 \udfff \x00\x7f\u2028"),
        ({"\udc00": "\ud83d"}, {"\udc00": "\ud83d"}),
        ([Size.BIG, Level.HIGH, Colour.RED], ["big", 3, "red"]),
        ({Size.BIG: Level.HIGH}, {"big": 3}),
        ({Colour.RED: 1}, {"red": 1}),
        ({Name("key"): Name("text")}, {"key": "text"}),
        (Items([Whole(1), Real(2.5), True]), [1, 2.5, True]),
        (defaultdict(list, {"a": [None]}), {"a": [None]}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    ],
)
def test_unusual_but_sendable(message: Any, received: Any) -> None:
    assert exactly(values.decode(values.encode_json(message))) == exactly(received)


def test_undefined_is_none() -> None:
    assert values.decode(None) is None


def test_the_same_object_may_stand_in_two_places() -> None:
    shared = [Items([1])]
    assert values.decode(values.encode_json({"a": shared, "b": [shared, shared]})) == {"a": [[1]], "b": [[[1]], [[1]]]}


def test_integers_that_javascript_rounded_are_floats() -> None:
    came = values.decode('[100000000000000000000,1e+21,9007199254740992,-9007199254740994,"1234567890123456"]')
    assert exactly(came) == '[1e+20, 1e+21, 9007199254740992, -9007199254740994.0, "1234567890123456"]'


@pytest.mark.parametrize(
    "wrap", [lambda inner: [inner], lambda inner: {"a": inner}, lambda inner: [0, {"b": [inner]}, 1]]
)
def test_great_depth(wrap: Callable[[Any], Any]) -> None:
    message: Any = "bottom 😀"
    for _ in range(NESTED):
        message = wrap(message)
    sent = values.encode_json(message)
    message = values.decode(sent)
    inner, levels = message, 0
    while not isinstance(inner, str):
        inner = inner[1] if isinstance(inner, list) and len(inner) == 3 else next(iter(_members(inner)))
        levels += 1
    assert levels >= NESTED and inner == "bottom 😀"
    assert values.encode_json(message) == sent


def _members(container: Any) -> Any:
    return container.values() if isinstance(container, dict) else container


# --- what is refused ------------------------------------------------------------------------------------------------

SENDABLE = "; a message is made of dict with str keys, list, tuple, str, int, float, bool and None"


def cycle() -> dict[str, Any]:
    ring: dict[str, Any] = {"a": [0]}
    ring["a"].append(ring)
    return ring


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"a": [0, 1, 2, {"when": datetime(2020, 1, 1)}]}, f"message.a[3].when: datetime cannot be sent{SENDABLE}"),
        (date(2020, 1, 1), f"message: date cannot be sent{SENDABLE}"),
        (b"bytes", f"message: bytes cannot be sent{SENDABLE}"),
        ([bytearray()], f"message[0]: bytearray cannot be sent{SENDABLE}"),
        ({"a": {1}}, f"message.a: set cannot be sent{SENDABLE}"),
        ([frozenset()], f"message[0]: frozenset cannot be sent{SENDABLE}"),
        ({"a": Decimal(1)}, f"message.a: Decimal cannot be sent{SENDABLE}"),
        ([1j], f"message[0]: complex cannot be sent{SENDABLE}"),
        (print, f"message: builtin_function_or_method cannot be sent{SENDABLE}"),
        (MappingProxyType({}), f"message: mappingproxy cannot be sent{SENDABLE}"),
        ({"a": float("nan")}, "message.a: float nan has no JSON form"),
        ([float("inf")], "message[0]: float inf has no JSON form"),
        (Real("-inf"), "message: float -inf has no JSON form"),
        ([EXACT + 1], "message[0]: int beyond 2**53 would be rounded by JavaScript; send a float or a str"),
        (-EXACT - 1, "message: int beyond 2**53 would be rounded by JavaScript; send a float or a str"),
        (2**64, "message: int beyond 2**53 would be rounded by JavaScript; send a float or a str"),
        ([Whole(10**5000)], "message[0]: int beyond 2**53 would be rounded by JavaScript; send a float or a str"),
        ({1: 2}, "message: the key 1 is int; keys are str, as in JavaScript"),
        ({"a": {None: 2}}, "message.a: the key None is NoneType; keys are str, as in JavaScript"),
        ({"a": {"b": 1, b"c": 2}}, "message.a: the key b'c' is bytes; keys are str, as in JavaScript"),
        ([[1], {"b": [], 2.5: 2}], "message[1]: the key 2.5 is float; keys are str, as in JavaScript"),
        ({"a-b": {"": {"$_é9": set()}}}, f'message["a-b"][""].$_é9: set cannot be sent{SENDABLE}'),
        ({"9": {'"\n': set()}}, f'message["9"]["\\"\\n"]: set cannot be sent{SENDABLE}'),
        ([[[], [1, [2], set()]], 3], f"message[0][1][2]: set cannot be sent{SENDABLE}"),
        (cycle(), "message.a[1]: a dict that contains itself cannot be sent as JSON"),
        ({"e": Odd.ONE}, f"message.e: object cannot be sent{SENDABLE}"),
    ],
)
def test_what_cannot_be_sent_is_named_by_its_path(message: Any, error: str) -> None:
    with pytest.raises(TypeError) as caught:
        values.encode_json(message)
    assert str(caught.value) == error


def test_the_root_of_the_path_is_named_by_the_caller() -> None:
    with pytest.raises(TypeError, match=r"^arguments\[0\]: set cannot be sent"):
        values.encode_json([set()], "arguments")


def test_a_fault_at_great_depth_is_found() -> None:
    message: Any = {1}
    for _ in range(NESTED):
        message = [message]
    with pytest.raises(TypeError, match=r"^message(\[0\]){10000}: set cannot be sent"):
        values.encode_json(message)


@pytest.mark.parametrize(
    "not_json",
    [
        *("", " ", "[", "{", "[1", "[1,]", "[,1]", '{"a"', '{"a":', '{"a":1', '{"a":1,}', "{1:2}", '{"a" 1}', "[1 2]"),
        *("[}", '{"a":1]', "1 2", "]", "nul", "truefalse", '"open', '"\n"', "-", "1.5e", "'a'", "NaN", "undefined"),
    ],
)
def test_what_is_not_json_is_a_value_error(not_json: str) -> None:
    with pytest.raises(ValueError):
        values.decode(not_json)
    with pytest.raises(ValueError):
        deep.decode(not_json)
