"""The one-time messages that a page sends and answers: the browser is played by the test."""

import asyncio
import time
from typing import Any

import pytest
from unit.core.fakes import Agent, ticks
from unit.inspector.stage import Page, Stage

from bridge import sync_api
from bridge.errors import ContextError
from bridge.faces import FACES, face_of
from bridge.protocol import frames
from bridge.protocol.frames import ScriptError
from bridge.waiting.event import invoke_here

ON_MESSAGE = "runtime.onMessage"
assert sync_api.Request in FACES.values()


def no_run(coroutine: Any) -> Any:
    raise AssertionError("nothing here has to wait")


async def called(agent: Agent) -> frames.Frame | Any:
    """The next call that the agent gets."""
    while not (calls := [sent for sent in agent.heard() if sent.frame["type"] == "call"]):
        await ticks()
    return calls[0]


def asked(agent: Agent, message: Any = "m", request: int = 1, *, is_open: bool = True, **sender: Any) -> None:
    """A script asks, and waits."""
    agent.says(frames.Asked(request, ON_MESSAGE, sender, open=is_open), message)


async def listens(viewer: Page, *, on: bool = True) -> None:
    """Have the inspector hear the background's messages, or stop."""
    context = await viewer.context("background")
    assert (await viewer.asks("listen", context=context, event=ON_MESSAGE, on=on))["type"] == "commandDone"


async def opened(viewer: Page, count: int = 1) -> list[dict[str, Any]]:
    """The open requests, once there are so many."""
    requests: list[dict[str, Any]] = (await viewer.hears_state(lambda state: len(state["requests"]) == count))[
        "requests"
    ]
    return requests


# --- asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extension", "sent"), [("", [{"question": 1}]), ("other@example.org", ["other@example.org", {"question": 1}, {}])]
)
async def test_asking(viewer: Page, agent: Agent, extension: str, sent: list[Any]) -> None:
    agent.answering = False
    context = await viewer.context("background")
    await viewer.says("ask", id=1, context=context, extension=extension, text='{"question": 1}')
    call = await called(agent)
    assert (call.frame["function"], call.payload) == ("runtime.sendMessage", sent)
    agent.says(frames.Result(call.frame["id"]), {"answer": [1, None]})
    answer = await viewer.hears("commandDone", "commandFailed")
    assert answer == {"type": "commandDone", "id": 1, "port": None, "answer": '{"answer": [1, null]}'}


@pytest.mark.parametrize(("frame", "sent"), [(0, [3, "hello", {"frameId": 0}]), (None, [3, "hello"])])
async def test_asking_a_tab(viewer: Page, agent: Agent, frame: int | None, sent: list[Any]) -> None:
    context = await viewer.context("background")
    answer = await viewer.asks("askTab", context=context, tab=3, frame=frame, text='"hello"')
    assert answer["answer"] == "null", "undefined, which Python does not tell from null"
    call = await called(agent)
    assert (call.frame["function"], call.payload) == ("tabs.sendMessage", sent)


async def test_what_cannot_be_asked(viewer: Page, agent: Agent) -> None:
    context = await viewer.context("background")
    answer = await viewer.asks("ask", context=context, extension="", text="{a")
    assert "This is not JSON" in answer["text"]
    answer = await viewer.asks("askTab", context=context, tab=-1, frame=None, text="1")
    assert "tab_id is at least 0" in answer["text"]
    answer = await viewer.asks("ask", context=99, extension="", text="1")
    assert "That context is gone" in answer["text"]
    assert agent.heard() == []


async def test_an_error_is_told_in_the_browsers_words(viewer: Page, agent: Agent) -> None:
    agent.answering = False
    await viewer.says("ask", id=1, context=await viewer.context("background"), extension="", text="1")
    error = ScriptError("Could not establish connection. Receiving end does not exist.")
    agent.says(frames.Result((await called(agent)).frame["id"], error))
    assert (await viewer.hears("commandFailed"))["text"] == error.message


async def test_no_answer_in_time(stage: Stage, viewer: Page, agent: Agent) -> None:
    agent.answering = False
    context = await viewer.context("background")
    stage.bridge.set_default_timeout(1)
    answer = await viewer.asks("ask", context=context, extension="", text="1")
    assert "Nobody answered runtime.sendMessage() from background worker.js" in answer["text"]


# --- answering ------------------------------------------------------------------------------------------------------


