"""Connecting to Firefox's debugger: late, in vain, at a path or a port, and again to its console."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from unit.browsers.debugger import Firefox, soon

from bridge.browsers.firefox import FirefoxDriver
from bridge.browsers.rdp import connect
from bridge.errors import LaunchError


@pytest.fixture
async def firefox(tmp_path: Path) -> AsyncIterator[Firefox]:
    firefox = Firefox(str(tmp_path / "s"))
    await firefox.start()
    yield firefox
    await firefox.close()


async def test_a_debugger_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    late = Firefox(str(tmp_path / "s"))
    connecting = soon(connect(late.address, 10_000))
    await asyncio.sleep(0)
    assert not connecting.done()
    await late.start()
    client = await connecting
    asking = soon(client.ask("a", "get"))
    await late.asked.get()
    late.says({"from": "a"})
    await asking
    await client.close()
    await late.close()


async def test_a_debugger_that_hangs_up_at_first_is_tried_again(tmp_path: Path) -> None:
    attempts: list[asyncio.StreamWriter] = []

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        attempts.append(writer)
        if len(attempts) > 1:
            writer.write(b"2:{}")
        writer.close()

    server = await asyncio.start_unix_server(serve, tmp_path / "s")
    async with server:
        client = await connect(str(tmp_path / "s"), 10_000)
        assert len(attempts) == 2
        await client.close()


@pytest.mark.parametrize("start", [lambda firefox: firefox.start(), lambda firefox: asyncio.sleep(0)])
async def test_a_debugger_that_never_answers_is_a_timeout(
    tmp_path: Path, start: Callable[[Firefox], Awaitable[None]]
) -> None:
    silent = Firefox(str(tmp_path / "s"))
    silent.greets = False
    await start(silent)
    with pytest.raises(TimeoutError):
        await connect(silent.address, 30)
    with pytest.raises(LaunchError, match=r"^Firefox runs, but its debugger did not answer within 30 ms\. "):
        await FirefoxDriver.attach(silent.address, timeout_ms=30)
    await silent.close()


async def test_a_debugger_that_only_greets_is_a_timeout_too(firefox: Firefox) -> None:
    with pytest.raises(LaunchError, match="did not answer within 30 ms"):
        await asyncio.wait_for(FirefoxDriver.attach(firefox.address, timeout_ms=30), 10)


async def test_an_extension_that_does_not_load_in_time_is_a_timeout(firefox: Firefox) -> None:
    answering = asyncio.ensure_future(Consoles(firefox).answer())
    driver = await soon(FirefoxDriver.attach(firefox.address, timeout_ms=10_000))
    answering.cancel()
    with pytest.raises(LaunchError, match="did not load the extension within 1 ms") as caught:
        await driver.load(Path("x"), timeout_ms=1)
    assert isinstance(caught.value.__cause__, TimeoutError)
    await driver.close()


async def test_giving_up_the_connecting_leaves_nothing_behind(tmp_path: Path) -> None:
    connecting = soon(connect(str(tmp_path / "s"), 0))
    await asyncio.sleep(0)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting


async def test_a_port_will_do_as_well() -> None:
    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"2:{}")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        client = await connect(str(server.sockets[0].getsockname()[1]), 10_000)
        await client.close()


class Consoles:
    """What a Firefox answers whose parent process has another console each time that it is asked for."""

    def __init__(self, firefox: Firefox) -> None:
        self.firefox = firefox
        self.given = 0

    async def answer(self) -> None:
        while True:
            asked = await self.firefox.asked.get()
            for packet in self._answer(asked["to"], asked["type"]):
                self.firefox.says({"from": asked["to"], **packet})

    def _answer(self, actor: str, type: str) -> list[dict[str, object]]:
        match type:
            case "getRoot":
                return [{"addonsActor": "addons"}]
            case "getProcess":
                return [{"processDescriptor": {"actor": "process"}}]
            case "getTarget":
                self.given += 1
                return [{"process": {"consoleActor": f"console{self.given}"}}]
            case _ if actor != "console2":
                return [{"error": "noSuchActor", "message": f"No such actor for ID: {actor}"}]
            case _:
                return [{"resultID": "1"}, {"type": "evaluationResult", "resultID": "1", "result": True}]


async def test_a_console_that_is_gone_is_asked_for_anew(firefox: Firefox) -> None:
    consoles = Consoles(firefox)
    answering = asyncio.ensure_future(consoles.answer())
    driver = await soon(FirefoxDriver.attach(firefox.address, timeout_ms=10_000))
    await soon(driver.stop_background("x@example.org"))
    assert consoles.given == 2
    answering.cancel()
    await driver.close()
