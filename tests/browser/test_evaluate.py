"""`evaluate()` and `wait_for_function()` among the scripts of every kind of context, past any policy."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from browser import places
from browser.places import begun
from browser.test_values import CLONED_ONLY, SPARSE, VALUES

from bridge.async_api import (
    Bridge,
    BridgeTimeoutError,
    Context,
    ContextError,
    RemoteError,
    UnsupportedError,
)
from bridge.javascript import UNDEFINED, Map, Opaque
from support import Site, background

SOON_MS = 2000
STRICT = "default-src 'none'; script-src 'self'"
SCRIPT = """const mine = "KIND";
let count = 0;
class Shelf {}
var patched = [];
const add = (more) => (count += more);
const fail = () => null.missing;
for (const name of ["CustomEvent", "Event", "setTimeout"]) {
  const native = globalThis[name];
  globalThis[name] = new Proxy(native, {
    construct: (target, given) => (patched.push(name), Reflect.construct(target, given)),
    apply: (target, self, given) => (patched.push(name), Reflect.apply(target, self, given)),
  });
}
globalThis.dispatchEvent = () => patched.push("dispatchEvent");
"""
HTML = "<!doctype html><meta charset=utf-8><title>p</title><script src=p.js></script>"
MANIFEST = {
    **background("b.js"),
    "content_scripts": [
        {"matches": ["<all_urls>"], "js": ["c.js"], "all_frames": True},
        {"matches": ["<all_urls>"], "js": ["main.js"], "all_frames": True, "world": "MAIN"},
    ],
    "action": {"default_popup": "popup.html"},
    "content_security_policy": {"extension_pages": STRICT},
    "web_accessible_resources": [{"resources": ["p.html"], "matches": ["<all_urls>"]}],
    "host_permissions": ["<all_urls>"],
}
FILES = {
    "b.js": SCRIPT.replace("KIND", "background"),
    "c.js": SCRIPT.replace("KIND", "content"),
    "p.js": SCRIPT.replace("KIND", "page"),
    "main.js": "const mainOwn = 'main.js';",
    "p.html": HTML,
    "popup.html": HTML,
    "module.html": HTML.replace("src=p.js", "type=module src=m.js"),
    "m.js": "const own = 1; globalThis.known = 2;",
}
CLOSE = "top === self ? close() : location.replace('about:blank')"
POLICY = f'<!doctype html><meta http-equiv=content-security-policy content="{STRICT}; frame-src *"><title>x</title>'


@pytest.fixture(scope="module")
async def bridge(load_for_module: Any) -> Bridge:
    return await load_for_module(MANIFEST, FILES)


@pytest.fixture(scope="module")
async def still_page(bridge: Bridge, site: Site) -> AsyncIterator[Any]:
    """A page with frames, which all tests may use as it is."""
    still_page = await bridge.browser_context.new_page()
    site.pages["/framed"] = f"{POLICY}<iframe src='{site.other_url}strict'></iframe><iframe src=/strict></iframe>"
    site.pages["/strict"] = POLICY
    await still_page.goto(f"{site.url}framed")
    yield still_page
    await still_page.close()


@pytest.fixture
async def own_page(bridge: Bridge, still_page: Any) -> AsyncIterator[Any]:
    """The same page once more, for one test."""
    own_page = await bridge.browser_context.new_page()
    await own_page.goto(still_page.url)
    yield own_page
    await own_page.close()


async def _framed_page(bridge: Bridge, page: Any) -> Context:
    url = await bridge.background.call("runtime.getURL", "p.html")
    add = "(url) => document.documentElement.append(Object.assign(document.createElement('iframe'), { src: url }))"
    return await begun(bridge, lambda: page.evaluate(add, url))


KINDS = {**places.KINDS, "page in a frame of a web page": _framed_page}


_EACH_TIME = ("background", "content script", "page")
_PLACES = [kind if kind in _EACH_TIME else pytest.param(kind, marks=pytest.mark.slow("further")) for kind in KINDS]


@pytest.fixture(params=_PLACES)
async def place(request: pytest.FixtureRequest, bridge: Bridge, still_page: Any) -> AsyncIterator[Context]:
    place = await KINDS[request.param](bridge, still_page)
    yield place
    if place.kind == "page":
        ended = asyncio.ensure_future(place.wait_for_close())
        with suppress(ContextError):  # it may go before it answers
            await place.evaluate(CLOSE)
        await ended


async def test_it_sees_what_the_scripts_declare(place: Context) -> None:
    assert await place.evaluate("mine") == place.kind
    assert await place.evaluate("typeof Shelf + typeof add") == "functionfunction"
    before = await place.evaluate("count")
    assert await place.evaluate("(more) => add(more)", 2) == before + 2
    assert await place.evaluate("async (more) => { await null; return add(more); }", 1) == before + 3
    assert await place.evaluate("add", 1) == before + 4
    assert await place.evaluate("count = 0; count") == 0
    assert await place.evaluate("(chrome.runtime.id, typeof globalThis)") == "object"


async def test_what_it_declares_is_gone_afterwards(place: Context) -> None:
    # Playwright adds names of its own to the frames of Firefox, in its own time.
    globals = "Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith('__pw')).sort()"
    before = await place.evaluate(globals)
    assert await place.evaluate("const own = 3; let other = own; other + 1") == 4
    assert await place.evaluate("function own() { return 5 }") == 5
    assert await place.evaluate("typeof own + typeof other") == "undefinedundefined"
    assert await place.evaluate(globals) == before


async def test_scripts_do_not_notice(place: Context, engine: str) -> None:
    noticed = await place.evaluate("patched.splice(0)")
    if (place.kind, engine) != ("background", "chromium"):  # there `WakeState` dispatches events
        assert noticed == []
    assert await place.evaluate("patched") == []


async def test_what_is_thrown(place: Context) -> None:
    with pytest.raises(RemoteError, match="missing") as info:
        await place.evaluate("fail()")
    assert info.value.name == "TypeError"
    file = {"background": "b.js", "content": "c.js"}.get(place.kind, "p.js")
    first, second = info.value.stack.splitlines()
    assert "fail" in first and f"{file}:6:" in first
    assert "evaluate:1:3" in second
    assert first in str(info.value)
    with pytest.raises(RemoteError) as info:
        await place.evaluate("() => fail()")
    assert len(info.value.stack.splitlines()) == 2  # without the evaluator's own


async def test_what_is_rejected(place: Context) -> None:
    with pytest.raises(RemoteError, match="^no$") as info:
        await place.evaluate("Promise.reject('no')")
    assert (info.value.name, info.value.stack) == ("Error", "")
    with pytest.raises(RemoteError, match="too far") as info:
        await place.evaluate("async () => { await null; throw new RangeError('too far'); }")
    assert info.value.name == "RangeError" and "evaluate:1:" in info.value.stack


async def test_it_waits_for_a_function(place: Context) -> None:
    await place.evaluate("count = 0")
    assert await place.wait_for_function("(to) => ++count >= to && [count]", 3, polling=1) == [3]
    with pytest.raises(BridgeTimeoutError, match="count < 0"):
        await place.wait_for_function("count < 0", timeout=200)
    with pytest.raises(RemoteError, match="missing"):
        await place.wait_for_function("fail()", timeout=SOON_MS)


# --- once for each browser ------------------------------------------------------------------------------------------


@pytest.fixture
async def here(bridge: Bridge, still_page: Any) -> Context:
    return await bridge.content(still_page)


@pytest.mark.parametrize("name", [*VALUES, *CLONED_ONLY, *SPARSE])
async def test_values_both_ways(here: Context, name: str) -> None:
    source, value = (VALUES | CLONED_ONLY | SPARSE)[name]
    for got in (await here.evaluate(source), await here.evaluate("(value) => value", value)):
        assert got != got if name == "NaN" else repr(got) == repr(value)


async def test_values_that_have_no_twin(here: Context) -> None:
    assert await here.evaluate("undefined") is UNDEFINED
    assert await here.evaluate("null") is None
    assert await here.evaluate("() => Symbol()") is None
    assert await here.evaluate("document.documentElement") == Opaque("HTMLHtmlElement")
    assert await here.evaluate("(it) => it === null") is True
    assert await here.evaluate("(it) => it instanceof Map && it.get(1)", Map([(1, "one")])) == "one"
    assert math.isnan(await here.evaluate("NaN"))
    long = await here.evaluate("'x'.repeat(100_000) + '\\ud800'")
    assert len(long) == 100_001 and long[-1] == "\ud800"


async def test_what_is_no_code(here: Context) -> None:
    with pytest.raises(RemoteError) as info:
        await here.evaluate("1 +")
    assert info.value.name == "SyntaxError"
    with pytest.raises(TypeError, match="a str of JavaScript, not int"):
        await here.evaluate(1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"arg\.when"):
        await here.evaluate("(it) => it", {"when": object()})


async def test_no_policy_forbids_it(here: Context, bridge: Bridge) -> None:
    await bridge.start_background()
    with pytest.raises(RemoteError, match=r"(?i)content security|CSP"):  # for the scripts themselves it does
        await bridge.background.evaluate("eval('1')")
    assert await here.evaluate("mine") == "content"


async def test_pages_with_the_same_address(bridge: Bridge, own_page: Any, site: Site) -> None:
    others = [await bridge.browser_context.new_page() for _ in range(2)]
    for other in others:
        await other.goto(f"{site.url}framed")
    frames = [frame for page in (own_page, *others) for frame in page.frames]
    contexts = [await bridge.content(frame) for frame in frames]
    for number, context in enumerate(contexts):
        await context.evaluate("(number) => { count = number; document.title = number; }", number)
    assert [await context.evaluate("count") for context in contexts] == list(range(9))
    assert [await frame.title() for frame in frames] == list("012345678")
    twins = [await bridge.page("p.html") for _ in range(2)]
    await asyncio.gather(*(twin.evaluate("(number) => { count = number }", n) for n, twin in enumerate(twins)))
    assert [await twin.evaluate("count") for twin in twins] == [0, 1]
    for twin in twins:
        await twin.close()
    for other in others:
        await other.close()


async def test_a_document_that_was_written_anew(bridge: Bridge, own_page: Any) -> None:
    here = await bridge.content(own_page)
    await own_page.evaluate("document.open(); document.write('<p>new'); document.close()")
    assert await here.evaluate("mine + document.body.textContent") == "contentnew"


async def test_a_page_that_hangs_does_not_hold_up_the_search_in_others(
    bridge: Bridge, own_page: Any, site: Site
) -> None:
    here = await bridge.content(own_page)
    hanging = await bridge.browser_context.new_page()
    await hanging.goto(site.other_url)
    await bridge.content(hanging)
    dialogs: asyncio.Queue[Any] = asyncio.Queue()
    hanging.on("dialog", dialogs.put_nowait)
    alerting = asyncio.ensure_future(hanging.evaluate("alert()"))
    dialog = await dialogs.get()
    await own_page.evaluate(
        "document.open(); document.write('<p>new'); document.close()"
    )  # the first search finds none
    assert await here.evaluate("mine") == "content"
    await dialog.dismiss()
    await alerting
    await hanging.close()


async def test_modules_keep_their_variables(bridge: Bridge) -> None:
    page = await bridge.page("module.html")
    assert await page.evaluate("known") == 2
    with pytest.raises(RemoteError, match="own") as info:
        await page.evaluate("own")
    assert info.value.name == "ReferenceError"
    await page.close()


async def test_a_background_that_stops_and_starts(bridge: Bridge) -> None:
    await bridge.start_background()
    await bridge.background.evaluate("count = 7")
    waiting = asyncio.ensure_future(bridge.background.evaluate("new Promise((done) => (globalThis.done = done))"))
    await bridge.background.wait_for_function("Boolean(globalThis.done)")
    await bridge.stop_background()
    with pytest.raises(ContextError, match=r"ended before it answered evaluate\(\): The background was stopped"):
        await asyncio.wait_for(waiting, SOON_MS / 1000)
    with pytest.raises(ContextError, match="The background was stopped"):
        await bridge.background.evaluate("count")
    await bridge.start_background()
    assert await bridge.background.evaluate("count") == 0


@pytest.mark.parametrize("function", ["evaluate", "wait_for_function"])
async def test_a_context_that_ends_meanwhile(bridge: Bridge, own_page: Any, site: Site, function: str) -> None:
    here = await bridge.content(own_page)
    never = {"evaluate": "new Promise((done) => (globalThis.done = done))", "wait_for_function": "count < 0"}[function]
    waiting = asyncio.ensure_future(getattr(here, function)(never))
    await here.evaluate("mine")
    await own_page.goto(f"{site.url}other")
    with pytest.raises(ContextError, match=rf"ended before it answered {function}\(\): The context is gone"):
        await asyncio.wait_for(waiting, SOON_MS / 1000)
    with pytest.raises(ContextError, match="Python cannot act"):
        await here.evaluate("mine")


async def test_it_ends_in_time(here: Context) -> None:
    with pytest.raises(BridgeTimeoutError, match=r"did not answer evaluate\(\)"):
        await here.evaluate("new Promise((done) => (globalThis.done = done))", timeout=300)
    assert await here.evaluate("mine") == "content"


async def test_the_main_world(bridge: Bridge, own_page: Any, site: Site) -> None:
    site.pages["/main"] = (
        "<!doctype html><script>const pages = 'own'; var seen = [];</script><iframe src=/main2></iframe>"
    )
    site.pages["/main2"] = "<!doctype html><script>const pages = 'inner';</script>"
    await own_page.goto(f"{site.url}main")
    top, inner = [await bridge.content(frame) for frame in own_page.frames]
    # main.js has `"world": "MAIN"`
    assert await top.evaluate("(more) => [pages, mainOwn, more]", 1, world="MAIN") == ["own", "main.js", 1]
    assert await inner.evaluate("pages", world="MAIN") == "inner"
    assert await top.evaluate("typeof pages + typeof mainOwn + mine") == "undefinedundefinedcontent"
    assert await top.wait_for_function("seen.push(1) > 2 && seen", world="MAIN", polling=1) == [1, 1, 1]
    with pytest.raises(RemoteError, match="missing"):
        await top.evaluate("null.missing", world="MAIN")
    await own_page.goto(f"{site.url}main2")
    assert await (await bridge.content(own_page)).evaluate("pages", world="MAIN") == "inner"
    with pytest.raises(ContextError):
        await top.evaluate("pages", world="MAIN")


async def test_where_there_is_no_main_world(bridge: Bridge, here: Context) -> None:
    with pytest.raises(UnsupportedError, match="document of a content script; this is a background"):
        await bridge.background.evaluate("1", world="MAIN")
    with pytest.raises(ValueError, match="'ISOLATED' or 'MAIN', not 'main'"):
        await here.evaluate("1", world="main")  # type: ignore[arg-type]


async def test_where_none_of_the_scripts_are(bridge: Bridge) -> None:
    with pytest.raises(UnsupportedError, match="another extension"):
        await bridge.external.evaluate("1")
