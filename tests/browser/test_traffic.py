"""What is recorded of the extension's own scripts is what they did, each thing once and in order."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import (
    Bridge,
    BridgeError,
    BridgeTimeoutError,
    ContextError,
    RecordedMessage,
    RecordedPort,
    Traffic,
)
from bridge.traffic.records import Omitted
from support import SAMPLE, Site, background, content

# Both scripts keep a log of what they post and what they hear. The content script is done when all has been answered,
# and puts both logs where the test finds them.
COMMON = """
const log = [];
const note = (...entry) => log.push(entry);
function talk(port) {
  port.onMessage.addListener((message) => note("heard", port.name, message));
  port.onDisconnect.addListener(() => note("closed", port.name));
  const post = (message) => { port.postMessage(message); note("posted", port.name, message); };
  return { port, post };
}
"""
BACKGROUND = (
    COMMON
    + """
chrome.runtime.onConnect.addListener((raw) => {
  if (raw.name === "unheard") return;
  const { port, post } = talk(raw);
  post({ hello: port.name });
  port.onMessage.addListener((message) => post({ echo: message }));
  if (port.name === "short") port.disconnect();
});
chrome.runtime.onMessage.addListener((message, sender, answer) => {
  note("asked", message);
  if (message.wants === "nothing") return;
  if (message.wants === "promise") return Promise.resolve({ answer: message.number });
  if (message.wants === "log") { answer(log); return; }
  setTimeout(() => answer({ answer: message.number }), 5);
  return true;
});
"""
)
CONTENT = (
    COMMON
    + """
const ask = async (message) => {
  note("ask", message);
  try { const answer = await chrome.runtime.sendMessage(message); note("answer", answer ?? null); return answer; }
  catch (error) { note("failed", error.message); }
};
const until = (count, { port }) => new Promise((resolve) => {
  port.onMessage.addListener(() => --count || resolve());
});
(async () => {
  const ports = [1, 2, 3].map(() => talk(chrome.runtime.connect({ name: "same" })));
  const all = ports.map((each) => until(21, each));
  for (let number = 0; number < 20; number++) ports.forEach(({ post }, index) => post({ number, index }));
  await Promise.all(all);
  ports[0].port.disconnect();
  const short = talk(chrome.runtime.connect({ name: "short" }));
  await new Promise((resolve) => short.port.onDisconnect.addListener(resolve));
  talk(chrome.runtime.connect({ name: "unheard" })).post("nobody hears");
  for (let number = 0; number < 3; number++) await ask({ wants: "later", number });
  await ask({ wants: "nothing" });
  note("ask", { wants: "later", number: 8 });
  note("answer", await chrome.runtime.sendMessage(null, { wants: "later", number: 8 }));
  if (globalThis.browser) await ask({ wants: "promise", number: 9 });
  await new Promise((resolve) => chrome.runtime.sendMessage({ wants: "later", number: 7 }, (answer) => {
    note("called back", answer);
    resolve();
  }));
  note("ask", { wants: "log" });
  const theirs = await chrome.runtime.sendMessage({ wants: "log" });
  const last = talk(chrome.runtime.connect({ name: "last" }));
  await until(1, last);
  document.documentElement.dataset.logs = JSON.stringify([log, theirs]);
  document.title = "done";
})();
"""
)
LIMIT_MS = 20_000


def entries(log: list[list[Any]], *kinds: str) -> list[Any]:
    return [entry[-1] for entry in log if entry[0] in kinds]


def payloads(messages: list[RecordedMessage], accepts: Callable[[RecordedMessage], bool]) -> list[Any]:
    return [message.payload for message in messages if accepts(message)]


async def logs_of(bridge: Bridge, site: Site) -> tuple[list[list[Any]], list[list[Any]]]:
    """Play the conversation; the content script's log and the background's."""
    page = await bridge.browser_context.new_page()
    async with bridge.traffic.expect_message("last", lambda message: message.sender.kind == "background"):
        await page.goto(site.url)
    await page.wait_for_function("document.title === 'done'")
    ours, theirs = json.loads(await page.evaluate("document.documentElement.dataset.logs"))
    await page.close()
    return ours, theirs


async def test_nothing_is_missing_and_nothing_is_there_twice(start: Any, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    files = {"b.js": BACKGROUND, "c.js": CONTENT}
    bridge = await start({**background("b.js"), **content("c.js")}, files, record="all", record_to=file)
    ours, theirs = await logs_of(bridge, site)
    traffic = bridge.traffic
    same = traffic.messages("same")
    assert payloads(same, lambda m: m.sender.kind == "content") == [e[2] for e in ours if e[:2] == ["posted", "same"]]
    echoes = [entry[2] for entry in theirs if entry[:2] == ["posted", "same"]]
    assert sorted(map(str, payloads(same, lambda m: m.sender.kind == "background"))) == sorted(
        str(e[2]) for e in ours if e[:2] == ["heard", "same"]
    )
    ports = traffic.ports("same")
    assert len(ports) == 3
    for index, port in enumerate(ports):
        assert [place.kind for place, _ in port.receivers] == ["background"]
        assert {m.payload["index"] for m in port.messages if m.sender is port.opener} == {index}
        assert len(port.messages) == 41 and all(len(m.to) == 1 for m in port.messages)
        assert payloads(port.messages, lambda m: m.sender.kind == "background") == [
            {"hello": "same"},
            *(echo for echo in echoes if echo.get("echo", {}).get("index") == index),
        ]
    assert (ports[0].closed_by, ports[0].reason) == ("script", "disconnect()")
    (short,) = traffic.ports("short")
    assert (short.closed_by, [m.payload for m in short.messages]) == ("script", [{"hello": "short"}])
    (unheard,) = traffic.ports("unheard")
    assert [m.payload for m in unheard.messages] == ["nobody hears"]
    one_time = [message for message in traffic.messages() if message.kind != "post"]
    assert payloads(one_time, lambda m: m.kind == "request") == [*entries(ours, "ask")[:-1], SEVENTH, {"wants": "log"}]
    assert all([place.kind for place in m.to] == ["background"] for m in one_time if m.kind == "request")
    answers = [m for m in one_time if m.kind == "answer" and m.error is None]
    assert payloads(answers, lambda m: True)[:-1] == entries(ours, "answer", "called back")
    assert answers[-1].payload == theirs[: len(answers[-1].payload)]
    read = Traffic.load(file)
    assert [m.payload for m in read.messages] == [m.payload for m in traffic.messages()]
    assert "\n".join(bridge.recent_traffic())


SEVENTH = {"wants": "later", "number": 7}


async def test_the_samples_own_conversation(load: Any, site: Site) -> None:
    bridge = await load(SAMPLE, record="all")
    page = await bridge.browser_context.new_page()
    async with bridge.traffic.expect_message("port-from-cs"):
        await page.goto(site.url)
    async with bridge.traffic.expect_message("port-from-cs", lambda m: "page" in m.payload["greeting"]):
        await page.click("body")
    async with bridge.traffic.expect_message("port-from-cs", lambda m: "button" in m.payload["greeting"]):
        await bridge.click_action(page)
    (port,) = bridge.traffic.ports("port-from-cs")
    assert (port.opener.kind, port.opener.tab is not None, port.open) == ("content", True, True)
    told = {(m.sender.kind, m.payload["greeting"]) for m in port.messages}
    assert told == {
        ("background", "hi there content script!"),
        ("content", "hello from content script"),
        ("content", "they clicked the page!"),
        ("background", "they clicked the button!"),
    }
    assert len(port.messages) == 4
    await page.close()
    native = [port for port in bridge.traffic.ports() if port.function == "runtime.connectNative"]
    assert all(port.leads_to and port.leads_to.label == "native ping_pong" for port in native) and native


HOST = """#!{python}
import struct, sys
while length := sys.stdin.buffer.read(4):
    message = sys.stdin.buffer.read(struct.unpack("=I", length)[0])
    sys.stdout.buffer.write(length + message)
    sys.stdout.buffer.flush()
