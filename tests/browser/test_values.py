"""Values that JSON lacks: what genuine scripts get of them, and what Python gets back.

What each browser makes of a value is asked of the browser: a genuine script posts the same value to another one, which
describes it, and Python's has to be described alike.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge import javascript as js
from bridge.async_api import Bridge, Port, RemoteError, launch
from bridge.javascript import HOLE, UNDEFINED
from support import LAUNCH_MS, background, write_extension

RING: dict[str, Any] = {"a": 1}
RING["ring"] = [RING]
SHARED = [1]
BUFFER = bytes(range(8))

# Of each: what a script would write, and Python's twin.
VALUES: dict[str, tuple[str, Any]] = {
    "undefined": ("undefined", UNDEFINED),
    "undefined member": ("({ a: undefined, b: [undefined] })", {"a": UNDEFINED, "b": [UNDEFINED]}),
    "NaN": ("NaN", float("nan")),
    "infinities": ("[Infinity, -Infinity]", [float("inf"), float("-inf")]),
    "-0": ("[-0, 0]", [-0.0, 0]),
    "a large number": ("2 ** 60", 2.0**60),
    "Date": ("new Date(1577836800123)", datetime(2020, 1, 1, 0, 0, 0, 123000, UTC)),
    "invalid Date": ("new Date(NaN)", js.Date()),
    "Date beyond datetime": ("[new Date(-8.64e15)]", [js.Date(-8640000000000000)]),
    "RegExp": (r"/a\/b/giu", js.RegExp(r"a\/b", "giu")),
    "Map": ("new Map([[1, 'a'], ['1', new Set([1, '1'])]])", js.Map([(1, "a"), ("1", js.Set([1, "1"]))])),
    "Map with objects as keys": ("new Map([[{ a: 1 }, [1]]])", js.Map([({"a": 1}, [1])])),
    "Set": ("new Set([3, 2, 1])", js.Set([3, 2, 1])),
    "ArrayBuffer": ("new Uint8Array([0, 1, 255]).buffer", b"\x00\x01\xff"),
    "Uint8Array": ("new Uint8Array([0, 255])", js.ArrayBufferView("Uint8Array", b"\x00\xff")),
    "Float64Array": ("new Float64Array([0])", js.ArrayBufferView("Float64Array", bytes(8))),
    "views on one buffer": (
        "((b) => [new Uint8Array(b, 1, 2), new DataView(b, 2), b])(new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]).buffer)",
        [js.ArrayBufferView("Uint8Array", BUFFER, 1, 2), js.ArrayBufferView("DataView", BUFFER, 2), BUFFER],
    ),
    "Blob": ("new Blob(['abc'], { type: 'text/plain' })", js.Blob(b"abc", "text/plain")),
    "File": ("new File(['abc'], 'n.txt', { type: 't/x', lastModified: 7 })", js.File(b"abc", "t/x", "n.txt", 7)),
    "Error": (
        "Object.assign(new TypeError('boom'), { stack: '' })",
        js.Error("boom", "TypeError", members={"stack": ""}),
    ),
    "DOMException": ("new DOMException('m', 'AbortError')", js.Error("m", "AbortError", "DOMException")),
    "boxed": ("[new Number(1), new String('s'), new Boolean(false)]", [js.Boxed(1), js.Boxed("s"), js.Boxed(False)]),
    "holes": ("[1, , 3, ,]", [1, HOLE, 3, HOLE]),
    "shared references": ("((s) => [s, s])([1])", [SHARED, SHARED]),
    "names of members": (
        """JSON.parse('{"__proto__": {"a": 1}, "toJSON": "x", "constructor": 1}')""",
        {"__proto__": {"a": 1}, "toJSON": "x", "constructor": 1},
    ),
}
# The JSON of Chromium refuses these.
CLONED_ONLY: dict[str, tuple[str, Any]] = {
    "bigint": ("[5n, 2n ** 64n]", [js.BigInt(5), js.BigInt(2**64)]),
    "BigInt64Array": ("new BigInt64Array([-1n])", js.ArrayBufferView("BigInt64Array", b"\xff" * 8)),
    "cyclic references": ("((r) => (r.ring.push(r), r))({ a: 1, ring: [] })", RING),
}

# The JSON of Chromium takes minutes for these.
SPARSE: dict[str, tuple[str, Any]] = {
    "the longest array": (
        "Object.assign(new Array(2 ** 32 - 1), { 7: [1], 4294967294: 'last' })",
        js.SparseArray(2**32 - 1, {7: [1], 2**32 - 2: "last"}),
    ),
}
CLONED = {**VALUES, **CLONED_ONLY, **SPARSE}

DESCRIBE = Path(__file__).with_name("describe.js").read_text("utf-8")


def sources() -> str:
    return "const values = {" + ", ".join(f"{name!r}: () => {source}" for name, (source, _) in CLONED.items()) + "};"


# `describe` answers what arrived; `echo` sends it back; the page posts its own values and reports the answers.
BACKGROUND = f"""{DESCRIBE}{sources()}
chrome.runtime.onConnect.addListener((port) => {{
  const answers = {{ describe, echo: (message) => message, ask: (name) => values[name]() }};
  const answer = answers[port.name];
  port.onMessage.addListener(async (message) => port.postMessage(await answer(message)));
}});
"""
PAGE = f"""{sources()}
chrome.runtime.onConnect.addListener((asking) => {{
  if (asking.name !== "genuine") return;
  asking.onMessage.addListener((name) => {{
    const port = chrome.runtime.connect({{ name: "describe" }});
    port.onMessage.addListener((answer) => asking.postMessage(answer));
    try {{ port.postMessage(values[name]()); }} catch (error) {{ asking.postMessage(`threw ${{error.message}}`); }}
  }});
}});
"""


class Scene:
    """Ports of Python's to the genuine background, and one that has a genuine page post."""

    def __init__(self, bridge: Bridge, page: Any) -> None:
        self.page = page
        self.describing: Port = page.runtime.connect({"name": "describe"})
        self.echo: Port = page.runtime.connect({"name": "echo"})
        self.ask: Port = page.runtime.connect({"name": "ask"})
        self.genuine: Port = bridge.background.runtime.connect({"name": "genuine"})

    async def described(self, name: str, value: Any) -> tuple[str, str]:
        """How the background describes the value of a genuine script, and Python's."""
        self.genuine.postMessage(name)
        await self.describing.postMessage(value)
        return await self.genuine.receive(), await self.describing.receive()


