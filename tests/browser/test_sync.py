"""The sync flavour: the worked scenario, and listeners that fire while Playwright waits."""

import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bridge.sync_api import Bridge, BridgeTimeoutError, Context, Port, PortDisconnectedError, RemoteError, launch
from support import DISCONNECTED, LAUNCH_MS, SAMPLE, Site, background, content, write_extension


def test_content_script_is_greeted_and_heard(sync_sample: Bridge, sync_page: Any, site: Site) -> None:
    sync_page.goto(site.url)
    content = sync_sample.content(sync_page)
    with sync_sample.background.expect_connection("port-from-cs") as info:
        port = content.runtime.connect({"name": "port-from-cs"})
    at_background = info.value
    assert isinstance(at_background, Port)
    assert port.receive() == {"greeting": "hi there content script!"}
    assert at_background.sender and at_background.sender.tab.id == content.tab_id
    port.postMessage({"greeting": "hello from content script"})
    assert at_background.receive() == {"greeting": "hello from content script"}
    assert at_background.context is sync_sample.background
    assert content in sync_sample.contexts
    assert content.runtime is content.runtime and at_background.onMessage is at_background.onMessage
    port.disconnect()
    at_background.wait_for_disconnect()
    assert at_background.closed and at_background.error is None


def test_listeners_fire_while_playwright_waits(sync_sample: Bridge, sync_page: Any, site: Site) -> None:
    ports: dict[int, Port] = {}
    heard: list[str] = []

    def greeted(message: Any, port: Port) -> None:
        assert threading.current_thread() is threading.main_thread()
        assert port.sender.tab.id in ports
        heard.append(message["greeting"])
        if "clicked" in heard[-1]:
            sync_page.evaluate("(text) => { document.title = text }", heard[-1])  # Playwright, in a listener

    def connected(port: Port) -> None:
        ports[port.sender.tab.id] = port
        port.onMessage.addListener(greeted)  # the bridge, in a listener

    onConnect = sync_sample.background.runtime.onConnect
    onConnect.addListener(connected)
    assert onConnect.hasListener(connected)
    sync_page.goto(site.url)
    sync_page.click("body")
    expect(sync_page).to_have_title("they clicked the page!")
    assert heard == ["hello from content script", "they clicked the page!"]
    onConnect.removeListener(connected)
    assert not onConnect.hasListener(connected)
    assert list(ports) == [sync_sample.content(sync_page).tab_id]


def test_content_script_is_answered_while_expect_waits(browser_type: Any, site: Site, tmp_path: Any) -> None:
    ask = """
        const port = chrome.runtime.connect({ name: "ask" });
        port.onMessage.addListener((answer) => { document.title = answer; });
        port.postMessage("who is there?");
    """
    folder = write_extension(tmp_path / "asks", {**background("b.js"), **content("c.js")}, {"b.js": "", "c.js": ask})
    with launch(browser_type, folder, replace=["background"]) as bridge:

        def connected(port: Port) -> None:
            assert port.receive() == "who is there?"  # waits inside a listener
            port.postMessage("Python")

        bridge.background.runtime.onConnect.addListener(connected)
        page = bridge.browser_context.new_page()
        page.goto(site.url)
        expect(page).to_have_title("Python")


def test_order_iteration_and_expectations(sync_sample: Bridge) -> None:
    port = sync_sample.external.runtime.connect(sync_sample.extension_id, {"name": "many"})
    assert port.receive() == {"greeting": "hi there extension!"}
    with port.expect_message(lambda message: message == {"echo": 3}) as info:
        for number in range(5):
            port.postMessage(number)
    assert info.value == {"echo": 3}
    heard = []
    for message in port:
        heard.append(message["echo"])
        if len(heard) == 4:
            break
    assert heard == [0, 1, 2, 4]
    with pytest.raises(BridgeTimeoutError, match="5 sent, 6 received, the last {'echo': 4}"):
        port.receive(timeout=1)
    port.disconnect()
    port.disconnect()
    with pytest.raises(PortDisconnectedError, match=DISCONNECTED[sync_sample.browser_name]):
        port.postMessage(1)
    assert list(port) == []


def test_listener_errors_come_out(sync_sample: Bridge) -> None:
    port = sync_sample.external.runtime.connect(sync_sample.extension_id)
    heard = []
    sync_sample.background.call("runtime.getPlatformInfo")  # by now the greeting has arrived, and is kept

    def broken(message: Any) -> None:
        raise ZeroDivisionError("in a listener")

    port.onMessage.addListener(broken)
    port.onMessage.addListener(heard.append)
    with pytest.raises(ZeroDivisionError, match="in a listener"):
        port.wait_for_disconnect()
    assert heard == [{"greeting": "hi there extension!"}]
    port.disconnect()
    port.wait_for_disconnect()