"""


async def test_a_real_native_application(start: Any, tmp_path: Path) -> None:
    program = tmp_path / "host"
    program.write_text(HOST.format(python=sys.executable))
    program.chmod(0o755)
    manifest = tmp_path / "host.json"
    manifest.write_text(
        json.dumps(
            {"name": "host", "description": "echo", "path": str(program), "type": "stdio", "allowed_origins": []}
        )
    )
    script = "const port = chrome.runtime.connectNative('host'); port.postMessage({ ping: 1 });"
    bridge = await start(
        {"permissions": ["nativeMessaging"], **background("b.js")},
        {"b.js": f"chrome.runtime.onMessage.addListener(() => {{ {script} }});"},
        native_hosts=[manifest],
        record="all",
    )
    page = await bridge.page()
    async with bridge.traffic.expect_message(None, lambda m: m.sender.kind == "native"):
        await page.call("runtime.sendMessage", {"go": True})
    (port,) = (port for port in bridge.traffic.ports() if port.function == "runtime.connectNative")
    assert [(m.sender.kind, m.payload) for m in port.messages] == [("background", {"ping": 1}), ("native", {"ping": 1})]


async def test_python_and_scripts_on_the_same_ports(load: Any, site: Site) -> None:
    files = {"b.js": "chrome.runtime.onConnect.addListener((port) => port.postMessage('genuine'));"}
    bridge = await load(background("b.js"), files, record="all")
    page = await bridge.page()
    async with bridge.background.expect_connection("p") as info:
        opened = page.runtime.connect({"name": "p"})
    accepted = await info.value
    assert await opened.receive() == "genuine"
    await accepted.postMessage("python, beside it")
    assert await opened.receive() == "python, beside it"
    await opened.postMessage("python, from the page")
    assert await accepted.receive() == "python, from the page"
    (port,) = bridge.traffic.ports("p")
    assert {(place.kind, by) for place, by in port.receivers} == {("background", "script"), ("background", "python")}
    assert [(m.sender.kind, m.by, m.payload) for m in port.messages] == [
        ("background", "script", "genuine"),
        ("background", "python", "python, beside it"),
        ("page", "python", "python, from the page"),
    ]


async def test_a_wait_that_began_too_late_says_so_of_a_scripts_connection(load: Any, site: Site) -> None:
    files = {"b.js": "", "c.js": "chrome.runtime.connect({ name: 'early' }); chrome.runtime.sendMessage('early');"}
    bridge = await load({**background("b.js"), **content("c.js")}, files, record="all")
    page = await bridge.browser_context.new_page()
    async with bridge.traffic.expect_message(None, lambda message: message.payload == "early"):
        await page.goto(site.url)
    early = r"others are kept\. One was (opened|sent) [0-9.]+ s before Python listened there: use expect_"
    for waiting in (bridge.background.accept("early", timeout=300), bridge.background.accept_message(timeout=300)):
        with pytest.raises(BridgeTimeoutError, match=early):
            await waiting
    await page.close()


async def test_only_pythons_own_ports(load: Any, site: Site) -> None:
    bridge = await load(SAMPLE)
    page = await open_page(bridge, site.url)
    port = (await bridge.content(page)).runtime.connect({"name": "port-from-cs"})
    await port.receive()
    await port.postMessage({"number": 1})
    port.disconnect()
    recorded: RecordedPort
    (recorded,) = bridge.traffic.ports("port-from-cs")
    assert [(m.sender.kind, m.by, m.payload) for m in recorded.messages] == [
        ("background", "script", {"greeting": "hi there content script!"}),
        ("content", "python", {"number": 1}),
    ]
    assert (recorded.closed_by, recorded.opened_by) == ("python", "python")


async def test_off(start: Any) -> None:
    bridge = await start(SAMPLE, record="off")
    assert await bridge.external.runtime.connect(bridge.extension_id).receive() == {"greeting": "hi there extension!"}
    assert bridge.traffic.records == [] and bridge.recent_traffic() == []


async def test_secrets_are_left_out_everywhere(start: Any, tmp_path: Path) -> None:
    file, saved = tmp_path / "traffic.jsonl", tmp_path / "saved.jsonl"
    bridge = await start(SAMPLE, record_to=file, redact=["token"])
    port = bridge.external.runtime.connect(bridge.extension_id, {"name": "x"})
    await port.receive()
    await port.postMessage({"token": "s3cret", "name": "n4me"})
    assert await port.receive() == {"echo": {"token": "s3cret", "name": "n4me"}}
    bridge.traffic.save(saved, redact=["name"])
    assert "s3cret" not in file.read_text() and "n4me" in file.read_text()
    assert "s3cret" not in saved.read_text() and "n4me" not in saved.read_text()
    assert "s3cret" not in "\n".join(bridge.recent_traffic())


async def test_a_wait_for_what_does_not_come(load: Any) -> None:
    bridge = await load(SAMPLE)
    with pytest.raises(TimeoutError, match="Waited for a message on a port named 'x' in the recorded traffic"):
        async with bridge.traffic.expect_message("x", timeout=50):
            pass


async def test_a_wait_ends_with_the_browser(start: Any) -> None:
    bridge = await start(SAMPLE)
    with pytest.raises(ContextError, match="browser closed"):
        async with bridge.traffic.expect_message("x") as info:
            await bridge.browser_context.close()
            await info.value


async def test_a_mode_that_there_is_not(start: Any) -> None:
    with pytest.raises(ValueError, match="record='some' is unknown: use one of 'python', 'all', 'off'"):
        await start(SAMPLE, record="some")


@pytest.mark.parametrize("mode", ["python", "all"])
async def test_what_observers_raise_disturbs_no_conversation(start: Any, mode: str) -> None:
    bridge = await start(SAMPLE, record=mode, record_to="/dev/full", redact=lambda message: message["token"])
    bridge.traffic.subscribe(lambda record: pytest.fail("a subscriber"))
    port = bridge.external.runtime.connect(bridge.extension_id, {"name": "x"})
    raised: list[BaseException] = []
    with pytest.raises(BridgeError, match="'/dev/full' cannot be written: No space left") as full:
        await port.receive()
    raised.append(full.value)
    for number in range(3):
        port.postMessage({"number": number})
    while len(raised) < 3:
        with pytest.raises((KeyError, pytest.fail.Exception)) as caught:
            await port.receive()
        raised.append(caught.value)
    assert {type(error) for error in raised[1:]} == {KeyError, pytest.fail.Exception}
    heard = [await port.receive() for _ in range(4)]
    assert heard == [{"greeting": "hi there extension!"}, *({"echo": {"number": number}} for number in range(3))]
    await bridge.background.call("runtime.getURL", "")  # its answer comes after all that its agent saw before
    payloads = {str(message.payload) for message in bridge.traffic.messages("x")}
    assert payloads == {"[redacted] (KeyError)"}
    assert sum(omitted.count for omitted in bridge.traffic.records if isinstance(omitted, Omitted)) >= 7
    await bridge.close()
