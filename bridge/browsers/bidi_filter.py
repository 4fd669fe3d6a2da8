"""The program that Playwright starts in place of a stock Firefox: it becomes Firefox, and filters what the two say.

Playwright 1.65 sends `emulation.setMediaFeaturesOverride` to every context, whatever its options, and gives up when
Firefox answers "unknown command", as ESR 153 does. So Playwright connects to this program, which forwards everything,
but answers in Firefox's place that such a command is done, if nobody asked for what it does.

This file runs alone, with `-I -S`, in whatever Python runs the bridge: until Firefox is starting, it imports only the
standard library.
"""

import asyncio
import hmac
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Any

__all__ = ["MEDIA", "ON_REQUEST", "VARIABLE", "Excuses", "Settings", "main"]

VARIABLE = "PORTBRIDGE_BIDI_FILTER"
"""The environment variable with the path of the `Settings`."""

MEDIA = "emulation.setMediaFeaturesOverride"
"""Playwright sends it to each new context, and to a page for `page.emulate_media()`."""

ON_REQUEST = frozenset(
    f"emulation.set{name}"
    for name in (
        "GeolocationOverride",
        "LocaleOverride",
        "NetworkConditions",
        "TimezoneOverride",
        "UserAgentOverride",
    )
)
"""Commands that Playwright sends only if somebody asked for what they do."""

_LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
_END_S = 5  # for Firefox to end after Playwright has gone


@dataclass(frozen=True)
class Settings:
    """What the program must know, as a file of JSON.

    Attributes:
        program: Firefox.
        modules: `sys.path` of the bridge, where the program finds aiohttp.
        asked: Commands whose effect the caller of `launch` asked for.
        excused: The file that gets each command that was answered in Firefox's place, one a line.
    """

    program: str
    modules: list[str]
    asked: list[str]
    excused: str

    def dump(self) -> str:
        """Return the text of the file."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, path: str) -> "Settings":
        """Read the file."""
        return cls(**json.loads(Path(path).read_text("utf-8")))


class Excuses:
    """Decides which of Firefox's errors become "done".

    Args:
        asked: See `Settings`.
        report: Called with each command that was excused, once.
    """

    def __init__(self, asked: frozenset[str], report: Callable[[str], None]) -> None:
        self._asked = asked
        self._report = report
        self._optional: dict[int, str] = {}
        self._reported: set[str] = set()

    def sent(self, text: str) -> str:
        """Look at what Playwright sends; return it."""
        if '"emulation.' in text:
            command = json.loads(text)
            if self._is_optional(command["method"], command["params"]):
                self._optional[command["id"]] = command["method"]
        return text

    def answered(self, text: str) -> str:
        """Return what Playwright gets in place of this answer or event."""
        if not self._optional:
            return text
        answer = json.loads(text)
        method = self._optional.pop(answer.get("id"), None)
        if method is None or answer.get("error") != "unknown command":
            return text
        if method not in self._reported:
            self._reported.add(method)
            self._report(method)
        return json.dumps({"type": "success", "id": answer["id"], "result": {}})

    def _is_optional(self, method: str, params: dict[str, Any]) -> bool:
        if not method.startswith("emulation.") or method in ON_REQUEST or method in self._asked:
            return False
        return method != MEDIA or "contexts" not in params


def main() -> None:
    """Become Firefox, with this program's own arguments."""
    settings = Settings.read(os.environ.pop(VARIABLE))
    command = [settings.program, *sys.argv[1:]]
    if os.name == "nt":
        _start(command, settings)
    else:
        _become(command, settings)


# So Firefox has the process that Playwright knows, and the filter is its child: signals, the exit status and whoever
# looks for the browser's processes need nothing from the filter.
def _become(command: list[str], settings: Settings) -> None:
    reading, writing = os.pipe()
    browser = os.getpid()
    if os.fork():
        os.dup2(writing, 2)
        os.execv(command[0], command)
    os.close(writing)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # it ends when Firefox does
        signal.signal(number, signal.SIG_IGN)

    def kill() -> None:
        if os.getppid() == browser:
            os.kill(browser, signal.SIGKILL)

    with os.fdopen(reading, "rb") as errors:
        _filter(errors, settings, kill)
    os._exit(0)


