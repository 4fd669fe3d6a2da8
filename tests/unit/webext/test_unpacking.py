"""The private copy of an extension: from folders, zips and .crx files, and what is refused."""

import base64
import hashlib
import io
import os
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.errors import ExtensionError
from bridge.webext import unpacking
from bridge.webext.crx import crx_archive, crx_key
from bridge.webext.manifest import BrowserName
from bridge.webext.unpacking import Unpacked, write_private

FILES = {"manifest.json": b"{}", "js/content.js": b"1;\n"}


def unpack(
    extension: str | Path, into: Path, browser_name: BrowserName = "chromium", limit: int | None = None
) -> Unpacked:
    return unpacking.unpack(extension, into, browser_name, limit)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "extension", FILES)


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    head = b""
    while value > 0x7F:
        head, value = head + bytes([value & 0x7F | 0x80]), value >> 7
    return head + bytes([value])


def crx3(keys: list[bytes], id_key: bytes, archive: bytes) -> bytes:
    proofs = b"".join(field(2 + at % 2, field(1, key) + field(2, b"sig")) for at, key in enumerate(keys))
    header = proofs + field(10000, field(1, hashlib.sha256(id_key).digest()[:16]))
    return b"Cr24" + struct.pack("<II", 3, len(header)) + header + archive


def crx2(key: bytes, archive: bytes) -> bytes:
    return b"Cr24" + struct.pack("<III", 2, len(key), 3) + key + b"sig" + archive


