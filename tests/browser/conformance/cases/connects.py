"""The arguments of connect, and connects that fail."""

from typing import Any

from ..case import REFUSED_LATE, Differs, case
from ..place import BACKGROUND, CONTENT, NEIGHBOUR, PAGE, WEB
from ..scene import Actor, Scene
from ..steps import Tab as Of
from ..steps import connect, listen, look, named, opens, post, tabs_connect

NAMES = {
    "empty": "",
    "unicode": "Grüße, 世界, 😀",
    "spaces": "  a b\n\tc ",
    "quotes": "\"'\\`</script>",
    "nul": "a\0b",
    "lone_surrogate": "\ud83c!",
    "proto": "__proto__",
}
SECOND: dict[str, Any] = {"name": "p"}


def refused(browser: str, words: str) -> Differs:
    """What JavaScript throws at the call is the port's error in Python."""
    return Differs(REFUSED_LATE, "opener", {"opener": [f"disconnected: p, error {words!r}"]}, browser=browser)


WITHOUT_ID = (
    "Error in invocation of runtime.connect(optional string extensionId, optional object connectInfo): "
    "chrome.runtime.connect() called from a webpage must specify an Extension ID (string) for its first argument."
)
DIFFERENCES = {
    "tab_too_large": (
        refused(
            "chromium",
            "Error in invocation of tabs.connect(integer tabId, optional object connectInfo): No matching signature.",
        ),
    ),
}


def connecting(id: str, title: str, *arguments: Any, **more: Any) -> None:
    """A case of a connect that may reach the background, or fail, or throw."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(listen())
        await opener.do(connect("p", *arguments))
        await scene.settle()

    body.__name__, body.__doc__ = id, title
    known = DIFFERENCES.get(id, ())
    options = {"opener": CONTENT, "receiver": BACKGROUND, "differs": known, "python": ("opener",), **more}
    case(**options)(body)


for label, name in NAMES.items():
    connecting(f"name_{label}", f"connect() under the name {name!r}", {"name": name}, python=None)
connecting("name_very_long", "connect() under a name of 10 000 characters", named("a long name"), python=None)
connecting("connect_without_arguments", "connect()")
connecting("connect_null", "connect(null)", None)
connecting("connect_undefined", "connect(undefined)", named("undefined"))
connecting("connect_empty_object", "connect({})", {})
connecting("connect_null_and_info", "connect(null, {name})", None, SECOND)
connecting("connect_undefined_and_info", "connect(undefined, {name})", named("undefined"), SECOND)
connecting("connect_empty_id", 'connect("")', "")
connecting("connect_empty_id_and_info", 'connect("", {name})', "", SECOND)
connecting("connect_name_null", "connect({name: null})", {"name": None})
connecting("connect_include_tls_channel_id", "connect({includeTlsChannelId})", {**SECOND, "includeTlsChannelId": True})
connecting("connect_two_nulls", "connect(null, null)", None, None)
connecting("connect_from_page_without_arguments", "connect() from a page", opener=PAGE)

connecting("connect_name_number", "connect({name: 1})", {"name": 1})
connecting("connect_name_object", "connect({name: {}})", {"name": {}})
connecting("connect_tls_number", "connect({includeTlsChannelId: 1})", {"includeTlsChannelId": 1})
connecting("connect_unknown_member", "connect({name, unknown})", {**SECOND, "unknown": 1})
connecting("connect_number", "connect(1)", 1)
connecting("connect_true", "connect(true)", True)
connecting("connect_array", "connect([])", [])
connecting("connect_id_and_text", 'connect("", "p")', "", "p")
connecting("connect_id_and_number", 'connect("", 1)', "", 1)
connecting("connect_number_and_info", "connect(1, {name})", 1, SECOND)
connecting("connect_info_twice", "connect({name}, {name})", SECOND, SECOND)


@case(opener=CONTENT, receiver=BACKGROUND)
async def connect_own_id(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """connect(own id, {name}) fires onConnect, not onConnectExternal"""
    await receiver.do(listen(listener="inside"), listen(event="runtime.onConnectExternal", listener="outside"))
    await opener.do(connect("p", scene.stage.id_of("tested"), {"name": "p"}), post("p", 1))
    await scene.settle()


@case(opener=CONTENT, receiver=BACKGROUND)
async def connect_unknown_extension(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """connect() to an extension that is not installed"""
    await receiver.do(listen())
    id = "a" * 32 if scene.chromium else "nobody@conformance.example"
    await opener.do(connect("p", id, {"name": "p"}))
    await opener.sees("disconnected")


@case(
    opener=CONTENT,
    receiver=BACKGROUND,
    differs=(
        refused(
            "chromium",
            "Error in invocation of runtime.connect(optional string extensionId, optional object connectInfo): "
            "Invalid extension id: 'no id at all'",
        ),
    ),
)
async def connect_malformed_id(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """connect() with an id that cannot be one"""
    await receiver.do(listen())
    await opener.do(connect("p", "no id at all", {"name": "p"}))
    await scene.settle()


NOBODY = {
    "content-to-background": (CONTENT, BACKGROUND),
    "background-to-content": (BACKGROUND, CONTENT),
    "page-to-background": (PAGE, BACKGROUND),
    "background-alone": (BACKGROUND, PAGE),
    "other-extension-to-background": (NEIGHBOUR, BACKGROUND),
    "background-to-other-extension": (BACKGROUND, NEIGHBOUR),
}


@case(
    ways=NOBODY,
    mv2=True,
    differs=(
        Differs(
            "Python stands in the relay as the other extension, and the relay always listens, for its agents",
            "receiver",
            {"opener": []},
            way="background-to-other-extension",
        ),
    ),
)
async def nobody_listens(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """connect() where nobody listens"""
    await opener.do(opens("p"), post("p", 1))
    if receiver.in_python and receiver.place is NEIGHBOUR:
        return await scene.settle()  # where Python stands somebody listens
    await opener.sees("disconnected")  # no fence before that: its listener would be there
    await opener.do(post("p", 2))
    await scene.settle()


@case(opener=BACKGROUND, receiver=PAGE)
async def own_listener_does_not_hear_own_connect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """connect() from the only context that listens"""
    await opener.do(listen())
    await opener.do(opens("p"))
    await opener.sees("disconnected")
    await scene.settle()


@case(opener=NEIGHBOUR, receiver=BACKGROUND)
async def external_connect_is_not_internal(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Another extension connects, and only onConnect has a listener"""
    await receiver.do(listen(event="runtime.onConnect"))
    await opener.do(opens("p"))
    await opener.sees("disconnected")
    await scene.settle()


