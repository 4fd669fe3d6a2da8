"""The command line in real browsers: what it prints, how it ends, and that nothing is left behind."""

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from bridge.traffic.records import MessagePosted, RequestSent, payload_value, read_lines
from support import ROOT, SAMPLE, Site, background, content, write_extension

_LIMIT_S = 60

# What starts in the background or by nohup inherits that Ctrl-C or the terminal's end is ignored.
_MAIN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from bridge.cli import main
main()
"""
_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)" + _MAIN


class Command:
    """A running command; `text` is what it has written, to stdout and stderr."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: int) -> None:
        self._process = process
        self._output: Any = output
        self._seen = 0
        self.text = ""

    def expect(self, words: str) -> None:
        """Return when it has written these words, after those of the last call."""
        while (found := self.text.find(words, self._seen)) < 0:
            assert self._read(), f"it ended without {words!r}:\n{self.text}"
        self._seen = found + len(words)

    def type(self, text: str) -> None:
        """Type on its terminal."""
        os.write(self._output, text.encode())

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def end(self) -> int:
        """Return its exit code when it has ended."""
        while self._read():
            pass
        return self._process.wait(_LIMIT_S)

    def hang_up(self) -> None:
        """Close its terminal; return when it and all its processes have ended."""
        others = [os.pidfd_open(pid) for pid in _processes_naming(os.environ["TMPDIR"])]
        self.close()
        self._process.wait(_LIMIT_S)
        for other in others:
            assert select.select([other], [], [], _LIMIT_S)[0], "a process has outlived the command"
            os.close(other)

    def close(self) -> None:
        """Close this end of its terminal or pipe; a second time does nothing."""
        output, self._output = self._output, None
        if output is not None:
            os.close(output)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _read(self) -> bool:
        assert select.select([self._output], [], [], _LIMIT_S)[0], f"it hangs after:\n{self.text}"
        try:
            data = os.read(self._output, 65536)
        except OSError:  # so a terminal ends
            return False
        self.text += data.decode(errors="replace")
        return bool(data)


@contextmanager
def _started(output: int, script: str, arguments: tuple[object, ...], **options: int) -> Iterator[Command]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "", "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
        **options,
    )
    command = Command(process, output)
    try:
        yield command
    finally:
        command.kill()
        command.close()


@contextmanager
def terminal(*arguments: object, columns: int = 120) -> Iterator[Command]:
    """Run `portbridge` in a terminal."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with _started(master, _TERMINAL, arguments, stdin=slave, stdout=slave, stderr=slave) as command:
        os.close(slave)
        yield command


@contextmanager
def pipe(*arguments: object) -> Iterator[Command]:
    """Run `portbridge` with its output in a pipe."""
    reader, writer = os.pipe()
    null = subprocess.DEVNULL
    with _started(reader, _MAIN, arguments, stdin=null, stdout=writer, stderr=writer) as command:
        os.close(writer)
        yield command


@pytest.fixture(autouse=True)
def _nothing_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every command must leave no file of the bridge's or the browser's, and no process that names one."""
    with tempfile.TemporaryDirectory(prefix="t") as place:  # a short name: Chromium has a socket in there
        monkeypatch.setenv("TMPDIR", place)
        yield
        assert [entry.name for entry in Path(place).iterdir() if not entry.name.startswith("playwright")] == []
        assert _processes_naming(place) == []


