"""The types for what Python lacks, as a reader of messages uses them."""

import math
from typing import Any

import pytest

from bridge.javascript import HOLE, UNDEFINED, ArrayBufferView, BigInt, Date, Error, Map, Set


def test_no_value_is_false_and_says_what_it_is() -> None:
    assert not UNDEFINED and not HOLE and UNDEFINED is not HOLE
    assert (repr(UNDEFINED), repr(HOLE), repr(BigInt(5))) == ("UNDEFINED", "HOLE", "BigInt(5)")
    assert BigInt(5) == 5


def test_a_map_is_a_mapping_with_keys_of_any_kind() -> None:
    nan = math.nan
    map = Map([(1, "number"), (True, "boolean"), ("1", "text"), ({"a": 1}, "object"), (nan, "nan")])
    assert (map[1], map[True], map["1"], map[{"a": 1}], map[nan]) == ("number", "boolean", "text", "object", "nan")
    assert list(map.values()) == [value for _, value in map.items()] == ["number", "boolean", "text", "object", "nan"]
    assert (len(map), map.get(2), False in map) == (5, None, False)
    with pytest.raises(KeyError):
        map[2]
    both = Map([(1, "number"), (BigInt(1), "bigint")])  # two keys in JavaScript, though equal in Python
    assert (list(both.values()), list(both.items())[1]) == (["number", "bigint"], (1, "bigint"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Map({"a": 1}), {"a": 1}, True),
        ({"a": 1}, Map({"a": 1}), True),
        (Map([("a", 1), ("b", 2)]), Map([("b", 2), ("a", 1)]), True),
        (Map({"a": 1}), Map({"a": 2}), False),
        (Map([(1, 1)]), Map([(True, 1)]), False),
        (Map(), [], False),
        (Set([1, 2]), {2, 1}, True),
        ({1}, Set([1]), True),
        (Set([[1]]), Set([[1]]), True),
        (Set([1]), Set([True]), False),
        (Set(), [], False),
        (Date(), Date(), True),
        (Date(1), Date(2), False),
        (Error("m"), Error("m", members={"stack": "elsewhere"}), True),
    ],
)
def test_equality(one: Any, other: Any, same: bool) -> None:
    assert (one == other) is same


def test_what_contains_itself_can_be_shown() -> None:
    map = Map()
    map.entries.append(("self", map))
    set_ = Set([map])
    map.entries.append(("set", set_))
    assert repr(map) == "Map([('self', ...), ('set', Set([...]))])"


def test_a_view_gives_elements_and_bytes() -> None:
    view = ArrayBufferView("Int16Array", b"\x00\x00\xff\xff\x01\x00", 2)
    assert (list(view), view[0], len(view), bytes(view)) == ([-1, 1], -1, 2, b"\xff\xff\x01\x00")
    assert list(ArrayBufferView("Float16Array", b"\x00\x3c")) == [1.0]
    assert list(ArrayBufferView("BigUint64Array", b"\xff" * 8)) == [2**64 - 1]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("Int24Array", b""), "JavaScript has no view of type 'Int24Array'; there are Int8Array"),
        (("Int16Array", b"abc"), "A Int16Array of 3 bytes at 0 does not fit a buffer of 3 bytes"),
        (("Int16Array", b"abcd", 1), "A Int16Array of 3 bytes at 1 does not fit a buffer of 4 bytes"),
        (("Uint8Array", b"abcd", 2, 3), "A Uint8Array of 3 bytes at 2 does not fit a buffer of 4 bytes"),
    ],
)
def test_a_view_that_does_not_fit(arguments: tuple[Any, ...], error: str) -> None:
    with pytest.raises(ValueError) as caught:
        ArrayBufferView(*arguments)
    assert str(caught.value).startswith(error)