FILES = {"b.js": BACKGROUND, "p.html": "<!doctype html><script src=p.js></script>", "p.js": PAGE}
MANIFEST = {"permissions": ["storage"], **background("b.js")}
CLONING = {**MANIFEST, "message_serialization": "structured_clone"}  # which Firefox does anyway


@pytest.fixture(scope="module")
async def cloning_bridge(engine_type: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    # Not `load`: another serialization needs another browser.
    extension = write_extension(tmp_path_factory.mktemp("values") / "e", CLONING, FILES)
    async with launch(engine_type, extension, timeout=LAUNCH_MS) as bridge:
        yield bridge


@pytest.fixture
async def cloning(cloning_bridge: Bridge) -> AsyncIterator[Scene]:
    page = await cloning_bridge.page("p.html")
    yield Scene(cloning_bridge, page)
    await page.close()


async def test_cloned_values(cloning: Scene) -> None:
    for name, (_, value) in CLONED.items():
        genuine, ours = await cloning.described(name, value)
        assert (name, ours) == (name, genuine)
        for received in [await echoed(cloning, value), await asked(cloning, name)]:
            assert (name, repr(received)) == (name, repr(value))


async def echoed(scene: Scene, value: Any) -> Any:
    scene.echo.postMessage(value)
    return await scene.echo.receive()


async def asked(scene: Scene, name: str) -> Any:
    scene.ask.postMessage(name)
    return await scene.ask.receive()


async def test_identity(cloning: Scene) -> None:
    one, other = await echoed(cloning, [SHARED, SHARED])
    assert one is other
    ring = await echoed(cloning, RING)
    assert ring["ring"][0] is ring
    view, data_view, buffer = await asked(cloning, "views on one buffer")
    assert view.buffer is data_view.buffer is buffer


async def test_json_values(load: Any, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Firefox always clones messages structurally")
    bridge = await load(MANIFEST, FILES)
    json = Scene(bridge, await bridge.page("p.html"))
    for name, (_, value) in VALUES.items():
        genuine, ours = await json.described(name, value)
        assert (name, ours) == (name, genuine)
    assert await echoed(json, {"when": datetime(2020, 1, 1, tzinfo=UTC)}) == {"when": "2020-01-01T00:00:00.000Z"}
    for name, (_, value) in CLONED_ONLY.items():
        json.genuine.postMessage(name)
        with pytest.raises(RemoteError) as caught:
            await json.echo.postMessage(value)
        assert (name, await json.genuine.receive()) == (name, f"threw {caught.value}")
    assert await echoed(json, "still open") == "still open"


async def test_a_refused_value_that_nobody_awaits(cloning: Scene) -> None:
    bad = js.RegExp("(")
    with pytest.raises(RemoteError, match=r"[Ii]nvalid|unterminated") as caught:
        await cloning.echo.postMessage(bad)
    assert caught.value.name == "SyntaxError"
    cloning.echo.postMessage(bad)
    with pytest.raises(RemoteError, match="refused a message that Python posted on <Port 'echo'"):
        await cloning.echo.receive()
    assert await echoed(cloning, "still open") == "still open"


async def test_messages_behind_a_blob_keep_their_order(cloning: Scene) -> None:
    for number in range(20):
        cloning.echo.postMessage(js.Blob(bytes(100_000)) if number % 3 == 0 else number)
    received = [await cloning.echo.receive() for _ in range(20)]
    assert [n if n % 3 else js.Blob(bytes(100_000)) for n in range(20)] == received


async def test_values_in_calls(cloning: Scene) -> None:
    await cloning.page.call("storage.local.set", {"plain": 1})
    assert await cloning.page.call("storage.local.get", UNDEFINED) == {"plain": 1}


async def test_large_binary_values(cloning: Scene) -> None:
    data = bytes(range(256)) * 4096 * 4
    assert await echoed(cloning, {"data": data}) == {"data": data}
