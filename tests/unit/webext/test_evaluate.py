"""The evaluator, in Node: what it answers."""

import json
from typing import Any

import pytest
from unit.webext.scenes import play

from bridge.protocol import values
from bridge.webext.generated import evaluator


def answer(it: str, *, thrown: bool = False, argument: str = "null", wanted: bool = False) -> str:
    rest = ", ".join(map(json.dumps, (thrown, argument, wanted)))
    said: str = play(evaluator(), f"return run()({it}, {rest});")
    return said


@pytest.mark.parametrize(
    ("it", "value"),
    [
        ("1", 1),
        ("Promise.resolve('later')", "later"),
        ("(it) => it.length", 2),
        ("async (it) => it", [1, 2]),
        ("() => undefined", values.decode('*[["undefined"]]')),
        ("() => () => 1", None),
    ],
)
def test_a_value(it: str, value: Any) -> None:
    said = answer(it, argument="[1,2]")
    assert said[0] == "=" and values.decode(said[1:]) == value


@pytest.mark.parametrize(
    ("it", "thrown", "name", "message"),
    [
        ("new RangeError('far')", True, "RangeError", "far"),
        ("() => { throw new RangeError('far'); }", False, "RangeError", "far"),
        ("Promise.reject('no')", False, "Error", "no"),
        ("undefined", True, "Error", "undefined"),
        ("() => nothing", True, "Error", "() => nothing"),
        ("{ get message() { throw 1; } }", True, "Error", "What was thrown cannot be read"),
        ("{ get member() { throw new TypeError('unreadable'); } }", False, "TypeError", "unreadable"),
    ],
)
def test_what_is_thrown(it: str, thrown: bool, name: str, message: str) -> None:
    said = answer(it, thrown=thrown)
    found = json.loads(said[1:])
    assert (said[0], found["name"], found["message"]) == ("!", name, message)


@pytest.mark.parametrize(("it", "said"), [("0", ""), ("() => ''", ""), ("async () => null", ""), ("2", "=2")])
def test_only_what_is_truthy(it: str, said: str) -> None:
    assert answer(it, wanted=True) == said
