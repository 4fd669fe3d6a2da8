"""The inspector holds what the extension's own scripts say to each other, and its user decides about each message."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browser.inspected import Inspect, Inspected, inspecting, viewing
from browser.talking import open_page
from playwright.async_api import Browser, Playwright, expect

from bridge.async_api import Bridge, Context, PortRoute
from support import Site, background, content

_SCRIPT = """
    var api = globalThis.browser ?? chrome, seen = [], held = {};
    var hold = (port) => {
      held[port.name] = port;
      port.onMessage.addListener((message) => seen.push(message));
      port.onDisconnect.addListener(() => seen.push("the end"));
      return port;
    };
"""
_MANIFEST = {**background("b.js"), **content("c.js")}
_FILES = {
    "b.js": f"""{_SCRIPT}
        api.runtime.onConnect.addListener((port) => {{
          hold(port).onMessage.addListener((message) => port.postMessage({{ echo: message }}));
        }});
    """,
    "c.js": f"""{_SCRIPT}
        var open = (name) => hold(api.runtime.connect({{ name }}));
        var say = (...messages) => messages.forEach((message) => held.sync.postMessage(message));
    """,
}


class Held(Inspected):
    """An inspected extension, of which a content script says something to the background."""

    script: Context

    @property
    def messages(self) -> Any:
        return self.page.get_by_role("listbox", name="Held messages").get_by_role("option")

    @property
    def holds(self) -> Any:
        return self.page.get_by_role("list", name="Names whose ports are held").get_by_role("listitem")

    async def hold(self, name: str = "sync") -> None:
        await self.field("Hold ports").fill(name)
        await self.button("Hold").click()
        await expect(self.holds).to_contain_text(name)

    async def waits(self, *texts: str) -> None:
        """Wait until these messages wait."""
        await expect(self.messages).to_contain_text(list(texts))
        await expect(self.messages).to_have_count(len(texts))

    async def hears(self, context: Context, *messages: Any) -> None:
        """Wait until that is all that a script has heard, and forget it."""
        try:
            await context.wait_for_function("(count) => seen.length >= count", len(messages), timeout=10_000)
        finally:
            assert await context.evaluate("seen.splice(0)") == list(messages)


@pytest.fixture(scope="module")
async def viewer(playwright_async: Playwright) -> AsyncIterator[Browser]:
    async with viewing(playwright_async.chromium) as browser:
        yield browser


@pytest.fixture
async def inspect(viewer: Browser) -> AsyncIterator[Inspect]:
    async with inspecting(viewer, Held) as inspect:
        yield inspect


@pytest.fixture
async def bridge(load: Any) -> Bridge:
    bridge: Bridge = await load(_MANIFEST, _FILES, routes=True, record="all")
    return bridge


@pytest.fixture
async def it(bridge: Bridge, inspect: Inspect, site: Site) -> Held:
    page = await open_page(bridge, site.url)
    it: Any = await inspect(bridge)
    it.script = await bridge.content(page)
    return it


async def test_each_message_goes_on_changes_or_is_lost(it: Held) -> None:
    await it.hold()
    await it.script.evaluate("open('sync') && say({n: 1}, {n: 2}, {n: 3})")
    await it.waits('{"n": 1}', '{"n": 2}', '{"n": 3}')
    await expect(it.holds).to_contain_text("1 port held")

    await it.messages.first.click()
    await expect(it.page.locator("#held-message")).to_have_text('{"n": 1}')
    await expect(it.page.locator("#held-way")).to_have_text(
        re.compile(r"^“sync” content script, tab \d+ → background$")
    )
    await it.button("Let go").click()
    await it.hears(it.bridge.background, {"n": 1})
    await it.waits('{"n": 2}', '{"n": 3}', '{"echo": {"n": 1}}')

    await expect(it.page.locator("#held-message")).to_have_text('{"n": 2}')  # it has gone on to the next
    editor = it.field("Another message, as JSON")
    assert await editor.input_value() == '{"n":2}'
    await editor.fill('{"n": ')
    await it.button("Change").click()
    await expect(it.page.locator("#changed-error")).to_contain_text("This is not JSON")
    await editor.fill('{"n": 22}')
    await it.page.keyboard.press("Control+Enter")
    await it.hears(it.bridge.background, {"n": 22})

    await expect(it.page.locator("#held-message")).to_have_text('{"n": 3}')
    await it.button("Drop").click()
    await it.waits('{"echo": {"n": 1}}', '{"echo": {"n": 22}}')
    await it.button("Let all go").click()
    await it.hears(it.script, {"echo": {"n": 1}}, {"echo": {"n": 22}})
    await it.hears(it.bridge.background)
    await expect(it.page.locator("#held-deciding")).to_be_hidden()
    await expect(it.page.locator("#no-held")).to_be_visible()
    await it.finds("loses a message from the opener")


async def test_what_was_open_before_is_not_held_and_said_so(it: Held) -> None:
    await it.script.evaluate("open('sync')")
    port = it.others.get_by_role("option", name="sync")
    await port.click()
    await expect(it.field("Hold ports")).to_have_value("sync")
    await it.button("Hold").click()
    await expect(it.holds).to_contain_text("0 ports held; 1 open before, not held")
    await it.script.evaluate("say('free')")
    await it.hears(it.script, {"echo": "free"})


async def test_a_port_that_a_route_lets_pass_is_held_from_then_on(it: Held) -> None:
    routes: list[PortRoute] = []

    def passing(route: PortRoute) -> None:
        routes.append(route)
        route.connect_to_receiver()

    await it.bridge.route_port("sync", passing)
    await it.script.evaluate("open('sync') && say('before')")
    await it.hears(it.script, {"echo": "before"})
    await it.hold()
    await expect(it.holds).to_contain_text(re.compile("1 port held$|1 port heldStop$"))
    await it.script.evaluate("say('after')")
    await it.waits('"after"')
    await it.button("Stop holding “sync”").click()
    await it.hears(it.script, {"echo": "after"})
    await expect(it.holds).to_have_count(0)
    await it.script.evaluate("say('free')")
    await it.hears(it.script, {"echo": "free"})
    assert len(routes) == 1


async def test_by_keyboard_alone(it: Held) -> None:
    press = it.page.keyboard.press
    await it.page.focus("body")
    await press("h")
    await expect(it.field("Hold ports")).to_be_focused()
    await it.page.keyboard.type("sync")
    await press("Enter")
    await expect(it.holds).to_contain_text("“sync”")
    await it.script.evaluate("open('sync') && say(1, 2)")
    await it.waits("1", "2")
    await it.page.focus("#timeline")
    await press("h")
    await press("ArrowDown")
    await expect(it.page.locator("#held-message")).to_have_text("2")
    await press("Tab")
    await expect(it.field("Another message, as JSON")).to_be_focused()
    await press("Tab")
    await press("Enter")
    await it.hears(it.bridge.background, 2)
    await expect(it.page.locator("#held-message")).to_have_text("1")
    await expect(it.button("Let go")).to_be_focused()
    await press("Enter")
    await it.hears(it.bridge.background, 1)


async def test_a_port_ends_behind_what_waits(it: Held) -> None:
    await it.hold()
    await it.script.evaluate("open('sync') && say('last')")
    await it.waits('"last"')
    await it.script.evaluate("held.sync.disconnect()")
    await it.messages.click()
    await it.button("Let go").click()
    await it.hears(it.bridge.background, "last", "the end")
    await expect(it.holds).to_contain_text("0 ports held")


async def test_what_waits_is_gone_with_the_receiver(it: Held) -> None:
    await it.hold()
    await it.script.evaluate("open('sync') && say('lost')")
    await it.waits('"lost"')
    await it.bridge.stop_background()
    await it.hears(it.script, "the end")
    await expect(it.messages).to_have_count(0)


async def test_the_end_of_the_inspector_holds_nothing(it: Held) -> None:
    await it.hold()
    await it.script.evaluate("open('sync') && say(1, 2)")
    await it.waits("1", "2")
    await it.inspector.close()
    await it.hears(it.bridge.background, 1, 2)
    await it.hears(it.script, {"echo": 1}, {"echo": 2})
    await it.script.evaluate("open('sync') && say(3)")
    await it.hears(it.script, {"echo": 3})


async def test_a_reset_holds_nothing(it: Held) -> None:
    await it.hold()
    await it.script.evaluate("open('sync') && say(1)")
    await it.waits("1")
    await it.bridge.unroute_all()
    await it.hears(it.script, {"echo": 1})
    await expect(it.holds).to_have_count(0)
    await expect(it.messages).to_have_count(0)


async def test_a_launch_without_routes_says_so(load: Any, inspect: Inspect) -> None:
    it: Any = await inspect(await load(_MANIFEST, _FILES))
    await expect(it.page.locator("#no-routes")).to_contain_text("launch(routes=True)")
    await expect(it.button("Hold")).to_be_hidden()
