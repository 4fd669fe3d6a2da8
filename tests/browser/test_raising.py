"""Genuine events that Python raises, and what the extension sees of them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, BridgeTimeoutError, ContextError, ExtensionError, UnsupportedError
from support import Site, background

MANIFEST = {
    **background("b.js"),
    "permissions": ["contextMenus", "alarms", "idle", "notifications", "sidePanel", "tabs"],
    "action": {},
    "side_panel": {"default_path": "side.html"},
    "sidebar_action": {"default_panel": "side.html", "open_at_install": False},
    "commands": {
        "go": {"suggested_key": {"default": "Ctrl+Shift+Y"}, "description": "with a key"},
        "keyless": {"description": "without one"},
        "everywhere": {"suggested_key": {"default": "Ctrl+Shift+4"}, "description": "global", "global": True},
        "_execute_action": {"suggested_key": {"default": "Alt+Shift+P"}},
    },
}
FILES = {
    "side.html": "<!doctype html><title>side</title>",
    "b.js": """
        const heard = [];
        const states = []; // apart, since headless Firefox takes its user for idle at any time
        const openSide = ({ windowId }) => (globalThis.browser?.sidebarAction ? browser.sidebarAction.open()
          : chrome.sidePanel.open({ windowId })).then(() => "opened", String);
        chrome.commands.onCommand.addListener((name, tab) => {
          const side = name === "keyless" ? openSide(tab) : null;
          Promise.resolve(side).then((side) => heard.push({ name, tab: tab.id, url: tab.url, side }));
        });
        chrome.contextMenus.onClicked.addListener((info, tab) => heard.push({ ...info, tab: tab.id }));
        const add = (item) =>
          new Promise((resolve) => chrome.contextMenus.create({ title: item.id, ...item }, resolve));
        const added = chrome.contextMenus.removeAll().then(() => Promise.all([
          { id: "page", contexts: ["page"] },
          { id: "menu", contexts: ["all"] },
          { id: "deep", parentId: "menu", contexts: ["link", "selection"] },
          { id: "deeper", parentId: "menu", contexts: ["link"] },
          { id: "check", type: "checkbox", contexts: ["link"] },
          { id: "unseen", visible: false, contexts: ["all"] },
        ].map(add)));
        chrome.idle.onStateChanged.addListener((state) => states.push(state));
        chrome.alarms.onAlarm.addListener((alarm) => heard.push(alarm));
        chrome.action.onClicked.addListener((tab) => heard.push({ name: "the button", tab: tab.id }));
    """,
}
RELAY = "portbridge relay"  # the name of the extension that the bridge brings
TAB_ID = "(url) => chrome.tabs.query({}).then((tabs) => tabs.find((tab) => tab.url === url).id)"
KEYS = "() => chrome.commands.getAll().then((all) => Object.fromEntries(all.map((it) => [it.name, it.shortcut])))"

Load = Callable[..., Awaitable[Bridge]]


async def opened(bridge: Bridge, url: str) -> tuple[Any, int]:
    page = await open_page(bridge, url)
    tab = await bridge.background.evaluate(TAB_ID, page.url)
    return page, tab


async def test_the_key_of_a_command(load: Load, site: Site, engine: str) -> None:
    bridge = await load(MANIFEST, FILES)
    page, tab = await opened(bridge, site.url)
    await bridge.browser_context.new_page()
    before = await bridge.background.evaluate(KEYS)
    for name in ("go", "keyless", "everywhere"):
        await bridge.press_command(name, page)
        [event] = await bridge.background.wait_for_function("() => heard.length && heard.splice(0)")
        side = "opened" if name == "keyless" else None
        assert event == {"name": name, "tab": tab, "url": page.url, "side": side}
    await bridge.press_command("_execute_action")
    [event] = await bridge.background.wait_for_function("() => heard.length && heard.splice(0)")
    assert event["name"] == "the button" and event["tab"] != tab
    assert await bridge.background.evaluate(KEYS) == before


async def test_a_command_wakes_the_background(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    page, tab = await opened(bridge, site.url)
    await bridge.stop_background()
    await bridge.press_command("go", page)
    await bridge.wait_for_background()
    [event] = await bridge.background.wait_for_function("() => heard.length && heard")
    assert (event["name"], event["tab"]) == ("go", tab)


async def test_a_command_that_there_is_not(load: Load, engine: str) -> None:
    bridge = await load(
        {**MANIFEST, "commands": {**MANIFEST["commands"], "_execute_sidebar_action": {"description": "sidebar"}}}, FILES
    )
    with pytest.raises(ExtensionError, match='no command "stop": its manifest lists "go", "keyless"'):
        await bridge.press_command("stop")
    if engine == "chromium":
        with pytest.raises(UnsupportedError, match="Chromium has no sidebars"):
            await bridge.press_command("_execute_sidebar_action")
    else:
        async with bridge.expect_context("sidebar") as info:
            await bridge.press_command("_execute_sidebar_action")
        await info.value


async def test_an_alarm_goes_off_before_its_time(load: Load, engine: str) -> None:
    bridge = await load(MANIFEST, FILES)
    create = "async ([name, details]) => { await chrome.alarms.create(name, details); await chrome.alarms.get(name); }"
    await bridge.background.evaluate(create, ["once", {"delayInMinutes": 600}])
    await bridge.background.evaluate(create, ["again", {"delayInMinutes": 600, "periodInMinutes": 60}])
    with pytest.raises(ContextError, match=r'no alarm "other": it has "(once", "again|again", "once)"'):
        await bridge.fire_alarm("other")
    await bridge.stop_background()
    await bridge.fire_alarm("again")
    await bridge.wait_for_background()
    [event] = await bridge.background.wait_for_function("() => heard.length && heard.splice(0)")
    assert (event["name"], event["periodInMinutes"]) == ("again", 60)
    now, [next_time] = await bridge.background.evaluate(
        "() => chrome.alarms.getAll().then((all) => [Date.now(), all.filter((it) => it.periodInMinutes)"
        ".map((it) => it.scheduledTime)])"
    )
    assert 0 < next_time - now <= 60 * 60_000
    assert (event["scheduledTime"] <= now) == (engine == "chromium")
    await bridge.fire_alarm("once")
    [event] = await bridge.background.wait_for_function("() => heard.length && heard.splice(0)")
    assert event["name"] == "once"
    with pytest.raises(ContextError, match='no alarm "once": it has "again"'):
        await bridge.fire_alarm("once")


WITH_A_LINK = "<!doctype html><title>a</title><body><p>some text</p><a href='/there'>a link</a></body>"


async def test_an_item_of_the_context_menu(load: Load, site: Site, engine: str) -> None:
    site.pages["/menu"] = WITH_A_LINK
    bridge = await load(MANIFEST, FILES)
    page, tab = await opened(bridge, f"{site.url}menu")
    link = page.get_by_role("link")
    await bridge.background.evaluate("added.then(() => true)")
    await bridge.click_menu("page", page)
    await bridge.click_menu("deeper", link)
    await bridge.click_menu("check", link)
    await page.get_by_text("some text").select_text()
    await bridge.click_menu("deep", page.get_by_text("some text"))
    on_page, on_link, checked, selected = await bridge.background.wait_for_function("() => heard.length > 3 && heard")
    assert (on_page["menuItemId"], on_page["pageUrl"], on_page["tab"]) == ("page", page.url, tab)
    assert (on_link["menuItemId"], on_link["linkUrl"]) == ("deeper", f"{site.url}there")
    assert on_link["parentMenuItemId"] == "menu"
    assert (checked["menuItemId"], checked["wasChecked"], checked["checked"]) == ("check", False, True)
    assert (selected["menuItemId"], selected["selectionText"].strip()) == ("deep", "some text")

    with pytest.raises(ContextError, match='no menu item "other": it has "page", "menu", "deep"'):
        await bridge.click_menu("other", page)
    with pytest.raises(ContextError, match='menu item "deeper" in that place'):
        await bridge.click_menu("deeper", page)
    with pytest.raises(UnsupportedError, match='menu item "menu" has items of its own'):
        await bridge.click_menu("menu", link)
    with pytest.raises(ContextError, match='menu item "unseen"'):
        await bridge.click_menu("unseen", page)
    await bridge.click_menu("deeper", link)
    await bridge.background.wait_for_function("heard.length === 5")


async def test_a_click_that_nobody_awaits_any_more_is_none(load: Load, site: Site) -> None:
    """The page prevents the menu; the next one that opens is another's."""
    site.pages["/menu"] = "<!doctype html><script>oncontextmenu = () => globalThis.opens ?? false</script>text"
    bridge = await load(MANIFEST, FILES)
    page, _ = await opened(bridge, f"{site.url}menu")
    await bridge.background.evaluate("added.then(() => add({ id: 'other', contexts: ['page'] })).then(() => true)")
    with pytest.raises(BridgeTimeoutError, match="does the page prevent it"):
        await bridge.click_menu("page", page, timeout=3000)
    await page.evaluate("globalThis.opens = true")
    await bridge.click_menu("other", page)
    await bridge.click_menu("other", page)
    heard = await bridge.background.wait_for_function("() => heard.length > 1 && heard.map((it) => it.menuItemId)")
    assert heard == ["other", "other"]


