"""Checks a manifest before the launch: refuses what the browser refuses, and warns of what it loads but cannot run."""

from collections.abc import Iterator
from pathlib import Path

from ..errors import ExtensionError
from .manifest import BackgroundKind, BrowserName, Manifest, file_at, local_path

__all__ = ["check_manifest"]

_FILE = "manifest.json"
_NAMES = {"chromium": "Chromium", "firefox": "Firefox"}
# Chromium loads an extension without these.
_NOT_NEEDED_IN_CHROMIUM = frozenset({"action.default_popup", "devtools_page"})
# Of these, Chromium speaks for itself, or does not know them.
_LEFT_TO_CHROMIUM = frozenset(
    {
        "browser_action.default_popup",
        "page_action.default_popup",
        "side_panel.default_path",
        "sidebar_action.default_panel",
        "chrome_url_overrides.newtab",
    }
)


def check_manifest(
    manifest: Manifest, browser_name: BrowserName, folder: Path, outside: frozenset[str] = frozenset()
) -> list[str]:
    """Refuse, before the launch, what this browser refuses, and return warnings of what it loads but cannot run.

    Everything else is left to the browser and its own errors.

    Args:
        manifest: The extension's manifest.
        browser_name: The browser that will run it.
        folder: The copy of the extension.
        outside: The symbolic links that lead out of the extension's folder.

    Raises:
        ExtensionError: This browser cannot load the extension; the message names the key and says what to do.
    """
    refusal, warning = _CHECKS[browser_name](manifest)
    warnings = [warning] if warning else []
    for key, problem in _unusable_files(manifest, browser_name, folder, outside):
        if browser_name == "firefox" or key in _NOT_NEEDED_IN_CHROMIUM:
            warnings.append(f"{problem}. {_consequence(browser_name, key)}")
        else:
            refusal = refusal or problem
    if refusal:
        raise ExtensionError(f"{_FILE}: {refusal}")
    return [f"{_FILE}: {text}" for text in warnings]


def _chromium_verdict(manifest: Manifest) -> tuple[str | None, str | None]:
    if manifest.version == 2:
        return '"manifest_version" is 2, which Chromium no longer runs: move to 3, or test it in Firefox', None
    background = manifest.background
    key = next((key for key in ("scripts", "page") if key in background.keys), None)
    if key is None or "service_worker" in background.keys:
        return None, None
    file = next(iter(background.scripts or []), "background.js")
    return None, (
        f'"background.{key}" does not run in Chromium, whose Manifest V3 background is a service worker: '
        f'add "service_worker": "{file}" to "background". Chromium loads the extension without a background'
    )


def _firefox_verdict(manifest: Manifest) -> tuple[str | None, str | None]:
    worker = manifest.background.service_worker
    if not worker or manifest.background_kind("firefox"):
        return None, None
    return (
        '"background.service_worker" does not run in Firefox, whose background is a page: '
        f'add "scripts": ["{worker}"] to "background" beside it (Chromium then only warns)'
    ), None


# What the browser refuses, and what deserves a warning.
_CHECKS = {"chromium": _chromium_verdict, "firefox": _firefox_verdict}


def _consequence(browser_name: BrowserName, key: str) -> str:
    entry, _, _ = key.partition("].")
    if key.startswith("content_scripts"):
        return f'{_NAMES[browser_name]} loads the extension, but runs nothing of "{entry}]"'
    return f"{_NAMES[browser_name]} loads the extension without it"


def _unusable_files(
    manifest: Manifest, browser_name: BrowserName, folder: Path, outside: frozenset[str]
) -> Iterator[tuple[str, str]]:
    for key, file in _named_files(manifest, browser_name):
        follows_links = browser_name == "chromium" and not key.startswith("content_scripts")
        if not follows_links and _is_behind(outside, local_path(file)):
            for_what = " for content scripts" if browser_name == "chromium" else ""
            yield (
                key,
                f'"{key}" names "{file}", behind a symbolic link that leads out of the extension\'s folder, which '
                f"{_NAMES[browser_name]} does not follow{for_what}: copy it into the folder",
            )
        # Of a URL or a translated name, only the browser knows what it means.
        elif "://" not in file and "__MSG_" not in file and file_at(folder, file) is None:
            yield key, f'"{key}" names "{file}", which does not exist: correct the name, or build the extension'


def _is_behind(links: frozenset[str], path: str) -> bool:
    return any(path == link or path.startswith(f"{link}/") for link in links)


def _named_files(manifest: Manifest, browser_name: BrowserName) -> Iterator[tuple[str, str]]:
    yield from _background_files(manifest, manifest.background_kind(browser_name))
    yield from _content_files(manifest)
    skipped = _LEFT_TO_CHROMIUM if browser_name == "chromium" else _unknown_to_firefox(manifest)
    yield from ((key, page) for key, page in manifest.pages.items() if key not in skipped)


def _unknown_to_firefox(manifest: Manifest) -> frozenset[str]:
    button = "action" if manifest.version == 2 else "browser_action"
    return frozenset({f"{button}.default_popup", "side_panel.default_path"})


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
