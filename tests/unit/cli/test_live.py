"""The parts of `run` and `shell` that wait: the watch, the tape, the loop in its thread, and the prompt."""

import asyncio
import io
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from bridge.cli import tape
from bridge.cli.loop_thread import LoopThread
from bridge.cli.prompt import prompt
from bridge.cli.run import _unless
from bridge.cli.tape import Tape
from bridge.cli.watch import Watch, difference
from bridge.traffic.records import Omitted

# --- the interruption -----------------------------------------------------------------------------------------------


async def test_control_c_ends_a_start_that_is_under_way() -> None:
    interrupted, given_up = asyncio.Event(), asyncio.Event()

    async def start() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    asyncio.get_running_loop().call_soon(interrupted.set)
    with pytest.raises(KeyboardInterrupt):
        async with asyncio.timeout(10):
            await _unless(interrupted, start())
    assert given_up.is_set()


# --- the watch ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "node_modules" / "extension"  # the folders around it do not matter
    folder.mkdir(parents=True)
    for name in ("a.js", "b.js", "c.js", "d.js"):
        (folder / name).write_text("")
    return folder


async def _next(changes: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(changes), 20)


async def test_changes(folder: Path) -> None:
    changes = Watch(folder, folder / "record.jsonl").changes()
    (folder / "a.js").write_text("before anybody watches")
    assert await _next(changes) == "a.js"
    os.link(folder / "a.js", folder.parent / "linked.js")  # as the copy for the browser does
    (folder / "record.jsonl").write_text("ours")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("x")
    (folder / "a.js~").write_text("an editor's")
    (folder / "sub").mkdir()
    (folder / "sub" / "new.js").write_text("")
    assert await _next(changes) == "sub/new.js"
    for name in ("a.js", "b.js", "c.js", "d.js", "sub/new.js"):
        (folder / name).unlink()
    seen = await _next(changes)
    while "more" not in seen and "new" not in seen:  # they may come in two portions
        seen = f"{seen}, {await _next(changes)}"
    assert seen.startswith("a.js")
    await changes.aclose()  # type: ignore[attr-defined]


async def test_changes_of_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    archive.write_bytes(b"1")
    changes = Watch(archive).changes()
    (tmp_path / "other.txt").write_text("")
    (tmp_path / "new.zip").write_bytes(b"22")
    (tmp_path / "new.zip").rename(archive)
    assert await _next(changes) == "x.zip"
    await changes.aclose()  # type: ignore[attr-defined]


def test_difference() -> None:
    assert difference({"a": (1, 1), "b": (1, 1), "c": (1, 1)}, {"a": (1, 1), "b": (2, 1), "d": (1, 1)}) == [
        "b",
        "c",
        "d",
    ]


# --- the tape -------------------------------------------------------------------------------------------------------


class _Slow(io.StringIO):
    """A terminal that waits for us."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def write(self, text: str) -> int:
        self.go_on.wait(20)
        return super().write(text)


async def test_flood_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tape._WAITING == 50_000
    monkeypatch.setattr(tape, "_WAITING", 500)  # a terminal takes seconds for so many
    out, notes = _Slow(), io.StringIO()
    taking = Tape(Console(file=out), Console(file=notes))
    writing = asyncio.ensure_future(taking.write())
    for number in range(700):
        taking.add(Omitted(count=number, reason="x"))
    out.go_on.set()
    taking.end()
    await writing
    assert len(out.getvalue().splitlines()) == 500
    assert "200 lines left out" in notes.getvalue()


async def test_slow_terminal_stops_nobody() -> None:
    out = _Slow()
    tape = Tape(Console(file=out), Console(file=out))
    writing = asyncio.ensure_future(tape.write())
    tape.add(Omitted(count=1, reason="x"))
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    tape.note("after it")
    out.go_on.set()
    tape.end()
    await writing
    assert [line.split()[-1] for line in out.getvalue().splitlines()] == ["x", "it"]


async def test_terminal_that_would_obey() -> None:
    out, notes = io.StringIO(), io.StringIO()
    tape = Tape(Console(file=out), Console(file=notes))
    writing = asyncio.ensure_future(tape.write())
    tape.add(Omitted(count=1, reason="a\x9b2J\u202e"))
    tape.note("Changed: b\x1b[2J\x9b2J\u2028.js")
    tape.end()
    await writing
    assert "a\\x9b2J\\u202e" in out.getvalue()
    assert notes.getvalue() == "Changed: b\\x1b[2J\\x9b2J\\u2028.js\n"


async def test_reader_that_went() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    tape = Tape(Screen(file=Gone()), Console(file=io.StringIO()))
    tape.add(Omitted(count=1, reason="x"))
    with pytest.raises(BrokenPipeError):
        await tape.write()


# --- the loop -------------------------------------------------------------------------------------------------------


async def _where() -> str:
    return threading.current_thread().name


def test_loop_has_its_thread() -> None:
    with LoopThread() as loop:
        assert loop.run(_where()) == "portbridge"
    assert not any(thread.name == "portbridge" for thread in threading.enumerate())


def test_error_passes_through() -> None:
    async def fail() -> None:
        raise ValueError("this")

    with LoopThread() as loop, pytest.raises(ValueError, match="this"):
        loop.run(fail())


def test_tasks_left_over_are_cancelled() -> None:
    ended: list[str] = []
    left: list[asyncio.Future[None]] = []

    async def leave() -> None:
        begun = asyncio.Event()

        async def wait() -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("it")

        left.append(asyncio.ensure_future(wait()))
        await begun.wait()

    with LoopThread() as loop:
        loop.run(leave())
    assert ended == ["it"]


# --- the prompt -----------------------------------------------------------------------------------------------------


def _typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *typed: str) -> tuple[str, str]:
    answers = iter(typed)

    def read(_: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)
    with LoopThread() as loop:
        prompt({"where": _where, "answer": 42}, loop.run, "Hello")
    return capsys.readouterr()


def test_prompt_awaits(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = _typed(
        monkeypatch, capsys, "x = await where()", "x, answer", "import threading", "threading.current_thread().name"
    )
    assert out.splitlines() == ["('portbridge', 42)", "'portbridge'"]
    assert err.splitlines() == ["Hello", ""]


def test_prompt_goes_on_after_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = _typed(monkeypatch, capsys, "1 / 0", "await missing()", "x = (", ")", "7")
    assert out == "7\n"
    assert err.count("Traceback") == 2
    assert "loop_thread" not in err


def test_prompt_ends_with_exit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = _typed(monkeypatch, capsys, "1", "raise SystemExit(3)", "2")
    assert out == "1\n"


def test_text_is_no_markup() -> None:
    out = io.StringIO()
    Console(file=out).print(Text("[red]x[/red]"))
    assert out.getvalue() == "[red]x[/red]\n"
