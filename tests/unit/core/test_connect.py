"""Opening a port: the arguments that connect() takes and refuses, and which contexts have what."""

from types import MappingProxyType
from typing import Any

import pytest
from unit.core.fakes import Stage, stand

from bridge.errors import UnsupportedError

LISTEN = ["listen"]
UNLISTEN = ["unlisten"]


@pytest.fixture
async def stage() -> Stage:
    return stand("background", "worker.js", id="the-id")


@pytest.mark.parametrize(
    ("given", "sent", "name"),
    [
        ((), [], ""),
        ((None,), [], ""),
        ((None, None), [], ""),
        (({},), [{}], ""),
        (({"name": "n"},), [{"name": "n"}], "n"),
        ((None, {"name": "n"}), [{"name": "n"}], "n"),
        (("other@example.org",), ["other@example.org"], ""),
        (("other@example.org", {"name": "n", "includeTlsChannelId": True}), None, "n"),
        (({"name": None},), [{"name": None}], ""),
        ((MappingProxyType({"name": "n"}),), [{"name": "n"}], "n"),
    ],
)
async def test_runtime_connect(stage: Stage, given: tuple[Any, ...], sent: list[Any] | None, name: str) -> None:
    port = stage.context.runtime.connect(*given)
    assert port.name == name
    expected = list(given) if sent is None else sent
    assert stage.agent.heard() == [({"type": "connect", "port": 2, "function": "runtime.connect"}, expected)]


async def test_runtime_connect_by_keyword(stage: Stage) -> None:
    stage.context.runtime.connect(connect_info={"name": "n"})
    stage.context.runtime.connect(extension_id="x")
    assert [sent.payload for sent in stage.agent.heard()] == [[{"name": "n"}], ["x"]]


@pytest.mark.parametrize(
    ("positional", "keywords", "sent"),
    [
        ((), {"name": "n"}, [{"name": "n"}]),
        ((), {"name": ""}, [{"name": ""}]),
        ((), {"name": None, "include_tls_channel_id": None}, []),
        ((None,), {"name": "n", "include_tls_channel_id": False}, [{"name": "n", "includeTlsChannelId": False}]),
        (("other@x",), {"name": "n"}, ["other@x", {"name": "n"}]),
        (({"name": "n"},), {"include_tls_channel_id": True}, [{"name": "n", "includeTlsChannelId": True}]),
    ],
)
async def test_runtime_connect_in_pythons_own_form(
    stage: Stage, positional: tuple[Any, ...], keywords: dict[str, Any], sent: list[Any]
) -> None:
    port = stage.context.runtime.connect(*positional, **keywords)
    assert [sent.payload for sent in stage.agent.heard()] == [sent]
    assert port.name == (keywords["name"] or "" if "name" in keywords else "n")


@pytest.mark.parametrize(
    ("keywords", "sent"),
    [
        ({"name": "n", "frame_id": 0, "document_id": "D"}, {"name": "n", "frameId": 0, "documentId": "D"}),
        ({"connect_info": {"name": "n"}, "frame_id": 0}, {"name": "n", "frameId": 0}),
    ],
)
async def test_tabs_connect_in_pythons_own_form(stage: Stage, keywords: dict[str, Any], sent: dict[str, Any]) -> None:
    assert stage.context.tabs.connect(5, **keywords).name == "n"
    assert [sent.payload for sent in stage.agent.heard()] == [[5, sent]]


@pytest.mark.parametrize(
    ("connect", "error"),
    [
        (
            lambda c: c.runtime.connect({"name": "n"}, name="m"),
            "connect(): give name= or connect_info['name'], not both",
        ),
        (
            lambda c: c.runtime.connect("x", {"includeTlsChannelId": True}, include_tls_channel_id=True),
            "connect(): give include_tls_channel_id= or connect_info['includeTlsChannelId'], not both",
        ),
        (
            lambda c: c.tabs.connect(5, {"frameId": 0}, frame_id=0),
            "tabs.connect(): give frame_id= or connect_info['frameId'], not both",
        ),
        (lambda c: c.runtime.connect(name=1), "connect(): name is a str, not int"),
        (
            lambda c: c.runtime.connect(include_tls_channel_id=1),
            "connect(): include_tls_channel_id is a bool, not int",
        ),
        (lambda c: c.tabs.connect(5, frame_id=False), "tabs.connect(): frame_id is an int, not bool"),
        (lambda c: c.tabs.connect(5, frame_id=-1), "tabs.connect(): frame_id is at least 0, not -1"),
        (lambda c: c.tabs.connect(5, document_id=1), "tabs.connect(): document_id is a str, not int"),
        (lambda c: c.tabs.connect(5, [], name="n"), "tabs.connect(): connect_info is a dict, not list"),
    ],
)
async def test_what_pythons_own_form_refuses(stage: Stage, connect: Any, error: str) -> None:
    with pytest.raises(TypeError) as caught:
        connect(stage.context)
    assert str(caught.value) == error
    assert stage.agent.heard() == []


