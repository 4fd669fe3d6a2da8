"""The edits that turn the copy's manifest, as a browser returns it, back into the author's."""

from collections.abc import Iterator
from typing import Any

from .manifest import BrowserName
from .shape import items, mapping

__all__ = ["Edit", "manifest_edits"]

Edit = dict[str, Any]
"""``path`` names a member. ``drop`` removes that many items from the front of a list. ``value`` is the author's
value. ``link`` is a path in the extension, or a list of paths, which Firefox returns as URLs. With none of these, the
author's manifest does not have the member."""


def manifest_edits(author: dict[str, Any], changed: dict[str, Any], browser_name: BrowserName) -> list[Edit]:
    """Return the edits that the agent makes to what ``getManifest()`` returns.

    The agent cannot simply return the author's manifest, because browsers do not return a manifest as it is written:
    Chromium sorts the keys and translates messages; Firefox adds every key that it knows and turns paths into URLs.

    Args:
        author: The author's manifest.
        changed: The result of ``instrument_manifest``.
        browser_name: Firefox returns null for a missing member.
    """
    absent: Edit = {"value": None} if browser_name == "firefox" else {}
    link = "link" if browser_name == "firefox" else "value"
    edits = [*_background(author, changed, absent, link)]
    edits = [*edits, *_content(author, changed, absent), *_policy(author, changed, browser_name)]
    return [*edits, *_settings(author, changed)] if browser_name == "firefox" else edits


def _background(author: dict[str, Any], changed: dict[str, Any], absent: Edit, link: str) -> Iterator[Edit]:
    before, after = mapping(author.get("background")), mapping(changed.get("background"))
    replaced = len(items(after.get("scripts"))) <= len(items(before.get("scripts")))
    for key in ("page", "scripts"):
        path = ["background", key]
        if before.get(key) == after.get(key):
            continue
        if key == "scripts" and key in before and not replaced:
            yield {"path": path, "drop": 1}
        elif key in before:
            yield {"path": path, link: before[key]}
        else:
            yield {"path": path, **absent}


def _content(author: dict[str, Any], changed: dict[str, Any], absent: Edit) -> Iterator[Edit]:
    path = ["content_scripts"]
    if "content_scripts" not in author:
        if "content_scripts" in changed:
            yield {"path": path, **absent}
        return
    before, after = items(author["content_scripts"]), items(changed["content_scripts"])
    in_front = len(after) - len(before)
    if in_front:
        yield {"path": path, "drop": in_front}
    for index, (entry, now) in enumerate(zip(before, after[in_front:], strict=True)):
        if entry != now:
            globs: Edit = {"value": entry["exclude_globs"]} if "exclude_globs" in entry else absent
            yield {"path": [*path, index, "exclude_globs"], **globs}


def _policy(author: dict[str, Any], changed: dict[str, Any], browser_name: BrowserName) -> Iterator[Edit]:
    path = ["content_security_policy"]
    before, after = author.get(path[0]), changed.get(path[0])
    if isinstance(before, dict):
        path.append("extension_pages")
        before, after = before.get(path[1]), mapping(after).get(path[1])
    if before != after:
        # Firefox does not accept a policy that blocks the extension's own scripts: it uses its default, and returns
        # null.
        yield {"path": path, "value": None if browser_name == "firefox" else before}


# The copy gets an id if the author's manifest has none. Firefox returns these settings under their older name too.
def _settings(author: dict[str, Any], changed: dict[str, Any]) -> Iterator[Edit]:
    name = "browser_specific_settings"
    if author.get(name) == changed.get(name):
        return
    before = mapping(author.get(name))
    if "gecko" in before:
        yield {"path": [name, "gecko", "id"], "value": None}
        yield {"path": ["applications", "gecko", "id"], "value": None}
    else:
        yield {"path": [name, "gecko"] if name in author else [name], "value": None}
        yield {"path": ["applications"]}
