"""Native messaging: Python is the application, and real applications are tested through the real browser."""

import asyncio
import json
import os
import select
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.async_api import Bridge, ExtensionError, NativePort, Port, PortDisconnectedError, launch
from bridge.javascript import UNDEFINED
from bridge.protocol import stdio
from support import SAMPLE, background, write_extension

MIB = 1024 * 1024
NATIVE: dict[str, Any] = {"permissions": ["nativeMessaging"]}

# Reconnects whenever its native application is gone, and says how often it did.
RECONNECTING = """
let connections = 0;
function connect() {
  const port = chrome.runtime.connectNative("app");
  port.postMessage({ connection: ++connections });
  port.onDisconnect.addListener(() => {
    void chrome.runtime.lastError;
    connect();
  });
}
connect();
"""


@pytest.fixture(scope="module")
async def native(load_for_module: Any) -> Bridge:
    """An extension that may use native messaging and does nothing by itself."""
    return await load_for_module({**NATIVE, **background("b.js")}, {"b.js": ""})


async def connected(bridge: Bridge, name: str = "app") -> tuple[Port, NativePort]:
    """Both ends of a connection: Python as the extension's background, and as the application."""
    application = bridge.native(name)
    port = bridge.background.runtime.connectNative(name)
    return port, await application.accept()


async def test_ping_pong_of_the_sample(start: Any) -> None:
    bridge = await start(SAMPLE, native=["ping_pong"])
    port = await bridge.native("ping_pong").accept()  # the background connected while it started
    assert port.name == "ping_pong"
    assert port.sender.id == bridge.extension_id
    await bridge.click_action()
    assert await port.receive() == "ping"
    await port.postMessage("pong")
    await bridge.click_action()
    assert await port.receive() == "ping"


async def test_messages_both_ways(native: Bridge) -> None:
    port, application = await connected(native)
    values = [None, True, 0, 1.5, "", "😀", [], {}, {"a": [1, {"b": None}]}, "x" * 100_000]
    for value in values:
        port.postMessage(value)
        application.postMessage(value)
    for value in values:
        assert await application.receive() == value
        assert await port.receive() == value


JSON_OF = {
    "undefined": None,
    "() => 1": None,
    "Symbol()": None,
    "NaN": "null",
    "new Date(0)": '"1970-01-01T00:00:00.000Z"',
}


@pytest.mark.parametrize("value", JSON_OF)
async def test_what_the_extension_posts_that_json_lacks(native: Bridge, engine: str, value: str) -> None:
    posts = f"""() => {{
        const port = (globalThis.browser ?? globalThis.chrome).runtime.connectNative("app");
        let thrown = null;
        try {{ port.postMessage({value}) }} catch (error) {{ thrown = error.message }}
        port.postMessage("next");
        return thrown;
    }}"""
    application = native.native("app")
    thrown = await native.background.evaluate(posts)
    port = await application.accept()
    heard = [await port.receive()]
    while heard[-1] != "next":
        heard.append(await port.receive())
    if JSON_OF[value]:
        assert (heard[:-1], thrown) == ([json.loads(JSON_OF[value])], None)
    elif engine == "firefox":  # it writes a length of 0, and no bytes
        assert (heard[:-1], thrown) == ([UNDEFINED], None)
    elif value == "undefined":
        assert (heard[:-1], thrown) == ([None], None)
    else:
        assert (heard[:-1], thrown) == ([], "Could not serialize message.")
    assert not port.closed
    port.disconnect()


async def test_undefined_to_an_application(native: Bridge, engine: str) -> None:
    port, application = await connected(native)
    await port.postMessage(UNDEFINED)
    assert await application.receive() == (UNDEFINED if engine == "firefox" else None)
    application.postMessage("it lives")
    assert await port.receive() == "it lives"


async def test_listeners_and_expectations(native: Bridge) -> None:
    application = native.native("listened")
    ports: asyncio.Queue[NativePort] = asyncio.Queue()
    application.onConnect.addListener(ports.put_nowait)
    async with application.expect_connection() as info:
        port = native.background.runtime.connectNative("listened")
    assert await info.value is await ports.get()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    (await info.value).onMessage.addListener(heard.put_nowait)
    port.postMessage({"to": "Python"})
    assert await heard.get() == {"to": "Python"}
    application.onConnect.removeListener(ports.put_nowait)


async def test_one_shot_messages(native: Bridge) -> None:
    application = native.native("app")

    async def answer() -> None:
        port = await application.accept()
        await port.postMessage({"got": await port.receive()})

    answering = asyncio.ensure_future(answer())
    assert await native.background.call("runtime.sendNativeMessage", "app", {"x": 1}) == {"got": {"x": 1}}
    await answering


async def test_either_side_may_disconnect(native: Bridge) -> None:
    port, application = await connected(native)
    port.disconnect()
    await application.wait_for_disconnect()
    with pytest.raises(PortDisconnectedError):
        application.postMessage(1)

    port, application = await connected(native)
    application.postMessage("the last word")
    application.disconnect()
    assert await port.receive() == "the last word"
    await port.wait_for_disconnect()


async def test_crash(native: Bridge) -> None:
    port, application = await connected(native)
    gone: asyncio.Queue[Port] = asyncio.Queue()
    application.onDisconnect.addListener(gone.put_nowait)
    application.kill()
    await port.wait_for_disconnect()
    assert await gone.get() is application
    if native.browser_name == "chromium":
        assert "exited" in port.error.message
    with pytest.raises(PortDisconnectedError):
        application.kill()


