"""What is typed in the address bar after an extension's keyword, and what the extension hears of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, BridgeTimeoutError, UnsupportedError
from support import Site, background

MANIFEST = {**background("b.js"), "omnibox": {"keyword": "tell"}}
FILES = {
    "b.js": """
        const heard = [];
        let late = null; // a promise that holds the answers back
        const { omnibox } = chrome;
        omnibox.onInputStarted.addListener(() => heard.push(["started"]));
        omnibox.onInputCancelled.addListener(() => heard.push(["cancelled"]));
        omnibox.onInputEntered.addListener((...all) => heard.push(["entered", ...all]));
        omnibox.onInputChanged.addListener(async (text, suggest) => {
          heard.push(["changed", text]);
          await late;
          suggest(["first", "second"].map((which) => ({ content: `${text} ${which}`, description: `the ${which}` })));
        });
    """,
}
UNTIL = "(event) => heard.some((it) => JSON.stringify(it) === event) && heard.splice(0)"

Load = Callable[..., Awaitable[Bridge]]


async def heard(bridge: Bridge, event: str) -> list[Any]:
    """All that the extension has heard, once it has heard of that."""
    events: list[Any] = await bridge.background.wait_for_function(UNTIL, event)
    return events


async def opened(bridge: Bridge, site: Site) -> Any:
    page = await open_page(bridge, site.url)
    return page


@pytest.mark.parametrize("text", ["cats", "a b", "é 日 😀"])
async def test_what_is_typed_is_entered(load: Load, site: Site, text: str) -> None:
    bridge = await load(MANIFEST, FILES)
    await opened(bridge, site)
    assert await bridge.type_omnibox(text, enter=True) == []
    events = await heard(bridge, f'["entered","{text}","currentTab"]')
    assert events[0] == ["started"] and ["changed", text] in events


@pytest.mark.parametrize("disposition", ["newForegroundTab", "newBackgroundTab"])
async def test_the_disposition_is_the_users(load: Load, site: Site, disposition: Any) -> None:
    bridge = await load(MANIFEST, FILES)
    await opened(bridge, site)
    await bridge.type_omnibox("cats", enter=disposition)
    await heard(bridge, f'["entered","cats","{disposition}"]')


async def test_suggestions(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    page = await opened(bridge, site)
    suggestions = await bridge.type_omnibox("cats", page, suggestion="cats second")
    assert suggestions == [
        {"content": "cats first", "description": "the first"},
        {"content": "cats second", "description": "the second"},
    ]
    await bridge.type_omnibox("dogs", page, suggestion="dogs second", enter=True)
    events = await heard(bridge, '["entered","dogs second","currentTab"]')
    assert events.count(["started"]) == 2 and ["cancelled"] in events


async def test_a_suggestion_may_come_late_or_not(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    await opened(bridge, site)
    with pytest.raises(
        BridgeTimeoutError, match='suggestion "other"; the address bar shows "cats first", "cats second"'
    ):
        await bridge.type_omnibox("cats", suggestion="other", timeout=5000)
    await bridge.background.evaluate("late = new Promise((resolve) => setTimeout(resolve, 500)), true")
    assert len(await bridge.type_omnibox("dogs", suggestion="dogs first")) == 2


async def test_the_address_bar_is_left(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    await opened(bridge, site)
    await bridge.type_omnibox("cats")
    await heard(bridge, '["changed","cats"]')
    await bridge.leave_omnibox()
    assert await heard(bridge, '["cancelled"]') == [["cancelled"]]
    await bridge.type_omnibox("dogs", enter=True)
    events = await heard(bridge, '["entered","dogs","currentTab"]')
    assert events[0] == ["started"]


async def test_the_address_bar_wakes_the_background(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    await opened(bridge, site)
    await bridge.stop_background()
    await bridge.type_omnibox("cats", enter=True)
    await bridge.wait_for_background()
    await heard(bridge, '["entered","cats","currentTab"]')  # where they wake it, Firefox keeps no order among events


async def test_each_window_has_its_own(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    first = await opened(bridge, site)
    async with bridge.browser_context.expect_page() as info:
        await bridge.background.call("windows.create", {"url": f"{site.url}second"})
    second = await info.value
    for page in (first, second, first):
        await bridge.type_omnibox("cats", page, suggestion="cats first", enter=True)
        await heard(bridge, '["entered","cats first","currentTab"]')
        tab = await bridge.background.evaluate("chrome.tabs.query({ active: true, lastFocusedWindow: true })")
        assert len(tab) == 1
    await second.close()


async def test_an_extension_without_a_keyword(load: Load) -> None:
    bridge = await load(background("b.js"), {"b.js": ""})
    with pytest.raises(UnsupportedError, match="no 'omnibox' key"):
        await bridge.type_omnibox("cats")
