"""Structured values: through Python's text and back, and through the JavaScript of the agent by Node."""

import array
import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import javascript as js
from bridge.javascript import HOLE, UNDEFINED
from bridge.protocol import values
from support import NODE_REQUIRED, ROOT

VALUES_JS = ROOT / "bridge" / "webext" / "js" / "values.js"
ECHO = """
const values = eval(require("fs").readFileSync(process.argv[1], "utf8"));
require("readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  let answer;
  try { answer = await values.encode(values.decode(line), true); } catch (error) { answer = `error ${error}`; }
  process.stdout.write(answer + "\\n");
});
"""

Echo = Callable[[Any], Any]


def run_javascript(expression: str) -> str:
    """Return what an expression that uses `values` writes."""
    script = f'const values = eval(require("fs").readFileSync(process.argv[1], "utf8")); console.log({expression})'
    return subprocess.run(
        [_node(), "-e", script, str(VALUES_JS)], capture_output=True, text=True, check=True
    ).stdout.removesuffix("\n")


def _node() -> str:
    if not (path := shutil.which("node")):
        assert not NODE_REQUIRED, "node is missing"
        pytest.skip("node is missing")
    return path


@pytest.fixture(scope="module")
def node() -> Iterator[Callable[[str], str]]:
    command = [_node(), "-e", ECHO, str(VALUES_JS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        stdin, stdout = process.stdin, process.stdout

        def echo(line: str) -> str:
            stdin.write(line + "\n")
            stdin.flush()
            return stdout.readline().removesuffix("\n")

        yield echo
        stdin.close()


@pytest.fixture(scope="module", params=["python", "javascript"])
def echo(request: pytest.FixtureRequest) -> Echo:
    """Sends a value through its text, and through JavaScript and back."""
    if request.param == "python":
        return lambda value: values.decode(values.encode(value))
    through: Callable[[str], str] = request.getfixturevalue("node")
    return lambda value: values.decode(through(values.encode(value)))


def canonical(value: Any) -> Any:
    """Text by which values are the same in JavaScript: 1 is 1.0 there, but not true, and 0 is not -0."""
    match value:
        case bool() | None | js.Void():
            return repr(value)
        case int() | float():
            return canonical_number(value)
        case str():
            return json.dumps(value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))
        case dict():
            return {canonical(key): canonical(member) for key, member in value.items()}
        case list() | tuple():
            return [canonical(member) for member in value]
        case js.SparseArray():
            return ("SparseArray", value.length, sorted((i, canonical(m)) for i, m in value.members.items()))
        case js.Map():
            return ("Map", [(canonical(key), canonical(member)) for key, member in value.items()])
        case js.Set():
            return ("Set", [canonical(member) for member in value])
        case js.Boxed():
            return ("Boxed", canonical(value.value))
        case _:
            return repr(value)


def canonical_number(value: float) -> str:
    if isinstance(value, js.BigInt) or (isinstance(value, int) and abs(value) > 2**53):
        return f"{int(value)}n"
    return repr(float(value)) if math.isfinite(value) and value == int(value) else repr(value)


text = st.text(st.characters(), max_size=5)
moments = st.datetimes(timezones=st.just(UTC)).map(
    lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000, fold=0)
)
primitives = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**80), 2**80).map(js.BigInt)
    | st.floats()
    | text
    | st.just(UNDEFINED)
)
views = st.tuples(
    st.sampled_from(["Uint8Array", "Int16Array", "Float64Array", "BigInt64Array", "DataView"]), st.integers(0, 3)
).map(lambda drawn: js.ArrayBufferView(drawn[0], bytes(range(48)), 8 * drawn[1], 16))
objects = (
    moments
    | st.sampled_from([js.Date(), js.Date(8640000000000000), js.Date(-8640000000000000)])
    | st.sampled_from([js.RegExp(r"a\/b\n", "giu"), js.RegExp("(?:)")])
    | st.binary(max_size=9)
    | views
    | st.builds(js.Blob, st.binary(max_size=9), st.just("text/plain"))
    | st.builds(js.Error, text, st.sampled_from(["Error", "TypeError", "Custom"]))
    | (st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)).map(js.Boxed)
)
keys = st.text(max_size=3) | st.integers(-9, 9)
structured = st.recursive(
    primitives | objects,
    lambda inner: (
        st.lists(inner | st.just(HOLE), max_size=4)
        | st.dictionaries(text | st.sampled_from(["__proto__", "toJSON", "constructor", "1"]), inner, max_size=4)
        | st.dictionaries(st.integers(0, 2**32 - 2), inner, max_size=4).map(lambda of: js.SparseArray(2**32 - 1, of))
        | st.dictionaries(keys, inner, max_size=4).map(js.Map)
        | st.lists(keys, max_size=4, unique_by=repr).map(js.Set)
    ),
    max_leaves=12,
)