async def test_background_that_reconnects(start: Any) -> None:
    bridge = await start({**NATIVE, **background("b.js")}, {"b.js": RECONNECTING}, native=["app"])
    for number in range(1, 4):
        port = await bridge.native("app").accept()
        assert await port.receive() == {"connection": number}
        port.kill()


async def test_halves_and_rubbish(native: Bridge) -> None:
    port, application = await connected(native)
    packed = stdio.pack(b'{"in":"halves"}')
    await application.send_raw(packed[:7])
    await application.send_raw(packed[7:])
    assert await port.receive() == {"in": "halves"}
    await application.send_raw(stdio.pack(b"not JSON"))
    if native.browser_name == "chromium":  # which drops it
        await application.postMessage("after that")
        assert await port.receive() == "after that"
        await application.send_raw(stdio.pack(b"x" * (MIB + 1)))
    await port.wait_for_disconnect()
    assert port.error is not None
    await application.wait_for_disconnect()


async def test_limits(native: Bridge) -> None:
    port, application = await connected(native)
    longest = "x" * (MIB - 2)
    await application.postMessage(longest)
    assert await port.receive() == longest
    with pytest.raises(ValueError, match="1 MiB"):
        application.postMessage(longest + "x")
    await application.send_raw(stdio.pack(json.dumps(longest + "x").encode()))
    await port.wait_for_disconnect()
    assert port.error is not None


@pytest.mark.parametrize("size", [1, 16, 63])
async def test_large_messages_from_the_extension(native: Bridge, engine: str, size: int) -> None:
    if engine == "firefox" and size == 63:
        pytest.skip("tested at 1 and 16 MiB in Firefox")
    port, application = await connected(native)
    await port.postMessage("x" * (size * MIB - 2))
    assert len(await application.receive()) == size * MIB - 2
    port.disconnect()


async def test_nobody_of_that_name(native: Bridge) -> None:
    port = native.background.runtime.connectNative("nobody")
    await port.wait_for_disconnect()
    assert "nobody" in port.error.message or "not found" in port.error.message
    with pytest.raises(ValueError, match="Not A Name"):
        native.native("Not A Name")


async def test_without_the_permission(start: Any) -> None:
    bridge = await start(background("b.js"), {"b.js": ""})
    with pytest.raises(ExtensionError, match="'nativeMessaging'"):
        bridge.native("app")
    with pytest.raises(ExtensionError, match="'nativeMessaging'"):
        bridge.background.runtime.connectNative("app")


ECHO_HOST = """#!{python}
import struct, sys
while length := sys.stdin.buffer.read(4):
    message = sys.stdin.buffer.read(struct.unpack("=I", length)[0])
    sys.stdout.buffer.write(length + message)
    sys.stdout.buffer.flush()
"""


async def test_somebody_elses_host(start: Any, tmp_path: Path) -> None:
    program = tmp_path / "their host"
    program.write_text(ECHO_HOST.format(python=sys.executable))
    program.chmod(0o755)
    host = {
        "name": "their_host",
        "description": "echo",
        "path": "their host",  # relative to the manifest
        "type": "stdio",
        "allowed_origins": ["chrome-extension://knldjmfmopnpolahpmmgbagdohdnhkik/"],
    }
    manifest = tmp_path / "their_host.json"
    manifest.write_text(json.dumps(host))
    before = manifest.read_bytes()
    bridge = await start({**NATIVE, **background("b.js")}, {"b.js": ""}, native_hosts=[manifest])
    port = bridge.background.runtime.connectNative("their_host")
    assert port.name == "their_host"
    await port.postMessage({"echo": "this"})
    assert await port.receive() == {"echo": "this"}
    page = await bridge.page()
    other = page.runtime.connectNative("their_host")
    await other.postMessage(1)
    assert await other.receive() == 1
    assert manifest.read_bytes() == before


async def test_fifty_at_once(native: Bridge) -> None:
    application = native.native("app")
    ports = [native.background.runtime.connectNative("app") for _ in range(50)]
    for number, port in enumerate(ports):
        port.postMessage(number)
    accepted = [await application.accept() for _ in ports]
    for port in accepted:
        port.postMessage(await port.receive())
    assert [await port.receive() for port in ports] == list(range(50))
    for port in ports:
        port.disconnect()
    for port in accepted:
        await port.wait_for_disconnect()


async def test_connections_one_after_another_leave_no_process(native: Bridge) -> None:
    pids = set()
    for number in range(100):
        port, application = await connected(native)
        pids.add(_pid(application))
        (port if number % 2 else application).disconnect()
        await (application if number % 2 else port).wait_for_disconnect()
    assert len(pids) == 100
    for pid in pids:
        await asyncio.to_thread(_wait_for_exit, pid)


def _pid(port: NativePort) -> int:
    pid: int = port.context._program(port._id).pid
    return pid


def _wait_for_exit(pid: int) -> None:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    assert select.select([process], [], [], 10)[0], "the program still runs"
    os.close(process)


async def test_close_leaves_no_process_and_no_file(engine_type: Any, tmp_path: Path) -> None:
    manifest = {**NATIVE, **background("b.js")}
    folder = write_extension(tmp_path / "x", manifest, {"b.js": "chrome.runtime.connectNative('app')"})
    profile = tmp_path / "profile"
    async with launch(engine_type, folder, native=["app"], user_data_dir=profile) as bridge:
        port = await bridge.native("app").accept()
        pid = _pid(port)
    await asyncio.to_thread(_wait_for_exit, pid)
    assert list(profile.glob("NativeMessagingHosts/*")) == []
    with pytest.raises(PortDisconnectedError):
        port.postMessage(1)
