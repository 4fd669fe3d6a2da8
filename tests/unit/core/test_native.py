"""Python as the native application: its connections and ports. The test plays the programs that the browser starts."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Callable
from socket import SHUT_RDWR
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, ClientWSTimeout, WSMsgType, WSServerHandshakeError
from unit.core.fakes import session, ticks

from bridge.core.native import NativeApplication, NativeApplications
from bridge.core.native_port import NativePort
from bridge.errors import (
    BridgeError,
    BridgeTimeoutError,
    ChannelError,
    ContextError,
    ExtensionError,
    PortDisconnectedError,
)
from bridge.protocol.stdio import MAX_FROM_APPLICATION, Unpacker, pack
from bridge.wire.channel import Channel
from bridge.wire.gate import Peer

CHROMIUM = "chrome-extension://abcdefghijklmnop/"
NOBODY = 2**30  # no system has a process of that number
LIMIT_S = 20


async def until(condition: Callable[[], Any]) -> None:
    """Return once `condition` is true."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - of what other tasks do, nobody is told
            await asyncio.sleep(0)  # the socket has its turn


class Program:
    """The program's end of a socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._unpacker = Unpacker()
        self._heard: list[bytes] = []

    async def says(self, *messages: Any) -> None:
        """Carry messages of the extension."""
        for message in messages:
            await self.socket.send_bytes(json.dumps(message).encode())

    async def hears(self) -> Any:
        """Return the next message of Python's."""
        while not self._heard:
            self._heard += self._unpacker.feed(await self.writes())
        return json.loads(self._heard.pop(0))

    async def writes(self) -> bytes:
        """Return what the program would write to stdout next."""
        return await self.socket.receive_bytes(timeout=LIMIT_S)

    def vanish(self) -> None:
        """End as a program does: without a farewell."""
        connection = self.socket.get_extra_info("socket")
        assert connection
        connection.shutdown(SHUT_RDWR)

    async def is_let_go(self) -> None:
        """Wait until Python has nothing more for this program."""
        while (await self.socket.receive(timeout=LIMIT_S)).type is WSMsgType.BINARY:
            pass


class Stage:
    """A running channel, with one native application.

    Attributes:
        session: What its ports share.
        application: It.
    """

    def __init__(self, client: ClientSession) -> None:
        self.session = session()
        self.application = NativeApplication("app", self.session)
        self._client = client
        self._channel = Channel()
        self._path = self._channel.add_door(self.application._serve, peer=Peer.PROGRAM)
        self._programs: list[Program] = []

    async def start(self) -> None:
        await self._channel.start()

    async def connect(self, **headers: str) -> Program:
        """Connect a program that does not introduce itself."""
        socket = await self._client.ws_connect(
            f"ws://127.0.0.1:{self._channel.port}{self._path}",
            headers=headers,
            max_msg_size=0,
            timeout=ClientWSTimeout(ws_close=0.1),
        )
        self._programs.append(Program(socket))
        return self._programs[-1]

    async def program(self, *arguments: str, pid: int = NOBODY) -> Program:
        """Connect a program that the browser started with these arguments."""
        program = await self.connect()
        await program.socket.send_str("\n".join([str(pid), *(arguments or (CHROMIUM,))]))
        return program

    async def connected(self) -> tuple[Program, NativePort]:
        """Connect a program; return both ends."""
        program = await self.program()
        return program, await self.application.accept()

    async def keeps(self, count: int) -> None:
        """Wait until so many connections have come that nobody has taken."""
        await until(lambda: len(self.application.onConnect._inbox) == count)

    async def is_empty(self) -> None:
        """Wait until Python has done with every program."""
        await until(lambda: not self.application._programs)

    async def close(self) -> None:
        self.application._end(BridgeError("The test is over"))
        for program in self._programs:
            await program.socket.close()
        await self._channel.close()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with ClientSession() as client:
        stage = Stage(client)
        await stage.start()
        try:
            yield stage
        finally:
            await stage.close()


# --- connections ----------------------------------------------------------------------------------------------------


async def test_an_application_says_what_it_is(stage: Stage) -> None:
    application = stage.application
    assert (application.name, application.kind, application._label) == ("app", "native", "native application 'app'")
    assert repr(application) == "<NativeApplication 'app'>"


