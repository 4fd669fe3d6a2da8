"""Optional permissions: which of them the manifest has."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import ExtensionError
from ..webext.manifest import Manifest
from ..webext.patterns import covers, is_pattern, widen

__all__ = ["NOTHING", "Grant", "listed", "optional"]


class Grant(NamedTuple):
    """Optional permissions, as `permissions.request()` takes them."""

    permissions: list[str]
    origins: list[str]


NOTHING = Grant([], [])


def optional(manifest: Manifest, names: Iterable[str]) -> Grant:
    """Sort names of permissions and match patterns, which the manifest must list as optional.

    Raises:
        TypeError: One is no string.
        ExtensionError: One is not optional in the manifest.
    """
    grant = Grant([], [])
    for name in dict.fromkeys(names):
        if not isinstance(name, str):
            raise TypeError(f"A permission is a string, not {name!r}")
        if is_pattern(name):
            allowed, into, given = any(covers(it, name) for it in manifest.optional_host_patterns), 1, widen(name)
        else:
            allowed, into, given = name in manifest.optional_permissions, 0, name
        if not allowed:
            raise ExtensionError(f"{json.dumps(name)} is no optional permission of the extension: {_listed(manifest)}")
        grant[into].append(given)
    return grant


def listed(manifest: Manifest) -> list[str]:
    """Return the names of permissions, and the match patterns, that the manifest lists as optional."""
    names = [name for name in sorted(manifest.optional_permissions) if not is_pattern(name)]
    return [*names, *dict.fromkeys(manifest.optional_host_patterns)]


def _listed(manifest: Manifest) -> str:
    every = map(json.dumps, listed(manifest))
    return f"its manifest lists {', '.join(every) or 'none'}"
