"""Messages that the browser may refuse: those with more in them than JSON has."""

import asyncio

import pytest
from unit.core.fakes import Stage, stand, ticks

from bridge.core.port import Port
from bridge.errors import ContextError, PortDisconnectedError, RemoteError
from bridge.javascript import UNDEFINED, BigInt
from bridge.protocol import frames, values
from bridge.protocol.frames import ScriptError

REFUSED = ScriptError("Could not serialize message.")


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js", answering=False)


@pytest.fixture
async def port(stage: Stage) -> Port:
    port: Port = stage.context.runtime.connect({"name": "chat"})
    stage.agent.heard()
    return port


async def test_plain_messages_are_not_confirmed(port: Port, stage: Stage) -> None:
    await port.postMessage({"a": 1})
    assert [sent.frame for sent in stage.agent.heard()] == [{"type": "post", "port": 2}]


@pytest.mark.parametrize(("length", "confirmed"), [(100, False), (101, True)])
async def test_large_messages_are_confirmed(
    port: Port, stage: Stage, length: int, confirmed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "MAX_UNCONFIRMED", 100)
    posting = asyncio.ensure_future(_awaited(port, "x" * (length - 2)))  # and two quotation marks
    await ticks()
    assert posting.done() != confirmed
    (sent,) = stage.agent.heard()
    assert ("id" in sent.frame) == confirmed
    if confirmed:
        stage.agent.says(frames.Result(1, REFUSED))
        with pytest.raises(RemoteError, match=r"^Could not serialize message\.$"):
            await posting
    stage.context._session.deferred.raise_all()  # nothing is left for the next wait
    assert not port.closed


async def test_others_are_done_when_the_browser_has_taken_them(port: Port, stage: Stage) -> None:
    posting = asyncio.ensure_future(_awaited(port, [UNDEFINED]))
    await ticks()
    assert not posting.done()
    (sent,) = stage.agent.heard()
    assert sent == ({"type": "post", "port": 2, "id": 1}, [UNDEFINED])
    stage.agent.says(frames.Result(1))
    await posting


async def test_awaited_a_refusal_raises_there_alone(port: Port, stage: Stage) -> None:
    posting = asyncio.ensure_future(_awaited(port, BigInt(5)))
    await ticks()
    stage.agent.says(frames.Result(1, REFUSED))
    with pytest.raises(RemoteError, match=r"^Could not serialize message\.$"):
        await posting
    stage.agent.says(frames.Message(2), "next")
    assert await port.receive() == "next" and not port.closed


async def test_else_the_next_wait_raises_it(port: Port, stage: Stage) -> None:
    port.postMessage(BigInt(5))
    stage.agent.says(frames.Result(1, REFUSED))
    await ticks()
    with pytest.raises(RemoteError, match=r"refused a message that Python posted on <Port 'chat'.*Could not serialize"):
        await port.receive()
    stage.agent.says(frames.Message(2), "next")
    assert await port.receive() == "next"


async def test_a_port_that_another_script_disconnected(port: Port, stage: Stage) -> None:
    port.postMessage(UNDEFINED)
    stage.agent.says(frames.Result(1, ScriptError("Attempting to use a disconnected port object")))
    await ticks()
    assert port.closed
    with pytest.raises(PortDisconnectedError, match="another script of its context"):
        await port.receive()


CLOSED = "Attempting to use a disconnected port object"
CLOSED_IN_FIREFOX = "Attempt to postMessage on disconnected port"


@pytest.mark.parametrize(
    ("engine", "words"), [("chromium", CLOSED), ("firefox", CLOSED_IN_FIREFOX), ("firefox", "a disconnected port")]
)
@pytest.mark.parametrize("known", [True, False], ids=["the other end closed it", "another script closed it"])
async def test_awaited_on_a_port_that_was_closed_meanwhile(
    port: Port, stage: Stage, engine: str, words: str, known: bool
) -> None:
    stage.context._session.runs_in(engine)
    posting = asyncio.ensure_future(_awaited(port, UNDEFINED))
    await ticks()
    if known:
        stage.agent.says(frames.Disconnected(2))
    stage.agent.says(frames.Result(1, ScriptError(words)))
    with pytest.raises(PortDisconnectedError) as awaited:
        await posting
    with pytest.raises(PortDisconnectedError) as plain:
        port.postMessage(1)
    own = {"chromium": CLOSED, "firefox": CLOSED_IN_FIREFOX}[engine]
    reason = "the other end disconnected" if known else "another script of its context had disconnected it"
    assert str(awaited.value) == str(plain.value) == f"{own} ('chat': {reason})"


@pytest.mark.parametrize("message", [1, UNDEFINED])
async def test_on_a_port_that_is_closed_nothing_is_sent(port: Port, stage: Stage, message: object) -> None:
    port.disconnect()
    stage.agent.heard()
    with pytest.raises(PortDisconnectedError, match=CLOSED):
        port.postMessage(message)
    assert stage.agent.heard() == []


async def test_the_context_goes_before_it_answers(port: Port, stage: Stage) -> None:
    posting = asyncio.ensure_future(_awaited(port, UNDEFINED))
    await ticks()
    stage.agent.link.close()
    with pytest.raises(ContextError):
        await posting
    port = stand("background").context.runtime.connect()
    port.postMessage(UNDEFINED)
    port.context._require_link().close()
    await ticks()
    assert not port.context._session.deferred


async def _awaited(port: Port, message: object) -> None:
    await port.postMessage(message)
