"""Archives that mean harm, or are merely odd."""

import lzma
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import ExtensionError
from bridge.webext import limits
from bridge.webext.unpacking import unpack

MIB = 1 << 20
Member = tuple[str | zipfile.ZipInfo, bytes]
MANIFEST: Member = ("manifest.json", b"{}")


def pack(path: Path, *members: Member, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that come twice
        for name, data in members:
            archive.writestr(name, data, method)
    return path


def unpacked(path: Path, limit: int | None = None) -> dict[str, bytes]:
    folder = path.parent / "copy"
    unpack(path, folder, "chromium", limit)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def refusal(path: Path, limit: int | None = None) -> str:
    with pytest.raises(ExtensionError) as caught:
        unpacked(path, limit)
    assert str(path) in str(caught.value)
    assert not (path.parent / "copy").exists()
    return str(caught.value)


# Names


@pytest.mark.parametrize("name", ["./.", ".", "./", "", "\0", "././."])
def test_names_of_the_root_folder_itself(name: str, tmp_path: Path) -> None:
    member = zipfile.ZipInfo("x")
    member.filename = name
    assert unpacked(pack(tmp_path / "a.zip", MANIFEST, (member, b"")))["manifest.json"] == b"{}"


def test_names_with_more_than_they_need(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("./manifest.json", b"{}"), ("a/./b", b"1"), ("a//c", b"2"), ("./d/", b""))
    assert unpacked(path) == {"manifest.json": b"{}", "a/b": b"1", "a/c": b"2"}


def test_a_name_ends_at_a_nul(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("x")
    member.filename = "a.js\0.txt"
    assert unpacked(pack(tmp_path / "a.zip", MANIFEST, (member, b"1"))) == {"manifest.json": b"{}", "a.js": b"1"}


def test_of_two_members_with_one_name_the_last_counts(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, ("a.js", b"1"), ("./a.js", b"2"), ("a.js", b"3"))
    assert unpacked(path)["a.js"] == b"3"


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("a/b/c/d", "a/b"), ("a", "a/b/c")])
def test_a_member_that_is_a_file_and_a_folder(names: tuple[str, str], tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, *((name, b"") for name in names))
    assert "cannot be unpacked: it is both a file and a folder" in refusal(path)


def test_names_that_are_too_long(tmp_path: Path) -> None:
    assert "which cannot be unpacked: File name too long" in refusal(
        pack(tmp_path / "a.zip", MANIFEST, ("x" * 300, b""))
    )


def test_folders_too_deep_to_handle(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, ("a/" * 2000 + "b", b""))
    assert "contains more than 100 folders in each other" in refusal(path)


def test_a_file_named_like_the_one_folder(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("repo/manifest.json", b"{}"), ("repo", b"x"))
    assert unpacked(path) == {"manifest.json": b"{}", "repo": b"x"}


# Packing


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "'manifest.json', which is encrypted: pack it without a password" in refusal(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_browsers_lack(method: int, tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, method=method)
    assert "compressed in a way that browsers do not know" in refusal(path)
    assert lzma.LZMAError.__base__ is Exception  # why it is refused before it is tried


def test_a_symbolic_link_in_an_archive_is_a_file_with_its_target(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    path = pack(tmp_path / "a.zip", MANIFEST, (link, b"/etc/passwd"), ("link/x", b""))
    assert "both a file and a folder" in refusal(path)
    pack(path, MANIFEST, (link, b"/etc/passwd"))
    assert unpacked(path)["link"] == b"/etc/passwd"
    assert not (tmp_path / "copy" / "link").is_symlink()


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_archive_works_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int]]
) -> None:
    path = pack(tmp_path_factory.mktemp("damaged") / "a.zip", MANIFEST, ("js/a.js", b"1" * 50), ("b", b""))
    data = bytearray(path.read_bytes())
    for at, byte in damage:
        data[-1 - at % len(data)] = byte
    path.write_bytes(data)
    try:
        unpacked(path)
    except ExtensionError as error:
        assert str(path) in str(error)


# Size


def lying(data: bytes, real: int) -> bytes:
    """Have the archive declare that its members unpack to one byte."""
    return data.replace(struct.pack("<L", real), struct.pack("<L", 1))


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, ("zeros", bytes(65 * MIB)))
    size = path.stat().st_size
    assert f"has {size} bytes and unpacks to more than {64 * MIB}, which looks like a zip bomb" in refusal(path)
    assert len(unpacked(path, 66 * MIB)["zeros"]) == 65 * MIB


def test_a_bomb_that_lies(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, ("zeros", bytes(2 * MIB)))
    path.write_bytes(lying(path.read_bytes(), 2 * MIB))
    assert "is a broken archive" in refusal(path)


def test_files_count_too(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, *((f"{number}", b"") for number in range(100)))
    assert "unpacks to more than 409600" in refusal(path, 4096 * 100)
    assert len(unpacked(path, 4096 * 101 + 2)) == 101


def test_folders_count_too(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", MANIFEST, *((f"{number}/" * 50 + "x", b"") for number in range(20)))
    assert "unpacks to more than" in refusal(path, 4096 * 1000)


@pytest.mark.parametrize(
    ("packed", "allowed"), [(1, 64 * MIB), (MIB, 100 * MIB), (10 * MIB, 1000 * MIB), (11 * MIB, 1024 * MIB)]
)
def test_how_much_an_archive_may_unpack_to(packed: int, allowed: int) -> None:
    limits.archive_budget(Path("a"), packed, None).spend(allowed)
    with pytest.raises(ExtensionError, match=r"raise launch\(copy_limit=...\)"):
        limits.archive_budget(Path("a"), packed, None).spend(allowed + 1)
    limits.archive_budget(Path("a"), packed, 5).spend(5)


def many_files(folder: Path, count: int) -> Path:
    for number in range(100):
        (folder / f"{number}").mkdir(parents=True)
    for number in range(count - 1):
        (folder / f"{number % 100}" / f"{number}.js").touch()
    (folder / "manifest.json").write_text("{}")
    return folder


def many_members(folder: Path, count: int) -> Path:
    return pack(folder.with_suffix(".zip"), MANIFEST, *((f"{at % 100}/{at}.js", b"1") for at in range(count - 1)))


@pytest.mark.parametrize("make", [many_files, many_members])
def test_a_large_extension_is_no_bomb(
    make: Callable[[Path, int], Path], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    count = 100_000 if pytestconfig.getoption("all_tests") else 2_000
    unpack(make(tmp_path / "extension", count), tmp_path / "copy", "chromium")
    assert sum(1 for path in (tmp_path / "copy").glob("*/*")) == count - 1


def test_a_budget_says_what_is_wrong() -> None:
    with pytest.raises(ExtensionError, match="the reason"):
        limits.Budget(4095, "the reason").begin_file()
