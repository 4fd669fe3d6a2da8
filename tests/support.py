"""What tests share: a site to browse, extensions written on the spot, and the browsers."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).parent.parent
BRIDGE = ROOT / "bridge"
SAMPLE = ROOT / "test-extension"
BROWSERS_REQUIRED = bool(os.environ.get("CI") or os.environ.get("PORTBRIDGE_REQUIRE_BROWSERS"))
NODE_REQUIRED = bool(os.environ.get("CI"))
REGISTERED = any(entry.value == "bridge.pytest_plugin" for entry in entry_points(group="pytest11"))
"""Whether pytest loads the plugin by itself; a checkout that was installed before there was a plugin names it."""

LAUNCH_MS = 100_000
"""Enough for a launch on a machine that has much else to do, where Firefox has taken more than 30 seconds."""

DISCONNECTED = {
    "chromium": "Attempting to use a disconnected port object",
    "firefox": "Attempt to postMessage on disconnected port",
}
"""What each browser throws when a script posts on a closed port."""

PAGE = "<!doctype html><title>a page</title><body><h1>A page</h1></body>"
GECKO = {"browser_specific_settings": {"gecko": {"id": "tested@example.org"}}}


class Site:
    """A web site on the loopback interface; `pages` maps paths to HTML, any other path is a plain page.

    Attributes:
        url: Its root, at 127.0.0.1.
        other_url: The same site under another host name, which is another origin.
    """

    def __init__(self, port: int) -> None:
        self.pages: dict[str, str] = {}
        self.url = f"http://127.0.0.1:{port}/"
        self.other_url = f"http://localhost:{port}/"


@contextmanager
def serve_site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site.pages.get(self.path, PAGE).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(server.server_port)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_extension(folder: Path, manifest: dict[str, Any], files: dict[str, str]) -> Path:
    """Write an extension; `manifest` is completed with name, version and, for Firefox, an id."""
    whole = {"manifest_version": 3, "name": "tested", "version": "1", **GECKO, **manifest}
    for path, text in {"manifest.json": json.dumps(whole), **files}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return folder


def background(*scripts: str, **more: Any) -> dict[str, Any]:
    """A background for both browsers: the first script is Chromium's worker, all are Firefox's scripts."""
    return {"background": {"service_worker": scripts[0], "scripts": list(scripts), **more}}


def content(*scripts: str, **more: Any) -> dict[str, Any]:
    """One content-script entry on every page of the site."""
    return {"content_scripts": [{"matches": ["<all_urls>"], "js": list(scripts), **more}]}
