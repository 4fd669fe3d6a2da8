"""Writes the benchmark's extension: the one under test, and the same once more as the yardstick."""

import json
import shutil
from pathlib import Path
from typing import Any

__all__ = ["SUBJECT", "YARDSTICK", "write"]

SUBJECT, YARDSTICK = "subject", "yardstick"
_FILES = Path(__file__).parent / "webext"
_FIRST = ("config.js", "ports.js", "messages.js")


def write(folder: Path, role: str, sockets: str | None = None) -> Path:
    """Write the extension into a new folder, and return that.

    Args:
        folder: Where.
        role: ``SUBJECT``, or ``YARDSTICK``: that one also answers to DOM events of pages.
        sockets: Where the yardstick connects to, if it is to take orders.
    """
    shutil.copytree(_FILES, folder)
    (folder / "manifest.json").write_text(json.dumps(_manifest(role, sockets), indent=2))
    config = {"url": sockets, "answersPage": role == YARDSTICK}
    (folder / "config.js").write_text(f"globalThis.BENCH = {json.dumps(config)};\n")
    return folder


def _manifest(role: str, sockets: str | None) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "manifest_version": 3,
        "name": f"benchmark {role}",
        "version": "1",
        "permissions": ["nativeMessaging"],
        "background": {"service_worker": "background.js", "scripts": [*_FIRST, "background.js"]},
        "content_scripts": [{"matches": ["http://127.0.0.1/*"], "js": [*_FIRST, "content.js"]}],
        "browser_specific_settings": {"gecko": {"id": f"{role}@benchmark.example.org"}},
    }
    if sockets:  # Firefox's own policy makes wss: of ws:
        manifest["content_security_policy"] = {"extension_pages": "script-src 'self'"}
    return manifest