@case(opener=CONTENT, receiver=BACKGROUND)
async def internal_connect_is_not_external(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The extension's own content script connects, and only onConnectExternal has a listener"""
    await receiver.do(listen(event="runtime.onConnectExternal"))
    await opener.do(opens("p"))
    await opener.sees("disconnected")
    await scene.settle()


def connecting_tab(id: str, title: str, *arguments: Any) -> None:
    """A case of a tabs.connect."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(listen())
        await opener.do(tabs_connect("p", *arguments), post("p", 1))
        await scene.settle()

    body.__name__, body.__doc__ = id, title
    case(opener=BACKGROUND, receiver=CONTENT, differs=DIFFERENCES.get(id, ()), python=("opener",))(body)


HERE = Of("receiver")
connecting_tab("tab_without_info", "tabs.connect(tab)", HERE)
connecting_tab("tab_null_info", "tabs.connect(tab, null)", HERE, None)
connecting_tab("tab_empty_info", "tabs.connect(tab, {})", HERE, {})
connecting_tab("tab_frame_zero", "tabs.connect(tab, {frameId: 0})", HERE, {"name": "p", "frameId": 0})
connecting_tab("tab_frame_null", "tabs.connect(tab, {frameId: null})", HERE, {"name": "p", "frameId": None})
connecting_tab(
    "tab_frame_missing", "tabs.connect(tab, {frameId}) with an id that no frame has", HERE, {"frameId": 99_999}
)
connecting_tab("tab_frame_negative", "tabs.connect(tab, {frameId: -1})", HERE, {"frameId": -1})
connecting_tab(
    "tab_document_unknown",
    "tabs.connect(tab, {documentId}) with an id that no document has",
    HERE,
    {"documentId": "0" * 32},
)
connecting_tab("tab_document_null", "tabs.connect(tab, {documentId: null})", HERE, {"name": "p", "documentId": None})
connecting_tab("tab_missing", "tabs.connect() with an id that no tab has", 99_999_999)
connecting_tab("tab_negative", "tabs.connect(-1)", -1)
connecting_tab("tab_minus_two", "tabs.connect(-2)", -2)
connecting_tab("tab_zero", "tabs.connect(0)", 0)
connecting_tab("tab_without_arguments", "tabs.connect()")
connecting_tab("tab_text", 'tabs.connect("1")', "1")
connecting_tab("tab_null", "tabs.connect(null)", None)
connecting_tab("tab_fraction", "tabs.connect(1.5)", 1.5)
connecting_tab("tab_too_large", "tabs.connect(2 ** 31)", 2**31)
connecting_tab("tab_name_number", "tabs.connect(tab, {name: 1})", HERE, {"name": 1})
connecting_tab("tab_unknown_member", "tabs.connect(tab, {unknown})", HERE, {"unknown": 1})
connecting_tab("tab_tls", "tabs.connect(tab, {includeTlsChannelId})", HERE, {"includeTlsChannelId": True})
connecting_tab("tab_frame_text", 'tabs.connect(tab, {frameId: "0"})', HERE, {"frameId": "0"})
connecting_tab("tab_info_text", 'tabs.connect(tab, "p")', HERE, "p")


@case(opener=CONTENT, receiver=BACKGROUND)
async def name_of_an_unnamed_connect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """port.name at both ends of connect({})"""
    await receiver.do(listen(look(None, "name")))
    await opener.do(connect("p", {}), look("p", "name"))
    await scene.settle()


def connecting_from_the_web(id: str, title: str, *arguments: Any) -> None:
    """A case of a web page's connect that names no extension."""

    differs = (refused("chromium", WITHOUT_ID),)
    connecting(f"web_{id}", f"A web page calls {title}", *arguments, opener=WEB, worlds=("chromium",), differs=differs)


connecting_from_the_web("connect_without_arguments", "connect()")
connecting_from_the_web("connect_with_a_name", "connect({name})", {"name": "p"})
connecting_from_the_web("connect_with_an_empty_id", "connect('')", "")


def naming_tab(id: str, title: str, *arguments: Any) -> None:
    """A case of a tabs.connect without a name."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(listen(look(None, "name")))
        await opener.do(tabs_connect("p", *arguments), look("p", "name"))
        await scene.settle()

    body.__name__, body.__doc__ = f"name_of_{id}", f"port.name at both ends of {title}"
    case(opener=BACKGROUND, receiver=CONTENT)(body)


naming_tab("tab_without_info", "tabs.connect(tab)", HERE)
naming_tab("tab_empty_info", "tabs.connect(tab, {})", HERE, {})
naming_tab("tab_name_null", "tabs.connect(tab, {name: null})", HERE, {"name": None})
naming_tab("tab_frame", "tabs.connect(tab, {frameId: 0})", HERE, {"frameId": 0})