@given(value=structured)
def test_every_value_comes_back_as_it_was(echo: Echo, value: Any) -> None:
    came = echo(value)
    assert canonical(came) == canonical(value)


@pytest.mark.parametrize(
    ("value", "twin"),
    [
        (
            {
                1,
            },
            js.Set([1]),
        ),
        (frozenset(), js.Set()),
        (bytearray(b"ab"), b"ab"),
        (array.array("H", [1, 65535]), js.ArrayBufferView("Uint16Array", b"\x01\x00\xff\xff")),
        (array.array("q", [-1]), js.ArrayBufferView("BigInt64Array", b"\xff" * 8)),
        (memoryview(b"ab"), js.ArrayBufferView("Uint8Array", b"ab")),
        (memoryview(b"abcdefgh").cast("d"), js.ArrayBufferView("Float64Array", b"abcdefgh")),
        (datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), datetime(2020, 1, 1, tzinfo=UTC)),
        (
            datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        ),
        (2**53 + 1, js.BigInt(2**53 + 1)),
        (js.File(b"abc", "text/x", "n.txt", 7), js.File(b"abc", "text/x", "n.txt", 7)),
        (js.Error("gone", "AbortError", "DOMException"), js.Error("gone", "AbortError", "DOMException")),
    ],
)
def test_what_python_has_a_twin_for(echo: Echo, value: Any, twin: Any) -> None:
    came = echo([value])
    assert came == [twin] and type(came[0]) is type(twin)


def test_a_plain_message_stays_json() -> None:
    message = {"a": [1, 2.5, "x", None, True, (1, {"b": []})], "b": {"a": -0.0}}
    assert json.loads(values.encode(message)) == {"a": [1, 2.5, "x", None, True, [1, {"b": []}]], "b": {"a": -0.0}}


def test_shared_and_cyclic_references_stay(echo: Echo) -> None:
    shared: dict[str, Any] = {"a": 1}
    ring: list[Any] = [shared, shared]
    ring.append(js.Map([(shared, ring)]))
    came = echo(ring)
    assert came[0] is came[1] and came[0] == {"a": 1}
    assert came[2].entries[0][0] is came[0] and came[2].entries[0][1] is came
    assert "Map" in repr(came)


def test_views_share_their_buffer(echo: Echo) -> None:
    buffer = bytes(range(8))
    first, second, whole = echo(
        [js.ArrayBufferView("Uint8Array", buffer, 1, 2), js.ArrayBufferView("DataView", buffer, 2), buffer]
    )
    assert first.buffer is second.buffer is whole and whole == buffer
    assert (list(first), bytes(second), len(second)) == ([1, 2], bytes(range(2, 8)), 6)


def test_errors_keep_their_members(echo: Echo) -> None:
    error = js.Error("outer", "RangeError", members={"stack": "here", "cause": js.Error("inner")})
    came = echo(error)
    assert came == error and came.members["stack"] == "here" and came.members["cause"] == js.Error("inner")


def test_great_depth(echo: Echo) -> None:
    value: Any = [UNDEFINED]
    for _ in range(10_000):
        value = {"a": value}
    came = echo(value)
    for _ in range(10_000):
        came = came["a"]
    assert came == [UNDEFINED]