async def test_a_connection_is_a_port_with_the_applications_name(stage: Stage) -> None:
    _, port = await stage.connected()
    assert isinstance(port, NativePort)
    assert (port.name, port.context, port.error, port.closed) == ("app", stage.application, None, False)
    assert repr(port) == "<Port 'app' in native application 'app', open>"


@pytest.mark.parametrize(
    ("arguments", "sender"),
    [
        ([CHROMIUM], {"id": "abcdefghijklmnop", "origin": CHROMIUM.rstrip("/"), "url": CHROMIUM}),
        (
            [CHROMIUM, "--parent-window=0"],
            {"id": "abcdefghijklmnop", "origin": CHROMIUM.rstrip("/"), "url": CHROMIUM},
        ),
        (
            ["--parent-window=0", CHROMIUM],
            {"id": "abcdefghijklmnop", "origin": CHROMIUM.rstrip("/"), "url": CHROMIUM},
        ),
        (["/a folder/é/app.json", "x@example.org"], {"id": "x@example.org"}),
        (
            ["/home/app.json", "{00000000-0000-0000-0000-000000000000}"],
            {"id": "{00000000-0000-0000-0000-000000000000}"},
        ),
    ],
)
async def test_the_sender_is_the_extension_that_the_browser_named(
    stage: Stage, arguments: list[str], sender: dict[str, str]
) -> None:
    await stage.program(*arguments)
    port = await stage.application.accept()
    assert port.sender.to_dict() == sender
    assert (port.sender.id, port.sender.tab, port.sender.frameId) == (sender["id"], None, None)
    assert port.sender.origin == sender.get("origin")


async def test_a_program_without_arguments_has_a_sender_of_nothing(stage: Stage) -> None:
    await (await stage.connect()).socket.send_str(str(NOBODY))
    assert (await stage.application.accept()).sender.to_dict() == {}


async def test_connections_before_there_is_a_listener_are_kept_for_it_in_order(stage: Stage) -> None:
    for number in range(3):
        program = await stage.program("/m.json", f"{number}@x")
        await program.says(number)
    ids: list[str] = []
    await stage.keeps(3)
    await stage.application.onConnect.addListener(lambda port: ids.append(port.sender.id))
    assert ids == []  # not from inside addListener()
    await ticks()
    assert ids == ["0@x", "1@x", "2@x"]
    await stage.program("/m.json", "late@x")
    await until(lambda: ids[-1] == "late@x")


async def test_accept_takes_one_that_was_kept_and_else_waits(stage: Stage) -> None:
    await stage.program("/m.json", "kept@x")
    await stage.keeps(1)
    assert (await stage.application.accept()).sender.id == "kept@x"
    accepting = asyncio.ensure_future(stage.application.accept())
    await ticks()
    assert not accepting.done()
    await stage.program("/m.json", "next@x")
    assert (await accepting).sender.id == "next@x"


async def test_accept_says_what_did_not_come(stage: Stage) -> None:
    with pytest.raises(BridgeTimeoutError) as caught:
        await stage.application.accept(timeout=1)
    assert str(caught.value) == (
        "Timeout 1 ms exceeded. Waited for a connection to native application 'app'; 0 others are kept"
    )
    stage.session.default_timeout_ms = 2
    with pytest.raises(BridgeTimeoutError, match=r"^Timeout 2 ms exceeded"):
        await stage.application.accept()
    stage.session.default_timeout_ms = 20_000
    program, port = await stage.connected()
    await program.says("fine")
    assert await port.receive() == "fine"


async def test_expect_connection_takes_the_one_that_comes_in_the_block(stage: Stage) -> None:
    await stage.program("/m.json", "before@x")
    await stage.keeps(1)
    async with stage.application.expect_connection() as info:
        await stage.program("/m.json", "during@x")
    assert (await info.value).sender.id == "during@x"
    assert (await stage.application.accept()).sender.id == "before@x"


async def test_expect_connection_says_what_did_not_come(stage: Stage) -> None:
    with pytest.raises(BridgeTimeoutError, match="Waited for a connection to native application 'app'; 0 others"):
        async with stage.application.expect_connection(timeout=1):
            pass


