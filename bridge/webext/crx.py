"""The header of a .crx file: where its archive begins, and the key that gives the extension its id.

Source: Chromium's components/crx_file/crx3.proto; version 2 is the older fixed layout.
"""

import base64
import hashlib
import struct
from collections.abc import Iterator

__all__ = ["CRX_MAGIC", "crx_archive", "crx_key"]

CRX_MAGIC = b"Cr24"

# Field numbers of crx3.proto: the proofs with RSA and with ECDSA, the signed data, the fields inside those.
_PROOFS = (2, 3)
_SIGNED_DATA = 10000
_PUBLIC_KEY = 1
_CRX_ID = 1
_LENGTH_DELIMITED = 2
_MAX_SHIFT = 63  # no number of protobuf has more bits


def crx_archive(data: bytes) -> bytes:
    """Return the zip archive inside a .crx file.

    Raises:
        ValueError: The header is damaged, or its version is neither 2 nor 3.
    """
    return _split(data)[2]


def crx_key(data: bytes) -> str | None:
    """Return the public key from which the extension's id is made, in the form of the manifest's ``key``, or None.

    A version 3 file may be signed with several keys. The right one is the one whose hash begins with the id.

    Raises:
        ValueError: The header is damaged, or its version is neither 2 nor 3.
    """
    version, head, _ = _split(data)
    key = head if version == 2 else _key_of_id(head)
    return base64.b64encode(key).decode("ascii") if key else None


# The version; the public key (version 2) or the signed header (version 3); the archive.
def _split(data: bytes) -> tuple[int, bytes, bytes]:
    version, head, rest = struct.unpack("<III", data[4:16].ljust(12, b"\0"))
    if version not in (2, 3):
        raise ValueError(f"its header has version {version}, but only 2 and 3 are supported")
    # Version 2 has a second length, for the signature between the key and the archive.
    start, archive = (16, 16 + head + rest) if version == 2 else (12, 12 + head)
    if archive > len(data):
        raise ValueError("its header is longer than the file")
    return version, data[start : start + head], data[archive:]


def _key_of_id(header: bytes) -> bytes | None:
    fields = list(_fields(header))
    signed = next((value for number, value in fields if number == _SIGNED_DATA), b"")
    crx_id = dict(_fields(signed)).get(_CRX_ID)
    proofs = [dict(_fields(value)) for number, value in fields if number in _PROOFS]
    keys = [proof[_PUBLIC_KEY] for proof in proofs if _PUBLIC_KEY in proof]
    return next((key for key in keys if crx_id and hashlib.sha256(key).digest().startswith(crx_id)), None)


# The fields of a protobuf message. In a .crx header, all of them are length-delimited.
def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        length, at = _varint(message, at)
        if tag & 7 != _LENGTH_DELIMITED or at + length > len(message):
            raise ValueError("its header is damaged")
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift <= _MAX_SHIFT:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("its header is damaged")
