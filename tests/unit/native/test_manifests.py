"""Host manifests: where and how they are written, what is refused, and that the programs they name really run."""

import asyncio
import json
import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.native.programs import Stage, running

from bridge.errors import ExtensionError
from bridge.native import registry
from bridge.native.manifests import HostManifests

EXTENSION_ID = {"chromium": "abcdefghijklmnop", "firefox": "x@example.org"}
ALLOWED = {
    "chromium": {"allowed_origins": ["chrome-extension://abcdefghijklmnop/"]},
    "firefox": {"allowed_extensions": ["x@example.org"]},
}
SECRET = "/the-secret"


class Place:
    """The folders of a launch.

    Attributes:
        folder: Where the browser looks.
        programs: The private one.
        hosts: What is tested.
    """

    def __init__(self, root: Path, browser_name: str) -> None:
        self.browser_name = browser_name
        self.folder = root / "profile" / "NativeMessagingHosts"
        self.programs = root / "native"
        self.hosts = HostManifests(self.folder, self.programs, browser_name, EXTENSION_ID[browser_name])

    def manifest(self, name: str) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        return manifest

    def installed(self) -> list[str]:
        return sorted(file.name for file in self.folder.glob("*.json")) if self.folder.exists() else []


@pytest.fixture(params=["chromium", "firefox"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, request.param)


@pytest.fixture
def usual_umask() -> Iterator[None]:
    """Where others may read what nobody forbids."""
    before = os.umask(0o022)
    yield
    os.umask(before)


COMPLETE = {"description": "somebody's", "type": "stdio"}


def write_host(folder: Path, host: Any, program: str = "program") -> Path:
    """Write somebody's own host: a manifest, and a program beside it."""
    folder.mkdir(exist_ok=True)
    (folder / program).write_text("#!/bin/sh\n")
    (folder / program).chmod(0o755)
    manifest = folder / "any-name.json"
    manifest.write_text(host if isinstance(host, str) else json.dumps(host), "utf-8")
    return manifest


# --- Python as the application --------------------------------------------------------------------------------------


def test_the_manifest_names_the_program_and_lets_the_extension_in(place: Place) -> None:
    place.hosts.install_application("org.example.app_1", 1234, SECRET)
    assert place.installed() == ["org.example.app_1.json"]
    assert place.manifest("org.example.app_1") == {
        "name": "org.example.app_1",
        "description": "Python",
        "path": str(place.programs / "org.example.app_1"),
        "type": "stdio",
        **ALLOWED[place.browser_name],
    }


@pytest.mark.parametrize(
    ("name", "allowed_by"),
    [
        ("app", {"chromium", "firefox"}),
        ("ping_pong", {"chromium", "firefox"}),
        ("org.example.app", {"chromium", "firefox"}),
        ("_", {"chromium", "firefox"}),
        ("0.1", {"chromium", "firefox"}),
        ("App", {"firefox"}),
        ("org.Example", {"firefox"}),
        ("", set()),
        ("a" * 201, set()),
        (".app", set()),
        ("app.", set()),
        ("a..b", set()),
        (".", set()),
        ("my-app", set()),
        ("my app", set()),
        ("a/b", set()),
        ("../app", set()),
        ("app\n", set()),
        ("a\0b", set()),
        ("äpp", set()),
        ("\u0663", set()),
    ],
)
def test_names(place: Place, name: str, allowed_by: set[str]) -> None:
    if place.browser_name in allowed_by:
        place.hosts.install_application(name, 1, SECRET)
        assert place.installed() == [f"{name}.json"]
        return
    with pytest.raises(ValueError) as caught:
        place.hosts.install_application(name, 1, SECRET)
    assert str(caught.value) == f"{place.browser_name} does not allow a native application named {name!r}"
    assert place.installed() == [] and not place.programs.exists()


@pytest.mark.usefixtures("usual_umask")
def test_the_secret_is_for_the_owner_only(place: Place) -> None:
    place.hosts.install_application("app", 1, SECRET)
    program = place.programs / "app"
    assert SECRET in program.read_text("utf-8")
    assert stat.S_IMODE(program.stat().st_mode) == 0o700
    others = [file for file in (*place.programs.iterdir(), *place.folder.iterdir()) if file != program]
    assert len(others) == 3
    assert all(SECRET not in file.read_text("utf-8") for file in others)


def test_several_applications(place: Place) -> None:
    for name in ("a", "b"):
        place.hosts.install_application(name, 1, f"/secret-{name}")
    assert place.installed() == ["a.json", "b.json"]
    for name in ("a", "b"):
        assert f"/secret-{name}" in Path(place.manifest(name)["path"]).read_text("utf-8")


def test_what_is_installed_already_is_left_alone(place: Place) -> None:
    place.hosts.install_application("app", 1, SECRET)
    before = place.manifest("app")
    other = HostManifests(place.folder, place.programs / "other", place.browser_name, "somebody-else")
    (place.programs / "other").mkdir()
    with pytest.raises(ExtensionError) as caught:
        other.install_application("app", 2, "/other")
    file = place.folder / "app.json"
    assert str(caught.value) == f"A native application 'app' is installed already: {file}"
    other.remove()
    assert place.manifest("app") == before


def test_removing_leaves_what_others_installed(place: Place) -> None:
    place.folder.mkdir(parents=True)
    (place.folder / "theirs.json").write_text("{}")
    for name in ("a", "a.b"):
        place.hosts.install_application(name, 1, SECRET)
    place.hosts.remove()
    assert [file.name for file in place.folder.iterdir()] == ["theirs.json"]
    place.hosts.remove()
    place.hosts.install_application("a", 1, SECRET)
    assert place.installed() == ["a.json", "theirs.json"]


def test_removing_what_has_gone_by_itself_is_no_error(place: Place) -> None:
    for name in ("a", "b"):
        place.hosts.install_application(name, 1, SECRET)
    (place.folder / "a.json").unlink()
    place.hosts.remove()
    assert place.installed() == []


def test_removing_when_nothing_was_installed(place: Place) -> None:
    place.hosts.remove()
    assert place.installed() == []


def test_the_registry_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(registry, "announce", lambda *arguments: told.append(("announce", *arguments)))
    monkeypatch.setattr(registry, "forget", lambda *arguments: told.append(("forget", *arguments)))
    place.hosts.install_application("a.b", 1, SECRET)
    place.hosts.remove()
    place.hosts.remove()
    assert told == [
        ("announce", place.browser_name, "a.b", place.folder / "a.b.json"),
        ("forget", place.browser_name, "a.b"),
    ]


# --- the program, run as the manifest says ---------------------------------------------------------------------------


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


async def greets(place: Place, stage: Stage, name: str = "app") -> None:
    """Have the installed program carry a message."""
    odd = "an  odd 'argument' $HOME *"
    browser = await stage.run(place.manifest(name)["path"], "/a b.json", odd)
    port = await stage.application.accept()
    assert port.sender.id == odd
    await browser.says(b'"hello"')
    assert await port.receive() == "hello"
    port.disconnect()
    assert await browser.end() == (0, b"", "")


@pytest.mark.parametrize(
    "odd",
    ["plain", "a b", "it's", 'a "b"', "a\\b", "$HOME", "`id`", "a;b&c|d", "*?[x]", "#!", "-n", "~", "äö😀", "a\nb"],
)
async def test_the_program_runs_from_any_folder(tmp_path: Path, stage: Stage, odd: str) -> None:
    (tmp_path / odd).mkdir()
    place = Place(tmp_path / odd, "firefox")
    place.hosts.install_application("app", stage.channel.port, stage.path)
    await greets(place, stage)


async def test_the_programs_environment_does_not_matter(
    place: Place, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "select.py").write_text("raise SystemExit('not the one of the standard library')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)
    place.hosts.install_application("app", stage.channel.port, stage.path)
    await greets(place, stage)


async def test_another_application_may_be_installed_while_one_runs(place: Place, stage: Stage) -> None:
    place.hosts.install_application("app", stage.channel.port, stage.path)
    browser = await stage.run(place.manifest("app")["path"])
    port = await stage.application.accept()
    place.hosts.install_application("other", stage.channel.port, stage.path)
    await browser.says(b"1")
    assert await port.receive() == 1
    await greets(place, stage, "other")


async def test_an_application_that_is_named_like_the_host_program(place: Place, stage: Stage) -> None:
    for name in ("host.py", "app"):
        place.hosts.install_application(name, stage.channel.port, stage.path)
    for name in ("host.py", "app"):
        greeting = asyncio.ensure_future(greets(place, stage, name))
        await asyncio.wait_for(greeting, 5)


# --- somebody's own host --------------------------------------------------------------------------------------------


def test_the_users_host_is_installed_for_the_extension_under_test(place: Place, tmp_path: Path) -> None:
    own = {
        "name": "their_host",
        "description": "é",
        "type": "stdio",
        "allowed_origins": ["chrome-extension://published/"],
        "allowed_extensions": ["published@example.org"],
        "more": [1],
    }
    manifest = write_host(tmp_path / "theirs", {**own, "path": "program"})
    before = manifest.read_bytes()
    place.hosts.install_host(manifest)
    installed = place.manifest("their_host")
    assert installed == {
        "name": "their_host",
        "description": "é",
        "type": "stdio",
        "more": [1],
        "path": str(tmp_path / "theirs" / "program"),
        **ALLOWED[place.browser_name],
    }
    assert manifest.read_bytes() == before
    place.hosts.remove()
    assert place.installed() == [] and manifest.exists() and (tmp_path / "theirs" / "program").exists()


@pytest.mark.parametrize("path", ["program", "./program", "../theirs/program", "ABSOLUTE"])
def test_the_users_program_is_found_from_any_folder(
    place: Place, tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    absolute = tmp_path / "theirs" / "program"
    manifest = write_host(
        tmp_path / "theirs", {**COMPLETE, "name": "h", "path": path.replace("ABSOLUTE", str(absolute))}
    )
    monkeypatch.chdir(tmp_path)
    place.hosts.install_host(manifest.relative_to(tmp_path))
    installed = Path(place.manifest("h")["path"])
    assert installed.is_absolute() and installed.samefile(absolute)


def test_a_manifest_that_is_not_there(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ExtensionError, match=r"^The host manifest .*none\.json cannot be read: .*No such file"):
        place.hosts.install_host(tmp_path / "none.json")
    with pytest.raises(ExtensionError, match=r"^The host manifest .* cannot be read: "):
        place.hosts.install_host(tmp_path)


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("", "JSONDecodeError"),
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("null", "TypeError"),
        ("{}", "KeyError('name')"),
        ({"path": "program"}, "KeyError('name')"),
        ({"name": "h"}, "KeyError('path')"),
        ({"name": "h", "path": None}, "TypeError"),
        ({"name": "h", "path": ["program"]}, "TypeError"),
        ("[" * 100_000 + "]" * 100_000, "RecursionError"),
    ],
)
def test_a_manifest_that_is_not_one(place: Place, tmp_path: Path, host: Any, problem: str) -> None:
    manifest = write_host(tmp_path / "theirs", host)
    with pytest.raises(ExtensionError) as caught:
        place.hosts.install_host(manifest)
    assert str(caught.value).startswith(f"The host manifest {manifest} is not valid: {problem}")
    assert place.installed() == []


def test_a_manifest_that_is_not_text(place: Place, tmp_path: Path) -> None:
    manifest = write_host(tmp_path / "theirs", "")
    manifest.write_bytes(b'{"name": "\xff"}')
    with pytest.raises(ExtensionError, match="is not valid: UnicodeDecodeError"):
        place.hosts.install_host(manifest)


@pytest.mark.parametrize("path", ["other", "..", "", "/nowhere/program", "program/program", "x" * 300])
def test_a_program_that_is_not_there(place: Place, tmp_path: Path, path: str) -> None:
    manifest = write_host(tmp_path / "theirs", {**COMPLETE, "name": "h", "path": path})
    with pytest.raises(ExtensionError) as caught:
        place.hosts.install_host(manifest)
    program = tmp_path / "theirs" / path
    assert str(caught.value) == f"The host manifest {manifest} names the program {program}, which does not exist"
    assert place.installed() == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"description": ""}, {"chromium": 'has no "description": add it, Chromium requires it'}),
        (
            {"type": "pipe"},
            {name: 'has no "type": "stdio": add it, browsers require it' for name in ("chromium", "firefox")},
        ),
    ],
)
def test_what_the_browser_would_not_find(
    place: Place, tmp_path: Path, given: dict[str, str], problem: dict[str, str]
) -> None:
    manifest = write_host(tmp_path / "theirs", {**COMPLETE, "name": "h", "path": "program", **given})
    if place.browser_name not in problem:
        place.hosts.install_host(manifest)
        return
    with pytest.raises(ExtensionError) as caught:
        place.hosts.install_host(manifest)
    assert str(caught.value) == f"The host manifest {manifest} {problem[place.browser_name]}"


