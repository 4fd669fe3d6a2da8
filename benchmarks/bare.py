"""How users load an extension without the bridge: what the bridge's launch and fixture are compared with.

In Chromium with the two switches that Playwright documents. In Firefox, where Playwright cannot, over the remote
debugging protocol, as small as it can be written.
"""

import json
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["free_port", "install", "options"]

_TRY_S = 0.02
_WAIT_S = 30


def options(browser: str, extensions: Sequence[Path], given: dict[str, Any], port: int) -> dict[str, Any]:
    """Return `given` options of ``launch_persistent_context``, completed; Firefox's debugger will listen at `port`."""
    if browser == "chromium":
        folders = ",".join(map(str, extensions))
        switches = [f"--disable-extensions-except={folders}", f"--load-extension={folders}"]
        return {**given, "args": switches, "ignore_default_args": ["--disable-extensions"]}
    preferences = {
        **given.get("firefox_user_prefs", {}),
        "devtools.debugger.remote-enabled": True,
        "devtools.debugger.prompt-connection": False,
        "devtools.chrome.enabled": True,
    }
    return {**given, "args": [f"--start-debugger-server={port}"], "firefox_user_prefs": preferences}


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def install(extension: Path, port: int) -> None:
    """Install the extension in the Firefox whose debugger is about to listen at `port`; return when it runs."""
    with _connect(port) as debugger, debugger.makefile("rb") as answers:
        _packet(answers)
        root = _ask(debugger, answers, to="root", type="getRoot")
        answer = _ask(debugger, answers, to=root["addonsActor"], type="installTemporaryAddon", addonPath=str(extension))
        if "error" in answer:
            raise RuntimeError(f"Firefox rejects the extension: {answer}")


def _connect(port: int) -> socket.socket:
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=_WAIT_S)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(_TRY_S)


def _ask(debugger: socket.socket, answers: Any, **request: Any) -> dict[str, Any]:
    packet = json.dumps(request).encode()
    debugger.sendall(b"%d:%s" % (len(packet), packet))
    while True:
        answer = _packet(answers)
        if answer["from"] == request["to"] and "type" not in answer:  # those with a type are events
            return answer


def _packet(answers: Any) -> dict[str, Any]:
    length = b""
    while not length.endswith(b":"):
        length += answers.read(1)
    packet: dict[str, Any] = json.loads(answers.read(int(length[:-1])))
    return packet
