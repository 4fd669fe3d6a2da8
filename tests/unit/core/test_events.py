"""Connections to a context: listeners, accept and expect_connection, and what the browser is told meanwhile."""

import asyncio
import re
from collections.abc import Awaitable
from typing import Any

import pytest
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.core.context import Context
from bridge.core.port import Port
from bridge.errors import BridgeTimeoutError, RemoteError
from bridge.protocol import frames
from bridge.protocol.frames import ScriptError
from bridge.traffic.matching import Target

ON_CONNECT = "runtime.onConnect"


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js")


def told(agent: Agent) -> list[tuple[str, str]]:
    return [(sent.frame["type"], sent.frame["event"]) for sent in agent.heard()]


# --- listeners ------------------------------------------------------------------------------------------------------


async def test_the_browser_gets_one_listener_however_many_python_has(stage: Stage) -> None:
    event = stage.context.runtime.onConnect
    for listener in (print, ascii, print):
        await event.addListener(listener)
    assert told(stage.agent) == [("listen", ON_CONNECT)]
    await event.removeListener(print)
    await event.removeListener(print)
    assert told(stage.agent) == []
    await event.removeListener(ascii)
    await event.removeListener(ascii)
    assert told(stage.agent) == [("unlisten", ON_CONNECT)]
    await event.addListener(print)
    assert told(stage.agent) == [("listen", ON_CONNECT)]


async def test_adding_a_listener_may_be_awaited_until_the_browser_has_it() -> None:
    stage = stand("background", answering=False)
    adding = stage.context.runtime.onConnect.addListener(print)
    waiting = asyncio.ensure_future(_await(adding))
    await ticks()
    assert not waiting.done()
    stage.agent.says(frames.Result(1))
    await waiting


async def test_an_event_that_the_browser_lacks_is_told_to_whoever_awaits() -> None:
    stage = stand("background", answering=False)
    adding = stage.context.action.onClicked.addListener(print)
    stage.agent.says(frames.Result(1, ScriptError("action.onClicked does not exist in this context")))
    with pytest.raises(RemoteError, match=r"^action.onClicked does not exist in this context$"):
        await adding


@pytest.mark.parametrize("event", [ON_CONNECT, "runtime.onConnectExternal"])
async def test_each_event_has_its_own_connections(stage: Stage, event: str) -> None:
    got: list[tuple[str, str]] = []
    runtime = stage.context.runtime
    runtime.onConnect.addListener(lambda port: got.append((ON_CONNECT, port.name)))
    runtime.onConnectExternal.addListener(lambda port: got.append(("runtime.onConnectExternal", port.name)))
    stage.agent.accepts(1, "n", event)
    assert got == [(event, "n")]


async def test_messages_between_the_connection_and_the_first_listener_are_kept(stage: Stage) -> None:
    ports: list[Port] = []
    stage.context.runtime.onConnect.addListener(ports.append)
    stage.agent.accepts(1)
    stage.agent.says(frames.Message(1), "early")
    seen: list[Any] = []
    ports[0].onMessage.addListener(seen.append)
    await ticks()
    assert seen == ["early"]


async def test_connections_under_way_when_the_listener_goes_are_kept(stage: Stage) -> None:
    event = stage.context.runtime.onConnect
    await event.addListener(print)
    await event.removeListener(print)
    stage.agent.accepts(1, "late")
    ports: list[Port] = []
    event.addListener(ports.append)
    await ticks()
    assert [port.name for port in ports] == ["late"]


async def test_a_listener_that_raises_is_the_next_waits_error(stage: Stage) -> None:
    def broken(port: Port) -> None:
        raise ZeroDivisionError(port.name)

    stage.context.runtime.onConnect.addListener(broken)
    stage.agent.accepts(1, "n")
    with pytest.raises(ZeroDivisionError, match="n"):
        await stage.context.accept()


async def test_a_click_brings_the_tab(stage: Stage) -> None:
    clicks: list[tuple[Any, ...]] = []
    stage.context.action.onClicked.addListener(lambda *got: clicks.append(got))
    stage.context.action.onClicked.addListener(lambda tab, info: clicks.append((tab.id, info.button)))
    assert told(stage.agent) == [("listen", "action.onClicked")]
    stage.agent.says(frames.Fired("action.onClicked"), [{"id": 3}, {"button": 1}])
    ((tab, info), both) = clicks
    assert (tab.id, tab.url, info.button, both) == (3, None, 1, (3, 1))


# --- accept ---------------------------------------------------------------------------------------------------------


async def test_accept_has_the_browser_listen_first(stage: Stage) -> None:
    accepting = asyncio.ensure_future(stage.context.accept())
    await ticks()
    assert told(stage.agent) == [("listen", ON_CONNECT)]
    stage.agent.accepts(1, "n")
    assert (await accepting).name == "n"
    assert told(stage.agent) == [("unlisten", ON_CONNECT)]


