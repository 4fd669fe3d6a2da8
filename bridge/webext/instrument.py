"""Plans what the copy changes: the agent goes first in every context."""

import copy
from dataclasses import dataclass
from typing import Any

from .csp import allow_own_scripts
from .manifest import Manifest
from .page import instrument_page, pages
from .patterns import ALL_URLS
from .shape import mapping
from .worker import instrument_worker

__all__ = [
    "Agents",
    "allow_own_scripts",
    "give_gecko_id",
    "instrument_manifest",
    "instrument_page",
    "instrument_worker",
    "pages",
]

# Globs that keep an entry from running anywhere, although it stays in the manifest.
_NOWHERE = ["*"]


@dataclass(frozen=True)
class Agents:
    """The files of the agents, relative to the extension's root, without a leading slash.

    Attributes:
        background: For background pages and workers.
        page: For the other extension pages.
        content: For content scripts.
    """

    background: str
    page: str
    content: str


def instrument_manifest(manifest: dict[str, Any], agents: Agents, replace: frozenset[str]) -> dict[str, Any]:
    """Return a changed manifest that loads the agents before the extension's own scripts.

    A service worker keeps its name, because :func:`instrument_worker` changes the file. What has an unexpected shape
    is left for the browser to complain about. When the browser then names ``content_scripts[N]``, it also counts the
    generated entries in front.

    Args:
        manifest: The extension's manifest, which is not changed.
        agents: The agents' files in the copy.
        replace: ``background`` leaves out the author's background scripts. ``content`` keeps the entries of content
            scripts, so that the browser returns them with the manifest, but they run nowhere.
    """
    result = copy.deepcopy(manifest)
    _instrument_background(result.get("background"), agents.background, replaced="background" in replace)
    _instrument_content(result, agents.content, replaced="content" in replace)
    _instrument_policy(result)
    return result


def give_gecko_id(manifest: dict[str, Any], id: str) -> None:
    """Give the manifest, which is changed, that id in Firefox."""
    # `applications` is the older name, which Manifest V2 still allows; Firefox reads it if the newer has no `gecko`.
    has_newer = "gecko" in mapping(manifest.get("browser_specific_settings"))
    name = "applications" if "applications" in manifest and not has_newer else "browser_specific_settings"
    gecko = mapping(manifest.setdefault(name, {})).setdefault("gecko", {})
    if isinstance(gecko, dict):
        gecko["id"] = id


def _instrument_background(background: Any, agent: str, *, replaced: bool) -> None:
    if not isinstance(background, dict):
        return
    if replaced and background.pop("page", None) is not None:
        background["scripts"] = []
    if isinstance(scripts := background.get("scripts"), list):
        background["scripts"] = [agent] if replaced else [agent, *scripts]


def _instrument_content(manifest: dict[str, Any], agent: str, *, replaced: bool) -> None:
    authors = manifest.get("content_scripts", [])
    if not isinstance(authors, list):
        return
    generated = _agent_entries(Manifest(manifest).content_patterns, agent)
    if replaced:
        generated += [_without_js(entry) for entry in authors if _has_js(entry) and entry.get("css")]
        authors = [{**entry, "exclude_globs": list(_NOWHERE)} if _has_js(entry) else entry for entry in authors]
    if generated or authors:
        manifest["content_scripts"] = generated + authors


def _agent_entries(patterns: list[str], agent: str) -> list[dict[str, Any]]:
    whole_hosts = [pattern for pattern in patterns if _is_whole_host(pattern)]
    some_paths = [pattern for pattern in patterns if not _is_whole_host(pattern)]
    entries = []
    if whole_hosts:
        entries.append(_agent_entry(whole_hosts, agent, match_origin_as_fallback=True))
    if some_paths:
        # A document that both entries cover gets the agent once.
        excluded = {"exclude_matches": whole_hosts} if whole_hosts else {}
        entries.append(_agent_entry(some_paths, agent, **excluded))
    return entries


# Chromium demands the path "/*" where match_origin_as_fallback is set.
def _is_whole_host(pattern: str) -> bool:
    return pattern == ALL_URLS or pattern.split("://", 1)[1].partition("/")[2] == "*"


def _agent_entry(matches: list[str], agent: str, **more: Any) -> dict[str, Any]:
    return {
        "matches": list(matches),
        "js": [agent],
        "run_at": "document_start",
        "all_frames": True,
        "match_about_blank": True,
        **more,
    }


def _has_js(entry: Any) -> bool:
    return isinstance(entry, dict) and "js" in entry


def _without_js(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "js"}


def _instrument_policy(manifest: dict[str, Any]) -> None:
    policy = manifest.get("content_security_policy")
    if isinstance(policy, str):
        manifest["content_security_policy"] = allow_own_scripts(policy)
    elif isinstance(policy, dict) and isinstance(policy.get("extension_pages"), str):
        policy["extension_pages"] = allow_own_scripts(policy["extension_pages"])
