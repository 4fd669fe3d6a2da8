"""One-time messages: Python asks, hears and answers, and the browser is told whether Python may answer."""

import asyncio
import functools
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest
from unit.core.fakes import Agent, Sent, Stage, stand, ticks

from bridge.core.request import Request
from bridge.errors import BridgeTimeoutError, ContextError, RemoteError
from bridge.protocol import frames
from bridge.protocol.frames import ScriptError
from bridge.waiting.waits import Pending, done

ON_MESSAGE = "runtime.onMessage"
EXTERNAL = "runtime.onMessageExternal"


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js")


def told(agent: Agent) -> list[tuple[str, str, bool]]:
    """What the browser was told of listeners, and whether Python may answer."""
    return [
        (sent.frame["type"], sent.frame["event"], sent.frame.get("answers", False))
        for sent in agent.heard()
        if sent.frame["type"] in ("listen", "unlisten")
    ]


def asks(agent: Agent, message: Any = "m", request: int = 1, event: str = ON_MESSAGE, **sender: Any) -> None:
    """A script asks, and waits."""
    agent.says(frames.Asked(request, event, sender, open=True), message)


def answers(agent: Agent) -> list[tuple[Any, ...]]:
    """What Python answered since the last look, without what it said of listeners."""
    return [_answer(sent) for sent in agent.heard() if sent.frame["type"] not in ("listen", "unlisten")]


def _answer(sent: Sent) -> tuple[Any, ...]:
    kind, request = sent.frame["type"], sent.frame["request"]
    return {
        "respond": (kind, request, sent.payload),
        "reject": (kind, request, sent.frame.get("message")),
        "letGo": (kind, request),
    }[kind]


def silent(message: Any) -> None:
    pass


def declining(message: Any, sender: Any, sendResponse: Any) -> None:
    pass


def deferred(stage: Stage) -> list[BaseException]:
    """Take what the next waits would raise."""
    kept = []
    while stage.context._session.deferred:
        with pytest.raises(BaseException) as caught:
            stage.context._session.deferred.raise_for(stage.context)
        kept.append(caught.value)
    return kept


# --- asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (({"a": 1},), [{"a": 1}]),
        (("text",), ["text"]),
        ((None,), [None]),
        ((None, "text"), ["text"]),
        (("other@x", "text"), ["other@x", "text", {}]),
        (("other@x", None), ["other@x", None, {}]),
        (({"includeTlsChannelId": True},), [{"includeTlsChannelId": True}]),
        (("other@x", {"includeTlsChannelId": True}), ["other@x", {"includeTlsChannelId": True}, {}]),
        ((None, 1, {"includeTlsChannelId": True}), [None, 1, {"includeTlsChannelId": True}]),
        (("other@x", 1, {}), ["other@x", 1, {}]),
    ],
)
async def test_the_browser_gets_the_arguments_that_it_reads_the_same_way(
    stage: Stage, given: tuple[Any, ...], sent: list[Any]
) -> None:
    assert await stage.context.runtime.sendMessage(*given) is None
    (call,) = stage.agent.heard()
    assert (call.frame["type"], call.frame["function"], call.payload) == ("call", "runtime.sendMessage", sent)


async def test_a_message_may_be_given_by_name(stage: Stage) -> None:
    await stage.context.runtime.sendMessage(message={"a": 1})
    await stage.context.runtime.sendMessage(message={"a": 1}, extension_id="other@x")
    assert [sent.payload for sent in stage.agent.heard()] == [[{"a": 1}], ["other@x", {"a": 1}, {}]]


