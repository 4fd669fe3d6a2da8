"""Structs of msgspec as TypeScript: how their JSON looks. For the scripts that write a .d.ts from Python.

A struct whose members have defaults is one that leaves them out (`omit_defaults`).
"""

import inspect
from collections.abc import Iterator
from typing import Any

import msgspec
import msgspec.inspect as shapes

SIMPLE: dict[type[shapes.Type], str] = {
    shapes.AnyType: "unknown",
    shapes.BoolType: "boolean",
    shapes.FloatType: "number",
    shapes.IntType: "number",
    shapes.NoneType: "null",
    shapes.StrType: "string",
}


def interface(kind: type[msgspec.Struct], raw: str = "unknown") -> str:
    """Return a struct as an interface of the same name.

    Args:
        kind: The struct.
        raw: The type of what is JSON already.
    """
    shape = shapes.type_info(kind)
    assert isinstance(shape, shapes.StructType)
    tag = [f'type: "{shape.tag}";'] if shape.tag else []
    members = [f"  {member}\n" for member in [*tag, *(_member(field, raw) for field in shape.fields)]]
    return f"{''.join(_comment(kind))}export interface {kind.__name__} {{\n{''.join(members)}}}\n"


def union(name: str, kinds: tuple[type[Any], ...]) -> str:
    """Return a union of interfaces."""
    return "\n".join([f"export type {name} =", *(f"  | {kind.__name__}" for kind in kinds)]) + ";\n"


def _comment(kind: type[msgspec.Struct]) -> Iterator[str]:
    lines = inspect.cleandoc(kind.__doc__ or "").split("\n")
    if len(lines) == 1:
        yield f"/** {lines[0]} */\n"
        return
    yield from ("/**\n", *(f" * {line}".rstrip() + "\n" for line in lines), " */\n")


# What has its default is left out of the text, so a null that is the default is never written.
def _member(field: shapes.Field, raw: str) -> str:
    if field.required:
        return f"{field.encode_name}: {_type(field.type, raw)};"
    members = [of for of in _alternatives(field.type) if field.default is not None or type(of) is not shapes.NoneType]
    return f"{field.encode_name}?: {' | '.join(_type(of, raw) for of in members)};"


def _alternatives(of: shapes.Type) -> tuple[shapes.Type, ...]:
    return of.types if isinstance(of, shapes.UnionType) else (of,)


def _type(of: shapes.Type, raw: str) -> str:
    match of:
        case shapes.UnionType():
            return " | ".join(_type(each, raw) for each in of.types)
        case shapes.ListType():
            item = _type(of.item_type, raw)
            return f"({item})[]" if " | " in item else f"{item}[]"
        case shapes.DictType():
            return f"Record<{_type(of.key_type, raw)}, {_type(of.value_type, raw)}>"
        case shapes.LiteralType():
            return " | ".join(f'"{value}"' for value in of.values)
        case shapes.StructType():
            return of.cls.__name__
        case shapes.RawType():
            return raw
        case _:
            return SIMPLE[type(of)]
