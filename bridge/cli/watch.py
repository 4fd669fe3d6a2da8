"""Watches the extension's files."""

import os
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from watchfiles import DefaultFilter, awatch

__all__ = ["Watch", "difference"]

Stamps = Mapping[str, tuple[int, int]]
"""For each file, by its path in the folder: when it was last written, in nanoseconds, and its size."""

_SHOWN = 3
_DEBOUNCE_MS = 300  # gives a build time to write its other files
_LOOK_MS = 1_000
_FOLDERS = frozenset({*DefaultFilter.ignore_dirs, "__MACOSX"})
_FILES = re.compile("|".join(DefaultFilter.ignore_entity_patterns))


class Watch:
    """The files as they are now, and what changes from now on.

    Editors' temporary files do not count, nor do ``.git`` and ``node_modules``.

    Args:
        extension: The folder or archive.
        except_for: A file to ignore, because the command itself writes it.
    """

    def __init__(self, extension: str | os.PathLike[str], except_for: str | os.PathLike[str] | None = None) -> None:
        self._root = Path(extension).resolve()
        self._except_for = Path(except_for).resolve() if except_for else None
        self._stamps = self._snapshot()

    async def changes(self) -> AsyncIterator[str]:
        """Yield which files changed, each time some do: ``background.js, icons/a.png and 4 more``."""
        # Packing an archive again replaces the file, so watch its folder.
        folder = self._root if self._root.is_dir() else self._root.parent
        # No filter: it would also judge the names of the folders above the extension. And nothing says when the system
        # has begun to watch, so look once a second anyway.
        async for _ in awatch(
            folder, debounce=_DEBOUNCE_MS, rust_timeout=_LOOK_MS, yield_on_timeout=True, watch_filter=None
        ):
            # The system also reports new links to a file, and the copy that the browser loads consists of links.
            if changed := self._changed():
                yield changed

    def _changed(self) -> str:
        former, self._stamps = self._stamps, self._snapshot()
        return _summary(difference(former, self._stamps))

    def _snapshot(self) -> Stamps:
        stamps: dict[str, tuple[int, int]] = {}
        for path in _files(self._root):
            if path == self._except_for:
                continue
            try:
                status = path.stat()
            except OSError:  # gone meanwhile, or a link to nowhere
                continue
            name = path.name if path == self._root else path.relative_to(self._root).as_posix()
            stamps[name] = (status.st_mtime_ns, status.st_size)
        return stamps


def difference(former: Stamps, present: Stamps) -> list[str]:
    """Return the files that were changed, added or removed, sorted."""
    return sorted(path for path in former.keys() | present.keys() if former.get(path) != present.get(path))


def _files(root: Path) -> list[Path]:
    if not root.is_dir():
        return [root]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _FOLDERS]
        found += [Path(folder, name) for name in files if not _FILES.search(name)]
    return found


def _summary(changed: list[str]) -> str:
    shown, more = changed[:_SHOWN], len(changed) - _SHOWN
    return f"{', '.join(shown)} and {more} more" if more > 0 else ", ".join(shown)
