"""How Chromium makes the id of an extension: from its key, or from its folder."""

import base64
import binascii
import hashlib
import os
import re
from pathlib import Path

__all__ = ["chromium_id", "key_bytes", "path_bytes"]

_PEM = re.compile(r"-----BEGIN.*?KEY-----(.+)-----END.*")


def chromium_id(data: bytes) -> str:
    """Return the id that is made from those bytes.

    Source: Chromium's components/crx_file/id_util.cc, GenerateId
    """
    digest = hashlib.sha256(data).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


def key_bytes(key: str) -> bytes | None:
    """Return what the manifest's ``key`` encodes, or None if Chromium does not accept it.

    Source: Chromium's extensions/common/extension.cc, Extension::ParsePEMKeyBytes
    """
    found = _PEM.fullmatch("".join(key.splitlines()))
    try:
        return base64.b64decode(found[1] if found else key, validate=True) or None
    except (binascii.Error, ValueError):  # ValueError: a character beyond ASCII
        return None


def path_bytes(folder: Path) -> bytes:
    """Return what the id of an extension without a ``key`` is made of."""
    return str(folder).encode("utf-16-le" if os.name == "nt" else "utf-8", "surrogateescape")