@pytest.mark.parametrize(
    ("given", "sent"),
    [((3, "m"), [3, "m"]), ((3, {"frameId": 0}, {"frameId": 1}), [3, {"frameId": 0}, {"frameId": 1}])],
)
async def test_a_tab_is_asked(stage: Stage, given: tuple[Any, ...], sent: list[Any]) -> None:
    await stage.context.tabs.sendMessage(*given)
    (call,) = stage.agent.heard()
    assert (call.frame["function"], call.payload) == ("tabs.sendMessage", sent)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (({"a": 1}, "m"), r"^sendMessage\(\): extension_id is a str, not dict$"),
        ((1, "m"), r"^sendMessage\(\): extension_id is a str, not int$"),
        ((None, "m", 1), r"^sendMessage\(\): options is a dict, not int$"),
        ((None, "m", {"x": 2}), r"^sendMessage\(\): options has no 'x'; it takes includeTlsChannelId$"),
        ((None, "m", {"includeTlsChannelId": 1}), r"^sendMessage\(\): includeTlsChannelId is a bool, not int$"),
        ((object(),), "object"),
    ],
)
async def test_what_a_browser_would_refuse_is_not_asked(stage: Stage, given: tuple[Any, ...], error: str) -> None:
    with pytest.raises(TypeError, match=error):
        await stage.context.runtime.sendMessage(*given)
    assert stage.agent.heard() == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (("3", "m"), r"^tabs.sendMessage\(\): tab_id is an int, not str$"),
        ((True, "m"), r"^tabs.sendMessage\(\): tab_id is an int, not bool$"),
        ((-1, "m"), r"^tabs.sendMessage\(\): tab_id is at least 0, not -1$"),
        ((3, "m", {"frameId": "0"}), r"^tabs.sendMessage\(\): frameId is an int, not str$"),
        ((3, "m", {"name": "n"}), r"^tabs.sendMessage\(\): options has no 'name'; it takes frameId, documentId$"),
    ],
)
async def test_a_tab_that_a_browser_would_refuse_is_not_asked(stage: Stage, given: tuple[Any, ...], error: str) -> None:
    with pytest.raises(TypeError, match=error):
        await stage.context.tabs.sendMessage(*given)
    assert stage.agent.heard() == []


async def test_options_may_be_given_by_keyword(stage: Stage) -> None:
    runtime, tabs = stage.context.runtime, stage.context.tabs
    await runtime.sendMessage("m", include_tls_channel_id=True)
    await runtime.sendMessage("other@x", "m", include_tls_channel_id=False)
    await tabs.sendMessage(3, "m", frame_id=0, document_id="D")
    await tabs.sendMessage(3, "m", {"frameId": 0}, document_id="D")
    assert [sent.payload for sent in stage.agent.heard()] == [
        [None, "m", {"includeTlsChannelId": True}],
        ["other@x", "m", {"includeTlsChannelId": False}],
        [3, "m", {"frameId": 0, "documentId": "D"}],
        [3, "m", {"frameId": 0, "documentId": "D"}],
    ]


async def test_an_option_given_twice_is_refused(stage: Stage) -> None:
    both = r"^tabs.sendMessage\(\): give frame_id= or options\['frameId'\], not both$"
    with pytest.raises(TypeError, match=both):
        await stage.context.tabs.sendMessage(3, "m", {"frameId": 0}, frame_id=1)
    with pytest.raises(TypeError, match=r"^tabs.sendMessage\(\): frame_id is an int, not str$"):
        await stage.context.tabs.sendMessage(3, "m", frame_id="0")  # type: ignore[arg-type]
    assert stage.agent.heard() == []


async def test_the_answer_is_what_the_browser_returned() -> None:
    stage = stand("page", "p", answering=False)
    asking = asyncio.ensure_future(stage.context.runtime.sendMessage("m"))
    await ticks()
    stage.agent.says(frames.Result(1), {"answer": [1]})
    assert await asking == {"answer": [1]}


async def test_a_refusal_is_raised_in_the_browsers_words() -> None:
    stage = stand("page", "p", answering=False)
    asking = asyncio.ensure_future(stage.context.runtime.sendMessage("m"))
    await ticks()
    stage.agent.says(frames.Result(1, ScriptError("Receiving end does not exist")))
    with pytest.raises(RemoteError, match=r"^Receiving end does not exist$"):
        await asking


@pytest.mark.parametrize("function", ["runtime.sendMessage", "tabs.sendMessage"])
async def test_a_timeout_says_who_asked(function: str) -> None:
    stage = stand("background", "worker.js", answering=False)
    context = stage.context
    asking = context.tabs.sendMessage(1, "m", timeout=1) if "tabs" in function else None
    with pytest.raises(BridgeTimeoutError) as caught:
        await (asking or context.runtime.sendMessage("m", timeout=1))
    assert str(caught.value) == f"Timeout 1 ms exceeded. Nobody answered {function}() from background worker.js"


