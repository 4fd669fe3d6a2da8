"""Reads members of JSON whose type nobody has checked yet. One of the wrong type counts as empty."""

from typing import Any

__all__ = ["items", "mapping", "string", "strings"]


def mapping(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return the value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def string(value: Any) -> str | None:
    """Return the value if it is a string that is not empty, else None."""
    return value if isinstance(value, str) and value else None


def strings(value: Any) -> list[str]:
    """Return the strings in the value if it is an array, else an empty list."""
    return [item for item in items(value) if isinstance(item, str)]
