"""A test fails during which something went wrong that no call of it has raised."""

import re
from pathlib import Path

from plugin.runs import Run, lines

from support import PAGE

# What the two ends of the bridge never say to each other is said here behind their backs.
CHANNEL = """
from contextlib import suppress

from bridge.protocol import framing
from bridge.sync_api import BridgeError

NONSENSE = '{"type":"nonsense"}'

def test_a_frame_that_python_cannot_decode(bridge):
    link = bridge.page()._impl._require_link()
    link.receive(framing.split_lines(f"{link.number} {NONSENSE}")[0])

def test_that_and_a_failure(bridge):
    page = bridge.page()
    link = page._impl._require_link()
    link.receive(framing.split_lines(f"{link.number} {NONSENSE}")[0])
    assert not "on purpose"

def test_a_frame_that_the_agent_refuses(bridge):
    page = bridge.page()
    link = page._impl._require_link()
    link._write([f"{link.number} {NONSENSE}"])
    page.call("runtime.getPlatformInfo")  # is answered afterwards

def test_a_frame_that_the_relay_refuses(bridge):
    bridge.external._impl._require_link()._write([f"{framing.RELAY} {NONSENSE}"])
    with suppress(BridgeError):
        bridge.external.call("runtime.getPlatformInfo")

def test_after(bridge):
    bridge.external.call("runtime.getPlatformInfo")
"""


def test_a_broken_channel(run: Run, folder: Path) -> None:
    result = run(CHANNEL, "-o", "bridge_scope=session")
    result.assert_outcomes(passed=1, failed=4)
    text = lines(result)
    for fault in (
        "During this test, ChannelError: A frame that does not decode (Invalid value 'nonsense' - at `$.type`)",
        "During this test, BridgeError: page chrome-extension://",
        "During this test, ChannelError: The relay refused a nonsense frame: the relay knows no such frame",
        "Before that, the bridge met ChannelError: A frame that does not decode (Invalid value 'nonsense' - at",
    ):
        assert fault in text, fault
    reports = text.partition("short test summary info")[0]  # which in CI repeats them whole
    assert reports.count("please report it") == 3
    assert "framing.py" not in text and "relay.py" not in text.replace("bridge.relay:relay.py", "")


UNITTEST = f"""
import unittest
import pytest

class WithFixture(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def in_the_browser(self, bridge, page):
        self.bridge, self.page = bridge, page

    def setUp(self):
        self.page.set_content("{PAGE}")

    def test_port(self):
        assert self.page.context is self.bridge.browser_context
        port = self.bridge.external.runtime.connect(self.bridge.extension_id)
        self.assertEqual(port.receive(), {{"greeting": "hi there extension!"}})

    def test_listener(self):
        port = self.bridge.external.runtime.connect(self.bridge.extension_id, {{"name": "talk"}})
        port.onMessage.addListener(lambda message: 1 / 0)
        self.bridge.page()

@pytest.mark.usefixtures("bridge")
class WithMark(unittest.TestCase):
    @pytest.mark.bridge(extension="no/such/folder")
    def test_path(self):
        pass
"""


def test_a_test_case_of_unittest(run: Run, folder: Path) -> None:
    result = run(UNITTEST, "-o", "bridge_scope=session")
    result.assert_outcomes(passed=1, failed=1, errors=1)
    text = lines(result)
    assert "ZeroDivisionError: division by zero" in text and re.search(r"opened port \d+ 'talk'", text)
    assert "ExtensionError: " in text and "no/such/folder" in text
    folders = [path.parent.name for path in folder.glob("test-results/*/traffic.html")]
    assert folders == ["test-suite-py-withfixture-test-listener"]
