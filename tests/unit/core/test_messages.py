"""One-time messages: Python asks and hears, and its listeners answer."""

import asyncio
import functools
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest
from unit.core.asking import EXTERNAL, ON_MESSAGE, answers, asks, declining, deferred, told
from unit.core.fakes import Stage, stand, ticks

from bridge.errors import BridgeTimeoutError, ContextError, RemoteError
from bridge.protocol import frames
from bridge.protocol.frames import ScriptError


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js")


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
