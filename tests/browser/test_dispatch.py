"""`Context.dispatch` calls the listeners that the extension's scripts have."""

from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import ContextError, RemoteError
from support import Site, background, content

MANIFEST = {**background("b.js"), **content("c.js"), "permissions": ["alarms", "storage"]}
FILES = {
    "b.js": """
        const seen = [];
        chrome.alarms.onAlarm.addListener(() => { throw new Error("the first listener"); });
        chrome.alarms.onAlarm.addListener((...them) => { seen.push(them); });
        chrome.runtime.onUpdateAvailable.addListener((...them) => { seen.push(them); });
        const removed = () => { seen.push("removed"); };
        chrome.runtime.onUpdateAvailable.addListener(removed);
        chrome.runtime.onUpdateAvailable.removeListener(removed);
        chrome.runtime.onStartup.addListener(() => { seen.push("startup"); });
    """,
    "c.js": "",
}


async def test_the_listeners_of_an_event_are_called(load: Any) -> None:
    bridge = await load(MANIFEST, FILES)
    await bridge.background.dispatch("alarms.onAlarm", {"name": "sync", "scheduledTime": 12.5})
    await bridge.background.dispatch("runtime.onUpdateAvailable", {"version": "2"})
    await bridge.background.dispatch("runtime.onStartup")
    await bridge.background.dispatch("alarms.onAlarm", 1, None, [2])
    dispatched = [line.partition(" dispatched ")[2] for line in bridge.recent_traffic() if " dispatched " in line]
    assert dispatched[-4:-2] == [
        f"{event}, which did not happen" for event in ("alarms.onAlarm", "runtime.onUpdateAvailable")
    ]
    assert await bridge.background.evaluate("seen") == [
        [{"name": "sync", "scheduledTime": 12.5}],
        [{"version": "2"}],
        "startup",
        [1, None, [2]],
    ]


async def test_events_to_which_nobody_listens(load: Any, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    with pytest.raises(ContextError, match=r"No script in background .* listens to runtime\.onInstalled"):
        await bridge.background.dispatch("runtime.onInstalled", {})
    for name in ("alarms.onNothing", "bookmarks.onCreated", "alarms.create"):
        with pytest.raises(RemoteError, match=f"There is no event {name} here"):
            await bridge.background.dispatch(name)
    for wrong in ("alarms", "alarms.onAlarm()", ""):
        with pytest.raises(ValueError, match="An event is named like 'alarms.onAlarm', not "):
            await bridge.background.dispatch(wrong)
    with pytest.raises(TypeError):
        await bridge.background.dispatch("alarms.onAlarm", object())
    page = await open_page(bridge, site.url)
    with pytest.raises(RemoteError, match="There is no event alarms.onAlarm here"):
        await (await bridge.content(page)).dispatch("alarms.onAlarm")
    await bridge.stop_background()
    with pytest.raises(ContextError, match="stopped by stop_background"):
        await bridge.background.dispatch("alarms.onAlarm")
