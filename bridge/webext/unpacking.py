"""Copies the extension under test from its folder or archive."""

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import ExtensionError
from .archive import MAX_DEPTH, MAX_DEPTH_TEXT, unpack_archive
from .limits import link_budget
from .manifest import BrowserName

__all__ = ["Unpacked", "unpack", "write_private"]

_MANIFEST = "manifest.json"
_ARCHIVES = (".zip", ".xpi", ".crx")
_KINDS = "the extension's folder (the one that holds manifest.json) or a .zip, .xpi or .crx file"
_LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__"})
# A store's signature, which makes browsers refuse or misjudge an unpacked copy, and what macOS adds to a zip.
_LEFT_OUT_AT_ROOT = frozenset({"_metadata", "META-INF", "__MACOSX"})


class Unpacked(NamedTuple):
    """What one cannot see in the files of a copy."""

    key: str | None = None
    """For a .crx file, the public key from which its id is made, in the form of the manifest's ``key``."""
    outside: frozenset[str] = frozenset()
    """The symbolic links that lead out of the extension's folder, relative to it."""


def unpack(
    extension: str | os.PathLike[str], into: Path, browser_name: BrowserName, limit: int | None = None
) -> Unpacked:
    """Make a private copy of the extension in `into`, which must not exist yet.

    Where the file system allows, a folder is copied with hard links, so change a file of the copy only with
    :func:`write_private`. Version control folders, and files of a store's signature at the root, are left out. An
    archive may contain the extension in a single folder, as code-hosting sites pack it.

    Symbolic links are followed as far as the browser itself follows them in an unpacked extension (measured with
    Chromium 156 and Firefox 153): both follow a link within the folder, and one in place of the manifest. Only Chromium
    follows others that lead out of the folder, and not for content scripts; for Firefox they are left out.

    Args:
        extension: The folder or archive.
        into: The folder to make.
        browser_name: The browser that will load the copy.
        limit: How many bytes an archive may unpack to, or links may add to the copy; None means the default.

    Raises:
        ExtensionError: There is nothing at that path, or not an extension; the message says what to do.
    """
    path = Path(extension)
    existed = into.exists()
    try:
        return _unpack(path, into, browser_name, limit)
    except BaseException as error:
        if not existed:
            shutil.rmtree(into, ignore_errors=True)
        if isinstance(error, OSError):
            raise ExtensionError(f"{path} cannot be copied: {error}") from error
        raise


def write_private(path: Path, data: bytes) -> None:
    """Write a file of the copy, but not through its hard link into the user's own file."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def _unpack(path: Path, into: Path, browser_name: BrowserName, limit: int | None) -> Unpacked:
    if not path.exists():
        raise ExtensionError(f"{path} does not exist: give the path of {_KINDS}")
    if path.is_dir():
        _check_folder(path)
        return Unpacked(outside=_FolderCopy(path, into, browser_name, limit).outside)
    if path.suffix.lower() not in _ARCHIVES or not path.is_file():
        raise ExtensionError(f"{path} is not an extension: give the path of {_KINDS}")
    return Unpacked(key=unpack_archive(path, into, _LEFT_OUT, _LEFT_OUT_AT_ROOT, limit))


def _check_folder(folder: Path) -> None:
    if (folder / _MANIFEST).is_file():
        return
    inner = sorted(str(found.parent) for found in folder.glob(f"*/{_MANIFEST}"))
    advice = f"did you mean {' or '.join(inner)}?" if inner else f"give the path of {_KINDS}"
    raise ExtensionError(f"{folder} has no {_MANIFEST}: {advice}")


class _Way(NamedTuple):
    """A folder to copy, and how the copying came to it."""

    inside: PurePosixPath = PurePosixPath()
    """Its path in the extension."""
    above: frozenset[str] = frozenset()
    """The folders that contain this one, and the copy itself. A link back to one of them would never end."""
    linked: bool = False
    """Whether through a link."""
    outside: bool = False
    """Whether through a link that leads out of the extension's folder."""


class _FolderCopy:
    """Copies a folder."""

    def __init__(self, folder: Path, into: Path, browser_name: BrowserName, limit: int | None) -> None:
        self._folder = folder
        self._root = os.path.realpath(folder)
        self._into = into
        self._follows_out = browser_name == "chromium"
        # Links to folders that link to each other multiply, within the extension's folder too.
        self._budget = link_budget(folder, limit)
        self._outside: set[str] = set()
        self._copy(self._root, _Way(above=frozenset({os.path.realpath(into)})))

    @property
    def outside(self) -> frozenset[str]:
        """The links that lead out of the folder."""
        return frozenset(self._outside)

    def _copy(self, folder: str, way: _Way) -> None:
        if folder in way.above:
            return
        if len(way.inside.parts) > MAX_DEPTH:
            raise ExtensionError(f"{self._folder} contains {MAX_DEPTH_TEXT}")
        (self._into / way.inside).mkdir()
        with os.scandir(folder) as found:
            entries = list(found)
        for entry in entries:
            if not _is_left_out(entry.name, at_root=not way.inside.parts):
                self._copy_entry(entry, way._replace(inside=way.inside / entry.name, above=way.above | {folder}))

    def _copy_entry(self, entry: os.DirEntry[str], way: _Way) -> None:
        path = entry.path
        if entry.is_symlink():
            path = os.path.realpath(path)
            way = way._replace(linked=True, outside=not self._contains(path))
        if way.outside and not self._may_follow(way, entry):
            return
        if os.path.isdir(path):
            self._spend(way)
            self._copy(path, way)
        elif os.path.isfile(path):
            self._spend(way, os.path.getsize(path))
            _copy_file(path, self._into / way.inside)

    def _may_follow(self, way: _Way, entry: os.DirEntry[str]) -> bool:
        if way.inside.as_posix() == _MANIFEST:
            return True
        if entry.is_symlink():
            self._outside.add(way.inside.as_posix())
        return self._follows_out

    def _contains(self, path: str) -> bool:
        return Path(path).is_relative_to(self._root)

    def _spend(self, way: _Way, size: int = 0) -> None:
        if way.linked:
            self._budget.begin_file()
            self._budget.spend(size)


def _copy_file(file: str, to: Path) -> None:
    try:
        os.link(file, to)
    except OSError:  # another file system, one without hard links, or another user's file
        shutil.copyfile(file, to)


def _is_left_out(name: str, *, at_root: bool) -> bool:
    return name in _LEFT_OUT or (at_root and name in _LEFT_OUT_AT_ROOT)
