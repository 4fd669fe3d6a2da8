"""The filter between Playwright and a stock Firefox, with a fake Firefox and without Playwright."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSServerHandshakeError

from bridge.browsers import stock_firefox as stock_firefox_module
from bridge.browsers.bidi_filter import MEDIA
from bridge.browsers.plan import Choice, LaunchPlan
from bridge.browsers.start import _write
from bridge.browsers.stock_firefox import excused, filtered

from .conftest import Fake

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Firefox is a script")

SCREEN = "emulation.setScreenSettingsOverride"
LOCALE = "emulation.setLocaleOverride"
END_S = 20


class Running:
    """The filter with its Firefox, started as Playwright does it."""

    def __init__(self, plan: LaunchPlan, fake: Fake, folder: Path) -> None:
        for file in plan.files:
            _write(file)
        self.excused = plan.excused
        self.process = subprocess.Popen(
            [plan.options["executable_path"], "--profile", str(folder / "profile")],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **plan.options["env"], **fake.environment},
            start_new_session=True,
        )
        assert self.process.stderr
        self.errors = self.process.stderr
        self.before = self.errors.readline()
        self.address = self.errors.readline().rpartition(" ")[2].strip()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> int:
        """Wait for the end of Firefox and of the filter; return Firefox's status."""
        others = self.children()
        status = self.process.wait(END_S)
        assert psutil.wait_procs(others, timeout=END_S)[1] == []
        return status


@pytest.fixture
def run(stock_firefox: Fake, tmp_path: Path) -> Iterator[Any]:
    running: list[Running] = []

    def run(options: dict[str, Any] | None = None, **environment: str) -> Running:
        plan = LaunchPlan(tmp_path / "profile", {"env": {}, **(options or {})})
        stock_firefox.environment.update(environment)
        choice = Choice("moz-firefox", str(stock_firefox.program))
        running.append(Running(filtered(plan, choice, tmp_path, "1.65"), stock_firefox, tmp_path))
        return running[-1]

    yield run
    for it in running:
        for process in (*it.children(), it.process) if it.process.poll() is None else ():
            process.kill()
        it.process.communicate()


Connect = Callable[..., Awaitable["Client"]]


