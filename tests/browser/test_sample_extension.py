"""A suite of the sample extension, with the fixtures that the plugin and pytest-playwright give to everybody.

Run it as any suite of pytest-playwright: ``pytest tests/browser/test_sample_extension.py --browser firefox``. The
extension is named by ``bridge_extension`` in pyproject.toml.
"""

import pytest

URL = "http://page.test/"
CLICKED = {"greeting": "they clicked the page!"}


@pytest.fixture
def page(page):
    """A page on which the sample's content script runs."""
    page.route(URL, lambda route: route.fulfill(body="<h1>A page</h1>", content_type="text/html"))
    return page


def test_the_content_script_greets_and_tells_of_clicks(bridge, page):
    with bridge.background.expect_connection("port-from-cs") as connection:
        page.goto(URL)
    port = connection.value
    assert port.sender.url == URL and port.sender.frameId == 0
    assert port.receive() == {"greeting": "hello from content script"}
    page.get_by_role("heading").click()
    assert port.receive() == CLICKED


def test_the_background_answers_a_content_script(bridge, page):
    page.goto(URL)
    port = bridge.content(page).runtime.connect({"name": "port-from-cs"})
    assert port.receive() == {"greeting": "hi there content script!"}


def test_the_button_speaks_to_each_content_script(bridge, page):
    page.goto(URL)
    port = bridge.content(page).runtime.connect({"name": "port-from-cs"})
    assert port.receive() == {"greeting": "hi there content script!"}  # the background has the port
    with port.expect_message(lambda message: "button" in message["greeting"]):
        bridge.click_action(page)


def test_another_extension_gets_an_echo(bridge):
    port = bridge.external.runtime.connect(bridge.extension_id)
    assert port.receive() == {"greeting": "hi there extension!"}
    port.postMessage({"question": "anybody there?"})
    assert port.receive() == {"echo": {"question": "anybody there?"}}


def test_a_stopped_background_wakes_for_a_connection(bridge, page):
    page.goto(URL)
    content = bridge.content(page)
    bridge.stop_background()
    assert content.runtime.connect({"name": "port-from-cs"}).receive() == {"greeting": "hi there content script!"}


@pytest.mark.bridge(native=["ping_pong"])
def test_the_native_application_is_pinged(bridge, page):
    port = bridge.native("ping_pong").accept()
    bridge.click_action(page)
    assert port.receive() == "ping"
    port.postMessage("pong")


@pytest.mark.bridge(replace=["background"])
def test_the_content_script_alone(bridge, page):
    with page.expect_console_message(lambda message: "hi from Python" in message.text):
        page.goto(URL)
        port = bridge.background.accept("port-from-cs")
        assert port.receive() == {"greeting": "hello from content script"}
        port.postMessage({"greeting": "hi from Python"})
