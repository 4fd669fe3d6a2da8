"""Clicks on an extension's notifications, and what the extension hears of them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from bridge.async_api import Bridge, BridgeTimeoutError, ContextError, UnsupportedError
from bridge.browsers.chromium_ui import ChromiumUi
from support import background

MANIFEST = {**background("b.js"), "name": "Herald", "permissions": ["notifications"]}
ICON = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEAAAAALAAAAAABAAEAAAICTAEAOw=="
FILES = {
    "b.js": f"""
        const heard = [];
        const ICON = "{ICON}";
        // Chromium closes others after 8 s. Firefox, the only one with getBrowserInfo(), refuses the option.
        const stays = chrome.runtime.getBrowserInfo ? {{}} : {{ requireInteraction: true }};
        const show = (id, more) => chrome.notifications.create(
          id, {{ type: "basic", iconUrl: ICON, title: "the title", message: "the message", ...stays, ...more }});
        for (const event of ["onClicked", "onButtonClicked", "onClosed"])
          chrome.notifications[event].addListener((...all) => heard.push([event, ...all]));
    """,
}
HEARD = "(number) => heard.length === number && heard.splice(0)"

Load = Callable[..., Awaitable[Bridge]]


def after_a_click(id: str, engine: str) -> list[list[Any]]:
    """What an extension hears then: Firefox closes the notification, too."""
    return [["onClicked", id], *([["onClosed", id, True]] if engine == "firefox" else [])]


async def heard(bridge: Bridge, number: int) -> Any:
    return await bridge.background.wait_for_function(HEARD, number)


async def test_of_several_notifications_the_wanted_one_is_clicked(load: Load, engine: str) -> None:
    bridge = await load(MANIFEST, FILES)
    for id in ("first", "second", "third"):
        await bridge.background.evaluate("(id) => show(id).then(() => true)", id)
    for id in ("second", "third", "first"):
        await bridge.click_notification(id)
        expected = after_a_click(id, engine)
        assert await heard(bridge, len(expected)) == expected
    left = await bridge.background.evaluate("chrome.notifications.getAll().then((all) => Object.keys(all).length)")
    assert left == (0 if engine == "firefox" else 3)


async def test_a_button_of_a_notification(load: Load, engine: str) -> None:
    bridge = await load(MANIFEST, FILES)
    if engine == "firefox":
        with pytest.raises(UnsupportedError, match="In Firefox, notifications have no buttons"):
            await bridge.click_notification("asking", 0)
        return
    show = "(titles) => show('asking', { buttons: titles.map((title) => ({ title })) })"
    await bridge.background.evaluate("show('other', { buttons: [{ title: 'yes' }] })")
    await bridge.background.evaluate(show, ["yes", "no"])
    await bridge.click_notification("asking", 1)
    assert await heard(bridge, 1) == [["onButtonClicked", "asking", 1]]
    await bridge.click_notification("asking", 0)
    assert await heard(bridge, 1) == [["onButtonClicked", "asking", 0]]
    with pytest.raises(ContextError, match='notification "asking" has no button 2: it has 2'):
        await bridge.click_notification("asking", 2)
    await bridge.background.evaluate(show, [])
    with pytest.raises(ContextError, match='notification "asking" has no button 0: it has none'):
        await bridge.click_notification("asking", 0)


async def test_a_notification_wakes_the_background(load: Load, engine: str) -> None:
    bridge = await load(MANIFEST, FILES)
    await bridge.background.evaluate("show('early').then(() => true)")
    await bridge.stop_background()
    await bridge.click_notification("early")
    await bridge.wait_for_background()
    expected = after_a_click("early", engine)
    assert await heard(bridge, len(expected)) == expected


async def test_a_notification_that_there_is_not(load: Load, engine: str) -> None:
    bridge = await load(MANIFEST, FILES)
    with pytest.raises(ContextError, match='no notification "x": it has none'):
        await bridge.click_notification("x")
    await bridge.background.evaluate("show('gone').then(() => show('here')).then(() => true)")
    await bridge.background.evaluate("chrome.notifications.clear('gone')")
    with pytest.raises(ContextError, match='no notification "gone": it has "here"'):
        await bridge.click_notification("gone")


async def test_one_that_has_no_room_is_clicked_once_it_has(load: Load, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox shows any number")
    bridge = await load(MANIFEST, FILES)
    for number in range(4):
        await bridge.background.evaluate("(id) => show(id, { contextMessage: `of ${id}` })", str(number))
    with pytest.raises(BridgeTimeoutError, match='to show the notification "3"'):
        await bridge.click_notification("3", timeout=2000)
    clicking = asyncio.ensure_future(bridge.click_notification("3"))
    await bridge.background.evaluate("chrome.notifications.clear('0')")
    await clicking
    assert ["onClicked", "3"] in await heard(bridge, 2)
    ui = cast(Any, bridge)._raising._driver._ui
    async with ui.looking():
        assert sorted(await shown(ui)) == ["Herald", "of 1", "of 2"]  # what nobody could read is lost


async def test_a_notification_looks_as_before(load: Load, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("nothing of the notification changes meanwhile")
    bridge = await load(MANIFEST, FILES)
    await bridge.background.evaluate("show('plain')")
    await bridge.background.evaluate("show('more', { contextMessage: 'the context' })")
    for id in ("plain", "more"):
        await bridge.click_notification(id)
    ui = cast(Any, bridge)._raising._driver._ui
    async with ui.looking():
        assert sorted(await shown(ui)) == ["Herald", "the context"]


async def shown(ui: ChromiumUi) -> list[str]:
    """The first line of each notification that Chromium shows."""
    bodies = (await ui.root()).named("NotificationView")
    return [(await ui.properties(body.named("Label")[0]))["Text"] for body in bodies]