def test_pages_calls_and_clicks(sync_sample: Bridge, sync_page: Any, site: Site) -> None:
    sync_page.goto(site.url)
    tabs = []
    sync_sample.background.action.onClicked.addListener(tabs.append)
    port = sync_sample.content(sync_page).runtime.connect({"name": "port-from-cs"})
    assert port.receive() == {"greeting": "hi there content script!"}
    sync_sample.click_action(sync_page)
    assert port.receive() == {"greeting": "they clicked the button!"}
    page = sync_sample.page()
    assert isinstance(page, Context) and page.kind == "page"
    assert page.call("runtime.getURL", "a/b").endswith("/a/b")
    with pytest.raises(RemoteError, match="storage.nothing"):
        page.call("storage.nothing")
    page.close()
    assert page.closed
    assert sync_sample.content(sync_page).tab_id in [tab.id for tab in tabs]
    sync_sample.background.action.onClicked.removeListener(tabs.append)


def test_close_twice_and_stop(browser_type: Any, site: Site) -> None:
    bridge = launch(browser_type, SAMPLE)
    page = bridge.browser_context.new_page()
    page.goto(site.url)
    port = bridge.content(page).runtime.connect({"name": "port-from-cs"})
    bridge.stop_background()
    assert bridge.background.closed
    port = bridge.content(page).runtime.connect({"name": "port-from-cs"})
    assert port.receive() == {"greeting": "hi there content script!"}
    bridge.reload()
    assert port.closed
    bridge.close()
    bridge.close()
    assert bridge.contexts == []


ASKS = """
addEventListener("click", async () => {
  document.title = JSON.stringify(await chrome.runtime.sendMessage({ from: document.title }));
});
"""


def test_messages_are_asked_heard_and_answered(browser_type: Any, site: Site, tmp_path: Path) -> None:
    folder = write_extension(tmp_path, {**background("b.js"), **content("c.js")}, {"b.js": "", "c.js": ASKS})
    with launch(browser_type, folder, replace=["background"], timeout=LAUNCH_MS) as bridge:
        _ask_hear_and_answer(bridge, site)


def _ask_hear_and_answer(bridge: Bridge, site: Site) -> None:
    page = bridge.browser_context.new_page()
    page.goto(site.url)
    bridge.content(page)
    page.evaluate("document.title = 'first'")
    with bridge.background.expect_message(lambda message, sender: sender.tab) as info:
        page.click("body")
    request = info.value
    assert request.message == {"from": "first"} and request.context is bridge.background
    request.respond([1])
    expect(page).to_have_title("[1]")

    later: list[Any] = []

    def answer(message: Any, sender: Any, send_response: Any) -> bool:
        later.append(send_response)
        return True

    bridge.background.runtime.onMessage.addListener(answer)
    page.click("body")
    while not later:
        page.evaluate("1")
    later[0]("late")
    expect(page).to_have_title('"late"')

    own = bridge.page()
    bridge.background.runtime.onMessage.removeListener(answer)
    bridge.background.runtime.onMessage.addListener(lambda message, sender, respond: respond(message))
    assert own.runtime.sendMessage({"a": 1}) == {"a": 1}


def test_contexts_that_are_waited_for(sync_sample: Bridge, sync_page: Any, site: Site) -> None:
    sync_page.goto(site.url)
    seen: list[Any] = []

    def is_content(context: Any) -> bool:
        seen.append(context)
        return bool(context.kind == "content")

    here = sync_sample.wait_for_context(predicate=is_content, tab=sync_page)
    assert here is sync_sample.content(sync_page) is sync_sample.context_of(sync_page)
    assert set(map(type, seen)) == {Context}
    assert here.playwright_frame() == sync_page.main_frame and here.playwright_page() == sync_page
    with sync_sample.expect_context("content", url="**/next", predicate=is_content) as info:
        sync_page.goto(f"{site.url}next")
    assert info.value.url == f"{site.url}next" and here.closed

    def waits(context: Any) -> bool:
        context.wait_for_close()
        return True

    with pytest.raises(TypeError, match="waits for nothing"):
        sync_sample.wait_for_context("content", predicate=waits)