def _processes_naming(text: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in arguments:
            found.append(int(process.name))
    return found


def _quiet(text: str) -> bool:
    return not any(sign in text for sign in ("Traceback", "never retrieved", "Exception ignored", "was destroyed"))


# --- run ------------------------------------------------------------------------------------------------------------


def test_run_until_control_c(engine: str, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    with terminal("run", SAMPLE, "--browser", engine, "--headless", "--url", site.url, "--record", file) as command:
        command.expect("hi there content script!")
        command.type("\x03")
        assert command.end() == 0
    assert "Closing the browser" in command.text
    assert "\x1b[" in command.text
    assert _quiet(command.text)
    with file.open() as lines:
        posted = [payload_value(record.payload) for record in read_lines(lines) if isinstance(record, MessagePosted)]
    assert {"greeting": "hello from content script"} in posted
    assert {"greeting": "hi there content script!"} in posted


_ASKER = {
    "c.js": """
const { runtime } = globalThis.browser ?? chrome;
runtime.sendMessage({ token: "secret", what: "\\x1b[31mask" }).then(() => runtime.sendMessage({ what: "close" }));
"""
}
_CLOSER = """
const { runtime, windows } = globalThis.browser ?? chrome;
runtime.onMessage.addListener((message, sender, answer) => {
  if (message.what === "close") windows.remove(sender.tab.windowId);
  answer();
});
"""


def test_run_until_the_window_closes(engine: str, site: Site, tmp_path: Path) -> None:
    folder = write_extension(
        tmp_path / "closer", {**background("b.js"), **content("c.js")}, {"b.js": _CLOSER, **_ASKER}
    )
    file = tmp_path / "traffic.jsonl"
    options = ("--browser", engine, "--headless", "--redact", "Token", "--record", file)
    with pipe("run", folder, *options, "--url", site.url) as command:
        command.expect("?1 sendMessage")
        command.expect("The browser was closed.")
        assert command.end() == 0
    assert "\x1b" not in command.text
    assert '{"token": "[redacted]", "what": "\\u001b[31mask"}' in command.text
    assert _quiet(command.text)
    with file.open() as lines:
        asked, *_ = [record for record in read_lines(lines) if isinstance(record, RequestSent)]
    assert payload_value(asked.payload)["token"] == "[redacted]"


def test_control_c_before_the_start(engine: str) -> None:
    with terminal("run", SAMPLE, "--browser", engine, "--headless") as command:
        command.expect("Starting")
        command.type("\x03")
        assert command.end() == 130
    assert _quiet(command.text)


@pytest.mark.parametrize("arguments", [["run"], ["shell", "--plain"]], ids=lambda arguments: arguments[0])
def test_terminal_is_closed(engine: str, arguments: list[str]) -> None:
    with terminal(*arguments, SAMPLE, "--browser", engine, "--headless") as command:
        command.expect("is running")
        command.expect("native ping_pong" if arguments == ["run"] else ">>> ")
        command.hang_up()


def test_nobody_reads_any_more(site: Site) -> None:
    with pipe("run", SAMPLE, "--headless", "--url", site.url) as command:
        command.expect("is running; Ctrl-C ends it.")
        reader = os.dup(command._output)
        os.dup2(os.open(os.devnull, os.O_RDONLY), command._output)
        os.close(reader)
        assert command._process.wait(_LIMIT_S) == 0


def test_page_that_does_not_open() -> None:
    with pipe("run", SAMPLE, "--headless", "--url", "http://127.0.0.1:1/") as command:
        command.expect("http://127.0.0.1:1/ did not open: ")
        command.send(signal.SIGTERM)
        assert command.end() == 0
    assert _quiet(command.text)


def test_watch(engine: str, tmp_path: Path) -> None:
    manifest = background("b.js")
    folder = write_extension(tmp_path / "watched", manifest, {"b.js": "", "icons/a.txt": ""})
    whole = (folder / "manifest.json").read_text()
    with pipe("run", folder, "--browser", engine, "--headless", "--watch", "--record", folder / "r.jsonl") as command:
        command.expect("is running; Ctrl-C ends it.")
        (folder / "manifest.json").write_text(whole[:30])
        command.expect("Changed: manifest.json")
        command.expect("Not reloaded: ")
        command.expect("manifest.json, line 1")
        (folder / "manifest.json").write_text(whole)
        command.expect("Reloaded")
        (folder / "b.js").write_text("(globalThis.browser ?? chrome).runtime.connect({ name: 'anew' });")
        command.expect("Changed: b.js")
        command.expect(" anew")
        (folder / "icons" / "a.txt").unlink()
        command.expect("Changed: icons/a.txt")
        command.expect("Reloaded")
        command.send(signal.SIGTERM)
        assert command.end() == 0
    assert command.text.count("Changed: ") == 4  # nor by the links of the browser's copy, nor by the record
    assert _quiet(command.text)


def test_watch_goes_on_after_a_broken_worker(engine: str, tmp_path: Path) -> None:
    if engine == "firefox":
        pytest.skip("Firefox runs a page with a broken script")
    folder = write_extension(tmp_path / "watched", background("b.js"), {"b.js": ""})
    with pipe("run", folder, "--headless", "--watch") as command:
        command.expect("is running; Ctrl-C ends it.")
        (folder / "b.js").write_text("throw new Error('not today')")
        command.expect("Not reloaded: The extension's service worker did not start: ")
        command.expect("not today")
        (folder / "b.js").write_text("chrome.runtime.connect({ name: 'mended' });")
        command.expect(" mended")
        command.expect("Reloaded")
        command.send(signal.SIGTERM)
        assert command.end() == 0


def test_inspect(site: Site) -> None:
    with pipe("run", SAMPLE, "--headless", "--inspect") as command:
        command.expect("The inspector is at ")
        command.expect("\n")
        (url,) = re.findall(r"at (http://127\.0\.0\.1:\S+)", command.text)
        with urllib.request.urlopen(url) as response:
            assert b"<title>" in response.read()
        command.send(signal.SIGTERM)
        assert command.end() == 0
    assert _quiet(command.text)


_GREETER = {
    "b.js": """
const { runtime, tabs } = globalThis.browser ?? chrome;
runtime.onConnect.addListener((port) => port.onMessage.addListener((message) => console.log(`got ${message}`)));
tabs.create({ url: runtime.getURL("p.html") });
""",
    "p.html": "<!doctype html><script src='p.js'></script>",
    "p.js": "(globalThis.browser ?? chrome).runtime.connect({ name: 'first' }).postMessage('hello');",
}
_ROUTES = """
async def route(bridge):
    def changing(route):
        receiver = route.connect_to_receiver()
        route.on_message(lambda message: (receiver.postMessage(message + ' from Python'), 1 / 0))
    await bridge.route_port('first', changing)
"""


def test_routes_of_a_file(engine: str, tmp_path: Path) -> None:
    """They are there before the extension's first line."""
    manifest = {**background("b.js"), "optional_permissions": ["bookmarks"]}
    manifest["browser_specific_settings"] = {"gecko": {"id": "greeter@example.org"}}
    folder = write_extension(tmp_path / "greeter", manifest, _GREETER)
    routes = tmp_path / "routes.py"
    routes.write_text(_ROUTES)
    options = ("--browser", engine, "--headless", "--grant", "bookmarks")
    with pipe("run", folder, *options, "--route", routes) as command:
        command.expect("is running; Ctrl-C ends it.")
        command.expect("takes a message from the opener")
        command.expect("said  got hello from Python")
        command.send(signal.SIGTERM)
        assert command.end() == 0
    assert command.text.count(f"{routes}, line 5: ZeroDivisionError: division by zero") == 1
    assert _quiet(command.text)


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pipe("run", tmp_path, "--headless") as command:
        assert command.end() == 1
    assert f"Error: {tmp_path} has no manifest.json" in command.text
    assert _quiet(command.text)
    with pipe("run", SAMPLE, "--headless", "--executable-path", "/nowhere/browser") as command:
        assert command.end() == 1
    assert "there is no such file" in command.text
    with pipe("run", SAMPLE, "--headless", "--record", tmp_path / "no" / "file") as command:
        assert command.end() == 1
    assert "cannot be written: No such file or directory" in command.text
    assert _quiet(command.text)


def test_no_screen(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pipe("run", SAMPLE, "--browser", engine) as command:
        assert command.end() == 1
    assert "use --headless, or run the command under xvfb-run" in command.text
    assert _quiet(command.text)


# --- doctor ---------------------------------------------------------------------------------------------------------


def test_doctor_of_a_browser_that_works(engine: str) -> None:
    with pipe("doctor", "--browser", engine, "--json") as command:
        assert command.end() == 0
    told = json.loads(command.text)
    first = told["browsers"][0]
    assert told["ok"] is True
    assert (first["browser"], first["default"]) == (engine, True)
    assert (first["starts"], first["loads_extension"], first["passes_message"]) == (True, True, True)
    assert re.match(r"\d+\.", first["version"])


def test_doctor_of_browsers_that_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\necho 'error while loading shared libraries: libmissing.so' >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PORTBRIDGE_CHROMIUM", str(broken))
    monkeypatch.setenv("PORTBRIDGE_FIREFOX", "/nowhere/firefox")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pipe("doctor") as command:
        assert command.end() == 1
    assert "libmissing.so" in command.text
    assert "What to do: Run 'playwright install-deps chromium'" in command.text
    assert "'/nowhere/firefox': there is no such file" in command.text
    assert "Not usable: chromium, firefox." in command.text
    assert _quiet(command.text)


# --- shell ----------------------------------------------------------------------------------------------------------


def test_shell(engine: str, site: Site) -> None:
    with terminal("shell", SAMPLE, "--browser", engine, "--headless", "--plain", "--url", site.url) as command:
        command.expect("bridge.external.runtime.connect")
        command.expect(">>> ")
        command.type("port = bridge.external.runtime.connect(bridge.extension_id)\n")
        command.type("await port.receive()\n")
        command.expect("{'greeting': 'hi there extension!'}")
        command.type("(await bridge.content(page)).url + '?'\n")
        command.expect(f"'{site.url}?'")
        command.type("1 / 0\n")
        command.expect('  File "<console>", line 1, in <module>')  # no line of ours
        command.expect("ZeroDivisionError")
        command.type("import asyncio; print(6 * 7000); await asyncio.Event().wait()\n")
        command.expect("42000")
        command.type("\x03")
        command.expect("KeyboardInterrupt")
        command.type("await page.title(), 6 * 8000\n")
        command.expect("('a page', 48000)")
        command.expect(">>> ")  # only while it reads is Ctrl-D for it
        command.type("\x04")
        assert command.end() == 0
    assert "Closing the browser." in command.text


def test_shell_ends_with_exit_and_tells_of_listeners(tmp_path: Path) -> None:
    with terminal("shell", SAMPLE, "--headless", "--plain") as command:
        command.expect(">>> ")
        command.type("port = bridge.external.runtime.connect(bridge.extension_id)\n")
        command.type("port.onMessage.addListener(lambda message: print(6 * 7000) or 1 / 0)\n")
        command.expect("42000")
        command.type("import sys; sys.exit()\n")
        assert command.end() == 0
    assert "A listener raised ZeroDivisionError: division by zero" in command.text


@pytest.mark.skipif(find_spec("IPython") is None, reason="IPython is not installed")
def test_shell_in_ipython(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("IPY_TEST_SIMPLE_PROMPT", "1")
    with terminal("shell", SAMPLE, "--headless") as command:
        command.expect("In [1]: ")
        command.type("port = bridge.external.runtime.connect(bridge.extension_id)\n")
        command.expect("In [2]: ")
        command.type("await port.receive()\n")
        command.expect("Out[2]: {'greeting': 'hi there extension!'}")
        command.expect("In [3]: ")
        command.type("\x04")
        assert command.end() == 0
