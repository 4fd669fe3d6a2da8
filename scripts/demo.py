"""A conversation between Python and the sample extension, in real browsers. Start it with scripts/demo.

Each function that takes a `Bridge` and a `Page` is a scene: Python stands in one role, the extension's own scripts in
the others. Read them as examples of `bridge.sync_api`.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from bridge.sync_api import Bridge, BridgeError, Port, Tab, launch

EXTENSION = Path(__file__).parent.parent / "test-extension"
HTML = b"<!doctype html><title>A page</title><h1>A page</h1><p>The sample extension has a content script here.</p>"

PYTHON, BACKGROUND, CONTENT, USER = "Python", "background", "content script", "user"
APPLICATION = "Python (native app)"

# --- With the extension as it is ------------------------------------------------------------------------------------


def beside_the_background(bridge: Bridge, page: Page) -> None:
    """Python listens at the background, beside the genuine script"""
    with (
        page.expect_console_message(lambda log: "hi there" in log.text),
        bridge.background.expect_connection("port-from-cs") as connection,
    ):
        page.goto("/")
    port = connection.value
    tell(CONTENT, PYTHON, f"connects as {port.name!r} from tab {port.sender.tab.id}")
    show(CONTENT, PYTHON, port.receive())
    tell(USER, "page", "clicks")
    page.click("body")
    show(CONTENT, PYTHON, port.receive())


def beside_the_content_script(bridge: Bridge, page: Page) -> None:
    """Python stands in the page, beside the genuine content script"""
    port = bridge.content(page).runtime.connect({"name": "port-from-cs"})
    tell(PYTHON, BACKGROUND, f"connects as {port.name!r}")
    post(port, {"greeting": "hello from content script"}, PYTHON, BACKGROUND)
    show(BACKGROUND, PYTHON, port.receive())
    tell(USER, "toolbar button", "clicks")
    with page.expect_console_message(lambda log: "clicked the button" in log.text):
        bridge.click_action(page)
    show(BACKGROUND, PYTHON, port.receive())
    port.disconnect()
    tell(PYTHON, BACKGROUND, "disconnects")


def from_background_to_content_script(bridge: Bridge, page: Page) -> None:
    """Python stands at both ends of tabs.connect()"""
    at_background, in_page = "Python (background)", "Python (content)"
    content = bridge.content(page)
    with content.expect_connection("port-from-background") as connection:
        sent = bridge.background.tabs.connect(content.tab_id, {"name": "port-from-background"})
    received = connection.value
    tell(at_background, in_page, f"connects as {received.name!r} to tab {content.tab_id}")
    post(sent, {"question": "what is your title?"}, at_background, in_page)
    received.receive()
    post(received, {"answer": page.title()}, in_page, at_background)
    sent.receive()
    received.disconnect()
    sent.wait_for_disconnect()
    tell(in_page, at_background, "disconnects")


def from_another_extension(bridge: Bridge, page: Page) -> None:
    """Python is another extension"""
    other = "Python (other ext.)"
    port = bridge.external.runtime.connect(bridge.extension_id, {"name": "port-from-outside"})
    tell(other, BACKGROUND, f"connects as {port.name!r}")
    show(BACKGROUND, other, port.receive())
    post(port, {"question": "anybody there?"}, other, BACKGROUND)
    show(BACKGROUND, other, port.receive())
    port.disconnect()
    tell(other, BACKGROUND, "disconnects")


def with_one_time_messages(bridge: Bridge, page: Page) -> None:
    """One-time messages: Python asks the genuine background, and then answers there itself"""
    at_background, in_page = "Python (background)", "Python (content)"

    def on_message(message: Any, sender: Any, sendResponse: Callable[..., Any]) -> None:
        if message == "Who is it?":
            sendResponse("Python")

    bridge.background.runtime.onMessage.addListener(on_message)
    for question, whom in (({"question": "Are you there?"}, BACKGROUND), ("Who is it?", at_background)):
        show(in_page, whom, question)
        show(whom, in_page, bridge.content(page).runtime.sendMessage(question))
    bridge.background.runtime.onMessage.removeListener(on_message)


def as_the_native_application(bridge: Bridge, page: Page) -> None:
    """Python is the native application ping_pong"""
    port = bridge.native("ping_pong").accept()  # it connected when it started; Python kept that
    tell(BACKGROUND, APPLICATION, f"connects as {port.name!r}")
    tell(USER, "toolbar button", "clicks")
    with page.expect_console_message(lambda log: "clicked the button" in log.text):
        bridge.click_action(page)
    show(BACKGROUND, APPLICATION, port.receive())
    post(port, "pong", APPLICATION, BACKGROUND)
    port.disconnect()
    tell(APPLICATION, BACKGROUND, "disconnects")


# --- Without the extension's own background -------------------------------------------------------------------------


def as_the_background(bridge: Bridge, page: Page) -> None:
    """Python is the background: test-extension/background.js, written in Python"""
    ports: dict[int, Port] = {}

    def on_connect(port: Port) -> None:
        ports[port.sender.tab.id] = port
        tell(CONTENT, PYTHON, f"connects as {port.name!r}")
        post(port, {"greeting": "hi there content script!"}, PYTHON, CONTENT)
        port.onMessage.addListener(lambda message: show(CONTENT, PYTHON, message))

    def on_clicked(tab: Tab) -> None:
        for port in ports.values():
            post(port, {"greeting": "they clicked the button!"}, PYTHON, CONTENT)

    bridge.background.runtime.onConnect.addListener(on_connect)
    bridge.background.action.onClicked.addListener(on_clicked)
    with page.expect_console_message(lambda log: "hi there" in log.text):
        page.goto("/")
    tell(USER, "page", "clicks")
    with ports[bridge.content(page).tab_id].expect_message():
        page.click("body")
    tell(USER, "toolbar button", "clicks")
    with page.expect_console_message(lambda log: "clicked the button" in log.text):
        bridge.click_action(page)


Scene = Callable[[Bridge, Page], None]
ACTS: list[tuple[list[str], list[Scene]]] = [
    (
        [],
        [
            beside_the_background,
            beside_the_content_script,
            from_background_to_content_script,
            from_another_extension,
            with_one_time_messages,
            as_the_native_application,
        ],
    ),
    (["background"], [as_the_background]),
]
"""For each launch of the browser: the parts of the extension that Python replaces, and the scenes."""


def play(playwright: Playwright, browser_name: str, *, headed: bool, url: str) -> None:
    """Play everything in one browser."""
    print("\n" + paint(f"=== {browser_name.capitalize()} ===", BOLD))
    browser_type = getattr(playwright, browser_name)
    for replaced, scenes in ACTS:
        extension = " without its ".join([EXTENSION.name, *replaced])
        print(f"\n  Starting it with {extension} ... ", end="", flush=True)
        options = {"replace": replaced, "native": ["ping_pong"], "headless": not headed, "base_url": url}
        with launch(browser_type, EXTENSION, **options) as bridge:
            print(f"version {bridge.browser_context.browser.version} runs.")
            play_scenes(bridge, scenes)


def play_scenes(bridge: Bridge, scenes: list[Scene]) -> None:
    """Play scenes in one page."""
    page = bridge.browser_context.new_page()
    logs: list[ConsoleMessage] = []
    page.on("console", lambda log: logs.append(log))
    for scene in scenes:
        print("\n  " + paint(scene.__doc__ or "", BOLD))
        scene(bridge, page)
        show_logs(logs)


# --- The transcript -------------------------------------------------------------------------------------------------

COLOURED = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
BOLD, DIM, CYAN, YELLOW = "1", "2", "36", "33"
WIDTH = 20


def tell(who: str, whom: str, what: str) -> None:
    """Print what happens between two."""
    print(f"    {column(who)} -> {column(whom)}  {what}", flush=True)


def show(who: str, whom: str, message: Any) -> None:
    """Print a message."""
    tell(who, whom, json.dumps(message))


def post(port: Port, message: Any, who: str, whom: str) -> None:
    """Post a message, and print it."""
    show(who, whom, message)
    port.postMessage(message)


def show_logs(logs: list[ConsoleMessage]) -> None:
    """Print what the content script logged meanwhile; Playwright does not see the logs of a background in Firefox."""
    for log in logs:
        script = log.location["url"].rpartition("/")[2]
        print(paint(f"    {script:<{WIDTH}} -> {'its console':<{WIDTH}}  {log.text}", DIM), flush=True)
    logs.clear()


def column(name: str) -> str:
    padded = f"{name:<{WIDTH}}"
    if name.startswith(PYTHON):
        return paint(padded, CYAN, BOLD)
    return paint(padded, YELLOW) if name == USER else padded


def paint(text: str, *codes: str) -> str:
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if COLOURED else text


# --- All around it --------------------------------------------------------------------------------------------------


@contextmanager
def served_page() -> Iterator[str]:
    """Serve a page on the loopback interface, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(HTML)))
            self.end_headers()
            self.wfile.write(HTML)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--headed", action="store_true")
    parser.add_argument("browsers", nargs="+")
    arguments = parser.parse_args()
    if arguments.headed and sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        return fail("--headed needs a screen, and DISPLAY is not set; 'xvfb-run scripts/demo --headed' makes one")
    failed = 0
    print("\nPython and the scripts of an extension talk over genuine Ports: who -> whom, and what.")
    with served_page() as url, sync_playwright() as playwright:
        for browser_name in arguments.browsers:
            try:
                play(playwright, browser_name, headed=arguments.headed, url=url)
            except (BridgeError, PlaywrightError) as error:
                failed = fail(str(error).splitlines()[0])
    if not failed:
        print("\nNext: the first test in README.md; scripts/test runs all tests.")
    return failed


def fail(problem: str) -> int:
    """Print what is wrong, and return the exit status."""
    sys.stdout.flush()
    print(f"\ndemo: error: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