@pytest.mark.parametrize("name", ["", "my-host", "../up", "a/b", None, 5])
def test_a_name_that_the_browser_does_not_allow(place: Place, tmp_path: Path, name: Any) -> None:
    manifest = write_host(tmp_path / "theirs", {**COMPLETE, "name": name, "path": "program"})
    place.folder.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ExtensionError) as caught:
        place.hosts.install_host(manifest)
    assert str(manifest) in str(caught.value) and repr(name) in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_python_and_a_host_of_the_same_name(place: Place, tmp_path: Path) -> None:
    manifest = write_host(tmp_path / "theirs", {**COMPLETE, "name": "app", "path": "program"})
    place.hosts.install_host(manifest)
    with pytest.raises(ExtensionError, match="^A native application 'app' is installed already"):
        place.hosts.install_application("app", 1, SECRET)
    with pytest.raises(ExtensionError, match="^A native application 'app' is installed already"):
        place.hosts.install_host(manifest)
    assert place.manifest("app")["path"] == str(tmp_path / "theirs" / "program")


# --- what a launch that was killed left -----------------------------------------------------------------------------


def test_a_manifest_whose_launch_is_gone_is_replaced(place: Place, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    killed = HostManifests(place.folder, private / "native", place.browser_name, EXTENSION_ID[place.browser_name])
    killed.install_application("app", 1, SECRET)
    shutil.rmtree(private)
    programs = place.programs.with_name("next")
    again = HostManifests(place.folder, programs, place.browser_name, EXTENSION_ID[place.browser_name])
    again.install_application("app", 2, "/new")
    assert place.manifest("app")["path"] == str(programs / "app")
    assert "/new" in Path(place.manifest("app")["path"]).read_text("utf-8")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"path": 5}', '{"path": "PROGRAM"}', b"\xff"])
def test_a_manifest_that_is_not_ours_to_judge_is_left_alone(place: Place, tmp_path: Path, content: str | bytes) -> None:
    place.folder.mkdir(parents=True)
    (tmp_path / "program").touch()
    data = content if isinstance(content, bytes) else content.replace("PROGRAM", str(tmp_path / "program")).encode()
    (place.folder / "app.json").write_bytes(data)
    with pytest.raises(ExtensionError, match="is installed already"):
        place.hosts.install_application("app", 1, SECRET)
    place.hosts.remove()
    assert (place.folder / "app.json").read_bytes() == data
