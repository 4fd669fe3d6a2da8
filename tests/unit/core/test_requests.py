"""One-time messages that Python waits for and answers, and what ends them."""

import asyncio
from typing import Any

import pytest
from unit.core.asking import answers, asks, awaited, declining, deferred, silent
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.core.request import Request
from bridge.errors import BridgeTimeoutError, ContextError, RemoteError
from bridge.protocol import frames
from bridge.protocol.frames import ScriptError


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js")


# --- waiting --------------------------------------------------------------------------------------------------------


async def test_a_request_that_was_waited_for_stays_open_until_it_is_answered(stage: Stage) -> None:
    accepting = asyncio.ensure_future(stage.context.accept_message())
    await ticks()
    asks(stage.agent, {"a": 1}, 7, url="u")
    request = await accepting
    assert (request.message, request.sender.url, request.context) == ({"a": 1}, "u", stage.context)
    assert request.answered is None
    assert repr(request) == "<Request {'a': 1} to background worker.js, open for 0.0 s>"
    assert answers(stage.agent) == []
    await request.respond("answer")
    request.respond("again")
    await request.reject("again")
    assert request.answered == "responded"
    assert answers(stage.agent) == [("respond", 7, "answer")]


async def test_a_request_that_was_waited_for_may_be_rejected(stage: Stage) -> None:
    async with stage.context.expect_message() as info:
        asks(stage.agent, request=7)
    request = await info.value
    await request.reject("no")
    request.respond("again")
    assert request.answered == "rejected" and answers(stage.agent) == [("reject", 7, "no")]


async def test_what_cannot_be_sent_leaves_the_request_open(stage: Stage) -> None:
    async with stage.context.expect_message() as info:
        asks(stage.agent)
    request = await info.value
    with pytest.raises(TypeError, match="object"):
        request.respond(object())
    assert request.answered is None
    await request.respond()
    assert [(sent.frame["type"], sent.payload) for sent in stage.agent.heard()][-1:] == [("respond", None)]


async def test_a_predicate_takes_the_message_and_perhaps_the_sender(stage: Stage) -> None:
    by_message = asyncio.ensure_future(stage.context.accept_message(lambda message: message == "b"))
    by_sender = asyncio.ensure_future(stage.context.accept_message(lambda message, sender: sender.url == message))
    await ticks()
    asks(stage.agent, "a", 1, url="u")
    asks(stage.agent, "b", 2, url="u")
    asks(stage.agent, "u", 3, url="u")
    assert [(await wait).message for wait in (by_message, by_sender)] == ["b", "u"]
    assert (await stage.context.accept_message()).message == "a"


async def test_what_nobody_took_is_kept_open(stage: Stage) -> None:
    accepting = asyncio.ensure_future(stage.context.accept_message(lambda message: message == "b"))
    await ticks()
    asks(stage.agent, "a", 1)
    asks(stage.agent, "b", 2)
    await accepting
    stage.agent.heard()
    kept = await stage.context.accept_message()
    assert (kept.message, kept.answered) == ("a", None)
    await kept.respond("answer")
    assert [sent.frame["type"] for sent in stage.agent.heard()] == ["respond"]  # and nobody had to listen


@pytest.mark.parametrize("may_answer", [False, True])
async def test_a_listener_gets_what_was_kept_and_decides_on_it(stage: Stage, may_answer: bool) -> None:
    async def answer(message: Any) -> Any:
        return [message]

    async with stage.context.expect_message(lambda message: message == "b"):
        asks(stage.agent, "a", 1)
        asks(stage.agent, "b", 2)
    stage.agent.heard()
    stage.context.runtime.onMessage.addListener(answer if may_answer else silent)
    await ticks()
    assert answers(stage.agent) == [("respond", 1, ["a"]) if may_answer else ("letGo", 1)]


async def test_a_request_that_a_failed_block_gave_back_is_decided_on_by_the_next_listener(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError):
        async with stage.context.expect_message():
            asks(stage.agent)
            raise ZeroDivisionError
    stage.agent.heard()
    stage.context.runtime.onMessage.addListener(silent)
    await ticks()
    assert answers(stage.agent) == [("letGo", 1)]


async def test_a_silent_listener_beside_a_wait(stage: Stage) -> None:
    heard: list[Any] = []
    stage.context.runtime.onMessage.addListener(heard.append)
    accepting = asyncio.ensure_future(stage.context.accept_message(lambda message: message == "b"))
    await ticks()
    stage.agent.heard()
    asks(stage.agent, "a", 1)
    assert answers(stage.agent) == [("letGo", 1)]
    asks(stage.agent, "b", 2)
    request = await accepting
    assert answers(stage.agent) == []
    await request.respond("answer")
    assert answers(stage.agent) == [("respond", 2, "answer")]
    assert heard == ["a", "b"]


async def test_a_timeout_says_where_a_message_was_waited_for(stage: Stage) -> None:
    with pytest.raises(BridgeTimeoutError) as caught:
        await stage.context.accept_message(timeout=1)
    assert str(caught.value) == (
        "Timeout 1 ms exceeded. Waited for a message to background worker.js; 0 others are kept. "
        "Python listened there only during this call: use expect_message() around what causes it"
    )
    page = Agent(stage.contexts, 2, {"id": "me"})
    page.hello("page", "p.html")
    await stage.contexts.alive[-1].runtime.sendMessage("m")
    early = r"kept. One was sent 0.[0-9] s before Python listened there: use expect_message\(\) around what does it$"
    with pytest.raises(BridgeTimeoutError, match=early):
        await stage.context.accept_message(timeout=1)
    with pytest.raises(BridgeTimeoutError, match="0 others are kept$"):
        async with stage.context.expect_message(timeout=1):
            pass
    stage.agent.link.close()
    with pytest.raises(BridgeTimeoutError, match=r"0 others are kept. It does not run: The background stopped$"):
        await stage.context.accept_message(timeout=1)


