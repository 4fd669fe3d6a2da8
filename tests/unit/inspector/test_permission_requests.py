"""What the extension requests of its user, as a page sees and answers it: the browser is played by the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from unit.inspector.stage import MANIFEST, Page, Stage, running

from bridge.errors import ContextError, UnsupportedError
from bridge.waiting.event import invoke_here

OPTIONAL = {**MANIFEST, "optional_permissions": ["tabs"], "optional_host_permissions": ["http://a.test/*"]}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running(OPTIONAL) as stage:
        stage.contexts.external._session.allows_requests = False
        yield stage


async def hears(viewer: Page, *, on: bool = True) -> None:
    """Have the inspector hear what the extension requests, or stop."""
    assert (await viewer.asks("hearPermissionRequests", on=on))["type"] == "commandDone"
    await viewer.hears_state(lambda state: state["hearsPermissionRequests"] is on)


def asks(stage: Stage, *permissions: str, origins: tuple[str, ...] = ()) -> "asyncio.Future[bool]":
    """The extension requests permissions, and the browser asks its user."""
    assert stage.driver.decide
    return asyncio.ensure_future(stage.driver.decide("tested-id", [*permissions], [*origins]))


async def opened(viewer: Page, count: int = 1) -> list[dict[str, Any]]:
    """The open requests, once there are so many."""
    state = await viewer.hears_state(lambda state: len(state["permissionRequests"]) == count)
    requests: list[dict[str, Any]] = state["permissionRequests"]
    return requests


@pytest.mark.parametrize(("command", "answer", "words"), [("allow", True, "allowed"), ("refuse", False, "refused")])
async def test_a_request_is_answered(stage: Stage, viewer: Page, command: str, answer: bool, words: str) -> None:
    await hears(viewer)
    asked = asks(stage, "tabs", origins=("http://a.test/*",))
    (request,) = await opened(viewer)
    assert (request["permissions"], request["origins"]) == (["tabs"], ["http://a.test/*"])
    (held,) = stage.bridge.open_permission_requests
    assert (await viewer.asks(command, request=request["id"]))["type"] == "commandDone"
    assert await asked is answer and held.answered == words
    await opened(viewer, 0)
    assert "That permission request is gone" in (await viewer.asks(command, request=request["id"]))["text"]


async def test_what_was_answered_elsewhere_cannot_be_answered(stage: Stage, viewer: Page) -> None:
    await hears(viewer)
    asks(stage, "tabs")
    (request,) = await opened(viewer)
    stage.bridge.open_permission_requests[0].allow()
    answer = await viewer.asks("refuse", request=request["id"])
    assert answer["text"] == "This permission request is no longer open: allowed"


async def test_a_request_stays_the_same_in_each_state(stage: Stage, viewer: Page) -> None:
    await hears(viewer)
    asks(stage, "tabs")
    (request,) = await opened(viewer)
    stage.pages.clear()
    state = await viewer.hears_state(lambda state: not state["pages"])
    assert state["permissionRequests"] == [request]


async def test_what_only_the_inspector_heard_gets_the_answer_of_the_launch_when_it_stops(
    stage: Stage, viewer: Page
) -> None:
    await hears(viewer)
    asked = asks(stage, "tabs")
    await opened(viewer)
    await hears(viewer, on=False)
    assert await asked is False and stage.driver.decide is None
    await opened(viewer, 0)


@pytest.mark.parametrize("waits", [True, False])
async def test_what_the_test_may_answer_stays_open_when_the_inspector_stops(
    stage: Stage, viewer: Page, waits: bool
) -> None:
    await hears(viewer)
    if waits:
        async with stage.bridge.expect_permission_request() as info:
            asked = asks(stage, "tabs")
        await info.value
    else:
        await stage.bridge.permission_requests.addListener(lambda request: None)
        asked = asks(stage, "tabs")
    (request,) = await opened(viewer)
    await hears(viewer, on=False)
    assert not asked.done()
    assert (await viewer.asks("allow", request=request["id"]))["type"] == "commandDone"
    assert await asked is True


async def test_a_request_of_the_test_is_shown_too(stage: Stage, viewer: Page) -> None:
    async with stage.bridge.expect_permission_request() as info:
        asked = asks(stage, "tabs")
    await info.value
    (request,) = await opened(viewer)
    await viewer.asks("refuse", request=request["id"])
    assert await asked is False


async def test_a_reset_ends_the_hearing_and_a_page_may_begin_it_again(stage: Stage, viewer: Page) -> None:
    await hears(viewer)
    asked = asks(stage, "tabs")
    await opened(viewer)
    stage.bridge._permission_requests.forget()
    assert await asked is False
    await viewer.hears_state(lambda state: not state["hearsPermissionRequests"])
    await hears(viewer)
    asks(stage, "tabs")
    await opened(viewer)


async def test_the_end_of_the_inspector_leaves_nothing_open(stage: Stage, viewer: Page) -> None:
    await hears(viewer)
    asked = asks(stage, "tabs")
    await opened(viewer)
    await stage.inspector.close()
    assert await asked is False and not stage.bridge.permission_requests
    stage.bridge.raise_listener_errors()


async def test_a_launch_that_takes_no_requests(stage: Stage, viewer: Page) -> None:
    stage.driver.refuses = UnsupportedError("it grants without asking")
    state = await viewer.hears_state(lambda state: "hearPermissionRequests" in state["refused"])
    assert state["refused"]["hearPermissionRequests"] == "it grants without asking"
    answer = await viewer.asks("hearPermissionRequests", on=True)
    assert (answer["type"], answer["text"]) == ("commandFailed", "it grants without asking")
    assert not stage.bridge.permission_requests


async def test_a_manifest_without_optional_permissions() -> None:
    async with running() as stage:
        viewer = await stage.page()
        state = await viewer.hears_state(lambda state: True)
        assert "no optional permissions" in state["refused"]["hearPermissionRequests"]


async def test_the_browser_is_gone(stage: Stage, viewer: Page) -> None:
    await hears(viewer)
    asked = asks(stage, "tabs")
    await opened(viewer)
    stage.bridge._permission_requests.end(ContextError("The browser closed"))
    assert await asked is False
    await opened(viewer, 0)


async def test_a_listener_that_is_called_late_leaves_the_request_to_others(stage: Stage, viewer: Page) -> None:
    """In the sync flavour, listeners are called while the test waits: the inspector may have stopped by then."""
    late: list[Callable[[], None]] = []

    def invoke(listener: Any, args: tuple[Any, ...], on_error: Any, on_result: Any = None) -> None:
        late.append(lambda: invoke_here(listener, args, on_error))

    stage.bridge._permission_requests._invoke = invoke
    await hears(viewer)
    asked = asks(stage, "tabs")
    await opened(viewer)
    await hears(viewer, on=False)
    assert not asked.done()
    for call in late:
        call()
    assert await asked is False


async def test_the_box_is_ticked_once_the_browser_has_begun_to_tell(
    stage: Stage, viewer: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    tells = stage.driver.hear_requests

    async def hear_requests(decide: Any) -> None:
        await begun.wait()
        await tells(decide)

    monkeypatch.setattr(stage.driver, "hear_requests", hear_requests)
    await viewer.says("hearPermissionRequests", id=1, on=True)
    while not stage.bridge.permission_requests:
        await viewer.hears("bridgeState")
        stage.pages.append(stage.pages[0])  # so that there is a next state
    stage.pages.clear()
    state = await viewer.hears_state(lambda state: not state["pages"])
    assert not state["hearsPermissionRequests"]
    begun.set()
    await viewer.hears_state(lambda state: state["hearsPermissionRequests"])


async def test_a_browser_that_fails_to_tell(stage: Stage, viewer: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hear_requests(decide: Any) -> None:
        if decide:
            raise ContextError("no such page")

    with monkeypatch.context() as patch:
        patch.setattr(stage.driver, "hear_requests", hear_requests)
        answer = await viewer.asks("hearPermissionRequests", on=True)
    assert (answer["type"], answer["text"]) == ("commandFailed", "no such page")
    assert not stage.bridge.permission_requests
    await hears(viewer)
    asks(stage, "tabs")
    await opened(viewer)
