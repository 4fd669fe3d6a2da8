"""What is read of the logs in which Chromium keeps an extension's state."""

from pathlib import Path

import pytest

from bridge.browsers.extension_state import latest

BLOCK = 32768
KEY = "id.context_menus"


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def text(value: str) -> bytes:
    return varint(len(value.encode())) + value.encode()


def batch(*entries: tuple[str, str | None]) -> bytes:
    body = b"".join(
        b"\x00" + text(key) if value is None else b"\x01" + text(key) + text(value) for key, value in entries
    )
    return bytes(8) + len(entries).to_bytes(4, "little") + body


def log(*batches: bytes) -> bytes:
    """As LevelDB writes it: in pieces that do not cross the end of a block."""
    out = b""
    for whole in batches:
        rest, first = whole, True
        while first or rest:
            room = BLOCK - len(out) % BLOCK
            if room < 7:
                out += bytes(room)
                continue
            piece, rest = rest[: room - 7], rest[room - 7 :]
            kind = (1 if first else 4) if not rest else (2 if first else 3)
            out += bytes(4) + len(piece).to_bytes(2, "little") + bytes([kind]) + piece
            first = False
    return out


def profile(folder: Path, **logs: bytes) -> Path:
    state = folder / "Extension State"
    state.mkdir(parents=True)
    for name, content in logs.items():
        (state / f"{name.lstrip('_')}.log").write_bytes(content)
    return folder


def test_the_last_value_counts(tmp_path: Path) -> None:
    written = log(batch((KEY, "old"), ("other", "x")), batch(("other", "y"), (KEY, "new")), batch(("other", None)))
    assert latest(profile(tmp_path, _000003=log(batch((KEY, "older"))), _000005=written), KEY) == "new"


@pytest.mark.parametrize("length", [100, BLOCK - 60, BLOCK - 40, BLOCK - 36, 3 * BLOCK])
def test_a_value_may_be_in_several_blocks(tmp_path: Path, length: int) -> None:
    written = log(batch(("other", "x" * length)), batch((KEY, "y" * length)), batch(("other", "z")))
    assert latest(profile(tmp_path, _000003=written), KEY) == "y" * length


def test_what_is_still_being_written_does_not_count(tmp_path: Path) -> None:
    written = log(batch((KEY, "old")), batch((KEY, "new")))
    assert latest(profile(tmp_path, _000003=written[:-1]), KEY) == "old"


def test_there_may_be_none(tmp_path: Path) -> None:
    assert latest(tmp_path, KEY) is None
    assert latest(profile(tmp_path, _000003=log(batch((KEY, "old"), (KEY, None)))), KEY) is None
