"""`context.console`: each line and uncaught error of a context, and of no other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browser.places import KINDS

from bridge.async_api import (
    Bridge,
    ConsoleLine,
    Context,
    ContextError,
    UnsupportedError,
)
from bridge.javascript import UNDEFINED, BigInt, Error, Map, Opaque
from bridge.traffic.records import ConsoleSaid, PlaceBegan
from support import LAUNCH_MS, Site, background, content

SCRIPT = """console.log("KIND begins", { first: true });
const fail = (text) => { throw new TypeError(text); };
const say = (...given) => console.log(...given);
addEventListener("break", () => fail("in a listener"));
addEventListener("error", () => {}); // which handles nothing
"""
HTML = "<!doctype html><meta charset=utf-8><title>p</title><script src=p.js></script>"
FILES = {
    "b.js": SCRIPT.replace("KIND", "background"),
    "c.js": SCRIPT.replace("KIND", "content"),
    "p.js": SCRIPT.replace("KIND", "page"),
    "p.html": HTML,
    "popup.html": HTML,
}
MANIFEST = {
    **background("b.js"),
    **content("c.js", all_frames=True),
    "action": {"default_popup": "popup.html"},
    "permissions": ["scripting"],
    "host_permissions": ["<all_urls>"],
}
SAY_AND_BREAK = """() => {
  console.log("the page's own");
  setTimeout(() => { throw new Error("the page's own"); });
  setTimeout(() => { throw "the page's own"; });
  Promise.reject("the page's own");
  return new Promise((resolve) => setTimeout(resolve, 5));
}"""
RECORDED_S = 60  # less than the test has, so that it can say what is missing
FILE = {"background": "b.js", "content": "c.js", "page": "p.js"}


@pytest.fixture(scope="module")
async def bridge(load_for_module: Any) -> Bridge:
    return await load_for_module(MANIFEST, FILES)


@pytest.fixture(scope="module")
async def still_page(bridge: Bridge, site: Site) -> AsyncIterator[Any]:
    """A page with a frame of another site."""
    still_page = await bridge.browser_context.new_page()
    site.pages["/framed"] = f"<!doctype html><title>x</title><iframe src='{site.other_url}'></iframe>"
    await still_page.goto(f"{site.url}framed")
    yield still_page
    await still_page.close()


_EACH_TIME = ("background", "content script")
_PLACES = [kind if kind in _EACH_TIME else pytest.param(kind, marks=pytest.mark.slow("further")) for kind in KINDS]


@pytest.fixture(params=_PLACES)
async def place(request: pytest.FixtureRequest, bridge: Bridge, still_page: Any) -> AsyncIterator[Context]:
    place = await KINDS[request.param](bridge, still_page)
    yield place
    place._forget()
    if place.kind == "page":
        await place.close()


async def said(context: Context, expression: str, count: int = 1) -> list[ConsoleLine]:
    """What an expression has the console say, in that many lines, and none more."""
    lines: list[ConsoleLine] = []
    await context.console.addListener(lines.append)
    async with context.expect_console(lambda line: line.text == "that is all"):
        # What the expression throws comes after it.
        await context.evaluate(f"{expression}\n; setTimeout(() => setTimeout(() => console.log('that is all')), 1)")
    await context.console.removeListener(lines.append)
    assert [line.text for line in lines[count:]] == ["that is all"], lines
    return lines[:count]


async def test_each_level(place: Context) -> None:
    levels = ("log", "info", "warn", "error", "debug")
    lines = await said(place, ";".join(f"console.{level}('to {level}', 1)" for level in levels), len(levels))
    assert [line.type for line in lines] == ["log", "info", "warning", "error", "debug"]
    assert [line.level for line in lines] == ["log", "info", "warning", "error", "debug"]
    assert [line.text for line in lines] == [f"to {level} 1" for level in levels]
    assert [line.values for line in lines] == [(f"to {level}", 1) for level in levels]
    assert not any(line.uncaught for line in lines)


async def test_other_functions_of_the_console(place: Context) -> None:
    lines = await said(
        place,
        "console.trace('t'); console.assert(true, 'no'); console.assert(false, 'why'); console.group('g');"
        "console.groupEnd(); console.count('c'); console.table([1, 2]); console.dir({ z: 1 })",
        7,
    )
    assert [(line.type, line.text) for line in lines] == [
        ("trace", "t"),
        ("assert", "Assertion failed: why"),
        ("startGroup", "g"),
        ("endGroup", ""),
        ("count", "c: 1"),
        ("table", "[1, 2]"),
        ("dir", "{z: 1}"),
    ]
    assert [line.level for line in lines] == ["log", "error", "log", "log", "log", "log", "log"]


async def test_place_time_and_stack(place: Context) -> None:
    began = await place.evaluate("Date.now() / 1000")
    [line] = await said(place, "{ const inner = () => say('here'); inner(); }")
    assert (line.url.rpartition("/")[2], line.line, line.column) == (FILE[place.kind], 3, 35)
    assert began - 0.1 <= line.time <= began + 10
    assert str(line) == f"log: here ({line.url}:3:35)"


async def test_values(place: Context) -> None:
    expression = (
        "say('a', 1.5, true, null, undefined, 10n, { a: [1, { b: 2 }] }, new Map([[1, 'x']]), new RangeError('r'))"
    )
    [line] = await said(place, expression)
    *plain, error = line.values
    assert plain == ["a", 1.5, True, None, UNDEFINED, BigInt(10), {"a": [1, {"b": 2}]}, Map([(1, "x")])]
    assert (type(error), error.name, error.message) == (Error, "RangeError", "r")
    assert line.text.startswith("a 1.5 true null undefined 10n {a: Array(2)} Map")
    assert line.text.endswith("RangeError: r")


async def test_one_object_alone(place: Context) -> None:
    [line] = await said(place, "say({ a: 'x', get b() { globalThis.readIt = true; return 1 } })")
    assert line.text == '{a: "x", b: …}'
    assert line.values == ({"a": "x", "b": 1},)


async def test_a_value_that_cannot_be_read(place: Context) -> None:
    [line] = await said(place, "say('f', { get b() { throw 1 } }, 2)")
    before, unread, after = line.values
    assert (before, after) == ("f", 2)
    assert isinstance(unread, Opaque)
    assert line.text == "f {b: …} 2"


async def test_directives(place: Context) -> None:
    lines = await said(
        place, "say('%s has %d of %i: %s%%', 'x', 3.7, 2, true); say('%s', 'one', 'two'); say('100%')", 3
    )
    assert [line.text for line in lines] == ["x has 3 of 2: true%", "one two", "100%"]


async def test_errors_that_no_script_catches(place: Context) -> None:
    in_listener = "" if place.kind == "background" else "dispatchEvent(new Event('break'));"
    lines = await said(place, f"setTimeout(() => fail('later')); {in_listener}", 1 + bool(in_listener))
    texts = ["TypeError: in a listener"] * bool(in_listener) + ["TypeError: later"]
    assert [line.text for line in lines] == texts
    for line in lines:
        assert (line.type, line.level, line.uncaught) == ("error", "error", True)
        assert (line.url.rpartition("/")[2], line.line) == (FILE[place.kind], 2)
        assert line.stack.splitlines()[0] == f"fail ({line.url}:2:{line.column})"
        assert line.values == () or (line.values[0].name, line.values[0].message) == ("TypeError", line.text[11:])


async def test_errors_tell_what_was_thrown(place: Context, engine: str) -> None:
    [line] = await said(place, "setTimeout(() => fail('why'))")
    # In a content script, Firefox keeps the text alone.
    assert bool(line.values) == (engine == "chromium" or place.kind != "content")


async def test_rejections_that_nobody_handles(place: Context) -> None:
    lines = await said(place, "Promise.reject(new RangeError('no')); Promise.reject('a string').catch(() => {})", 1)
    assert [(line.type, line.text, line.uncaught) for line in lines] == [("error", "RangeError: no", True)]
    [line] = await said(place, "Promise.reject('a string')")
    assert (line.text, line.uncaught) == ("a string", True)


async def test_lines_of_other_contexts_do_not_appear(place: Context, bridge: Bridge, still_page: Any) -> None:
    left_out = ("popup", "page") if place.view == "popup" else ("popup",)  # a new tab would close a popup
    others = [await kind(bridge, still_page) for name, kind in KINDS.items() if name not in left_out]
    lines: list[ConsoleLine] = []
    await place.console.addListener(lines.append)
    for other in others:
        if other is not place:
            await other.evaluate(
                "say('of another'); setTimeout(() => fail('of another')); Promise.reject('of another'); 1"
            )
    for frame in still_page.frames:
        await frame.evaluate(SAY_AND_BREAK)
    assert await said(place, "say('own')")
    for other in others:
        if other is not place and other.kind == "page":
            await other.close()
    assert [line.text for line in lines] == ["own", "that is all"]


async def test_injected_functions(bridge: Bridge, still_page: Any) -> None:
    injected = await bridge.content(still_page)
    inject = """(tab) => chrome.scripting.executeScript({ target: { tabId: tab }, func: () => {
        console.log("injected", { a: 1 });
        setTimeout(() => { throw new Error("injected"); });
      } })"""
    lines: list[ConsoleLine] = []
    await injected.console.addListener(lines.append)
    async with injected.expect_console(lambda line: line.uncaught):
        await bridge.background.evaluate(inject, injected.tab_id)
    await injected.console.removeListener(lines.append)
    assert [(line.text, line.uncaught) for line in lines] == [("injected {a: 1}", False), ("Error: injected", True)]


async def test_nothing_comes_after_the_listener_is_removed(place: Context) -> None:
    lines: list[ConsoleLine] = []
    await place.console.addListener(lines.append)
    async with place.expect_console():
        await place.evaluate("say('heard')")
    await place.console.removeListener(lines.append)
    await place.evaluate("say('not heard')")
    assert [line.text for line in await said(place, "say('later')")] == ["later"]
    assert [line.text for line in lines] == ["heard"]


async def test_what_was_said_before_the_listener_does_not_come(place: Context) -> None:
    await place.evaluate("say('before')")
    assert [line.text for line in await said(place, "say('after')")] == ["after"]


async def test_waits(place: Context) -> None:
    async with place.expect_console(lambda line: "2" in line.text) as info:
        await place.evaluate("say('1'); say('2'); say('3')")
    assert (await info.value).text == "2"
    waiting = asyncio.ensure_future(place.wait_for_console(timeout=LAUNCH_MS))
    while not waiting.done():  # it does not say when it listens
        await place.evaluate("say('again')")
    assert (await waiting).text == "again"


async def test_background_that_stops_and_starts_again(bridge: Bridge) -> None:
    await bridge.start_background()
    lines: list[ConsoleLine] = []
    await bridge.background.console.addListener(lines.append)
    for _ in range(2):
        await bridge.stop_background()
        async with bridge.background.expect_console(lambda line: line.text.startswith("background begins")) as info:
            await bridge.start_background()
        assert (await info.value).values[0] == "background begins"
        async with bridge.background.expect_console(lambda line: line.text == "on"):
            await bridge.background.evaluate("say('on')")
    await bridge.background.console.removeListener(lines.append)
    assert [line.text for line in lines] == ["background begins {first: true}", "on"] * 2


async def test_listening_while_the_background_is_stopped(bridge: Bridge) -> None:
    await bridge.start_background()
    await bridge.stop_background()
    lines: list[ConsoleLine] = []
    await bridge.background.console.addListener(lines.append)
    async with bridge.background.expect_console():
        await bridge.start_background()
    await bridge.background.console.removeListener(lines.append)
    assert [line.text for line in lines] == ["background begins {first: true}"]


async def test_last_words_and_the_end_of_a_page(bridge: Bridge) -> None:
    going = await bridge.page("p.html")
    async with going.expect_console(lambda line: line.text == "last words"):
        await going.evaluate("addEventListener('pagehide', () => say('last words'))")
        await going.close()
    with pytest.raises(ContextError):
        await going.console.addListener(print)


async def test_wait_ends_with_the_context(bridge: Bridge) -> None:
    going = await bridge.page("p.html")
    with pytest.raises(ContextError):
        async with going.expect_console(timeout=LAUNCH_MS):
            await going.close()


async def test_no_console_of_web_pages_and_other_extensions(bridge: Bridge) -> None:
    with pytest.raises(UnsupportedError, match="another extension"):
        bridge.external.console  # noqa: B018


async def test_listeners_errors_are_raised_by_the_next_wait(bridge: Bridge, still_page: Any) -> None:
    context = await bridge.content(still_page)

    def wrong(line: ConsoleLine) -> None:
        raise ZeroDivisionError(line.text)

    await context.console.addListener(wrong)
    async with context.expect_console():
        await context.evaluate("say('x')")
    await context.console.removeListener(wrong)
    with pytest.raises(ZeroDivisionError, match="x"):
        await context.accept(timeout=1)


async def test_lines_stand_in_the_record(load: Any, site: Site) -> None:
    bridge = await load(MANIFEST, FILES, record="all")
    page = await bridge.browser_context.new_page()
    await page.goto(site.url)
    content_script = await bridge.content(page)
    extension_page = await bridge.page("p.html")
    await content_script.evaluate("console.warn('from the content script', { a: 1 }); setTimeout(() => fail('there'))")
    await extension_page.evaluate("say('from the page')")
    wanted = {
        ("background", "log", "background begins {first: true}"),
        ("content", "log", "content begins {first: true}"),
        ("content", "warning", "from the content script {a: 1}"),
        ("content", "error", "TypeError: there"),
        ("page", "log", "page begins {first: true}"),
        ("page", "log", "from the page"),
    }
    end = asyncio.get_running_loop().time() + RECORDED_S
    while lacking := wanted - {(place, line.level, line.text) for place, line in recorded(bridge)}:
        assert asyncio.get_running_loop().time() < end, lacking
        await bridge.background.evaluate("0")
    mine = [line for place, line in recorded(bridge) if place == "content"]
    assert [line.text for line in mine] == [
        "content begins {first: true}",
        "from the content script {a: 1}",
        "TypeError: there",
    ]
    assert [line.time for line in mine] == sorted(line.time for line in mine)
    assert (mine[1].url.rpartition("/")[2], mine[2].uncaught, mine[2].line) == ("evaluate", True, 2)
    await page.close()
    await extension_page.close()


def recorded(bridge: Bridge) -> list[tuple[str, ConsoleSaid]]:
    """The lines in the record, each with the kind of its place."""
    kinds = {record.place: record.kind for record in bridge.traffic.records if isinstance(record, PlaceBegan)}
    return [(kinds[record.place], record) for record in bridge.traffic.records if isinstance(record, ConsoleSaid)]
