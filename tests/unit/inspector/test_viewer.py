"""What a page is told, and what becomes of its commands: the browser is played by the test."""

import asyncio
from typing import Any

import pytest
from aiohttp import WSMsgType
from unit.core.fakes import Agent
from unit.inspector.stage import Page, Records, Stage, posted, running

from bridge.errors import BridgeError, ContextError
from bridge.inspector.acts import ACTS

POLICY_VIOLATION = 1008


# --- what it is told ------------------------------------------------------------------------------------------------


async def test_the_first_message_says_what_runs(viewer: Page) -> None:
    first = await viewer.hears("launchInfo", "bridgeState", "recordBatch")
    assert {act["name"] for act in first.pop("acts")} == ACTS.keys()
    assert first == {
        "type": "launchInfo",
        "browser": "chromium",
        "extension": "tested-id",
        "name": "tested",
        "recording": True,
        "pagePaths": ["popup.html"],
    }


async def test_contexts_come_and_go(stage: Stage, viewer: Page) -> None:
    agent = stage.begin("content", "https://example.org/", 3, tab={"id": 3}, frameId=0)
    state = await viewer.hears_state(lambda state: len(state["contexts"]) == 3)
    context = state["contexts"][-1]
    assert (context["kind"], context["tab"], context["frame"], context["running"]) == ("content", 3, 0, True)
    externals = {"runtime.onConnectExternal", "runtime.onMessageExternal"}
    assert set(context["refused"]) == {"connectTab", "askTab", "connectNative", *externals}
    agent.link.close(ContextError("gone"))
    await viewer.hears_state(lambda state: len(state["contexts"]) == 2)


async def test_a_stopped_background_stays_on_the_list(viewer: Page, agent: Agent) -> None:
    state = await viewer.hears_state(lambda state: True)
    assert state["background"] == "running"
    assert state["refused"].keys() == {"startBackground", "resume", "hearPermissionRequests", "hold"}
    agent.link.close(ContextError("stopped"))
    state = await viewer.hears_state(lambda state: state["background"] == "stopped")
    background = state["contexts"][0]
    assert not background["running"]
    assert "stopped" in background["refused"]["connect"]
    assert "stopped" in background["refused"]["ask"]
    assert state["refused"].keys() == {"stopBackground", "resume", "hearPermissionRequests", "hold"}


@pytest.mark.parametrize(
    ("manifest", "refused"),
    [
        ({"name": "x"}, {"stopBackground": "no background", "startBackground": "no background"}),
        ({"name": "x", "action": {}}, {"stopBackground": "no background", "startBackground": "no background"}),
        ({"name": "x"}, {"clickAction": "has no 'action' key"}),
        (
            {"manifest_version": 2, "background": {"scripts": ["b.js"]}, "browser_action": {}},
            {"stopBackground": "persistent background page, which never stops"},
        ),
    ],
)
async def test_what_cannot_work_has_a_reason(manifest: dict[str, Any], refused: dict[str, str]) -> None:
    browser = "firefox" if manifest.get("manifest_version") == 2 else "chromium"
    async with running(manifest, browser=browser) as stage:
        page = await stage.page()
        state = await page.hears_state(lambda state: True)
        for command, words in refused.items():
            assert words in state["refused"][command]


async def test_no_page_no_press(stage: Stage, viewer: Page) -> None:
    state = await viewer.hears_state(lambda state: True)
    assert [other["url"] for other in state["pages"]] == ["https://example.org/"]
    stage.pages.clear()
    state = await viewer.hears_state(lambda state: not state["pages"])
    assert "no page" in state["refused"]["clickAction"]


# --- records --------------------------------------------------------------------------------------------------------


async def texts(viewer: Page) -> list[Any]:
    """The next batch, in short."""
    batch = await viewer.hears("recordBatch")
    return [record.get("payload", {}).get("text", record["type"]) for record in batch["records"]]


async def test_records_of_before_and_of_now() -> None:
    async with running(records=Records(posted("before"))) as stage:
        page = await stage.page()
        assert await texts(page) == ["launched", "before"]
        stage.records.emit(posted("now"))
        await page.says("batchShown")
        assert await texts(page) == ["now"]


async def test_a_slow_page_gets_no_more_and_is_told_how_many_were_left_out() -> None:
    async with running(limit=10) as stage:
        page = await stage.page()
        assert await texts(page) == ["launched"]
        for number in range(5000):
            stage.records.emit(posted(str(number)))
        await page.asks("resume")  # is answered, so that whatever was to come before it came
        await page.says("batchShown")
        batch = await page.hears("recordBatch")
        assert batch["leftOut"] == 4990
        assert batch["records"][0]["type"] == "omitted" and batch["records"][0]["count"] == 4990
        assert [record["payload"]["text"] for record in batch["records"][1:]] == [str(n) for n in range(4990, 5000)]


async def test_a_page_that_says_nothing_gets_one_batch() -> None:
    async with running(limit=10) as stage:
        page = await stage.page()
        assert await texts(page) == ["launched"]
        stage.records.emit(posted())
        await page.asks("resume")
        stage.records.emit(posted())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(page.hears("recordBatch"), 0.5)


