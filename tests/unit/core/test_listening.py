"""The browser is told what Python listens to, and whether it may answer."""

import asyncio
from typing import Any

import pytest
from unit.core.asking import EXTERNAL, ON_MESSAGE, answers, asks, awaited, declining, silent, told
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.errors import BridgeTimeoutError, ContextError
from bridge.protocol.frames import NotListening, ScriptError
from bridge.waiting.waits import Pending, done

USER_SCRIPT_CONNECT, USER_SCRIPT = "runtime.onUserScriptConnect", "runtime.onUserScriptMessage"


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js")


# --- what the browser is told ---------------------------------------------------------------------------------------


async def test_the_browser_is_told_whether_any_listener_may_answer(stage: Stage) -> None:
    async def coroutine(message: Any) -> None: ...

    def with_sender(message: Any, sender: Any) -> None: ...

    event = stage.context.runtime.onMessage
    for act, listener, expected in [
        (event.addListener, silent, [("listen", ON_MESSAGE, False)]),
        (event.addListener, with_sender, []),
        (event.removeListener, with_sender, []),
        (event.addListener, print, []),  # it has no parameter without a default
        (event.addListener, declining, [("listen", ON_MESSAGE, True)]),
        (event.addListener, coroutine, []),
        (event.removeListener, declining, []),
        (event.removeListener, coroutine, [("listen", ON_MESSAGE, False)]),
        (event.removeListener, silent, []),
        (event.removeListener, print, [("unlisten", ON_MESSAGE, False)]),
        (event.addListener, coroutine, [("listen", ON_MESSAGE, True)]),
        (event.removeListener, coroutine, [("unlisten", ON_MESSAGE, False)]),
    ]:
        await act(listener)
        assert told(stage.agent) == expected, (act, listener)


async def test_while_somebody_waits_python_may_answer(stage: Stage) -> None:
    event = stage.context.runtime.onMessage
    async with stage.context.expect_message():
        assert told(stage.agent) == [("listen", ON_MESSAGE, True)]
        asks(stage.agent)
    assert told(stage.agent) == [("unlisten", ON_MESSAGE, False)]
    await event.addListener(silent)
    told(stage.agent)
    waits = [asyncio.ensure_future(stage.context.accept_message(lambda m: m == "never")) for _ in range(2)]
    await ticks()
    assert told(stage.agent) == [("listen", ON_MESSAGE, True)]
    waits[0].cancel()
    await ticks()
    assert told(stage.agent) == []
    waits[1].cancel()
    await ticks()
    assert told(stage.agent) == [("listen", ON_MESSAGE, False)]


async def test_accept_external_is_the_rule_in_the_external_context_only() -> None:
    for kind, external, event in [
        ("external", None, EXTERNAL),
        ("external", False, ON_MESSAGE),
        ("background", None, ON_MESSAGE),
        ("background", True, EXTERNAL),
    ]:
        stage = stand(kind)
        with pytest.raises(BridgeTimeoutError):
            await stage.context.accept_message(external=external, timeout=1)
        assert told(stage.agent) == [("listen", event, True), ("unlisten", event, False)]
        with pytest.raises(BridgeTimeoutError):
            async with stage.context.expect_message(external=external, timeout=1):
                pass
        assert told(stage.agent) == [("listen", event, True), ("unlisten", event, False)]


# --- a background that stops, starts again, or is played ------------------------------------------------------------


def listening(stage: Stage) -> list[tuple[set[str], set[str]]]:
    """Collect what the session is told of the events that Python listens to, and may answer."""
    said: list[tuple[set[str], set[str]]] = []

    def on_listening(events: frozenset[str], answers: frozenset[str]) -> Pending[None]:
        said.append((set(events), set(answers)))
        return done()

    stage.context._session.on_listening = on_listening
    return said


def _welcome(agent: Agent) -> tuple[list[str], list[str]]:
    (sent,) = agent.heard()
    return sent.frame["events"], sent.frame.get("answers", [])


def _restart(stage: Stage) -> Agent:
    again = Agent(stage.contexts, 2)
    again.hello("background", "worker.js")
    return again


