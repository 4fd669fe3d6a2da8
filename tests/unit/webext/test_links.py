"""Symbolic links in an extension's folder: the copy follows them as far as the browser does.

What the browsers do was measured without the bridge, with Chromium 156 and Firefox 153: `fetch` of a file behind each
kind of link, and content scripts named by it.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.errors import ExtensionError, ExtensionWarning
from bridge.webext.generated import GeneratedExtension
from bridge.webext.manifest import BrowserName
from bridge.webext.unpacking import Unpacked, unpack
from support import background, write_extension

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets only some users make symbolic links")

BOTH: list[BrowserName] = ["chromium", "firefox"]


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    folder = tmp_path / "extension"
    write_files(folder, {"manifest.json": "{}", "own.js": "own", "js/a.js": "a"})
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    write_files(folder, {"secret.txt": "secret", "deep/b.js": "b"})
    return folder


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def copied(extension: Path, runs_in: BrowserName, limit: int | None = None) -> tuple[set[str], Unpacked]:
    copy = extension.parent / "copy"
    unpacked = unpack(extension, copy, runs_in, limit)
    assert not any(path.is_symlink() for path in copy.rglob("*"))
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    return files - {"manifest.json", "own.js", "js/a.js"}, unpacked


@pytest.mark.parametrize("runs_in", BOTH)
def test_links_within_the_folder_are_followed(extension: Path, runs_in: BrowserName) -> None:
    (extension / "file.js").symlink_to("own.js")
    (extension / "folder").symlink_to("js")
    (extension / "around.js").symlink_to("../extension/own.js")
    (extension / "js" / "up").symlink_to("..")
    files, unpacked = copied(extension, runs_in)
    assert files == {"file.js", "folder/a.js", "around.js"}
    assert unpacked.outside == frozenset()


@pytest.mark.parametrize(
    ("runs_in", "followed"),
    [("chromium", {"file.txt", "again.txt", "folder/secret.txt", "folder/deep/b.js"}), ("firefox", set())],
)
def test_only_chromium_follows_links_that_lead_out(
    extension: Path, outside: Path, runs_in: BrowserName, followed: set[str]
) -> None:
    (extension / "file.txt").symlink_to(outside / "secret.txt")
    (extension / "again.txt").symlink_to("file.txt")
    (extension / "folder").symlink_to(outside)
    (extension / "broken").symlink_to(outside / "nowhere")
    (extension / "itself").symlink_to("itself")
    files, unpacked = copied(extension, runs_in)
    assert files == followed
    assert unpacked.outside == {"file.txt", "again.txt", "folder", "broken"}


@pytest.mark.parametrize("runs_in", BOTH)
def test_the_manifest_may_be_a_link(extension: Path, outside: Path, runs_in: BrowserName) -> None:
    (extension / "manifest.json").rename(outside / "manifest.json")
    (extension / "manifest.json").symlink_to(outside / "manifest.json")
    copied(extension, runs_in)
    assert (extension.parent / "copy" / "manifest.json").read_text() == "{}"


@pytest.mark.parametrize("runs_in", BOTH)
def test_the_whole_folder_may_be_a_link(extension: Path, runs_in: BrowserName) -> None:
    (extension / "file.js").symlink_to(extension / "own.js")
    link = extension.parent / "link"
    link.symlink_to(extension)
    assert copied(link, runs_in)[0] == {"file.js"}


def test_what_links_lead_to_is_limited(extension: Path, outside: Path) -> None:
    (extension / "folder").symlink_to(outside)
    (outside / "large").write_bytes(bytes(100_000))
    with pytest.raises(ExtensionError, match=r"takes more than 100000 bytes: remove the links, or raise .*copy_limit"):
        unpack(extension, extension.parent / "copy", "chromium", 100_000)
    assert not (extension.parent / "copy").exists()
    assert "folder/large" in copied(extension, "chromium", 200_000)[0]
    (extension.parent / "copy").rename(extension.parent / "former")
    assert copied(extension, "firefox", 1)[0] == set()


def test_folders_that_link_to_each_other_end(extension: Path) -> None:
    """Each path through them is a folder of its own: a dozen of them make a hundred million."""
    names = [f"f{number}" for number in range(12)]
    for name in names:
        (extension / name).mkdir()
        for other in names:
            (extension / name / other).symlink_to(extension / other)
    with pytest.raises(ExtensionError, match="takes more than 10000000 bytes"):
        copied(extension, "firefox", 10_000_000)


def test_folders_too_deep_to_handle(extension: Path) -> None:
    extension.joinpath(*["d"] * 101).mkdir(parents=True)
    with pytest.raises(ExtensionError, match="contains more than 100 folders in each other"):
        copied(extension, "chromium")


# What the manifest names


@pytest.mark.parametrize(
    ("runs_in", "manifest", "words"),
    [
        (
            "chromium",
            {"js": ["link.js"]},
            "Chromium does not follow for content scripts: copy it into the folder",
        ),
        ("chromium", {"css": ["all/a.css"]}, '"content_scripts[0].css[0]" names "all/a.css", behind a symbolic link'),
    ],
)
def test_content_scripts_behind_such_a_link(
    tmp_path: Path, outside: Path, runs_in: BrowserName, manifest: dict[str, list[str]], words: str
) -> None:
    write_files(outside, {"a.css": ""})
    script = {"matches": ["<all_urls>"], **manifest}
    folder = write_extension(tmp_path / "e", {**background("b.js"), "content_scripts": [script]}, {"b.js": ""})
    (folder / "link.js").symlink_to(outside / "deep" / "b.js")
    (folder / "all").symlink_to(outside)
    with pytest.raises(ExtensionError) as caught:
        GeneratedExtension(folder, tmp_path, runs_in, frozenset()).write_copy()
    assert words in str(caught.value)


def test_chromiums_worker_may_be_behind_such_a_link(tmp_path: Path, outside: Path) -> None:
    folder = write_extension(tmp_path / "e", background("link.js"), {})
    (folder / "link.js").symlink_to(outside / "deep" / "b.js")
    generated = GeneratedExtension(folder, tmp_path, "chromium", frozenset())
    generated.write_copy()
    assert (generated.copy / "link.js").read_text().endswith(";b")
    assert (outside / "deep" / "b.js").read_text() == "b"
    (tmp_path / "x").mkdir()
    words = r'"background.scripts\[0\]" names "link.js", behind a symbolic link .* which Firefox does not follow: copy'
    with pytest.warns(ExtensionWarning, match=words):
        GeneratedExtension(folder, tmp_path / "x", "firefox", frozenset()).write_copy()
