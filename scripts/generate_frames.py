"""Writes bridge/webext/js/frames.d.ts from bridge/protocol/frames.py. Start it with scripts/generate_frames.

With ``--check`` it writes nothing, and its exit status is 1 if the file is out of date.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import msgspec.inspect as shapes

from bridge.protocol import frames

FILE = Path(__file__).parent.parent / "bridge" / "webext" / "js" / "frames.d.ts"
HEAD = "// Made by scripts/generate_frames from bridge/protocol/frames.py, which defines the frames.\n"
UNIONS = {
    "FromAgent": frames.FROM_AGENT,
    "ToAgent": frames.TO_AGENT,
    "FromRelay": frames.FROM_RELAY,
    "ToRelay": frames.TO_RELAY,
}
SIMPLE: dict[type[shapes.Type], str] = {
    shapes.AnyType: "unknown",
    shapes.BoolType: "boolean",
    shapes.FloatType: "number",
    shapes.IntType: "number",
    shapes.NoneType: "null",
    shapes.StrType: "string",
}


def written() -> str:
    """Return the file as it should be."""
    every_frame = dict.fromkeys(kind for kinds in UNIONS.values() for kind in kinds)
    parts = [_interface(kind) for kind in (frames.ScriptError, frames.ScriptTarget, *every_frame)]
    unions = [_union(name, kinds) for name, kinds in UNIONS.items()]
    return "\n".join([HEAD, *parts, *unions])


def _interface(kind: type[msgspec.Struct]) -> str:
    shape = shapes.type_info(kind)
    assert isinstance(shape, shapes.StructType)
    tag = [f'type: "{shape.tag}";'] if shape.tag else []
    members = [f"  {member}\n" for member in [*tag, *map(_member, shape.fields)]]
    return f"{''.join(_comment(kind))}export interface {kind.__name__} {{\n{''.join(members)}}}\n"


def _comment(kind: type[msgspec.Struct]) -> Iterator[str]:
    lines = inspect.cleandoc(kind.__doc__ or "").split("\n")
    if len(lines) == 1:
        yield f"/** {lines[0]} */\n"
        return
    yield from ("/**\n", *(f" * {line}".rstrip() + "\n" for line in lines), " */\n")


# What has its default is left out of the text, so a null that is the default is never written.
def _member(field: shapes.Field) -> str:
    if field.required:
        return f"{field.encode_name}: {_type(field.type)};"
    members = [of for of in _alternatives(field.type) if field.default is not None or type(of) is not shapes.NoneType]
    return f"{field.encode_name}?: {' | '.join(map(_type, members))};"


def _alternatives(of: shapes.Type) -> tuple[shapes.Type, ...]:
    return of.types if isinstance(of, shapes.UnionType) else (of,)


def _type(of: shapes.Type) -> str:
    match of:
        case shapes.UnionType():
            return " | ".join(map(_type, of.types))
        case shapes.ListType():
            return f"{_type(of.item_type)}[]"
        case shapes.DictType():
            return f"Record<{_type(of.key_type)}, {_type(of.value_type)}>"
        case shapes.StructType():
            return of.cls.__name__
        case _:
            return SIMPLE[type(of)]


def _union(name: str, kinds: tuple[type[Any], ...]) -> str:
    return "\n".join([f"export type {name} =", *(f"  | {kind.__name__}" for kind in kinds)]) + ";\n"


def main() -> int:
    fresh = written()
    if "--check" in sys.argv[1:]:
        return int(not FILE.exists() or FILE.read_text("utf-8") != fresh)
    FILE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
