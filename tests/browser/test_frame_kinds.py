"""Content scripts in frames of every make: how a page can bring them about, and when there can be no script in them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from playwright.async_api import Error

from bridge.async_api import Bridge, BridgeTimeoutError, ContextError
from support import Site, background, content

EVERY_FRAME = {"all_frames": True, "match_about_blank": True, "match_origin_as_fallback": True}
BACKGROUND = "chrome.runtime.onConnect.addListener((port) => port.onMessage.addListener((m) => port.postMessage(m)));"
WRITE = "{ const it = %s; it.open(); it.write('<p>written'); it.close(); }"
APPEND = "document.body.append(Object.assign(document.createElement('%s'), %s));"

# How the page makes it, the document's address ({} is the site), and its origin.
KINDS = {
    "javascript:": (APPEND % ("iframe", "{ src: 'javascript:\"<p>made\"' }"), "about:blank", "site"),
    "srcdoc, sandboxed": (APPEND % ("iframe", "{ srcdoc: '<p>', sandbox: '' }"), "about:srcdoc", "null"),
    "srcdoc, sandboxed with its origin": (
        APPEND % ("iframe", "{ srcdoc: '<p>', sandbox: 'allow-same-origin' }"),
        "about:srcdoc",
        "site",
    ),
    "blank, sandboxed": (APPEND % ("iframe", "{ sandbox: 'allow-scripts' }"), "about:blank", "null"),
    "blank, sandboxed with its origin": (
        APPEND % ("iframe", "{ sandbox: 'allow-scripts allow-same-origin' }"),
        "about:blank",
        "site",
    ),
    "sandboxed with its origin": (
        APPEND % ("iframe", "{ src: '/x', sandbox: 'allow-same-origin' }"),
        "{}x",
        "site",
    ),
    "object": (APPEND % ("object", "{ type: 'text/html', data: '/x' }"), "{}x", "site"),
    "embed": (APPEND % ("embed", "{ type: 'text/html', src: '/x' }"), "{}x", "site"),
    "in a closed shadow root": (
        "document.body.attachShadow({ mode: 'closed' }).innerHTML = '<iframe src=/x></iframe>'",
        "{}x",
        "site",
    ),
    "lazy, in view": (APPEND % ("iframe", "{ loading: 'lazy', src: '/x' }"), "{}x", "site"),
    "removed and added again": (
        "const it = document.createElement('iframe'); it.src = '/x';"
        "document.body.append(it); it.remove(); document.body.append(it);",
        "{}x",
        "site",
    ),
    "an image": (
        APPEND % ("iframe", "{ src: 'data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"/>' }"),
        'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>',
        "null",
    ),
}


@pytest.fixture(scope="module")
async def bridge(load_for_module: Any) -> Bridge:
    manifest = {**background("b.js"), **content("c.js", run_at="document_start", **EVERY_FRAME)}
    return await load_for_module(manifest, {"b.js": BACKGROUND, "c.js": ""})


@pytest.fixture
async def own_page(bridge: Bridge, site: Site) -> AsyncIterator[Any]:
    own_page = await bridge.browser_context.new_page()
    await own_page.goto(site.url)
    yield own_page
    await own_page.close()


async def add_frame(own_page: Any, script: str) -> Any:
    """Have the page make a frame, and return Playwright's."""
    async with own_page.expect_event("frameattached"):
        await own_page.evaluate(script)
    return own_page.frames[-1]


async def converse(bridge: Bridge, frame: Any) -> Any:
    """Exchange a message from the frame's content-script world; return who the browser says is there."""
    here = await bridge.content(frame)
    async with bridge.background.expect_connection() as info:
        port = here.runtime.connect()
    sender = (await info.value).sender
    assert (sender.frameId, sender.documentId, sender.tab.id) == (here.frame_id, here.document_id, here.tab_id)
    await port.postMessage({"from": here.frame_id})
    assert await port.receive() == {"from": here.frame_id}
    return sender


@pytest.mark.parametrize("kind", KINDS)
async def test_a_frame_of_each_kind(bridge: Bridge, own_page: Any, site: Site, kind: str) -> None:
    script, url, origin = KINDS[kind]
    sender = await converse(bridge, await add_frame(own_page, script))
    assert sender.url == url.replace("{}", site.url)
    assert sender.origin == (site.url.rstrip("/") if origin == "site" else origin)
    assert sender.frameId > 0


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "left open"])
async def test_a_page_that_replaces_its_document(bridge: Bridge, own_page: Any, site: Site, closed: bool) -> None:
    before = await bridge.content(own_page)
    await own_page.evaluate(f"document.open(); document.write('<p>new'); {'document.close()' if closed else ''}")
    assert await bridge.content(own_page) is before
    assert (await converse(bridge, own_page.main_frame)).url == site.url


@pytest.mark.parametrize("source", ["", "src=/x", "srcdoc=x"], ids=["blank", "of an address", "srcdoc"])
async def test_a_frame_that_its_page_writes(bridge: Bridge, own_page: Any, source: str) -> None:
    frame = await add_frame(own_page, f"document.body.innerHTML = '<iframe {source}></iframe>'")
    await converse(bridge, frame)
    await own_page.evaluate(WRITE % "document.querySelector('iframe').contentDocument")
    await converse(bridge, frame)


async def test_a_window_that_its_opener_writes(bridge: Bridge, own_page: Any) -> None:
    async with own_page.expect_popup() as info:
        await own_page.evaluate(WRITE % "window.open().document")
    popup = await info.value
    assert (await converse(bridge, popup.main_frame)).frameId == 0
    await popup.close()