async def test_every_listener_gets_every_connection_until_it_is_removed(stage: Stage) -> None:
    first: list[Any] = []
    second: list[Any] = []
    event = stage.application.onConnect
    for listener in (first.append, second.append):
        await event.addListener(listener)
    await stage.program()
    await until(lambda: len(second) == 1)
    await event.removeListener(first.append)
    await stage.program()
    await until(lambda: len(second) == 2)
    await event.removeListener(second.append)
    await stage.program()
    kept = await stage.application.accept()
    assert first == second[:1] and kept not in second


async def test_a_listener_that_raises_is_the_next_accepts_error_and_the_connection_goes_on(stage: Stage) -> None:
    ports: list[NativePort] = []

    def broken(port: NativePort) -> None:
        ports.append(port)
        raise ZeroDivisionError("mine")

    stage.application.onConnect.addListener(broken)
    program = await stage.program()
    await until(lambda: ports)
    with pytest.raises(ZeroDivisionError, match="^mine$"):
        await stage.application.accept(timeout=1)
    await program.says("fine")
    assert await ports[0].receive() == "fine"


async def test_fifty_at_once(stage: Stage) -> None:
    programs = await asyncio.gather(*(stage.program("/m.json", f"{number}@x") for number in range(50)))
    ports = {port.sender.id: port for port in [await stage.application.accept() for _ in programs]}
    assert len(ports) == 50
    await asyncio.gather(*(program.says(number) for number, program in enumerate(programs)))
    for number in range(50):
        message = await ports[f"{number}@x"].receive()
        ports[f"{number}@x"].postMessage([message])
    assert [await program.hears() for program in programs] == [[number] for number in range(50)]


# --- ports ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message", [None, True, 0, -1.5, 2**53, "", "é😀\0\u2028", "\ud800", [], {}, {"a": [{"b": None}, "\n"]}]
)
async def test_messages_both_ways(stage: Stage, message: Any) -> None:
    program, port = await stage.connected()
    await program.says(message)
    assert await port.receive() == message
    await port.postMessage(message)
    assert await program.hears() == message


async def test_great_depth_both_ways(stage: Stage) -> None:
    program, port = await stage.connected()
    nested = b"[" * 50_000 + b"]" * 50_000
    await program.socket.send_bytes(nested)
    port.postMessage(await port.receive())
    assert await program.writes() == pack(nested)


async def test_messages_before_the_first_listener_are_kept_for_it(stage: Stage) -> None:
    program, port = await stage.connected()
    await program.says(1, 2)
    await until(lambda: port._received == 2)
    heard: list[Any] = []
    port.onMessage.addListener(lambda message, port: heard.append((message, port)))
    await program.says(3)
    await until(lambda: len(heard) == 3)
    assert heard == [(1, port), (2, port), (3, port)]


async def test_a_message_is_one_write_of_utf_8(stage: Stage) -> None:
    program, port = await stage.connected()
    port.postMessage({"a": "é"})
    assert await program.writes() == pack('{"a":"é"}'.encode())


async def test_raw_bytes_stand_between_messages_as_they_are(stage: Stage) -> None:
    program, port = await stage.connected()
    port.postMessage(1)
    port.send_raw(b"\xff\0")
    port.send_raw(b"")
    await port.postMessage(2)
    assert [await program.writes() for _ in range(4)] == [pack(b"1"), b"\xff\0", b"", pack(b"2")]


@pytest.mark.parametrize("character", ["x", "é", "😀"])
async def test_a_message_of_exactly_1_mib_passes_and_one_more_byte_does_not(stage: Stage, character: str) -> None:
    program, port = await stage.connected()
    text = "xy" + character * ((MAX_FROM_APPLICATION - 4) // len(character.encode()))
    text += "z" * (MAX_FROM_APPLICATION - 2 - len(text.encode()))
    with pytest.raises(ValueError) as caught:
        port.postMessage(text + "z")
    assert str(caught.value) == (
        "This message has 1048577 bytes; browsers take at most 1048576 (1 MiB) from a native application, and cut the "
        "connection over more. send_raw() sends it all the same."
    )
    await port.postMessage(text)
    data = await program.writes()
    assert len(data) == 4 + MAX_FROM_APPLICATION and json.loads(data[4:]) == text
    too_long = pack(json.dumps(text + "z").encode())
    await port.send_raw(too_long)
    assert await program.writes() == too_long


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"a": [b""]}, "message.a[0]: bytes cannot be sent"),
        (2**53 + 1, "message: int beyond 2**53"),
        ({1: 2}, "message: the key 1 is int"),
        (float("nan"), "message: float nan has no JSON form"),
    ],
)
async def test_what_cannot_be_sent_is_a_type_error_and_nothing_is_sent(stage: Stage, message: Any, text: str) -> None:
    program, port = await stage.connected()
    with pytest.raises(TypeError) as caught:
        port.postMessage(message)
    assert str(caught.value).startswith(text)
    port.postMessage("next")
    assert await program.hears() == "next"