async def pin(bridge: Bridge) -> None:
    """Pin the toolbar button, as the user does on Chromium's page of extensions."""
    extensions = await open_page(bridge, "chrome://extensions/")
    change = {"extensionId": bridge.extension_id, "pinnedToToolbar": True}
    await extensions.evaluate("(it) => chrome.developerPrivate.updateExtensionConfiguration(it)", change)
    await extensions.close()
    settings = "() => chrome.action.getUserSettings().then(({ isOnToolbar }) => isOnToolbar)"
    await bridge.background.wait_for_function(settings)


@pytest.mark.parametrize("area", ["navbar", "menupanel"])
@pytest.mark.parametrize("on", ["action", "tab"])
async def test_an_item_of_another_menu(load: Load, site: Site, engine: str, on: Any, area: str) -> None:
    bridge = await load({**MANIFEST, "action": {"default_area": area}}, FILES)
    page, tab = await opened(bridge, site.url)
    if engine == "chromium" and area == "navbar":  # there, the user says it
        await pin(bridge)
    await bridge.browser_context.new_page()
    await bridge.background.evaluate("added.then(() => true)")
    add = "(item) => add(item).then(() => true)"
    await bridge.background.evaluate(add, {"id": "here", "contexts": [on]})
    await bridge.background.evaluate(add, {"id": "under", "contexts": [on], "parentId": "here"})
    await bridge.background.evaluate(add, {"id": "alone", "contexts": [on]})
    for wanted in ("under", "alone"):
        await bridge.click_menu(wanted, page, on=on)
        [event] = await bridge.background.wait_for_function("() => heard.length && heard.splice(0)")
        assert (event["menuItemId"], event["tab"]) == (wanted, tab)
    with pytest.raises(ContextError, match='menu item "page" in that place'):
        await bridge.click_menu("page", page, on=on)
    await bridge.background.evaluate(add, {"id": "all", "contexts": ["all"]})
    if on == "tab":  # which is not in "all"
        with pytest.raises(ContextError, match='menu item "all" in that place'):
            await bridge.click_menu("all", page, on=on)
    else:
        await bridge.click_menu("all", page, on=on)
        await bridge.background.wait_for_function("() => heard.length && heard.splice(0)[0].menuItemId === 'all'")
    await bridge.stop_background()
    await bridge.click_menu("under", page, on=on)
    await bridge.wait_for_background()
    await bridge.background.wait_for_function("heard.length === 1 && heard[0].menuItemId === 'under'")