async def test_what_comes_while_accept_waits_for_another_is_kept_and_needs_no_listener(stage: Stage) -> None:
    accepting = asyncio.ensure_future(stage.context.accept("b"))
    await ticks()
    stage.agent.accepts(1, "a")
    stage.agent.accepts(3, "b")
    await accepting
    told(stage.agent)
    assert (await stage.context.accept()).name == "a"
    assert told(stage.agent) == []


@pytest.mark.parametrize("first", [0, 1, 2])
async def test_the_browser_listens_until_the_last_who_waits_or_listens_is_gone(stage: Stage, first: int) -> None:
    event = stage.context.runtime.onConnect
    await event.addListener(print)
    waits = [asyncio.ensure_future(stage.context.accept(name)) for name in ("a", "b")]
    await ticks()
    assert told(stage.agent) == [("listen", ON_CONNECT)]
    ends = [waits[0].cancel, waits[1].cancel, lambda: event.removeListener(print)]
    for end in ends[first:] + ends[:first]:
        assert told(stage.agent) == []
        end()
        await ticks()
    assert told(stage.agent) == [("unlisten", ON_CONNECT)]


async def test_a_block_that_raises_ends_the_listening(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError):
        async with stage.context.expect_connection():
            told(stage.agent)
            raise ZeroDivisionError
    assert told(stage.agent) == [("unlisten", ON_CONNECT)]


async def test_python_that_plays_a_context_alone_listens_on() -> None:
    stage = stand("background", replace=("background",))
    stage.agent.accepts(1, "a")
    assert (await stage.context.accept()).name == "a"
    async with stage.context.expect_connection():
        stage.agent.accepts(3, "b")
    assert "unlisten" not in dict(told(stage.agent))


async def test_accept_by_name_leaves_the_others(stage: Stage) -> None:
    accepting = asyncio.ensure_future(stage.context.accept("b"))
    await ticks()
    for number, name in ((1, "a"), (3, "b"), (5, "b")):
        stage.agent.accepts(number, name)
    assert (await accepting).name == "b"
    assert [(await stage.context.accept(name)).name for name in ("b", None)] == ["b", "a"]


async def test_accept_external_is_the_rule_in_the_external_context_only() -> None:
    for kind, external, event in [
        ("external", None, "runtime.onConnectExternal"),
        ("external", False, ON_CONNECT),
        ("background", None, ON_CONNECT),
        ("background", True, "runtime.onConnectExternal"),
    ]:
        stage = stand(kind)
        with pytest.raises(BridgeTimeoutError):
            await stage.context.accept(external=external, timeout=1)
        assert told(stage.agent) == [("listen", event), ("unlisten", event)]


async def test_a_timeout_says_who_was_waited_for(stage: Stage) -> None:
    with pytest.raises(BridgeTimeoutError) as caught:
        await stage.context.accept(timeout=1)
    assert str(caught.value) == (
        "Timeout 1 ms exceeded. Waited for a connection to background worker.js; 0 others are kept. "
        "Python listened there only during this call: use expect_connection() around what causes it"
    )
    stage.agent.accepts(1, "a")
    with pytest.raises(BridgeTimeoutError, match=r"Waited for a connection named 'b' to .*; 1 others are kept$"):
        await stage.context.accept("b", timeout=1)


async def timed_out(waiting: Awaitable[Any]) -> str:
    """What the error of a wait says after the number of others."""
    with pytest.raises(BridgeTimeoutError) as caught:
        await waiting
    return str(caught.value).partition("others are kept")[2]


async def _expected(stage: Stage, name: str | None = None) -> None:
    async with stage.context.expect_connection(name, timeout=1):
        pass


EARLY = r"^\. One was opened 0\.[0-9] s before Python listened there: use expect_connection\(\) around what does it$"


def _content(stage: Stage) -> Context:
    tab = {"id": "me", "tab": {"id": 3}, "frameId": 0}
    Agent(stage.contexts, 2, tab).hello("content", "http://a/")
    return stage.contexts.alive[-1]


async def test_a_timeout_says_that_a_connection_came_before_python_listened(stage: Stage) -> None:
    _content(stage).runtime.connect(name="n")
    for waiting in (stage.context.accept(timeout=1), stage.context.accept("n", timeout=1)):
        assert re.match(EARLY, await timed_out(waiting))
        _content(stage).runtime.connect(name="n")
    assert re.match(EARLY, await timed_out(_expected(stage, "n")))
    assert await timed_out(_expected(stage, "n")) == ""  # since that other wait, nothing came
    await stage.context.runtime.onConnect.addListener(print)
    _content(stage).runtime.connect(name="n")
    assert await timed_out(stage.context.accept(timeout=1)) == ""  # the listener has been there


