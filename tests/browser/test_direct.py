"""Agents that connect to Python themselves: where they may, and that nothing is lost by it."""

import asyncio
from typing import Any

import pytest
from browser.talking import new_page

from bridge.async_api import Bridge, Context
from support import Site

LIMIT_S = 20
ROUND_TRIPS = 20  # after which an agent that dials has moved, many times over
ECHO = """
    const { runtime } = globalThis.browser ?? globalThis.chrome;
    runtime.onConnect.addListener((port) => port.onMessage.addListener((message) => port.postMessage(message)));
"""
FILES = {"background.js": ECHO, "page.html": "<title>page</title>", "policy.html": ""}
OWN_POLICY = {"content_security_policy": {"extension_pages": "script-src 'self'"}}


def manifest(version: int = 3, **more: Any) -> dict[str, Any]:
    background: dict[str, Any] = {"scripts": ["background.js"]}
    if version == 3:
        background["service_worker"] = "background.js"
    return {
        "manifest_version": version,
        "name": "direct",
        "version": "1",
        "background": background,
        "content_scripts": [{"matches": ["http://127.0.0.1/*"], "js": ["content.js"]}],
        "browser_specific_settings": {"gecko": {"id": "direct@example.org"}},
        **more,
    }


async def moves(context: Context) -> None:
    """Return when the context's agent and Python have moved to its own socket."""
    async with asyncio.timeout(LIMIT_S):
        while not context._require_link()._has_moved:
            await context.call("runtime.getURL", "")


async def stays(context: Context) -> None:
    """Check that the context's agent goes on to speak through the relay."""
    for _ in range(ROUND_TRIPS):
        await context.call("runtime.getURL", "")
    assert context._require_link()._socket is None


async def echo(context: Context) -> None:
    """Post many messages at once to the genuine background, and get them back in order."""
    port = context.runtime.connect({"name": "echo"})
    for number in range(200):
        port.postMessage(number)
    assert [await port.receive() for _ in range(200)] == list(range(200))
    port.disconnect()


async def run(begin: Any, manifest: dict[str, Any]) -> Bridge:
    bridge: Bridge = await begin(manifest, {**FILES, "content.js": ECHO})
    return bridge


async def test_contexts_of_the_extensions_own_origin_connect_themselves(load: Any, site: Site) -> None:
    bridge = await run(load, manifest(**OWN_POLICY))
    page = await bridge.page("page.html")
    await moves(bridge.background)
    await moves(page)
    await echo(page)
    web_page = await new_page(bridge, site.url)
    content = await bridge.content(web_page)
    await stays(content)
    async with bridge.background.expect_connection("from the content script") as info:
        port = content.runtime.connect({"name": "from the content script"})
    port.postMessage("to Python")
    assert await (await info.value).receive() == "to Python"
    await web_page.close()


async def test_with_the_default_policy(load: Any, engine: str) -> None:
    bridge = await run(load, manifest())
    check = moves if engine == "chromium" else stays  # Firefox's policy for Manifest V3 makes wss: of ws:
    await check(bridge.background)
    page = await bridge.page()
    await check(page)
    await echo(page)


async def test_manifest_v2(load: Any, engine: str) -> None:
    if engine == "chromium":
        pytest.skip("Chromium runs no Manifest V2")
    bridge = await run(load, manifest(2))
    await moves(bridge.background)
    await echo(await bridge.page())


@pytest.mark.parametrize(
    "more",
    [
        {**OWN_POLICY, "permissions": ["declarativeNetRequest"]},
        {"content_security_policy": {"extension_pages": "script-src 'self'; connect-src 'none'"}},
    ],
    ids=["permission", "policy"],
)
async def test_extensions_that_could_tell_or_may_not(load: Any, more: dict[str, Any]) -> None:
    bridge = await run(load, manifest(**more))
    await stays(bridge.background)
    page = await bridge.page("page.html")
    await stays(page)
    await echo(page)


async def test_a_page_with_a_policy_of_its_own(load: Any) -> None:
    policy = "<meta http-equiv='Content-Security-Policy' content=\"connect-src 'none'\"><script src=seen.js></script>"
    seen = """
        const api = globalThis.browser ?? globalThis.chrome;
        addEventListener("securitypolicyviolation", (event) => api.storage.session.set({ seen: event.blockedURI }));
    """
    files = {**FILES, "content.js": "", "policy.html": policy, "seen.js": seen}
    bridge = await load(manifest(**OWN_POLICY, permissions=["storage"]), files)
    page = await bridge.page("policy.html")
    await stays(page)
    await echo(page)
    assert await page.call("storage.session.get", "seen") == {}