async def test_the_listeners_error_is_the_next_waits(stage: Stage) -> None:
    program, port = await stage.connected()

    def broken(message: Any) -> None:
        raise ZeroDivisionError(message)

    port.onMessage.addListener(broken)
    await program.says("m")
    with pytest.raises(ZeroDivisionError, match="^m$"):
        await port.wait_for_disconnect()
    assert not port.closed


async def test_ports_do_not_mix(stage: Stage) -> None:
    (program, port), (other_program, other) = await stage.connected(), await stage.connected()
    await program.says("a")
    await other_program.says("b")
    assert (await port.receive(), await other.receive()) == ("a", "b")
    port.postMessage("A")
    other.postMessage("B")
    assert (await program.hears(), await other_program.hears()) == ("A", "B")
    port.disconnect()
    await program.is_let_go()
    await other_program.says("goes on")
    assert await other.receive() == "goes on"


# --- the end --------------------------------------------------------------------------------------------------------


async def test_the_other_end_disconnects(stage: Stage) -> None:
    program, port = await stage.connected()
    fired: list[Any] = []
    port.onDisconnect.addListener(fired.append)
    waiting = asyncio.ensure_future(port.wait_for_disconnect())
    await program.says("last")
    program.vanish()
    await waiting
    assert fired == [port] and port.error is None
    assert await port.receive() == "last"
    with pytest.raises(PortDisconnectedError, match=r"^The port 'app' is closed: the other end disconnected$"):
        await port.receive()


async def test_a_farewell_of_the_program_is_an_end_too(stage: Stage) -> None:
    program, port = await stage.connected()
    await program.socket.close()
    await port.wait_for_disconnect()
    assert port.error is None


async def test_disconnect_twice_after_all_that_was_posted(stage: Stage) -> None:
    program, port = await stage.connected()
    fired: list[Any] = []
    port.onDisconnect.addListener(fired.append)
    port.postMessage(1)
    port.send_raw(b"raw")
    port.disconnect()
    port.disconnect()
    assert [await program.writes() for _ in range(2)] == [pack(b"1"), b"raw"]
    await program.is_let_go()
    await program.socket.close()
    assert fired == [] and port.closed
    assert repr(port) == "<Port 'app' in native application 'app', closed (this side called disconnect())>"


@pytest.mark.parametrize("end", [lambda program, port: port.disconnect(), lambda program, port: program.vanish()])
@pytest.mark.parametrize(
    "use", [lambda port: port.postMessage(1), lambda port: port.send_raw(b""), lambda port: port.kill()]
)
async def test_a_closed_port_cannot_be_used(
    stage: Stage, end: Callable[[Program, NativePort], None], use: Callable[[NativePort], Any]
) -> None:
    program, port = await stage.connected()
    end(program, port)
    await port.wait_for_disconnect()
    with pytest.raises(PortDisconnectedError, match=r"^Attempting to use a disconnected port object \('app': "):
        use(port)
    port.disconnect()


async def test_what_crosses_the_disconnect_is_not_delivered(stage: Stage) -> None:
    program, port = await stage.connected()
    heard: list[Any] = []
    port.onMessage.addListener(heard.append)
    port.disconnect()
    await program.says("late")
    program.vanish()
    await stage.is_empty()
    assert heard == []


