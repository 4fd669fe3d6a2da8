"""A fake of Playwright's own Firefox: as much of Juggler's pipe as Playwright needs to launch it and to close it.

It writes what it was started with, and all that it is sent, into the file that the environment names, one JSON a line.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_COMMANDS, _ANSWERS = 3, 4  # the file descriptors of the pipe
_END = b"\0"  # of each message
_RESULTS = {"Browser.getInfo": {"version": "Firefox/153.0", "userAgent": "fake"}}
_TARGET = {"targetId": "t", "type": "page"}
_PAGE: list[tuple[str, dict[str, Any]]] = [
    ("Page.frameAttached", {"frameId": "f"}),
    ("Page.ready", {}),
    ("Page.navigationCommitted", {"frameId": "f", "url": "about:blank", "name": "", "navigationId": "n"}),
    ("Page.eventFired", {"frameId": "f", "name": "DOMContentLoaded"}),
    ("Page.eventFired", {"frameId": "f", "name": "load"}),
]


def write(**fact: Any) -> None:
    with open(os.environ["FAKE_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(fact) + "\n")


def started() -> None:
    arguments = sys.argv[1:]
    file = Path(arguments[arguments.index("-profile") + 1]) / "user.js"
    write(arguments=arguments, user_js=file.read_text("utf-8") if file.exists() else None, home=os.environ.get("HOME"))


def commands() -> Iterator[dict[str, Any]]:
    rest = b""
    while chunk := os.read(_COMMANDS, 65_536):
        *whole, rest = (rest + chunk).split(_END)
        yield from map(json.loads, whole)


def send(**message: Any) -> None:
    os.write(_ANSWERS, json.dumps(message).encode() + _END)


def main() -> None:
    print("Juggler listening to the pipe", flush=True)
    for command in commands():
        write(method=command["method"], params=command.get("params"))
        session = {"sessionId": command["sessionId"]} if "sessionId" in command else {}
        send(id=command["id"], result=_RESULTS.get(command["method"], {}), **session)
        if command["method"] == "Browser.enable":
            send(method="Browser.attachedToTarget", params={"sessionId": "s", "targetInfo": _TARGET})
            for method, params in _PAGE:
                send(method=method, params=params, sessionId="s")
        if command["method"] == "Browser.close":
            return


if __name__ == "__main__":
    started()
    main()