async def test_the_menu_of_each_tab(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    add = "() => add({ id: 'here', contexts: ['tab'] }).then(() => true)"
    await bridge.background.evaluate(add)
    pages = [await opened(bridge, f"{site.url}?{number}") for number in range(4)]
    await bridge.background.evaluate("(tab) => chrome.tabs.move(tab, { index: 0 }).then(() => true)", pages[3][1])
    await bridge.background.evaluate("(tab) => chrome.tabs.update(tab, { pinned: true }).then(() => true)", pages[2][1])
    await pages[1][0].close()
    for page, tab in (pages[2], pages[0], pages[3]):
        await bridge.click_menu("here", page, on="tab")
        [event] = await bridge.background.wait_for_function("() => heard.length && heard.splice(0)")
        assert event["tab"] == tab


async def test_the_menu_of_a_button_with_a_title_of_its_own(load: Load, site: Site) -> None:
    manifest = {**MANIFEST, "homepage_url": "https://home.test/", "host_permissions": ["http://*/*"]}
    bridge = await load(manifest, FILES)
    page, tab = await opened(bridge, site.url)
    await bridge.background.evaluate("() => add({ id: 'here', contexts: ['action'] }).then(() => true)")
    for title in ("two\nlines", ""):
        await bridge.background.evaluate(
            "([tabId, title]) => chrome.action.setTitle({ tabId, title }).then(() => true)", [tab, title]
        )
        await bridge.click_menu("here", page, on="action")
        [event] = await bridge.background.wait_for_function("() => heard.length && heard.splice(0)")
        assert (event["menuItemId"], event["tab"]) == ("here", tab)


async def test_buttons_that_nothing_tells_apart(load: Load, site: Site, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox knows each extension's button")
    bridge = await load({**MANIFEST, "action": {"default_title": RELAY}}, FILES)
    page, _ = await opened(bridge, site.url)
    await bridge.background.evaluate("() => add({ id: 'here', contexts: ['action'] }).then(() => true)")
    with pytest.raises(UnsupportedError, match="2 toolbar buttons with the title"):
        await bridge.click_menu("here", page, on="action")


async def test_a_window_without_tabs_and_buttons(load: Load, site: Site, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Each of Playwright's pages has a whole window in Firefox")
    bridge = await load(MANIFEST, FILES)
    page, _ = await opened(bridge, site.url)
    for place in ("action", "tab"):
        await bridge.background.evaluate("(on) => add({ id: on, contexts: [on] }).then(() => true)", place)
    async with bridge.browser_context.expect_page() as popup:
        await page.evaluate("() => void open(location.href, '', 'popup,width=400,height=300')")
    await (await popup.value).wait_for_load_state()
    with pytest.raises(UnsupportedError, match="a window that has no toolbar buttons"):
        await bridge.click_menu("action", await popup.value, on="action")
    with pytest.raises(UnsupportedError, match="a window that shows no tabs"):
        await bridge.click_menu("tab", await popup.value, on="tab")


async def test_the_context_menu_wakes_the_background(load: Load, site: Site) -> None:
    bridge = await load(MANIFEST, FILES)
    page, tab = await opened(bridge, site.url)
    await bridge.background.evaluate("added.then(() => true)")
    await bridge.stop_background()
    await bridge.click_menu("page", page)
    await bridge.wait_for_background()
    [event] = await bridge.background.wait_for_function("() => heard.length && heard")
    assert (event["menuItemId"], event["pageUrl"], event["tab"]) == ("page", page.url, tab)


async def test_the_user_is_idle(load: Load, engine: str) -> None:
    bridge = await load(MANIFEST, FILES)
    if engine == "chromium":
        with pytest.raises(UnsupportedError, match=r'background\.dispatch\("idle\.onStateChanged", "idle"\)'):
            await bridge.set_idle_state("idle")
        return
    state, ages = "() => chrome.idle.queryState(15)", "() => chrome.idle.queryState(1e8)"
    with pytest.raises(UnsupportedError, match="do not hear that the screen is locked"):
        await bridge.set_idle_state("locked")
    await bridge.set_idle_state("active")
    await bridge.stop_background()
    await bridge.set_idle_state("idle")
    await bridge.wait_for_background()
    assert await bridge.background.wait_for_function("() => states.length && states.splice(0)") == ["idle"]
    assert await bridge.background.evaluate(state) == "idle"
    await bridge.set_idle_state("idle")
    await bridge.set_idle_state("active")
    assert await bridge.background.wait_for_function("() => states.length && states.splice(0)") == ["active"]
    assert await bridge.background.evaluate(state) == "active"
    await bridge.set_idle_state("idle")
    assert await bridge.background.evaluate(ages) == "idle"
    await bridge.reset()
    assert await bridge.background.evaluate(ages) == "active"  # Firefox itself says it
