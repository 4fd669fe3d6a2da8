"""The extensions that the players stand in: the tested one, and a neighbour that directs tabs and connects, too."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from .values import SHOWN, script

__all__ = ["NATIVE", "Extension", "player_script"]

_SCRIPT = Path(__file__).with_name("player.js")
NATIVE = "conformance_player"
_EVERYWHERE = {"all_frames": True, "match_about_blank": True, "match_origin_as_fallback": True}


class Extension:
    """One of the two extensions, and where it connects to.

    Attributes:
        name: ``"tested"`` or ``"neighbour"``.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._key = base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()

    def id(self, browser_name: str) -> str:
        """Its id, which is the same in every launch."""
        if browser_name == "firefox":
            return f"{self.name}@conformance.example"
        digest = hashlib.sha256(base64.b64decode(self._key)).hexdigest()[:32]
        return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)

    def write(self, folder: Path, socket_url: str, manifest: dict[str, Any], *, stands: bool = False) -> Path:
        """Write the extension, whose players connect to `socket_url`.

        Args:
            folder: Where to.
            socket_url: The conductor's.
            manifest: What its manifest has besides, ``manifest_version`` above all.
            stands: Its background listens from its start on, without being told.
        """
        folder.mkdir(parents=True)
        script = "player-background.js"
        files = {
            "manifest.json": json.dumps(self._manifest(script) | manifest),
            script: player_script("background", self.name, socket_url, stands=stands),
            "player-content.js": player_script("content", self.name, socket_url),
            "player-page.js": player_script("page", self.name, socket_url),
            "page.html": '<!doctype html><title>page</title><script src="player-page.js"></script>',
        }
        for path, text in files.items():
            (folder / path).write_text(text, "utf-8")
        return folder

    def _manifest(self, background: str) -> dict[str, Any]:
        return {
            "manifest_version": 3,
            "name": self.name,
            "version": "1",
            "key": self._key,
            "browser_specific_settings": {"gecko": {"id": self.id("firefox")}},
            "permissions": ["management", "nativeMessaging", "storage", "tabs", "webNavigation"],
            "host_permissions": ["<all_urls>"],
            # Firefox's own policy for Manifest V3 makes wss: of ws:.
            "content_security_policy": {"extension_pages": "script-src 'self'"},
            "background": {"service_worker": background, "scripts": [background]},
            "content_scripts": [
                {"matches": ["<all_urls>"], "js": ["player-content.js"], "run_at": "document_start", **_EVERYWHERE}
            ],
            "web_accessible_resources": [{"resources": ["page.html"], "matches": ["<all_urls>"]}],
            "externally_connectable": {"ids": ["*"], "matches": ["http://127.0.0.1/*"]},
        }


def manifest_v2() -> dict[str, Any]:
    """What a manifest of version 2 has instead."""
    return {
        "manifest_version": 2,
        "permissions": ["nativeMessaging", "tabs", "webNavigation", "<all_urls>"],
        "host_permissions": [],
        "content_security_policy": "script-src 'self'",
        "background": {"scripts": ["player-background.js"], "persistent": True},
        "web_accessible_resources": ["page.html"],
    }


def player_script(kind: str, extension: str, socket_url: str, *, stands: bool = False) -> str:
    """The JavaScript player for one kind of context."""
    config = {
        "kind": kind,
        "extension": extension,
        "url": socket_url,
        "shown": SHOWN,
        "stands": stands,
        "patience": 8_000,
    }
    text = f"{{...{json.dumps(config)}, values: {script()}}}"
    return _SCRIPT.read_text("utf-8").replace("PLAYER_CONFIG", text)
