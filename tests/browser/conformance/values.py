"""Values that JSON cannot write, as JavaScript expressions with their twins in Python, and how values are shown."""

import json
import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.javascript import UNDEFINED, Void

__all__ = ["NESTED", "PLAIN", "SHOWN", "TEXTS", "VALUES", "Value", "describe", "script"]

SHOWN = 200
"""Characters of a described value; of a longer one the length is recorded."""


PLAIN: list[Any] = [None, True, False, 0, -1, 1.5, 1e-7, 1e-6, 1e20, 2**31, -(2**53) + 1, 0.1]
TEXTS = ["", "undefined", "null", "a\tb\nc\0d", "é 世界 😀", '"\\/', "\u2028\u2029", "</script>", "\u007f\u0085"]
NESTED: list[Any] = [[], {}, [[]], {"": {"": []}}, [None, [None]], {"a": [{"b": {"c": [1, {"d": None}]}}]}]

_SURROGATE = re.compile("[\ud800-\udfff]")


class Value(NamedTuple):
    """One value in both languages."""

    javascript: str
    python: Any


VALUES = {
    "undefined": Value("undefined", None),
    "undefined as such": Value("undefined", UNDEFINED),
    "NaN": Value("NaN", math.nan),
    "a date": Value("new Date(0)", datetime.fromtimestamp(0, UTC)),
    "a lone surrogate": Value(r'"a\ud800b"', "a\ud800b"),
    "surrogates in the wrong order": Value(r'"\udc00\ud800"', "\udc00\ud800"),
    "an integer-like key": Value("({ b: 1, 2: 2, 1: 3, a: 4 })", {"b": 1, "2": 2, "1": 3, "a": 4}),
    "an own __proto__": Value("""JSON.parse('{"__proto__": {"a": 1}}')""", {"__proto__": {"a": 1}}),
    "negative zero": Value("-0", -0.0),
    "1e21": Value("1e21", 1e21),
    "5e-324": Value("5e-324", 5e-324),
    "1.5e300": Value("1.5e300", 1.5e300),
    "2**53": Value("2 ** 53", 2**53),
    "a long string": Value('"x".repeat(1e6)', "x" * 1_000_000),
    "a long name": Value('({ name: "x".repeat(1e4) })', {"name": "x" * 10_000}),
    "deep nesting": Value("JSON.parse('['.repeat(400) + ']'.repeat(400))", json.loads("[" * 400 + "]" * 400)),
    "60 MiB": Value('"x".repeat(60 * 2 ** 20)', "x" * (60 << 20)),
    "65 MiB": Value('"x".repeat(65 * 2 ** 20)', "x" * (65 << 20)),
    "a function": Value("() => 1", len),
    "a symbol": Value('Symbol("s")', object()),
    "many members": Value(
        "Object.fromEntries(Array.from({ length: 30 }, (_, i) => ['k' + i, i]))", {f"k{i}": i for i in range(30)}
    ),
}


def script() -> str:
    """The table as a JavaScript object of functions; extensions may not evaluate text."""
    return "{" + ", ".join(f"{json.dumps(name)}: () => ({value.javascript})" for name, value in VALUES.items()) + "}"


def describe(value: Any) -> str:
    """The text of a value, as `describe` in player.js gives it for JavaScript's."""
    match value:
        case None:
            return "null"
        case Void():
            return "undefined"
        case bool():
            return str(value).lower()
        case int() | float():
            return _number(float(value)) if abs(value) < 2**1023 else str(value)
        case str():
            return _string(value)
        case list() | tuple():
            return f"[{', '.join(map(describe, value))}]"
        case dict():
            return f"{{{', '.join(f'{_string(key)}: {describe(item)}' for key, item in value.items())}}}"
    return type(value).__name__


def _string(text: str) -> str:
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _number(number: float) -> str:
    """A number as JavaScript writes it: without an exponent from 1e-6 up to 1e21."""
    if not math.isfinite(number):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(number), "NaN")
    if number == 0:
        return "-0" if math.copysign(1, number) < 0 else "0"
    if 1e-6 <= abs(number) < 1e21:
        text = format(Decimal(repr(number)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = repr(number).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"