@pytest.mark.parametrize("when", ["running", "stopped"])
async def test_what_python_listens_to_is_known_before_the_background_starts(stage: Stage, when: str) -> None:
    said = listening(stage)
    if when == "stopped":
        stage.agent.link.close()
    runtime = stage.context.runtime
    for act, listener, expected in [
        (runtime.onMessage.addListener, silent, ({ON_MESSAGE}, set())),
        (runtime.onMessageExternal.addListener, declining, ({ON_MESSAGE, EXTERNAL}, {EXTERNAL})),
        (runtime.onMessage.addListener, declining, ({ON_MESSAGE, EXTERNAL}, {ON_MESSAGE, EXTERNAL})),
        (runtime.onMessage.removeListener, declining, ({ON_MESSAGE, EXTERNAL}, {EXTERNAL})),
        (runtime.onMessageExternal.removeListener, declining, ({ON_MESSAGE}, set())),
        (runtime.onMessage.removeListener, silent, (set(), set())),
    ]:
        await act(listener)
        assert said.pop() == expected and not said, (act, listener)
    await runtime.onMessage.addListener(declining)
    stage.agent.link.close()
    assert _welcome(_restart(stage)) == ([ON_MESSAGE], [ON_MESSAGE])


async def test_of_other_contexts_nothing_has_to_be_known_before() -> None:
    stage = stand("page", "u")
    said = listening(stage)
    await stage.context.runtime.onMessage.addListener(declining)
    assert said == []


async def test_after_the_end_of_the_browser_nothing_more_has_to_be_known(stage: Stage) -> None:
    await stage.context.runtime.onMessage.addListener(declining)
    said = listening(stage)
    stage.contexts.end(ContextError("The bridge was closed"))
    await stage.context.runtime.onMessage.removeListener(declining)
    assert said == []


async def test_adding_a_listener_to_a_stopped_background_waits_until_that_is_known(stage: Stage) -> None:
    known: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stage.context._session.on_listening = lambda events, answers: Pending(known)
    stage.agent.link.close()
    adding = asyncio.ensure_future(awaited(stage.context.runtime.onMessage.addListener(silent)))
    await ticks()
    assert not adding.done()
    known.set_result(None)
    await adding


async def test_a_question_that_a_stop_left_open_does_not_hinder_the_next_listener() -> None:
    stage = stand("background", "worker.js", answering=False)
    event = stage.context.runtime.onMessage
    event.addListener(silent)
    stage.agent.link.close()
    await event.addListener(print)
    again = _restart(stage)
    assert _welcome(again) == ([ON_MESSAGE], [])
    await event.addListener(ascii)


async def test_a_played_background_listens_and_may_answer_from_its_start_on() -> None:
    stage = stand("background", replace=("background",))
    agent = _restart(stage)
    connects = ["runtime.onConnect", "runtime.onConnectExternal"]
    assert _welcome(agent) == (
        [*connects, ON_MESSAGE, EXTERNAL, USER_SCRIPT_CONNECT, USER_SCRIPT],
        [ON_MESSAGE, EXTERNAL, USER_SCRIPT],
    )
    asks(agent, "early")
    request = await stage.context.accept_message()
    await request.respond("answer")
    assert answers(agent) == [("respond", 1, "answer")]


async def test_a_played_background_never_stops_listening() -> None:
    stage = stand("background", replace=("background",))
    event = stage.context.runtime.onMessage
    async with stage.context.expect_message():
        asks(stage.agent)
    await event.addListener(silent)
    assert told(stage.agent)[-1] == ("listen", ON_MESSAGE, False)  # so that a message to nobody but it ends
    await event.removeListener(silent)
    assert told(stage.agent) == [("listen", ON_MESSAGE, True)]


async def test_a_played_background_may_answer_again_when_its_silent_listener_went_while_it_was_stopped() -> None:
    stage = stand("background", replace=("background",))
    event = stage.context.runtime.onMessage
    await event.addListener(silent)
    stage.agent.link.close()
    said = listening(stage)
    await event.removeListener(silent)
    assert [answers for _, answers in said] == [{ON_MESSAGE, EXTERNAL, USER_SCRIPT}]
    assert _welcome(_restart(stage))[1] == [ON_MESSAGE, EXTERNAL, USER_SCRIPT]


async def test_an_event_that_a_played_background_lacks_is_asked_for_again() -> None:
    stage = stand("background", replace=("background",))
    stage.agent.says(NotListening(USER_SCRIPT, ScriptError("no such event")))
    stage.context._session.deferred.raise_for(stage.context)  # nobody asked for it
    await stage.context._listening.renew()
    assert ("listen", USER_SCRIPT, True) in told(stage.agent)
    stage.agent.link.close()
    assert USER_SCRIPT in _welcome(_restart(stage))[0]


async def test_a_background_that_stops_as_python_begins_to_listen_is_told_when_it_starts() -> None:
    stage = stand("background", answering=False)
    waiting = asyncio.ensure_future(stage.context.accept_message())
    await ticks()
    stage.agent.link.close()
    await ticks()
    assert not waiting.done()
    stage.contexts.end(ContextError("The browser closed"))
    with pytest.raises(ContextError, match="The browser closed"):
        await waiting
