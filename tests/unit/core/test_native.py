"""The native applications of a launch, and the connections that they accept."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from unit.core.fakes import session, ticks
from unit.core.native_programs import CHROMIUM, NOBODY, Stage, running, until

from bridge.core.native import NativeApplication, NativeApplications
from bridge.core.native_port import NativePort
from bridge.errors import BridgeError, BridgeTimeoutError, ContextError, ExtensionError


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running() as stage:
        yield stage


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
