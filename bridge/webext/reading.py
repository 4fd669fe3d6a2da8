"""Reads a manifest's file: JSON with comments."""

import json
import math
import re
from pathlib import Path
from typing import Any

from ..errors import ExtensionError
from .manifest import Manifest

__all__ = ["read_manifest", "strip_comments"]

_FILE = "manifest.json"
# Each alternative matches to its end or to the end of the text, so that no character is read twice.
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?P<end>\*/)?', re.DOTALL)
_MAX_DEPTH = 200  # Chromium's


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the extension in that folder.

    Comments and a byte order mark are allowed, as in browsers.

    Raises:
        ExtensionError: It cannot be read, is not a JSON object, or has no usable ``manifest_version``.
    """
    author = _parse(folder / _FILE)
    if not isinstance(author, dict):
        raise ExtensionError(f"{_FILE} is not a JSON object: put its keys between {{ and }}")
    manifest = Manifest(author)
    if manifest.version not in (2, 3):
        found = json.dumps(manifest.version) if "manifest_version" in author else "missing"
        raise ExtensionError(f'{_FILE}: "manifest_version" is {found}: set it to 3, or to 2 for Firefox only')
    return manifest


def strip_comments(text: str) -> str:
    """Return the JSON text with spaces in place of comments, so that lines and columns stay the same."""
    return _STRING_OR_COMMENT.sub(_blank, text)


def _parse(path: Path) -> Any:
    try:
        text = strip_comments(path.read_text("utf-8-sig"))
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ExtensionError(f"{_FILE}, line {error.lineno}, column {error.colno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ExtensionError(f"{_FILE}, byte {error.start}: {error.reason}; save it as UTF-8") from error
    except (OSError, ValueError) as error:
        raise ExtensionError(f"{_FILE} cannot be read: {error}") from error
    except RecursionError:
        raise ExtensionError(_TOO_DEEP) from None
    if _is_deeper(value, _MAX_DEPTH):
        raise ExtensionError(_TOO_DEEP)
    return value


_TOO_DEEP = f"{_FILE} has more than {_MAX_DEPTH} objects and arrays in each other, which Chromium does not read"


# Python's reader accepts NaN and Infinity; browsers do not.
def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# Python would write such a number as Infinity, which browsers do not read.
def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError(f"{digits} is too large for a number")
    return number


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        inner = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list)]
        level = [value for values in inner for value in values]
    return any(isinstance(item, dict | list) for item in level)


def _blank(found: re.Match[str]) -> str:
    is_comment = found["end"] or found[0].startswith("//")
    return re.sub(r"[^\n]", " ", found[0]) if is_comment else found[0]
