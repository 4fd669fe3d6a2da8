"""Writes a new LevelDB database: the format in which Chromium keeps what extensions store.

https://github.com/google/leveldb/blob/main/doc/log_format.md has the records, ``db/write_batch.cc`` and
``db/version_edit.cc`` what is in them.
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["write_database"]

_BLOCK, _HEADER = 32 * 1024, 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4  # kinds of pieces of a record
_PUT = b"\x01"
_COMPARATOR, _LOG_NUMBER, _NEXT_FILE, _LAST_SEQUENCE = 1, 2, 3, 4  # tags of the manifest
_MANIFEST, _LOG = 1, 2  # numbers of the two files


def write_database(folder: Path, entries: Mapping[bytes, bytes]) -> None:
    """Write a database with these entries into a folder, which is made."""
    folder.mkdir(parents=True)
    (folder / f"{_LOG:06}.log").write_bytes(_records(_batch(entries)))
    (folder / f"MANIFEST-{_MANIFEST:06}").write_bytes(_records(_version()))
    (folder / "CURRENT").write_bytes(f"MANIFEST-{_MANIFEST:06}\n".encode())


def _batch(entries: Mapping[bytes, bytes]) -> bytes:
    puts = (_PUT + _text(key) + _text(value) for key, value in entries.items())
    return struct.pack("<QI", 1, len(entries)) + b"".join(puts)  # 1 is the first sequence number


def _version() -> bytes:
    numbers = ((_LOG_NUMBER, _LOG), (_NEXT_FILE, _LOG + 1), (_LAST_SEQUENCE, 0))
    return (
        _varint(_COMPARATOR)
        + _text(b"leveldb.BytewiseComparator")
        + b"".join(_varint(tag) + _varint(number) for tag, number in numbers)
    )


def _text(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _records(data: bytes) -> bytes:
    """The file that has `data` as its only record."""
    pieces = list(_pieces(data))
    kinds = [_FULL] if len(pieces) == 1 else [_FIRST, *[_MIDDLE] * (len(pieces) - 2), _LAST]
    return b"".join(_piece(kind, piece) for kind, piece in zip(kinds, pieces, strict=True))


def _pieces(data: bytes) -> Iterator[bytes]:
    room = _BLOCK - _HEADER  # each piece but the last fills a block
    for start in range(0, len(data), room):
        yield data[start : start + room]


def _piece(kind: int, data: bytes) -> bytes:
    return struct.pack("<IHB", _masked(_crc32c(bytes([kind]) + data)), len(data), kind) + data


def _masked(crc: int) -> int:
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _table_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_TABLE = [_table_entry(byte) for byte in range(256)]