async def test_the_end_of_the_context_ends_the_asking() -> None:
    stage = stand("page", "p", answering=False)
    asking = asyncio.ensure_future(stage.context.runtime.sendMessage("m"))
    await ticks()
    stage.agent.link.close()
    with pytest.raises(ContextError, match=r"^page p ended before it answered runtime.sendMessage\(\): "):
        await asking


# --- hearing --------------------------------------------------------------------------------------------------------


async def test_a_listener_gets_the_first_of_three_arguments_that_it_takes(stage: Stage) -> None:
    got: list[tuple[Any, ...]] = []

    def three(message: Any, sender: Any, sendResponse: Any) -> None:
        got.append((message, sender.url))
        sendResponse("answer")

    event = stage.context.runtime.onMessage
    event.addListener(lambda message: got.append((message,)))
    event.addListener(lambda message, sender: got.append((message, sender.url)))
    event.addListener(three)
    stage.agent.heard()
    asks(stage.agent, "m", url="u")
    assert got == [("m",), ("m", "u"), ("m", "u")]
    assert answers(stage.agent) == [("respond", 1, "answer")]


async def test_each_event_has_its_own_messages(stage: Stage) -> None:
    got: list[str] = []
    stage.context.runtime.onMessage.addListener(lambda message: got.append(ON_MESSAGE))
    stage.context.runtime.onMessageExternal.addListener(lambda message: got.append(EXTERNAL))
    asks(stage.agent, event=EXTERNAL)
    assert got == [EXTERNAL]


async def test_a_coroutine_answers_with_its_result(stage: Stage) -> None:
    async def answer(message: Any) -> Any:
        await asyncio.sleep(0)
        return [message]

    stage.context.runtime.onMessage.addListener(answer)
    stage.agent.heard()
    asks(stage.agent)
    assert answers(stage.agent) == []
    await ticks()
    assert answers(stage.agent) == [("respond", 1, ["m"])]


async def test_a_coroutine_whose_result_is_true_answers_with_that(stage: Stage) -> None:
    async def answer(message: Any) -> Any:
        return True

    stage.context.runtime.onMessage.addListener(answer)
    stage.agent.heard()
    asks(stage.agent)
    await ticks()
    assert answers(stage.agent) == [("respond", 1, True)]


async def test_a_coroutine_may_send_its_answer_itself(stage: Stage) -> None:
    async def answer(message: Any, sender: Any, sendResponse: Any) -> Any:
        sendResponse("sent")
        return "result"

    stage.context.runtime.onMessage.addListener(answer)
    stage.agent.heard()
    asks(stage.agent)
    await ticks()
    assert answers(stage.agent) == [("respond", 1, "sent")]


@pytest.mark.parametrize(
    ("error", "fails"), [(ValueError("no"), False), (AssertionError("no"), True), (pytest.fail.Exception("no"), True)]
)
async def test_a_coroutine_rejects_by_raising(stage: Stage, error: BaseException, fails: bool) -> None:
    async def answer(message: Any) -> Any:
        raise error

    stage.context.runtime.onMessage.addListener(answer)
    stage.agent.heard()
    asks(stage.agent)
    await ticks()
    assert answers(stage.agent) == [("reject", 1, "no")]
    assert deferred(stage) == ([error] if fails else [])


async def test_a_result_that_cannot_be_sent_is_a_rejection_and_fails_the_test(stage: Stage) -> None:
    stage.context.runtime.onMessage.addListener(AsyncMock())  # whose result is a Mock
    stage.agent.heard()
    asks(stage.agent)
    await ticks()
    ((kind, _, text),) = answers(stage.agent)
    assert kind == "reject" and "AsyncMock cannot be sent" in text
    (error,) = deferred(stage)
    assert isinstance(error, TypeError) and str(error) == text


class Answering:
    async def __call__(self, message: Any) -> Any:
        return [message]

    async def method(self, message: Any, sender: Any) -> Any:
        return [message]


async def _answer_to(message: Any, more: Any = None) -> Any:
    return [message]


