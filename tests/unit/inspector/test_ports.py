"""The ports that a page opens, accepts and uses: the browser is played by the test."""

from typing import Any

from unit.core.fakes import Agent
from unit.inspector.stage import Page, Stage

from bridge.protocol import frames
from bridge.protocol.frames import ScriptError
from bridge.traffic.records import PortOpened


async def test_a_port_from_its_opening_to_its_end(stage: Stage, viewer: Page, agent: Agent) -> None:
    id = await viewer.opens("background", name="chat")
    assert agent.heard()[0].payload == [{"name": "chat"}]
    assert await viewer.asks("post", port=id, text='{"a": 1}') == {
        "type": "commandDone",
        "id": 2,
        "port": None,
        "answer": None,
    }
    assert agent.heard()[0].payload == {"a": 1}
    agent.says(frames.Message(2), {"answer": 1})
    state = await viewer.hears_state(lambda state: state["ports"] and state["ports"][0]["received"])
    assert state["ports"] == [
        {
            "id": id,
            "name": "chat",
            "function": "runtime.connect",
            "context": {"kind": "background", "url": "worker.js", "tab": None, "frame": None},
            "sender": "",
            "record": None,
            "closed": None,
            "sent": 1,
            "received": 1,
            "last": '{"answer": 1}',
        }
    ]
    answer = await viewer.asks("forget", port=id)
    assert answer["text"] == "Only a closed port can be taken off the list"
    assert (await viewer.asks("disconnect", port=id))["type"] == "commandDone"
    assert agent.heard_types() == ["disconnect"]
    state = await viewer.hears_state(lambda state: state["ports"] and state["ports"][0]["closed"])
    assert state["ports"][0]["closed"] == "the inspector disconnected it"
    assert (await viewer.asks("forget", port=id))["type"] == "commandDone"
    await viewer.hears_state(lambda state: not state["ports"])


async def test_the_other_end_closes_a_port(viewer: Page, agent: Agent) -> None:
    await viewer.opens("background")
    agent.says(frames.Disconnected(2, ScriptError("Receiving end does not exist.")))
    state = await viewer.hears_state(lambda state: state["ports"] and state["ports"][0]["closed"])
    assert state["ports"][0]["closed"] == "Receiving end does not exist."


async def test_messages_that_are_refused(viewer: Page, agent: Agent) -> None:
    id = await viewer.opens("background")
    agent.heard()
    for text, words in (("", "There is no message"), ("{a", "This is not JSON"), ("NaN", "This is not JSON")):
        answer = await viewer.asks("post", port=id, text=text)
        assert answer["type"] == "commandFailed" and words in answer["text"]
    assert agent.heard() == []
    agent.says(frames.Disconnected(2))
    await viewer.hears_state(lambda state: state["ports"] and state["ports"][0]["closed"])
    answer = await viewer.asks("post", port=id, text="1")
    assert "Attempting to use a disconnected port object" in answer["text"]
    answer = await viewer.asks("post", port=99, text="1")
    assert "There is no port 99" in answer["text"]


async def test_what_the_browser_refuses_later_is_shown_and_not_raised(stage: Stage, viewer: Page, agent: Agent) -> None:
    id = await viewer.opens("background")
    await viewer.asks("post", port=id, text='"too long"')
    agent.says(frames.Failed(2, ScriptError("Message length exceeded maximum allowed length.")))
    trouble = await viewer.hears("postRefused")
    assert trouble["port"] == id and "Message length exceeded" in trouble["text"]
    stage.bridge.raise_listener_errors()
    assert (await viewer.asks("post", port=id, text="1"))["type"] == "commandDone", "it is usable still"


async def test_a_port_is_told_with_its_number_in_the_records(stage: Stage, viewer: Page) -> None:
    connect = stage.contexts.background._open_port

    def recorded(*args: Any) -> Any:
        stage.records.emit(PortOpened(port=17, place=1, by="python"))
        return connect(*args)

    stage.contexts.background._open_port = recorded  # type: ignore[method-assign]
    await viewer.opens("background")
    state = await viewer.hears_state(lambda state: state["ports"])
    assert state["ports"][0]["record"] == 17