# Windows cannot exchange the program of a process. Nobody has run this yet.
def _start(command: list[str], settings: Settings) -> None:
    with subprocess.Popen(command, stderr=subprocess.PIPE) as browser:
        assert browser.stderr
        _filter(browser.stderr, settings, browser.kill)
    sys.exit(browser.returncode)


def _filter(errors: IO[bytes], settings: Settings, kill: Callable[[], None]) -> None:
    try:
        sys.path[:] = settings.modules
        import aiohttp.web  # noqa: F401  # while Firefox starts

        _pass_on(errors, lambda address: _serving(address, settings, kill))
    except BaseException:
        traceback.print_exc()
        kill()
        raise


def _pass_on(errors: IO[bytes], exchange: Callable[[str], str]) -> None:
    """Write what Firefox writes, with another address in it, until the end of the last process that could write."""
    with open(2, "wb", buffering=0, closefd=False) as output:
        for line in errors:
            if listening := _LISTENING.search(line):
                address = listening[1]
                line = line.replace(address, exchange(address.decode()).encode())
            with suppress(OSError):  # Playwright is gone
                output.write(line)


def _serving(address: str, settings: Settings, kill: Callable[[], None]) -> str:
    """Serve in a thread; return the address that Playwright connects to."""

    def report(method: str) -> None:
        with open(settings.excused, "a", encoding="utf-8") as file:
            file.write(f"{method}\n")

    excuses = Excuses(frozenset(settings.asked), report)
    own: Future[str] = Future()
    Thread(target=lambda: asyncio.run(_Server(address, excuses, kill).run(own)), daemon=True).start()
    return own.result()


class _Server:
    """The address that Playwright connects to, once."""

    def __init__(self, address: str, excuses: Excuses, kill: Callable[[], None]) -> None:
        self._firefox_address = address
        self._excuses = excuses
        self._kill = kill
        self._path = f"/{secrets.token_urlsafe(32)}"
        self._taken = False
        self._ended = asyncio.Event()

    async def run(self, address: "Future[str]") -> None:
        """Serve one connection to its end."""
        from aiohttp import web

        runner = web.ServerRunner(web.Server(self._handle))
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            address.set_result(f"ws://127.0.0.1:{runner.addresses[0][1]}{self._path}")
        except BaseException as error:
            address.set_exception(error)
            raise
        await self._ended.wait()
        await runner.cleanup()

    async def _handle(self, request: Any) -> Any:
        from aiohttp import ClientSession, web

        path = request.path.removesuffix("/session")  # which Playwright adds
        if self._taken or "Origin" in request.headers or not hmac.compare_digest(path.encode(), self._path.encode()):
            return web.Response(status=403)
        self._taken = True
        playwright = web.WebSocketResponse(max_msg_size=0, compress=False)
        url = self._firefox_address + request.path.removeprefix(self._path)
        async with ClientSession() as session, session.ws_connect(url, max_msg_size=0) as firefox:
            await playwright.prepare(request)
            ended_first = await self._join(playwright, firefox)
        if ended_first is playwright:
            await asyncio.sleep(_END_S)
            self._kill()
        self._ended.set()
        return playwright

    async def _join(self, playwright: Any, firefox: Any) -> Any:
        """Forward until either has gone; return which."""
        sent = asyncio.ensure_future(_forward(playwright, firefox, self._excuses.sent))
        answered = asyncio.ensure_future(_forward(firefox, playwright, self._excuses.answered))
        done, _ = await asyncio.wait([sent, answered], return_when=asyncio.FIRST_COMPLETED)
        for task in (sent, answered):
            task.cancel()
        await asyncio.gather(sent, answered, return_exceptions=True)
        await playwright.close()
        return playwright if sent in done and answered not in done else firefox


async def _forward(source: Any, target: Any, change: Callable[[str], str]) -> None:
    from aiohttp import WSMsgType

    async for message in source:
        if message.type is WSMsgType.TEXT:
            await target.send_str(change(message.data))


if __name__ == "__main__":
    main()