@functools.wraps(_answer_to)
def _wrapper(*args: Any) -> Any:
    return _answer_to(*args)


@pytest.mark.parametrize(
    "listener",
    [
        Answering(),
        Answering().method,
        functools.partial(_answer_to, more=1),
        functools.partial(Answering()),
        AsyncMock(return_value=["m"]),
        AsyncMock(side_effect=lambda message, *more: [message]),
        _wrapper,
        lambda message, sender, sendResponse: _answer_to(message),
    ],
)
async def test_what_gives_a_coroutine_answers_with_its_result(stage: Stage, listener: Any) -> None:
    stage.context.runtime.onMessage.addListener(listener)
    assert told(stage.agent) == [("listen", ON_MESSAGE, True)]
    asks(stage.agent)
    await ticks()
    assert answers(stage.agent) == [("respond", 1, ["m"])]
    assert deferred(stage) == []


def _with_defaults(message: Any, sender: Any = None, sendResponse: Any = None) -> None:
    sendResponse([message])


def _with_more(more: Any, message: Any, sender: Any, sendResponse: Any) -> None:
    sendResponse([message])


@pytest.mark.parametrize("listener", [_with_defaults, functools.partial(_with_more, "more")])
async def test_what_names_sendResponse_answers(stage: Stage, listener: Any) -> None:
    stage.context.runtime.onMessage.addListener(listener)
    assert told(stage.agent) == [("listen", ON_MESSAGE, True)]
    asks(stage.agent)
    assert answers(stage.agent) == [("respond", 1, ["m"])]


@pytest.mark.parametrize("kind", [Mock, MagicMock])
async def test_a_mock_only_listens(stage: Stage, kind: type[Mock]) -> None:
    mock = kind()
    stage.context.runtime.onMessage.addListener(mock)
    assert told(stage.agent) == [("listen", ON_MESSAGE, False)]
    stage.agent.says(frames.Asked(1, ON_MESSAGE, {"url": "u"}), "m")
    ((message, sender, _),) = (got.args for got in mock.call_args_list)
    assert (message, sender.url, answers(stage.agent), deferred(stage)) == ("m", "u", [], [])


async def test_what_takes_sendResponse_without_a_name_is_told_that_it_cannot_answer(stage: Stage) -> None:
    def listener(*args: Any) -> None:
        args[2]("answer")

    stage.context.runtime.onMessage.addListener(listener)
    assert told(stage.agent) == [("listen", ON_MESSAGE, False)]
    stage.agent.says(frames.Asked(1, ON_MESSAGE, {}), "m")
    (error,) = deferred(stage)
    assert isinstance(error, TypeError)
    assert str(error) == "sendResponse(): this listener may not answer; give it three parameters with names, not *args"


async def test_a_coroutine_that_comes_as_a_surprise_runs_and_its_result_fails_the_test(stage: Stage) -> None:
    ran: list[Any] = []

    async def answer(message: Any) -> Any:
        ran.append(message)
        return None if message == "quiet" else {"saved": True}

    stage.context.runtime.onMessage.addListener(lambda message: answer(message))
    assert told(stage.agent) == [("listen", ON_MESSAGE, False)]
    for message in ("quiet", "m"):
        stage.agent.says(frames.Asked(1, ON_MESSAGE, {}), message)
        await ticks()
    assert ran == ["quiet", "m"]
    (error,) = deferred(stage)
    assert isinstance(error, TypeError)
    assert str(error) == (
        "A listener returned a coroutine, whose result {'saved': True} nobody gets: the browser must know before that "
        "an answer comes. Make the listener an async def, or give it all three parameters."
    )


async def test_a_plain_listener_that_raises_rejects_and_fails_the_test(stage: Stage) -> None:
    error = ZeroDivisionError("oh")

    def broken(message: Any, sender: Any, sendResponse: Any) -> None:
        raise error

    stage.context.runtime.onMessage.addListener(broken)
    stage.agent.heard()
    asks(stage.agent)
    assert answers(stage.agent) == [("reject", 1, "oh")]
    assert deferred(stage) == [error]