def archive_at(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# Folders


def test_a_folder_is_copied(folder: Path, tmp_path: Path) -> None:
    assert unpack(str(folder), tmp_path / "copy").key is None
    assert files_in(tmp_path / "copy") == FILES


def test_the_copy_shares_its_files_until_one_is_replaced(folder: Path, tmp_path: Path) -> None:
    unpack(folder, tmp_path / "copy")
    copied = tmp_path / "copy" / "manifest.json"
    assert copied.samefile(folder / "manifest.json")
    write_private(copied, b"new")
    assert copied.read_bytes() == b"new"
    assert files_in(folder) == FILES


def test_write_private_makes_new_files_too(tmp_path: Path) -> None:
    write_private(tmp_path / "agent.js", b"1")
    assert (tmp_path / "agent.js").read_bytes() == b"1"


def test_files_are_copied_where_they_cannot_be_linked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    unpack(folder, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES
    assert not (tmp_path / "copy" / "manifest.json").samefile(folder / "manifest.json")


def test_links_are_followed(folder: Path, tmp_path: Path) -> None:
    shared = write_files(tmp_path / "shared", {"a.js": b"a"})
    (folder / "linked").symlink_to(shared)
    (folder / "b.js").symlink_to(shared / "a.js")
    (folder / "broken.js").symlink_to(tmp_path / "nowhere")
    unpack(folder, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES | {"linked/a.js": b"a", "b.js": b"a"}
    assert not any(path.is_symlink() for path in (tmp_path / "copy").rglob("*"))


def test_a_link_to_a_folder_above_ends(folder: Path, tmp_path: Path) -> None:
    (folder / "js" / "up").symlink_to(folder)
    unpack(folder, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES


def test_the_copy_may_lie_inside_the_folder(folder: Path) -> None:
    unpack(folder, folder / "js" / "copy")
    assert files_in(folder / "js" / "copy") == FILES


LEFT_OUT = {
    ".git/HEAD": b"",
    "js/.hg/x": b"",
    "js/__pycache__/x.pyc": b"",
    ".svn/x": b"",
    "_metadata/verified_contents.json": b"",
    "META-INF/mozilla.rsa": b"",
}
KEPT = {"_locales/en/messages.json": b"{}", ".gitignore": b"", "js/_metadata/x": b"", "js/META-INF/x": b""}


def test_what_is_left_out_of_a_folder(folder: Path, tmp_path: Path) -> None:
    write_files(folder, LEFT_OUT | KEPT)
    unpack(folder, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES | KEPT
    assert not (tmp_path / "copy" / ".git").exists()


def test_a_git_file_is_left_out_too(folder: Path, tmp_path: Path) -> None:
    write_files(folder, {".git": b"gitdir: ../.git/modules/extension"})
    unpack(folder, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES


# Archives


@pytest.mark.parametrize("name", ["a.zip", "a.xpi", "A.ZIP"])
def test_archives_are_unpacked(name: str, tmp_path: Path) -> None:
    assert unpack(archive_at(tmp_path / name, zipped(FILES)), tmp_path / "copy").key is None
    assert files_in(tmp_path / "copy") == FILES


def test_empty_folders_in_an_archive_do_not_matter(tmp_path: Path) -> None:
    data = zipped({"js/": b"", "empty/": b""} | FILES)
    unpack(archive_at(tmp_path / "a.zip", data), tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES


def test_what_is_left_out_of_an_archive(tmp_path: Path) -> None:
    data = zipped(FILES | LEFT_OUT | KEPT | {"__MACOSX/._manifest.json": b""})
    unpack(archive_at(tmp_path / "a.zip", data), tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES | KEPT


@pytest.mark.parametrize("extra", [{}, {"__MACOSX/repo-main/._manifest.json": b""}])
def test_the_one_folder_in_an_archive_becomes_the_root(extra: dict[str, bytes], tmp_path: Path) -> None:
    inner = {f"repo-main/{name}": data for name, data in (FILES | {"META-INF/x": b""}).items()}
    unpack(archive_at(tmp_path / "a.zip", zipped(inner | extra)), tmp_path / "copy")
    assert files_in(tmp_path / "copy") == FILES


@pytest.mark.parametrize("name", ["a.crx", "a.zip"])
def test_a_crx3_gives_the_key_that_its_id_is_made_of(name: str, tmp_path: Path) -> None:
    keys = [b"store", b"author" * 50, b"other"]
    data = crx3(keys, b"author" * 50, zipped(FILES))
    key = unpack(archive_at(tmp_path / name, data), tmp_path / "copy").key
    assert key == base64.b64encode(b"author" * 50).decode()
    assert files_in(tmp_path / "copy") == FILES


@pytest.mark.parametrize("keys", [[b"author", b"store"], [b"store", b"author"]], ids=["RSA", "ECDSA"])
def test_a_crx3_may_be_signed_either_way(keys: list[bytes]) -> None:
    assert crx_key(crx3(keys, b"author", b"zip")) == base64.b64encode(b"author").decode()


def test_what_follows_the_header_is_the_archive() -> None:
    assert crx_archive(crx3([b"key"], b"key", b"zip")) == b"zip"
    assert crx_archive(crx2(b"key", b"zip")) == b"zip"


@pytest.mark.parametrize("keys", [[], [b"store"]])
def test_a_crx3_without_the_proof_for_its_id_gives_no_key(keys: list[bytes], tmp_path: Path) -> None:
    path = archive_at(tmp_path / "a.crx", crx3(keys, b"author", zipped(FILES)))
    assert unpack(path, tmp_path / "copy").key is None


def test_a_crx3_without_an_id_gives_no_key(tmp_path: Path) -> None:
    header = field(2, field(1, b"author"))
    data = b"Cr24" + struct.pack("<II", 3, len(header)) + header + zipped(FILES)
    assert unpack(archive_at(tmp_path / "a.crx", data), tmp_path / "copy").key is None


def test_a_crx2_has_one_key(tmp_path: Path) -> None:
    path = archive_at(tmp_path / "a.crx", crx2(b"author", zipped(FILES)))
    assert unpack(path, tmp_path / "copy").key == base64.b64encode(b"author").decode()
    assert files_in(tmp_path / "copy") == FILES


# What is refused


def refusal(extension: Path, into: Path) -> str:
    with pytest.raises(ExtensionError) as caught:
        unpack(extension, into)
    assert str(extension) in str(caught.value)
    assert not into.exists()
    return str(caught.value)


def test_nothing_there(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere", tmp_path / "copy")


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = archive_at(tmp_path / "manifest.json", b"{}")
    assert "a .zip, .xpi or .crx file" in refusal(path, tmp_path / "copy")


def test_a_folder_without_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "extension").mkdir()
    assert "has no manifest.json: give the path" in refusal(tmp_path / "extension", tmp_path / "copy")


def test_a_folder_whose_build_has_the_manifest(tmp_path: Path) -> None:
    write_files(tmp_path / "project", {"dist/manifest.json": b"{}"})
    message = refusal(tmp_path / "project", tmp_path / "copy")
    assert message.endswith(f"did you mean {tmp_path / 'project' / 'dist'}?")


def test_a_folder_with_several_builds(tmp_path: Path) -> None:
    write_files(tmp_path / "project", {f"{name}/manifest.json": b"{}" for name in "cabd"})
    ways = " or ".join(str(tmp_path / "project" / name) for name in "abcd")
    assert refusal(tmp_path / "project", tmp_path / "copy").endswith(f"did you mean {ways}?")


@pytest.mark.parametrize("archived", [False, True])
def test_a_copy_is_never_made_over_something(archived: bool, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    extension = archive_at(tmp_path / "a.zip", zipped(FILES)) if archived else folder
    with pytest.raises(ExtensionError, match=r"cannot be copied: .*exists"):
        unpack(extension, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == {}


GOOD_CRX = crx3([b"key"], b"key", zipped(FILES))


def damaged(archive: bytes) -> bytes:
    """Change the first byte behind the name, where the packed file begins; the bytes before it tell the time of day."""
    at = archive.index(b"manifest.json") + len(b"manifest.json")
    return archive[:at] + bytes([archive[at] ^ 0xFF]) + archive[at + 1 :]


BROKEN = {
    "no zip": b"hello",
    "empty": b"",
    "cut short": zipped(FILES)[:-30],
    "damaged": damaged(zipped({"manifest.json": b"{}" * 99})),
    "crx magic alone": b"Cr24",
    "crx of a later version": b"Cr24" + struct.pack("<II", 4, 0) + zipped(FILES),
    "crx header longer than the file": b"Cr24" + struct.pack("<II", 3, 10**6) + zipped(FILES),
    "crx header with another wire type": GOOD_CRX[:12] + b"\x10" + GOOD_CRX[13:],
    "crx header field past its end": GOOD_CRX[:13] + b"\x7f" + GOOD_CRX[14:],
    "crx header number without an end": b"Cr24" + struct.pack("<II", 3, 1) + b"\xff" + zipped(FILES),
    "crx header number of a million bytes": b"Cr24" + struct.pack("<II", 3, 10**6) + b"\xff" * 10**6 + zipped(FILES),
    "crx without a zip": crx2(b"key", b""),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_broken_archives(data: bytes, tmp_path: Path) -> None:
    path = archive_at(tmp_path / "a.crx", data)
    with pytest.raises(ExtensionError, match="is a broken archive") as caught:
        unpack(path, tmp_path / "copy")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("files", [{"a.js": b""}, {"a/manifest.json": b"", "b/x": b""}, {"a/b/manifest.json": b""}, {}])
def test_archives_without_a_manifest(files: dict[str, bytes], tmp_path: Path) -> None:
    path = archive_at(tmp_path / "a.zip", zipped(files))
    assert "has no manifest.json" in refusal(path, tmp_path / "copy")


@pytest.mark.parametrize("name", ["../evil.js", "js/../../evil.js", "/etc/evil", "..\\evil.js", "C:\\evil.js"])
def test_members_that_would_escape(name: str, tmp_path: Path) -> None:
    path = archive_at(tmp_path / "a.zip", zipped(FILES | {name: b"evil"}))
    assert "which would be unpacked outside its folder" in refusal(path, tmp_path / "copy")


def test_dots_in_names_are_no_escape(tmp_path: Path) -> None:
    files = FILES | {"js/a..b.js": b"", "...": b""}
    unpack(archive_at(tmp_path / "a.zip", zipped(files)), tmp_path / "copy")
    assert files_in(tmp_path / "copy") == files


def test_the_operating_systems_errors_name_the_extension(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "content.js")

    monkeypatch.setattr(unpacking, "_copy_file", refuse)
    with pytest.raises(ExtensionError, match=r"cannot be copied.*Permission denied.*content.js"):
        unpack(folder, tmp_path / "copy")
