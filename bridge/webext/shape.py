"""Reads members of a manifest whose type nobody has checked yet. One of the wrong type counts as empty."""

from typing import Any

__all__ = ["items", "mapping", "strings"]


def mapping(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return the value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def strings(value: Any) -> list[str]:
    """Return the strings in the value if it is an array, else an empty list."""
    return [item for item in items(value) if isinstance(item, str)]