async def test_an_open_request_is_shown_and_answered(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    assert agent.heard()[0].frame["answers"] is True
    began = time.time()
    asked(agent, {"question": 1}, url="https://example.org/")
    (request,) = await opened(viewer)
    assert began - 0.1 < request["since"] < time.time() + 0.1
    assert {name: value for name, value in request.items() if name not in ("id", "since")} == {
        "context": {"kind": "background", "url": "worker.js", "tab": None, "frame": None},
        "sender": "https://example.org/",
        "message": '{"question": 1}',
    }
    assert (await viewer.asks("respond", request=request["id"], text='{"answer": 2}'))["type"] == "commandDone"
    (answer,) = agent.heard()
    assert (answer.frame["type"], answer.frame["request"], answer.payload) == ("respond", 1, {"answer": 2})
    await opened(viewer, 0)
    assert "That one-time message is gone" in (await viewer.asks("reject", request=request["id"], text="x"))["text"]


async def test_a_request_stays_the_same_in_each_state(stage: Stage, viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    asked(agent)
    (request,) = await opened(viewer)
    stage.pages.clear()
    state = await viewer.hears_state(lambda state: not state["pages"])
    assert state["requests"] == [request]


async def test_a_request_is_rejected(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    agent.heard()
    asked(agent)
    (request,) = await opened(viewer)
    assert (await viewer.asks("reject", request=request["id"], text="not now"))["type"] == "commandDone"
    assert agent.heard()[0].frame == {"type": "reject", "request": 1, "message": "not now"}
    await opened(viewer, 0)


async def test_a_request_is_let_go(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    agent.heard()
    asked(agent)
    (request,) = await opened(viewer)
    assert (await viewer.asks("letGo", request=request["id"]))["type"] == "commandDone"
    assert agent.heard_types() == ["letGo"]
    await opened(viewer, 0)


async def test_an_answer_that_is_no_json_leaves_the_request_open(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    agent.heard()
    asked(agent)
    (request,) = await opened(viewer)
    assert "This is not JSON" in (await viewer.asks("respond", request=request["id"], text="{a"))["text"]
    assert agent.heard() == []
    assert (await viewer.asks("respond", request=request["id"], text="1"))["type"] == "commandDone"


async def test_what_was_answered_elsewhere_cannot_be_answered(stage: Stage, viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    asked(agent)
    (shown,) = await opened(viewer)
    (request,) = stage.bridge.open_requests
    request.respond(1)
    answer = await viewer.asks("respond", request=shown["id"], text="2")
    assert answer["text"] == "This message to background worker.js is no longer open: responded"
    await opened(viewer, 0)


async def test_a_request_of_the_test_is_shown_too(stage: Stage, viewer: Page, agent: Agent) -> None:
    accepting = asyncio.ensure_future(stage.contexts.background.accept_message())
    await ticks()
    asked(agent, "for the test")
    request = await accepting
    (shown,) = await opened(viewer)
    await viewer.asks("respond", request=shown["id"], text="1")
    assert request.answered == "responded"


async def test_requests_end_with_their_context(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    asked(agent)
    await opened(viewer)
    agent.link.close(ContextError("stopped"))
    await opened(viewer, 0)


async def test_what_the_inspector_heard_is_let_go_when_it_stops_listening(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    asked(agent, request=1)
    asked(agent, request=2)
    first, _ = await opened(viewer, 2)
    await viewer.asks("respond", request=first["id"], text="1")
    agent.heard()
    await listens(viewer, on=False)
    assert agent.heard_types() == ["letGo", "unlisten"]
    await opened(viewer, 0)


async def test_what_the_test_may_answer_stays_open_when_the_inspector_stops(
    stage: Stage, viewer: Page, agent: Agent
) -> None:
    await listens(viewer)
    stage.contexts.background.runtime.onMessage.addListener(lambda message, sender, send_response: True)
    asked(agent)
    await opened(viewer)
    await listens(viewer, on=False)
    assert "letGo" not in agent.heard_types()
    await opened(viewer, 1)


async def test_what_the_inspector_heard_is_let_go_at_its_end(stage: Stage, viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    asked(agent)
    await opened(viewer)
    agent.heard()
    await stage.inspector.close()
    assert agent.heard_types() == ["letGo", "unlisten"]
    stage.bridge.raise_listener_errors()


async def test_what_python_only_overheard_is_no_open_request(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    asked(agent, "first", 1, is_open=False)
    asked(agent, "second", 2)
    assert [request["message"] for request in await opened(viewer)] == ['"second"']


async def test_a_sync_request_is_let_go_too(stage: Stage, viewer: Page, agent: Agent) -> None:
    def invoke(listener: Any, args: tuple[Any, ...], on_error: Any, on_result: Any = None) -> None:
        invoke_here(listener, tuple(face_of(arg, no_run) for arg in args), on_error, on_result)

    stage.contexts.background.runtime.onMessage._invoke = invoke
    await listens(viewer)
    asked(agent)
    await opened(viewer)
    await listens(viewer, on=False)
    assert agent.heard_types() == ["listen", "letGo", "unlisten"]


async def test_long_messages_are_cut(viewer: Page, agent: Agent) -> None:
    await listens(viewer)
    asked(agent, "x" * 2_000)
    (request,) = await opened(viewer)
    assert request["message"] == '"' + "x" * 1_999 + "…"
