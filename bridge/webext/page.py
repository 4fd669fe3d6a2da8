"""Puts the agent in front of an HTML page's own scripts."""

import os
import re
from pathlib import Path

from .manifest import Manifest, local_path
from .patterns import glob_regex

__all__ = ["instrument_page", "is_xml", "pages"]

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_HTML = (".html", ".htm")
_XHTML = (".xhtml", ".xht")
_REST_OF_TAG = rb"""(?=[\s/>])(?:[^>=]|=\s*(?:"[^"]*"|'[^']*')|=(?!\s*["']))*>"""
# What may come before a page's first element: https://html.spec.whatwg.org/multipage/syntax.html#writing
_SKIPPED = re.compile(rb"\s+|<!--(?:-?>|(?s:.*?)--!?>)|<\?[^>]*>|<!(?!--|doctype)[^>]*>", re.IGNORECASE)
_OPENING = re.compile(rb"<(?:!doctype[^>]*>|(?P<name>html|head)" + _REST_OF_TAG + rb")", re.IGNORECASE)


def instrument_page(html: bytes, agent: str, *, xml: bool = False, charset: str = "") -> bytes:
    """Return the page with the agent as its first script, before any ``<base>`` or ``<meta>`` policy.

    The script goes after ``<head>``, ``<html>`` or the doctype, whichever comes last before the content. XML has a
    single root element, so an XHTML page without ``<html>`` is left unchanged.

    Args:
        html: The content of the page's file.
        agent: The agent's file, relative to the extension's root.
        xml: Whether browsers read the page as XHTML.
        charset: An attribute for the agent's ``<script>``.
    """
    if encoding := _UTF16.get(html[:2]):
        whole = len(html) // 2 * 2  # an odd byte at the end belongs to no character
        text = html[:whole].decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
        changed = instrument_page(
            text, agent, xml=xml, charset=' charset="utf-8"'
        )  # else scripts are read as the page is
        return changed.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass") + html[whole:]
    place, in_root = _place(html)
    if xml and not in_root:
        return html
    return html[:place] + f'<script src="/{agent}"{charset}></script>'.encode() + html[place:]


def is_xml(path: str) -> bool:
    """Whether browsers read that file as XHTML."""
    return path.lower().endswith(_XHTML)


def pages(folder: Path, manifest: Manifest, *, sandboxed: bool = True) -> list[str]:
    """Return the HTML and XHTML files that get the page agent: sorted, relative to the folder, with ``/``.

    These are all but the background page, which has its own agent, sandboxed pages, which have no extension API, and
    whatever is in ``node_modules``.

    Args:
        folder: The extension's folder.
        manifest: The extension's manifest.
        sandboxed: Whether the browser certainly obeys the key ``sandbox``. Firefox before version 154 treats such pages
            like any other (https://bugzilla.mozilla.org/show_bug.cgi?id=1685123). In later versions, the agent finds
            no extension API there and gives up.
    """
    skipped = [glob_regex(local_path(page)) for page in _other_pages(manifest, sandboxed)]
    return [page for page in sorted(_html_files(folder)) if not any(skip.fullmatch(page) for skip in skipped)]


def _place(html: bytes) -> tuple[int, bool]:
    in_root = False
    at = place = len(_UTF8_BOM) if html.startswith(_UTF8_BOM) else 0
    while found := _SKIPPED.match(html, at) or _OPENING.match(html, at):
        at = found.end()
        if found.re is _OPENING:
            place, in_root = at, bool(found["name"])
            if (found["name"] or b"").lower() == b"head":
                break
    return place, in_root


def _other_pages(manifest: Manifest, sandboxed: bool) -> list[str]:
    background = [manifest.background.page] if manifest.background.page else []
    return background + (manifest.sandboxed_pages if sandboxed else [])


def _html_files(folder: Path) -> list[str]:
    found: list[str] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "node_modules"]
        names = (name for name in files if name.lower().endswith((*_HTML, *_XHTML)))
        found += (Path(parent, name).relative_to(folder).as_posix() for name in names)
    return found
