"""Reads a manifest, and checks it before the launch."""

import json
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from ..errors import ExtensionError
from .patterns import is_pattern, widen
from .shape import items, mapping, strings

__all__ = [
    "BackgroundKind",
    "BrowserName",
    "background_kind",
    "check_manifest",
    "clones_messages",
    "host_patterns",
    "local_path",
    "read_manifest",
    "strip_comments",
]

BrowserName = Literal["chromium", "firefox"]
BackgroundKind = Literal["service_worker", "scripts", "page"]

# In the order in which each browser chooses. In Manifest V3, Chromium runs only a service worker.
_BACKGROUND_KINDS: dict[BrowserName, tuple[tuple[BackgroundKind, type], ...]] = {
    "chromium": (("service_worker", str),),
    "firefox": (("page", str), ("scripts", list)),
}
_PAGES = (
    ("action", "default_popup"),
    ("browser_action", "default_popup"),
    ("page_action", "default_popup"),
    ("options_ui", "page"),
    ("options_page",),
    ("devtools_page",),
)
_FILE = "manifest.json"
_STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of the extension in that folder.

    Comments and a byte order mark are allowed, as in browsers.

    Raises:
        ExtensionError: It cannot be read, is not a JSON object, or has no usable ``manifest_version``.
    """
    manifest = _parse(folder / _FILE)
    if not isinstance(manifest, dict):
        raise ExtensionError(f"{_FILE} is not a JSON object: put its keys between {{ and }}")
    if manifest.get("manifest_version") not in (2, 3):
        found = json.dumps(manifest["manifest_version"]) if "manifest_version" in manifest else "missing"
        raise ExtensionError(f'{_FILE}: "manifest_version" is {found}: set it to 3, or to 2 for Firefox only')
    return manifest


def clones_messages(manifest: dict[str, Any], browser_name: BrowserName) -> bool:
    """Whether the browser makes a structured clone of this extension's messages. Otherwise it makes JSON of them."""
    return browser_name == "firefox" or manifest.get("message_serialization") == "structured_clone"


def strip_comments(text: str) -> str:
    """Return the JSON text with spaces in place of comments, so that lines and columns stay the same."""
    return _STRING_OR_COMMENT.sub(_blank, text)


def background_kind(manifest: dict[str, Any], browser_name: BrowserName) -> BackgroundKind | None:
    """Return the key of ``background`` that this browser runs, or None if it runs none."""
    background = mapping(manifest.get("background"))
    kinds = _BACKGROUND_KINDS[browser_name]
    return next((key for key, of_type in kinds if isinstance(background.get(key), of_type)), None)


def host_patterns(manifest: dict[str, Any]) -> list[str]:
    """Return the hosts that the extension may access, as match patterns with the path ``/*``.

    Browsers ignore the path of a host permission. In Manifest V2, host permissions are among the ``permissions``.
    Optional ones are left out.
    """
    permissions = manifest.get("permissions" if manifest.get("manifest_version") == 2 else "host_permissions")
    return list(dict.fromkeys(widen(entry) for entry in strings(permissions) if is_pattern(entry)))


def check_manifest(manifest: dict[str, Any], browser_name: BrowserName, folder: Path) -> None:
    """Refuse, before the launch, what this browser cannot run.

    Everything else is left to the browser and its own errors.

    Raises:
        ExtensionError: This browser cannot run the extension; the message names the key and says what to do.
    """
    problem = _CHECKS[browser_name](manifest) or _missing_file(manifest, browser_name, folder)
    if problem:
        raise ExtensionError(f"{_FILE}: {problem}")


def local_path(reference: str) -> str:
    """Return the path, in the extension's folder, of the file that a manifest or a page refers to."""
    path = unquote(re.split(r"[?#]", reference, maxsplit=1)[0])
    return re.sub(r"^(\.?/+)+", "", path)


def _parse(path: Path) -> Any:
    try:
        return json.loads(strip_comments(path.read_text("utf-8-sig")), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ExtensionError(f"{_FILE}, line {error.lineno}, column {error.colno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ExtensionError(f"{_FILE}, byte {error.start}: {error.reason}; save it as UTF-8") from error
    except (OSError, ValueError) as error:
        raise ExtensionError(f"{_FILE} cannot be read: {error}") from error


# Python's reader accepts NaN and Infinity; browsers do not.
def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _blank(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else re.sub(r"[^\n]", " ", found[0])


def _chromium_problem(manifest: dict[str, Any]) -> str | None:
    if manifest.get("manifest_version") == 2:
        return '"manifest_version" is 2, which Chromium no longer runs: move to 3, or test it in Firefox'
    background = mapping(manifest.get("background"))
    key = next((key for key in ("scripts", "page") if key in background), None)
    if key is None or "service_worker" in background:
        return None
    file = next(iter(strings(background.get("scripts"))), "background.js")
    return (
        f'"background.{key}" does not run in Chromium, whose Manifest V3 background is a service worker: '
        f'add "service_worker": "{file}" to "background"'
    )


def _firefox_problem(manifest: dict[str, Any]) -> str | None:
    worker = mapping(manifest.get("background")).get("service_worker")
    if not isinstance(worker, str) or background_kind(manifest, "firefox"):
        return None
    return (
        '"background.service_worker" does not run in Firefox, whose background is a page: '
        f'add "scripts": ["{worker}"] to "background" beside it (Chromium then only warns)'
    )


_CHECKS = {"chromium": _chromium_problem, "firefox": _firefox_problem}


def _missing_file(manifest: dict[str, Any], browser_name: BrowserName, folder: Path) -> str | None:
    for key, file in _named_files(manifest, background_kind(manifest, browser_name)):
        if not _is_there(folder, file):
            return f'"{key}" names "{file}", which does not exist: correct the name, or build the extension'
    return None


def _is_there(folder: Path, file: str) -> bool:
    if "://" in file or "__MSG_" in file:  # a URL or a translated name: only the browser can resolve it
        return True
    return (folder / local_path(file)).is_file() or (folder / file.lstrip("/")).is_file()


def _named_files(manifest: dict[str, Any], background: BackgroundKind | None) -> list[tuple[str, str]]:
    files = _files_at(f"background.{background}", mapping(manifest.get("background")).get(background or ""))
    for index, entry in enumerate(map(mapping, items(manifest.get("content_scripts")))):
        for key in ("js", "css"):
            files += _files_at(f"content_scripts[{index}].{key}", entry.get(key))
    for *parents, key in _PAGES:
        parent = mapping(manifest.get(parents[0])) if parents else manifest
        files += _files_at(".".join([*parents, key]), parent.get(key))
    return files


def _files_at(key: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [(f"{key}[{index}]", item) for index, item in enumerate(value) if isinstance(item, str)]
    return [(key, value)] if isinstance(value, str) and value else []