# --- a search that has to wait --------------------------------------------------------------------------------------


FAR = "document.body.innerHTML = '<div style=height:90000px></div><iframe loading=lazy src=/far></iframe>'"


async def test_a_lazy_frame_is_waited_for(bridge: Bridge, own_page: Any, site: Site) -> None:
    frame = await add_frame(own_page, FAR)
    with pytest.raises(BridgeTimeoutError, match="the frame has loaded nothing"):
        await bridge.content(frame, timeout=50)
    searching = asyncio.ensure_future(bridge.content(frame))
    await own_page.evaluate("document.querySelector('iframe').scrollIntoView()")
    assert (await searching).url == f"{site.url}far"


async def test_a_frame_removed_while_it_is_waited_for(bridge: Bridge, own_page: Any) -> None:
    frame = await add_frame(own_page, FAR)
    searching = asyncio.ensure_future(bridge.content(frame))
    await asyncio.sleep(0)
    await own_page.evaluate("document.querySelector('iframe').remove()")
    with pytest.raises(ContextError, match="gone|removed"):
        await searching


async def test_a_page_closed_while_it_is_waited_for(bridge: Bridge) -> None:
    own_page = await bridge.browser_context.new_page()
    searching = asyncio.ensure_future(bridge.content(own_page))
    await asyncio.sleep(0)
    await own_page.close()
    with pytest.raises(ContextError, match="gone|closed"):
        await searching


async def test_navigations_while_it_is_waited_for(bridge: Bridge, site: Site) -> None:
    own_page = await bridge.browser_context.new_page()
    searching = asyncio.ensure_future(bridge.content(own_page))
    site.pages["/first"] = "<script>location.replace('/second')</script>"
    async with own_page.expect_event("framenavigated", lambda frame: frame.url.endswith("second")):
        await own_page.goto(f"{site.url}first")
    found = await searching
    while found.closed:  # it may have been the first page's
        found = await bridge.content(own_page)
    assert (await bridge.content(own_page)).url == f"{site.url}second"
    await own_page.close()


# --- where there can be none ----------------------------------------------------------------------------------------


@pytest.fixture
def refused() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{port.getsockname()[1]}/"


async def test_error_pages(bridge: Bridge, own_page: Any, refused: str) -> None:
    frame = await add_frame(own_page, f"document.body.innerHTML = '<iframe src={refused}></iframe>'")
    with pytest.raises(ContextError, match="error page"):
        while True:  # first, the frame may still show the blank document that it began with
            await bridge.content(frame)


async def test_a_frame_that_becomes_an_error_page_while_it_is_waited_for(
    bridge: Bridge, own_page: Any, refused: str
) -> None:
    frame = await add_frame(own_page, FAR.replace("/far", refused))
    searching = asyncio.ensure_future(bridge.content(frame))
    await own_page.evaluate("0")  # meanwhile the frame is asked
    await own_page.evaluate("document.querySelector('iframe').scrollIntoView()")
    with pytest.raises(ContextError, match="error page"):
        await searching


async def test_a_page_that_could_not_be_loaded(bridge: Bridge, refused: str) -> None:
    own_page = await bridge.browser_context.new_page()
    with pytest.raises(Error):
        await own_page.goto(refused)
    with pytest.raises(ContextError, match="error page"):
        await bridge.content(own_page)
    await own_page.close()


async def test_pages_of_the_browser(bridge: Bridge, own_page: Any, engine: str) -> None:
    if engine == "firefox":
        pytest.skip("Playwright cannot open Firefox's own pages")
    await own_page.goto("chrome://version")
    with pytest.raises(ContextError, match="runs no script in chrome://version"):
        await bridge.content(own_page)


async def test_srcdoc_in_a_page_that_no_pattern_covers(load: Any, site: Site) -> None:
    entry = {"matches": ["http://127.0.0.1/*"], "js": ["c.js"], **EVERY_FRAME}
    bridge = await load({"content_scripts": [entry]}, {"c.js": ""})
    own_page = await bridge.browser_context.new_page()
    await own_page.goto(site.other_url)
    frame = await add_frame(own_page, "document.body.innerHTML = '<iframe srcdoc=x></iframe>'")
    await frame.wait_for_url("about:srcdoc")
    with pytest.raises(ContextError, match="runs no script in about:srcdoc"):
        await bridge.content(frame)
    await own_page.goto(site.url)
    frame = await add_frame(own_page, "document.body.innerHTML = '<iframe srcdoc=x></iframe>'")
    assert (await bridge.content(frame)).url == "about:srcdoc"


async def test_many_frames_at_once(bridge: Bridge, own_page: Any, site: Site, request: pytest.FixtureRequest) -> None:
    count = 200 if request.config.getoption("all_tests") else 20
    sources = ("src={0}n?{1}", "src={2}n?{1}", "srcdoc={1}", "id=n{1}")
    frames = (sources[number % 4].format(site.url, number, site.other_url) for number in range(count))
    site.pages["/many"] = "".join(f"<iframe {source}></iframe>" for source in frames)
    await own_page.goto(f"{site.url}many", timeout=100_000)  # so many frames, on a machine that has other work too

    async def converse_as(number: int, frame: Any) -> int:
        here = await bridge.content(frame)
        port = here.runtime.connect({"name": str(number)})
        await port.postMessage({"number": number})
        assert await port.receive() == {"number": number}
        frame_id: int = here.frame_id
        return frame_id

    ids = await asyncio.gather(*(converse_as(number, frame) for number, frame in enumerate(own_page.frames)))
    assert len(set(ids)) == count + 1
