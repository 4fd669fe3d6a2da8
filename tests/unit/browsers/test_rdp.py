"""The client of Firefox's debugger, against a server that speaks ``LENGTH:JSON``."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from unit.browsers.debugger import Firefox, soon

from bridge.browsers.rdp import DebuggerClient, connect
from bridge.errors import BridgeError, RemoteError


@pytest.fixture
async def firefox(tmp_path: Path) -> AsyncIterator[Firefox]:
    firefox = Firefox(str(tmp_path / "s"))
    await firefox.start()
    yield firefox
    await firefox.close()


@pytest.fixture
async def client(firefox: Firefox) -> AsyncIterator[DebuggerClient]:
    client = await connect(firefox.address, 10_000)
    yield client
    await client.close()


async def test_a_request_has_its_actor_type_and_arguments(client: DebuggerClient, firefox: Firefox) -> None:
    asking = soon(client.ask("addons", "installTemporaryAddon", addonPath="/a/é"))
    assert await firefox.asked.get() == {"to": "addons", "type": "installTemporaryAddon", "addonPath": "/a/é"}
    firefox.says({"from": "addons", "addon": {"id": "ü😀"}})
    assert await asking == {"from": "addons", "addon": {"id": "ü😀"}}


async def test_answers_are_matched_by_actor_and_in_order(client: DebuggerClient, firefox: Firefox) -> None:
    asking = [soon(client.ask(actor, "get")) for actor in ("a", "b", "a")]
    for _ in asking:
        await firefox.asked.get()
    firefox.says({"from": "b", "n": 1}, {"from": "a", "n": 2}, {"from": "a", "n": 3})
    assert [(await answer)["n"] for answer in asking] == [2, 1, 3]


async def test_events_and_packets_that_nobody_asked_for_are_no_answers(
    client: DebuggerClient, firefox: Firefox
) -> None:
    asking = soon(client.ask("a", "get"))
    await firefox.asked.get()
    firefox.says({"from": "a", "type": "tabListChanged"}, {"from": "b", "unasked": True}, {"from": "a", "n": 1})
    assert await asking == {"from": "a", "n": 1}


async def test_a_packet_may_come_in_parts(client: DebuggerClient, firefox: Firefox) -> None:
    asking = soon(client.ask("a", "get"))
    await firefox.asked.get()
    for part in (b"1", b"9:", b'{"from":', b'"a", "n":1}'[:5], b'"a", "n":1}'[5:]):
        firefox.says_raw(part)
        await asyncio.sleep(0)
    assert (await asking)["n"] == 1


@pytest.mark.parametrize(
    ("packet", "name", "text"),
    [
        ({"error": "noSuchActor", "message": "No such actor"}, "noSuchActor", "No such actor"),
        ({"error": "unknownError"}, "unknownError", "unknownError"),
        ({"error": "unknownError", "message": ""}, "unknownError", "unknownError"),
    ],
)
async def test_an_error_is_the_askers_alone(
    client: DebuggerClient, firefox: Firefox, packet: dict[str, str], name: str, text: str
) -> None:
    failing, fine = soon(client.ask("a", "x")), soon(client.ask("a", "y"))
    for _ in range(2):
        await firefox.asked.get()
    firefox.says({"from": "a", **packet}, {"from": "a", "n": 1})
    with pytest.raises(RemoteError) as caught:
        await failing
    assert (str(caught.value), caught.value.name) == (text, name)
    assert (await fine)["n"] == 1


async def test_an_answer_to_somebody_who_was_cancelled_goes_to_nobody_else(
    client: DebuggerClient, firefox: Firefox
) -> None:
    given_up, patient = soon(client.ask("a", "x")), soon(client.ask("a", "y"))
    for _ in range(2):
        await firefox.asked.get()
    given_up.cancel()
    await asyncio.sleep(0)
    firefox.says({"from": "a", "n": 1}, {"from": "a", "n": 2})
    assert (await patient)["n"] == 2


# --- evaluation -----------------------------------------------------------------------------------------------------


async def evaluating(client: DebuggerClient, firefox: Firefox, *packets: dict[str, Any]) -> Any:
    evaluation = soon(client.evaluate("console", "1 + 1"))
    request = {"to": "console", "type": "evaluateJSAsync", "text": "1 + 1", "mapped": {"await": True}}
    assert await firefox.asked.get() == request
    firefox.says(*packets)
    return await evaluation


STARTED = {"from": "console", "resultID": "7"}


@pytest.mark.parametrize("result", [2, "", None, False, {"type": "undefined"}])
async def test_code_gives_its_result(client: DebuggerClient, firefox: Firefox, result: Any) -> None:
    done = {"from": "console", "type": "evaluationResult", "resultID": "7", "result": result}
    other = {**done, "resultID": "8", "result": "another's"}
    assert await evaluating(client, firefox, other, STARTED, done) == result


async def test_a_result_may_come_before_its_number_is_told(client: DebuggerClient, firefox: Firefox) -> None:
    done = {"from": "console", "type": "evaluationResult", "resultID": "7", "result": 2}
    assert await evaluating(client, firefox, done, STARTED) == 2


async def test_code_that_throws_is_an_error(client: DebuggerClient, firefox: Firefox) -> None:
    done = {"type": "evaluationResult", "resultID": "7", "hasException": True, "exceptionMessage": "Error: oops"}
    with pytest.raises(RemoteError, match=r"^Error: oops$"):
        await evaluating(client, firefox, STARTED, {"from": "console", **done})


# --- the end --------------------------------------------------------------------------------------------------------

GONE = "^The connection to Firefox's debugger is gone: the browser closed$"


async def test_the_end_of_the_connection_ends_every_wait(client: DebuggerClient, firefox: Firefox) -> None:
    waits = [soon(client.ask("a", "x")), soon(client.ask("b", "y")), soon(client.evaluate("console", "1"))]
    for _ in waits:
        await firefox.asked.get()
    firefox.says(STARTED)
    await asyncio.sleep(0)
    firefox.hangs_up()
    for wait in waits:
        with pytest.raises(BridgeError, match=GONE):
            await wait
    with pytest.raises(BridgeError, match=GONE):
        await client.ask("a", "x")


async def test_a_connection_that_ends_right_behind_an_answer_ends_the_evaluation() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"2:{}")
    client = DebuggerClient(reader, Mock())
    await client.start()
    evaluation = asyncio.ensure_future(client.evaluate("console", "1"))
    await asyncio.sleep(0)
    packet = json.dumps(STARTED).encode()
    reader.feed_data(b"%d:%s" % (len(packet), packet))
    reader.feed_eof()
    with pytest.raises(BridgeError, match=GONE):
        await asyncio.wait_for(evaluation, 10)


@pytest.mark.parametrize("garbage", [b"x:{}", b"2:{]", b"1:1", b"2:[]", b'12:{"from": []}', b"3:{} "])
async def test_a_debugger_that_talks_nonsense_ends_every_wait(
    client: DebuggerClient, firefox: Firefox, garbage: bytes
) -> None:
    asking = soon(client.ask("a", "x"))
    await firefox.asked.get()
    firefox.says_raw(garbage)
    firefox.hangs_up()
    with pytest.raises(BridgeError, match="debugger"):
        await asking


async def test_closing_ends_every_wait(firefox: Firefox) -> None:
    client = await connect(firefox.address, 10_000)
    asking = soon(client.ask("a", "x"))
    await firefox.asked.get()
    await client.close()
    with pytest.raises(BridgeError, match=GONE):
        await asking
    await client.close()


# --- evaluating -----------------------------------------------------------------------------------------------------


async def answer_evaluation(firefox: Firefox, **result: Any) -> None:
    assert (await firefox.asked.get())["type"] == "evaluateJSAsync"
    firefox.says({"from": "console", "resultID": "1"})
    firefox.says({"from": "console", "type": "evaluationResult", "resultID": "1", **result})


async def test_a_long_text_is_fetched_whole(
    client: DebuggerClient, firefox: Firefox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.browsers.rdp._PIECE", 4)
    evaluating = soon(client.evaluate("console", "it"))
    await answer_evaluation(firefox, result={"type": "longString", "initial": "ab", "actor": "text", "length": 6})
    for start, end, piece in ((0, 4, "abcd"), (4, 6, "ef")):
        assert await firefox.asked.get() == {"to": "text", "type": "substring", "start": start, "end": end}
        firefox.says({"from": "text", "substring": piece})
    assert (await firefox.asked.get())["type"] == "release"
    firefox.says({"from": "text"})
    assert await evaluating == "abcdef"


async def test_a_promise_that_is_rejected(client: DebuggerClient, firefox: Firefox) -> None:
    evaluating = soon(client.evaluate("console", "it"))
    await answer_evaluation(firefox, result={"type": "undefined"}, topLevelAwaitRejected=True)
    with pytest.raises(RemoteError, match="rejected"):
        await evaluating


async def test_a_result_that_nobody_waits_for_any_more_is_not_kept(client: DebuggerClient, firefox: Firefox) -> None:
    evaluating = soon(client.evaluate("console", "it"))
    await firefox.asked.get()
    asking = [soon(client.ask("a", "get")) for _ in range(2)]
    firefox.says({"from": "console", "resultID": "1"}, {"from": "a"})
    await asking[0]
    await asyncio.sleep(0)  # until it waits for the result
    evaluating.cancel()
    firefox.says({"from": "console", "type": "evaluationResult", "resultID": "1", "result": 1}, {"from": "a"})
    await asking[1]
    assert client._evaluations == {}