# The echo of JavaScript must not take the time, or the memory, of as many places as the arrays have.
@pytest.mark.parametrize(
    "array",
    [
        js.SparseArray(2**32 - 1),
        js.SparseArray(2**32 - 1, {0: "first", 2**32 - 2: UNDEFINED}),
        js.SparseArray(1_900_000_000, {1_800_000_000: {"tab": [js.SparseArray(200_000, {5: 5})]}}),
    ],
)
def test_arrays_of_almost_only_holes(echo: Echo, array: js.SparseArray) -> None:
    assert echo({"a": array}) == {"a": array}


def test_the_holes_of_all_arrays_of_a_message_count(node: Callable[[str], str]) -> None:
    few, many = [1, *[HOLE] * 60_000], js.SparseArray(60_001, {0: 1})
    assert values.decode(node(values.encode([few]))) == [few]
    assert values.decode(node(values.encode([many]))) == [few]
    assert values.decode(node(values.encode([many, many]))) == [few, few]  # the same one
    assert values.decode(node(values.encode([few, [*few]]))) == [few, many]


def test_only_indexes_of_an_array_are_its_places() -> None:
    script = "Object.assign(new Array(1e6), { 3: 4, x: 1, '-1': 1, '1.5': 1, '01': 1, 4294967295: 1, NaN: 1 })"
    assert values.decode(run_javascript(f"values.encode({script}, true)")) == js.SparseArray(1_000_000, {3: 4})


def test_large_values(echo: Echo) -> None:
    data = bytes(range(256)) * 4096
    assert echo({"data": data, "holes": [HOLE] * 1000, "text": "\ud800" * 100_000})["data"] == data


@pytest.mark.parametrize("digits", [599, 600, 601, 602, 603, 640, 4_300, 4_301, 100_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_bigints_of_any_length(echo: Echo, digits: int, sign: int) -> None:
    numbers = [js.BigInt(sign * 10 ** (digits - 1)), js.BigInt(sign * (10**digits - 1)), sign * 10 ** (digits - 1)]
    assert echo(numbers) == numbers
    assert repr(numbers[0]).startswith("BigInt(")


def loop() -> list[Any]:
    ring: list[Any] = [1]
    ring.append({"ring": ring, "wrong": object()})
    return ring


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (
            [0, {"when": datetime(2020, 1, 1)}],
            "message[1].when: a datetime without a time zone cannot be sent; set its tzinfo",
        ),
        ({"when": date(2020, 1, 1)}, "message.when: date cannot be sent; what can be sent: dict with str keys"),
        (object(), "message: object cannot be sent"),
        (loop(), "message[1].wrong: object cannot be sent"),
        ({"a": {1: UNDEFINED}}, "message.a: the key 1 is int; keys are str, as in JavaScript"),
        ([js.Map([({}, print)])], "message[0][1]: builtin_function_or_method cannot be sent"),
        ([js.SparseArray(2, {1: print})], "message[0][1]: builtin_function_or_method cannot be sent"),
        ([js.SparseArray(2, {2: 1})], "message[0]: a SparseArray of length 2 that JavaScript does not allow"),
        ([js.SparseArray(2**32)], "message[0]: a SparseArray of length 4294967296 that JavaScript does not allow"),
        ([js.SparseArray(2, {-1: 1})], "message[0]: a SparseArray of length 2"),
        ([js.SparseArray(2, {True: 1})], "message[0]: a SparseArray of length 2"),
        ([js.Opaque("ImageData")], "message[0]: Opaque(type='ImageData') can be received, but not sent"),
        (memoryview(b"ab").cast("c"), "message: memoryview of format 'c' has no counterpart in JavaScript"),
        (js.Error("m", members={"cause": print}), "message.cause: builtin_function_or_method cannot be sent"),
    ],
)
def test_what_cannot_be_sent_is_named_by_its_path(value: Any, error: str) -> None:
    with pytest.raises(TypeError) as caught:
        values.encode(value)
    assert str(caught.value).startswith(error)


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "*1",
        "*[]",
        "*[[1]]",
        "*[[1],[]]",
        '*[[1],["Nothing"]]',
        '*[[1],["Object","a"]]',
        '*[["nothing"]]',
        '*[[1],["View"]]',
    ],
)
def test_what_is_no_table_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        values.decode(text)
