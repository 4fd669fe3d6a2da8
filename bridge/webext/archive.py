"""Unpacks an extension's archive, and refuses members that could do harm."""

import io
import os
import re
import struct
import zipfile
import zlib
from pathlib import Path

from ..errors import ExtensionError
from .crx import CRX_MAGIC, crx_archive, crx_key
from .limits import Budget, archive_budget

__all__ = ["MAX_DEPTH", "MAX_DEPTH_TEXT", "unpack_archive"]

MAX_DEPTH = 100
"""How deep folders may be nested; Python's own functions for trees of folders fail at a thousand."""
MAX_DEPTH_TEXT = f"more than {MAX_DEPTH} folders in each other: flatten them"

_MANIFEST = "manifest.json"
_CHUNK = 1 << 16
_ENCRYPTED = 0x1  # the bit among a member's flags
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # that browsers can unpack
# zipfile lets the errors of its own reading and of its decoders through.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)

_BOTH = (FileExistsError, NotADirectoryError, IsADirectoryError)

_Member = tuple[tuple[str, ...], zipfile.ZipInfo]
"""Where a file goes, as the parts of its path, and the file."""


def unpack_archive(
    path: Path, into: Path, left_out: frozenset[str], at_root: frozenset[str], limit: int | None
) -> str | None:
    """Unpack a .zip, .xpi or .crx file into the new folder `into`.

    Args:
        path: The archive.
        into: The folder to make.
        left_out: Names of files and folders to leave out wherever they are.
        at_root: Those to leave out at the extension's root.
        limit: How many bytes it may unpack to; see :func:`archive_budget`.

    Returns:
        For a .crx file, the public key from which its id is made, in the form of the manifest's ``key``. Otherwise
        None.

    Raises:
        ExtensionError: The archive is broken, too large, has no manifest, or has members that cannot be unpacked.
    """
    data = path.read_bytes()
    try:
        is_crx = data.startswith(CRX_MAGIC)
        key = crx_key(data) if is_crx else None
        with zipfile.ZipFile(io.BytesIO(crx_archive(data) if is_crx else data)) as archive:
            members = _members(path, archive)
            root = _root(path, members, at_root)
            placed = [(_without(root, parts), member) for parts, member in members]
            wanted = [it for it in placed if it[0][0] not in at_root and left_out.isdisjoint(it[0])]
            _extract(path, archive, wanted, into, archive_budget(path, len(data), limit))
    except _BROKEN as error:
        raise ExtensionError(f"{path} is a broken archive ({error}): pack or download it again") from error
    return key


def _members(path: Path, archive: zipfile.ZipFile) -> list[_Member]:
    members = [(_parts(path, member.filename), member) for member in archive.infolist()]
    # A name without parts, such as "./." or "", means the root folder.
    files = [(parts, member) for parts, member in members if parts and not member.filename.endswith("/")]
    for _, member in files:
        _check_packing(path, member)
    return files


def _parts(path: Path, name: str) -> tuple[str, ...]:
    # Backslashes and drive letters lead out of the folder on Windows.
    leads_out = re.match(r"[/\\]|[A-Za-z]:", name) or ".." in re.split(r"[/\\]", name)
    if leads_out or (os.name == "nt" and ":" in name):
        raise ExtensionError(f"{path} contains {name!r}, which would be unpacked outside its folder: leave it out")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if len(parts) > MAX_DEPTH:
        raise ExtensionError(f"{path} contains {MAX_DEPTH_TEXT}")
    return parts


def _check_packing(path: Path, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise ExtensionError(f"{path} contains {member.filename!r}, which is encrypted: pack it without a password")
    if member.compress_type not in _METHODS:
        raise ExtensionError(
            f"{path} contains {member.filename!r}, compressed in a way that browsers do not know: "
            "pack it with the usual one, deflate"
        )


# The folder in the archive that contains the manifest: none, or the single one that code-hosting sites pack.
def _root(path: Path, members: list[_Member], at_root: frozenset[str]) -> tuple[str, ...]:
    names = {parts for parts, _ in members}
    if (_MANIFEST,) in names:
        return ()
    tops = {parts[0] for parts in names} - at_root
    if len(tops) == 1 and (min(tops), _MANIFEST) in names:
        return (min(tops),)
    raise ExtensionError(f"{path} has no {_MANIFEST} at its root: pack the contents of the extension's folder")


def _without(root: tuple[str, ...], parts: tuple[str, ...]) -> tuple[str, ...]:
    return parts[len(root) :] if parts[: len(root)] == root and parts != root else parts


def _extract(path: Path, archive: zipfile.ZipFile, members: list[_Member], into: Path, budget: Budget) -> None:
    into.mkdir()
    for parts, member in members:
        budget.begin_file()
        file = into.joinpath(*parts)
        try:
            _make_folders(file.parent, budget)
            _write(archive, member, file, budget)
        except OSError as error:
            reason = "it is both a file and a folder" if isinstance(error, _BOTH) else error.strerror
            raise ExtensionError(f"{path} contains {member.filename!r}, which cannot be unpacked: {reason}") from error


def _make_folders(folder: Path, budget: Budget) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent, budget)
        budget.begin_file()
        folder.mkdir()


# In chunks, because the size that the archive declares may be wrong.
def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path, budget: Budget) -> None:
    with archive.open(member) as packed, file.open("wb") as unpacked:
        while chunk := packed.read(_CHUNK):
            budget.spend(len(chunk))
            unpacked.write(chunk)
