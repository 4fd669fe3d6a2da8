"""Where an extension may run scripts in web pages, and in plain words why not."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from .manifest import Manifest
from .patterns import matches

__all__ = ["chances", "lacking"]

_SCRIPTABLE = ("http", "https", "file", "ftp")
_INHERITING = ("about", "data", "blob", "")  # such a document is as accessible as the one that made it
_MAKERS = "the page that made it"


def chances(manifest: Manifest, url: str) -> list[str]:
    """Return what lets the extension run a script at that address though no pattern of its manifest does so now.

    Each is the beginning of a sentence. There is none where no script can run before the manifest changes.
    """
    return list(_chances(manifest, url))


def _chances(manifest: Manifest, url: str) -> Iterator[str]:
    scheme = urlsplit(url).scheme
    inherits = scheme in _INHERITING
    if not inherits and scheme not in _SCRIPTABLE:
        return
    if "activeTab" in manifest.permissions:
        yield '"activeTab" lets it once the user has invoked it there (click_action(page) does)'
    elif "activeTab" in manifest.optional_permissions:
        yield 'the optional permission "activeTab" lets it once it is granted and the user has invoked it there'
    if optional := [it for it in manifest.optional_host_patterns if inherits or matches(it, url)]:
        yield f"the optional host permission {_listed(optional)} lets it once it is granted"


def lacking(manifest: Manifest, url: str) -> str:
    """Return which permission or pattern is missing for the address, and what the manifest has instead."""
    return f"{_missing(manifest, url)}. {_present(manifest)}"


def _missing(manifest: Manifest, url: str) -> str:
    address = urlsplit(url)
    if address.scheme in _INHERITING:
        return f"it would have to be allowed in {_MAKERS}"
    if address.scheme not in _SCRIPTABLE:
        return f"browsers let no extension into {address.scheme}: addresses"
    host = address.hostname or ""
    wanted = f"{address.scheme}://{f'[{host}]' if ':' in host else host}/*"
    return (
        f'it lacks a host permission or a content script for that address, such as "{wanted}" in '
        f'"{_hosts_key(manifest)}", or "activeTab" in "permissions"'
    )


def _present(manifest: Manifest) -> str:
    scripts = [pattern for entry in manifest.content_scripts if entry.js for pattern in entry.matches]
    parts = (
        (f'"{_hosts_key(manifest)}" for', manifest.host_patterns),
        ('"content_scripts" for', scripts),
        ("optional host permissions for", manifest.optional_host_patterns),
    )
    has = [f"{name} {_listed(patterns)}" for name, patterns in parts if patterns]
    if not has:
        return "Its manifest names no address at all: no host permissions, no content scripts, no optional hosts"
    return f"Its manifest has {'; '.join(has)}"


# In Manifest V2, host permissions are among the `permissions`.
def _hosts_key(manifest: Manifest) -> str:
    return "permissions" if manifest.version == 2 else "host_permissions"


def _listed(patterns: list[str]) -> str:
    return ", ".join(json.dumps(pattern) for pattern in dict.fromkeys(patterns))