async def test_a_listeners_error_is_raised_by_the_next_wait(stage: Stage) -> None:
    def broken(message: Any) -> None:
        raise ZeroDivisionError(message)

    stage.context.runtime.onMessage.addListener(broken)
    asks(stage.agent)
    with pytest.raises(ZeroDivisionError, match="m"):
        await stage.context.accept_message()


# --- the browser refuses an answer ----------------------------------------------------------------------------------


async def _open_request() -> tuple[Stage, Request]:
    stage = stand("background", "worker.js")
    async with stage.context.expect_message() as info:
        asks(stage.agent)
    await ticks()
    stage.agent.heard()
    stage.agent.answering = False
    return stage, await info.value


def _refuse(agent: Agent) -> None:
    (answer,) = agent.heard()
    agent.says(frames.Result(answer.frame["id"], ScriptError("Could not serialize message", "DataError")))


async def test_whoever_awaits_an_answer_that_the_browser_refuses_gets_its_words() -> None:
    stage, request = await _open_request()
    answering = request.respond(1)
    waiting = asyncio.ensure_future(awaited(answering))
    await ticks()
    _refuse(stage.agent)
    with pytest.raises(RemoteError, match=r"^Could not serialize message$"):
        await waiting
    assert deferred(stage) == []


async def test_an_answer_that_the_browser_refuses_and_nobody_awaits_fails_the_test() -> None:
    stage, request = await _open_request()
    request.respond(1)
    _refuse(stage.agent)
    await ticks()
    (error,) = deferred(stage)
    assert str(error) == (
        "The browser refused Python's answer to <Request 'm' to background worker.js, responded>: "
        "Could not serialize message"
    )
    assert isinstance(error, RemoteError) and error.name == "DataError"


async def test_an_answer_that_the_browser_does_not_take_in_time() -> None:
    stage, request = await _open_request()
    stage.context._session.default_timeout_ms = 1
    with pytest.raises(
        BridgeTimeoutError, match=r"^Timeout 1 ms exceeded. The browser did not take the answer to <Req"
    ):
        await request.respond(1)


# --- ends -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["background", "page"])
async def test_requests_end_with_the_context(kind: str) -> None:
    stage = stand(kind, "u")
    async with stage.context.expect_message() as info:
        asks(stage.agent)
    request = await info.value
    stage.agent.link.close(ContextError("the reason"))
    assert request.answered == "the reason"
    assert repr(request) == f"<Request 'm' to {kind} u, the reason>"
    await request.respond("late")
    request.reject("late")


async def test_what_was_answered_stays_so_when_the_context_ends(stage: Stage) -> None:
    async with stage.context.expect_message() as info:
        asks(stage.agent)
    request = await info.value
    await request.respond("answer")
    stage.agent.link.close()
    assert request.answered == "responded"


async def test_a_coroutine_that_ends_after_its_context_answers_nobody(stage: Stage) -> None:
    ready = asyncio.Event()

    async def answer(message: Any) -> Any:
        await ready.wait()
        return 1

    stage.context.runtime.onMessage.addListener(answer)
    asks(stage.agent)
    stage.agent.link.close()
    ready.set()
    await ticks()
    assert deferred(stage) == []


async def test_the_end_of_the_page_ends_the_wait_for_messages_whoever_listens() -> None:
    stage = stand("page", "u")
    stage.context.runtime.onMessage.addListener(silent)
    accepting = asyncio.ensure_future(stage.context.accept_message())
    await ticks()
    stage.agent.link.close()
    with pytest.raises(ContextError, match=r"^page u: The context is gone: "):
        await accepting


async def test_a_listener_may_be_removed_from_a_page_that_is_gone() -> None:
    stage = stand("page", "u")
    event = stage.context.runtime.onMessage
    event.addListener(silent)
    event.addListener(declining)
    stage.agent.link.close()
    await event.removeListener(declining)
    await event.removeListener(silent)
    assert not event


async def test_nothing_can_be_heard_in_a_page_that_is_gone_however_often_it_is_tried() -> None:
    stage = stand("page", "u")
    stage.agent.link.close()
    for _ in range(2):
        with pytest.raises(ContextError, match=r"^Python cannot act in page u: The context is gone"):
            await stage.context.runtime.onMessage.addListener(silent)
    for _ in range(2):
        with pytest.raises(ContextError, match=r"^Python cannot act in page u: The context is gone"):
            await stage.context.accept_message()
    assert not stage.context.runtime.onMessage


async def test_a_reset_lets_go_of_the_requests_that_are_open(stage: Stage) -> None:
    async with stage.context.expect_message(lambda message: message == "b") as info:
        asks(stage.agent, "a", 1)
        asks(stage.agent, "b", 2)
    taken = await info.value
    later: list[Any] = []
    stage.agent.heard()
    stage.contexts.forget()
    assert answers(stage.agent) == [("letGo", 1), ("letGo", 2)]
    assert taken.answered == "Python gave no answer"
    await taken.respond("late")
    stage.context.runtime.onMessage.addListener(later.append)
    await ticks()
    assert later == [] and answers(stage.agent) == []
