"""The host program, really run: how it starts, how fast, and what it says if Python is not there."""

import asyncio
import os
import runpy
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec
from types import ModuleType

import pytest
from unit.native.programs import HOST, Stage, python, running

from bridge.native.host import PATH_VARIABLE


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


@pytest.mark.parametrize("path", ["/", "/wrong"])
async def test_a_wrong_secret(stage: Stage, path: str) -> None:
    code, out, err = await (await stage.start(path=path)).end()
    assert (code, out) == (1, b"")
    assert err.startswith("portbridge: Python refused the connection: b'HTTP/1.1 403 Forbidden")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 101", b"HTTP/1.1 101 Switching Protocols\r\n", b"HTTP/1.1 200 OK\r\nX: 101 \r\n\r\n"]
)
async def test_a_server_that_is_not_python(stage: Stage, answer: bytes) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server:
        browser = await stage.start(port=server.sockets[0].getsockname()[1])
        assert await browser.end() == (1, b"", f"portbridge: Python refused the connection: {answer!r}\n")


async def test_nobody_listens(stage: Stage) -> None:
    await stage.channel.close()
    code, out, err = await (await stage.start()).end()
    assert (code, out) == (1, b"")
    assert err.startswith("portbridge: Python is not there: ") and err.count("\n") == 1


# Port 1 refuses, so the program says so and ends. Without a path it would raise, and since 3.13 it is code written in
# Python that prints an exception.
GONE = {**os.environ, PATH_VARIABLE: "/"}


def imported(*arguments: str) -> set[str]:
    """Return the modules that a program imports."""
    command = python("-X", "importtime", *arguments)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=GONE)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


def test_it_imports_nothing_that_is_written_in_python() -> None:
    modules = imported(str(HOST), "1") - imported("-c", "")
    assert "_socket" in modules
    in_python = {
        name
        for name in modules - set(sys.builtin_module_names)
        if not ((spec := find_spec(name)) and isinstance(spec.loader, ExtensionFileLoader))
    }
    assert in_python == set()


def test_it_can_be_imported_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    nt = ModuleType("nt")
    nt.environ = {PATH_VARIABLE: "/secret"}  # type: ignore[attr-defined]  # of text, where Unix has bytes
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "posix", None)
    monkeypatch.setitem(sys.modules, "nt", nt)
    assert runpy.run_path(str(HOST))["secret_path"]() == "/secret"


def test_it_starts_nearly_as_fast_as_python_itself() -> None:
    resource = pytest.importorskip("resource")

    def spent() -> float:  # of the processor, so that what else runs does not count
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return float(usage.ru_utime + usage.ru_stime)

    def seconds(*arguments: str) -> float:
        before = spent()
        subprocess.run(python(*arguments), stdin=subprocess.DEVNULL, capture_output=True, check=False, env=GONE)
        return spent() - before

    attempts = [(seconds(str(HOST), "1"), seconds("-c", "")) for _ in range(9)]
    host, bare = (min(times) for times in zip(*attempts, strict=True))
    assert host < 2 * bare  # asyncio alone would make it five times as long
