"""What Python can do in a context: open ports, accept them, listen, call; and how a context ends."""

import asyncio

import pytest
from unit.core.fakes import Sent, Stage, stand, ticks

from bridge.core.port import Port
from bridge.errors import BridgeError, BridgeTimeoutError, ContextError, RemoteError, UnsupportedError
from bridge.protocol import frames
from bridge.protocol.frames import ScriptError

LISTEN = ["listen"]
UNLISTEN = ["unlisten"]


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js", id="the-id")


# --- what and where -------------------------------------------------------------------------------------------------


async def test_what_the_browser_says_of_the_context() -> None:
    context = stand("content", "https://a.org/", id="x", tab={"id": 7}, frameId=0, documentId="D").context
    assert (context.kind, context.url, context.runtime.id) == ("content", "https://a.org/", "x")
    assert (context.tab_id, context.frame_id, context.document_id, context.closed) == (7, 0, "D", False)
    assert repr(context) == "<Context content https://a.org/>"


async def test_a_context_in_no_tab(stage: Stage) -> None:
    assert (stage.context.tab_id, stage.context.frame_id, stage.context.document_id) == (None, None, None)


# --- call -----------------------------------------------------------------------------------------------------------


async def test_call_returns_what_the_api_gave() -> None:
    stage = stand("background", answering=False)
    calls = [asyncio.ensure_future(stage.context.call("storage.local.get", "key", None)) for _ in range(2)]
    await ticks()
    first, second = stage.agent.heard()
    assert first == Sent({"type": "call", "id": 1, "function": "storage.local.get"}, ["key", None])
    stage.agent.says(frames.Result(second.frame["id"]), {"key": 2})
    stage.agent.says(frames.Result(first.frame["id"]))
    assert [await call for call in calls] == [None, {"key": 2}]


async def test_call_raises_in_the_browsers_words() -> None:
    stage = stand("background", answering=False)
    call = asyncio.ensure_future(stage.context.call("tabs.get", 1))
    await ticks()
    stage.agent.says(frames.Result(1, ScriptError("No tab with id: 1.", "TypeError")))
    with pytest.raises(RemoteError, match=r"^No tab with id: 1\.$") as caught:
        await call
    assert caught.value.name == "TypeError"


async def test_call_names_the_argument_that_cannot_be_sent(stage: Stage) -> None:
    with pytest.raises(TypeError, match=r"^arguments\[1\]\.a: object cannot be sent"):
        await stage.context.call("tabs.update", 1, {"a": object()})


async def test_an_answer_to_a_call_that_was_cancelled_disturbs_nobody() -> None:
    stage = stand("background", answering=False)
    call = asyncio.ensure_future(stage.context.call("a.b"))
    await ticks()
    call.cancel()
    await ticks()
    stage.agent.says(frames.Result(1), "late")
    again = asyncio.ensure_future(stage.context.call("a.b"))
    await ticks()
    stage.agent.says(frames.Result(2), "mine")
    assert await again == "mine"


async def test_a_call_ends_with_its_context() -> None:
    stage = stand("content", "https://a.org/", answering=False)
    call = asyncio.ensure_future(stage.context.call("storage.local.get"))
    await ticks()
    stage.agent.link.close()
    with pytest.raises(
        ContextError,
        match=r"^content https://a.org/ ended before it answered storage.local.get\(\): The context is gone",
    ):
        await call
    with pytest.raises(ContextError, match=r"^Python cannot act in content https://a.org/: The context is gone"):
        await stage.context.call("storage.local.get")


# --- close ----------------------------------------------------------------------------------------------------------


async def test_closing_an_extension_page_closes_its_tab() -> None:
    stage = stand("page", "moz-extension://x/popup.html", answering=False, tab={"id": 4})
    closing = asyncio.ensure_future(stage.context.close())
    await ticks()
    assert stage.agent.heard() == [({"type": "call", "id": 1, "function": "tabs.remove"}, [4])]
    stage.agent.link.close()  # goes before it could answer
    await closing
    await stage.context.close()
    assert stage.context.closed


@pytest.mark.parametrize("kind", ["background", "content", "external", "web"])
async def test_only_extension_pages_are_closed_this_way(kind: str) -> None:
    with pytest.raises(UnsupportedError, match=f"^Only an extension page can be closed this way, not {kind}"):
        await stand(kind).context.close()


# --- frames that make no sense --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('1 {"type":"nope"}', "does not decode"),
        ('1 {"type":"message","port":2}\t[1', "does not decode"),
        ('1 {"type":"result","id":1}\t{', "does not decode"),
        ('1 {"type":"fired","event":"action.onClicked"}\t[', "does not decode"),
        ('1 {"type":"fired","event":"action.onClicked"}', "action.onClicked"),
        ('1 {"type":"fired","event":"action.onClicked"}\t[]', "action.onClicked"),
        ('1 {"type":"fired","event":"action.onClicked"}\t3', "action.onClicked"),
        ('1 {"type":"fired","event":"action.onClicked"}\t[null]', "action.onClicked"),
        ('1 {"type":"hello","version":1,"kind":"background","url":""}', "[Hh]ello"),
    ],
)
async def test_what_does_not_decode_ends_the_context_and_says_so(line: str, error: str) -> None:
    stage = stand("background", answering=False)
    stage.context.action.onClicked.addListener(lambda: None)
    port = stage.context.runtime.connect()
    waits = [asyncio.ensure_future(port.receive()), asyncio.ensure_future(stage.context.call("a.b"))]
    await ticks()
    stage.agent.says_raw(line)
    for wait in waits:
        with pytest.raises(BridgeError, match=error):
            await asyncio.wait_for(wait, 10)
    assert stage.agent.dropped and stage.context.closed


async def test_frames_for_ports_that_are_gone_disturb_nobody(stage: Stage) -> None:
    port = stage.context.runtime.connect()
    for frame in (
        frames.Message(99),
        frames.Disconnected(99),
        frames.Closed(99),
        frames.Failed(99, ScriptError("x")),
        frames.Result(99),
    ):
        stage.agent.says(frame, 1)
    stage.agent.says(frames.Message(2), "fine")
    assert await port.receive() == "fine" and not stage.agent.dropped


async def test_a_frame_that_the_agent_could_not_use_is_an_error_of_the_next_wait(stage: Stage) -> None:
    stage.agent.says(frames.Refused("teleport", "the agent knows no such frame"))
    with pytest.raises(
        BridgeError, match=r"^background worker.js refused a teleport frame: the agent knows no such frame$"
    ):
        await stage.context.accept(timeout=1)


async def test_ports_end_with_their_context_without_an_event(stage: Stage) -> None:
    fired: list[Port] = []
    port = stage.context.runtime.connect({"name": "n"})
    port.onDisconnect.addListener(fired.append)
    stage.agent.link.close()
    assert port.closed and fired == []
    with pytest.raises(BridgeTimeoutError):
        await stand("background").context.accept(timeout=1)
