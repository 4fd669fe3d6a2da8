"""Archives of extensions, as their authors make them."""

import hashlib
import io
import struct
import zipfile
from pathlib import Path


def pack(folder: Path, *, inside: str = "", more: dict[str, str] | None = None) -> bytes:
    """Return a zip archive of a folder, whose files lie `inside` there, with `more` files by their names."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, inside + path.relative_to(folder).as_posix())
        for name, text in (more or {}).items():
            archive.writestr(name, text)
    return data.getvalue()


def crx3(archive: bytes, key: bytes) -> bytes:
    """Put the header of a .crx file before an archive: a proof with the key, and the id that it gives."""
    proof = _field(1, key) + _field(2, b"a signature that nobody checks")
    header = _field(2, proof) + _field(10000, _field(1, hashlib.sha256(key).digest()[:16]))
    return b"Cr24" + struct.pack("<II", 3, len(header)) + header + archive


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + _varint(value >> 7)
