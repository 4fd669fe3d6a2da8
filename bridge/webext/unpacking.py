"""Copies the extension under test from its folder or archive."""

import io
import os
import re
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ..errors import ExtensionError
from .crx import CRX_MAGIC, crx_archive, crx_key

__all__ = ["unpack", "write_private"]

_MANIFEST = "manifest.json"
_ARCHIVES = (".zip", ".xpi", ".crx")
_KINDS = "the extension's folder (the one that holds manifest.json) or a .zip, .xpi or .crx file"
_LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__"})
# A store's signature, which makes browsers refuse or misjudge an unpacked copy, and what macOS adds to a zip.
_LEFT_OUT_AT_ROOT = frozenset({"_metadata", "META-INF", "__MACOSX"})
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)


def unpack(extension: str | os.PathLike[str], into: Path) -> str | None:
    """Make a private copy of the extension in ``into``, which must not exist yet.

    Where the file system allows, a folder is copied with hard links, so change a file of the copy only with
    :func:`write_private`. Symbolic links are followed. Version control folders, and files of a store's signature at the
    root, are left out. An archive may contain the extension in a single folder, as code-hosting sites pack it.

    Returns:
        For a .crx file, the public key from which its id is made, in the form of the manifest's ``key``, so that the
        copy can keep the id. Otherwise None.

    Raises:
        ExtensionError: There is nothing at that path, or not an extension; the message says what to do.
    """
    path = Path(extension)
    try:
        return _unpack(path, into)
    except OSError as error:
        raise ExtensionError(f"{path} cannot be copied: {error}") from error


def write_private(path: Path, data: bytes) -> None:
    """Write a file of the copy, but not through its hard link into the user's own file."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def _unpack(path: Path, into: Path) -> str | None:
    if not path.exists():
        raise ExtensionError(f"{path} does not exist: give the path of {_KINDS}")
    if path.is_dir():
        _check_folder(path)
        _copy_folder(path, into, at_root=True, seen=frozenset({os.path.realpath(into)}))
        return None
    if path.suffix.lower() not in _ARCHIVES:
        raise ExtensionError(f"{path} is not an extension: give the path of {_KINDS}")
    return _unpack_archive(path, into)


def _check_folder(folder: Path) -> None:
    if (folder / _MANIFEST).is_file():
        return
    inner = sorted(str(found.parent) for found in folder.glob(f"*/{_MANIFEST}"))
    advice = f"did you mean {' or '.join(inner)}?" if inner else f"give the path of {_KINDS}"
    raise ExtensionError(f"{folder} has no {_MANIFEST}: {advice}")


# `seen`: the copy itself, and the folders that contain this one. A link back to one of them would never end.
def _copy_folder(folder: Path, into: Path, *, at_root: bool, seen: frozenset[str]) -> None:
    real = os.path.realpath(folder)
    if real in seen:
        return
    into.mkdir()
    for entry in folder.iterdir():
        if _is_left_out(entry.name, at_root=at_root):
            continue
        if entry.is_dir():
            _copy_folder(entry, into / entry.name, at_root=False, seen=seen | {real})
        elif entry.is_file():
            _copy_file(os.path.realpath(entry), into / entry.name)


def _copy_file(file: str, to: Path) -> None:
    try:
        os.link(file, to)
    except OSError:  # another file system, one without hard links, or another user's file
        shutil.copyfile(file, to)


def _is_left_out(name: str, *, at_root: bool) -> bool:
    return name in _LEFT_OUT or (at_root and name in _LEFT_OUT_AT_ROOT)


def _unpack_archive(path: Path, into: Path) -> str | None:
    data = path.read_bytes()
    try:
        is_crx = data.startswith(CRX_MAGIC)
        key = crx_key(data) if is_crx else None
        with zipfile.ZipFile(io.BytesIO(crx_archive(data) if is_crx else data)) as archive:
            _extract(path, archive, into)
    except _BROKEN_ARCHIVE as error:
        raise ExtensionError(f"{path} is a broken archive ({error}): pack or download it again") from error
    return key


def _extract(path: Path, archive: zipfile.ZipFile, into: Path) -> None:
    members = [member for member in archive.infolist() if not member.is_dir()]
    _check_inside(path, members)
    root = _root(path, [member.filename for member in members])
    into.mkdir()
    for member in members:
        parts = PurePosixPath(member.filename.removeprefix(root)).parts
        if not _is_left_out(parts[0], at_root=True) and _LEFT_OUT.isdisjoint(parts):
            into.joinpath(*parts).parent.mkdir(parents=True, exist_ok=True)
            into.joinpath(*parts).write_bytes(archive.read(member))


def _check_inside(path: Path, members: list[zipfile.ZipInfo]) -> None:
    for name in (member.filename for member in members):
        # Backslashes and drive letters lead out of the folder on Windows.
        if re.match(r"[/\\]|[A-Za-z]:", name) or ".." in re.split(r"[/\\]", name):
            raise ExtensionError(f"{path} contains {name!r}, which would be unpacked outside its folder: leave it out")


# The folder in the archive that contains the manifest: "", or a path with a slash at its end.
def _root(path: Path, names: list[str]) -> str:
    if _MANIFEST in names:
        return ""
    tops = {name.split("/", 1)[0] for name in names} - _LEFT_OUT_AT_ROOT
    if len(tops) == 1 and f"{min(tops)}/{_MANIFEST}" in names:
        return f"{min(tops)}/"
    raise ExtensionError(f"{path} has no {_MANIFEST} at its root: pack the contents of the extension's folder")
