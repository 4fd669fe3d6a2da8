"""What leads from the copy's manifest, as a browser returns it, back to the author's."""

from collections.abc import Iterator
from typing import Any

from .manifest import BrowserName
from .shape import items, mapping

__all__ = ["Edit", "manifest_edits"]

Edit = dict[str, Any]
"""``path`` names a member. ``drop`` takes so many items off the front of that list; ``value`` is what the member was;
``link`` is a path in the extension, or a list of those, which Firefox returns as an address. With none of them, the
member was not there."""


def manifest_edits(author: dict[str, Any], changed: dict[str, Any], browser_name: BrowserName) -> list[Edit]:
    """Return how the agent edits what ``getManifest()`` returns.

    Those are edits and not the author's manifest itself, since browsers do not return that as it is written: Chromium
    sorts its keys and translates its messages, Firefox adds every key that it knows and makes addresses of paths.

    Args:
        author: The author's manifest.
        changed: What ``instrument_manifest`` made of it.
        browser_name: Firefox has null for what is not there.
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
        # Firefox refuses a policy that stops the extension's own scripts, takes its default, and returns null.
        yield {"path": path, "value": None if browser_name == "firefox" else before}


# The id that a copy gets if the author's manifest has none. What these settings say of Firefox, it returns under their
# older name too.
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
