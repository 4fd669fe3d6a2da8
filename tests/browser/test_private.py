"""The extension in private windows, which Chromium calls incognito."""

from pathlib import Path
from typing import Any

import pytest
from browser.talking import conversation, new_page
from playwright.async_api import Error as PlaywrightError

from bridge.async_api import Bridge, Context, ContextError, ExtensionError, RemoteError, UnsupportedError
from support import GECKO, Site, background, content, write_extension

FILES = {
    "b.js": """
        let reason = "";
        chrome.runtime.onInstalled.addListener((details) => { reason = details.reason; });
        const allowed = new Promise((resolve) => chrome.extension.isAllowedIncognitoAccess(resolve));
    """,
    "c.js": "const isPrivate = chrome.extension.inIncognitoContext;",
}
MANIFEST = {**background("b.js"), **content("c.js"), **GECKO}
NOT_ALLOWED = r"launch\(private=True\) allows the extension in private windows"


async def windows(bridge: Bridge) -> list[bool]:
    """Of each window of the browser, whether it is private."""
    return [window["incognito"] for window in await bridge.external.call("windows.getAll")]


async def assert_talks_in_private(bridge: Bridge, url: str) -> Any:
    page = await bridge.open_private_window(url)
    assert page in bridge.browser_context.pages and page.url == url
    opened, accepted = await conversation(bridge, page)
    assert await opened.context.evaluate("isPrivate")
    assert accepted.sender and accepted.sender.tab and accepted.sender.tab.incognito
    accepted.postMessage("from Python")
    assert await opened.receive() == "from Python"
    return page


async def test_python_acts_in_a_private_window(load: Any, site: Site) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, private=True)
    ordinary = await new_page(bridge, site.url)
    page = await assert_talks_in_private(bridge, site.url)
    assert await bridge.background.evaluate("allowed")
    assert not await (await bridge.content(ordinary)).evaluate("isPrivate")
    await bridge.reload()
    await page.reload()
    await conversation(bridge, page)

    await bridge.reset()
    assert await bridge.background.wait_for_function("reason") == "install"
    assert await bridge.background.evaluate("allowed")
    assert not any(await windows(bridge))
    await assert_talks_in_private(bridge, site.url)


async def test_the_page_of_a_private_window(load: Any) -> None:
    bridge: Bridge = await load(MANIFEST, FILES, private=True)
    page = await bridge.open_private_window()
    assert (page.url, await page.evaluate("document.body.childElementCount")) == ("about:blank", 0)
    with pytest.raises(PlaywrightError):
        await bridge.open_private_window("http://127.0.0.1:1/")
    await page.close()
    assert page.is_closed()


