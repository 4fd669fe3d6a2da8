"""The worked scenario of the sample extension, with Python in each role."""

import asyncio
import re
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, PortDisconnectedError, RemoteError, UnsupportedError
from support import SAMPLE, Site, background, content


async def test_content_script_is_greeted_and_heard(sample: Bridge, sample_page: Any, site: Site) -> None:
    await sample_page.goto(site.url)
    content = await sample.content(sample_page)
    async with sample.background.expect_connection("port-from-cs") as info:
        port = content.runtime.connect({"name": "port-from-cs"})
    at_background = await info.value
    assert await port.receive() == {"greeting": "hi there content script!"}
    assert at_background.name == port.name == "port-from-cs"
    assert at_background.sender.tab.id == content.tab_id
    await port.postMessage({"greeting": "hello from content script"})
    assert await at_background.receive() == {"greeting": "hello from content script"}


async def test_background_hears_the_genuine_content_script(sample: Bridge, sample_page: Any, site: Site) -> None:
    async with sample.background.expect_connection("port-from-cs") as info:
        await sample_page.goto(site.url)
    port = await info.value
    assert await port.receive() == {"greeting": "hello from content script"}
    await sample_page.click("body")
    assert await port.receive() == {"greeting": "they clicked the page!"}
    assert port.sender.id == sample.extension_id
    assert port.sender.url == site.url
    assert port.sender.frameId == 0


async def test_toolbar_button_reaches_every_content_script(sample: Bridge, sample_page: Any, site: Site) -> None:
    await sample_page.goto(site.url)
    content = await sample.content(sample_page)
    port = content.runtime.connect({"name": "port-from-cs"})
    assert await port.receive() == {"greeting": "hi there content script!"}
    clicked: asyncio.Queue[Any] = asyncio.Queue()
    await sample.background.action.onClicked.addListener(clicked.put_nowait)
    await sample.click_action(sample_page)
    assert await port.receive() == {"greeting": "they clicked the button!"}
    assert (await clicked.get()).id == content.tab_id
    await sample.background.action.onClicked.removeListener(clicked.put_nowait)


async def test_another_extension_is_answered(sample: Bridge) -> None:
    port = sample.external.runtime.connect(sample.extension_id, {"name": "from outside"})
    assert await port.receive() == {"greeting": "hi there extension!"}
    await port.postMessage([1, {"two": None}])
    assert await port.receive() == {"echo": [1, {"two": None}]}


async def test_python_is_the_background(load: Any, site: Site) -> None:
    bridge = await load(SAMPLE, replace=["background"])
    page = await open_page(bridge, site.url)
    port = await bridge.background.accept("port-from-cs")  # it came before anybody asked, and was kept
    assert await port.receive() == {"greeting": "hello from content script"}
    await page.click("body")
    assert await port.receive() == {"greeting": "they clicked the page!"}


async def test_python_is_the_content_script(load: Any, site: Site) -> None:
    bridge = await load(SAMPLE, replace=["content"])
    page = await open_page(bridge, site.url)
    content = await bridge.content(page)
    assert await bridge.wait_for_context("content", tab=page) is content
    port = content.runtime.connect({"name": "port-from-cs"})
    assert await port.receive() == {"greeting": "hi there content script!"}
    await bridge.click_action(page)
    assert await port.receive() == {"greeting": "they clicked the button!"}
    async with content.expect_connection("from background") as info:
        sent = bridge.background.tabs.connect(content.tab_id, {"name": "from background", "frameId": 0})
    received = await info.value
    await received.postMessage("hello background")
    assert await sent.receive() == "hello background"
    sent.disconnect()
    await received.wait_for_disconnect()
    assert received.error is None


async def test_no_content_script_listens(sample: Bridge, sample_page: Any, site: Site) -> None:
    await sample_page.goto(site.url)
    content = await sample.content(sample_page)
    port = sample.background.tabs.connect(content.tab_id, {"name": "nobody"})
    gone: list[Any] = []
    port.onDisconnect.addListener(gone.append)
    await port.wait_for_disconnect()
    assert "Receiving end does not exist" in port.error.message
    assert gone == [port]


async def test_a_port_whose_members_were_set(load: Any, site: Site) -> None:
    script = "chrome.runtime.onConnect.addListener((port) => { port.name = port.sender = 5; })"
    bridge = await load({**background("b.js"), **content("c.js")}, {"b.js": script, "c.js": ""})
    page = await open_page(bridge, site.url)
    world = await bridge.content(page)
    async with bridge.background.expect_connection() as info:
        opened = world.runtime.connect({"name": "n"})
    accepted = await info.value
    await opened.postMessage(1)
    assert await accepted.receive() == 1
    assert (opened.name, accepted.name, accepted.sender.to_dict()) == ("n", None, {})


async def test_web_page_connects(start: Any, site: Site, engine: str) -> None:
    manifest = {
        "externally_connectable": {"matches": ["http://127.0.0.1/*"]},
        "background": {"service_worker": "b.js", "scripts": ["b.js"]},
    }
    bridge = await start(
        manifest, {"b.js": "chrome.runtime.onConnectExternal.addListener((port) => port.postMessage(port.sender.url))"}
    )
    page = await open_page(bridge, site.url)
    if engine == "firefox":
        with pytest.raises(UnsupportedError, match="externally_connectable"):
            await bridge.web(page)
        return
    web = await bridge.web(page)
    port = web.runtime.connect(bridge.extension_id, {"name": "from the web"})
    assert await port.receive() == site.url

    words = r"chrome\.runtime\.{}\(\) called from a webpage must specify an Extension ID \(string\)"
    for arguments in ([], [{"name": "p"}], [""]):
        port = web.runtime.connect(*arguments)
        await port.wait_for_disconnect()
        assert port.error and re.search(words.format("connect"), port.error.message)
        with pytest.raises(PortDisconnectedError, match=words.format("connect")):
            await port.receive()
    for arguments in ([1], ["", 1]):
        with pytest.raises(RemoteError, match=words.format("sendMessage")):
            await web.runtime.sendMessage(*arguments)


@pytest.mark.parametrize("when", ["at once", "DOMContentLoaded"])
async def test_a_page_is_there_with_its_scripts(load: Any, when: str) -> None:
    """What a page's own script listens to can be connected to as soon as page() returns."""
    files = {
        "p.html": "<!doctype html><script src=p.js defer></script>" + "<p>text</p>" * 20_000,
        "p.js": """
            const { runtime } = globalThis.browser ?? globalThis.chrome;
            const listen = () => runtime.onConnect.addListener((port) => port.postMessage("welcome"));
            if (WHEN === "at once") listen();
            else document.addEventListener(WHEN, listen);
        """.replace("WHEN", repr(when)),
        "b.js": "",
    }
    bridge = await load(background("b.js"), files)
    for _ in range(3):
        page = await bridge.page("p.html")
        port = bridge.background.runtime.connect()
        assert await port.receive() == "welcome"
        await page.close()
