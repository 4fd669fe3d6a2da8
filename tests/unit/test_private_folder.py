"""The private folder of a launch, and where the browser's temporary files go."""

import socket
import sys
import tempfile
from pathlib import Path

import pytest

from bridge.private_folder import PrivateFolder

unix = pytest.mark.skipif(sys.platform == "win32", reason="on Windows, Chromium has no such socket")


def made_in(parent: Path, monkeypatch: pytest.MonkeyPatch) -> PrivateFolder:
    parent.mkdir(exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(parent))
    return PrivateFolder()


@unix
@pytest.mark.parametrize("length", [20, 34, 40, 62, 100, 300])
def test_chromiums_socket_has_room_among_the_temporary_files(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as short:
        parent = Path(short, "x" * max(1, min(200, length - len(short) - 1)))
        folder = made_in(parent, monkeypatch)
        try:
            chromiums = folder.temporary / ".org.chromium.Chromium.123456"
            chromiums.mkdir()
            with socket.socket(socket.AF_UNIX) as singleton:
                singleton.bind(str(chromiums / "SingletonSocket"))
            owned = folder.path if folder.temporary.is_relative_to(folder.path) else folder.temporary
            assert owned.stat().st_mode & 0o077 == 0
        finally:
            folder.remove()
        assert not folder.temporary.exists()
        assert not folder.path.exists()


@unix
def test_without_a_short_place_they_stay_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.private_folder._SHORT", str(tmp_path / "nowhere"))
    folder = made_in(tmp_path / ("x" * 100), monkeypatch)
    try:
        assert folder.temporary == folder.path / "tmp"
    finally:
        folder.remove()