async def test_connecting_to_a_tab(viewer: Page, agent: Agent) -> None:
    context = await viewer.context("background")
    answer = await viewer.asks("connectTab", context=context, tab=3, frame=0, name="")
    assert answer["type"] == "commandDone"
    answer = await viewer.asks("connectTab", context=context, tab=3, frame=None, name="n")
    assert [sent.payload for sent in agent.heard()] == [[3, {"frameId": 0}], [3, {"name": "n"}]]
    answer = await viewer.asks("connectTab", context=context, tab=-1, frame=None, name="n")
    assert "tab_id is at least 0" in answer["text"]
    answer = await viewer.asks("connectTab", context=99, tab=1, frame=None, name="n")
    assert "That context is gone" in answer["text"]


async def test_connecting_to_another_extension_and_to_an_application(viewer: Page, agent: Agent) -> None:
    await viewer.opens("background", extension="other@example.org", name="n")
    answer = await viewer.asks("connectNative", context=await viewer.context("background"), application="app")
    assert answer["type"] == "commandDone"
    assert [sent.payload for sent in agent.heard()] == [["other@example.org", {"name": "n"}], ["app"]]


async def test_accepting_ports(stage: Stage, viewer: Page, agent: Agent) -> None:
    members = {"context": await viewer.context("background"), "event": "runtime.onConnect"}
    assert (await viewer.asks("listen", **members, on=True))["type"] == "commandDone"
    assert (await viewer.asks("listen", **members, on=True))["type"] == "commandDone", "twice is once"
    await viewer.hears_state(lambda state: state["contexts"][0]["listening"] == ["runtime.onConnect"])
    assert agent.heard_types() == ["listen"]
    agent.accepts(1, "from afar", url="https://example.org/")
    state = await viewer.hears_state(lambda state: state["ports"])
    port = state["ports"][0]
    assert (port["name"], port["function"], port["sender"]) == (
        "from afar",
        "runtime.onConnect",
        "https://example.org/",
    )
    assert (await viewer.asks("listen", **members, on=False))["type"] == "commandDone"
    await viewer.hears_state(lambda state: state["contexts"][0]["listening"] == [])
    assert agent.heard_types() == ["unlisten"]


async def test_a_reset_ends_the_accepting(stage: Stage, viewer: Page) -> None:
    members = {"context": await viewer.context("background"), "event": "runtime.onConnect"}
    await viewer.asks("listen", **members, on=True)
    await viewer.hears_state(lambda state: state["contexts"][0]["listening"])
    stage.contexts.forget()
    await viewer.hears_state(lambda state: not state["contexts"][0]["listening"])
    assert (await viewer.asks("listen", **members, on=True))["type"] == "commandDone"
    await viewer.hears_state(lambda state: state["contexts"][0]["listening"])


async def test_a_port_of_the_test_stays_the_tests(stage: Stage, viewer: Page, agent: Agent) -> None:
    port = stage.contexts.background.runtime.connect({"name": "mine"})
    stage.inspector.add_port(port)
    stage.inspector.add_port(port)
    state = await viewer.hears_state(lambda state: state["ports"])
    assert [(held["name"], held["function"]) for held in state["ports"]] == [("mine", "")]
    agent.heard()
    await viewer.asks("post", port=state["ports"][0]["id"], text="1")
    assert agent.heard()[0].payload == 1
    agent.says(frames.Message(2), "for the test")
    await stage.inspector.close()
    assert await port.receive(timeout=10_000) == "for the test"
    assert not port.closed


async def test_fifty_closed_ports_stay_on_the_list(viewer: Page) -> None:
    for _ in range(55):
        id = await viewer.opens("background")
        await viewer.asks("disconnect", port=id)
    last = await viewer.opens("background")
    state = await viewer.hears_state(lambda state: len(state["ports"]) and state["ports"][-1]["id"] == last)
    assert [port["id"] for port in state["ports"]] == list(range(6, 57))


async def test_the_beginning_of_the_last_message_is_shown(viewer: Page, agent: Agent) -> None:
    await viewer.opens("background")
    agent.says(frames.Message(2), "x" * 198)
    state = await viewer.hears_state(lambda state: state["ports"] and state["ports"][0]["received"] == 1)
    assert state["ports"][0]["last"] == '"' + "x" * 198 + '"'
    agent.says(frames.Message(2), "x" * 199)
    state = await viewer.hears_state(lambda state: state["ports"][0]["received"] == 2)
    assert state["ports"][0]["last"] == '"' + "x" * 199 + "…"
