"""A hook for MkDocs, named in mkdocs.yml: pages from files outside of docs/, and links that lead out of it.

README.md is the first page, so that nothing is said twice. A link to a file that is no page leads to the repository, if
the build knows where that is (``REPOSITORY_URL``), and is plain text otherwise. A link to what does not exist fails the
build.
"""

import logging
import os
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "test-extension/README.md": "sample.md",
}
"""Pages made of files outside of docs/: where the file is, and what the page is called."""

_LINK = re.compile(
    r"(?<!!)\[(?P<text>[^\[\]]*(?:\[\][^\[\]]*)?)\]\((?!https?:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)]*)?\)"
)
_PICTURE = re.compile(
    r'<picture>\s*<source [^>]*srcset="(?P<dark>[^"]+)">'
    r'\s*<img src="(?P<light>[^"]+)" alt="(?P<text>[^"]+)">\s*</picture>'
)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_log = logging.getLogger("mkdocs.hooks.site")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made of files outside of docs/."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn the links and pictures of a page into those of the site."""
    name = page.file.src_uri
    source = next((source for source, made in PAGES.items() if made == name), f"docs/{name}")
    return rewritten(markdown, source, name, config.repo_url)


def rewritten(markdown: str, source: str, page: str, repository: str | None) -> str:
    """Return a page's text with the links of the site.

    Args:
        markdown: The text of the file.
        source: Where the file is, from the root of the project.
        page: What the page is called, from docs/.
        repository: The address of the repository, if it is known.
    """

    def link(found: re.Match[str]) -> str:
        return _link(found, _from_root(source, found["path"]), page, repository)

    def picture(found: re.Match[str]) -> str:
        sides = {side: _on_site(_from_root(source, found[side]), page) for side in ("light", "dark")}
        return "\n".join(f"![{found['text']}]({path}#only-{side})" for side, path in sides.items())

    shown = _PICTURE.sub(picture, markdown)
    parts = re.split(f"({_FENCE.pattern})", shown, flags=_FENCE.flags)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in parts)


def _link(found: re.Match[str], target: str, page: str, repository: str | None) -> str:
    anchor = found["anchor"] or ""
    if target in PAGES or target.startswith("docs/"):
        return f"[{found['text']}]({_on_site(target, page)}{anchor})"
    if not (ROOT / target).exists():
        _log.warning("%s links to %s, which is not there", page, target)
    if not repository:
        return found["text"]
    return f"[{found['text']}]({repository.rstrip('/')}/blob/{os.environ.get('REVISION', 'main')}/{target}{anchor})"


def _from_root(source: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), path))


def _on_site(target: str, page: str) -> str:
    name = PAGES.get(target) or target.removeprefix("docs/")
    return posixpath.relpath(name, posixpath.dirname(page) or ".")