async def test_a_background_that_starts_again(load: Any) -> None:
    bridge = await run(load, manifest(**OWN_POLICY))
    for _ in range(3):
        await moves(bridge.background)
        port = bridge.background.runtime.connect("no-such-extension@example.org", {"name": "nobody there"})
        await port.wait_for_disconnect()
        await bridge.stop_background()
        await echo(await bridge.page())  # wakes it; what the page gets may overtake the background's greeting
        await bridge.wait_for_background()


async def test_what_a_page_posts_as_it_goes(load: Any) -> None:
    """The last frames come over the page's own socket, and the end of the page through the relay."""
    bridge = await run(load, manifest(**OWN_POLICY))
    for number in range(10):
        page = await bridge.page("page.html")
        await moves(page)
        async with bridge.background.expect_connection("last words") as info:
            port = page.runtime.connect({"name": "last words"})
        accepted = await info.value
        port.postMessage(number)
        await page.close()
        assert await accepted.receive() == number
        await accepted.wait_for_disconnect()
        await page.wait_for_close()


async def test_sockets_that_playwright_routes_are_left_alone(start: Any, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Playwright sees no page of an extension in Firefox, so it routes nothing there")
    bridge = await run(start, manifest(**OWN_POLICY))  # there is no unroute_web_socket()
    routed: list[str] = []
    await bridge.browser_context.route_web_socket("**", lambda socket: routed.append(socket.url))
    for _ in range(3):  # Playwright's own script may come late into a tab that it did not open: such a page dials
        page = await bridge.page("page.html")
        await echo(page)
    assert routed == []


async def test_without_a_network(load: Any) -> None:
    """Chromium holds the bridge's own sockets too while Playwright's set_offline() lasts; nothing of it is lost."""
    bridge = await run(load, manifest(**OWN_POLICY))
    page = await bridge.page("page.html")
    await moves(page)
    await bridge.browser_context.set_offline(True)
    echoed = asyncio.ensure_future(echo(page))
    await bridge.browser_context.set_offline(False)
    await echoed


async def test_a_socket_that_is_cut(load: Any) -> None:
    """The agent begins anew, through the relay; ports that were open end."""
    bridge = await run(load, manifest(**OWN_POLICY))
    background = bridge.background
    await moves(background)
    port = background.runtime.connect(bridge.external.runtime.id, {"name": "ends"})
    with bridge._contexts.next(lambda context: context is background) as again:
        socket: Any = background._require_link()._socket
        socket._transport.abort()
        await asyncio.wait_for(again, LIMIT_S)
    await port.wait_for_disconnect()
    await stays(background)
    await echo(await bridge.page())


async def test_a_connection_comes_after_the_context_that_opened_it(load: Any, site: Site) -> None:
    """One over the background's own socket, the other through the relay."""
    connects = "const { runtime } = globalThis.browser ?? globalThis.chrome; runtime.connect();"
    bridge = await load(manifest(**OWN_POLICY), {"background.js": "", "content.js": connects})
    background = bridge.background
    known: list[bool] = []

    def on_connect(port: Any) -> None:
        known.append(port.sender.tab.id in [context.tab_id for context in bridge.contexts if context.kind == "content"])

    await background.runtime.onConnect.addListener(on_connect)
    await moves(background)
    page = await bridge.browser_context.new_page()
    for number in range(1, 11):
        await page.goto(f"{site.url}?{number}")
        async with asyncio.timeout(LIMIT_S):
            while len(known) < number:
                await background.call("runtime.getURL", "")
    assert all(known)
    await page.close()


async def test_listeners_are_there_before_what_python_does_next(load: Any, site: Site) -> None:
    """They take the way through the relay, and it the shorter one."""
    bridge = await load(manifest(**OWN_POLICY), {"background.js": "", "content.js": ""})
    page = await new_page(bridge, site.url)
    content = await bridge.content(page)
    await moves(bridge.background)
    for number in range(20):
        accepted: list[Any] = []
        content.runtime.onConnect.addListener(accepted.append)  # not awaited
        port = bridge.background.tabs.connect(content.tab_id)
        port.postMessage(number)
        async with asyncio.timeout(LIMIT_S):
            while not accepted and not port.error:
                await bridge.background.call("runtime.getURL", "")
        assert port.error is None
        assert await accepted[0].receive() == number
        content.runtime.onConnect.removeListener(accepted.append)
        port.disconnect()
    await page.close()
