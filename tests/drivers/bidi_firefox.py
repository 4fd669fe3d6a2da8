"""A fake of a stock Firefox: as much WebDriver BiDi as Playwright needs to launch it and to close it.

It writes what it was started with, and all that it is sent, into the file that the environment names, one JSON a line.
The test says in the environment, too, which commands it does not know.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

_ANSWERS: dict[str, dict[str, Any]] = {
    "session.new": {
        "sessionId": "s",
        "capabilities": {"browserName": "firefox", "browserVersion": "153.0", "userAgent": "fake"},
    },
    "browsingContext.create": {"context": "page"},
    "network.addIntercept": {"intercept": "i"},
    "network.addDataCollector": {"collector": "c"},
    "script.addPreloadScript": {"script": "p"},
}
_PAGE = {
    "context": "page",
    "url": "about:blank",
    "userContext": "default",
    "children": None,
    "parent": None,
    "originalOpener": None,
    "clientWindow": "w",
}


def write(**fact: Any) -> None:
    with open(os.environ["FAKE_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(fact) + "\n")


def started() -> None:
    arguments = sys.argv[1:]
    profile = Path(arguments[arguments.index("--profile") + 1])
    file = profile / "user.js"
    write(arguments=arguments, user_js=file.read_text("utf-8") if file.exists() else None, home=os.environ.get("HOME"))


async def answer(socket: web.WebSocketResponse, command: dict[str, Any]) -> None:
    id, method = command["id"], command["method"]
    if method in os.environ.get("FAKE_UNKNOWN", "").split():
        await socket.send_json({"type": "error", "id": id, "error": "unknown command", "message": method})
        return
    if method == "browsingContext.create":
        await socket.send_json({"type": "event", "method": "browsingContext.contextCreated", "params": _PAGE})
    result = {"text": command["params"]["text"]} if method == "fake.repeat" else _ANSWERS.get(method, {})
    await socket.send_json({"type": "success", "id": id, "result": result})


async def main() -> None:
    ended = asyncio.Event()

    async def handle(request: web.BaseRequest) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        async for message in socket:
            assert message.type is WSMsgType.TEXT
            command = json.loads(message.data)
            write(method=command["method"], params=command["params"] if len(message.data) < 10_000 else None)
            await answer(socket, command)
            if command["method"] == "browser.close":
                break
        if os.environ.get("FAKE_STAYS") is None:  # as Firefox does when its last connection ends unbidden
            ended.set()
        return socket

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("a line before", file=sys.stderr)
    print(f"WebDriver BiDi listening on ws://127.0.0.1:{runner.addresses[0][1]}", file=sys.stderr, flush=True)
    await ended.wait()
    await runner.cleanup()
    print("a line after", file=sys.stderr)
    sys.exit(int(os.environ.get("FAKE_STATUS", "0")))


if __name__ == "__main__":
    started()
    asyncio.run(main())