async def test_posts_that_the_end_overtakes_tell_whoever_awaits_them(stage: Stage) -> None:
    program, port = await stage.connected()
    posting = [port.send_raw(bytes(16 * MAX_FROM_APPLICATION)) for _ in range(4)]
    program.vanish()
    with pytest.raises(ContextError, match=r"^The program of native application 'app' ended$"):
        await posting[-1]
    assert port.closed


async def test_a_disconnect_that_the_end_overtakes_is_no_error(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    program, port = await stage.connected()
    for _ in range(4):
        port.send_raw(bytes(16 * MAX_FROM_APPLICATION))
    port.disconnect()
    program.vanish()
    await stage.is_empty()
    await ticks()
    gc.collect()
    assert caplog.text == ""


async def test_kill_touches_no_process_by_the_number_that_a_program_named(stage: Stage) -> None:
    process = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE)
    program = await stage.program(pid=process.pid)
    port = await stage.application.accept()
    port.kill()
    await port.wait_for_disconnect()
    assert program.socket.exception() or (await program.socket.receive(timeout=LIMIT_S)).type is not WSMsgType.BINARY
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 0.1)
    process.kill()
    await process.wait()


async def test_kill_of_a_process_that_has_just_died_is_no_error(stage: Stage) -> None:
    program, port = await stage.connected()
    port.kill()
    program.vanish()
    await port.wait_for_disconnect()


# --- the end of the launch ------------------------------------------------------------------------------------------


async def test_the_end_ends_every_wait_for_a_connection_with_the_reason(stage: Stage) -> None:
    async def expect() -> None:
        async with stage.application.expect_connection(timeout=0):
            pass

    waits = [asyncio.ensure_future(wait) for wait in (stage.application.accept(timeout=0), expect())]
    await ticks()
    stage.application._end(BridgeError("The browser closed"))
    for wait in [*waits, stage.application.accept()]:
        with pytest.raises(ContextError, match=r"^native application 'app': The browser closed$"):
            await wait


async def test_the_end_ends_every_program_and_wait_on_a_port(stage: Stage) -> None:
    (program, port), (other_program, other) = await stage.connected(), await stage.connected()
    receiving = [asyncio.ensure_future(port.receive(timeout=0)) for port in (port, other)]
    await ticks()
    stage.application._end(BridgeError("The browser closed"))
    stage.application._end(BridgeError("The bridge was closed"))
    await asyncio.gather(program.is_let_go(), other_program.is_let_go())
    for wait in receiving:
        with pytest.raises(PortDisconnectedError):
            await wait
    assert port.closed and other.closed


async def test_the_end_is_the_reason_that_ports_give(stage: Stage) -> None:
    _, port = await stage.connected()
    fired: list[Any] = []
    port.onDisconnect.addListener(fired.append)
    receiving = asyncio.ensure_future(port.receive())
    await ticks()
    stage.application._end(BridgeError("The browser closed"))
    with pytest.raises(PortDisconnectedError, match=r"^The port 'app' is closed: The browser closed$"):
        await receiving
    await stage.is_empty()
    assert fired == []  # as on the ports of a context that is gone


# --- programs that break the rules ----------------------------------------------------------------------------------


async def goes_on(stage: Stage) -> None:
    """Another connection is the next one, and works."""
    program, port = await stage.connected()
    await program.says("fine")
    assert await port.receive() == "fine"
    port.postMessage("fine")
    assert await program.hears() == "fine"


async def test_a_program_with_an_origin_is_refused(stage: Stage) -> None:
    with pytest.raises(WSServerHandshakeError):
        await stage.connect(Origin="https://example.org")
    with pytest.raises(WSServerHandshakeError):
        await stage.connect(Origin="chrome-extension://abcdefghijklmnop")
    await goes_on(stage)


