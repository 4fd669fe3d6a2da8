"""The files of the page."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

__all__ = ["Site"]

_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self' ws://{host}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = "inspector/web/index.html"
_ROOT = __name__.split(".")[0]
_PARTS = ("inspector", "report")
"""The parts of the package whose `web` folders are served, under their paths in the package, since the scripts
import each other by those."""


class Site:
    """The files that are served, listed once: a path names one of these, or nothing."""

    def __init__(self) -> None:
        self._files = {
            f"{part}/web/{file.name}": file
            for part in _PARTS
            for file in (files(f"{_ROOT}.{part}") / "web").iterdir()
            if _suffix(file) in _TYPES
        }

    @property
    def names(self) -> list[str]:
        """The files' paths, relative to the page's address."""
        return sorted(self._files)

    def answer(self, name: str, host: str) -> web.Response | None:
        """Return a response with the file, or None if there is no such file. The empty name means the page."""
        file = self._files.get(name or _PAGE)
        if file is None:
            return None
        headers = {**_HEADERS, "Content-Security-Policy": _POLICY.format(host=host)}
        return web.Response(
            body=file.read_bytes(), content_type=_TYPES[_suffix(file)], charset="utf-8", headers=headers
        )


def _suffix(file: Traversable) -> str:
    return file.name.rpartition(".")[2]