async def test_two_pages_get_the_same(stage: Stage) -> None:
    one, other = await stage.page(), await stage.page()
    assert await texts(one) == await texts(other) == ["launched"]
    await one.socket.close()
    await other.says("batchShown")
    stage.records.emit(posted("a"))
    assert await texts(other) == ["a"]


async def test_a_page_that_left_is_forgotten(stage: Stage) -> None:
    before = len(stage.records.subscribers)
    page = await stage.page()
    await page.hears("recordBatch")
    assert len(stage.records.subscribers) == before + 1
    await page.socket.close()
    another = await stage.page()
    await another.hears("recordBatch")
    await another.asks("resume")
    assert len(stage.records.subscribers) == before + 1


# --- what is no command ---------------------------------------------------------------------------------------------


async def test_what_is_no_command_is_answered(viewer: Page) -> None:
    answer = await viewer.asks("postOffice")
    assert answer["type"] == "commandFailed" and "This is not a command" in answer["text"]
    answer = await viewer.asks("disconnect", port="1")
    assert answer["type"] == "commandFailed" and "port" in answer["text"]
    assert (await viewer.asks("resume"))["type"] == "commandDone"


@pytest.mark.parametrize("text", ["", "[]", '{"type": "batchShown", "id": "x"', '{"type": "launchInfo"}'])
async def test_what_cannot_be_answered_ends_the_connection(viewer: Page, text: str) -> None:
    await viewer.socket.send_str(text)
    while (await viewer.socket.receive(timeout=10)).type is WSMsgType.TEXT:
        pass
    assert viewer.socket.close_code == POLICY_VIOLATION


async def test_bytes_end_the_connection(viewer: Page) -> None:
    await viewer.socket.send_bytes(b"{}")
    while (await viewer.socket.receive(timeout=10)).type is WSMsgType.TEXT:
        pass
    assert viewer.socket.close_code == POLICY_VIOLATION


# --- the test that waits, and the end -------------------------------------------------------------------------------


async def test_resume(stage: Stage, viewer: Page) -> None:
    waiting = asyncio.ensure_future(stage.inspector.resumed())
    state = await viewer.hears_state(lambda state: state["waiting"])
    assert "resume" not in state["refused"]
    await viewer.asks("resume")
    await waiting
    await viewer.hears_state(lambda state: not state["waiting"])


async def test_the_wait_ends_when_the_browser_is_gone(stage: Stage, viewer: Page) -> None:
    waiting = asyncio.ensure_future(stage.inspector.resumed())
    await viewer.hears_state(lambda state: state["waiting"])
    stage.contexts.end(ContextError("The browser closed"))
    with pytest.raises(ContextError, match="The browser closed"):
        await waiting
    assert "The browser closed" in (await viewer.hears("bridgeEnded"))["reason"]
    with pytest.raises(ContextError, match="The browser closed"):
        await stage.inspector.resumed()


async def test_the_wait_ends_with_the_inspector(stage: Stage, viewer: Page) -> None:
    waiting = asyncio.ensure_future(stage.inspector.resumed())
    await viewer.hears_state(lambda state: state["waiting"])
    await stage.inspector.close()
    with pytest.raises(BridgeError, match="The inspector was closed"):
        await waiting
    with pytest.raises(BridgeError, match="The inspector was closed"):
        await stage.inspector.resumed()


async def test_a_cancelled_wait_is_over(stage: Stage, viewer: Page) -> None:
    waiting = asyncio.ensure_future(stage.inspector.resumed())
    await viewer.hears_state(lambda state: state["waiting"])
    waiting.cancel()
    await viewer.hears_state(lambda state: not state["waiting"])


async def test_the_end(stage: Stage, viewer: Page, agent: Agent) -> None:
    await viewer.opens("background")
    await viewer.asks("listen", context=await viewer.context("background"), event="runtime.onConnect", on=True)
    agent.heard()
    await stage.inspector.close()
    await stage.inspector.close()
    assert (await viewer.hears("bridgeEnded"))["reason"] == "The bridge was closed"
    assert (await viewer.socket.receive(timeout=10)).type is WSMsgType.CLOSE
    assert set(agent.heard_types()) == {"disconnect", "unlisten"}
    assert stage.records.subscribers == []
    stage.bridge.raise_listener_errors()


async def test_a_name_that_is_no_unicode(viewer: Page) -> None:
    await viewer.opens("background", name="\ud800")
    state = await viewer.hears_state(lambda state: state["ports"])
    assert state["ports"][0]["name"] == "\ud800"


async def test_a_page_that_leaves_leaves_the_ports(stage: Stage, viewer: Page) -> None:
    id = await viewer.opens("background")
    await viewer.socket.close()
    again = await stage.page()
    state = await again.hears_state(lambda state: state["ports"])
    assert state["ports"][0]["id"] == id and state["ports"][0]["closed"] is None