async def test_private_windows_are_not_allowed(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load(MANIFEST, FILES)
    assert not await bridge.background.evaluate("allowed")
    with pytest.raises(ContextError, match=NOT_ALLOWED):
        await bridge.open_private_window(site.url)
    if engine == "firefox":
        with pytest.raises(RemoteError, match="permission"):
            await bridge.external.call("windows.create", {"incognito": True})
        return
    async with bridge.browser_context.expect_page() as info:
        await bridge.external.call("windows.create", {"incognito": True, "url": site.url})
    page = await info.value
    for asked in (bridge.content(page, timeout=0), bridge.context_of(page, timeout=0)):
        with pytest.raises(
            ContextError, match=f"is in a private window, where the extension may not run: {NOT_ALLOWED}"
        ):
            await asked
    await page.close()


async def test_a_browser_does_not_begin_private(start: Any, engine: str) -> None:
    arg = "--incognito" if engine == "chromium" else "-private"
    with pytest.raises(UnsupportedError, match="have the browser begin with a private window"):
        await start(MANIFEST, FILES, args=[arg])


async def test_an_extension_without_an_id(start: Any, engine: str) -> None:
    manifest = {**MANIFEST, "browser_specific_settings": {}}
    if engine == "firefox":
        with pytest.raises(ExtensionError, match="needs an id in the manifest"):
            await start(manifest, FILES, private=True)


SPLIT = {
    "b.js": """
        const isPrivate = chrome.extension.inIncognitoContext;
        chrome.runtime.onConnect.addListener((port) => port.postMessage(isPrivate));
    """,
    "c.js": "",
}


async def in_private(bridge: Bridge) -> Context:
    """The background of private windows, as soon as it runs."""
    return await bridge.wait_for_context("background", predicate=lambda it: it is bridge.private_background)


async def test_a_split_extension_has_two_backgrounds(load: Any, site: Site, engine: str) -> None:
    bridge: Bridge = await load({**MANIFEST, "incognito": "split"}, SPLIT, private=True)
    assert bridge.private_background.closed
    page = await bridge.open_private_window(site.url)
    if engine == "firefox":
        with pytest.raises(ContextError, match='"incognito": "split", which Firefox takes for "not_allowed"'):
            await bridge.content(page, timeout=0)
        return
    private = await in_private(bridge)
    assert await private.evaluate("isPrivate") and not await bridge.background.evaluate("isPrivate")
    world = await bridge.content(page)
    async with private.expect_connection("held") as info:
        opened = world.runtime.connect({"name": "held"})
    assert (await info.value).sender and await opened.receive() is True
    ordinary, _ = await conversation(bridge, await new_page(bridge, site.url))
    assert await ordinary.receive() is False

    await bridge.stop_background()
    assert bridge.background.closed and not private.closed
    await bridge.start_background()
    assert not await bridge.background.evaluate("isPrivate")
    await bridge.reload()
    await page.reload()
    async with bridge.private_background.expect_connection("held"):
        (await bridge.content(page)).runtime.connect({"name": "held"})
    await bridge.reset()
    assert bridge.private_background.closed
    assert not await bridge.background.evaluate("isPrivate")


async def test_the_record_tells_the_backgrounds_apart(load: Any, site: Site, engine: str) -> None:
    if engine == "firefox":
        return  # which has one background at most
    scripts = {
        "b.js": SPLIT["b.js"],
        "c.js": """
            chrome.runtime.connect().onMessage.addListener((it) => { document.title = it; });
            chrome.runtime.onConnect.addListener((port) => {
              port.onMessage.addListener(() => { document.body.dataset.heard = "yes"; });
            });
        """,
    }
    options = {"private": True, "record": "all"}
    bridge: Bridge = await load({**MANIFEST, "incognito": "split"}, scripts, **options)
    page = await bridge.open_private_window(site.url)
    await page.wait_for_function("document.title === 'true'")
    ordinary = await new_page(bridge, site.url)
    await ordinary.wait_for_function("document.title === 'false'")
    for asked, kind in ((page, "private background"), (ordinary, "background")):
        tab = (await bridge.content(asked)).tab_id
        ports = await recorded(bridge, 1, lambda port, tab=tab: port.opener.tab == tab)
        assert [[place.kind for place, _ in port.receivers] for port in ports] == [[kind]]

    # The other way round, a sender says only that it is a background.
    await bridge.private_background.evaluate(CONNECT, (await bridge.content(page)).tab_id)
    await bridge.background.evaluate(CONNECT, (await bridge.content(ordinary)).tab_id)
    await page.wait_for_function("document.body.dataset.heard")
    await ordinary.wait_for_function("document.body.dataset.heard")
    ports = await recorded(bridge, 2, lambda port: port.function == "tabs.connect")
    assert sorted(port.opener.kind for port in ports) == ["background", "private background"]


async def recorded(bridge: Bridge, count: int, wanted: Any) -> list[Any]:
    """Return the wanted ports once so many are in the record, with their receivers: scripts hear of them first."""
    while True:
        ports = [port for port in bridge.traffic.ports() if wanted(port)]
        if len(ports) >= count and all(port.receivers for port in ports):
            return ports
        await bridge.background.evaluate("0")  # the test's limit ends this


CONNECT = "(tab) => { chrome.tabs.connect(tab).postMessage(1); }"


async def test_other_extensions_may_run_there_too(start: Any, site: Site, tmp_path: Path) -> None:
    others = []
    for number, gecko in enumerate([{"browser_specific_settings": {"gecko": {"id": "other@example.org"}}}, {}]):
        manifest = {**content("c.js"), "name": f"other {number}", "browser_specific_settings": {}, **gecko}
        script = {"c.js": f"document.documentElement.dataset.other{number} = chrome.extension.inIncognitoContext;"}
        others.append(write_extension(tmp_path / f"other-{number}", manifest, script))
    bridge: Bridge = await start(MANIFEST, FILES, private=True, also=others)
    page = await bridge.open_private_window(site.url)
    await page.wait_for_function("document.documentElement.dataset.other0 === 'true'")
    expected = "true" if bridge.browser_name == "chromium" else None
    assert await page.evaluate("document.documentElement.dataset.other1 ?? null") == expected
