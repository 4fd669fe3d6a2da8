"""Reads what Chromium keeps of an extension on the disk and tells nobody: its menu items."""

from collections.abc import Iterator
from pathlib import Path

__all__ = ["latest"]

# https://github.com/google/leveldb/blob/main/doc/log_format.md
_BLOCK = 32768
_HEADER = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_BATCH_HEADER = 12
_PUT = 1


def latest(profile: Path, key: str) -> str | None:
    """Return the value that Chromium has written last for a key, as far as its newest log goes back.

    Args:
        profile: The folder of the profile.
        key: The id of the extension, a full stop, and what it is about.
    """
    logs = sorted((profile / "Extension State").glob("*.log"))
    if not logs:
        return None
    wanted, found = key.encode(), None
    for batch in _batches(logs[-1].read_bytes()):
        for its_key, value in _entries(batch):
            if its_key == wanted:
                found = value
    return None if found is None else found.decode()


def _batches(log: bytes) -> Iterator[bytes]:
    at, whole = 0, b""
    while at + _HEADER <= len(log):
        if _BLOCK - at % _BLOCK < _HEADER:  # what is left of the block is padding
            at += _BLOCK - at % _BLOCK
            continue
        length, kind = int.from_bytes(log[at + 4 : at + 6], "little"), log[at + 6]
        piece = log[at + _HEADER : at + _HEADER + length]
        if len(piece) < length:  # Chromium is still writing
            return
        at += _HEADER + length
        whole = piece if kind in (_FULL, _FIRST) else whole + piece
        if kind in (_FULL, _LAST):
            yield whole


def _entries(batch: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    at = _BATCH_HEADER
    while at < len(batch):
        tag = batch[at]
        key, at = _text(batch, at + 1)
        value = None
        if tag == _PUT:
            value, at = _text(batch, at)
        yield key, value


def _text(batch: bytes, at: int) -> tuple[bytes, int]:
    length = shift = 0
    while True:
        byte = batch[at]
        length |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return batch[at : at + length], at + length