async def test_a_silent_listener_that_raises_rejects_nothing(stage: Stage) -> None:
    error = ZeroDivisionError("oh")

    def broken(message: Any) -> None:
        raise error

    stage.context.runtime.onMessage.addListener(broken)
    stage.agent.heard()
    asks(stage.agent)
    assert answers(stage.agent) == [("letGo", 1)]
    assert deferred(stage) == [error]


async def test_a_listener_that_returns_true_answers_later(stage: Stage) -> None:
    later: list[Any] = []

    def listener(message: Any, sender: Any, sendResponse: Any) -> bool:
        later.append(sendResponse)
        return True

    stage.context.runtime.onMessage.addListener(listener)
    stage.agent.heard()
    asks(stage.agent)
    await ticks()
    assert answers(stage.agent) == []
    await later[0]("late")
    assert answers(stage.agent) == [("respond", 1, "late")]


@pytest.mark.parametrize("result", [None, False, 1, "true"])
async def test_a_listener_that_declines_leaves_the_message_to_others(stage: Stage, result: Any) -> None:
    later: list[Any] = []

    def listener(message: Any, sender: Any, sendResponse: Any) -> Any:
        later.append(sendResponse)
        return result

    stage.context.runtime.onMessage.addListener(listener)
    stage.agent.heard()
    asks(stage.agent)
    assert answers(stage.agent) == [("letGo", 1)]
    await later[0]("too late")
    assert answers(stage.agent) == []


@pytest.mark.parametrize("first", ["declining", "answering"])
async def test_one_of_two_listeners_answers(stage: Stage, first: str) -> None:
    def answering(message: Any, sender: Any, sendResponse: Any) -> None:
        sendResponse("answer")

    for listener in (declining, answering) if first == "declining" else (answering, declining):
        stage.context.runtime.onMessage.addListener(listener)
    stage.agent.heard()
    asks(stage.agent)
    assert answers(stage.agent) == [("respond", 1, "answer")]


async def test_a_listener_that_declines_leaves_the_message_to_the_one_that_answers_later(stage: Stage) -> None:
    async def answer(message: Any) -> Any:
        return "late"

    stage.context.runtime.onMessage.addListener(answer)
    stage.context.runtime.onMessage.addListener(declining)
    stage.agent.heard()
    asks(stage.agent)
    await ticks()
    assert answers(stage.agent) == [("respond", 1, "late")]


async def test_the_first_answer_wins(stage: Stage) -> None:
    def twice(message: Any, sender: Any, sendResponse: Any) -> None:
        sendResponse(1)
        sendResponse(2)

    stage.context.runtime.onMessage.addListener(twice)
    stage.agent.heard()
    asks(stage.agent)
    assert answers(stage.agent) == [("respond", 1, 1)]


async def test_a_listener_that_another_one_removes_meanwhile_gets_all_its_arguments(stage: Stage) -> None:
    event = stage.context.runtime.onMessage

    def remover(message: Any) -> None:
        event.removeListener(answering)

    def answering(message: Any, sender: Any, sendResponse: Any) -> None:
        sendResponse("answer")

    event.addListener(remover)
    event.addListener(answering)
    stage.agent.heard()
    asks(stage.agent)
    assert deferred(stage) == []
    assert answers(stage.agent) == [("respond", 1, "answer")]


async def test_a_message_that_nobody_may_answer_is_only_heard(stage: Stage) -> None:
    def answering(message: Any, sender: Any, sendResponse: Any) -> None:
        sendResponse("answer")

    stage.context.runtime.onMessage.addListener(answering)
    stage.agent.heard()
    stage.agent.says(frames.Asked(1, ON_MESSAGE, {}), "m")
    assert answers(stage.agent) == []


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
    waiting = asyncio.ensure_future(_await(answering))
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
    adding = asyncio.ensure_future(_await(stage.context.runtime.onMessage.addListener(silent)))
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
    messages = [ON_MESSAGE, EXTERNAL]
    assert _welcome(agent) == (["runtime.onConnect", "runtime.onConnectExternal", *messages], messages)
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
    assert [answers for _, answers in said] == [{ON_MESSAGE, EXTERNAL}]
    assert _welcome(_restart(stage))[1] == [ON_MESSAGE, EXTERNAL]


async def _await(pending: Any) -> Any:
    return await pending
