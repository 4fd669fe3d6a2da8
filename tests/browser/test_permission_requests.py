"""What the extension requests itself, by `permissions.request()` after a genuine click, and who answers it."""

import asyncio
from typing import Any

import pytest

from bridge.async_api import Bridge, BridgeTimeoutError, Context, PermissionRequest, UnsupportedError
from support import background

REQUEST = """
    const answers = [];
    let wanted = [{ permissions: ["bookmarks"] }];
    const one = async (it) => { answers.push([it, await chrome.permissions.request(it)]); };
    const ask = () => Promise.all(wanted.map(one));
"""
FILES = {
    "b.js": REQUEST + "chrome.action.onClicked.addListener(ask);",
    "p.html": "<!doctype html><button>ask</button><script src=p.js></script>",
    "p.js": REQUEST + "document.querySelector('button').addEventListener('click', ask);",
}
MANIFEST = {
    **background("b.js"),
    "action": {},
    "optional_permissions": ["bookmarks", "history", "idle", "tabs"],
    "optional_host_permissions": ["http://b.test/*"],
    "browser_specific_settings": {"gecko": {"id": "asking@example.org"}},
}
BOOKMARKS = {"permissions": ["bookmarks"]}
MUCH = {"permissions": ["history", "idle"], "origins": ["http://b.test/*"]}


async def click(bridge: Bridge, engine: str, *wanted: Any) -> Context:
    """Have a click let the extension make requests; return where it does."""
    if engine == "firefox":
        asking = bridge.background
    else:
        asking = await bridge.page("p.html")
    await asking.evaluate("(it) => { wanted = it; answers.length = 0; }", list(wanted) or [BOOKMARKS])
    if engine == "firefox":
        await bridge.click_action()
    else:
        await (await asking.playwright_page()).click("button")
    return asking


async def answered(asking: Context, count: int = 1) -> Any:
    """What the requests came to."""
    answers = await asking.wait_for_function("(count) => answers.length === count && answers", count)
    return [answer for _, answer in answers]


async def ask(bridge: Bridge, engine: str, *wanted: Any) -> Any:
    return await answered(await click(bridge, engine, *wanted), len(wanted) or 1)


async def contains(bridge: Bridge, wanted: Any = BOOKMARKS) -> Any:
    return await bridge.background.evaluate("(wanted) => chrome.permissions.contains(wanted)", wanted)


async def test_a_request_is_allowed(start: Any, engine: str) -> None:
    bridge = await start(MANIFEST, FILES)
    assert await ask(bridge, engine) == [True]
    assert await contains(bridge)
    await bridge.reset()
    assert await ask(bridge, engine) == [True]


async def test_a_request_is_refused(start: Any, engine: str) -> None:
    bridge = await start(MANIFEST, FILES, permission_requests="refuse", grant=["tabs"])
    assert await ask(bridge, engine) == [False]
    assert not await contains(bridge)
    assert await contains(bridge, {"permissions": ["tabs"]})
    await bridge.grant("bookmarks")
    assert await contains(bridge)
    await bridge.reset()
    assert not await contains(bridge)
    await bridge.grant("bookmarks")
    assert await contains(bridge)


async def test_a_listener_answers(load: Any, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, permission_requests="refuse")
    requests: list[PermissionRequest] = []

    def answer(request: PermissionRequest) -> None:
        requests.append(request)
        (request.allow if request.origins else request.refuse)()

    await bridge.permission_requests.addListener(answer)
    assert await ask(bridge, engine) == [False]
    assert await ask(bridge, engine, MUCH) == [True]
    refused, allowed = requests
    assert (refused.permissions, refused.origins, refused.answered) == (["bookmarks"], [], "refused")
    assert {"permissions": allowed.permissions, "origins": allowed.origins} == MUCH
    assert allowed.answered == "allowed" and await contains(bridge, MUCH)
    await bridge.grant("bookmarks")  # which is no request of the extension's own
    assert len(requests) == 2
    await bridge.permission_requests.removeListener(answer)
    await bridge.reset()
    assert await ask(bridge, engine) == [False]
    assert len(requests) == 2


async def test_a_request_waits_for_its_answer(load: Any, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, permission_requests="refuse")
    async with bridge.expect_permission_request(lambda request: request.origins) as info:
        asking = await click(bridge, engine, MUCH)
    request = await info.value
    assert bridge.open_permission_requests == [request] and request.answered is None
    with pytest.raises(BridgeTimeoutError, match=r"Python has not answered <PermissionRequest for \['history', 'idle"):
        await asking.wait_for_function("answers.length", timeout=500)
    request.allow()
    request.refuse()
    assert request.answered == "allowed" and await answered(asking) == [True]
    assert bridge.open_permission_requests == []


async def test_several_requests_at_once(load: Any, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, permission_requests="refuse")
    await bridge.grant("tabs")
    await bridge.permission_requests.addListener(lambda request: request.origins and request.allow())
    held = {"permissions": ["tabs"]}  # nobody is asked for that
    asking = await click(bridge, engine, held, BOOKMARKS, MUCH)
    assert len(await answered(asking, 2)) == 2
    (request,) = bridge.open_permission_requests
    assert request.permissions == ["bookmarks"]
    request.refuse()
    await answered(asking, 3)
    answers = {tuple(wanted["permissions"]): answer for wanted, answer in await asking.evaluate("answers")}
    assert answers == {("tabs",): True, ("bookmarks",): False, ("history", "idle"): True}


async def test_a_listener_that_raises(load: Any, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, permission_requests="refuse")

    async def answer(request: PermissionRequest) -> None:
        await asyncio.wait_for(bridge.background.evaluate("1"), 10)
        raise ValueError(f"not {request.permissions[0]}")

    await bridge.permission_requests.addListener(answer)
    assert await ask(bridge, engine) == [False]
    with pytest.raises(ValueError, match="not bookmarks"):
        await bridge.background.accept(timeout=0)


async def test_a_reset_removes_listeners_and_ends_requests(load: Any, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, permission_requests="refuse")
    requests: list[PermissionRequest] = []
    await bridge.permission_requests.addListener(requests.append)
    async with bridge.expect_permission_request():
        await click(bridge, engine)
    await bridge.reset()
    assert [request.answered for request in requests] == ["refused"]
    assert bridge.open_permission_requests == []
    assert await ask(bridge, engine) == [False]
    assert len(requests) == 1


async def test_chromium_is_launched_to_ask_or_not(load: Any, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    if engine == "chromium":
        with pytest.raises(UnsupportedError, match='Launch it with permission_requests="refuse"'):
            bridge.permission_requests.addListener(PermissionRequest.refuse)
        with pytest.raises(UnsupportedError):
            async with bridge.expect_permission_request():
                pass
        assert not bridge.permission_requests.hasListener(PermissionRequest.refuse)
        return
    await bridge.permission_requests.addListener(PermissionRequest.refuse)
    assert await ask(bridge, engine) == [False]
    await bridge.permission_requests.removeListener(PermissionRequest.refuse)
    assert await ask(bridge, engine) == [True]
