"""The files of a new LevelDB database, read again as LevelDB's documents say."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.browsers.leveldb import _crc32c, write_database


def record_of(file: bytes) -> bytes:
    """The only record of a log, put together from its pieces."""
    pieces, at = [], 0
    while at < len(file):
        block_end = (at // 32768 + 1) * 32768
        crc, length, kind = struct.unpack_from("<IHB", file, at)
        data = file[at + 7 : at + 7 + length]
        assert at + 7 + length <= block_end
        unmasked = (crc - 0xA282EAD8) & 0xFFFFFFFF
        assert (unmasked >> 17 | unmasked << 15) & 0xFFFFFFFF == _crc32c(bytes([kind]) + data)
        pieces.append((kind, data))
        at += 7 + length
    kinds = [kind for kind, _ in pieces]
    assert kinds == ([1] if len(kinds) == 1 else [2, *[3] * (len(kinds) - 2), 4])
    return b"".join(data for _, data in pieces)


def varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at


def puts(batch: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at < len(batch):
        assert batch[at] == 1
        texts = []
        at += 1
        for _ in range(2):
            length, at = varint(batch, at)
            texts.append(batch[at : at + length])
            at += length
        yield texts[0], texts[1]


@pytest.mark.parametrize("size", [0, 1, 127, 128, 32_700, 32_768, 100_000])
def test_what_is_written_is_read(tmp_path: Path, size: int) -> None:
    entries = {b"a": b"x" * size, b"": b"1", "ä".encode(): b"{}"}
    write_database(tmp_path / "new" / "database", entries)
    log = record_of((tmp_path / "new/database/000002.log").read_bytes())
    assert struct.unpack_from("<QI", log) == (1, 3)
    assert dict(puts(log)) == entries


def test_the_manifest_names_the_log(tmp_path: Path) -> None:
    write_database(tmp_path / "database", {})
    assert (tmp_path / "database/CURRENT").read_bytes() == b"MANIFEST-000001\n"
    version = record_of((tmp_path / "database/MANIFEST-000001").read_bytes())
    assert version == b"\x01\x1aleveldb.BytewiseComparator" + bytes([2, 2, 3, 3, 4, 0])


def test_the_checksum_is_that_of_rfc_3720() -> None:
    assert _crc32c(b"123456789") == 0xE3069283
    assert _crc32c(bytes(32)) == 0x8A9136AA
