"""Puts the agent in front of an HTML page's own scripts."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .manifest import BrowserName, Manifest, local_path
from .patterns import glob_regex

__all__ = ["instrument_page", "is_xml", "pages"]

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_HTML = (".html", ".htm")
_XHTML = (".xhtml", ".xht")
_REST_OF_TAG = rb"""(?=[\s/>])(?:[^>=]|=\s*(?:"[^"]*"|'[^']*')|=(?!\s*["']))*>"""
# What may come before a page's first element, and what a parser ignores there: white space, comments, and end tags but
# for a few. https://html.spec.whatwg.org/multipage/parsing.html#the-before-head-insertion-mode
_SKIPPED = re.compile(
    rb"[\t\n\f\r ]+|<!--(?:-?>|(?s:.*?)--!?>)|<\?[^>]*>|<!(?!--|doctype)[^>]*>|</(?![a-z])[^>]*>"
    rb"|</(?!(?:head|body|html|br)[\s/>])[a-z][^\s/>]*" + _REST_OF_TAG,
    re.IGNORECASE,
)
_OPENING = re.compile(rb"<(?:!doctype[^>]*>|(?P<name>html|head)" + _REST_OF_TAG + rb")", re.IGNORECASE)


def instrument_page(html: bytes, agent: str, *, xml: bool = False, charset: str = "") -> bytes:
    """Return the page with the agent as its first script, before any ``<base>`` or ``<meta>`` policy.

    The script goes after ``<head>``; without one, in front of the first content, so that the parser ignores white space
    before that, as it does in the author's page, and puts comments in the same place. XML ignores nothing there, and
    has a single root element: the script goes after ``<head>`` or ``<html>``, and a page without is left unchanged.

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
    place = _place_in_xml(html) if xml else _place(html)
    if place is None:
        return html
    return html[:place] + f'<script src="/{agent}"{charset}></script>'.encode() + html[place:]


def is_xml(path: str) -> bool:
    """Whether browsers read that file as XHTML."""
    return path.lower().endswith(_XHTML)


def pages(folder: Path, manifest: Manifest, browser_name: BrowserName) -> list[str]:
    """Return the HTML and XHTML files that get the page agent: sorted, relative to the folder, with ``/``.

    These are all but Firefox's background page, which has its own agent, Chromium's sandboxed pages, which have no
    extension API, and whatever is in ``node_modules``. Firefox before version 154 treats sandboxed pages like any
    other (https://bugzilla.mozilla.org/show_bug.cgi?id=1685123). In later versions, the agent finds no extension API
    there and gives up.
    """
    skipped = [glob_regex(local_path(page)) for page in _other_pages(manifest, browser_name)]
    return [page for page in sorted(_html_files(folder)) if not any(skip.fullmatch(page) for skip in skipped)]


def _place(html: bytes) -> int:
    at = 0
    for found in _beginning(html):
        at = found.end()
    return at or _first(html)


def _place_in_xml(html: bytes) -> int | None:
    place = None
    for found in _beginning(html):
        if found.re is _OPENING and found["name"]:
            place = found.end()
    return place


# What comes before a page's content, up to <head>.
def _beginning(html: bytes) -> Iterator[re.Match[bytes]]:
    at = _first(html)
    while found := _SKIPPED.match(html, at) or _OPENING.match(html, at):
        yield found
        at = found.end()
        if found.re is _OPENING and (found["name"] or b"").lower() == b"head":
            return


def _first(html: bytes) -> int:
    return len(_UTF8_BOM) if html.startswith(_UTF8_BOM) else 0


def _other_pages(manifest: Manifest, browser_name: BrowserName) -> list[str]:
    if browser_name == "chromium":
        return manifest.sandboxed_pages
    return [manifest.background.page] if manifest.background.page else []


def _html_files(folder: Path) -> list[str]:
    found: list[str] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "node_modules"]
        names = (name for name in files if name.lower().endswith((*_HTML, *_XHTML)))
        found += (Path(parent, name).relative_to(folder).as_posix() for name in names)
    return found