async def test_a_program_that_ends_before_it_introduces_itself(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    (await stage.connect()).vanish()
    await (await stage.connect()).socket.close()
    await goes_on(stage)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("first", ["", "\n", "x", "12x", " ", f"\n{CHROMIUM}", CHROMIUM, "1.5", b"", b"123", b"\xff"])
async def test_a_program_that_does_not_introduce_itself_is_no_connection(stage: Stage, first: str | bytes) -> None:
    program = await stage.connect()
    await (program.socket.send_str(first) if isinstance(first, str) else program.socket.send_bytes(first))
    await program.is_let_go()
    await goes_on(stage)


@pytest.mark.parametrize("pid", ["0", "-1", "-12", "+5", "1_0", "\u0663"])
async def test_a_program_whose_number_means_other_processes_is_no_connection(stage: Stage, pid: str) -> None:
    program = await stage.connect()
    await program.socket.send_str(f"{pid}\n{CHROMIUM}")
    with pytest.raises(BridgeTimeoutError):
        await stage.application.accept(timeout=50)
    await goes_on(stage)


async def test_a_forgotten_application_has_no_ports_listeners_and_connections(stage: Stage) -> None:
    heard: list[Any] = []
    program, port = await stage.connected()
    port.onMessage.addListener(heard.append)
    stage.application.onConnect.addListener(heard.append)
    stage.application._forget()
    await program.is_let_go()
    assert port.closed and heard == []
    await goes_on(stage)


BROKEN = [b"\xff", b"", b"{", b"nonsense", b"1 2", b'"\xe9"', "a text message"]


async def say_broken(stage: Stage, said: bytes | str) -> NativePort:
    program, port = await stage.connected()
    await program.says("before")
    await (program.socket.send_str(said) if isinstance(said, str) else program.socket.send_bytes(said))
    await program.is_let_go()
    with pytest.raises(ChannelError, match=_what(said)):  # once, and where somebody looks
        await port.wait_for_disconnect()
    await port.wait_for_disconnect()
    assert await port.receive() == "before"
    stage.session.deferred.raise_all()  # nothing is left
    return port


def _what(said: bytes | str) -> str:
    if isinstance(said, str):
        return "^A TEXT message from the program: 'a text message'"
    return "^A message that is not JSON"


@pytest.mark.parametrize("said", BROKEN)
async def test_a_program_that_breaks_the_rules_loses_its_port_only(stage: Stage, said: bytes | str) -> None:
    other_program, other = await stage.connected()
    port = await say_broken(stage, said)
    with pytest.raises(PortDisconnectedError):
        await port.receive()
    await other_program.says("fine")
    assert await other.receive() == "fine"
    await goes_on(stage)


@pytest.mark.parametrize("said", BROKEN)
async def test_a_port_says_how_the_program_broke_the_rules(
    stage: Stage, said: bytes | str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    port = await say_broken(stage, said)
    what = _what(said).removeprefix("^")
    assert port.error and port.error.message.startswith(what)
    with pytest.raises(PortDisconnectedError, match=f"^The port 'app' is closed: {what}"):
        await port.receive()
    assert "native application 'app'" in caplog.text and "Traceback" not in caplog.text


# --- the applications of a launch -----------------------------------------------------------------------------------


async def test_an_application_is_installed_the_first_time_that_it_is_asked_for() -> None:
    installed: list[NativeApplication] = []
    applications = NativeApplications(session(), installed.append)
    first, other = applications.get("a"), applications.get("b")
    assert applications.get("a") is first and installed == [first, other]
    assert [application.name for application in installed] == ["a", "b"]


async def test_an_application_that_could_not_be_installed_is_tried_again() -> None:
    attempts: list[str] = []

    def install(application: NativeApplication) -> None:
        attempts.append(application.name)
        if len(attempts) == 1:
            raise ValueError("not now")

    applications = NativeApplications(session(), install)
    with pytest.raises(ValueError, match="not now"):
        applications.get("a")
    assert applications.get("a").name == "a" and attempts == ["a", "a"]


async def test_the_permission_is_needed() -> None:
    installed: list[NativeApplication] = []
    unpermitted = session()
    unpermitted.permissions = frozenset(["tabs"])
    with pytest.raises(ExtensionError, match=r'"nativeMessaging"'):
        NativeApplications(unpermitted, installed.append).get("a")
    assert installed == []


async def test_the_end_of_the_launch_ends_every_application() -> None:
    applications = NativeApplications(session(), lambda application: None)
    waits = [asyncio.ensure_future(applications.get(name).accept()) for name in ("a", "b")]
    await ticks()
    applications.end(BridgeError("The bridge was closed"))
    for wait, name in zip(waits, ("a", "b"), strict=True):
        with pytest.raises(ContextError, match=f"^native application '{name}': The bridge was closed$"):
            await wait