async def test_it_says_so_of_a_scripts_connection_too_if_that_is_recorded(stage: Stage) -> None:
    recorder = stage.context._session.recorder
    recorder.ports.opened(_content(stage)._place, "script", "runtime.connect", "n", Target())
    assert re.match(EARLY, await timed_out(stage.context.accept("n", timeout=1)))


@pytest.mark.parametrize("open_another", [lambda c: c.runtime.connect(name="other"), lambda c: c.runtime.connect("id")])
async def test_it_says_nothing_of_a_connection_that_it_did_not_wait_for(stage: Stage, open_another: Any) -> None:
    open_another(_content(stage))
    assert "during this call" in await timed_out(stage.context.accept("n", timeout=1))


async def test_python_that_plays_a_context_alone_has_missed_nothing() -> None:
    stage = stand("background", replace=("background",))
    _content(stage).runtime.connect(name="n")
    assert await timed_out(stage.context.accept(timeout=1)) == ""
    assert await timed_out(stage.context.accept(timeout=1)) == ""


async def test_a_timeout_includes_the_time_that_the_browser_takes_to_listen() -> None:
    stage = stand("background", answering=False)
    with pytest.raises(BridgeTimeoutError):
        await asyncio.wait_for(stage.context.accept(timeout=1), 10)


async def test_expect_connection_takes_the_named_one_that_comes_in_the_block(stage: Stage) -> None:
    async with stage.context.expect_connection("b") as info:
        assert told(stage.agent) == [("listen", ON_CONNECT)]
        stage.agent.accepts(1, "a")
        stage.agent.accepts(3, "b")
    assert (await info.value).name == "b"
    assert (await stage.context.accept()).name == "a"


async def test_an_expectation_that_cannot_begin_takes_no_connection() -> None:
    stage = stand("background", answering=False)
    entering = asyncio.ensure_future(stage.context.expect_connection().__aenter__())
    await ticks()
    stage.agent.says(frames.Result(1, ScriptError("no such event")))
    with pytest.raises(RemoteError, match="no such event"):
        await entering
    stage.agent.answering = True
    accepting = asyncio.ensure_future(stage.context.accept(timeout=50))
    await ticks()
    assert told(stage.agent) == [(what, ON_CONNECT) for what in ("listen", "unlisten", "listen")]  # asked anew
    stage.agent.accepts(1, "n")
    assert (await accepting).name == "n"


# --- forgetting -----------------------------------------------------------------------------------------------------


async def test_a_cleared_event_keeps_nothing_and_the_browser_stops_listening(stage: Stage) -> None:
    event = stage.context.runtime.onConnect
    async with stage.context.expect_connection("b"):
        stage.agent.accepts(1, "kept")
        stage.agent.accepts(3, "b")
    event.addListener(print)  # which gets what was kept at the loop's next turn
    stage.agent.heard()
    event._clear()
    assert told(stage.agent) == [("unlisten", ON_CONNECT)]
    with pytest.raises(BridgeTimeoutError, match="0 others are kept"):
        await stage.context.accept(timeout=1)


@pytest.mark.parametrize("played", [False, True])
async def test_a_forgotten_context_listens_to_what_it_did_at_the_launch(played: bool) -> None:
    stage = stand("background", replace=("background",) if played else ())
    heard: list[Any] = []
    stage.context.runtime.onConnect.addListener(heard.append)
    stage.context.action.onClicked.addListener(heard.append)
    stage.agent.heard()
    stage.contexts.forget()
    unlistened = {event for type, event in told(stage.agent) if type == "unlisten"}
    assert unlistened == ({"action.onClicked"} if played else {"action.onClicked", ON_CONNECT})
    stage.agent.accepts(1, "later")
    assert heard == []


async def test_a_forgotten_context_disconnects_its_ports(stage: Stage) -> None:
    heard: list[Any] = []
    port = stage.context.runtime.connect({"name": "n"})
    port.onMessage.addListener(heard.append)
    port.onDisconnect.addListener(heard.append)
    stage.agent.heard()
    stage.contexts.forget()
    assert port.closed and stage.agent.heard_types() == ["disconnect"]
    stage.agent.says(frames.Message(2), "late")
    stage.agent.says(frames.Disconnected(2))
    assert heard == []


async def test_the_background_that_is_stopped_is_forgotten_too(stage: Stage) -> None:
    heard: list[Any] = []
    stage.context.runtime.onConnect.addListener(heard.append)
    stage.agent.link.close()
    stage.contexts.forget()
    again = Agent(stage.contexts, 2)
    again.hello("background")
    assert [sent.frame["events"] for sent in again.heard()] == [[]]
    assert not stage.context.runtime.onConnect


async def _await(pending: Any) -> None:
    await pending