class Client:
    """Playwright's end."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._last = 0

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        await self.socket.send_json({"id": self._last, "method": method, "params": params})
        answer: dict[str, Any] = await self.socket.receive_json(timeout=END_S)
        assert answer.pop("id") == self._last
        return answer


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect to the filter, or to another address; all is closed when the test ends."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())

        async def connect(running: Running, address: str | None = None, **options: Any) -> Client:
            url = address or f"{running.address}/session"
            return Client(await stack.enter_async_context(session.ws_connect(url, max_msg_size=0, **options)))

        yield connect


DONE: dict[str, Any] = {"type": "success", "result": {}}


def unknown(method: str) -> dict[str, Any]:
    return {"type": "error", "error": "unknown command", "message": method}


async def test_what_nobody_asked_for_is_done(run: Any, connect: Connect) -> None:
    running = run(FAKE_UNKNOWN=f"{MEDIA} {SCREEN}")
    client = await connect(running)
    for _ in range(2):
        assert await client.ask(MEDIA, userContexts=["default"], features={}) == DONE
    assert await client.ask(SCREEN, contexts=["page"]) == DONE
    assert excused(running.excused) == [MEDIA, SCREEN]


async def test_a_command_that_firefox_knows_is_its_own_affair(run: Any, connect: Connect) -> None:
    running = run()
    client = await connect(running)
    assert await client.ask(MEDIA, userContexts=["default"]) == DONE
    assert (await client.ask("session.new"))["result"]["sessionId"] == "s"
    assert excused(running.excused) == []


@pytest.mark.parametrize(
    ("options", "method", "params"),
    [
        ({"color_scheme": "dark"}, MEDIA, {"userContexts": ["default"]}),
        ({"reduced_motion": "reduce"}, MEDIA, {"userContexts": ["default"]}),
        ({}, MEDIA, {"contexts": ["page"]}),  # page.emulate_media()
        ({"screen": {"width": 1, "height": 1}}, SCREEN, {"userContexts": ["default"]}),
        ({}, LOCALE, {"userContexts": ["default"]}),
        ({}, "browser.setDownloadBehavior", {}),
    ],
    ids=str,
)
async def test_what_somebody_asked_for_is_an_error(
    run: Any, connect: Connect, options: dict[str, Any], method: str, params: dict[str, Any]
) -> None:
    running = run(options, FAKE_UNKNOWN=method)
    client = await connect(running)
    assert await client.ask(method, **params) == unknown(method)
    assert excused(running.excused) == []


@pytest.mark.parametrize("options", [{"color_scheme": None}, {"color_scheme": "null"}, {"is_mobile": False}], ids=str)
async def test_an_option_that_asks_for_nothing(run: Any, connect: Connect, options: dict[str, Any]) -> None:
    running = run(options, FAKE_UNKNOWN=MEDIA)
    assert await (await connect(running)).ask(MEDIA, userContexts=["default"]) == DONE


async def test_large_messages(run: Any, connect: Connect) -> None:
    text = "é" * 5_000_000
    client = await connect(run())
    assert (await client.ask("fake.repeat", text=text))["result"]["text"] == text


async def test_what_firefox_writes_passes_but_for_the_address(run: Any, connect: Connect) -> None:
    running = run(FAKE_STATUS="7")
    assert running.before == "a line before\n"
    assert re.fullmatch(r"ws://127\.0\.0\.1:\d+/[\w-]{43}", running.address)
    client = await connect(running)
    assert await client.ask("browser.close") == DONE
    assert running.end() == 7
    assert running.errors.read() == "a line after\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_signal_ends_both(run: Any, connect: Connect, number: signal.Signals) -> None:
    running = run()
    client = await connect(running)
    assert await client.ask("session.new")
    running.process.send_signal(number)
    assert running.end() == -number
    await client.socket.receive(timeout=END_S)
    assert client.socket.closed


async def test_control_c_is_for_firefox_alone(run: Any, connect: Connect) -> None:
    running = run(FAKE_STATUS="3")
    client = await connect(running)
    (filter,) = (child for child in running.children() if "bidi_filter" in " ".join(child.cmdline()))
    filter.send_signal(signal.SIGINT)
    filter.send_signal(signal.SIGTERM)
    assert await client.ask("session.new")
    await client.ask("browser.close")
    assert running.end() == 3


async def test_firefox_does_not_outlive_playwright(run: Any, connect: Connect) -> None:
    running = run(FAKE_STAYS="yes")
    client = await connect(running)
    await client.socket.close()
    status = await asyncio.to_thread(running.end)
    assert status == -signal.SIGKILL


AS_ON_WINDOWS = """
import os, sys
from bridge.browsers.bidi_filter import VARIABLE, Settings, _start
settings = Settings.read(os.environ.pop(VARIABLE))
_start([settings.program, *sys.argv[1:]], settings)
"""


async def test_windows_has_firefox_as_a_child(
    run: Any, connect: Connect, stock_firefox: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "portbridge-firefox"
    program.write_text(f"#!{sys.executable}\n{AS_ON_WINDOWS}", "utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(stock_firefox_module.sys, "platform", "win32")
    monkeypatch.setattr(stock_firefox_module.shutil, "which", lambda name, path: str(tmp_path / name))
    running = run(FAKE_UNKNOWN=MEDIA, FAKE_STATUS="7")
    monkeypatch.undo()
    client = await connect(running)
    assert await client.ask(MEDIA, userContexts=["default"]) == DONE
    assert excused(running.excused) == [MEDIA]
    assert await client.ask("browser.close") == DONE
    assert running.end() == 7


async def test_a_firefox_that_does_not_exist(tmp_path: Path, stock_firefox: Fake, run: Any) -> None:
    stock_firefox.program.unlink()
    running = run()
    assert running.end() == 1
    assert "No such file" in running.before + running.errors.read()


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        (lambda address: address.rpartition("/")[0] + "/session", {}),
        (lambda address: address[:-1] + ("a" if address[-1] != "a" else "b") + "/session", {}),
        (lambda address: address + "/session", {"Origin": "http://page.test"}),
    ],
    ids=["no secret", "another secret", "a page"],
)
async def test_nobody_else_gets_in(run: Any, connect: Connect, change: Any, headers: dict[str, str]) -> None:
    running = run()
    with pytest.raises(WSServerHandshakeError, match="403"):
        await connect(running, change(running.address), headers=headers)
    assert await (await connect(running)).ask("session.new")
    with pytest.raises(WSServerHandshakeError, match="403"):
        await connect(running)