async def test_every_port_has_its_own_even_number(stage: Stage) -> None:
    for _ in range(3):
        stage.context.runtime.connect()
    assert [sent.frame["port"] for sent in stage.agent.heard()] == [2, 4, 6]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ((3,), "connect(): extension_id is a str, not int"),
        (({}, {}), "connect(): extension_id is a str, not dict"),
        ((b"x",), "connect(): extension_id is a str, not bytes"),
        (("x", "n"), "connect(): connect_info is a dict, not str"),
        (("x", [1]), "connect(): connect_info is a dict, not list"),
        (({"name": 1},), "connect(): name is a str, not int"),
        (({"includeTlsChannelId": 1},), "connect(): includeTlsChannelId is a bool, not int"),
        (({"frameId": 0},), "connect(): connect_info has no 'frameId'; it takes name, includeTlsChannelId"),
        (({1: 0},), "connect(): connect_info has no 1; it takes name, includeTlsChannelId"),
    ],
)
async def test_runtime_connect_refuses_what_the_browser_would(stage: Stage, given: tuple[Any, ...], error: str) -> None:
    with pytest.raises(TypeError) as caught:
        stage.context.runtime.connect(*given)
    assert str(caught.value) == error
    assert stage.agent.heard() == []


@pytest.mark.parametrize(
    ("given", "name", "in_firefox"),
    [
        ((5,), "", ""),
        ((5, None), "", ""),
        ((5, {}), "", None),
        ((5, {"name": "n", "frameId": 0, "documentId": "D"}), "n", "n"),
        ((5, {"name": ""}), "", ""),
        ((5, {"frameId": None, "name": None}), "", None),
    ],
)
@pytest.mark.parametrize("unnamed", ["", None])
async def test_tabs_connect(
    stage: Stage, given: tuple[Any, ...], name: str, in_firefox: str | None, unnamed: str | None
) -> None:
    stage.context._session.unnamed = unnamed
    assert stage.context.tabs.connect(*given).name == (name if unnamed == "" else in_firefox)
    given = given if given[1:] != (None,) else given[:1]
    assert stage.agent.heard() == [({"type": "connect", "port": 2, "function": "tabs.connect"}, list(given))]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (("5",), "tabs.connect(): tab_id is an int, not str"),
        ((True,), "tabs.connect(): tab_id is an int, not bool"),
        ((None,), "tabs.connect(): tab_id is an int, not NoneType"),
        ((5, {"frameId": True}), "tabs.connect(): frameId is an int, not bool"),
        ((5, {"frameId": "0"}), "tabs.connect(): frameId is an int, not str"),
        ((5, {"documentId": 1}), "tabs.connect(): documentId is a str, not int"),
        ((5, {"tabId": 1}), "tabs.connect(): connect_info has no 'tabId'; it takes name, frameId, documentId"),
        ((-1,), "tabs.connect(): tab_id is at least 0, not -1"),
        ((5, {"frameId": -1}), "tabs.connect(): frameId is at least 0, not -1"),
        ((5, 0), "tabs.connect(): connect_info is a dict, not int"),
    ],
)
async def test_tabs_connect_refuses_what_the_browser_would(stage: Stage, given: tuple[Any, ...], error: str) -> None:
    with pytest.raises(TypeError) as caught:
        stage.context.tabs.connect(*given)
    assert str(caught.value) == error


async def test_connect_native_names_the_port_after_the_application(stage: Stage) -> None:
    nothing: Any = None
    assert stage.context.runtime.connectNative("ping_pong").name == "ping_pong"
    assert stage.agent.heard() == [({"type": "connect", "port": 2, "function": "runtime.connectNative"}, ["ping_pong"])]
    with pytest.raises(TypeError, match=r"^connectNative\(\): application is a str, not NoneType$"):
        stage.context.runtime.connectNative(nothing)


NOWHERE = "use it in bridge.background or bridge.page()"


@pytest.mark.parametrize(
    ("kind", "use", "error"),
    [
        ("content", lambda c: c.tabs, f"Browsers give content scripts no tabs; {NOWHERE}"),
        ("web", lambda c: c.tabs, f"Browsers give web pages no tabs; {NOWHERE}"),
        ("content", lambda c: c.action, f"Browsers give content scripts no action; {NOWHERE}"),
        ("content", lambda c: c.browserAction, f"Browsers give content scripts no action; {NOWHERE}"),
        (
            "content",
            lambda c: c.runtime.onConnectExternal,
            f"Browsers give content scripts no runtime.onConnectExternal; {NOWHERE}",
        ),
        (
            "content",
            lambda c: c.runtime.connectNative("app"),
            f"Browsers give content scripts no runtime.connectNative; {NOWHERE}",
        ),
        (
            "web",
            lambda c: c.runtime.onConnect,
            "Browsers give web pages no runtime.onConnect; begin from here instead",
        ),
    ],
)
async def test_what_a_kind_of_context_lacks(kind: str, use: Any, error: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        use(stand(kind).context)
    assert str(caught.value) == error


@pytest.mark.parametrize("kind", ["background", "page", "external"])
async def test_who_has_the_whole_api(kind: str) -> None:
    context = stand(kind).context
    assert context.tabs and context.action and context.browserAction is context.action
    assert context.runtime.onConnectExternal is context.runtime.onConnectExternal
