"""Checks a manifest before the launch."""

from collections.abc import Iterator
from pathlib import Path

from ..errors import ExtensionError
from .manifest import BackgroundKind, BrowserName, Manifest, file_at, local_path

__all__ = ["check_manifest"]

_FILE = "manifest.json"
_NAMES = {"chromium": "Chromium", "firefox": "Firefox"}
# The browsers load an extension without these.
_NOT_NEEDED = frozenset({"side_panel.default_path", "sidebar_action.default_panel", "chrome_url_overrides.newtab"})


def check_manifest(
    manifest: Manifest, browser_name: BrowserName, folder: Path, outside: frozenset[str] = frozenset()
) -> None:
    """Refuse, before the launch, what this browser cannot run.

    Everything else is left to the browser and its own errors.

    Args:
        manifest: The extension's manifest.
        browser_name: The browser that will run it.
        folder: The copy of the extension.
        outside: The symbolic links that lead out of the extension's folder.

    Raises:
        ExtensionError: This browser cannot run the extension; the message names the key and says what to do.
    """
    problem = (
        _CHECKS[browser_name](manifest)
        or _unfollowed_link(manifest, browser_name, outside)
        or _missing_file(manifest, browser_name, folder)
    )
    if problem:
        raise ExtensionError(f"{_FILE}: {problem}")


def _chromium_problem(manifest: Manifest) -> str | None:
    if manifest.version == 2:
        return '"manifest_version" is 2, which Chromium no longer runs: move to 3, or test it in Firefox'
    background = manifest.background
    key = next((key for key in ("scripts", "page") if key in background.keys), None)
    if key is None or "service_worker" in background.keys:
        return None
    file = next(iter(background.scripts or []), "background.js")
    return (
        f'"background.{key}" does not run in Chromium, whose Manifest V3 background is a service worker: '
        f'add "service_worker": "{file}" to "background"'
    )


def _firefox_problem(manifest: Manifest) -> str | None:
    worker = manifest.background.service_worker
    if not worker or manifest.background_kind("firefox"):
        return None
    return (
        '"background.service_worker" does not run in Firefox, whose background is a page: '
        f'add "scripts": ["{worker}"] to "background" beside it (Chromium then only warns)'
    )


_CHECKS = {"chromium": _chromium_problem, "firefox": _firefox_problem}


def _unfollowed_link(manifest: Manifest, browser_name: BrowserName, outside: frozenset[str]) -> str | None:
    files = _content_files(manifest) if browser_name == "chromium" else _named_files(manifest, browser_name)
    for key, file in files:
        path = local_path(file)
        if any(path == link or path.startswith(f"{link}/") for link in outside):
            for_what = " for content scripts" if browser_name == "chromium" else ""
            return (
                f'"{key}" names "{file}", behind a symbolic link that leads out of the extension\'s folder, which '
                f"{_NAMES[browser_name]} does not follow{for_what}: copy it into the folder"
            )
    return None


def _missing_file(manifest: Manifest, browser_name: BrowserName, folder: Path) -> str | None:
    for key, file in _named_files(manifest, browser_name):
        # Of a URL or a translated name, only the browser knows what it means.
        if "://" not in file and "__MSG_" not in file and file_at(folder, file) is None:
            return f'"{key}" names "{file}", which does not exist: correct the name, or build the extension'
    return None


def _named_files(manifest: Manifest, browser_name: BrowserName) -> Iterator[tuple[str, str]]:
    yield from _background_files(manifest, manifest.background_kind(browser_name))
    yield from _content_files(manifest)
    yield from ((key, page) for key, page in manifest.pages.items() if key not in _NOT_NEEDED)


def _background_files(manifest: Manifest, kind: BackgroundKind | None) -> Iterator[tuple[str, str]]:
    background = manifest.background
    if kind == "scripts":
        yield from _numbered("background.scripts", background.scripts or [])
    elif kind:
        yield f"background.{kind}", (background.page if kind == "page" else background.service_worker) or ""


def _content_files(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for index, entry in enumerate(manifest.content_scripts):
        yield from _numbered(f"content_scripts[{index}].js", entry.js)
        yield from _numbered(f"content_scripts[{index}].css", entry.css)


def _numbered(key: str, files: list[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"{key}[{index}]", file) for index, file in enumerate(files))
